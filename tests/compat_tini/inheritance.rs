//! What the program sees of itself, and what tini keeps.

use crate::{exam, quiet};
use sexton_testkit::signals::{ALL, set_of};
use sexton_testkit::{Init, Place, Stream, View, for_both_places, libc, scratch};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;

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
    let long = vec![b'x'; 100_000];
    let words: [&[u8]; 8] = [b"", b"-g", b"--", b"\xff\xfe\x80", b"a b\n\t", b"--help", &long, b""];
    for_both_places(|place| {
        let mut command = vec![OsString::from("probe"), OsString::from("status")];
        command.extend(words.iter().map(|word| OsStr::from_bytes(word).to_owned()));
        let mut run = quiet(place).command(command).spawn();
        assert_eq!(&run.view().bytes("arg")[2..], words, "{place:?}");
    });
}

#[test]
fn descriptors_are_passed_on_at_their_numbers() {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let init = quiet(place).pass_fd(null(), 3).pass_fd(null(), 7).pass_fd(null(), 100);
        assert_eq!(view_of(init).descriptors(), [0, 1, 2, 3, 7, 100], "{place:?}");
    });
}

#[test]
fn the_working_directory_is_kept() {
    for_both_places(|place| {
        let directory = scratch();
        let view = view_of(quiet(place).current_dir(&directory));
        assert_eq!(view.bytes("cwd"), [directory.as_os_str().as_bytes()], "{place:?}");
    });
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
        let proc = format!("/proc/{}", run.pid());
        let open = || -> Vec<String> {
            let entries = fs::read_dir(format!("{proc}/fd")).expect("its descriptors").flatten();
            let mut all: Vec<String> =
                entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            all.sort();
            all
        };
        let expected: &[&str] = exam().deviates("held", &["0", "1", "2", "7"][..], &["2"]);
        sexton_testkit::eventually("these are open", || open() == expected);
        let cwd = exam().deviates("held", directory.as_path(), "/".as_ref());
        sexton_testkit::eventually("it is there", || {
            fs::read_link(format!("{proc}/cwd")).is_ok_and(|at| at == cwd)
        });
    });
}
