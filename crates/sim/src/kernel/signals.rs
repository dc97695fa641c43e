//! Sending signals, and what comes of them.

use super::{Kernel, State, Task};
use crate::fact::Fact;
use sexton_core::errno::Errno;
use sexton_core::signal::Signal;

/// The set of this signal alone.
pub fn bit(signal: Signal) -> u64 {
    1 << (signal.number() - 1)
}

/// `si_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// kill(2).
    User,
    /// sigqueue(3).
    Queue,
    /// The kernel: the terminal's keys.
    Kernel,
    /// The kernel, about a child.
    Child,
}

/// A siginfo_t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Which.
    pub signal: Signal,
    /// Why.
    pub code: Code,
    /// The sender's number; 0 for one outside the namespace.
    pub pid: u32,
    /// What came along with sigqueue(3).
    pub value: u32,
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A process of the table.
    Task(Task),
    /// Somebody in an ancestor namespace, as a container runtime.
    Outside,
    /// The kernel itself.
    Kernel,
}

/// What came of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits to be taken.
    Queued,
    /// Another one of it is waiting already (signal(7): "Standard signals do not queue").
    Merged,
    /// Nobody there would hear it.
    Ignored,
    /// It was sent to a zombie, which is no error.
    Dead,
    /// `EPERM`.
    Refused,
    /// `EAGAIN`: no room in the queue.
    Full,
}

/// What a process made of a signal that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Its handler ran.
    Caught(Info),
    /// Something else happened, or nothing.
    ByDefault,
}

/// What stops a process, and what is dropped in a group that nobody could continue.
const STOPS: [Signal; 4] = [Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU];

/// What is taken first, whatever its number (kernel/signal.c, `SYNCHRONOUS_MASK`).
const SYNCHRONOUS: [u8; 6] = [4, 5, 7, 8, 11, 31];

/// What dumps core by default (signal(7)).
const DUMPS: [u8; 10] = [3, 4, 5, 6, 7, 8, 11, 24, 25, 31];

fn ignored_by_default(signal: Signal) -> bool {
    matches!(signal, Signal::CHLD | Signal::CONT | Signal::URG | Signal::WINCH)
}

impl Kernel {
    /// kernel/signal.c `check_kill_permission`, then `send_signal_locked`.
    pub fn send(&mut self, from: Sender, to: Task, info: Info) -> Outcome {
        let refused = from == self.init.map_or(Sender::Outside, Sender::Task)
            && self.at(to).foreign
            && self.init != Some(to);
        let outcome = if refused { Outcome::Refused } else { self.generate(from, to, info) };
        self.facts.push(Fact::Sent { from, to, info, outcome });
        outcome
    }

    fn generate(&mut self, from: Sender, to: Task, info: Info) -> Outcome {
        let signal = info.signal;
        if !self.at(to).lives() {
            return Outcome::Dead;
        }
        self.prepare(to, signal);
        let unkillable = self.first == Some(to) && from != Sender::Outside;
        if matches!(signal, Signal::KILL | Signal::STOP) && self.init == Some(to) {
            // Of an init only its stop is of interest here: KILL is the end of the run.
            let stops = signal == Signal::STOP && !unkillable;
            if stops {
                self.at_mut(to).state = State::Stopped;
            }
            return if stops { Outcome::Queued } else { Outcome::Ignored };
        }
        let one = self.at(to);
        let open = one.blocked & bit(signal) == 0;
        let by_default = one.caught & bit(signal) == 0 && ignored_by_default(signal);
        if open && (one.ignored & bit(signal) != 0 || by_default) {
            return Outcome::Ignored;
        }
        let waits = one.pending.iter().any(|other| other.signal == signal);
        if waits && signal.number() < 32 {
            return Outcome::Merged;
        }
        let mut info = info;
        let room = one.pending.len() < self.queue_max;
        if signal.number() >= 32 && !room {
            if info.code == Code::Queue {
                return Outcome::Full;
            }
            if waits {
                return Outcome::Merged;
            }
            // It comes without what belongs to it.
            info = Info { code: Code::User, pid: 0, value: 0, ..info };
        }
        self.at_mut(to).pending.push(info);
        self.awake.push(to);
        Outcome::Queued
    }

