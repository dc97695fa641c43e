use super::*;
use crate::namespaces::Key;
use crate::sample::{process, sight};

const ID: &str = "3f2a000000000000000000000000000000000000000000000000000000000001";
const OTHER: &str = "3f2a000000000000000000000000000000000000000000000000000000000002";

/// A container's process among those of the machine, as this user with these rights.
fn guest(pid: i32, uid: u32, capabilities: u64) -> Process {
    let guest = process(pid, 1).in_cgroup(&format!("0::/docker/{ID}\n"));
    guest.with(|status| {
        status.uid = uid;
        status.capabilities = capabilities;
    })
}

/// Everybody in the same user namespace.
fn found(processes: Vec<Process>) -> Vec<Guest> {
    let mut sight = sight(processes);
    for close in sight.close.values_mut() {
        close.user_namespace = Some(b"user:[1]".to_vec());
    }
    guests(&sight, sight.namespaces.get(Key::First).unwrap())
}

#[test]
fn with_cap_kill_it_is_everybody_and_without_those_of_the_same_user() {
    let others = || vec![process(50, 1), process(51, 1).with(|status| status.uid = 1000)];
    for (uid, capabilities, reach, could_kill) in [
        (0, CAP_KILL, Reach::Everybody, 3), // PID 1 too.
        (1000, 0, Reach::SameUser, 1),
        (0, 0, Reach::SameUser, 2),
    ] {
        let crowd = [others(), vec![guest(60, uid, capabilities), guest(61, uid, 0)]].concat();
        let guests = found(crowd);
        assert_eq!(guests.len(), 1);
        let one = &guests[0];
        assert_eq!((one.main, one.processes), (60, 2));
        assert_eq!((one.reach, one.could_kill), (reach, could_kill));
    }
}

#[test]
fn in_a_user_namespace_of_its_own_nobody_can_say() {
    let mut sight = sight(vec![guest(60, 0, CAP_KILL)]);
    let host = sight.at(1).id;
    sight.close.get_mut(&host).unwrap().user_namespace = Some(b"user:[1]".to_vec());
    let guests = guests(&sight, sight.namespaces.get(Key::First).unwrap());
    assert_eq!((guests[0].reach, guests[0].could_kill), (Reach::Unknown, 0));
}

#[test]
fn containers_of_one_pod_are_meant_to_be_together() {
    let uid = "0a1b2c3d-0000-1111-2222-333344445555";
    let of = |pid, parent, id, pod: &str| {
        let inside = process(pid, parent).inside(&[pid, pid - 9]).namespace(7);
        inside.in_cgroup(&format!("0::/kubepods/pod{pod}/{id}\n"))
    };
    let other = uid.replace('0', "f");
    for (pod, same_pod) in [(uid, true), (&other, false)] {
        let sight = sight(vec![of(10, 1, ID, uid), of(11, 1, OTHER, pod)]);
        let guests = guests(&sight, sight.namespaces.get(Key::Inode(7)).unwrap());
        assert_eq!((guests.len(), guests[0].main, guests[0].same_pod), (1, 11, same_pod));
    }
}

#[test]
fn a_container_in_a_namespace_of_its_own_is_no_guest() {
    let own = process(10, 1).inside(&[10, 1]).namespace(7).in_cgroup(&format!("0::/docker/{ID}\n"));
    assert!(found(vec![own]).is_empty());
}
