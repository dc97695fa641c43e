//! How a process ended that is not our child, from the kernel.
//!
//! Its pidfd tells ([`sexton_watch::exit_status`]), Linux 6.15 and later. Before that the kernel
//! tells it to the parent alone: then we know only *that* it has gone, and say no more
//! ([`Fate::Gone`]).

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde::{Serialize, Serializer};
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// By itself, with this status.
    Exited(i32),
    /// By this signal.
    Killed(i32),
    /// It is gone, and this kernel does not say how.
    Gone,
}

impl From<ExitStatus> for Fate {
    fn from(status: ExitStatus) -> Fate {
        match (status.code(), status.signal()) {
            (Some(code), _) => Fate::Exited(code),
            (None, Some(signal)) => Fate::Killed(signal),
            (None, None) => Fate::Gone,
        }
    }
}

/// `exit 0`, `KILL`, `TERM`, `gone`.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Exited(code) => write!(f, "exit {code}"),
            Fate::Killed(libc::SIGKILL) => f.write_str("KILL"),
            Fate::Killed(libc::SIGTERM) => f.write_str("TERM"),
            Fate::Killed(signal) => write!(f, "signal {signal}"),
            Fate::Gone => f.write_str("gone"),
        }
    }
}

impl Serialize for Fate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Somebody's end, watched for from now on.
pub struct Watch {
    pidfd: Option<OwnedFd>,
}

impl Watch {
    /// `pid` must be alive, or a zombie; nobody else's end is known.
    pub fn over(pid: i32) -> Watch {
        let pid = Pid::from_raw(pid);
        Watch { pidfd: pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) }
    }

    /// To be asked after its namespace has ended, for then everybody was reaped.
    pub fn fate(&self) -> Fate {
        self.pidfd.as_ref().and_then(sexton_watch::exit_status).map_or(Fate::Gone, Fate::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn the_end_of_a_process_is_told_truly_or_not_at_all() {
        for (script, truth) in [("exit 3", Fate::Exited(3)), ("kill -9 $$", Fate::Killed(9))] {
            let mut child = Command::new("sh").args(["-c", script]).spawn().unwrap();
            let watch = Watch::over(child.id().try_into().unwrap());
            assert_eq!(watch.fate(), Fate::Gone, "not reaped yet");
            child.wait().unwrap();
            let expected = if kernel_tells() { truth } else { Fate::Gone };
            assert_eq!(watch.fate(), expected);
        }
    }

    fn kernel_tells() -> bool {
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let mut parts = release.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (6u32, 15u32)
    }
}
