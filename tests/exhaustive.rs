//! Every short history there is, under every policy that makes a difference: each answer of the
//! supervisor is judged by a checker that sees only what happened and what was answered. Planted
//! bugs prove that the checker can fail.

#[path = "exhaustive/checker.rs"]
mod checker;
#[path = "exhaustive/course/mod.rs"]
mod course;
#[path = "exhaustive/mutants.rs"]
mod mutants;
#[path = "exhaustive/world.rs"]
mod world;

use std::fmt;
use std::time::Instant;

use checker::{Broken, Checker, Step};
use mutants::{BUGS, Machine, Mutant};
use sexton_core::limits::{KILL_AGAIN, KILL_PATIENCE};
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{Children, Event, Supervisor, Sweep};
use sexton_core::time::Moment;
use world::{ALPHABET, Setting, World, settings};

/// What is enumerated: all histories of up to so many events, out of the first so many of the
/// alphabet. That takes a debug build about a second; all events at the greater depth, a minute.
#[derive(Clone, Copy)]
struct Scope {
    depth: usize,
    events: usize,
}

const WIDE: Scope = Scope { depth: 3, events: ALPHABET.len() };
const DEEP: Scope = Scope { depth: 5, events: 7 };

const NO_END: Broken = "every run comes to an end";

#[test]
fn every_short_history_of_all_events_keeps_the_rules() {
    keeps_the_rules(WIDE);
}

#[test]
fn every_longer_history_of_the_main_events_keeps_the_rules() {
    keeps_the_rules(DEEP);
}

#[test]
fn the_checker_finds_every_planted_bug() {
    let settings = settings();
    for (bug, rule) in BUGS {
        let caught = settings
            .iter()
            .find_map(|setting| explore_all(setting, Mutant::new(setting, *bug), WIDE).err())
            .unwrap_or_else(|| panic!("{bug:?} was not found"));
        assert_eq!(caught.broken, *rule, "{bug:?} was found as something else:\n{caught}");
    }
}

fn keeps_the_rules(scope: Scope) {
    let settings = settings();
    let started = Instant::now();
    let mut histories = 0;
    for setting in &settings {
        let machine = Supervisor::new(&setting.policy, setting.placement);
        match explore_all(setting, machine, scope) {
            Ok(count) => histories += count,
            Err(failure) => panic!("{failure}"),
        }
    }
    println!(
        "{histories} histories: up to {} of {} events, {} settings, {:.1} s",
        scope.depth,
        scope.events,
        settings.len(),
        started.elapsed().as_secs_f64(),
    );
    // An alphabet or a world that allows nothing would find nothing.
    assert!(histories > 100_000, "only {histories} histories");
}

/// A rule that was broken, and how it came to it.
struct Failure<'p> {
    setting: &'p Setting,
    history: Vec<&'static str>,
    broken: Broken,
}

impl fmt::Display for Failure<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "broken: {}", self.broken)?;
        for name in &self.history {
            writeln!(out, "  {name}")?;
        }
        let Setting { policy, placement, rewrites } = self.setting;
        write!(
            out,
            "to {:?}, on exit {:?}, stop timeout {:?}, drain timeout {:?}, rewrites {rewrites}, \
             placed {placement:?}",
            policy.forward_to, policy.on_exit, policy.stop_timeout, policy.drain_timeout,
        )
    }
}

/// Where a history has led.
#[derive(Clone)]
struct State<'p, M> {
    machine: M,
    checker: Checker<'p>,
    world: World,
    now: Moment,
}

/// All histories of a setting: how many.
fn explore_all<M: Machine>(
    setting: &Setting,
    machine: M,
    scope: Scope,
) -> Result<u64, Failure<'_>> {
    let (world, now) = (World::Main, Moment::new(1000, 0));
    let start = State { machine, checker: Checker::new(setting), world, now };
    let mut history = Vec::new();
    explore(&start, scope, &mut history).map_err(|broken| Failure { setting, history, broken })
}

/// All continuations of a history. On failure it is left as it was when the rule was broken.
fn explore<M: Machine>(
    state: &State<'_, M>,
    scope: Scope,
    history: &mut Vec<&'static str>,
) -> Result<u64, Broken> {
    let mut count = 1;
    if history.len() == scope.depth {
        return Ok(count);
    }
    let exited = state.checker.exited();
    if !exited {
        history.push("and then silence");
        comes_to_an_end(state.clone())?;
        history.pop();
    }
    for (name, happening) in ALPHABET.iter().take(scope.events) {
        if !state.world.allows(*happening) {
            continue;
        }
        let Some((event, now)) = happening.event(state.now, state.machine.deadline()) else {
            continue;
        };
        let mut next = state.clone();
        history.push(name);
        next.step(event, now)?;
        // One event after the exit is enough to show that nothing follows.
        count += if exited { 1 } else { explore(&next, scope, history)? };
        history.pop();
    }
    Ok(count)
}

/// Whatever has happened: when no signal comes any more, time and KILL bring the end.
fn comes_to_an_end<M: Machine>(mut state: State<'_, M>) -> Result<(), Broken> {
    let deadline = state.machine.deadline();
    if deadline == Moment::NEVER {
        // The checker has seen that nobody is to be killed: they stay until they end by themselves.
        return state.all_end(WaitStatus::Exited(3));
    }
    if state.checker.killed_at().is_none() {
        state.step(Event::Tick, state.now.max(deadline))?;
    }
    let killed_at = state.checker.killed_at().ok_or(checker::NO_KILL)?;
    state.clone().all_end(WaitStatus::Killed(Signal::KILL))?;
    // Some cannot be killed: they hang in the kernel.
    let patience = killed_at.after(KILL_PATIENCE).after(KILL_AGAIN);
    state.step(Event::Tick, state.now.max(patience))?;
    state.has_ended()
}

impl<M: Machine> State<'_, M> {
    /// The main command ends like this, if it has not yet, and then everyone else.
    fn all_end(mut self, status: WaitStatus) -> Result<(), Broken> {
        if self.world == World::Main {
            let sweep = Sweep { main: Some(status), children: Children::Left };
            self.step(Event::Swept(sweep), self.now)?;
        }
        if !self.checker.exited() {
            let sweep = Sweep { main: None, children: Children::None };
            self.step(Event::Swept(sweep), self.now)?;
        }
        self.has_ended()
    }

    fn has_ended(&self) -> Result<(), Broken> {
        if self.checker.exited() { Ok(()) } else { Err(NO_END) }
    }

    fn step(&mut self, event: Event, now: Moment) -> Result<(), Broken> {
        let actions = self.machine.step(event, now);
        self.now = now;
        self.world = self.world.after(event);
        let (deadline, told) = (self.machine.deadline(), self.machine.told());
        self.checker.check(&Step { event, now, actions, deadline, told })
    }
}
