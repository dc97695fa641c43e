//! Who the command is.

use crate::{among, exam, in_both_places, run};
use sexton_testkit::accounts::{Accounts, Entry};
use sexton_testkit::{Place, real_root};

const WHO: [&str; 4] = ["grep", "-E", "^(Uid|Gid|Groups):", "/proc/self/status"];

/// What `/proc/self/status` says of these.
fn status(user: u32, group: u32, groups: &str) -> Vec<String> {
    let all = |id: u32| format!("{id}\t{id}\t{id}\t{id}");
    vec![format!("Uid:\t{}", all(user)), format!("Gid:\t{}", all(group)), groups.into()]
}

#[test]
fn the_command_has_the_users_number_and_groups_and_no_others() {
    in_both_places(|place| {
        let end = run(place, &[&["scn"], &WHO[..]].concat());
        assert_eq!(end.stdout, status(4242, 4243, "Groups:\t4243 4244 "), "{place:?}: {end:?}");
        assert_eq!((end.code, end.stderr), (0, vec![]), "{place:?}");
    });
}

#[test]
fn a_number_is_a_name_if_somebody_is_called_so() {
    in_both_places(|place| {
        let end = run(place, &[&["1000"], &WHO[..]].concat());
        assert_eq!(end.stdout, status(4711, 4711, "Groups:\t4711 "), "{place:?}: {end:?}");
    });
}

#[test]
fn root_may_be_root() {
    in_both_places(|place| {
        let end = run(place, &[&["root"], &WHO[..]].concat());
        assert_eq!(end.stdout, status(0, 0, "Groups:\t0 "), "{place:?}: {end:?}");
    });
}

/// A crowd in front of the user, on a line of a megabyte.
#[test]
fn a_group_with_many_members_is_read_to_its_end() {
    if !real_root() {
        return;
    }
    let crowd: String = (0..100_000).map(|n| format!("member{n},")).collect();
    let group = format!("crowd:x:4300:{crowd}a\nmine:x:4301:{crowd}a");
    let accounts = Accounts::new(Entry::Text("a:x:1:2::/:"), Entry::Text(&group));
    let words = [&["a"], &WHO[..]].concat();
    let end = among(&accounts, Place::NewNamespace).options(words).spawn().end();
    assert_eq!(end.stdout, status(1, 2, "Groups:\t2 4300 4301 "), "{end:?}");
}

#[test]
fn a_user_of_more_groups_than_there_is_room_for_is_refused() {
    if !real_root() {
        return;
    }
    for count in [256, 257, 1000] {
        let group: String = (0..count).map(|n| format!("g{n}:x:{}:a\n", 5000 + n)).collect();
        let accounts = Accounts::new(Entry::Text("a:x:1:2::/:"), Entry::Text(&group));
        let words = [&["a"], &WHO[..]].concat();
        let end = among(&accounts, Place::NewNamespace).options(words).spawn().end();
        let refused = exam().deviates("many-groups", false, count > 256);
        match refused {
            true => {
                let line = "setuser: a is in more than 256 groups";
                assert_eq!((end.code, end.stdout, end.stderr), (1, vec![], vec![line.into()]));
            }
            false => assert_eq!(end.stdout[2].split_whitespace().count(), count + 2, "{end:?}"),
        }
    }
}
