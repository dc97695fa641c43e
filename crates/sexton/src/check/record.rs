//! What was seen of one run, as plain values: the judgement ([`super::verdict`]) is a function of
//! it. All times are counted from the stop signal.

use serde::Serialize;
use sexton_watch::{Hearing, Reaction};
use std::process::ExitStatus;
use std::time::Duration;

/// One run from its start to the end of everybody in it.
#[derive(Debug, Clone)]
pub struct Record {
    /// The stop signal, 1 to 64.
    pub signal: i32,
    /// How long it may take before SIGKILL.
    pub grace: Duration,
    pub watch: Watch,
    pub ready: Ready,
    pub orphan: Orphan,
    /// Zombies that were there before the stop, and stayed.
    pub zombies: Vec<Zombie>,
    /// When PID 1 was gone.
    pub gone: Duration,
    /// Whether SIGKILL had to be sent to it.
    pub at_limit: bool,
    /// When PID 1 began to exit, which is when the kernel begins to kill the others.
    pub teardown: Option<Duration>,
    /// Everybody alive at the stop signal or born later; PID 1 first.
    pub lives: Vec<Life>,
    /// What was printed last, for people.
    pub last_words: String,
}

/// How it was watched: what can be known follows from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Watch {
    pub births_and_signals: Method,
    pub ends: EndsBy,
}

/// How births and signals were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Every birth and every delivered signal.
    Ptrace,
    /// Who lives for longer than some milliseconds; no signals.
    Proc,
}

/// Where the exit statuses come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndsBy {
    /// `PIDFD_INFO_EXIT`, Linux 6.15.
    Pidfd,
    /// Wait statuses of tracees.
    Ptrace,
    /// Nothing: only PID 1's is known.
    Nothing,
}

/// How it became ready, and how long after the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ready {
    pub by: ReadyBy,
    #[serde(rename = "after_ms", serialize_with = "millis")]
    pub after: Duration,
}

/// By what it was taken for ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadyBy {
    /// Nobody was born and little was computed for a while.
    Quiet,
    /// It never became quiet, and the time for that was over.
    NeverQuiet,
    /// `--ready-after`.
    Time,
    /// `--ready-port`.
    Port,
    /// `--ready-log`.
    Log,
}

/// What became of the orphan that was planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orphan {
    Reaped { after: Duration },
    LeftAsZombie,
    NotPlanted { reason: String },
}

/// A zombie that nobody waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Zombie {
    pub pid: i32,
    pub name: String,
    pub parent: i32,
    pub parent_name: String,
}

/// One process, from the stop signal on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// In its own namespace.
    pub pid: i32,
    /// Its parent's, 0 for one outside.
    pub parent: i32,
    pub name: String,
    pub command: Vec<String>,
    /// `None`: it was there when the signal was sent.
    pub born: Option<Duration>,
    /// How it listened for the stop signal just before.
    pub hearing: Hearing,
    /// The signals that were delivered to it, in order.
    pub signals: Vec<Delivered>,
    /// `None`: it is still there.
    pub end: Option<(Duration, End)>,
}

/// A signal's arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    pub at: Duration,
    pub signal: i32,
    pub from: From,
    pub reaction: Reaction,
}

/// Who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// We, as a runtime does.
    Outside,
    Kernel,
    /// A PID in the same namespace.
    Process(i32),
    Unknown,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Exited(i32),
    Killed(i32),
    /// This kernel does not tell.
    NotTold,
}

impl std::convert::From<ExitStatus> for End {
    fn from(status: ExitStatus) -> End {
        use std::os::unix::process::ExitStatusExt;
        match (status.code(), status.signal()) {
            (Some(code), _) => End::Exited(code),
            (None, Some(signal)) => End::Killed(signal),
            (None, None) => End::NotTold,
        }
    }
}

impl Life {
    /// What it is best called.
    pub fn label(&self) -> String {
        super::words::label(&self.name, &self.command)
    }

    /// `node app.js (19)`
    pub fn named(&self) -> String {
        format!("{} ({})", self.label(), self.pid)
    }
}

impl Record {
    /// The process that was stopped.
    pub fn pid1(&self) -> Option<&Life> {
        self.lives.iter().find(|life| life.pid == 1)
    }
}

/// Milliseconds, to the microsecond.
pub fn millis<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(in_millis(*time))
}

/// As [`millis`].
pub fn in_millis(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}
