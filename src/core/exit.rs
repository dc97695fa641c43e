//! Exit statuses: what the init itself ends with, in one place.

use crate::status::WaitStatus;

/// An exit status, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitCode(pub u8);

/// Why the init itself ends with a status, one row a status: `docs/exit-codes.md` is made of this.
pub const TABLE: &[(&str, &str)] = &[
    ("0", "the main command ended with 0, or with a status that `--success` names"),
    ("1-124", "the main command ended with this status"),
    ("125", "the init could not start it: bad option or value, no such user, no process to be had"),
    ("126", "the command was found but cannot be run; the line on stderr says why"),
    ("127", "the command was not found, or the interpreter or loader it asks for"),
    ("128+n", "signal n ended the main command (143: TERM, 137: KILL, 130: INT, 139: SEGV)"),
    ("other", "the main command ended with this status"),
];

impl ExitCode {
    /// The end of a run in which nothing went wrong, and of `--help`.
    pub const SUCCESS: ExitCode = ExitCode(0);
    /// The init could not start the command: bad options, or the kernel refused a process. The
    /// same as `docker run`, env(1) and timeout(1) use for their own failures.
    pub const OWN_FAILURE: ExitCode = ExitCode(125);
    /// The command is there, but cannot be run (POSIX sh, 2.8.2).
    pub const CANNOT_RUN: ExitCode = ExitCode(126);
    /// The command is not there (POSIX sh, 2.8.2).
    pub const NOT_FOUND: ExitCode = ExitCode(127);
    /// KILL ended the main command, or would have if it could be reaped.
    pub const KILLED: ExitCode = ExitCode(137);

    /// What a shell would say of a command that ended like this: its status, or 128+n.
    pub const fn of(status: WaitStatus) -> Option<ExitCode> {
        match status {
            WaitStatus::Exited(code) => Some(ExitCode(code)),
            WaitStatus::Killed(signal) => Some(ExitCode(signal.number() | 128)),
            WaitStatus::Stopped(_) | WaitStatus::Continued => None,
        }
    }
}

/// The end of the init.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Exit {
    /// With which status.
    pub code: ExitCode,
    /// Whether all is as it should be.
    pub state: ExitState,
}

/// See [`Exit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitState {
    /// The main command has ended, and nobody is left who holds us up.
    Clean,
    /// KILL did not end everyone.
    GaveUp,
    /// No child is left, and the main command was never reported.
    MainLost,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Signal;

    #[test]
    fn a_deadly_signal_is_128_more() {
        for number in 1..=64 {
            let signal = Signal::new(number).unwrap();
            let code = ExitCode::of(WaitStatus::Killed(signal));
            assert_eq!(code, Some(ExitCode(128 + number as u8)));
        }
        assert_eq!(ExitCode::of(WaitStatus::Exited(3)), Some(ExitCode(3)));
        assert_eq!(ExitCode::of(WaitStatus::Stopped(Signal::TSTP)), None);
    }
}
