//! All that was seen, in every look. What is judged is a function of this value alone.

use crate::judge::programs::Program;
use crate::namespaces::{Key, Namespace, Namespaces};
use crate::probe::Outcome;
use crate::proc::cgroups::PidsLimit;
use crate::proc::close::CloseUp;
use crate::proc::table::{Id, ProcTable, Process};
use crate::text::{command, printable};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// Everybody, a closer view of some, and what changed between the looks.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// As of the last look.
    pub table: ProcTable,
    /// Who is where, as of the first look.
    pub namespaces: Namespaces,
    /// First processes of namespaces, their children, and who owes somebody a wait.
    pub close: HashMap<Id, CloseUp>,
    /// Whose control group is frozen, among those.
    pub frozen: HashSet<Id>,
    /// In uninterruptible sleep in both looks, among those.
    pub hung: HashSet<Id>,
    /// Zombies of the first look that were gone in the second.
    pub transient: Vec<Process>,
    /// Who was another's child at an earlier look.
    pub earlier_parents: HashMap<Id, i32>,
    /// The limits on processes of namespaces' first processes, from their group up.
    pub pids_limits: HashMap<Id, Vec<PidsLimit>>,
    /// Limits of the machine.
    pub system: SystemLimits,
    /// Who believes that a zombie lives, in words, by the zombie.
    pub believers: HashMap<Id, Vec<String>>,
    /// What became of orphans that were planted, by the namespace's first process.
    pub probes: HashMap<Id, Outcome>,
    /// Whether the first namespace is the machine's own, and not a container's seen from inside.
    pub first_is_host: bool,
    /// `/proc` shows only our own processes, and we are not root.
    pub everybody_else_is_hidden: bool,
    /// Between the two looks, in milliseconds.
    pub dwell_ms: u64,
}

/// How many threads there may be, and are, on the whole machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SystemLimits {
    /// `/proc/sys/kernel/threads-max`
    pub threads_max: Option<u64>,
    /// `/proc/sys/kernel/pid_max`
    pub pid_max: Option<u64>,
    /// Threads there are, zombies too: the fourth word of `/proc/loadavg`.
    pub threads: Option<u64>,
}

/// A process as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Who {
    /// In the namespace of this `/proc`.
    pub pid: i32,
    /// In its own.
    pub pid_inside: Option<i32>,
    /// At most 15 bytes, made printable.
    pub name: String,
    /// Its command line, made printable; its name in brackets if it has none.
    pub command: String,
}

impl Sight {
    /// How people know this one; `None` if it is not in the table.
    pub fn who(&self, pid: i32) -> Option<Who> {
        let process = self.table.get(pid)?;
        let name = printable(&process.name);
        let arguments = self.close.get(&process.id).map_or(&[][..], |close| &close.arguments);
        let command = match arguments {
            [] => format!("[{name}]"),
            arguments => command(arguments),
        };
        Some(Who { pid, pid_inside: process.pid_inside(), name, command })
    }

    /// The first process of the namespace that this one is in.
    pub fn pid1_of(&self, process: &Process) -> Option<&Process> {
        let id = self.namespaces.get(self.namespaces.of(process.id.pid)?)?.pid1?;
        self.table.get(id.pid).filter(|first| first.id == id)
    }

    /// Whether both are in the same namespace; `None` if that cannot be told.
    pub fn same_namespace(&self, a: &Process, b: &Process) -> Option<bool> {
        if a.depth() != b.depth() {
            return Some(false);
        }
        match (self.namespaces.of(a.id.pid)?, self.namespaces.of(b.id.pid)?) {
            (Key::Unknown, _) | (_, Key::Unknown) => None,
            (a, b) => Some(a == b),
        }
    }

    /// Whether it is the machine's own namespace.
    pub fn is_host(&self, namespace: &Namespace) -> bool {
        namespace.key == Key::First && self.first_is_host
    }

    /// The first process of this namespace, if anybody stops it by a signal: nobody does that to
    /// the machine's own, or to a browser's sandbox, whose owner kills it.
    pub fn stoppable(&self, namespace: &Namespace) -> Option<&Process> {
        let first = self.table.get(namespace.pid1?.pid)?;
        let sandbox = Program::of(first, self.close(first)) == Program::Sandbox;
        (!sandbox && !self.is_host(namespace)).then_some(first)
    }

    /// The closer view of this one.
    pub fn close(&self, process: &Process) -> Option<&CloseUp> {
        self.close.get(&process.id)
    }
}
