//! What the program sees of itself, and what tini keeps.

use crate::{exam, quiet};
use sexton_testkit::signals::{ALL, set_of};
use sexton_testkit::{
    Init, Place, Stream, View, eventually, for_both_places, libc, questions, scratch,
};
use std::fs::File;

fn view_of(init: Init) -> View {
    let mut run = init.command(["probe", "status"]).spawn();
    let view = run.view();
    assert_eq!(run.end().code, 0);
    view
}

/// KILL and STOP cannot be blocked; the kernel takes them out of every mask.
const BLOCKABLE: u64 = ALL & !(1 << (libc::SIGKILL - 1)) & !(1 << (libc::SIGSTOP - 1));

#[test]
fn the_mask_is_the_one_that_it_was_given() {
    let all: Vec<i32> = (1..=64).collect();
    let masks: [&[i32]; 6] = [&[], &[10], &[15, 17], &[4, 15, 21], &[20, 21, 22, 34, 64], &all];
    // sigprocmask(2) of glibc lets nobody block the two that it keeps for itself.
    let reserved = exam().deviates("reserved-signals", set_of([32, 33]), 0);
    for_both_places(|place| {
        for blocked in masks {
            let view = view_of(quiet(place).blocked(blocked));
            let expected = set_of(blocked.iter().copied()) & BLOCKABLE & !reserved;
            assert_eq!(view.set("SigBlk"), expected, "{place:?} {blocked:?}");
        }
    });
}

#[test]
fn ignored_signals_stay_ignored_and_no_others() {
    let catchable: Vec<i32> = (1..=64).filter(|signal| ![9, 17, 19].contains(signal)).collect();
    let sets: [&[i32]; 6] = [&[], &[1], &[13], &[21, 22], &[1, 2, 3, 15, 20, 32], &catchable];
    for_both_places(|place| {
        for ignored in sets {
            let view = view_of(quiet(place).ignored(ignored));
            assert_eq!(view.set("SigIgn"), set_of(ignored.iter().copied()), "{place:?}");
            assert_eq!(view.set("SigCgt"), 0, "{place:?} {ignored:?}");
        }
    });
}

#[test]
fn the_program_leads_a_group_in_the_session_of_tini() {
    for_both_places(|place| {
        let mut run = quiet(place).command(["probe", "status"]).spawn();
        let own = run.pid();
        let view = run.view();
        assert_eq!(run.end().code, 0);
        assert_eq!(view.number("pgrp"), view.number("pid"));
        let (init, session) = match place {
            Place::NewNamespace => (1, 1),
            Place::Here => (i64::from(own), i64::from(own)),
        };
        assert_eq!((view.number("ppid"), view.number("sid")), (init, session), "{place:?}");
        assert_eq!(view.number("tty"), 0);
    });
}

#[test]
fn arguments_are_passed_on_byte_for_byte() {
    questions::arguments_are_passed_on_byte_for_byte(&quiet);
}

#[test]
fn descriptors_are_passed_on_at_their_numbers() {
    questions::descriptors_are_passed_on_at_their_numbers(&quiet);
}

#[test]
fn the_program_keeps_the_working_directory() {
    questions::the_program_keeps_the_working_directory(&quiet);
}

/// Which of the three are open is the program's affair; tini asks stdin for a terminal.
#[test]
fn a_closed_stdin_is_a_fault() {
    for_both_places(|place| {
        for closed in 0..8_u32 {
            let stream = |number: u32| match closed & (1 << number) {
                0 => Stream::Null,
                _ => Stream::Closed,
            };
            let init = quiet(place).stdin(stream(0)).stdout(stream(1)).stderr(stream(2));
            let theirs = if closed & 1 == 0 { 0 } else { 1 };
            let code = exam().deviates("closed-stdin", theirs, 0);
            assert_eq!(init.command(["true"]).spawn().end().code, code, "{place:?} {closed:03b}");
        }
        let end = quiet(place).stdin(Stream::Closed).command(["true"]).spawn().end();
        let failed = "tcsetpgrp failed: Bad file descriptor";
        let said = end.stderr.iter().any(|line| line.ends_with(failed));
        assert_eq!(said, exam().deviates("closed-stdin", true, false), "{end:?}");
    });
}

/// What is inherited is held, as is the working directory.
#[test]
fn tini_holds_what_it_was_given() {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let directory = scratch();
        let init = quiet(place).current_dir(&directory).pass_fd(null(), 7);
        let run = init.command(["probe", "wait"]).spawn().ready();
        let theirs = (vec![0, 1, 2, 7], directory);
        let expected = exam().deviates("held", theirs, (vec![2], "/".into()));
        eventually("it holds these", || questions::holds(run.pid()) == expected);
    });
}
