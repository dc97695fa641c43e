//! What was meant: everything that makes one run of the init differ from another.

use crate::exit::{ExitCode, ExitCodes};
use crate::limits;
use crate::signal::{Signal, SignalSet};
use crate::status::WaitStatus;
use crate::time::Span;

/// The answer to every question that the supervisor and the loop have. A front door fills it in.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Who gets the signals that arrive while the main command lives.
    pub forward_to: ForwardTo,
    /// Which signal is sent in place of the one that came.
    pub rewrites: SignalMap,
    /// The signals that also mean "stop".
    pub stop_on: SignalSet,
    /// How long the whole stop may take, from the first stop signal.
    pub stop_timeout: Span,
    /// What follows the main command's end.
    pub on_exit: OnExit,
    /// How long the drain may take.
    pub drain_timeout: Span,
    /// The exit statuses that count as 0.
    pub success: ExitCodes,
    /// The signal that the init gets when its own parent dies.
    pub parent_death: Option<Signal>,
    /// What is said, and how.
    pub voice: Voice,
}

impl Policy {
    /// The native defaults: the clean stop.
    pub const NATIVE: Policy = Policy {
        forward_to: ForwardTo::Command,
        rewrites: SignalMap::IDENTITY,
        stop_on: SignalSet::EMPTY.with(Signal::TERM).with(Signal::INT).with(Signal::QUIT),
        stop_timeout: Span::FOREVER,
        on_exit: OnExit::Drain,
        drain_timeout: limits::DRAIN_TIMEOUT,
        success: ExitCodes::EMPTY,
        parent_death: None,
        voice: Voice { level: Level::Warning, orphans: Orphans::Quiet, format: Format::Text },
    };

    /// The status to end with after the main command ended like this.
    pub fn exit_code(&self, status: WaitStatus) -> Option<ExitCode> {
        let code = ExitCode::of(status)?;
        Some(if self.success.contains(code) { ExitCode::SUCCESS } else { code })
    }
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
}

/// For each signal the one that is sent in its place, or none.
#[derive(Clone, PartialEq, Eq)]
pub struct SignalMap([u8; 64]);

impl core::fmt::Debug for SignalMap {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("SignalMap")
    }
}

impl SignalMap {
    /// Every signal as it is.
    pub const IDENTITY: SignalMap = {
        let mut map = [0; 64];
        let mut place = 0;
        while place < 64 {
            map[place] = place as u8 + 1;
            place += 1;
        }
        SignalMap(map)
    };

    /// From now on `to` is sent for `from`; `None`: nothing is.
    pub fn set(&mut self, from: Signal, to: Option<Signal>) {
        if let Some(place) = self.0.get_mut(usize::from(from.number().wrapping_sub(1))) {
            *place = to.map_or(0, Signal::number);
        }
    }

    /// What is sent for this one; `None`: nothing.
    pub fn get(&self, from: Signal) -> Option<Signal> {
        let place = self.0.get(usize::from(from.number().wrapping_sub(1)))?;
        Signal::new(u32::from(*place))
    }
}

/// What is said, and how.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    /// How much.
    pub level: Level,
    /// Whether each reaped orphan is worth a warning.
    pub orphans: Orphans,
    /// For whom.
    pub format: Format,
}

/// How much there is to a message; a voice of one level says it and all above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The container did not start, or did not end as it should.
    Error,
    /// Somebody should know: a process needed KILL.
    Warning,
    /// `-v`: the life of the main command, and a closing line.
    Info,
    /// `-vv`: each signal, each process reaped.
    Debug,
}

impl Level {
    /// Of a voice that was so often asked to say more.
    pub const fn of(verbose: u32) -> Level {
        match verbose {
            0 => Level::Warning,
            1 => Level::Info,
            _ => Level::Debug,
        }
    }
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
    fn a_status_that_counts_as_success_becomes_0() {
        let mut policy = Policy::NATIVE;
        policy.success.insert(ExitCode(143));
        assert_eq!(policy.exit_code(WaitStatus::Killed(Signal::TERM)), Some(ExitCode(0)));
        assert_eq!(policy.exit_code(WaitStatus::Exited(143)), Some(ExitCode(0)));
        assert_eq!(policy.exit_code(WaitStatus::Exited(142)), Some(ExitCode(142)));
        assert_eq!(policy.exit_code(WaitStatus::Stopped(Signal::TSTP)), None);
    }
}
