//! One zombie, small tables. Real ones are in `tests/zombies.rs`.

use super::*;
use crate::judge::Confidence::{Certain, Guess, Likely};
use crate::probe::Outcome;
use crate::proc::table::Id;
use crate::sample::{process, sight};

/// PID 1 (10) of a namespace, in its own session.
fn pid1() -> Process {
    process(10, 1).inside(&[10, 1]).namespace(7).session(10).name("app")
}

/// Somebody in there.
fn inside(pid: i32, parent: i32, session: i32) -> Process {
    process(pid, parent).inside(&[pid, pid - 9]).namespace(7).session(session)
}

#[track_caller]
fn check(sight: &Sight, pid: i32, verdict: Verdict, confidence: Confidence, culprit: Option<i32>) {
    let found = judge(sight, &Order::of(sight), sight.at(pid));
    assert_eq!((found.verdict, found.confidence, found.culprit), (verdict, confidence, culprit));
    assert!(!found.evidence.is_empty());
    for fact in &found.evidence {
        assert!(!fact.to_string().is_empty());
    }
}

#[test]
fn a_session_of_somebody_else_proves_an_adoption() {
    let sight = sight(vec![pid1(), inside(12, 10, 11).zombie()]);
    check(&sight, 12, Verdict::OrphanNotReaped, Certain, Some(10));
}

#[test]
fn a_session_of_its_own_proves_nothing() {
    let sight = sight(vec![pid1(), inside(12, 10, 12).zombie()]);
    check(&sight, 12, Verdict::Undecided, Guess, Some(10));
}

#[test]
fn the_order_of_children_proves_an_adoption_unless_there_are_threads() {
    for (threads, verdict, confidence) in
        [(1, Verdict::OrphanNotReaped, Likely), (2, Verdict::Undecided, Guess)]
    {
        let family = vec![
            pid1().threads(threads),
            inside(12, 10, 10).zombie().started(50),
            inside(13, 10, 10).started(60),
        ];
        let sight = sight(family).saw(10, |close| close.children = Some(vec![vec![13, 12]]));
        check(&sight, 12, verdict, confidence, Some(10));
    }
}

#[test]
fn children_in_the_order_of_their_birth_prove_nothing() {
    let family = vec![pid1(), inside(12, 10, 10).zombie(), inside(13, 10, 10)];
    let sight = sight(family).saw(10, |close| close.children = Some(vec![vec![12, 13]]));
    check(&sight, 12, Verdict::Undecided, Guess, Some(10));
}

/// PIDs wrap around: in one tick of the clock a much smaller one is the younger one.
#[test]
fn in_the_same_tick_the_higher_pid_is_younger_but_not_across_the_wrap_around() {
    let same = |pid| inside(pid, 10, 10).started(50);
    for (first, zombie, verdict) in
        [(13, 12, Verdict::OrphanNotReaped), (32_000, 12, Verdict::Undecided)]
    {
        let sight = sight(vec![pid1(), same(first), same(zombie).zombie()])
            .saw(10, |close| close.children = Some(vec![vec![first, zombie]]));
        let found = judge(&sight, &Order::of(&sight), sight.at(zombie));
        assert_eq!(found.verdict, verdict);
    }
}

#[test]
fn another_parent_before_proves_an_adoption() {
    let mut sight = sight(vec![pid1(), inside(12, 10, 10).zombie()]);
    sight.earlier_parents.insert(Id { pid: 12, started: 12 }, 11);
    check(&sight, 12, Verdict::OrphanNotReaped, Certain, Some(10));
}

#[test]
fn below_pid_1_it_is_the_parents_own_unless_that_is_a_subreaper() {
    let with =
        |name| sight(vec![pid1(), inside(11, 10, 10).name(name), inside(12, 11, 10).zombie()]);
    check(&with("worker"), 12, Verdict::ChildNotWaitedFor, Likely, Some(11));
    check(&with("tini"), 12, Verdict::SubreaperNotReaping, Likely, Some(11));
    let strange = sight(vec![pid1(), inside(11, 10, 10), inside(12, 11, 13).zombie()]);
    check(&strange, 12, Verdict::SubreaperNotReaping, Certain, Some(11));
}

