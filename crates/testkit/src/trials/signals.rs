//! A signal that was sent is a signal that arrives, and nothing else is one.

use super::{AWHILE, Answer, code, start};
use crate::{Door, Exam, Fates, Place, Run, Stream, scratch};
use std::fs;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// A command that ends with 7 when the keys are dropped, and takes no notice of signals.
fn until_eof(init: crate::Init, words: &[&str]) -> (Run, OwnedFd) {
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let init = init.stdin(stdin).command([words, &["until-eof", "7"]].concat());
    (init.spawn().ready(), keys)
}

/// What it does not outlive, or 7 for its command's end.
fn outlives(exam: &Exam, signal: i32) -> Answer {
    let (mut run, keys) = until_eof(start(exam, Place::Here), &["probe"]);
    run.send(signal);
    if code(&mut run).is_some() {
        return Answer::Wrong("dies of it".into());
    }
    drop(keys);
    Answer::by_code(Some(run.code()), 7)
}

/// From outside: a fault that somebody sends. The init must not die of it and leave the program.
pub fn outlives_faults(exam: &Exam) -> Answer {
    outlives(exam, libc::SIGABRT)
}

/// The two that libc keeps for itself, and lets nobody block.
pub fn outlives_libcs_signals(exam: &Exam) -> Answer {
    outlives(exam, 33)
}

const NO_KILL: [&str; 4] = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", "--"];

/// kill(2), EPERM: the program is another user's by now.
pub fn stays_with_another_users(exam: &Exam) -> Answer {
    let (mut run, keys) = until_eof(exam.wrapped(NO_KILL), &["probe", "as-user", "65534"]);
    run.send(libc::SIGTERM);
    // Who dies of it does so now.
    if code(&mut run).is_some() {
        return Answer::Wrong("leaves it".into());
    }
    drop(keys);
    Answer::by_code(Some(run.code()), 7)
}

/// catatonit asks by kill(child, 0) whether the child is there; it may be another user's by then.
pub fn takes_no_other_user_for_a_failure(exam: &Exam) -> Answer {
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let slowly = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", "trace=kill", "-e"];
    let delay = ["inject=kill:delay_enter=400000"];
    let wrapper = [&NO_KILL[..], &slowly, &delay].concat();
    let init = exam.wrapped(wrapper).stdin(stdin);
    let mut run = init.command(["probe", "as-user", "65534", "until-eof", "7"]).spawn();
    drop(keys);
    Answer::by_code(Some(run.code()), 7)
}

/// dumb-init's table of 32 is read, and written, at 34 to 64. What lies there in Debian's build is
/// harmless; in one with musl the first 64 was lost. So nobody here does wrong.
pub fn forwards_real_time_signals(exam: &Exam) -> Answer {
    let init = start(exam, Place::NewNamespace);
    let mut run = init.command(["probe", "signals", "until", "15"]).spawn().ready();
    for signal in (34..=64).rev().chain(34..=64) {
        run.send(signal);
        let line = run.stdout().line_within(AWHILE);
        if line != Some(format!("signal {signal} value 0")) {
            return Answer::Wrong(format!("loses {signal}"));
        }
    }
    run.send(15);
    Answer::by_code(Some(run.code()), 0)
}

/// All that can be forwarded: not KILL and STOP, and not CHLD, which is the init's own. A stop
/// signal may bring CONT along.
pub fn forwards_everything(exam: &Exam) -> Answer {
    let fates = Fates::of(|| start(exam, Place::NewNamespace));
    let arrives = |signal: &i32| {
        let with_cont = format!("{signal}>{signal}+{}", libc::SIGCONT);
        is_in(*signal, &fates.forwarded) || fates.changed.split(',').any(|one| one == with_cont)
    };
    let own = [libc::SIGKILL, libc::SIGCHLD, libc::SIGSTOP];
    let missing = (1..=64).filter(|signal| !own.contains(signal) && !arrives(signal));
    let missing = crate::ranges(missing);
    Answer::wrong_if(!missing.is_empty(), format!("not {}", missing.replace(',', ", ")))
}

