//! Zombies, sleep, and numbers that are nobody's any more.

use super::round::Round;
use super::{Broken, Law};
use crate::fact::{process_name, signal_name};
use crate::kernel::{Kernel, State, Task};
use crate::scenario::{Place, ProcView};
use sexton_core::policy::Mode;
use sexton_core::signal::Signal;
use std::collections::BTreeMap;

/// More wake-ups without a signal than deadlines and retries can explain.
const IDLE_MAX: u64 = 120;

/// What is known of the dead, and of the init's sleep.
#[derive(Clone, Debug, Default)]
pub struct Reaping {
    statuses: BTreeMap<Task, u32>,
    /// The numbers of those whom the init has reaped.
    reaped: BTreeMap<u32, Task>,
    sleeps: u64,
    excused: u64,
}

impl Reaping {
    pub fn ended(&mut self, task: Task, status: u32) {
        self.statuses.insert(task, status);
    }

    pub fn status_of(&self, task: Task) -> Option<u32> {
        self.statuses.get(&task).copied()
    }

    pub fn reaped(&mut self, task: Task, by_init: bool, kernel: &Kernel) {
        let number = kernel.at(task).pid;
        if by_init {
            self.reaped.insert(number, task);
        } else {
            self.reaped.remove(&number);
        }
    }

    pub fn took(&mut self) {
        self.excused += 1;
    }

    pub fn failed(&mut self) {
        self.excused += 2;
    }

    /// kill(2) was called with this number.
    pub fn addressed(
        &self,
        law: &Law,
        (target, signal): (i32, Signal),
        kernel: &Kernel,
    ) -> Result<(), Broken> {
        let number = target.unsigned_abs();
        let taken = kernel.tasks().any(|task| {
            let one = kernel.at(task);
            if target < 0 { one.group == number } else { one.pid == number }
        });
        match self.reaped.get(&number) {
            // Without a /proc, and not the first process, there is nobody else to ask for.
            _ if target < 0 && law.place == Place::Host && law.proc != ProcView::Ours => Ok(()),
            Some(task) if target != -1 && !taken => {
                let (signal, name) = (signal_name(signal), process_name(kernel, *task));
                Err(Broken::new("reaped", format!("{signal} for {name}, which was reaped")))
            }
            _ => Ok(()),
        }
    }

    /// The init goes to sleep: nothing is waiting for it.
    pub fn sleeps(
        &mut self,
        law: &Law,
        round: &Round,
        until: u64,
        deadline: u64,
        kernel: &Kernel,
    ) -> Result<(), Broken> {
        self.sleeps += 1;
        if self.sleeps > IDLE_MAX + self.excused {
            return Err(Broken::new("spins", format!("{} times awake for nothing", self.sleeps)));
        }
        // The timeout is relative, and time has passed since the clock was read.
        let late = kernel.now - round.clock;
        if until > deadline.max(kernel.now).saturating_add(late) {
            return Err(Broken::new("deadline", format!("it sleeps beyond {deadline} ns")));
        }
        if round.wait_failed {
            return Ok(());
        }
        let children = &kernel.at(law.init).children;
        if children.is_empty() && law.policy.mode == Mode::Run {
            return Err(Broken::new("childless", "it sleeps, and has no child"));
        }
        let zombie = children.iter().find(|child| {
            let child = kernel.at(**child);
            matches!(child.state, State::Zombie(_)) && !child.traced
        });
        match zombie {
            Some(child) => {
                let words = format!("it sleeps, and {} is a zombie", process_name(kernel, *child));
                Err(Broken::new("zombie", words))
            }
            None => Ok(()),
        }
    }
}