/// A daemon that forks before it calls setsid(2) leaves its child in the old session.
#[test]
fn a_parent_with_a_session_of_its_own_may_have_left_its_child_in_the_old_one() {
    let sight = sight(vec![pid1(), inside(11, 10, 11), inside(12, 11, 10).zombie()]);
    check(&sight, 12, Verdict::SubreaperNotReaping, Likely, Some(11));
}

#[test]
fn a_parent_outside_owes_the_wait_and_so_does_one_out_of_sight() {
    let sight = sight(vec![pid1(), inside(12, 1, 1).zombie(), inside(13, 0, 0).zombie()]);
    check(&sight, 12, Verdict::OwedFromOutside, Certain, Some(1));
    check(&sight, 13, Verdict::OwedFromOutside, Likely, None);
}

#[test]
fn a_pid_1_that_has_ended_is_owed_by_the_runtime() {
    let sight = sight(vec![pid1().zombie()]);
    let found = judge(&sight, &Order::of(&sight), sight.at(10));
    assert_eq!(found.verdict, Verdict::OwedFromOutside);
    assert_eq!(found.evidence[0], Evidence::IsPid1);
}

#[test]
fn a_tracer_comes_before_everything_and_a_paused_parent_before_the_rest() {
    let traced = inside(12, 10, 11).zombie().with(|status| status.tracer = 11);
    let sight_of =
        |parent: Process| sight(vec![parent, traced.clone(), inside(13, 10, 11).zombie()]);
    let stopped = sight_of(pid1().state(State::Stopped));
    check(&stopped, 12, Verdict::HeldByTracer, Certain, Some(11));
    check(&stopped, 13, Verdict::ReaperPaused, Certain, Some(10));
    let mut frozen = sight_of(pid1());
    frozen.frozen.insert(frozen.at(10).id);
    check(&frozen, 13, Verdict::ReaperPaused, Certain, Some(10));
    let mut hung = sight_of(pid1().state(State::Uninterruptible));
    check(&hung, 13, Verdict::OrphanNotReaped, Certain, Some(10));
    hung.hung.insert(hung.at(10).id);
    check(&hung, 13, Verdict::ReaperPaused, Certain, Some(10));
}

#[test]
fn the_leader_of_live_threads_is_nobodys_fault() {
    let sight = sight(vec![pid1(), inside(12, 10, 11).zombie().threads(2)]);
    check(&sight, 12, Verdict::LeaderOfLiveThreads, Certain, None);
}

#[test]
fn the_probe_decides_what_is_open_and_nothing_else() {
    let family = || vec![pid1(), inside(12, 10, 10).zombie(), inside(13, 10, 11).zombie()];
    for (after, verdict) in
        [(None, Verdict::OrphanNotReaped), (Some(2), Verdict::ChildNotWaitedFor)]
    {
        let mut sight = sight(family());
        let outcome = Outcome { pid_inside: 5, reaped_after_ms: after };
        sight.probes.insert(sight.at(10).id, outcome);
        check(&sight, 12, verdict, Likely, Some(10));
        check(&sight, 13, Verdict::OrphanNotReaped, Certain, Some(10));
    }
}

#[test]
fn what_its_parent_could_know_is_part_of_the_evidence() {
    let fact = |change: fn(&mut crate::proc::table::Status)| {
        let sight = sight(vec![pid1().with(change), inside(12, 10, 11).zombie()]);
        judge(&sight, &Order::of(&sight), sight.at(12)).evidence.last().cloned().unwrap()
    };
    assert_eq!(fact(|_| {}), Evidence::ChldNotCaught);
    assert_eq!(
        fact(|status| status.pending = crate::sample::set(&[Signal::CHLD])),
        Evidence::ChldPending
    );
    assert_eq!(
        fact(|status| status.caught = crate::sample::set(&[Signal::CHLD])),
        Evidence::StrangeSession(11)
    );
}
