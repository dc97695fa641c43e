//! Signals: which, to whom, and what if that fails.

use crate::{exam, quiet};
use sexton_testkit::questions::{self, who_hears};
use sexton_testkit::{Fates, Place, Stream, for_both_places, libc, namespaces, real_root};

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

#[test]
fn values_do_not_come_through() {
    questions::a_value_comes_through_as(&quiet, exam().deviates("values", 0, 4711));
}

#[test]
fn the_program_alone_hears_a_signal() {
    for_both_places(|place| assert_eq!(who_hears(quiet(place), libc::SIGUSR1, 1), ["main"]));
}

#[test]
fn with_g_its_process_group_hears_it() {
    for_both_places(|place| {
        let group = ["main", "worker"];
        assert_eq!(who_hears(quiet(place).options(["-g"]), libc::SIGUSR1, 2), group);
        let init = quiet(place).env("TINI_KILL_PROCESS_GROUP", "");
        assert_eq!(who_hears(init, libc::SIGUSR1, 2), group);
    });
}

#[test]
fn a_signal_from_inside_is_forwarded_too() {
    questions::a_signal_from_inside_is_forwarded_too(&quiet);
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