    /// kernel/signal.c `prepare_signal`: a stop takes CONT out of the queue, and CONT the stops; it
    /// continues, whether it is blocked, ignored or not.
    fn prepare(&mut self, to: Task, signal: Signal) {
        if STOPS.contains(&signal) {
            self.at_mut(to).pending.retain(|info| info.signal != Signal::CONT);
        } else if signal == Signal::CONT {
            let one = self.at_mut(to);
            one.pending.retain(|info| !STOPS.contains(&info.signal));
            one.stop_to_report = None;
            if one.state == State::Stopped {
                one.state = State::Running;
                self.awake.push(to);
                self.facts.push(Fact::Continued { task: to });
                self.tell_parent(to);
            }
        } else if signal == Signal::KILL {
            self.awake.push(to);
        }
    }

    /// The CHLD that a parent gets.
    pub(super) fn tell_parent(&mut self, of: Task) {
        if let Some(parent) = self.at(of).parent {
            let pid = self.at(of).pid;
            let info = Info { signal: Signal::CHLD, code: Code::Child, pid, value: 0 };
            self.send(Sender::Kernel, parent, info);
        }
    }

    /// kernel/signal.c `next_signal`: KILL, then the faults, then the lowest number.
    pub fn take(&mut self, task: Task, set: u64) -> Option<Info> {
        let rank = |signal: Signal| match signal.number() {
            9 => (0, 0),
            number if SYNCHRONOUS.contains(&number) => (1, number),
            number => (2, number),
        };
        let pending = &mut self.at_mut(task).pending;
        let waiting = pending.iter().enumerate();
        let waiting = waiting.filter(|(_, info)| set & bit(info.signal) != 0);
        let (place, _) = waiting.min_by_key(|(place, info)| (rank(info.signal), *place))?;
        Some(pending.remove(place))
    }

    /// kernel/signal.c `get_signal`: what a process makes of the next signal that it does not
    /// block; `None` if there is none.
    pub fn deliver(&mut self, task: Task) -> Option<Delivered> {
        let one = self.at(task);
        let killed = one.pending.iter().any(|info| info.signal == Signal::KILL);
        let can_hear = match one.state {
            State::Running => !one.hung,
            State::Stopped => killed && !one.hung,
            State::Zombie(_) | State::Gone => false,
        };
        if !can_hear {
            return None;
        }
        let (open, caught, ignored) = (!one.blocked | bit(Signal::KILL), one.caught, one.ignored);
        let info = self.take(task, open)?;
        let signal = info.signal;
        if caught & bit(signal) != 0 {
            self.facts.push(Fact::Heard { task, info });
            return Some(Delivered::Caught(info));
        }
        if ignored & bit(signal) != 0 || ignored_by_default(signal) {
        } else if STOPS.contains(&signal) {
            if signal == Signal::STOP || !self.is_orphaned(self.at(task).group, None) {
                self.at_mut(task).state = State::Stopped;
                self.at_mut(task).stop_to_report = Some(signal);
                self.facts.push(Fact::Stopped { task, signal });
                self.tell_parent(task);
            }
        } else {
            let core = if DUMPS.contains(&signal.number()) { 0x80 } else { 0 };
            self.exit(task, u32::from(signal.number()) | core);
        }
        Some(Delivered::ByDefault)
    }

    /// kill(2), as a process of the table calls it.
    pub fn kill(&mut self, from: Task, target: i32, signal: Signal) -> Result<(), Errno> {
        let info = Info { signal, code: Code::User, pid: self.at(from).pid, value: 0 };
        let hit: Vec<Task> = match target {
            -1 => {
                let first = self.first;
                self.tasks().filter(|task| *task != from && Some(*task) != first).collect()
            }
            group @ ..-1 => {
                let group = group.unsigned_abs();
                self.tasks().filter(|task| self.at(*task).group == group).collect()
            }
            pid => self.find(pid.unsigned_abs()).into_iter().collect(),
        };
        let mut result = Err(Errno::SRCH);
        for task in hit {
            let outcome = self.send(Sender::Task(from), task, info);
            if outcome != Outcome::Refused || target == -1 {
                // kill_something_info forgives EPERM for everyone.
                result = Ok(());
            } else if result.is_err() {
                result = Err(Errno::PERM);
            }
        }
        self.facts.push(Fact::Called { by: from, target, signal, failed: result.err() });
        result
    }

    /// kernel/exit.c `will_become_orphaned_pgrp`: nobody in it has a parent in another group of the
    /// same session. `without`: one who is just ending.
    pub(super) fn is_orphaned(&self, group: u32, without: Option<Task>) -> bool {
        !self.tasks().filter(|task| Some(*task) != without).any(|task| {
            let one = self.at(task);
            one.group == group
                && one.lives()
                && one.parent.is_some_and(|parent| {
                    let parent = self.at(parent);
                    parent.group != group && parent.session == one.session
                })
        })
    }
}
