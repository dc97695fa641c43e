//! What is wrong: functions of what was seen, and of nothing else. No I/O, no clock.

pub mod guests;
pub mod headroom;
pub mod programs;
pub mod reaction;
pub mod stuck;
pub mod why;
pub mod zombie;

use serde::Serialize;

/// How sure a verdict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// It may well be otherwise.
    Guess,
    /// Seldom otherwise; the evidence says why not never.
    Likely,
    /// It cannot be otherwise.
    Certain,
}

/// What it means for who runs the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// As it should be; only `--all` shows it.
    Fine,
    /// To be known, or to be found out; no reason for an exit code.
    Note,
    /// Wrong.
    Problem,
}
