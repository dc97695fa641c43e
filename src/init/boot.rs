//! The start: everything up to the moment the command runs. If it fails, it says so and ends.

use sexton_core::book::FRONT;
use sexton_core::course::Stage;
use sexton_core::errno::Errno;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::{Mode, Policy, StepAside, Subreaper};
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::supervisor::Began;
use sexton_core::words::is_among;

use crate::child::Plan;
use crate::report;
use crate::steps::{Steps, When};
use crate::sys::{self, Action, Descriptor, Words};
use crate::terminal::Terminal;

/// What we were given, and what the command is to be given byte for byte.
pub struct Inherited {
    /// Our own name, our options, the command.
    pub arguments: Words,
    /// All of it.
    pub environment: Words,
    /// The signals that were blocked before we blocked them all.
    pub mask: SignalSet,
    /// Whether that could be done.
    pub blocked: Result<u32, Errno>,
    /// The action for SIGCHLD, once it was exchanged.
    pub chld: Action,
}

/// Prepares the run. After this no signal is lost, and no child's end.
#[inline(never)]
pub fn prepare(policy: &Policy, inherited: &mut Inherited) {
    // Refused by a filter, perhaps for a moment: without it the first TERM would be lost.
    if inherited.blocked.is_err() {
        inherited.blocked = sys::mask(&SignalSet::ALL, &mut inherited.mask);
    }
    or_end(policy, Phrase::BlockSignals, inherited.blocked);
    watch_parent(policy);
    // Ignored, it would make the kernel reap our children, and their statuses would be lost.
    let exchanged = sys::exchange_action(Signal::CHLD, &mut inherited.chld);
    or_end(policy, Phrase::StopIgnoringChld, exchanged);
    adopt(policy);
}

/// Ends if this step of the start failed.
#[inline(never)]
fn or_end(policy: &Policy, step: Phrase, result: Result<u32, Errno>) {
    if let Err(errno) = result {
        report::unable(&policy.voice, Saying::CannotStart, step, errno);
        sys::exit(policy.own_failure);
    }
}

/// Starts the command if it is what comes first, or becomes it. After this nothing is left that
/// may fail.
#[inline(never)]
pub fn start(steps: &mut Steps<'_>) {
    let policy = steps.policy;
    if steps.has_course() {
        return steps.read_store(When::AtTheStart);
    }
    if policy.mode != Mode::Pause {
        if let Some(command) = steps.command
            && (policy.mode == Mode::Become
                || policy.voice.own.is_init() && insists(policy, command.name))
        {
            report::say(&policy.voice, Saying::SteppedAside, &[Value::Foreign(command.name)]);
            let terminal = &Terminal::Shells;
            let user = steps.user;
            sys::exit(Plan { steps, command, terminal, user, settled: Ok(()) }.carry_out());
        }
        if steps.start(Stage::Main, policy.ignored) == Began::Failed {
            sys::exit(policy.own_failure);
        }
    }
    let_go();
}

/// Whether the command wants to be PID 1, and nothing less: inits that are started by an init, as
/// by `docker run --init`.
#[inline(never)]
fn insists(policy: &Policy, name: &[u8]) -> bool {
    match policy.step_aside {
        StepAside::Always => true,
        StepAside::Never => false,
        StepAside::Auto => {
            let mut room = [0; FRONT];
            is_among(Phrase::Insisting.page().read(&mut room), name)
        }
    }
}

/// Makes our orphaned descendants our children, where nothing else does.
fn adopt(policy: &Policy) {
    if policy.voice.own.is_init() {
        return;
    }
    report::say(&policy.voice, Saying::Descendants, &[]);
    if policy.subreaper == Subreaper::No {
        if !sys::is_subreaper() {
            report::say(&policy.voice, Saying::NotInit, &[]);
        }
    } else if let Err(errno) = sys::become_subreaper() {
        report::unable(&policy.voice, Saying::Unable, Phrase::BecomeSubreaper, errno);
    }
}

/// Has us told when the parent dies (`-p`), also if it died just before we asked.
fn watch_parent(policy: &Policy) {
    let Some(signal) = policy.parent_death else { return };
    let before = sys::parent();
    if let Err(errno) = sys::set_parent_death(signal) {
        report::unable(&policy.voice, Saying::Unable, Phrase::WatchParent, errno);
    } else if sys::parent() != before {
        sys::tell_own(policy.voice.own, signal);
    }
}

/// Lets go of what is the command's and not ours, so that a pipe ends when the command closes it,
/// a file system can be unmounted, and the terminal hangs up.
fn let_go() {
    sys::go_to_root();
    const FIRST: Descriptor = Descriptor(sys::STDERR.0 + 1);
    // Where close_range(2) is missing: up to the usual limit of open files.
    const LAST: u32 = 1024;
    let end = if sys::close_from(FIRST).is_ok() { FIRST.0 } else { LAST };
    for file in (0..end).map(Descriptor) {
        if file != sys::STDERR {
            sys::close(file);
        }
    }
}
