//! What the command sees of itself, and what dumb-init keeps.

use crate::{exam, single_child, start};
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

/// Unblocked is all but the two that glibc keeps for itself.
#[test]
fn the_mask_is_emptied() {
    let all: Vec<i32> = (1..=64).collect();
    let masks: [&[i32]; 5] = [&[], &[10], &[15, 10, 21], &[20, 21, 22, 32, 33, 64], &all];
    for_both_places(|place| {
        for blocked in masks {
            let given = set_of(blocked.iter().copied()) & BLOCKABLE;
            let expected = exam().deviates("mask-and-ignores", given & set_of([32, 33]), given);
            for init in [start, single_child] {
                let view = view_of(init(place).blocked(blocked));
                assert_eq!(view.set("SigBlk"), expected, "{place:?} {blocked:?}");
            }
        }
    });
}

/// For 1 to 31 a handler takes the place of whatever was there; execve(2) makes it the default.
#[test]
fn ignored_signals_are_ignored_no_longer() {
    let catchable: Vec<i32> = (1..=64).filter(|signal| ![9, 19].contains(signal)).collect();
    let sets: [&[i32]; 5] = [&[], &[1], &[13, 17], &[1, 2, 3, 15, 20, 40], &catchable];
    for_both_places(|place| {
        for ignored in sets {
            let given = set_of(ignored.iter().copied());
            let expected = exam().deviates("mask-and-ignores", given & !set_of(1..=31), given);
            for init in [start, single_child] {
                let view = view_of(init(place).ignored(ignored));
                assert_eq!(view.set("SigIgn"), expected, "{place:?} {ignored:?}");
                assert_eq!(view.set("SigCgt"), 0, "{place:?} {ignored:?}");
            }
        }
    });
}

#[test]
fn the_command_leads_a_session() {
    for_both_places(|place| {
        let view = view_of(start(place));
        let pid = view.number("pid");
        assert_eq!([view.number("sid"), view.number("pgrp"), view.number("tty")], [pid, pid, 0]);
    });
}

#[test]
fn a_single_child_is_in_the_session_and_group_of_dumb_init() {
    for_both_places(|place| {
        let mut run = single_child(place).command(["probe", "status"]).spawn();
        let own = match place {
            Place::NewNamespace => 1,
            Place::Here => i64::from(run.pid()),
        };
        let view = run.view();
        assert_eq!(run.end().code, 0);
        let numbers = ["ppid", "sid", "pgrp"].map(|key| view.number(key));
        assert_eq!(numbers, [own, own, own], "{place:?}");
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
fn the_command_keeps_the_working_directory() {
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

#[test]
fn dumb_init_leaves_the_working_directory_and_holds_what_is_open() {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let init = start(place).current_dir(scratch()).pass_fd(null(), 7);
        let run = init.command(["probe", "wait"]).spawn().ready();
        let open = exam().deviates("held", vec![0, 1, 2, 7], vec![2]);
        eventually("it holds these", || questions::holds(run.pid()) == (open.clone(), "/".into()));
    });
}
