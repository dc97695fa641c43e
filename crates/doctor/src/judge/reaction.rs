//! Will this process react to its stop signal?
//!
//! The kernel drops, when it is sent, every signal for which PID 1 has the default action and
//! which it does not block (kernel/signal.c, `sig_task_ignored`). So PID 1 needs a handler, a
//! signalfd, or has to be waiting for signals; and it is asked in the order in which one hides
//! another: while rt_sigtimedwait sleeps, what it waits for is not blocked, and `/proc` shows tini
//! exactly as it shows sleep.

use super::Confidence;
use super::programs::Program;
use super::why::Why;
use crate::proc::close::{Call, CloseUp, Sample};
use crate::proc::table::{Process, State};
use crate::sight::Sight;
use serde::Serialize;
use sexton_core::signal::Signal;

/// What will happen when the stop signal comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It will do something; what its own handler does is not to be seen.
    Reacts,
    /// It will leave, and the kernel will kill what it leaves behind.
    ReactsUncleanly,
    /// It will react when something else has ended.
    Deferred,
    /// Nothing will happen until the runtime's SIGKILL.
    Deaf,
    /// What was seen fits both.
    Unsure,
    /// It is ending already.
    Ending,
}

/// Nothing at all happens before it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pause {
    /// By a stop signal.
    Stopped,
    /// By a tracer.
    Traced,
    /// By its control group (`docker pause`).
    Frozen,
}

/// The whole verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// What will happen.
    pub answer: Answer,
    /// How sure that is.
    pub confidence: Confidence,
    /// Why.
    pub why: Why,
    /// Whether it is held just now.
    pub pause: Option<Pause>,
}

impl Reaction {
    /// Whether another moment cannot show anything else.
    pub fn is_settled(&self) -> bool {
        match self.answer {
            Answer::Reacts | Answer::ReactsUncleanly => self.why != Why::AwaitedUnread,
            Answer::Ending => true,
            Answer::Deaf | Answer::Deferred | Answer::Unsure => self.why == Why::Ignored,
        }
    }
}

fn verdict(answer: Answer, confidence: Confidence, why: Why) -> Reaction {
    Reaction { answer, confidence, why, pause: None }
}

/// Judges a process that was looked at closely.
pub fn judge(sight: &Sight, process: &Process, signal: Signal) -> Reaction {
    if process.is_zombie() || process.is_exiting() {
        return verdict(Answer::Ending, Confidence::Certain, Why::Ending);
    }
    let own = match process.is_pid1() {
        true => as_pid1(sight, process, signal),
        false => as_any_other(sight, process, signal),
    };
    let program = Program::of(process, sight.close(process));
    let whole = match own.answer {
        Answer::Reacts if program.forwards() => forwarded(sight, process, signal, own),
        Answer::Reacts if program == Program::Systemd && signal == Signal::TERM => {
            verdict(Answer::Deaf, Confidence::Certain, Why::Reexecutes)
        }
        _ => own,
    };
    Reaction { pause: pause(sight, process), ..whole }
}

fn pause(sight: &Sight, process: &Process) -> Option<Pause> {
    match process.state {
        State::Stopped => Some(Pause::Stopped),
        State::TracingStop => Some(Pause::Traced),
        _ => sight.frozen.contains(&process.id).then_some(Pause::Frozen),
    }
}

/// The first process of a namespace: the default action is none.
fn as_pid1(sight: &Sight, process: &Process, signal: Signal) -> Reaction {
    use Answer::{Deaf, Reacts, Unsure};
    use Confidence::{Certain, Guess, Likely};
    let (Some(status), Some(close)) = (&process.status, sight.close(process)) else {
        return verdict(Unsure, Guess, Why::Unread);
    };
    if status.ignored.contains(signal) {
        return verdict(Deaf, Certain, Why::Ignored);
    }
    if let Some(mut reaction) = awaited(close, signal) {
        // What was not blocked before the wait is dropped all the same, and `/proc` shows both
        // alike. Inits know that; of others it is only likely.
        if reaction.why == Why::Awaited && !Program::of(process, Some(close)).forwards() {
            reaction.confidence = Likely;
        }
        return reaction;
    }
    if status.caught.contains(signal) {
        return handler(sight, process, close, signal);
    }
    let blocked = status.blocked.contains(signal);
    match (is_readable(close), blocked) {
        (true, true) => verdict(Deaf, Certain, Why::Blocked),
        (true, false) if Program::of(process, Some(close)) == Program::Shell => {
            verdict(Deaf, Certain, Why::DefaultOfShell)
        }
        (true, false) => verdict(Deaf, Certain, Why::Default),
        (false, _) if Program::of(process, Some(close)).forwards() => {
            verdict(Reacts, Likely, Why::KnownInit)
        }
        // It blocks it for some reason, most likely to wait for it.
        (false, true) => verdict(Unsure, Guess, Why::BlockedUnread),
        (false, false) => verdict(Deaf, Likely, Why::DefaultUnread),
    }
}

