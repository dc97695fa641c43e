//! The start: everything up to the moment the command runs. It may fail.

use sexton_core::accounts::Account;
use sexton_core::book::FRONT;
use sexton_core::door::Launch;
use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::{Mode, Placing, Policy, StepAside, Subreaper};
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::supervisor::Placement;
use sexton_core::words::pieces;

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

/// Starts the command. After this nothing is left that may fail. The error is what to end with; it
/// has been said why.
pub fn boot(
    policy: &Policy,
    launch: &Launch<'_>,
    inherited: &Inherited,
    user: Option<&Account<'_>>,
) -> Result<Circle, ExitCode> {
    let voice = &policy.voice;
    let failed = |step, errno| {
        report::unable(voice, Saying::CannotStart, step, errno);
        policy.own_failure
    };
    // Refused by a filter, perhaps for a moment: without it the first TERM would be lost.
    let mut mask = inherited.mask;
    let blocked = inherited.blocked.or_else(|_| sys::mask(&SignalSet::ALL, &mut mask));
    blocked.map_err(|errno| failed(Phrase::BlockSignals, errno))?;
    let own = voice.own;
    watch_parent(own, policy);
    // Ignored, it would make the kernel reap our children, and their statuses would be lost.
    let mut chld = Action::DEFAULT;
    sys::exchange_action(Signal::CHLD, &mut chld)
        .map_err(|errno| failed(Phrase::StopIgnoringChld, errno))?;
    adopt(own, policy);
    let mut circle = Circle { own, main: None, placement: Placement::Apart, group: 0 };
    if policy.mode != Mode::Pause
        && let Some(command) = inherited.arguments.command(launch.command_at)
    {
        let insists = policy.mode == Mode::Become || own.is_init() && insists(policy, command.name);
        let placing = if insists { Placing::Shared } else { policy.placing };
        let terminal = Terminal::choose(placing, own);
        let mut plan = Plan {
            command,
            inherited,
            mask: &mask,
            chld: &chld,
            terminal: &terminal,
            policy,
            user,
            settled: Ok(()),
        };
        let name = Value::Foreign(command.name);
        if insists {
            report::say(voice, Saying::SteppedAside, &[name]);
            return Err(plan.carry_out());
        }
        terminal.let_go(voice);
        let main = sys::spawn(&mut || plan.carry_out());
        let main = main.map_err(|errno| failed(Phrase::MakeProcess, errno))?;
        match plan.settled {
            Err(errno) => report::unable(voice, Saying::Unable, Phrase::GiveItsPlace, errno),
            Ok(()) if placing == Placing::Session => report::say(voice, Saying::Settled, &[]),
            Ok(()) => {}
        }
        report::say(voice, Saying::Started, &[name, main.into()]);
        circle.main = Some(main);
        circle.placement = terminal.placement();
        circle.group = match circle.placement {
            Placement::Apart => main.number(),
            Placement::WithUs => sys::group(),
        };
    }
    let_go();
    Ok(circle)
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
            let known = Phrase::Insisting.page().read(&mut room);
            pieces(known, b' ').any(|known| known == name)
        }
    }
}

/// Makes our orphaned descendants our children, where nothing else does.
fn adopt(own: Pid, policy: &Policy) {
    if own.is_init() {
        return;
    }
    if policy.subreaper == Subreaper::No {
        if !sys::is_subreaper() {
            report::say(&policy.voice, Saying::NotInit, &[]);
        }
    } else if let Err(errno) = sys::become_subreaper() {
        report::unable(&policy.voice, Saying::Unable, Phrase::BecomeSubreaper, errno);
    }
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
