//! Orphans, and the one signal that the process group gets when the command has ended.

use crate::{exam, start};
use sexton_testkit::questions::{self, heard};
use sexton_testkit::{Place, Stream, eventually, libc, namespaces, scratch};
use std::fs;

#[test]
fn orphans_are_reaped_as_pid_1() {
    if namespaces() {
        questions::orphans_are_reaped(&start, &[Place::NewNamespace]);
    }
}

/// dumb-init is no subreaper: an orphan goes to somebody else.
#[test]
fn elsewhere_orphans_are_not_adopted() {
    let command = ["probe", "family", "name=main", "name=stray orphan until-eof"];
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let init = start(Place::Here).options(["-c"]).stdin(stdin);
    let mut run = init.command(command).spawn().ready();
    let all = run.processes().expect("/proc");
    let stray = all.iter().find(|one| one.name == "stray").expect("it is of the session");
    let parent = exam().deviates("subreaper", 0, run.pid());
    assert_eq!(stray.parent_inside, parent);
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 0);
    drop(keys);
}

/// Elsewhere than as PID 1, where nobody has the time to hear anything.
#[test]
fn when_the_command_has_ended_its_group_is_told() {
    for (options, signal, expected) in [
        (&[][..], 15, &["worker"][..]),
        (&["-r", "15:10"], 10, &["worker"]),
        (&["-r", "15:10"], 15, &[]),
        (&["-r", "15:0"], 15, &[]),
        (&["-c"], 15, &[]),
    ] {
        let log = scratch().join("log");
        let part = |words: &str| format!("{words} log={}", log.display());
        let command = [
            "probe".to_string(),
            "family".to_string(),
            "name=main exits=5".to_string(),
            part("name=worker until-eof"),
            part("name=other group until-eof"),
            part("name=daemon session orphan until-eof"),
        ];
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let init = start(Place::Here).options(options).stdin(stdin);
        let mut run = init.command(command).spawn().ready();
        assert_eq!(run.code(), 5, "{options:?}");
        eventually("they have heard", || heard(&log, signal).len() >= expected.len());
        drop(keys);
        run.end();
        assert_eq!(heard(&log, signal), expected, "{options:?}");
        let lines = fs::read_to_string(&log).unwrap_or_default();
        let signals = lines.lines().filter(|line| line.contains(" signal ")).count();
        assert!(signals <= 1, "{options:?} {lines}");
    }
}

/// The command is not asked whether it is the last.
#[test]
fn who_is_left_is_not_waited_for() {
    if !namespaces() {
        return;
    }
    let log = scratch().join("log");
    let worker = format!("name=worker takes=5000 log={}", log.display());
    let daemon = format!("name=daemon session orphan log={}", log.display());
    let command = ["probe", "family", "name=main exits=5", &worker, &daemon];
    assert_eq!(exam().init().command(command).spawn().end().code, 5);
    let lines = fs::read_to_string(&log).unwrap_or_default();
    assert!(!lines.contains("clean") && !lines.contains("daemon"), "{lines}");
}
