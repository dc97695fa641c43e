//! Runs with a course: what is run before and after the main command, and services beside it.
//! What comes of starting a program is the plan's; all else happens in every order, up to a number
//! of detours from the course of things, in which every program ends well.

mod checker;
mod mutants;
mod world;

use std::time::Instant;

use sexton_core::course::Stage;
use sexton_core::policy::Policy;
use sexton_core::supervisor::{Event, Supervisor};
use sexton_core::time::{Moment, Span};

use crate::checker::{Broken, Step};
use crate::mutants::Machine;
use crate::world::Wait;
use checker::{Checker, NO_STEP};
use mutants::{BUGS, Mutant};
use world::{ALPHABET, Happening, Plan, World, plans, policies};

/// So many happenings, and so many of them other than the course of things.
#[derive(Clone, Copy)]
struct Scope {
    length: usize,
    detours: usize,
}

const SCOPE: Scope = Scope { length: 12, detours: 2 };
/// More than the course of things takes from anywhere.
const TO_THE_END: usize = 40;

#[test]
fn every_history_with_few_detours_keeps_the_rules_of_a_course() {
    let (policies, plans) = (policies(), plans());
    let started = Instant::now();
    let mut histories = 0;
    for (words, policy) in &policies {
        for plan in &plans {
            let search = Search { words, policy, plan, scope: SCOPE };
            match search.all(Supervisor::of_course(policy)) {
                Ok(count) => histories += count,
                Err(failure) => panic!("{failure}"),
            }
        }
    }
    let (seconds, settings) = (started.elapsed().as_secs_f64(), policies.len() * plans.len());
    println!("{histories} histories with a course, {settings} settings, {seconds:.1} s");
    assert!(histories > 100_000, "only {histories} histories");
}

#[test]
fn the_checker_of_courses_finds_every_planted_bug() {
    let (policies, plans) = (policies(), plans());
    for (bug, rule) in BUGS {
        let settings = policies.iter().flat_map(|one| plans.iter().map(move |plan| (one, plan)));
        let caught = settings
            .map(|((words, policy), plan)| Search { words, policy, plan, scope: SCOPE })
            .find_map(|search| search.all(Mutant::new(search.policy, *bug)).err())
            .unwrap_or_else(|| panic!("{bug:?} was not found"));
        assert_eq!(caught.broken, *rule, "{bug:?} was found as something else:\n{caught}");
    }
}

/// What is searched.
#[derive(Clone, Copy)]
struct Search<'p> {
    words: &'p str,
    policy: &'p Policy,
    plan: &'p Plan,
    scope: Scope,
}

/// A rule that was broken, and how it came to it.
struct Failure {
    broken: Broken,
    history: Vec<&'static str>,
    setting: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(out, "broken: {}", self.broken)?;
        self.history.iter().try_for_each(|name| writeln!(out, "  {name}"))?;
        out.write_str(&self.setting)
    }
}

/// Where a history has led.
#[derive(Clone)]
struct State<'p, M> {
    machine: M,
    checker: Checker<'p>,
    plan: Plan,
    world: World,
    now: Moment,
}

impl<'p> Search<'p> {
    /// All histories: how many.
    fn all<M: Machine>(self, machine: M) -> Result<u64, Failure> {
        let mut state = State {
            machine,
            checker: Checker::new(self.policy),
            plan: self.plan.clone(),
            world: World::EMPTY,
            now: Moment::new(1000, 0),
        };
        let mut history = Vec::new();
        let begun = state.start(Stage::Prologue);
        begun.and_then(|()| self.explore(&state, self.scope, &mut history)).map_err(|broken| {
            let (words, plan, policy) = (self.words, self.plan, self.policy);
            let Policy { grace, stop_timeout, faithful, .. } = policy;
            let setting = format!("{words}: {plan:?}, {grace:?}, {stop_timeout:?}, {faithful:?}");
            Failure { broken, history, setting }
        })
    }

    /// All continuations of a history. On failure it is left as it was when the rule was broken.
    fn explore<M: Machine>(
        &self,
        state: &State<'_, M>,
        scope: Scope,
        history: &mut Vec<&'static str>,
    ) -> Result<u64, Broken> {
        let mut count = 1;
        if state.checker.exited() || scope.length == 0 {
            return Ok(count);
        }
        if scope.detours == 0 {
            history.push("and then the course of things");
            comes_to_an_end(state.clone())?;
            history.pop();
            return Ok(count);
        }
        for (name, happening) in ALPHABET {
            let detours = usize::from(state.world.course_of_things() != happening);
            let mut next = state.clone();
            history.push(name);
            if next.happen(happening)? {
                let scope = Scope { length: scope.length - 1, detours: scope.detours - detours };
                count += self.explore(&next, scope, history)?;
            }
            history.pop();
        }
        Ok(count)
    }
}

/// Whatever has happened: when everything that is under way ends, so do we.
fn comes_to_an_end<M: Machine>(mut state: State<'_, M>) -> Result<(), Broken> {
    for _ in 0..TO_THE_END {
        if state.checker.exited() {
            return Ok(());
        }
        let happening = state.world.course_of_things();
        if !state.happen(happening)? {
            return Err(NO_STEP);
        }
    }
    Err(NO_STEP)
}

impl<M: Machine> State<'_, M> {
    /// Whether this can happen; then it has.
    fn happen(&mut self, happening: Happening) -> Result<bool, Broken> {
        let deadline = self.machine.deadline();
        match happening {
            _ if !self.world.allows(happening) => return Ok(false),
            Happening::Wait(Wait::Deadline) if deadline == Moment::NEVER => return Ok(false),
            Happening::Wait(Wait::Deadline) => self.now = self.now.max(deadline),
            Happening::Wait(Wait::Second) => self.now = self.now.after(Span::from_secs(1)),
            Happening::Wait(Wait::Hour) => self.now = self.now.after(Span::from_secs(3600)),
            _ => {}
        }
        for event in happening.events() {
            self.step(event, None)?;
        }
        Ok(true)
    }

    /// What the loop does at once: the next program is started.
    fn start(&mut self, stage: Stage) -> Result<(), Broken> {
        let began = self.plan.start(stage);
        self.step(Event::Began(began), Some(stage))
    }

    fn step(&mut self, event: Event, stage: Option<Stage>) -> Result<(), Broken> {
        let actions = self.machine.step(event, self.now);
        self.world = self.world.after(event, stage);
        let (deadline, told, now) = (self.machine.deadline(), self.machine.told(), self.now);
        self.checker.check(&Step { event, now, actions, deadline, told })?;
        actions.start.map_or(Ok(()), |stage| self.start(stage))
    }
}
