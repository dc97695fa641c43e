//! What is to be run before and after the main command, and when: a second reading of what follows
//! from the end of each program.

use super::audience::Whom;
use super::expected::{Expected, History, later, stop_for, tell, to_the_rest};
use super::round::Round;
use super::{Broken, Law, code_of};
use crate::fact::Began;
use crate::kernel::Task;
use sexton_core::course::Stage;
use sexton_core::policy::{Faithful, OnExit};
use sexton_core::signal::Signal;
use sexton_core::time::Span;
use std::slice::Iter;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What comes before the main command.
    Start,
    /// The main command lives.
    Main,
    /// There is none, and the services are what is waited for.
    Services,
    /// What comes after it.
    End,
    /// Nothing is to be run any more.
    Last,
}

/// The supervisor of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Services {
    /// There is none, or none to be stopped.
    None,
    Alive(Task),
    Ended,
}

/// A round that is gone through again.
pub struct Turn<'a> {
    pub law: &'a Law,
    pub round: &'a Round,
    pub begun: Iter<'a, (Stage, Began)>,
    pub expected: Expected,
}

const ORDER: [Stage; 9] = [
    Stage::Prologue,
    Stage::Startup,
    Stage::Local,
    Stage::Services,
    Stage::Main,
    Stage::StopHooks,
    Stage::StopServices,
    Stage::AwaitServices,
    Stage::LastHooks,
];

impl History {
    /// What was under way has ended like this.
    pub fn program_ended(&mut self, status: u32, turn: &mut Turn<'_>) -> Result<(), Broken> {
        let policy = &turn.law.policy;
        self.program = None;
        match self.part {
            _ if self.killed.is_some() && self.part != Part::Main => {
                if turn.round.childless {
                    turn.expected.exit = Some(self.code.unwrap_or(137));
                }
            }
            Part::Start => match self.stop {
                Some(signal) => {
                    self.code = code_of(policy, u32::from(signal.number()));
                    self.last(turn);
                }
                None if status != 0 => {
                    self.failed = true;
                    let named = policy.step_failure.map(|code| code.0);
                    self.code = named.or(code_of(policy, status));
                    self.last(turn);
                }
                None => self.ask(self.stage, turn)?,
            },
            Part::Main => {
                self.code = code_of(policy, status);
                self.held = None;
                match self.course && self.killed.is_none() {
                    true => self.enter_end(turn)?,
                    false => self.last(turn),
                }
            }
            Part::End => {
                let hook = is_hook(self.stage);
                let failed = hook && status != 0 && !self.asked;
                self.hook_failed(failed, turn.law);
                let strict = policy.faithful == Faithful::InEverything;
                match strict && hook && (failed || self.asked) {
                    true => self.last(turn),
                    false => self.ask(self.stage, turn)?,
                }
            }
            Part::Services | Part::Last => {}
        }
        Ok(())
    }

    /// The supervisor of services has.
    pub fn services_ended(&mut self, status: u32, turn: &mut Turn<'_>) -> Result<(), Broken> {
        let by_itself = self.part == Part::Services;
        self.services = if by_itself { Services::None } else { Services::Ended };
        if by_itself {
            self.code = code_of(&turn.law.policy, status);
            return self.enter_end(turn);
        }
        if self.part == Part::End && self.killed.is_none() {
            self.code = self.code.or(code_of(&turn.law.policy, status));
            if self.stage == Stage::EndServices {
                return self.ask(Stage::AwaitServices, turn);
            }
        }
        Ok(())
    }

    /// What is to be run after the main command.
    pub fn enter_end(&mut self, turn: &mut Turn<'_>) -> Result<(), Broken> {
        self.part = Part::End;
        let end = later(turn.round.clock, turn.law.policy.stop_timeout.as_nanos());
        self.kill_at = self.kill_at.min(end);
        self.ask(Stage::StopHooks, turn)
    }

    /// Programs of this stage, and of those after it, had to be started up to one that runs.
    pub fn ask(&mut self, stage: Stage, turn: &mut Turn<'_>) -> Result<(), Broken> {
        let mut next = Some(stage);
        while let Some(stage) = next {
            (self.stage, self.asked, self.grace) = (stage, false, u64::MAX);
            next = match turn.begun.next() {
                Some((begun, began)) if *begun == stage => self.began(*began, turn),
                other => return Err(self.wrong(Some(stage), other.map(|(stage, _)| *stage))),
            };
        }
        Ok(())
    }

