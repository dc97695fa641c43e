//! Signals: which, to whom, and who stops.

use crate::{exam, single_child, start};
use sexton_testkit::questions::{self, who_hears};
use sexton_testkit::{Fates, Place, for_both_places, libc, namespaces};

/// Where nothing is said of TSTP, TTIN and TTOU.
fn forwarded(all: &str) -> Fates {
    Fates { forwarded: all.into(), stops_init: "19".into(), ..Fates::default() }
}

#[test]
fn each_signal_has_its_fate_as_pid_1() {
    if !namespaces() {
        return;
    }
    let fates = Fates::of(|| start(Place::NewNamespace));
    let stops = |fates: Fates| Fates { stops_command: "20-22".into(), ..fates };
    let theirs =
        stops(Fates { swallowed: "17,32-33".into(), ..forwarded("1-8,10-16,18,23-31,34-64") });
    let ours = stops(Fates { swallowed: "17".into(), ..forwarded("1-8,10-16,18,23-64") });
    assert_eq!(fates, exam().deviates("all-signals", theirs, ours));
}

#[test]
fn each_signal_has_its_fate_as_pid_1_of_a_single_child() {
    if !namespaces() {
        return;
    }
    let fates = Fates::of(|| single_child(Place::NewNamespace));
    let theirs = Fates { swallowed: "17,32-33".into(), ..forwarded("1-8,10-16,18,20-31,34-64") };
    let ours = Fates { swallowed: "17".into(), ..forwarded("1-8,10-16,18,20-64") };
    assert_eq!(fates, exam().deviates("all-signals", theirs, ours));
}

#[test]
fn each_signal_has_its_fate_elsewhere() {
    let fates = Fates::of(|| start(Place::Here));
    let common = |forwarded: &str| Fates {
        forwarded: forwarded.into(),
        swallowed: "17".into(),
        stops_command: "20-22".into(),
        stops_init: "19-22".into(),
        ..Fates::default()
    };
    let theirs = Fates { ends_init: "32-33".into(), ..common("1-8,10-16,18,23-31,34-64") };
    let ours = common("1-8,10-16,18,23-64");
    assert_eq!(fates, exam().deviates("all-signals", theirs, ours));
}

#[test]
fn each_signal_has_its_fate_elsewhere_with_a_single_child() {
    let fates = Fates::of(|| single_child(Place::Here));
    let common = |forwarded: &str| Fates {
        forwarded: forwarded.into(),
        swallowed: "17".into(),
        stops_init: "19-22".into(),
        ..Fates::default()
    };
    let theirs = Fates { ends_init: "32-33".into(), ..common("1-8,10-16,18,20-31,34-64") };
    let ours = common("1-8,10-16,18,20-64");
    assert_eq!(fates, exam().deviates("all-signals", theirs, ours));
}

/// SIGSTOP to the command, then to itself; CONT to the init continues both.
#[test]
fn a_stop_by_the_terminal_stops_both_and_cont_continues_both() {
    for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
        let mut run = start(Place::Here).command(["probe", "wait"]).spawn().ready();
        run.send(signal);
        run.process_in_state("probe", 'T');
        sexton_testkit::eventually("the init has stopped", || {
            let all = run.processes().expect("/proc");
            all.iter().any(|one| one.pid == run.pid() && one.state == 'T')
        });
        run.send(libc::SIGCONT);
        run.process_in_state("probe", 'S');
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143);
    }
}

/// PID 1 cannot stop itself, but the command is stopped as elsewhere.
#[test]
fn as_pid_1_a_stop_freezes_the_command_until_cont() {
    if !namespaces() {
        return;
    }
    let mut run = start(Place::NewNamespace).command(["probe", "wait"]).spawn().ready();
    run.send(libc::SIGTSTP);
    run.process_in_state("probe", 'T');
    run.send(libc::SIGCONT);
    run.process_in_state("probe", 'S');
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 143);
}

#[test]
fn values_do_not_come_through() {
    // To a group the kernel can send none.
    questions::a_value_comes_through_as(&start, 0);
    questions::a_value_comes_through_as(&single_child, exam().deviates("values", 0, 4711));
}

#[test]
fn the_process_group_hears_a_signal() {
    for_both_places(|place| {
        assert_eq!(who_hears(start(place), libc::SIGUSR1, 2), ["main", "worker"]);
    });
}

#[test]
fn a_single_child_alone_hears_a_signal() {
    for_both_places(|place| {
        for init in [single_child(place), start(place).env("DUMB_INIT_SETSID", "0")] {
            assert_eq!(who_hears(init, libc::SIGUSR1, 1), ["main"]);
        }
    });
}

#[test]
fn a_signal_from_inside_is_forwarded_too() {
    questions::a_signal_from_inside_is_forwarded_too(&start);
    questions::a_signal_from_inside_is_forwarded_too(&single_child);
}
