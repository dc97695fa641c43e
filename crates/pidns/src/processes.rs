//! Who lives in the namespace, read from the caller's `/proc` (proc_pid_stat(5), status(5)).
//!
//! A process may vanish between any two reads: then it is left out, and that is no error.

use std::collections::{HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::{fs, io};

/// One process, as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// In the caller's PID namespace.
    pub pid: i32,
    /// In its own namespace, where the main process is 1 (or, for
    /// [`Place::Here`](crate::Place::Here), the same as `pid`).
    pub pid_inside: i32,
    /// Its parent's `pid_inside`; 0 if the parent is outside.
    pub parent_inside: i32,
    /// One letter as in ps(1): `R` running, `S` sleeping, `Z` zombie, `T` stopped, ….
    pub state: char,
    /// At most 15 bytes, as the kernel keeps it.
    pub name: String,
    /// Its arguments; empty for a zombie.
    pub command: Vec<String>,
}

/// Everybody in the PID namespace of `pid1`, itself first, zombies too; `pid1` is the caller's
/// number for a process that may be somebody else's, such as a container's first.
///
/// Whose namespace may not be looked at (proc_pid_ns(5): a matter of ptrace rights), of that the
/// descendants are listed.
///
/// # Errors
/// `/proc` cannot be listed, or `pid1` is not there.
pub fn processes_of(pid1: i32) -> io::Result<Vec<Process>> {
    let members = match Members::of_namespace(pid1) {
        Ok(members) => members,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Members::Descendants { session: None }
        }
        Err(error) => return Err(error),
    };
    read(pid1, false, &members)
}

/// Whom [`read`] is to list.
#[derive(Debug)]
pub(crate) enum Members {
    /// Everybody whose `/proc/PID/ns/pid` is this link: the main process is PID 1 there.
    OfNamespace(PathBuf),
    /// The descendants of the main process and, if it started one, its session.
    Descendants { session: Option<i32> },
}

impl Members {
    /// To be asked while `main`, our child, is not reaped: even as a zombie it tells its namespace.
    pub(crate) fn of_namespace(main: i32) -> io::Result<Members> {
        fs::read_link(format!("/proc/{main}/ns/pid")).map(Members::OfNamespace)
    }

    /// Whether the kernel ends them all with the main process.
    pub(crate) fn die_with_main(&self) -> bool {
        matches!(self, Members::OfNamespace(_))
    }
}

/// In the order of their PIDs inside. `main_is_reaped`: its PID may be somebody else's by now.
pub(crate) fn read(main: i32, main_is_reaped: bool, members: &Members) -> io::Result<Vec<Process>> {
    let all: Vec<Entry> = fs::read_dir("/proc")?
        .flatten()
        .filter_map(|entry| std::str::from_utf8(entry.file_name().as_bytes()).ok()?.parse().ok())
        .filter_map(Entry::read)
        .collect();
    let mut chosen: Vec<&Entry> = match members {
        Members::OfNamespace(namespace) => {
            all.iter().filter(|entry| entry.namespace.as_ref() == Some(namespace)).collect()
        }
        // A PID is not given away while a session has it as its number. Now somebody has it, so
        // the session is empty, and the descendants are lost to us.
        Members::Descendants { .. } if main_is_reaped && all.iter().any(|one| one.pid == main) => {
            Vec::new()
        }
        Members::Descendants { session } => {
            let family = family(main, *session, &all);
            all.iter().filter(|entry| family.contains(&entry.pid)).collect()
        }
    };
    chosen.sort_by_key(|entry| entry.pid_inside(members));

    let inside: HashMap<i32, i32> =
        chosen.iter().map(|entry| (entry.pid, entry.pid_inside(members))).collect();
    Ok(chosen
        .iter()
        .map(|entry| Process {
            pid: entry.pid,
            pid_inside: entry.pid_inside(members),
            parent_inside: inside.get(&entry.parent).copied().unwrap_or(0),
            state: entry.state,
            name: entry.name.clone(),
            command: entry.command(),
        })
        .collect())
}

