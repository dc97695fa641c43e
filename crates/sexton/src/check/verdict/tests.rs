//! The judgement as tables: what was seen on the left, what it means on the right.

use super::super::record::{EndsBy, Watch, Zombie};
use super::super::samples::{deaf, life, ms, npm, npm_under_init, record, told};
use super::*;

#[test]
fn a_launcher_that_leaves_its_server_behind_is_unclean_though_it_is_fast() {
    let verdict = judge(&npm());
    assert_eq!(verdict.faults, [Fault::Unclean, Fault::NotReaping]);
    let ends: Vec<How> = verdict.ends.iter().map(|end| end.how).collect();
    assert_eq!(ends, [How::Itself(1), How::Signal(15), How::KilledByTeardown]);
    assert_eq!(verdict.ends[2].told, Told::Never);
    assert!(matches!(verdict.ends[1].told, Told::By(Delivered { from: From::Process(1), .. })));
}

#[test]
fn an_init_that_waits_for_everybody_is_clean() {
    let verdict = judge(&npm_under_init());
    assert_eq!((verdict.faults.as_slice(), verdict.is_clean()), (&[][..], Some(true)));
}

#[test]
fn who_is_there_at_the_end_of_the_grace_period_is_deaf() {
    let verdict = judge(&deaf());
    assert_eq!(verdict.faults, [Fault::Deaf, Fault::Unclean]);
    assert_eq!(verdict.ends[0].how, How::KilledAtLimit);
    let Told::By(told) = verdict.ends[0].told else { panic!("we told it ourselves") };
    assert_eq!((told.at, told.from), (ms(0), From::Outside));
}

#[test]
fn every_end_has_its_meaning() {
    let first = || life(1, 0, "app", (100, End::Exited(0)));
    for (end, signals, expected) in [
        ((50, End::Exited(3)), &[][..], How::Itself(3)),
        ((50, End::Killed(15)), &[(15, From::Process(1))], How::Signal(15)),
        ((50, End::Killed(9)), &[], How::KilledInside),
        ((100, End::Killed(9)), &[], How::KilledByTeardown),
        ((50, End::Killed(11)), &[], How::Crashed(11)),
        ((50, End::Killed(6)), &[(6, From::Process(2))], How::Crashed(6)),
        ((50, End::Killed(6)), &[(6, From::Process(1))], How::Signal(6)),
        ((50, End::NotTold), &[], How::Gone),
    ] {
        let child = signals
            .iter()
            .fold(life(2, 1, "child", end), |life, &(signal, from)| told(life, 10, signal, from));
        let judged = judge(&record(99, vec![first(), child])).ends[1];
        assert_eq!(judged.how, expected, "{end:?} {signals:?}");
    }
}

#[test]
fn who_cannot_even_be_killed_is_said_to_remain() {
    let mut stuck = life(2, 1, "stuck", (0, End::NotTold));
    stuck.end = None;
    let first = life(1, 0, "app", (100, End::Exited(0)));
    let verdict = judge(&record(99, vec![first, stuck]));
    assert_eq!((verdict.ends[1].how, verdict.is_clean()), (How::Remains, Some(false)));
}

#[test]
fn not_having_been_told_is_only_said_where_it_would_have_been_seen() {
    let first = || life(1, 0, "app", (100, End::Exited(0)));
    for (hearing, method, expected) in [
        (Hearing::Handler, Method::Ptrace, Told::Never),
        (Hearing::Nothing, Method::Ptrace, Told::Never),
        (Hearing::Waits, Method::Ptrace, Told::NotSeen),
        (Hearing::Signalfd, Method::Ptrace, Told::NotSeen),
        (Hearing::Handler, Method::Proc, Told::NotSeen),
    ] {
        let mut child = life(2, 1, "child", (100, End::Killed(9)));
        child.hearing = hearing;
        let mut record = record(99, vec![first(), child]);
        record.watch.births_and_signals = method;
        assert_eq!(judge(&record).ends[1].told, expected, "{hearing:?} {method:?}");
    }
}

#[test]
fn a_signal_that_does_not_ask_to_end_is_no_telling() {
    let first = life(1, 0, "app", (100, End::Exited(0)));
    let child = life(2, 1, "child", (100, End::Killed(9)));
    let child = told(child, 5, libc::SIGUSR1, From::Process(1));
    assert_eq!(judge(&record(99, vec![first, child])).ends[1].told, Told::Never);
}

#[test]
fn the_stop_signal_asks_to_end_whatever_it_is() {
    let first = life(1, 0, "app", (100, End::Exited(0)));
    let child =
        told(life(2, 1, "child", (50, End::Exited(0))), 5, libc::SIGWINCH, From::Process(1));
    let mut record = record(99, vec![first, child]);
    record.signal = libc::SIGWINCH;
    assert!(matches!(judge(&record).ends[1].told, Told::By(_)));
}

#[test]
fn without_a_tracer_sigkill_just_before_pid_1_was_gone_is_the_teardowns() {
    let lives = |at| {
        vec![life(1, 0, "app", (500, End::Exited(0))), life(2, 1, "child", (at, End::Killed(9)))]
    };
    for (at, expected) in [(495, How::KilledByTeardown), (100, How::KilledInside)] {
        let mut record = record(500, lives(at));
        record.watch = Watch { births_and_signals: Method::Proc, ends: EndsBy::Pidfd };
        assert_eq!(judge(&record).ends[1].how, expected, "{at}");
    }
}

#[test]
fn where_the_kernel_tells_nothing_nothing_is_claimed() {
    let lives =
        vec![life(1, 0, "app", (500, End::Exited(0))), life(2, 1, "child", (499, End::NotTold))];
    assert_eq!(judge(&record(500, lives)).is_clean(), None);
}

#[test]
fn zombies_are_the_fault_of_who_should_have_waited() {
    for (parent, expected) in [(1, &[Fault::NotReaping][..]), (7, &[])] {
        let mut record = record(99, vec![life(1, 0, "app", (100, End::Exited(0)))]);
        let (name, parent_name) = ("job".into(), "app".into());
        record.zombies = vec![Zombie { pid: 9, name, parent, parent_name }];
        assert_eq!(judge(&record).faults, expected, "child of {parent}");
    }
    let mut record = record(99, vec![life(1, 0, "app", (100, End::Exited(0)))]);
    record.orphan = Orphan::LeftAsZombie;
    assert_eq!(judge(&record).faults, [Fault::NotReaping]);
    record.orphan = Orphan::NotPlanted { reason: "not wanted".into() };
    assert_eq!((judge(&record).faults, judge(&record).reaps), (vec![], Reaps::NotTried));
}
