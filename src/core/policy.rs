//! What was meant: everything that makes one run of the init differ from another.

use crate::door::Door;
use crate::errno::Errno;
use crate::exit::ExitCode;
use crate::limits;
use crate::process::Pid;
use crate::signal::{Signal, SignalSet};
use crate::status::WaitStatus;
use crate::time::Span;

/// The answer to every question that the supervisor and the loop have. A front door fills it in.
#[derive(Clone, Debug)]
#[repr(C)] // in this order, the large ones last: so the code that reaches the others is shorter
pub struct Policy {
    /// How long the first stop signal is held before it is forwarded.
    pub stop_delay: Span,
    /// How long the whole stop may take, from the first stop signal.
    pub stop_timeout: Span,
    /// How long the drain may take.
    pub drain_timeout: Span,
    /// How long a program that was told to stop may take before it gets KILL, it alone.
    pub grace: Span,
    /// The signals after which we stop ourselves, once they were forwarded.
    pub suspend_on: SignalSet,
    /// The signals that also mean "stop".
    pub stop_on: SignalSet,
    /// The signals that every program we start ignores.
    pub ignored: SignalSet,
    /// What is said, and how.
    pub voice: Voice,
    /// Whether there is a main command.
    pub mode: Mode,
    /// Whether the main command may become PID 1 itself.
    pub step_aside: StepAside,
    /// Where the main command is placed.
    pub placing: Placing,
    /// Whether orphaned descendants become our children.
    pub subreaper: Subreaper,
    /// The signal that the init gets when its own parent dies.
    pub parent_death: Option<Signal>,
    /// Who gets the signals that arrive while the main command lives.
    pub forward_to: ForwardTo,
    /// What follows the main command's end.
    pub on_exit: OnExit,
    /// What we end with if we could not start the main command.
    pub own_failure: ExitCode,
    /// What we end with if the main command could not be run.
    pub exec_failure: ExecFailure,
    /// What becomes of a text file that names no interpreter.
    pub plain_text: PlainText,
    /// How many stop signals are heard.
    pub stops_heard: StopsHeard,
    /// What we end with after a stop signal; `None`: as the main command did.
    pub stopped: Option<ExitCode>,
    /// What we end with after a startup file or a hook that failed; `None`: as the startup file
    /// did, or as the main command in spite of the hook.
    pub step_failure: Option<ExitCode>,
    /// Whether the original is followed in what it does wrong.
    pub faithful: Faithful,
    /// Which signal is sent in place of the one that came.
    pub rewrites: SignalMap,
    /// The exit statuses that count as another.
    pub codes: CodeMap,
}

/// TERM, INT and QUIT: what asks for a stop everywhere.
pub const STOPS: SignalSet =
    SignalSet::EMPTY.with(Signal::TERM).with(Signal::INT).with(Signal::QUIT);

impl Policy {
    /// The native defaults: the clean stop. A function, as most of the value is nothing but zeros,
    /// which a constant would have in the program.
    pub const fn native() -> Policy {
        Policy {
            mode: Mode::Run,
            step_aside: StepAside::Auto,
            placing: Placing::ByTerminal,
            subreaper: Subreaper::Automatic,
            parent_death: None,
            forward_to: ForwardTo::Command,
            rewrites: SignalMap::IDENTITY,
            suspend_on: SignalSet::EMPTY,
            stop_on: STOPS,
            stop_delay: Span::NONE,
            stop_timeout: Span::FOREVER,
            on_exit: OnExit::Drain,
            drain_timeout: limits::DRAIN_TIMEOUT,
            grace: Span::FOREVER,
            ignored: SignalSet::EMPTY,
            plain_text: PlainText::ByShell,
            stops_heard: StopsHeard::All,
            stopped: None,
            step_failure: None,
            faithful: Faithful::InWhatIsRight,
            codes: CodeMap::IDENTITY,
            own_failure: ExitCode::OWN_FAILURE,
            exec_failure: ExecFailure::SHELL,
            voice: Voice {
                door: Door::Native,
                own: Pid::NOBODY,
                level: 1,
                orphans: Orphans::Quiet,
                format: Format::Text,
            },
        }
    }