    /// Something else was started, or nothing was.
    pub fn wrong(&self, expected: Option<Stage>, found: Option<Stage>) -> Broken {
        let rule = match (expected, found) {
            (None, Some(found)) if found <= Stage::Main => "start",
            (None, _) => "end",
            (Some(stage), Some(found)) if stage <= Stage::Main && found > Stage::Main => "end",
            _ => "order",
        };
        Broken::new(rule, format!("to be started: {expected:?}, and it was {found:?}"))
    }

    /// What follows: the stage to go on with.
    fn began(&mut self, began: Began, turn: &mut Turn<'_>) -> Option<Stage> {
        match began {
            Began::UnderWay(task) => {
                self.childless = false;
                if self.stage == Stage::Services {
                    self.services = Services::Alive(task);
                    return Some(Stage::Main);
                }
                self.program = Some(task);
                if self.stage == Stage::Main {
                    self.part = Part::Main;
                }
                None
            }
            Began::Failed if self.part == Part::Start => {
                self.failed = true;
                self.code = Some(turn.law.policy.own_failure.0);
                self.last(turn);
                None
            }
            Began::Failed => {
                self.hook_failed(true, turn.law);
                self.next(turn)
            }
            Began::Nothing => self.next(turn),
        }
    }

    fn next(&mut self, turn: &mut Turn<'_>) -> Option<Stage> {
        if self.stage == Stage::Main {
            self.part = Part::Services;
            return None;
        }
        if let (Stage::StopServices, Services::Alive(task)) = (self.stage, self.services) {
            turn.expected.tells.push(stop_for(Whom::One(task), Signal::TERM));
            let policy = &turn.law.policy;
            let unlimited = policy.grace == Span::FOREVER;
            let grace = if unlimited { policy.drain_timeout } else { policy.grace };
            self.grace = later(turn.round.clock, grace.as_nanos());
            self.stage = Stage::EndServices;
            return None;
        }
        let place = ORDER.iter().position(|stage| *stage == self.stage)?;
        let next = ORDER.get(place + 1);
        if next.is_none() {
            self.last(turn);
        }
        next.copied()
    }

    fn hook_failed(&mut self, failed: bool, law: &Law) {
        if let Some(code) = law.policy.step_failure.filter(|_| failed) {
            (self.failed, self.code) = (true, Some(code.0));
        }
    }

    /// Nothing is to be run any more.
    pub fn last(&mut self, turn: &mut Turn<'_>) {
        let (law, round, expected) = (turn.law, turn.round, &mut turn.expected);
        let policy = &law.policy;
        (self.part, self.grace) = (Part::Last, u64::MAX);
        if self.stop.is_some() && !self.failed {
            self.code = policy.stopped.map(|code| code.0).or(self.code);
        }
        match policy.on_exit {
            OnExit::Farewell => {
                // Without a child there is nobody to say farewell to.
                let signal = policy.rewrites.get(Signal::TERM).filter(|_| !round.childless);
                let whom = self.late_listeners(law);
                expected.tells.extend(whom.zip(signal).map(|(whom, signal)| tell(whom, signal)));
                expected.exit = self.code;
            }
            OnExit::Leave => expected.exit = self.code,
            _ if self.childless => expected.exit = self.code,
            _ if self.killed.is_some() => {}
            OnExit::Drain => {
                self.drains = true;
                self.drained = round.clock;
                if self.told.is_some_and(|told| {
                    let long_ago = round.clock >= later(told.at, policy.drain_timeout.as_nanos());
                    told.signal == Signal::INT && long_ago
                }) {
                    self.told = None;
                }
                let end = later(round.clock, policy.drain_timeout.as_nanos());
                self.kill_at = self.kill_at.min(end);
                expected.tells.push(to_the_rest(Signal::TERM));
            }
            OnExit::Wait => expected.tells.extend(self.stop.map(to_the_rest)),
        }
    }
}

pub fn is_hook(stage: Stage) -> bool {
    matches!(stage, Stage::StopHooks | Stage::LastHooks)
}
