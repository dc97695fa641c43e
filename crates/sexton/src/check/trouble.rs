//! Why there is no verdict. One line for people, and what the command said last.

use super::advice::is_shell_name;
use super::exit;
use super::output::Output;
use super::record::End;
use super::words::seconds;
use std::fmt;
use std::time::Duration;

/// Why there is no verdict.
#[derive(Debug)]
pub enum NoVerdict {
    /// It could not be started, or not be watched.
    Cannot(String),
    /// Nothing was left to stop.
    EndedEarly { name: String, end: End, after: Duration, last_words: String },
    /// What was waited for did not come.
    NotReady { what: String, after: Duration, last_words: String },
    /// A fork bomb.
    ForksWithoutEnd { processes: usize },
}

impl NoVerdict {
    pub fn exit_code(&self) -> u8 {
        match self {
            NoVerdict::EndedEarly { .. } => exit::ENDED_EARLY,
            NoVerdict::Cannot(_)
            | NoVerdict::NotReady { .. }
            | NoVerdict::ForksWithoutEnd { .. } => crate::CANNOT,
        }
    }

    /// With what was printed last, where it has to do with it.
    pub fn quoting(self, output: &Output) -> NoVerdict {
        match self {
            NoVerdict::EndedEarly { name, end, after, .. } => {
                NoVerdict::EndedEarly { name, end, after, last_words: output.last_words() }
            }
            other => other,
        }
    }

    /// What the command printed last; empty if that has nothing to do with it.
    pub fn last_words(&self) -> &str {
        match self {
            NoVerdict::EndedEarly { last_words, .. } | NoVerdict::NotReady { last_words, .. } => {
                last_words
            }
            NoVerdict::Cannot(_) | NoVerdict::ForksWithoutEnd { .. } => "",
        }
    }
}

impl fmt::Display for NoVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoVerdict::Cannot(reason) => f.write_str(reason),
            NoVerdict::EndedEarly { name, end, after, last_words } => {
                let after = seconds(*after);
                write!(f, "`{name}` ended by itself ({end}) {after} after its start, ")?;
                f.write_str("before it could be told to stop: there is nothing to judge")?;
                match end {
                    End::Exited(126 | 127) => f.write_str("; a command in it was not found?"),
                    End::Killed(libc::SIGSEGV) => {
                        f.write_str("; for a PID 1 this is also what abort() comes to")
                    }
                    _ if is_shell_name(name) || last_words.contains("tty") => {
                        f.write_str("; if it needs a terminal, try --tty")
                    }
                    _ => Ok(()),
                }
            }
            NoVerdict::NotReady { what, after, .. } => {
                write!(f, "it is not ready after {}: {what}", seconds(*after))
            }
            NoVerdict::ForksWithoutEnd { processes } => write!(
                f,
                "it had {processes} processes and went on forking: it was killed, and not judged"
            ),
        }
    }
}

impl From<String> for NoVerdict {
    fn from(reason: String) -> NoVerdict {
        NoVerdict::Cannot(reason)
    }
}
