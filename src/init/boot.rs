//! The start: everything up to the moment the command runs. It may fail.

use sexton_core::errno::Errno;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::Policy;
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::supervisor::Placement;

use crate::audience::Circle;
use crate::child::Plan;
use crate::report;
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
}

/// A step without which there is no container did not work; it has been said.
pub struct SetupError;

/// Starts the command. After this nothing is left that may fail.
pub fn boot(
    policy: &Policy,
    command_at: usize,
    inherited: &Inherited,
) -> Result<Circle, SetupError> {
    let voice = &policy.voice;
    let failed = |step, errno| {
        report::unable(voice, Saying::CannotStart, step, errno);
        SetupError
    };
    // Refused by a filter, perhaps for a moment: without it the first TERM would be lost.
    let mut mask = inherited.mask;
    let blocked = inherited.blocked.or_else(|_| sys::mask(&SignalSet::ALL, &mut mask));
    blocked.map_err(|errno| failed(Phrase::BlockSignals, errno))?;
    let own = voice.own;
    let command = inherited.arguments.command(command_at).ok_or(SetupError)?;
    watch_parent(own, policy);
    // Ignored, it would make the kernel reap our children, and their statuses would be lost.
    let mut chld = Action::DEFAULT;
    sys::exchange_action(Signal::CHLD, &mut chld)
        .map_err(|errno| failed(Phrase::StopIgnoringChld, errno))?;
    if !own.is_init()
        && let Err(errno) = sys::become_subreaper()
    {
        report::unable(voice, Saying::Unable, Phrase::BecomeSubreaper, errno);
    }
    let terminal = Terminal::find(own);
    terminal.let_go(own);
    let environment = inherited.environment;
    let failure = &policy.exec_failure;
    let plan = Plan {
        command,
        environment,
        mask: &mask,
        chld: &chld,
        terminal: &terminal,
        voice,
        failure,
    };
    let main = sys::spawn(&mut || plan.carry_out());
    let main = main.map_err(|errno| failed(Phrase::MakeProcess, errno))?;
    let_go();
    let values = [Value::Foreign(command.name), main.into()];
    report::say(voice, Saying::Started, &values);
    let placement = terminal.placement();
    let group = match placement {
        Placement::Apart => main.number(),
        Placement::WithUs => sys::group(),
    };
    Ok(Circle { own, main, placement, group })
}

/// Has us told when the parent dies (`-p`), also if it died just before we asked.
fn watch_parent(own: Pid, policy: &Policy) {
    let Some(signal) = policy.parent_death else { return };
    let before = sys::parent();
    if let Err(errno) = sys::set_parent_death(signal) {
        report::unable(&policy.voice, Saying::Unable, Phrase::WatchParent, errno);
    } else if sys::parent() != before {
        sys::tell_own(own, signal);
    }
}

/// Lets go of what is the command's and not ours, so that a pipe ends when the command closes it,
/// a file system can be unmounted, and the terminal hangs up.
fn let_go() {
    const FIRST: Descriptor = Descriptor(sys::STDERR.0 + 1);
    // Where close_range(2) is missing: up to the usual limit of open files.
    const LAST: u32 = 1024;
    let end = if sys::close_from(FIRST).is_ok() { FIRST.0 } else { LAST };
    for file in (0..end).map(Descriptor) {
        if file != sys::STDERR {
            sys::close(file);
        }
    }
    sys::go_to_root();
}
