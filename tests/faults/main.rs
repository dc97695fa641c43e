//! Every system call of the init fails, with every error that it can have, in every phase of a
//! container's life: one time, and from then on. No fault may make the init hang, burn the
//! processor, or lose the command's exit status.

mod scenario;
mod table;

use scenario::{Life, Phase, census, play};
use sexton_testkit::faults::{Caller, Fault, Times};
use sexton_testkit::libc::{
    EAGAIN, EINTR, EPERM, SYS_clock_gettime, SYS_rt_sigtimedwait, SYS_wait4,
};
use sexton_testkit::{namespaces, real_root};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use table::{REFUSALS, Setting, TABLE, UNREACHED, Way};

/// All faults that begin in this phase.
#[track_caller]
fn all_of(phase: Phase) {
    if !namespaces() {
        return;
    }
    let is_root = real_root();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in TABLE.iter().filter(|row| row.phases.contains(&phase)) {
        if row.setting.needs_root() && !is_root {
            continue;
        }
        let plain = |errno: &i32| !row.errnos.contains(errno);
        let refusals = REFUSALS.into_iter().filter(|errno| plain(errno) && row.is_refused());
        for errno in row.errnos.iter().copied().chain(refusals) {
            for times in [Times::Once, Times::Always] {
                if times == Times::Always && row.takes_long() && errno != EPERM {
                    continue;
                }
                count += 1;
                // What hangs says so by a panic, and the others are still to be tried.
                let life = AssertUnwindSafe(|| play(row, phase, errno, times));
                let verdict = catch_unwind(life).unwrap_or_else(|panic| {
                    Err(panic.downcast_ref().cloned().unwrap_or("it panics".to_string()))
                });
                if let Err(what) = verdict {
                    let (caller, setting, call) = (row.caller, row.setting, row.call);
                    let what: String = what.chars().take(300).collect();
                    wrong.push(format!(
                        "call {call} of {caller:?}, error {errno} {times:?}, {setting:?}: {what}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{phase:?}, {} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{phase:?}: {count} faults");
}

#[test]
fn a_fault_at_the_start_is_survived_or_said() {
    all_of(Phase::Start);
}

#[test]
fn a_fault_at_rest_loses_nothing() {
    all_of(Phase::Rest);
}

#[test]
fn a_fault_while_forwarding_loses_no_status() {
    all_of(Phase::Forward);
}

#[test]
fn a_fault_while_reaping_loses_no_status() {
    all_of(Phase::Reap);
}

#[test]
fn a_fault_during_the_drain_loses_no_status() {
    all_of(Phase::Drain);
}

/// A call that fails at once for ever turns a loop that waits by it into one that does not.
#[test]
fn endless_failures_do_not_burn_the_processor() {
    if !namespaces() {
        return;
    }
    for call in [SYS_rt_sigtimedwait, SYS_wait4, SYS_clock_gettime] {
        for errno in [EAGAIN, EINTR, EPERM] {
            let mut life = Life::start(Setting::Plain, &[call], Way::On, None);
            assert!(life.is_started(), "{:?}", life.run.end());
            life.run.sleeps();
            let before = life.run.cpu_ticks();
            life.faults.arm(Fault { call, caller: Caller::Init, errno, times: Times::Always });
            // Nobody minds it, and it is looked at; for a CHLD alone the clock is not read.
            life.run.send(sexton_testkit::libc::SIGURG);
            std::thread::sleep(Duration::from_millis(300));
            let (hits, ticks) = (life.faults.hits(), life.run.cpu_ticks() - before);
            assert!((1..100).contains(&hits), "call {call}, error {errno}: {hits} in 0.3 s");
            assert!(ticks < 10, "call {call}, error {errno}: {ticks} ticks in 0.3 s");
        }
    }
}

/// The names and numbers of `src/init/sys`, whose list this is: a new call fails here before it has
/// its rows.
fn calls() -> Vec<(&'static str, i64)> {
    const NUMBERS: &str = include_str!("../../src/init/sys/x86_64.rs");
    let call = |line: &'static str| {
        // Those of `mod number`.
        let (name, number) = line.strip_prefix("    pub const ")?.split_once(": usize = ")?;
        Some((name, number.strip_suffix(';')?.parse().ok()?))
    };
    NUMBERS.lines().filter_map(call).collect()
}

#[test]
fn every_call_has_its_rows() {
    if cfg!(not(target_arch = "x86_64")) {
        return; // The numbers are those of x86_64.
    }
    assert!(calls().len() > 25, "{:?}", calls());
    for (name, number) in calls() {
        let in_table = TABLE.iter().any(|row| row.call == number);
        let unreached = UNREACHED.iter().any(|(call, _)| *call == number);
        assert!(in_table != unreached, "{name}");
    }
}

#[test]
fn every_call_has_a_row_for_each_phase_in_which_it_is_made() {
    if cfg!(not(target_arch = "x86_64")) || !namespaces() {
        return;
    }
    let is_root = real_root();
    let numbers: Vec<i64> = calls().into_iter().map(|(_, number)| number).collect();
    for setting in Setting::ALL {
        if setting.needs_root() && !is_root {
            continue;
        }
        for (phase, caller, call) in census(setting, &numbers) {
            let mut rows = TABLE.iter().filter(|row| (row.call, row.caller) == (call, caller));
            let listed = rows.any(|row| row.phases.contains(&phase));
            assert!(listed, "call {call} of {caller:?}, {phase:?}, {setting:?}");
        }
    }
}
