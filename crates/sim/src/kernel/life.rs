//! Being born, ending, being adopted, being reaped.

use super::{Code, Info, Kernel, Process, Reaps, Sender, State, Task};
use crate::fact::Fact;
use sexton_core::signal::Signal;

/// Why there is no child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForkError {
    /// A signal has to be seen to first (kernel/fork.c: `ERESTARTNOINTR`).
    Interrupted,
    /// The parent cannot, or there is no number left.
    Impossible,
}

/// What wait4 says instead of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitError {
    /// Nothing new: 0.
    Nothing,
    /// `ECHILD`.
    NoChild,
}

impl Kernel {
    /// A process whose parent is outside the namespace.
    pub fn enter(&mut self, name: &'static str) -> Option<Task> {
        let pid = self.free_pid()?;
        let process = Process {
            pid,
            parent: None,
            children: Vec::new(),
            group: pid,
            session: pid,
            state: State::Running,
            ended: None,
            born: self.boottime(),
            name,
            subreaper: false,
            ignored: 0,
            caught: 0,
            blocked: 0,
            pending: Vec::new(),
            stop_to_report: None,
            traced: false,
            hung: false,
            foreign: false,
            reaps: Reaps::Soon,
        };
        let task = Task(self.processes.len());
        self.processes.push(process);
        self.facts.push(Fact::Born { task, parent: None });
        Some(task)
    }

    /// fork(2): group, session, mask and actions are the parent's, no signal is pending.
    pub fn fork(&mut self, parent: Task, name: &'static str) -> Result<Task, ForkError> {
        let above = self.at(parent);
        if above.state != State::Running || above.hung {
            return Err(ForkError::Impossible);
        }
        if above.pending.iter().any(|info| above.blocked & super::bit(info.signal) == 0) {
            return Err(ForkError::Interrupted);
        }
        let inherited = above.clone();
        let pid = self.free_pid().ok_or(ForkError::Impossible)?;
        let task = Task(self.processes.len());
        self.processes.push(Process {
            pid,
            parent: Some(parent),
            children: Vec::new(),
            born: self.boottime(),
            name,
            subreaper: false,
            pending: Vec::new(),
            stop_to_report: None,
            traced: false,
            ..inherited
        });
        self.at_mut(parent).children.push(task);
        self.facts.push(Fact::Born { task, parent: Some(parent) });
        Ok(task)
    }

    /// setsid(2); a leader of a group cannot.
    pub fn new_session(&mut self, task: Task) {
        let one = self.at_mut(task);
        if one.group != one.pid {
            (one.group, one.session) = (one.pid, one.pid);
        }
    }

    /// setpgid(2) to a group of its own.
    pub fn new_group(&mut self, task: Task) {
        let one = self.at_mut(task);
        one.group = one.pid;
    }

    /// kernel/exit.c `do_exit`: groups that nobody could continue any more are hung up, children
    /// get another parent, and the parent gets CHLD.
    pub fn exit(&mut self, task: Task, status: u32) {
        if !self.at(task).lives() {
            return;
        }
        self.facts.push(Fact::Ended { task, status });
        let one = self.at_mut(task);
        (one.state, one.ended) = (State::Zombie(status), Some(status));
        one.pending.clear();
        one.stop_to_report = None;
        let children = std::mem::take(&mut one.children);
        let adopter = self.adopter(task);
        for child in &children {
            self.at_mut(*child).parent = adopter;
            if let Some(adopter) = adopter {
                self.at_mut(adopter).children.push(*child);
            }
            self.facts.push(Fact::Adopted { task: *child, by: adopter });
        }
        for child in children {
            self.hang_up_if_orphaned(child, task, None);
            if matches!(self.at(child).state, State::Zombie(_)) {
                self.notify(child);
            }
        }
        if let Some(parent) = self.at(task).parent {
            self.hang_up_if_orphaned(task, parent, Some(task));
        }
        self.notify(task);
    }

    /// kernel/exit.c `find_new_reaper`: the nearest living subreaper above, else the first process.
    fn adopter(&self, father: Task) -> Option<Task> {
        let mut at = self.at(father).parent;
        while let Some(above) = at {
            if self.at(above).subreaper && self.at(above).lives() {
                return Some(above);
            }
            at = self.at(above).parent;
        }
        self.first
    }

    /// kernel/exit.c `kill_orphaned_pgrp`: `parent` was what connected the group of this process to
    /// its session.
    fn hang_up_if_orphaned(&mut self, task: Task, parent: Task, without: Option<Task>) {
        let (group, session) = (self.at(task).group, self.at(task).session);
        let above = self.at(parent);
        if above.group == group || above.session != session {
            return;
        }
        let members: Vec<Task> =
            self.tasks().filter(|task| self.at(*task).group == group).collect();
        let stopped = members.iter().any(|task| self.at(*task).state == State::Stopped);
        if !stopped || !self.is_orphaned(group, without) {
            return;
        }
        for signal in [Signal::HUP, Signal::CONT] {
            for member in &members {
                let info = Info { signal, code: Code::Kernel, pid: 0, value: 0 };
                self.send(Sender::Kernel, *member, info);
            }
        }
    }

    /// kernel/signal.c `do_notify_parent`; of a parent outside, who reaps in its own time, nothing
    /// is said here.
    fn notify(&mut self, task: Task) {
        let Some(parent) = self.at(task).parent else { return };
        if self.at(parent).reaps == Reaps::Kernel {
            self.release(task, Some(parent));
        } else {
            self.tell_parent(task);
        }
    }

    /// The number is free again.
    pub fn release(&mut self, task: Task, by: Option<Task>) {
        self.at_mut(task).state = State::Gone;
        if let Some(parent) = self.at(task).parent {
            self.at_mut(parent).children.retain(|child| *child != task);
        }
        self.facts.push(Fact::Reaped { task, by });
    }

    /// wait4(2) for any child, with `WNOHANG | __WALL`, and `WUNTRACED` if `stops`: the first child
    /// of which there is something new, and its status.
    pub fn wait(&mut self, parent: Task, stops: bool) -> Result<(Task, u32), WaitError> {
        let children = self.at(parent).children.clone();
        for child in &children {
            let one = self.at(*child);
            match (one.state, one.stop_to_report) {
                (State::Zombie(status), _) if !one.traced => {
                    self.release(*child, Some(parent));
                    return Ok((*child, status));
                }
                (State::Stopped, Some(signal)) if stops && !one.traced => {
                    self.at_mut(*child).stop_to_report = None;
                    if self.init == Some(parent) {
                        self.facts.push(Fact::SawStop { task: *child, signal });
                    }
                    return Ok((*child, u32::from(signal.number()) << 8 | 0x7f));
                }
                _ => {}
            }
        }
        Err(if children.is_empty() { WaitError::NoChild } else { WaitError::Nothing })
    }

    /// Its tracer has looked, or is gone (kernel/ptrace.c `__ptrace_detach`).
    pub fn untrace(&mut self, task: Task) {
        self.at_mut(task).traced = false;
        if matches!(self.at(task).state, State::Zombie(_)) {
            self.tell_parent(task);
        }
    }
}
