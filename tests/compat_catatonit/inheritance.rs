//! What the program sees of itself, and what catatonit keeps.

use crate::{exam, start};
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

/// The original mask and the three of the terminal; less what glibc lets nobody block.
#[test]
fn the_mask_has_three_more() {
    let all: Vec<i32> = (1..=64).collect();
    let masks: [&[i32]; 5] = [&[], &[10], &[15, 17], &[4, 20, 34, 64], &all];
    for_both_places(|place| {
        for blocked in masks {
            let given = set_of(blocked.iter().copied()) & BLOCKABLE;
            let theirs = (given | set_of([20, 21, 22])) & !set_of([32, 33]);
            let expected = exam().deviates("blocked-stops", theirs, given);
            let view = view_of(start(place).blocked(blocked));
            assert_eq!(view.set("SigBlk"), expected, "{place:?} {blocked:?}");
        }
    });
}

#[test]
fn ignored_signals_stay_ignored_and_no_others() {
    let catchable: Vec<i32> = (1..=64).filter(|signal| ![9, 17, 19].contains(signal)).collect();
    let sets: [&[i32]; 5] = [&[], &[1], &[13], &[1, 2, 3, 15, 20, 32], &catchable];
    for_both_places(|place| {
        for ignored in sets {
            let view = view_of(start(place).ignored(ignored));
            assert_eq!(view.set("SigIgn"), set_of(ignored.iter().copied()), "{place:?}");
            assert_eq!(view.set("SigCgt"), 0, "{place:?} {ignored:?}");
        }
    });
}

#[test]
fn the_program_leads_a_group_in_the_session_of_catatonit() {
    for_both_places(|place| {
        let mut run = start(place).command(["probe", "status"]).spawn();
        let own = match place {
            Place::NewNamespace => 1,
            Place::Here => i64::from(run.pid()),
        };
        let view = run.view();
        assert_eq!(run.end().code, 0);
        assert_eq!(view.number("pgrp"), view.number("pid"));
        assert_eq!([view.number("ppid"), view.number("sid"), view.number("tty")], [own, own, 0]);
    });
}

#[test]
fn arguments_are_passed_on_byte_for_byte() {
    questions::arguments_are_passed_on_byte_for_byte(&start);
}

#[test]
fn descriptors_are_passed_on_at_their_numbers() {
    questions::descriptors_are_passed_on_at_their_numbers(&start);
}

#[test]
fn the_program_keeps_the_working_directory() {
    questions::the_program_keeps_the_working_directory(&start);
}

#[test]
fn streams_may_be_closed() {
    for_both_places(|place| {
        for closed in 0..8_u32 {
            let stream = |number: u32| match closed & (1 << number) {
                0 => Stream::Null,
                _ => Stream::Closed,
            };
            let init = start(place).stdin(stream(0)).stdout(stream(1)).stderr(stream(2));
            let code = init.command(["sh", "-c", "exit 42"]).spawn().end().code;
            assert_eq!(code, 42, "{place:?} {closed:03b}");
        }
    });
}

/// From 3 on all is closed, but for the descriptor of its own that signals come through.
#[test]
fn catatonit_closes_what_it_was_given_but_for_the_streams() {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let directory = scratch();
        let init = start(place).current_dir(&directory).pass_fd(null(), 7).pass_fd(null(), 100);
        let run = init.command(["probe", "wait"]).spawn().ready();
        let theirs = (vec![0, 1, 2, 3], directory);
        let expected = exam().deviates("held-streams", theirs, (vec![2], "/".into()));
        eventually("it holds these", || questions::holds(run.pid()) == expected);
    });
}
