use super::*;
use crate::namespaces::Key;
use crate::proc::table::State;
use crate::sample::{process, sight};

/// PF_EXITING
const EXITING: u32 = 0x4;

fn inside(pid: i32, parent: i32) -> Process {
    process(pid, parent).inside(&[pid, pid - 9]).namespace(7)
}

fn held(first: Process, member: Process, change: fn(&mut Sight)) -> Vec<Holder> {
    let mut sight = sight(vec![first, member]);
    change(&mut sight);
    holders(&sight, sight.namespaces.get(Key::Inode(7)).unwrap())
}

#[track_caller]
fn check(member: Process, change: fn(&mut Sight), hold: Hold, culprit: Option<i32>) {
    let found = held(inside(10, 1).flags(EXITING), member.clone(), change);
    assert_eq!(found, [Holder { member: 11, hold, culprit }]);
    assert!(held(inside(10, 1), member, change).is_empty(), "its PID 1 lives");
}

#[test]
fn each_reason_for_not_being_gone_has_its_culprit() {
    check(inside(11, 1).zombie(), |_| {}, Hold::ParentOutside, Some(1));
    check(inside(11, 0).zombie(), |_| {}, Hold::ParentOutside, None);
    check(inside(11, 10).zombie(), |_| {}, Hold::Dying, None);
    let traced = inside(11, 10).zombie().with(|status| status.tracer = 5);
    check(traced, |_| {}, Hold::Tracer, Some(5));
    check(inside(11, 10), |_| {}, Hold::Dying, None);
    let insert = |sight: &mut Sight| {
        sight.frozen.insert(sight.at(11).id);
    };
    check(inside(11, 10), insert, Hold::Frozen, None);
    let insert = |sight: &mut Sight| {
        sight.hung.insert(sight.at(11).id);
    };
    check(inside(11, 10).state(State::Uninterruptible), insert, Hold::Hung, None);
}

#[test]
fn a_pid_1_whose_last_breath_is_seen_in_wchan_is_ending_too() {
    let sight = sight(vec![inside(10, 1), inside(11, 1).zombie()])
        .saw(10, |close| close.in_call(Call::NamespaceEnd));
    assert_eq!(holders(&sight, sight.namespaces.get(Key::Inode(7)).unwrap()).len(), 1);
}
