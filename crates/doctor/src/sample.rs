//! Hand-made processes for the tests of what is judged.
#![allow(missing_docs, reason = "only tests see it, and each is called what it sets")]

use crate::namespaces::Namespaces;
use crate::proc::close::{Call, CloseUp, Sample, Thread};
use crate::proc::table::{Id, ProcTable, Process, State, Status};
use crate::sight::Sight;
use sexton_core::signal::{Signal, SignalSet};

/// A sleeping process of the first namespace, started at the tick of its PID, in session 1.
pub fn process(pid: i32, parent: i32) -> Process {
    Process {
        id: Id { pid, started: pid.unsigned_abs().into() },
        name: format!("p{pid}").into_bytes(),
        state: State::Sleeping,
        parent,
        session: 1,
        group: 1,
        flags: 0,
        threads: 1,
        namespace: None,
        status: Some(status(&[pid])),
        cgroup: Vec::new(),
    }
}

/// With all signals in their default state.
pub fn status(pids: &[i32]) -> Status {
    Status {
        pids: pids.to_vec(),
        tracer: 0,
        uid: 0,
        pending: SignalSet::EMPTY,
        blocked: SignalSet::EMPTY,
        ignored: SignalSet::EMPTY,
        caught: SignalSet::EMPTY,
        capabilities: 0,
    }
}

/// The set of these.
pub fn set(signals: &[Signal]) -> SignalSet {
    signals.iter().fold(SignalSet::EMPTY, |set, &signal| set.with(signal))
}

/// What a look would have seen: PID 1 of the first namespace is there already.
pub fn sight(processes: Vec<Process>) -> Sight {
    let first = process(1, 0).inside(&[1]).namespace(1);
    let processes = std::iter::once(first).chain(processes).collect();
    let table = ProcTable::new(processes, 100_000, 100);
    let namespaces = Namespaces::of_table(&table);
    let mut sight = Sight { table, namespaces, ..Sight::default() };
    for process in sight.table.processes() {
        sight.close.insert(process.id, close(process));
    }
    sight
}

/// A closer look that could read everything: one thread, in no system call that matters.
pub fn close(process: &Process) -> CloseUp {
    let status = process.status.clone().expect("a process of the tests has a status");
    let thread = Thread { blocked: status.blocked, call: Call::Other };
    CloseUp {
        arguments: vec![process.name.clone()],
        signalfds: Some(Vec::new()),
        samples: vec![Sample { status, threads: vec![thread] }],
        ..CloseUp::default()
    }
}

impl Sight {
    /// Changes what the closer look at this process saw.
    pub fn saw(mut self, pid: i32, change: impl FnOnce(&mut CloseUp)) -> Sight {
        let id = self.table.get(pid).expect("it is in the table").id;
        change(self.close.get_mut(&id).expect("everybody has a closer look"));
        self
    }

    /// The process of this PID.
    #[track_caller]
    pub fn at(&self, pid: i32) -> &Process {
        self.table.get(pid).expect("it is in the table")
    }
}

impl CloseUp {
    /// Its first thread is in this call.
    pub fn in_call(&mut self, call: Call) {
        self.samples[0].threads[0].call = call;
    }
}

impl Process {
    pub fn started(mut self, ticks: u64) -> Process {
        self.id.started = ticks;
        self
    }

    pub fn name(mut self, name: &str) -> Process {
        self.name = name.into();
        self
    }

    pub fn state(mut self, state: State) -> Process {
        self.state = state;
        self
    }

    pub fn zombie(self) -> Process {
        self.state(State::Zombie)
    }

    pub fn session(mut self, session: i32) -> Process {
        self.session = session;
        self
    }

    pub fn threads(mut self, threads: u32) -> Process {
        self.threads = threads;
        self
    }

    pub fn flags(mut self, flags: u32) -> Process {
        self.flags = flags;
        self
    }

    pub fn namespace(mut self, inode: u64) -> Process {
        self.namespace = Some(inode);
        self
    }

    pub fn inside(mut self, pids: &[i32]) -> Process {
        self.changed(|status| status.pids = pids.to_vec());
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut Status)) -> Process {
        self.changed(change);
        self
    }

    pub fn in_cgroup(mut self, line: &str) -> Process {
        self.cgroup = line.into();
        self
    }

    fn changed(&mut self, change: impl FnOnce(&mut Status)) {
        change(self.status.as_mut().expect("a process of the tests has a status"));
    }
}