/// Anybody else: the default action ends it.
fn as_any_other(sight: &Sight, process: &Process, signal: Signal) -> Reaction {
    use Answer::{Deaf, Reacts};
    use Confidence::{Certain, Guess, Likely};
    let (Some(status), Some(close)) = (&process.status, sight.close(process)) else {
        return verdict(Answer::Unsure, Guess, Why::Unread);
    };
    let program = Program::of(process, Some(close));
    let behind = living_children(sight, process);
    match () {
        () if status.ignored.contains(signal) => verdict(Deaf, Certain, Why::Ignored),
        () if program == Program::Launcher && !behind.is_empty() => {
            verdict(Answer::ReactsUncleanly, Likely, Why::LeavesBehind { leaver: None, behind })
        }
        () if status.caught.contains(signal) => match program {
            // Not being PID 1 it dies of its own signal when it has no other handler.
            Program::Node => verdict(Reacts, Likely, Why::Handler),
            _ => handler(sight, process, close, signal),
        },
        () if status.blocked.contains(signal) => {
            awaited(close, signal).unwrap_or(match is_readable(close) {
                true => verdict(Deaf, Likely, Why::Blocked),
                false => verdict(Answer::Unsure, Guess, Why::BlockedUnread),
            })
        }
        () if program == Program::Shell && !behind.is_empty() => {
            verdict(Answer::ReactsUncleanly, Likely, Why::LeavesBehind { leaver: None, behind })
        }
        () => verdict(Reacts, Certain, Why::DefaultEnds),
    }
}

/// Whether a thread waits for it, or a signalfd takes it.
fn awaited(close: &CloseUp, signal: Signal) -> Option<Reaction> {
    use Confidence::{Certain, Likely};
    for sample in &close.samples {
        match waiting(sample, signal) {
            Some(true) => return Some(verdict(Answer::Reacts, Certain, Why::Awaited)),
            Some(false) => return Some(verdict(Answer::Reacts, Likely, Why::AwaitedUnread)),
            None => {}
        }
    }
    let in_signalfd = close.signalfds.iter().flatten().any(|set| set.contains(signal));
    let last = close.samples.last()?;
    let first = last.threads.first()?;
    let all_block = last.threads.iter().all(|thread| thread.blocked.contains(signal));
    match (in_signalfd, first.blocked.contains(signal), all_block) {
        (true, true, true) => Some(verdict(Answer::Reacts, Certain, Why::Signalfd)),
        (true, true, false) => {
            Some(verdict(Answer::Unsure, Confidence::Guess, Why::SignalfdOtherThread))
        }
        // With a handler it goes there; without one it is dropped.
        (true, false, _) if !last.status.caught.contains(signal) => {
            Some(verdict(Answer::Deaf, Certain, Why::SignalfdUnblocked))
        }
        _ => None,
    }
}

/// `Some(false)`: it waits for signals, for which could not be read.
///
/// Signals are checked against the first thread's mask when they are sent: another thread may wait
/// for them only if the first one blocks them.
fn waiting(sample: &Sample, signal: Signal) -> Option<bool> {
    let kept_by_first = sample.threads.first()?.blocked.contains(signal);
    let eligible = sample.threads.iter().enumerate();
    let eligible = eligible.filter(|(index, _)| *index == 0 || kept_by_first);
    let answers = eligible.filter_map(|(_, thread)| match thread.call {
        Call::SignalWait(Some(set)) => set.contains(signal).then_some(true),
        Call::SignalWait(None) => Some(false),
        _ => None,
    });
    answers.max()
}

/// Whether system calls and open files could be read.
fn is_readable(close: &CloseUp) -> bool {
    let threads = || close.samples.iter().flat_map(|sample| &sample.threads);
    close.signalfds.is_some()
        && threads().next().is_some()
        && threads().all(|thread| thread.call != Call::Unreadable)
}

/// There is a handler; some are known to do nothing, or not now.
fn handler(sight: &Sight, process: &Process, close: &CloseUp, signal: Signal) -> Reaction {
    use Answer::{Reacts, ReactsUncleanly, Unsure};
    use Confidence::{Guess, Likely};
    let threads = || close.samples.iter().flat_map(|sample| &sample.threads);
    if threads().next().is_some() && threads().all(|thread| thread.blocked.contains(signal)) {
        return verdict(Unsure, Guess, Why::HandlerBlocked);
    }
    match Program::of(process, Some(close)) {
        Program::Shell => shell(sight, process, close),
        Program::Node => verdict(Unsure, Guess, Why::NodeHandler),
        Program::Launcher => {
            let behind = living_children(sight, process);
            match behind.is_empty() {
                true => verdict(Reacts, Likely, Why::Handler),
                false => {
                    let why = Why::LeavesBehind { leaver: None, behind };
                    verdict(ReactsUncleanly, Likely, why)
                }
            }
        }
        _ => verdict(Reacts, Likely, Why::Handler),
    }
}