/// What the files under `/proc/PID` say.
struct Entry {
    pid: i32,
    parent: i32,
    session: i32,
    state: char,
    name: String,
    innermost: i32,
    namespace: Option<PathBuf>,
}

impl Entry {
    fn read(pid: i32) -> Option<Entry> {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        let status = fs::read(format!("/proc/{pid}/status")).ok()?;
        let namespace = fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let mut entry = parse_stat(pid, &String::from_utf8_lossy(&stat))?;
        entry.innermost = innermost_pid(&String::from_utf8_lossy(&status)).unwrap_or(pid);
        entry.namespace = namespace;
        Some(entry)
    }

    fn pid_inside(&self, members: &Members) -> i32 {
        match members {
            Members::OfNamespace(_) => self.innermost,
            Members::Descendants { .. } => self.pid,
        }
    }

    fn command(&self) -> Vec<String> {
        let Ok(bytes) = fs::read(format!("/proc/{}/cmdline", self.pid)) else { return Vec::new() };
        let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
        if bytes.is_empty() {
            return Vec::new();
        }
        bytes.split(|&byte| byte == 0).map(|arg| String::from_utf8_lossy(arg).into()).collect()
    }
}

/// `pid (name) state ppid pgrp session …`; the name may hold spaces and parentheses itself.
fn parse_stat(pid: i32, stat: &str) -> Option<Entry> {
    let (_, rest) = stat.split_once('(')?;
    let (name, rest) = rest.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    Some(Entry {
        pid,
        parent,
        session,
        state,
        name: name.to_owned(),
        innermost: pid,
        namespace: None,
    })
}

/// `NSpid:` lists the PID in each namespace, the caller's first.
fn innermost_pid(status: &str) -> Option<i32> {
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    line.split_ascii_whitespace().next_back()?.parse().ok()
}

fn family(main: i32, session: Option<i32>, all: &[Entry]) -> HashSet<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for entry in all {
        children.entry(entry.parent).or_default().push(entry.pid);
    }
    let in_session = all.iter().filter(|entry| Some(entry.session) == session);
    let is_there = all.iter().any(|entry| entry.pid == main);
    let mut family = HashSet::new();
    let mut to_visit: Vec<i32> = in_session.map(|entry| entry.pid).collect();
    to_visit.extend(is_there.then_some(main));
    while let Some(pid) = to_visit.pop() {
        if family.insert(pid) {
            to_visit.extend(children.get(&pid).into_iter().flatten());
        }
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_spaces_and_parentheses() {
        let entry = parse_stat(7, "7 (a) b (c) Z 1 7 5 0 -1 4194304").unwrap();
        assert_eq!((entry.name.as_str(), entry.state), ("a) b (c", 'Z'));
        assert_eq!((entry.parent, entry.session), (1, 5));
    }

    #[test]
    fn the_innermost_pid_is_the_last_one() {
        assert_eq!(innermost_pid("Name:\tx\nNSpid:\t4711\t12\t1\nNSpgid:\t1\n"), Some(1));
        assert_eq!(innermost_pid("Name:\tx\n"), None);
    }

    #[test]
    fn a_vanished_process_is_left_out() {
        // PIDs end at 2^22 (proc(5), pid_max), so that this one cannot be there.
        assert!(Entry::read(i32::MAX).is_none());
    }

    #[test]
    fn a_family_is_the_descendants_and_the_session() {
        let entry = |pid, parent, session| Entry {
            pid,
            parent,
            session,
            state: 'S',
            name: String::new(),
            innermost: pid,
            namespace: None,
        };
        let all = [
            entry(10, 1, 10),
            entry(11, 10, 10),
            entry(12, 11, 12),
            entry(13, 1, 10),
            entry(14, 1, 1),
        ];
        assert_eq!(family(10, None, &all), HashSet::from([10, 11, 12]));
        assert_eq!(family(10, Some(10), &all), HashSet::from([10, 11, 12, 13]));
        assert_eq!(family(99, None, &all), HashSet::new(), "the main process has gone");
    }
}
