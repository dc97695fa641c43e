//! Signals: which, and to whom.

use crate::{exam, start};
use sexton_testkit::questions::{self, who_hears};
use sexton_testkit::{Fates, Place, for_both_places, libc, namespaces};

/// What is forwarded by ours: the kernel tells of KILL and STOP nobody, of CHLD the init.
fn all_that_can_be() -> Fates {
    Fates {
        forwarded: "1-8,10-16,18,20-64".into(),
        swallowed: "17".into(),
        stops_init: "19".into(),
        ..Fates::default()
    }
}

#[test]
fn each_signal_has_its_fate_as_pid_1() {
    if !namespaces() {
        return;
    }
    let theirs = Fates {
        forwarded: "1-3,10,12-16,18,23-30,34-64".into(),
        swallowed: "4-8,11,17,20-22,31-33".into(),
        stops_init: "19".into(),
        ..Fates::default()
    };
    let fates = Fates::of(|| start(Place::NewNamespace));
    assert_eq!(fates, exam().deviates("all-signals", theirs, all_that_can_be()));
}

#[test]
fn each_signal_has_its_fate_elsewhere() {
    let theirs = Fates {
        forwarded: "1-3,10,12-16,18,23-30,34-64".into(),
        swallowed: "17,20-22".into(),
        stops_init: "19".into(),
        ends_init: "4-8,11,31-33".into(),
        ..Fates::default()
    };
    let fates = Fates::of(|| start(Place::Here));
    assert_eq!(fates, exam().deviates("all-signals", theirs, all_that_can_be()));
}

#[test]
fn values_do_not_come_through() {
    questions::a_value_comes_through_as(&start, exam().deviates("values", 0, 4711));
}

#[test]
fn the_program_alone_hears_a_signal() {
    for_both_places(|place| assert_eq!(who_hears(start(place), libc::SIGUSR1, 1), ["main"]));
}

#[test]
fn with_g_its_process_group_hears_it() {
    for_both_places(|place| {
        let init = start(place).options(["-g"]);
        assert_eq!(who_hears(init, libc::SIGUSR1, 2), ["main", "worker"]);
    });
}

#[test]
fn a_signal_from_inside_is_forwarded_too() {
    questions::a_signal_from_inside_is_forwarded_too(&start);
}
