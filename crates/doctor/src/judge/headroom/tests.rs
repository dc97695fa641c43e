use super::*;
use crate::proc::cgroups::PidsLimit;
use crate::sample::{process, sight};
use crate::sight::SystemLimits;

fn limit(max: u64, used: u64, refused: u64) -> Limit {
    Limit { kind: Kind::Cgroup, name: "/a".into(), max, used, refused }
}

#[test]
fn under_a_tenth_left_is_wrong_and_a_refusal_in_the_past_is_a_note() {
    for (max, used, refused, level) in [
        (100, 90, 0, Level::Fine),
        (100, 91, 0, Level::Problem),
        (100, 100, 0, Level::Problem),
        (100, 120, 0, Level::Problem), // A limit may be set below what there is.
        (100, 50, 1, Level::Note),
        (u64::MAX, 0, 0, Level::Fine),
    ] {
        assert_eq!(limit(max, used, refused).level(), level, "{max} {used} {refused}");
    }
}

#[test]
fn the_tightest_is_the_one_with_the_fewest_left() {
    let limits = [limit(1000, 900, 0), limit(100, 20, 0)];
    assert_eq!(tightest(&limits).unwrap().left(), 80);
    assert_eq!(tightest(&[]), None);
}

#[test]
fn the_users_limit_counts_its_threads_and_not_for_root() {
    let first = |uid, capabilities| {
        let first = process(10, 1).inside(&[10, 1]).namespace(7).threads(4);
        first.with(|status| {
            status.uid = uid;
            status.capabilities = capabilities;
        })
    };
    let other = process(50, 1).with(|status| status.uid = 1000);
    let of = |first: Process| {
        let sight =
            sight(vec![first, other.clone()]).saw(10, |close| close.process_limit = Some(9));
        limits(&sight, sight.at(10))
    };
    let user = Limit { kind: Kind::User, name: "uid 1000".into(), max: 9, used: 5, refused: 0 };
    assert_eq!(of(first(1000, 0)), [user]);
    assert!(of(first(0, 0)).is_empty(), "root");
    assert!(of(first(1000, 1 << 24)).is_empty(), "CAP_SYS_RESOURCE");
}

#[test]
fn the_machines_limits_are_the_first_namespaces_and_groups_are_everybodys() {
    let mut sight = sight(vec![process(10, 1).inside(&[10, 1]).namespace(7)]);
    sight.system = SystemLimits { threads_max: Some(1000), pid_max: Some(500), threads: Some(90) };
    let group = PidsLimit { group: "/docker/a".into(), max: 20, used: 18, refused: 7 };
    sight.pids_limits.insert(sight.at(10).id, vec![group]);
    let kinds = |pid| limits(&sight, sight.at(pid)).iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds(1), [Kind::Threads, Kind::Pids]);
    assert_eq!(kinds(10), [Kind::Cgroup]);
}
