//! Control groups with hardly a process, or hardly any memory, in them.

use crate::{by_every_name_in, does_its_work};
use sexton_testkit::{Cgroup, Controller, Init, eventually, libc, real_root};

/// clone(2), EAGAIN. The container ends with a reason, and does not hang.
#[test]
fn where_no_process_may_be_made_the_reason_is_said() {
    if !real_root() {
        return;
    }
    let Some(group) = Cgroup::with(Controller::Pids) else { return };
    group.limit_pids(1);
    let mut run = Init::wrapped(group.enter()).command(["true"]).spawn();
    let end = run.end();
    assert_eq!((end.code, end.stderr.len()), (125, 1), "{end:?}");
    assert!(end.stderr[0].contains("Resource temporarily unavailable"), "{end:?}");
}

/// cgroups(7), pids: a zombie counts until it has been reaped. An init that is slow to reap keeps
/// the command from making processes.
#[test]
fn zombies_do_not_use_up_the_processes_that_are_allowed() {
    if !real_root() {
        return;
    }
    let Some(group) = Cgroup::with(Controller::Pids) else { return };
    group.limit_pids(6);
    by_every_name_in(&group.enter(), |name, init| {
        let mut run = init.command(["probe", "storm", "tight", "500"]).spawn().ready();
        eventually("nobody but the command is left", || run.others().len() == 1);
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143, "{name}");
    });
}

/// A few MB for the container as a whole, its processes' page tables and files included.
#[test]
fn a_memory_limit_of_few_megabytes_is_enough() {
    if !real_root() {
        return;
    }
    let Some(group) = Cgroup::with(Controller::Memory) else { return };
    group.limit_memory(8 << 20);
    by_every_name_in(&group.enter(), does_its_work);
    let mut run = Init::wrapped(group.enter()).command(["probe", "orphans", "20"]).spawn().ready();
    eventually("nobody but the command is left", || run.others().len() == 1);
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 143);
}

/// The kernel chooses the largest (mm/oom_kill.c), which the init never is, and its status is that
/// of any death by KILL.
#[test]
fn who_takes_all_memory_is_killed_and_not_the_init() {
    if !real_root() {
        return;
    }
    let Some(group) = Cgroup::with(Controller::Memory) else { return };
    group.limit_memory(24 << 20);
    by_every_name_in(&group.enter(), |name, init| {
        let mut run = init.command(["probe", "hog", "1000"]).spawn();
        let patience = sexton_testkit::patience();
        let status = run.wait_within(patience).expect("our child").expect("it ends");
        // Had the init been killed itself, there would be no exit status.
        assert_eq!(status.code(), Some(128 + libc::SIGKILL), "{name}");
    });
}
