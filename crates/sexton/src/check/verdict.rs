//! The judgement: a pure function of the [`Record`].

use super::record::{Delivered, End, From, Life, Method, Orphan, Record};
use sexton_watch::{Hearing, Reaction};
use std::time::Duration;

/// What is wrong, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// PID 1 was still there at the end of the grace period.
    Deaf,
    /// Somebody was killed, or crashed.
    Unclean,
    /// PID 1 leaves orphans as zombies.
    NotReaping,
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub faults: Vec<Fault>,
    /// In the order of [`Record::lives`].
    pub ends: Vec<Judged>,
    pub reaps: Reaps,
}

/// One life, judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    pub how: How,
    pub told: Told,
}

/// How a process ended, by whose doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By itself, with this status.
    Itself(i32),
    /// By this signal, which it was sent and which is no SIGKILL.
    Signal(i32),
    /// By a fault of its own (SIGSEGV, SIGABRT and their like).
    Crashed(i32),
    /// SIGKILL by the kernel, because PID 1 had left.
    KilledByTeardown,
    /// SIGKILL from inside: somebody lost patience.
    KilledInside,
    /// SIGKILL by us at the end of the grace period, as a runtime does.
    KilledAtLimit,
    /// It has gone, and this kernel does not say how.
    Gone,
    /// It is still there, and cannot even be killed.
    Remains,
}

/// Whether it was ever told to end, by a signal that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    By(Delivered),
    Never,
    /// It may have been: what we watch by does not see it.
    NotSeen,
}

/// Whether PID 1 waits for strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaps {
    Yes,
    No,
    NotTried,
}

impl How {
    /// Whether this makes the stop unclean.
    pub fn is_unclean(self) -> bool {
        match self {
            How::Itself(_) | How::Signal(_) | How::Gone => false,
            How::Crashed(_)
            | How::KilledByTeardown
            | How::KilledInside
            | How::KilledAtLimit
            | How::Remains => true,
        }
    }
}

impl Verdict {
    /// `None`: how the others ended cannot be seen here.
    pub fn is_clean(&self) -> Option<bool> {
        match self.ends.iter().any(|end| end.how.is_unclean()) {
            true => Some(false),
            false => self.sees_ends().then_some(true),
        }
    }

    /// Whether everybody's end is known.
    pub fn sees_ends(&self) -> bool {
        self.ends.iter().all(|end| end.how != How::Gone)
    }
}

/// Judges one run.
pub fn judge(record: &Record) -> Verdict {
    let ends: Vec<Judged> = record
        .lives
        .iter()
        .map(|life| Judged { how: how(life, record), told: told(life, record) })
        .collect();
    let reaps = match record.orphan {
        Orphan::Reaped { .. } => Reaps::Yes,
        Orphan::LeftAsZombie => Reaps::No,
        Orphan::NotPlanted { .. } => Reaps::NotTried,
    };
    let own_zombies = record.zombies.iter().any(|zombie| zombie.parent == 1);
    let mut faults = Vec::new();
    faults.extend(record.at_limit.then_some(Fault::Deaf));
    faults.extend(ends.iter().any(|end| end.how.is_unclean()).then_some(Fault::Unclean));
    faults.extend((reaps == Reaps::No || own_zombies).then_some(Fault::NotReaping));
    Verdict { faults, ends, reaps }
}

fn how(life: &Life, record: &Record) -> How {
    let Some((at, end)) = life.end else { return How::Remains };
    match end {
        End::Exited(code) => How::Itself(code),
        End::Killed(libc::SIGKILL) => killed(life, at, record),
        End::Killed(signal) if is_fault(signal) && !was_sent(life, signal) => How::Crashed(signal),
        End::Killed(signal) => How::Signal(signal),
        End::NotTold => How::Gone,
    }
}

/// Who can have sent SIGKILL: PID 1's beginning to exit divides the others' from the kernel's.
fn killed(life: &Life, at: Duration, record: &Record) -> How {
    if record.at_limit && at >= record.grace {
        return How::KilledAtLimit;
    }
    // PID 1 itself cannot be killed from inside (pid_namespaces(7)).
    match record.teardown {
        Some(teardown) if life.pid == 1 || at >= teardown => How::KilledByTeardown,
        // Without a tracer we know PID 1's end only, which comes after everybody else's.
        Some(teardown) => match record.watch.births_and_signals {
            Method::Ptrace => How::KilledInside,
            Method::Proc if at + LOOK >= teardown => How::KilledByTeardown,
            Method::Proc => How::KilledInside,
        },
        None => How::KilledInside,
    }
}

/// As exact as ends are known by looking at the process table: some rounds of it.
const LOOK: Duration = Duration::from_millis(50);

/// Signals by which a program's own mistakes end it.
fn is_fault(signal: i32) -> bool {
    matches!(
        signal,
        libc::SIGSEGV
            | libc::SIGBUS
            | libc::SIGILL
            | libc::SIGFPE
            | libc::SIGABRT
            | libc::SIGTRAP
            | libc::SIGSYS
    )
}

/// By another process: abort(3) and raise(3) are sent by the process itself.
fn was_sent(life: &Life, signal: i32) -> bool {
    life.signals.iter().any(|one| {
        one.signal == signal
            && match one.from {
                From::Outside => true,
                From::Process(pid) => pid != life.pid,
                From::Kernel | From::Unknown => false,
            }
    })
}

/// Signals that ask a program to end, besides the stop signal itself.
fn asks_to_end(signal: i32, stop: i32) -> bool {
    signal == stop || matches!(signal, libc::SIGTERM | libc::SIGINT | libc::SIGQUIT | libc::SIGHUP)
}

fn told(life: &Life, record: &Record) -> Told {
    // We told PID 1 ourselves. It may take the signal in a way that no tracer sees.
    let asked = |one: &&Delivered| {
        asks_to_end(one.signal, record.signal) && (life.pid != 1 || one.from == From::Outside)
    };
    if let Some(first) = life.signals.iter().find(asked) {
        return Told::By(*first);
    }
    if life.pid == 1 {
        let reaction = match life.hearing {
            Hearing::Handler | Hearing::Waits | Hearing::Signalfd => Reaction::Handler,
            Hearing::Ignores => Reaction::Ignores,
            Hearing::Nothing => Reaction::Default,
            Hearing::Blocks | Hearing::Unknown => Reaction::Unknown,
        };
        let at = Duration::ZERO;
        return Told::By(Delivered { at, signal: record.signal, from: From::Outside, reaction });
    }
    // Killed by a signal that asks: so it was told, if not before our eyes.
    match (life.end, record.watch.births_and_signals) {
        (Some((at, End::Killed(signal))), _) if asks_to_end(signal, record.signal) => {
            let reaction = Reaction::Default;
            Told::By(Delivered { at, signal, from: From::Unknown, reaction })
        }
        (_, Method::Proc) => Told::NotSeen,
        (_, Method::Ptrace) if life.hearing.is_seen() || life.born.is_some() => Told::Never,
        (_, Method::Ptrace) => Told::NotSeen,
    }
}

#[cfg(test)]
mod tests;