    /// The status to end with after the main command ended like this.
    pub fn exit_code(&self, status: WaitStatus) -> Option<ExitCode> {
        if let (WaitStatus::Killed(_), Faithful::InEverything) = (status, self.faithful) {
            return Some(ExitCode::SUCCESS);
        }
        ExitCode::of(status).map(|code| self.codes.get(code))
    }
}

/// Whether there is a main command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// There is.
    Run,
    /// There is none: we only reap, and end with 0 on INT or TERM.
    Pause,
    /// There is, and it takes our place, wherever that is: we are no init. It runs as another user,
    /// who is named by name alone, and is told in `USER` and `UID` too.
    Become,
}

/// Whether a main command takes our place as PID 1: some programs insist on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepAside {
    /// If it is one of those that are known to insist.
    Auto,
    /// Whatever it is.
    Always,
    /// It does not.
    Never,
}

/// Where the main command is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placing {
    /// As the terminal asks for; see `src/init/terminal.rs`.
    ByTerminal,
    /// The same, but where there is no terminal in a session of its own.
    Session,
    /// Where we are, whatever there is.
    Shared,
}

/// Whether orphaned descendants become our children where we are not PID 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subreaper {
    /// They do.
    Automatic,
    /// They do: it was asked for.
    Always,
    /// They do not, which is said.
    No,
}

/// What we end with if the main command could not be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExecFailure {
    /// It is not there.
    pub not_found: ExitCode,
    /// It is there, and may not be run.
    pub denied: ExitCode,
    /// It is there, and cannot be run for another reason.
    pub other: ExitCode,
}

impl ExecFailure {
    /// As every shell does (POSIX sh, 2.8.2).
    pub const SHELL: ExecFailure = ExecFailure {
        not_found: ExitCode::NOT_FOUND,
        denied: ExitCode::CANNOT_RUN,
        other: ExitCode::CANNOT_RUN,
    };

    /// The same for every reason.
    pub const fn all(code: ExitCode) -> ExecFailure {
        ExecFailure { not_found: code, denied: code, other: code }
    }

    /// For an execve(2) that failed like this.
    pub const fn code(&self, errno: Errno) -> ExitCode {
        match errno {
            Errno::NOENT | Errno::NOTDIR => self.not_found,
            Errno::ACCES => self.denied,
            _ => self.other,
        }
    }
}

/// What becomes of a text file that execve(2) refuses, as it names no interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainText {
    /// The shell runs it, as from every shell.
    ByShell,
    /// It cannot be run.
    Refused,
}

/// How many stop signals are heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopsHeard {
    /// All: the main command may make something of a second one.
    All,
    /// The first, before the drain: from then on the stop goes its way.
    First,
}

/// How far an original is followed (`SEXTON_STRICT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faithful {
    /// In whatever a working image can depend on.
    InWhatIsRight,
    /// Also where it loses a status or leaves out a part of the stop.
    InEverything,
}

/// Who gets the signals that arrive while the main command lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForwardTo {
    /// The main command alone: programs with workers tell them themselves.
    Command,
    /// Its process group.
    Group,
    /// Everyone: as PID 1 the whole namespace, else our descendants.
    Everyone,
}

/// What follows the main command's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnExit {
    /// The others are told to end, and waited for.
    Drain,
    /// The others are waited for: for servers that daemonise.
    Wait,
    /// Nothing: exit at once, as tini does. As PID 1 that is SIGKILL for the others.
    Leave,
    /// TERM to those who got the main command's signals, and exit at once, as dumb-init does.
    Farewell,
}

/// For each signal the one that is sent in its place, or none.
#[derive(Clone, PartialEq, Eq)]
pub struct SignalMap(
    /// By how much, as bits, the one differs from the other: of nothing but zeros is the identity.
    [u8; 64],
);

impl core::fmt::Debug for SignalMap {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("SignalMap")
    }
}

impl SignalMap {
    /// Every signal as it is.
    pub const IDENTITY: SignalMap = SignalMap([0; 64]);

