//! A model of the kernel's process table, as far as an init can see it: who is whose child, in
//! which group, with which signals waiting. What is modelled is said by its functions, each with
//! the place in the kernel that it follows; what is not, by `docs/reliability.md`.

mod life;
mod proc;
mod signals;

pub use life::{ForkError, WaitError};
pub use signals::{Code, Delivered, Info, Outcome, Sender, bit};

use crate::fact::Fact;
use sexton_core::signal::Signal;

/// A process for ever: its place in the table, which no other gets. Its number may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Task(pub usize);

/// Where in its life a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs, or sleeps until something comes.
    Running,
    /// It was stopped, and hears nothing but CONT and KILL.
    Stopped,
    /// It has ended with this wait status, and was not reaped.
    Zombie(u32),
    /// It was reaped.
    Gone,
}

/// Who reaps a process's children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaps {
    /// It does, soon after they ended.
    Soon,
    /// Nobody, until it has ended itself.
    Never,
    /// The kernel: it ignores CHLD.
    Kernel,
}

/// A process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent; `None` if that is outside the namespace.
    pub parent: Option<Task>,
    /// In the order in which wait4 looks at them.
    pub children: Vec<Task>,
    /// Its process group; 0 is one outside the namespace.
    pub group: u32,
    /// Its session.
    pub session: u32,
    /// Where in its life it is.
    pub state: State,
    /// The wait status it ended with.
    pub ended: Option<u32>,
    /// When it was started, in nanoseconds of `CLOCK_BOOTTIME`.
    pub born: u64,
    /// What it is called.
    pub name: &'static str,
    /// Orphans below it become its children.
    pub subreaper: bool,
    /// The signals that it ignores: bit n-1 is signal n.
    pub ignored: u64,
    /// Those that it has handlers for.
    pub caught: u64,
    /// Those that it blocks.
    pub blocked: u64,
    /// What has come and was not taken, the oldest first.
    pub pending: Vec<Info>,
    /// A stop that its parent has not been told of by wait4.
    pub stop_to_report: Option<Signal>,
    /// A tracer has not looked yet: its parent's wait4 does not see that it ended.
    pub traced: bool,
    /// It hangs in the kernel (state D): even KILL waits.
    pub hung: bool,
    /// Another user's: the init has no permission to signal it.
    pub foreign: bool,
    /// Who reaps its children.
    pub reaps: Reaps,
}

impl Process {
    /// It has not ended.
    pub fn lives(&self) -> bool {
        matches!(self.state, State::Running | State::Stopped)
    }
}

/// The table, and the clock.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// `CLOCK_MONOTONIC`, in nanoseconds.
    pub now: u64,
    /// By how much `CLOCK_BOOTTIME` is ahead of it: the time that the machine was suspended.
    pub suspended: u64,
    /// Everyone there has been, in the order of their making; a [`Task`] is a place in it.
    pub processes: Vec<Process>,
    /// The first process of the namespace.
    pub first: Option<Task>,
    /// The init, which is the first or not; its signals are all blocked.
    pub init: Option<Task>,
    /// The number that was given last.
    pub last_pid: u32,
    /// What no number reaches.
    pub pid_max: u32,
    /// `RLIMIT_SIGPENDING`: how many real-time signals may wait.
    pub queue_max: usize,
    /// What has happened and was not judged yet.
    pub facts: Vec<Fact>,
    /// Those for whom something has come that they have not seen yet.
    pub awake: Vec<Task>,
}

/// After the first wrap-around numbers begin here (kernel/pid.c, `RESERVED_PIDS`).
const RESERVED_PIDS: u32 = 300;

impl Kernel {
    /// Nobody yet.
    pub fn new(now: u64) -> Kernel {
        Kernel {
            now,
            suspended: 0,
            processes: Vec::new(),
            first: None,
            init: None,
            last_pid: 0,
            pid_max: 32768,
            queue_max: usize::MAX,
            facts: Vec::new(),
            awake: Vec::new(),
        }
    }

    /// `CLOCK_BOOTTIME`.
    pub fn boottime(&self) -> u64 {
        self.now + self.suspended
    }

    /// One process.
    pub fn at(&self, task: Task) -> &Process {
        &self.processes[task.0]
    }

    /// The same, to be changed.
    pub fn at_mut(&mut self, task: Task) -> &mut Process {
        &mut self.processes[task.0]
    }

    /// Everyone whose number is still taken.
    pub fn tasks(&self) -> impl Iterator<Item = Task> + '_ {
        let all = self.processes.iter().enumerate();
        all.filter(|(_, one)| one.state != State::Gone).map(|(place, _)| Task(place))
    }

    /// Who has this number now.
    pub fn find(&self, pid: u32) -> Option<Task> {
        self.tasks().find(|task| self.at(*task).pid == pid)
    }

    /// Whether it is below this one, at any depth.
    pub fn descends(&self, task: Task, from: Task) -> bool {
        let mut at = self.at(task).parent;
        while let Some(above) = at {
            if above == from {
                return true;
            }
            at = self.at(above).parent;
        }
        false
    }

    /// A number that is no process's, no group's and no session's: the next free one, cyclically
    /// (kernel/pid.c, `alloc_pid`).
    fn free_pid(&mut self) -> Option<u32> {
        for _ in 0..self.pid_max {
            self.last_pid += 1;
            if self.last_pid >= self.pid_max {
                self.last_pid = RESERVED_PIDS;
            }
            let number = self.last_pid;
            let taken = self.tasks().any(|task| {
                let one = self.at(task);
                one.pid == number || one.group == number || one.session == number
            });
            if !taken {
                return Some(number);
            }
        }
        None
    }
}