/// Whether a number is among these, written as [`ranges`](crate::ranges) does.
fn is_in(number: i32, ranges: &str) -> bool {
    ranges.split(',').any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let bounds = (first.parse(), last.parse());
        matches!(bounds, (Ok(first), Ok(last)) if (first..=last).contains(&number))
    })
}

/// sigqueue(3).
pub fn forwards_values(exam: &Exam) -> Answer {
    let init = start(exam, Place::NewNamespace).command(["probe", "signals", "until", "64"]);
    let mut run = init.spawn().ready();
    run.queue(34, 4711).expect("room in the queue");
    match run.stdout().line_within(AWHILE).as_deref() {
        Some("signal 34 value 4711") => Answer::Right,
        Some("signal 34 value 0") => Answer::Wrong("loses them".into()),
        other => Answer::Wrong(format!("{other:?}")),
    }
}

/// `kill 1`.
pub fn forwards_from_inside(exam: &Exam) -> Answer {
    let script = "trap 'exit 42' TERM; kill -TERM $PPID; while :; do sleep 0.01; done";
    let init = start(exam, Place::NewNamespace);
    Answer::by_code(code(&mut init.command(["sh", "-c", script]).spawn()), 42)
}

/// For many servers the second means "at once".
pub fn forwards_a_second_term(exam: &Exam) -> Answer {
    let init = start(exam, Place::NewNamespace).command(["probe", "signals", "until", "64"]);
    let mut run = init.spawn().ready();
    for _ in 0..2 {
        run.send(libc::SIGTERM);
        loop {
            match run.stdout().line_within(AWHILE).as_deref() {
                Some("signal 15 value 0") => break,
                // CONT comes along.
                Some("signal 18 value 0") => {}
                other => return Answer::Wrong(format!("{other:?}")),
            }
        }
    }
    Answer::Right
}

/// signal(7): TERM waits as long as the process is stopped.
pub fn wakes_who_is_stopped(exam: &Exam) -> Answer {
    let mut run = start(exam, Place::NewNamespace).command(["sleep", "1000"]).spawn();
    let main = super::pid_of(&run, "sleep");
    crate::signals::send(main, libc::SIGSTOP).expect("it is there");
    run.process_in_state("sleep", 'T');
    run.send(libc::SIGTERM);
    match code(&mut run) {
        None => Answer::Wrong("waits for CONT".into()),
        code => Answer::by_code(code, 143),
    }
}

fn context_switches(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:\t"));
    line.expect("proc_pid_status(5)").parse().expect("a number")
}

/// An idle machine stays idle.
pub fn sleeps_at_rest(exam: &Exam) -> Answer {
    let run = start(exam, Place::NewNamespace).command(["probe", "wait"]).spawn().ready();
    run.sleeps();
    let before = context_switches(run.pid());
    std::thread::sleep(Duration::from_millis(2500));
    // One more may be the start's; a clock of once a second makes two.
    Answer::wrong_if(context_switches(run.pid()) > before + 1, "every second")
}

/// wait4(2) gave the number back to the kernel: it may be anybody's.
pub fn signals_nobody_reaped(exam: &Exam) -> Answer {
    let calls = scratch().join("calls");
    let trace = ["strace", "-f", "-qqq", "-e", "signal=none", "-e", "trace=wait4,waitid,kill"];
    let wrapper = [&trace[..], &["-o", calls.to_str().expect("text")]].concat();
    let options: &[&str] = if exam.door() == Door::DumbInit { &["-c"] } else { &[] };
    let mut run = exam.wrapped(wrapper).options(options).command(["true"]).spawn();
    assert_eq!(run.code(), 0);
    let calls = fs::read_to_string(&calls).expect("strace's");
    let reaped = calls.lines().position(|line| line.contains("wait4(") && reaps(line));
    let mut after = calls.lines().skip(reaped.expect("the program was reaped"));
    Answer::wrong_if(after.any(|line| line.contains("kill(")), "kills its number")
}

/// Whether the call returned a PID.
fn reaps(line: &str) -> bool {
    let answer = line.rsplit(" = ").next().and_then(|answer| answer.split(' ').next());
    answer.and_then(|answer| answer.parse().ok()).is_some_and(|pid: i32| pid > 0)
}
