//! `-P`: no program, for the namespaces of a pod. podman calls it in a root that has nothing else,
//! under any name, and for its rootless pause process with most signals ignored.

use crate::{exam, start};
use sexton_testkit::{Init, Place, Run, eventually, for_both_places, libc, real_root, scratch};
use std::fs;

/// When it sleeps: it does so only to wait for signals.
fn pausing(init: Init) -> Run {
    let run = init.without_separator().spawn();
    run.sleeps();
    run
}

#[test]
fn int_and_term_end_it_with_0() {
    for_both_places(|place| {
        for signal in [libc::SIGINT, libc::SIGTERM] {
            for options in [&["-P"][..], &["-gP"], &["-P", "-g"], &["-P", "--"]] {
                let mut run = pausing(start(place).options(options));
                run.send(signal);
                let end = run.end();
                assert_eq!((end.code, end.stdout, end.stderr), (0, vec![], vec![]), "{place:?}");
            }
        }
    });
}

#[test]
fn a_program_is_not_run() {
    let mark = scratch().join("mark");
    let mut run = pausing(start(Place::Here).options(["-P", "touch"]).options([&mark]));
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 0);
    assert!(!mark.exists());
}

#[test]
fn other_signals_have_no_effect() {
    for_both_places(|place| {
        let run = pausing(start(place).options(["-P"]));
        // Not those that catatonit leaves to their defaults: faults, and what glibc keeps.
        let left_out = [2, 4, 5, 6, 7, 8, 9, 11, 15, 19, 31, 32, 33];
        for signal in (1..=64).filter(|signal| !left_out.contains(signal)) {
            run.send(signal);
        }
        let mut run = run;
        assert_eq!(run.try_wait().expect("our child"), None, "{place:?}");
        run.send(libc::SIGINT);
        assert_eq!(run.end().code, 0, "{place:?}");
    });
}

/// podman ignores these before it executes it.
#[test]
fn ignored_signals_end_it_all_the_same() {
    let ignored = [14, 1, 2, 13, 3, 29, 27, 26, 24, 25];
    for_both_places(|place| {
        let mut run = pausing(start(place).ignored(&ignored).options(["-P"]));
        run.send(libc::SIGINT);
        assert_eq!(run.end().code, 0, "{place:?}");
    });
}

#[test]
fn orphans_are_reaped() {
    if !real_root() {
        return;
    }
    let run = pausing(start(Place::NewNamespace).options(["-P"]));
    let mut guest = run.exec_probe(&["orphans", "20"]);
    eventually("nobody but the guest is left", || {
        let others = run.others();
        others.len() == 1 && others[0].state == 'S'
    });
    guest.kill().expect("it is there");
    guest.wait().expect("our child");
}

/// A pod's root has one file.
#[test]
fn it_needs_nothing_but_its_own_file() {
    if !real_root() {
        return;
    }
    let root = scratch();
    fs::copy(exam().path(), root.join("catatonit")).expect("a copy");
    let enter = format!("exec chroot {} /catatonit -P", root.display());
    let mut run = pausing(exam().wrapped(["sh", "-c", &enter]));
    run.send(libc::SIGINT);
    let end = run.end();
    assert_eq!((end.code, end.stderr), (0, vec![]));
}
