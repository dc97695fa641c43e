//! `/proc/PID/status`, as far as we need it (proc_pid_status(5)).

use crate::Reaction;
use std::fs;

/// One thread, or a process by its first thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// At most 15 bytes.
    pub name: String,
    /// One letter, as in ps(1).
    pub state: char,
    /// The process it belongs to.
    pub process: i32,
    /// The parent process, in the caller's PID namespace.
    pub parent: i32,
    /// The thread's number in each PID namespace, the caller's first, its own last.
    pub numbers: Vec<i32>,
    /// What it does with signals.
    pub masks: Masks,
}

/// Sets of signals: bit n-1 is signal n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Masks {
    /// `SigBlk`, of this thread.
    pub blocked: u64,
    /// `SigIgn`.
    pub ignored: u64,
    /// `SigCgt`: those with a handler.
    pub caught: u64,
    /// `ShdPnd`: those that wait for the whole process.
    pub pending: u64,
}

impl Status {
    /// Whether it is PID 1 of its own namespace.
    pub fn is_pid_1(&self) -> bool {
        self.numbers.last() == Some(&1)
    }

    /// `None` if there is no such thread any more.
    pub fn read(thread: i32) -> Option<Status> {
        let bytes = fs::read(format!("/proc/{thread}/status")).ok()?;
        Status::parse(&String::from_utf8_lossy(&bytes))
    }

    fn parse(text: &str) -> Option<Status> {
        let field = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
            line.map(str::trim)
        };
        let set = |key| field(key).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0);
        let process = field("Tgid")?.parse().ok()?;
        Some(Status {
            name: field("Name")?.to_owned(),
            state: field("State")?.chars().next()?,
            process,
            parent: field("PPid")?.parse().ok()?,
            numbers: field("NSpid")?
                .split_ascii_whitespace()
                .filter_map(|number| number.parse().ok())
                .collect(),
            masks: Masks {
                blocked: set("SigBlk"),
                ignored: set("SigIgn"),
                caught: set("SigCgt"),
                pending: set("ShdPnd"),
            },
        })
    }
}

impl Masks {
    /// What is done with this signal when it is delivered.
    pub fn reaction(&self, signal: i32) -> Reaction {
        match () {
            () if has(self.caught, signal) => Reaction::Handler,
            () if has(self.ignored, signal) => Reaction::Ignores,
            () => Reaction::Default,
        }
    }

    /// Whether this thread blocks it.
    pub fn blocks(&self, signal: i32) -> bool {
        has(self.blocked, signal)
    }
}

/// Whether `signal`, 1 to 64, is in the set.
pub fn has(set: u64, signal: i32) -> bool {
    (1..=64).contains(&signal) && set & 1 << (signal - 1) != 0
}

/// The threads of a process, by their numbers in the caller's PID namespace.
pub fn threads(process: i32) -> Vec<i32> {
    let Ok(folder) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    folder.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The arguments of a process; empty for a zombie.
pub fn command(process: i32) -> Vec<String> {
    let Ok(bytes) = fs::read(format!("/proc/{process}/cmdline")) else { return Vec::new() };
    // Who gives himself a title leaves the rest of the room empty.
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let bytes = bytes.get(..end).unwrap_or_default();
    if bytes.is_empty() {
        return Vec::new();
    }
    bytes.split(|&byte| byte == 0).map(|arg| String::from_utf8_lossy(arg).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Name:\ta b\nState:\tS (sleeping)\nTgid:\t70\nPid:\t71\nPPid:\t60\n\
        NSpid:\t71\t9\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000004000\n\
        SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\nSigCgt:\t0000000000004002\n";

    #[test]
    fn every_field_is_read() {
        let status = Status::parse(TEXT).unwrap();
        assert_eq!((status.name.as_str(), status.state), ("a b", 'S'));
        assert_eq!((status.process, status.parent), (70, 60));
        assert_eq!((status.numbers.as_slice(), status.is_pid_1()), (&[71, 9][..], false));
        assert_eq!(status.masks.reaction(libc::SIGTERM), Reaction::Handler);
        assert_eq!(status.masks.reaction(libc::SIGPIPE), Reaction::Ignores);
        assert_eq!(status.masks.reaction(libc::SIGHUP), Reaction::Default);
        assert!(status.masks.blocks(libc::SIGHUP) && has(status.masks.pending, libc::SIGTERM));
    }

    #[test]
    fn a_cut_off_file_is_no_status() {
        assert_eq!(Status::parse("Name:\ta\n"), None);
    }

    #[test]
    fn no_number_but_1_to_64_is_in_a_set() {
        assert!(!has(!0, 0) && !has(!0, 65) && !has(!0, -1) && has(1 << 63, 64));
    }
}
