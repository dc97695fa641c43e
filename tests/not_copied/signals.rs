//! A signal that was sent is a signal that arrives, and nothing else is one.

use crate::{ALL, CATATONIT, DUMB_INIT, TINI, TINI_AND_CATATONIT, code, judge, start};
use sexton_testkit::{Door, Place, Stream, libc, program, real_root, scratch};
use std::fs;

fn context_switches(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:\t"));
    line.expect("proc_pid_status(5)").parse().expect("a number")
}

/// An idle machine stays idle.
#[test]
fn nothing_wakes_an_init_that_has_nothing_to_do() {
    judge(TINI, |exam| {
        let run = start(exam, Place::NewNamespace).command(["probe", "wait"]).spawn().ready();
        run.sleeps();
        let before = context_switches(run.pid());
        std::thread::sleep(std::time::Duration::from_millis(2500));
        // One more may be the start's; a clock of once a second makes two.
        context_switches(run.pid()) > before + 1
    });
}

const NO_KILL: [&str; 4] = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", "--"];

/// kill(2), EPERM: the program is another user's by now.
#[test]
fn a_program_that_may_not_be_signalled_is_waited_for() {
    if !real_root() {
        return;
    }
    judge(TINI, |exam| {
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let init = exam.wrapped(NO_KILL).stdin(stdin);
        let mut run = init.command(["probe", "as-user", "65534", "until-eof", "7"]).spawn().ready();
        run.send(libc::SIGTERM);
        // Who dies of it does so now.
        let died = code(&mut run).is_some();
        drop(keys);
        died || run.code() != 7
    });
}

/// catatonit asks by kill(child, 0) whether the child is there; it may be another user's by then.
#[test]
fn a_program_that_changes_its_user_at_once_is_none_that_failed() {
    if !real_root() || !program("strace") {
        return;
    }
    judge(CATATONIT, |exam| {
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let slowly = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", "trace=kill", "-e"];
        let delay = ["inject=kill:delay_enter=400000"];
        let wrapper = [&NO_KILL[..], &slowly, &delay].concat();
        let init = exam.wrapped(wrapper).stdin(stdin);
        let mut run = init.command(["probe", "as-user", "65534", "until-eof", "7"]).spawn();
        drop(keys);
        run.code() != 7
    });
}

/// From outside: a fault that somebody sends. The init must not die of it and leave the program.
#[test]
fn no_signal_but_kill_ends_the_init_before_the_program() {
    judge(TINI_AND_CATATONIT, |exam| {
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let init = start(exam, Place::Here).stdin(stdin);
        let mut run = init.command(["probe", "until-eof", "7"]).spawn().ready();
        run.send(libc::SIGABRT);
        let died = code(&mut run).is_some();
        drop(keys);
        died || run.code() != 7
    });
}

/// The two that libc keeps for itself, and lets nobody block.
#[test]
fn the_signals_of_libc_end_nobody() {
    judge(ALL, |exam| {
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let init = start(exam, Place::Here).stdin(stdin);
        let mut run = init.command(["probe", "until-eof", "7"]).spawn().ready();
        run.send(33);
        let died = code(&mut run).is_some();
        drop(keys);
        died || run.code() != 7
    });
}

/// dumb-init's table of 32 is read, and written, at 34 to 64. What lies there in Debian's build is
/// harmless; in one with musl the first 64 was lost. So nobody here has the bug.
#[test]
fn no_real_time_signal_is_lost_not_even_the_first() {
    judge(&[], |exam| {
        let init = start(exam, Place::NewNamespace);
        let mut run = init.command(["probe", "signals", "until", "15"]).spawn().ready();
        for signal in (34..=64).rev().chain(34..=64) {
            run.send(signal);
            let line = run.stdout().line_within(crate::AWHILE);
            if line != Some(format!("signal {signal} value 0")) {
                return true;
            }
        }
        run.send(15);
        run.code() != 0
    });
}

/// wait4(2) gave the number back to the kernel: it may be anybody's.
#[test]
fn who_has_been_reaped_is_not_signalled() {
    if !real_root() || !program("strace") {
        return;
    }
    judge(DUMB_INIT, |exam| {
        let calls = scratch().join("calls");
        let trace = ["strace", "-f", "-qqq", "-e", "signal=none", "-e", "trace=wait4,waitid,kill"];
        let wrapper = [&trace[..], &["-o", calls.to_str().expect("text")]].concat();
        let options: &[&str] = if exam.door() == Door::DumbInit { &["-c"] } else { &[] };
        let mut run = exam.wrapped(wrapper).options(options).command(["true"]).spawn();
        assert_eq!(run.code(), 0);
        let calls = fs::read_to_string(&calls).expect("strace's");
        let reaped = calls.lines().position(|line| line.contains("wait4(") && reaps(line));
        let after = calls.lines().skip(reaped.expect("the program was reaped"));
        after.filter(|line| line.contains("kill(")).count() > 0
    });
}

/// Whether the call returned a PID.
fn reaps(line: &str) -> bool {
    let answer = line.rsplit(" = ").next().and_then(|answer| answer.split(' ').next());
    answer.and_then(|answer| answer.parse().ok()).is_some_and(|pid: i32| pid > 0)
}

/// wait4(2) may fail for reasons of its own, or of a filter's; the program still ends some day.
#[test]
fn a_wait_that_fails_once_is_not_the_last() {
    if !real_root() || !program("strace") {
        return;
    }
    for errno in ["EINTR", "EAGAIN", "EINVAL"] {
        judge(ALL, |exam| {
            let inject = format!("inject=wait4,waitid:error={errno}:when=1");
            let trace = ["strace", "-qqq", "-o", "/dev/null", "-e", &inject];
            let mut run = exam.wrapped(trace).command(["probe", "exit", "7"]).spawn();
            code(&mut run) != Some(7)
        });
    }
}

/// When the main program ends, PID 1 does, and the kernel kills the others. `SEXTON_ON_EXIT=drain`
/// lets them end; the originals have no such thing.
#[test]
fn who_is_left_is_given_time_on_request() {
    judge(ALL, |exam| {
        let log = scratch().join("log");
        let worker = format!("name=worker takes=300 log={}", log.display());
        let init = start(exam, Place::NewNamespace).env("SEXTON_ON_EXIT", "drain");
        let mut run = init.command(["probe", "family", "name=main exits=5", &worker]).spawn();
        assert_eq!(run.code(), 5);
        !fs::read_to_string(&log).unwrap_or_default().contains("worker clean")
    });
}
