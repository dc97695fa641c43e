//! The process table as a value: what one look at `/proc` saw. No I/O here.

use sexton_core::signal::SignalSet;
use std::collections::HashMap;

/// One process for as long as it is this one: PIDs are given away again, start times are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// In the PID namespace of the `/proc` that was read.
    pub pid: i32,
    /// Clock ticks since boot (proc_pid_stat(5), field 22).
    pub started: u64,
}

/// The letter of proc_pid_stat(5), field 3, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// `R`
    Running,
    /// `S`, and `I` of kernel threads
    Sleeping,
    /// `D`: not to be interrupted, not even by SIGKILL
    Uninterruptible,
    /// `T`: by a job-control signal
    Stopped,
    /// `t`: by a tracer
    TracingStop,
    /// `Z`: ended, not waited for
    Zombie,
    /// `X`, and whatever a later kernel may add
    Other,
}

impl State {
    /// From the letter.
    pub fn of(letter: u8) -> State {
        match letter {
            b'R' => State::Running,
            b'S' | b'I' => State::Sleeping,
            b'D' => State::Uninterruptible,
            b'T' => State::Stopped,
            b't' => State::TracingStop,
            b'Z' => State::Zombie,
            _ => State::Other,
        }
    }
}

/// What `/proc/PID/stat` and, but for kernel threads, `status`, `ns/pid` and `cgroup` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Who it is.
    pub id: Id,
    /// The command's name: at most 15 bytes, any but NUL.
    pub name: Vec<u8>,
    /// What it does.
    pub state: State,
    /// Its parent's PID; 0 if that is outside of this `/proc`.
    pub parent: i32,
    /// Its session's number; 0 if that comes from outside.
    pub session: i32,
    /// Its process group.
    pub group: i32,
    /// `PF_…` of include/linux/sched.h.
    pub flags: u32,
    /// Threads that are alive; a zombie that is all dead has 1.
    pub threads: u32,
    /// The inode of its PID namespace; `None` without the right to know (ptrace(2), READ_FSCREDS).
    pub namespace: Option<u64>,
    /// `None` for kernel threads, and where it could not be read.
    pub status: Option<Status>,
    /// `/proc/PID/cgroup`, as it is.
    pub cgroup: Vec<u8>,
}

/// `/proc/PID/status`, as far as it is needed. Everybody may read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `NSpid:` its PID in each namespace, from that of this `/proc` inwards.
    pub pids: Vec<i32>,
    /// Who traces it; 0: nobody.
    pub tracer: i32,
    /// The real user.
    pub uid: u32,
    /// Waiting for the whole process (`ShdPnd:`) or its first thread (`SigPnd:`).
    pub pending: SignalSet,
    /// The first thread's mask (`SigBlk:`).
    pub blocked: SignalSet,
    /// `SigIgn:`
    pub ignored: SignalSet,
    /// `SigCgt:`
    pub caught: SignalSet,
    /// `CapEff:`, a bit a capability.
    pub capabilities: u64,
}

impl Process {
    /// include/linux/sched.h: "Getting shut down".
    const EXITING: u32 = 0x4;
    /// "Forked but didn't exec".
    const FORKED_WITHOUT_EXEC: u32 = 0x40;
    /// "I am a kernel thread".
    const KERNEL_THREAD: u32 = 0x0020_0000;

    /// All of it is dead: a leader of threads that live on is not (it cannot be waited for).
    pub fn is_zombie(&self) -> bool {
        self.state == State::Zombie && self.threads <= 1
    }

    /// Its first thread has ended, others have not.
    pub fn leads_live_threads(&self) -> bool {
        self.state == State::Zombie && self.threads > 1
    }

    /// On its way out, and not yet a zombie.
    pub fn is_exiting(&self) -> bool {
        self.flags & Process::EXITING != 0 && self.state != State::Zombie
    }

    /// A copy of its parent that never executed anything.
    pub fn never_executed(&self) -> bool {
        self.flags & Process::FORKED_WITHOUT_EXEC != 0
    }

    /// A thread of the kernel's own.
    pub fn is_kernel_thread(&self) -> bool {
        self.flags & Process::KERNEL_THREAD != 0
    }

    /// Its PID in its own namespace.
    pub fn pid_inside(&self) -> Option<i32> {
        self.status.as_ref()?.pids.last().copied()
    }

    /// How many PID namespaces deep it is: 1 in that of this `/proc`.
    pub fn depth(&self) -> usize {
        self.status.as_ref().map_or(1, |status| status.pids.len().max(1))
    }

    /// The first process of its namespace.
    pub fn is_pid1(&self) -> bool {
        self.pid_inside() == Some(1)
    }
}

/// Everybody, as one look saw them. No moment at which all of it held at once need exist.
#[derive(Debug, Clone, Default)]
pub struct ProcTable {
    processes: Vec<Process>,
    by_pid: HashMap<i32, usize>,
    children: HashMap<i32, Vec<usize>>,
    /// When it was read, in clock ticks since boot.
    pub now: u64,
    /// Clock ticks a second.
    pub hertz: u64,
    /// How many processes are listed in `/proc`, but could not be read (`hidepid=1`).
    pub unreadable: usize,
}

impl ProcTable {
    /// In any order.
    pub fn new(mut processes: Vec<Process>, now: u64, hertz: u64) -> ProcTable {
        processes.sort_by_key(|process| process.id.pid);
        let mut by_pid = HashMap::with_capacity(processes.len());
        let mut children: HashMap<i32, Vec<usize>> = HashMap::new();
        for (index, process) in processes.iter().enumerate() {
            by_pid.insert(process.id.pid, index);
            children.entry(process.parent).or_default().push(index);
        }
        ProcTable { processes, by_pid, children, now, hertz: hertz.max(1), unreadable: 0 }
    }

    /// In the order of their PIDs.
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// The process that has this PID.
    pub fn get(&self, pid: i32) -> Option<&Process> {
        self.by_pid.get(&pid).map(|&index| &self.processes[index])
    }

    /// Whoever names this one as its parent.
    pub fn children(&self, pid: i32) -> impl Iterator<Item = &Process> {
        self.children.get(&pid).into_iter().flatten().map(|&index| &self.processes[index])
    }

    /// Seconds since it was started.
    pub fn age(&self, process: &Process) -> u64 {
        self.now.saturating_sub(process.id.started) / self.hertz
    }

    /// The same table after a second look at some: `None` means gone, or another by now.
    pub fn after(self, second: HashMap<Id, Option<Process>>, now: u64) -> ProcTable {
        let ProcTable { processes, hertz, unreadable, .. } = self;
        let mut second = second;
        let mut kept: Vec<Process> = processes
            .into_iter()
            .filter_map(|process| second.remove(&process.id).unwrap_or(Some(process)))
            .collect();
        // Whoever was not in the first look, such as a new parent.
        kept.extend(second.into_values().flatten());
        let mut table = ProcTable::new(kept, now, hertz);
        table.unreadable = unreadable;
        table
    }
}
