//! More of everything than there should be: orphans, signals, forks, processes left at the end.
//!
//! `SEXTON_STORM` scales them in percent; 100, the full storm, takes minutes. What each took is
//! printed (`--nocapture`), and not judged: machines are noisy.

use sexton_testkit::{
    Cgroup, Controller, Init, Run, eventually, libc, namespaces, program, real_root,
};
use std::fs;
use std::time::Instant;

/// So much of the full number, by `SEXTON_STORM`; by default few enough for every day.
fn scaled(full: u32, everyday: u32) -> u32 {
    let percent = std::env::var("SEXTON_STORM").ok().and_then(|word| word.parse::<u64>().ok());
    percent.map_or(everyday, |percent| (u64::from(full) * percent / 100).max(1) as u32)
}

/// Says what it took.
fn took(what: &str, since: Instant) {
    println!("{what}: {:.1} s", since.elapsed().as_secs_f64());
}

/// The resident memory in kB, counted page by page (proc(5), smaps_rollup).
fn resident(run: &Run) -> u32 {
    let file = format!("/proc/{}/smaps_rollup", run.pid());
    let text = fs::read_to_string(&file).expect("smaps_rollup");
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).expect("Rss");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The storm is over when the probe says so, however long that takes; only its silence is bounded.
fn passes(run: &mut Run) {
    while run.stdout().next_line().expect("the storm goes on") != "ready" {}
}

/// In kB, its whole file and its stack; there is no heap that could grow. A page of the file that
/// the kernel took away and reads again may bring all others with it.
const ALL_OF_IT: u32 = 64;

#[test]
fn orphans_without_end_leave_no_zombie_and_cost_no_memory() {
    if !namespaces() {
        return;
    }
    let count = scaled(1_000_000, 20_000);
    let since = Instant::now();
    let init = Init::new().command(["probe", "storm", "orphans", &count.to_string()]);
    let mut run = init.spawn();
    assert_eq!(run.stdout().next_line().as_deref(), Some("begun"));
    passes(&mut run);
    eventually("nobody is left but the command", || run.others().len() == 1);
    took(&format!("{count} orphans"), since);
    assert!(resident(&run) <= ALL_OF_IT, "{} kB resident", resident(&run));
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 143);
}

/// Reaping is not starved by signals, which the kernel hands out before SIGCHLD if their numbers
/// are lower, and no death is lost among them.
#[test]
fn signals_of_all_kinds_starve_no_reaping() {
    if !namespaces() {
        return;
    }
    let count = scaled(100_000, 10_000);
    let since = Instant::now();
    let orphans = (count / 10).to_string();
    let init = Init::new().command(["probe", "storm", "signals", &orphans]);
    let mut run = init.spawn();
    assert_eq!(run.stdout().next_line().as_deref(), Some("begun"));
    // What does not stop the run by itself; the command takes no notice of any.
    let kinds: Vec<i32> = (1..=64).filter(|&n| n != libc::SIGKILL && n != libc::SIGSTOP).collect();
    let fits = |&n: &i32| n != libc::SIGTERM && n != libc::SIGINT && n != libc::SIGQUIT;
    for (_, &signal) in (0..count).zip(kinds.iter().filter(|n| fits(n)).cycle()) {
        run.send(signal);
    }
    passes(&mut run);
    eventually("nobody is left but the command", || run.others().len() == 1);
    took(&format!("{count} signals over {orphans} deaths"), since);
    let memory = resident(&run);
    assert!(memory <= ALL_OF_IT, "{memory} kB resident");
    run.send(libc::SIGTERM);
    eventually("the command has heard TERM", || run.try_wait().expect("our child").is_some());
    assert_eq!(run.end().code, 42);
}

/// KILL reaches who forks while it is being sent (kernel/fork.c: a fork that meets it fails). The
/// limit is the namespace's own user's: RLIMIT_NPROC does not count for root.
#[test]
fn a_fork_bomb_is_gone_after_the_deadline() {
    if !real_root() {
        return;
    }
    let since = Instant::now();
    let init = Init::new().options(["--drain-timeout", "200ms"]);
    let mut run = init.command(["probe", "storm", "bomb", "300"]).spawn();
    assert_eq!(run.stdout().next_line().as_deref(), Some("begun"));
    eventually("the bomb has gone off", || run.others().len() >= 200);
    run.send(libc::SIGTERM);
    let end = run.end();
    took("a fork bomb of 300 until it is gone", since);
    assert_eq!(end.code, 42, "{end:?}");
    assert!(end.stderr.iter().any(|line| line.contains("SIGKILL")), "{end:?}");
}

/// The same against a limit of the container's own, as `docker run --pids-limit` sets it, which the
/// init and its command are counted in, too.
#[test]
fn a_fork_bomb_against_the_containers_limit_is_gone_after_the_deadline() {
    if !real_root() {
        return;
    }
    let Some(group) = Cgroup::with(Controller::Pids) else { return };
    group.limit_pids(400);
    let since = Instant::now();
    let init = Init::wrapped(group.enter()).options(["--drain-timeout", "200ms"]);
    // Its own limit is beyond the group's, for safety.
    let mut run = init.command(["probe", "storm", "bomb", "1000"]).spawn();
    assert_eq!(run.stdout().next_line().as_deref(), Some("begun"));
    eventually("the bomb has gone off", || run.others().len() >= 390);
    run.send(libc::SIGTERM);
    let end = run.end();
    took("a fork bomb of 400 in a cgroup until it is gone", since);
    assert_eq!((end.code, end.stderr.len()), (42, 1), "{end:?}");
    assert!(end.stderr[0].contains("SIGKILL"), "{end:?}");
}

/// pid_namespaces(7): once PID 1 has begun to end, fork(2) into the namespace fails with ENOMEM.
/// Who enters before is told, and reaped outside; whenever it is, nobody hangs.
#[test]
fn who_enters_during_the_stop_neither_hangs_nor_holds_it() {
    if !real_root() || !program("nsenter") {
        return;
    }
    let init = Init::new().options(["--drain-timeout", "600s"]);
    let mut run = init.command(["probe", "storm", "crowd", "300"]).spawn();
    passes(&mut run);
    run.send(libc::SIGTERM);
    let (mut entered, mut refused) = (0, 0);
    while run.try_wait().expect("our child").is_none() {
        match run.exec_probe(&["exit", "3"]).wait().expect("our child").code() {
            Some(3) => entered += 1,
            _ => refused += 1,
        }
    }
    println!("{entered} entered during the stop, {refused} did not");
    assert_eq!(run.end().code, 42);
    // Too late by any means.
    assert_ne!(run.exec_probe(&["exit", "3"]).wait().expect("our child").code(), Some(3));
}

#[test]
fn all_who_are_left_are_told_and_waited_for() {
    if !namespaces() {
        return;
    }
    let count = scaled(10_000, 2_000);
    let since = Instant::now();
    let init = Init::new().options(["--drain-timeout", "600s"]);
    let mut run = init.command(["probe", "storm", "crowd", &count.to_string()]).spawn();
    passes(&mut run);
    assert!(run.others().len() > count as usize);
    took(&format!("{count} processes made"), since);
    let since = Instant::now();
    run.send(libc::SIGTERM);
    let end = run.end();
    took(&format!("{count} processes told and gone"), since);
    assert_eq!((end.code, end.stderr), (42, vec![]));
}