/// A trap runs when the foreground child has ended. Background jobs of a shell without job control
/// ignore INT and QUIT (POSIX, 2.11), and that survives exec. INT is the one to ask for: bash
/// itself ignores QUIT, and Go takes it.
fn shell(sight: &Sight, process: &Process, close: &CloseUp) -> Reaction {
    use Confidence::{Guess, Likely};
    let did = |call| {
        let calls = close.samples.iter().filter_map(|sample| sample.threads.first());
        calls.into_iter().any(|thread| thread.call == call)
    };
    // dash and busybox, in `wait`.
    if did(Call::SignalSuspend) {
        return verdict(Answer::Reacts, Likely, Why::ShellWaits);
    }
    if is_readable(close) && !did(Call::ChildWait) {
        return verdict(Answer::Reacts, Likely, Why::Handler);
    }
    let children = sight.table.children(process.id.pid).filter(|child| !child.is_zombie());
    let ignores = |one: &Process| {
        let ignored = one.status.as_ref().map(|status| status.ignored);
        ignored.is_some_and(|set| set.contains(Signal::INT))
    };
    let suspends = SUSPENDING.iter().any(|name| close.executes(name)) && did(Call::ChildWait);
    let waited_for = match suspends {
        true => children.max_by_key(|child| child.id.started),
        false => children.into_iter().find(|child| !ignores(child) || ignores(process)),
    };
    let Some(child) = waited_for else {
        return verdict(Answer::Reacts, Likely, Why::ShellWaits);
    };
    let (pid, age_s) = (child.id.pid, sight.table.age(child));
    // node resets what is ignored, so that in the background it looks as in the foreground; and
    // children of a shell that was started ignoring INT ignore it in the foreground too.
    let node = Program::of(child, sight.close(child)) == Program::Node;
    match age_s {
        _ if !suspends && (node || ignores(process)) => {
            verdict(Answer::Unsure, Guess, Why::ForegroundOrNot { pid })
        }
        0..GRACE_S => verdict(Answer::Unsure, Guess, Why::ShortForeground { pid, age_s }),
        _ => verdict(Answer::Deferred, Likely, Why::Foreground { pid, age_s }),
    }
}

/// Shells that sleep in rt_sigsuspend(2) when they `wait`: in wait4(2) the child is in the
/// foreground. bash is in wait4 for both.
const SUSPENDING: [&str; 4] = ["dash", "busybox", "busybox-static", "ash"];

/// A foreground child younger than what a runtime waits may be one of many short ones, as in
/// `while :; do sleep 1; done`.
const GRACE_S: u64 = 10;

fn living_children(sight: &Sight, process: &Process) -> Vec<i32> {
    let children = sight.table.children(process.id.pid).filter(|one| !one.is_zombie());
    children
        .filter(|one| sight.same_namespace(one, process) != Some(false))
        .map(|one| one.id.pid)
        .collect()
}

/// The child that an init passes signals to: forked first. Strangers that it adopts come later.
pub fn main_command<'s>(sight: &'s Sight, init: &Process) -> Option<&'s Process> {
    let children = living_children(sight, init).into_iter().filter_map(|pid| sight.table.get(pid));
    children.min_by_key(|one| (one.id.started, one.id.pid))
}

/// It passes the signal on: what counts is its main command, and what that leaves behind.
fn forwarded(sight: &Sight, init: &Process, signal: Signal, own: Reaction) -> Reaction {
    let Some(main) = main_command(sight, init) else { return own };
    let leaves = Program::of(init, sight.close(init)) == Program::Init;
    let main_pid = main.id.pid;
    let theirs = as_any_other(sight, main, signal);
    match (theirs.answer, theirs.why) {
        (Answer::Deaf, _) => {
            verdict(Answer::Deaf, theirs.confidence, Why::MainIsDeaf { main: main_pid })
        }
        (Answer::Deferred, why) => verdict(Answer::Deferred, theirs.confidence, why),
        (Answer::Unsure, why) if !matches!(why, Why::Unread | Why::BlockedUnread) => {
            verdict(Answer::Unsure, theirs.confidence, why)
        }
        (Answer::ReactsUncleanly, Why::LeavesBehind { behind, .. }) if leaves => {
            let why = Why::LeavesBehind { leaver: Some(main_pid), behind };
            verdict(Answer::ReactsUncleanly, theirs.confidence, why)
        }
        _ => own,
    }
}

#[cfg(test)]
mod tests;
