//! Signals: which, to whom, and what if that fails.

use crate::{exam, quiet};
use sexton_testkit::{
    Fates, Init, Place, Stream, eventually, for_both_places, libc, namespaces, real_root, scratch,
};
use std::fs;

/// What is forwarded as it is: the kernel tells of KILL and STOP nobody, of CHLD the init.
const ALL_THAT_CAN_BE: &str = "1-8,10-16,18,20-64";

#[test]
fn each_signal_has_its_fate_as_pid_1() {
    if !namespaces() {
        return;
    }
    let fates = Fates::of(|| exam().init());
    let theirs = Fates {
        forwarded: "1-3,10,12-16,18,20,23-30,34-64".into(),
        swallowed: "4-8,11,17,21-22,31-33".into(),
        stops_init: "19".into(),
        ..Fates::default()
    };
    let ours = Fates {
        forwarded: ALL_THAT_CAN_BE.into(),
        swallowed: "17".into(),
        stops_init: "19".into(),
        ..Fates::default()
    };
    assert_eq!(fates, exam().deviates("all-signals", theirs, ours));
}

#[test]
fn each_signal_has_its_fate_elsewhere() {
    let fates = Fates::of(|| quiet(Place::Here));
    let theirs = Fates {
        forwarded: "1-3,10,12-16,18,20,23-30,34-64".into(),
        swallowed: "17,21-22".into(),
        stops_init: "19".into(),
        ends_init: "4-8,11,31-33".into(),
        ..Fates::default()
    };
    let ours = Fates {
        forwarded: ALL_THAT_CAN_BE.into(),
        swallowed: "17".into(),
        stops_init: "19".into(),
        ..Fates::default()
    };
    assert_eq!(fates, exam().deviates("all-signals", theirs, ours));
}

/// sigqueue(3)'s value is lost when kill(2) forwards.
#[test]
fn values_do_not_come_through() {
    for_both_places(|place| {
        let init = quiet(place).command(["probe", "signals", "until", "64"]);
        let mut run = init.spawn().ready();
        run.queue(34, 4711).expect("room in the queue");
        let line = run.stdout().next_line();
        let value = exam().deviates("values", 0, 4711);
        assert_eq!(line, Some(format!("signal 34 value {value}")), "{place:?}");
        run.send(64);
        assert_eq!(run.end().code, 0);
    });
}

/// Who of a family hears USR1.
#[track_caller]
fn assert_heard_by(init: Init, expected: &[&str]) {
    let log = scratch().join("log");
    let part = |words: &str| format!("{words} log={}", log.display());
    let command = [
        "probe".to_string(),
        "family".to_string(),
        part("name=main"),
        part("name=worker"),
        part("name=other group"),
        part("name=daemon session orphan"),
    ];
    let mut run = init.command(command).spawn().ready();
    run.send(libc::SIGUSR1);
    let heard = || {
        let text = fs::read_to_string(&log).unwrap_or_default();
        let mut names: Vec<String> = text
            .lines()
            .filter_map(|line| line.strip_suffix(" signal 10"))
            .map(Into::into)
            .collect();
        names.sort();
        names
    };
    eventually("all have heard", || heard().len() >= expected.len());
    assert_eq!(run.end_by(libc::SIGTERM).code, 0);
    assert_eq!(heard(), expected);
}

#[test]
fn the_program_alone_hears_a_signal() {
    for_both_places(|place| assert_heard_by(quiet(place), &["main"]));
}

#[test]
fn with_g_its_process_group_hears_it() {
    for_both_places(|place| {
        assert_heard_by(quiet(place).options(["-g"]), &["main", "worker"]);
        assert_heard_by(quiet(place).env("TINI_KILL_PROCESS_GROUP", ""), &["main", "worker"]);
    });
}

#[test]
fn a_signal_from_inside_is_forwarded_too() {
    for_both_places(|place| {
        let script = "trap 'exit 42' TERM; kill -TERM $PPID; while :; do sleep 0.01; done";
        let end = quiet(place).command(["sh", "-c", script]).spawn().end();
        assert_eq!(end.code, 42, "{place:?}");
    });
}

/// A stop of the program is neither seen nor told (no WUNTRACED).
#[test]
fn a_program_that_stops_is_waited_for() {
    for_both_places(|place| {
        let mut run = quiet(place).command(["probe", "family", "name=main"]).spawn().ready();
        let main = run.process_in_state("main", 'S');
        sexton_testkit::signals::send(main.pid, libc::SIGSTOP).expect("it is there");
        run.process_in_state("main", 'T');
        run.send(libc::SIGTERM);
        assert_eq!(run.try_wait().expect("our child"), None);
        sexton_testkit::signals::send(main.pid, libc::SIGCONT).expect("it is there");
        assert_eq!(run.end().code, 0, "{place:?}");
    });
}

/// kill(2), EPERM: the init lacks CAP_KILL, and the program is another user's.
#[test]
fn a_program_that_may_not_be_signalled_is_left() {
    if !real_root() {
        return;
    }
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let no_kill = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", "--"];
    let init = exam().wrapped(no_kill).stdin(stdin);
    let mut run = init.command(["probe", "as-user", "65534", "until-eof", "7"]).spawn().ready();
    run.send(libc::SIGTERM);
    // Theirs has ended by now, or soon; ours is told to end by the program's end.
    let keys = exam().deviates("eperm", Some(keys), None);
    let end = run.end();
    drop(keys);
    let code = exam().deviates("eperm", 1, 7);
    assert_eq!(end.code, code, "{end:?}");
    let failed = "Unexpected error when forwarding signal: 'Operation not permitted'";
    let said = end.stderr.iter().any(|line| line.contains(failed));
    assert!(exam().deviates("eperm", said, true), "{end:?}");
}