    /// From now on `to` is sent for `from`; `None`: nothing is.
    pub fn set(&mut self, from: Signal, to: Option<Signal>) {
        if let Some(place) = self.0.get_mut(usize::from(from.number().wrapping_sub(1))) {
            *place = from.number() ^ to.map_or(0, Signal::number);
        }
    }

    /// What is sent for this one; `None`: nothing.
    pub fn get(&self, from: Signal) -> Option<Signal> {
        let place = self.0.get(usize::from(from.number().wrapping_sub(1)))?;
        Signal::new((from.number() ^ *place).into())
    }
}

/// For each exit status the one that it counts as.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeMap(
    /// As in [`SignalMap`].
    [u8; 256],
);

impl core::fmt::Debug for CodeMap {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("CodeMap")
    }
}

impl CodeMap {
    /// Every status as it is.
    pub const IDENTITY: CodeMap = CodeMap([0; 256]);

    /// From now on `from` counts as `to`.
    pub fn set(&mut self, from: ExitCode, to: ExitCode) {
        if let Some(place) = self.0.get_mut(usize::from(from.0)) {
            *place = from.0 ^ to.0;
        }
    }

    /// What this one counts as.
    pub fn get(&self, from: ExitCode) -> ExitCode {
        ExitCode(from.0 ^ self.0.get(usize::from(from.0)).copied().unwrap_or(0))
    }
}

/// What is said, and how.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// In whose words.
    pub door: Door,
    /// Our own number, which some of them name.
    pub own: Pid,
    /// How much: 0, what kept the container from starting or from ending as it should; 1, also
    /// what somebody should know; 2, also the life of the main command; from 3 on each signal and
    /// each process reaped.
    pub level: u8,
    /// Whether each reaped orphan is worth a warning.
    pub orphans: Orphans,
    /// For whom.
    pub format: Format,
}

/// Whether each reaped orphan is said (`-w`), as an application that leaves orphans has a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orphans {
    /// Only at `-vv`.
    Quiet,
    /// As a warning.
    Said,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `sexton-init: …`, for people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewrite_changes_one_signal_and_no_other() {
        for from in (1..=64).filter_map(Signal::new) {
            for to in (1..=64).map(Signal::new).chain([None]) {
                let mut map = SignalMap::IDENTITY;
                map.set(from, to);
                for other in (1..=64).filter_map(Signal::new) {
                    assert_eq!(map.get(other), if other == from { to } else { Some(other) });
                }
            }
        }
    }

    #[test]
    fn a_command_that_cannot_be_run_ends_as_a_shell_or_as_the_door_says() {
        let codes = ExecFailure { not_found: ExitCode(1), denied: ExitCode(2), other: ExitCode(3) };
        for number in 1..=4095 {
            let expected = match number {
                2 | 20 => 1,
                13 => 2,
                _ => 3,
            };
            assert_eq!(codes.code(Errno(number)), ExitCode(expected), "{number}");
            assert_eq!(ExecFailure::all(ExitCode(9)).code(Errno(number)), ExitCode(9));
        }
        let shell = [2, 13, 8].map(|number| ExecFailure::SHELL.code(Errno(number)).0);
        assert_eq!(shell, [127, 126, 126]);
    }

    #[test]
    fn a_status_counts_as_another_one_and_no_other_does() {
        let all = || (0..=255).map(ExitCode);
        for from in all() {
            let mut map = CodeMap::IDENTITY;
            for to in all() {
                map.set(from, to);
                assert_eq!(map.get(from), to);
            }
            for other in all() {
                assert_eq!(map.get(other), if other == from { ExitCode(255) } else { other });
            }
        }
        let mut policy = Policy::native();
        policy.codes.set(ExitCode(143), ExitCode(0));
        assert_eq!(policy.exit_code(WaitStatus::Killed(Signal::TERM)), Some(ExitCode(0)));
        assert_eq!(policy.exit_code(WaitStatus::Exited(143)), Some(ExitCode(0)));
        assert_eq!(policy.exit_code(WaitStatus::Exited(142)), Some(ExitCode(142)));
        assert_eq!(policy.exit_code(WaitStatus::Stopped(Signal::TSTP)), None);
    }
}
