//! Hand-made processes for the tests of what is judged.

use crate::proc::table::{Id, Process, State, Status};
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
