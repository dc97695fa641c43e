//! Who was told to stop, and by which telling: the rule is in `docs/design.md`, "Who is told once,
//! who twice?".

use super::Law;
use super::round::{Member, Round, Sent};
use crate::kernel::{Kernel, Outcome, Task, bit};
use sexton_core::process::ToldWhom;
use sexton_core::signal::Signal;
use std::collections::{BTreeMap, BTreeSet};

/// A stop signal that went to more than the main command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    pub number: u32,
    pub whom: ToldWhom,
    pub signal: Signal,
    /// When, by the monotonic clock and the one that the start of processes is counted by.
    pub at: u64,
    pub boottime: u64,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Tellings {
    count: u32,
    /// The last one that each process got.
    last: BTreeMap<Task, u32>,
    births: BTreeMap<Task, u64>,
    /// What the terminal told whom.
    terminal: BTreeSet<(Task, Signal)>,
    /// When it did last.
    key: BTreeMap<Signal, u64>,
}

impl Tellings {
    /// The init told everyone to whom it sent this signal in this round.
    pub fn record(&mut self, whom: ToldWhom, signal: Signal, round: &Round) -> Telling {
        self.count += 1;
        for sent in &round.sends {
            // Who ignores it has heard nothing.
            let arrived =
                !matches!(sent.outcome, Outcome::Refused | Outcome::Full | Outcome::Ignored);
            if sent.info.signal == signal && arrived {
                self.last.insert(sent.to, self.count);
            }
        }
        self.telling(whom, signal, round)
    }

    /// The terminal told them, and the init heard of it in this round.
    pub fn record_terminal(&mut self, signal: Signal, round: &Round) -> Telling {
        self.count += 1;
        for member in round.members.iter().chain(&round.born) {
            // A signal does not say when it was sent: who was born between the key and the init's
            // hearing of it cannot be told from those before.
            let born = self.births.get(&member.task).copied().unwrap_or(0);
            let meanwhile = self.key.get(&signal).is_some_and(|key| born >= *key);
            if meanwhile || self.terminal.contains(&(member.task, signal)) {
                self.last.insert(member.task, self.count);
            }
        }
        self.telling(ToldWhom::Group, signal, round)
    }

    fn telling(&self, whom: ToldWhom, signal: Signal, round: &Round) -> Telling {
        let (number, at, boottime) = (self.count, round.clock, round.boottime);
        Telling { number, whom, signal, at, boottime }
    }

    /// A process was made.
    pub fn born(&mut self, task: Task, kernel: &Kernel) {
        self.births.insert(task, kernel.at(task).born);
    }

    /// The terminal sent this to one of its foreground group.
    pub fn terminal_told(&mut self, task: Task, signal: Signal, boottime: u64) {
        self.key.insert(signal, boottime);
        self.terminal.insert((task, signal));
    }

    /// Whether this one got this telling.
    pub fn heard(&self, telling: Option<Telling>, task: Task) -> bool {
        telling.is_some_and(|telling| self.last.get(&task) == Some(&telling.number))
    }

    /// Whether this one got the last of all.
    pub fn received_last(&self, task: Task) -> bool {
        self.last.get(&task) == Some(&self.count)
    }

    /// Whether `/proc` shows that this one, who was told, was: he was started in an earlier tick,
    /// does not ignore it, and is where he was told.
    pub fn is_recognised(
        &self,
        telling: Telling,
        sent: &Sent,
        member: Option<&Member>,
        law: &Law,
    ) -> bool {
        let Some(member) = member else { return false };
        let old = |set: u64| set & 0x7fff_ffff & bit(telling.signal) != 0;
        let tick = |nanos: u64| nanos / 10_000_000;
        let born = self.births.get(&member.task).copied().unwrap_or(0);
        let in_group = member.group == law.group && sent.group == law.group;
        !old(member.ignored)
            && tick(born) < tick(telling.boottime)
            && (telling.whom == ToldWhom::Everyone || in_group)
    }
}
