//! A run: the kernel, what its processes do, what befalls them, and the clock that drives all of
//! it. Others run whenever the init is in a system call, so that nothing it does is atomic but
//! what a single call does.

use crate::audience::Circle;
use crate::bug::Bug;
use crate::checkers::{Broken, Judge};
use crate::fact::{Fact, seconds};
use crate::kernel::{Code, Delivered, Info, Kernel, Outcome, Sender, State, Task};
use crate::program::{MS, Program, SEC};
use crate::random::Random;
use crate::scenario::{Act, Case};
use sexton_core::errno::Errno;
use sexton_core::process::Pid;
use sexton_core::signal::Signal;
use sexton_core::supervisor::Placement;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Ending {
    /// The init exited.
    Left(u8),
    /// A rule was broken.
    Broken(Broken),
    /// It panicked.
    Panicked(String),
}

/// A process heard a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: u64,
    /// What the process is called.
    pub name: &'static str,
    /// Which.
    pub signal: Signal,
}

/// What is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// A process sees what has come for it.
    Deliver(Task),
    /// A process does something by itself.
    Step(Task, Step),
    /// Something befalls: a place in the case's list.
    Act(usize),
    /// Nothing goes wrong any more.
    Quiet,
    /// The main command ends, if it has not yet.
    MainEnds,
    /// Everybody ends.
    AllEnd,
}

/// What a process does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    End,
    Fork,
    Unblock,
    Execute,
    Executed,
    ReapChildren,
    ReapedOutside,
    Stop,
    Untrace,
    Unhang,
    /// Somebody continues a stopped init, as `fg` does.
    Foreground,
}

/// More system calls than any run needs.
const CALLS_MAX: u64 = 200_000;

/// A run under way.
pub struct World {
    /// The process table and the clock.
    pub kernel: Kernel,
    /// Chance.
    pub random: Random,
    /// What is run.
    pub case: Case,
    /// The init.
    pub init: Task,
    /// Its main command, if it has one; before and after it what was started last.
    pub main: Option<Task>,
    /// The supervisor of services, once it was started.
    pub services: Option<Task>,
    /// What was started to stop them.
    pub stops_services: Option<Task>,
    /// What is wrong with the init.
    pub bug: Option<Bug>,
    /// How it ended, once it has.
    pub ending: Option<Ending>,
    /// Where a walk through `/proc` has come to.
    pub directory: u32,
    /// Room for a line of `/proc`.
    pub line: Vec<u8>,
    /// wait4 has answered with a child since the last wake-up.
    pub reaped_one: bool,
    /// What happened, for people, if they want to see it.
    pub trace: Option<Vec<String>>,
    pub(crate) programs: Vec<Program>,
    pub(crate) quiet: bool,
    pub(crate) barren: bool,
    /// What is started from now on ends soon.
    pub(crate) hurried: bool,
    /// The main command's turn has not come.
    pub(crate) starting: bool,
    judge: Judge,
    queue: BinaryHeap<Reverse<(u64, u64, Event)>>,
    order: u64,
    /// How many system calls the init made.
    pub calls: u64,
    /// How many signals it took.
    pub taken: u64,
    /// What each process heard, by its name.
    pub heard: Vec<Heard>,
    frozen_until: u64,
    /// The init is in a wait for signals.
    waits: bool,
}

impl World {
    /// Before the init's loop begins: the main command has been started.
    pub fn new(case: Case, bug: Option<Bug>) -> World {
        let random = Random::new(case.seed ^ 0x5e71);
        let mut world = World {
            kernel: Kernel::new(case.begins),
            random,
            init: Task(0),
            main: None,
            services: None,
            stops_services: None,
            bug,
            ending: None,
            directory: 0,
            line: Vec::new(),
            reaped_one: false,
            trace: None,
            programs: Vec::new(),
            quiet: false,
            barren: false,
            hurried: false,
            starting: true,
            judge: Judge::new(&case),
            queue: BinaryHeap::new(),
            order: 0,
            calls: 0,
            taken: 0,
            heard: Vec::new(),
            frozen_until: 0,
            waits: false,
            case,
        };
        world.populate();
        let begins = world.case.begins;
        for place in 0..world.case.acts.len() {
            world.at(begins + world.case.acts[place].0, Event::Act(place));
        }
        world.at(begins + world.case.quiet, Event::Quiet);
        world.at(begins + world.case.main_ends, Event::MainEnds);
        for again in 0..20 {
            world.at(begins + world.case.all_end + again * 100 * MS, Event::AllEnd);
        }
        world.judge.begin(&world.kernel, world.init, world.main);
        world
    }

    /// Tells what happens from now on.
    #[must_use]
    pub fn traced(mut self) -> World {
        self.trace = Some(Vec::new());
        self
    }

    /// Whether it does.
    pub fn is_traced(&self) -> bool {
        self.trace.is_some()
    }

    /// What the start of the init found out (`src/init/boot.rs`).
    pub fn circle(&self) -> Circle {
        let number = |task: Task| Pid::new(self.kernel.at(task).pid);
        let group = self.main.map_or(0, |main| match self.case.placement {
            Placement::Apart => self.kernel.at(main).pid,
            Placement::WithUs => self.kernel.at(main).group,
        });
        let own = number(self.init).expect("a number");
        // What is run before the main command is in our group, and cannot stop us.
        let placement = match self.main {
            None if self.case.course.is_some() => Placement::Apart,
            _ => self.case.placement,
        };
        Circle { own, main: self.main.and_then(number), placement, group }
    }

    pub(crate) fn at(&mut self, when: u64, event: Event) {
        self.order += 1;
        self.queue.push(Reverse((when, self.order, event)));
    }

    pub(crate) fn after(&mut self, span: u64, event: Event) {
        self.at(self.kernel.now + span, event);
    }

    pub(crate) fn befell(&mut self, what: impl FnOnce() -> String) {
        if self.trace.is_some() {
            self.kernel.facts.push(Fact::Befell(what()));
        }
    }

    /// The init makes a system call: it takes a little time, in which others run. One that is
    /// stopped or frozen makes it when it runs again.
    pub fn syscall(&mut self) {
        self.calls += 1;
        if self.calls > CALLS_MAX {
            self.break_off(Broken::new("spins", "the init makes system calls without end"));
        }
        let stalls = self.case.faults.stalls && !self.quiet && self.can_be_held_up();
        let cost = match stalls && self.random.percent(1) {
            true => self.random.span(MS, SEC),
            false => 500 + self.random.below(20_000),
        };
        self.pass(cost);
        while self.ending.is_none() && !self.runs() {
            self.next_event(u64::MAX);
        }
    }

    /// Whether the init may be held up for long just now: where numbers come again soon, only while
    /// it waits. Between a look into `/proc` and the kill that follows nothing but luck, or pidfds,
    /// would help.
    pub(crate) fn can_be_held_up(&self) -> bool {
        self.waits || !self.case.faults.reuse
    }

    /// Whether the init can run.
    fn runs(&self) -> bool {
        self.kernel.at(self.init).state == State::Running && self.kernel.now >= self.frozen_until
    }

    pub(crate) fn freeze(&mut self, span: u64) {
        self.frozen_until = self.kernel.now + span;
        self.at(self.frozen_until, Event::Step(self.init, Step::Unhang));
    }

    /// So much time passes.
    pub fn pass(&mut self, span: u64) {
        let until = self.kernel.now.saturating_add(span);
        while self.ending.is_none() && self.next_event(until) {}
        self.kernel.now = self.kernel.now.max(until);
    }

    /// The next thing happens, if it does before that moment.
    fn next_event(&mut self, until: u64) -> bool {
        let due = self.queue.peek().is_some_and(|Reverse((when, ..))| *when <= until);
        if !due {
            if until == u64::MAX {
                self.break_off(Broken::new("liveness", "nothing happens, and the init stays"));
            }
            return false;
        }
        if let Some(Reverse((when, _, event))) = self.queue.pop() {
            self.kernel.now = self.kernel.now.max(when);
            self.happen(event);
            self.settle();
        }
        true
    }

    /// rt_sigtimedwait(2) for any signal.
    pub fn wait_signal(&mut self, span: u64) -> Result<Info, Errno> {
        self.syscall();
        self.kernel.facts.push(Fact::Waits);
        self.settle();
        self.reaped_one = false;
        self.waits = true;
        let limit = self.kernel.now.saturating_add(span);
        let mut until = if span >= u64::MAX / 4 { u64::MAX } else { limit };
        if self.bug == Some(Bug::Oversleeps) {
            until = u64::MAX;
        }
        if self.case.faults.errors && !self.quiet && self.random.percent(2) {
            self.waits = false;
            self.kernel.facts.push(Fact::Woke);
            return Err(self.random.pick(&[Errno::INTR, Errno(12)]));
        }
        if self.bug == Some(Bug::Spins) {
            until = self.kernel.now;
        }
        let blocks = self.kernel.at(self.init).pending.is_empty();
        if blocks {
            self.kernel.facts.push(Fact::Sleeps { until });
            self.settle();
        }
        while self.ending.is_none() && self.kernel.at(self.init).pending.is_empty() {
            if !self.next_event(until) {
                break;
            }
        }
        if self.kernel.at(self.init).pending.is_empty() {
            self.kernel.now = self.kernel.now.max(until.min(u64::MAX / 2));
        } else {
            // It is woken up, and runs a little later.
            let latency = self.random.below(50_000);
            self.pass(latency);
        }
        while self.ending.is_none() && !self.runs() {
            self.next_event(u64::MAX);
        }
        self.waits = false;
        self.kernel.facts.push(Fact::Woke);
        let info = self.kernel.take(self.init, !0).ok_or(Errno::AGAIN)?;
        self.kernel.facts.push(Fact::Took(info));
        self.taken += 1;
        let lost = self.bug == Some(Bug::LosesSignals) && self.taken.is_multiple_of(5);
        if lost { Err(Errno::AGAIN) } else { Ok(info) }
    }

    /// Whether this wait4 fails.
    pub fn wait_fails(&mut self) -> bool {
        self.case.faults.errors && !self.quiet && self.random.percent(3)
    }

    /// A line of the log was written, or could not be.
    pub fn line_was_written(&mut self) {
        self.syscall();
        if self.bug == Some(Bug::BlocksInItsLog) {
            while self.ending.is_none() {
                self.next_event(u64::MAX);
            }
        }
        if self.case.faults.broken_log {
            let pid = self.kernel.at(self.init).pid;
            let info = Info { signal: Signal::PIPE, code: Code::User, pid, value: 0 };
            self.kernel.send(Sender::Task(self.init), self.init, info);
        }
    }

    /// Who has the number that is written like this.
    pub fn find(&self, number: &str) -> Option<Task> {
        self.kernel.find(number.parse().ok()?)
    }

    /// Its line in `/proc`.
    pub fn stat(&self, task: Task, line: &mut Vec<u8>) {
        self.kernel.stat(task, line);
        if self.bug == Some(Bug::ForgetsWhoWasTold) {
            let now = (self.kernel.boottime() / 10_000_000).to_string();
            let text = String::from_utf8_lossy(line).into_owned();
            let mut words: Vec<&str> = text.split(' ').collect();
            let place = words.len() - 31;
            words[place] = &now;
            *line = words.join(" ").into_bytes();
        }
    }

    /// Whom a kill really goes to, under a bug; nobody if it is not sent.
    pub fn mislead(&self, target: i32, signal: Signal) -> Option<i32> {
        let main = self.main.map(|main| self.kernel.at(main));
        let gone = main.is_some_and(|main| main.state == State::Gone);
        let number = main.map_or(0, |main| main.pid as i32);
        let kills = signal == Signal::KILL;
        let one =
            |one: Option<Task>| one.is_some_and(|one| self.kernel.at(one).pid as i32 == target);
        let kills_one =
            kills && self.case.course.is_some() && (one(self.main) || one(self.services));
        Some(match self.bug {
            Some(Bug::SparesTheSlow) if kills_one => return None,
            Some(Bug::KillsAllForOne) if kills_one => -1,
            Some(Bug::SkipsTheDrain) if gone && !kills => return None,
            Some(Bug::ForgetsToRouse) if signal == Signal::CONT => return None,
            Some(Bug::SpeaksToTheDead) if gone && !kills => number,
            Some(Bug::TellsStrangers) if target > 0 => -target,
            Some(Bug::TellsTheHost) if kills => -1,
            _ => target,
        })
    }

    /// What the init makes of the status of a child that it reaped, under a bug.
    pub fn misread(&self, task: Task, word: u32) -> u32 {
        let killed = word & 0x7f != 0 && word & 0xff != 0x7f;
        match self.bug {
            Some(Bug::LosesTheKilled) if killed => word & 0xff00,
            Some(Bug::GoesOnAfterAFailure) if Some(task) == self.main && self.starting => 0,
            Some(Bug::TakesAnOrphansStatus) if Some(task) == self.main => {
                let orphans = self.kernel.processes.iter().enumerate();
                let last = orphans.rev().find(|(place, _)| *place > task.0);
                last.map_or(word, |(place, _)| (place as u32 & 0x7f) << 8)
            }
            _ => word,
        }
    }

    pub(crate) fn break_off(&mut self, broken: Broken) {
        self.ending.get_or_insert(Ending::Broken(broken));
    }

    /// What has happened is judged and told, and those for whom something came will see it.
    pub fn settle(&mut self) {
        while !self.kernel.facts.is_empty() || !self.kernel.awake.is_empty() {
            for fact in std::mem::take(&mut self.kernel.facts) {
                self.follows(&fact);
                if let Some(trace) = &mut self.trace
                    && let Some(words) = fact.tell(&self.kernel)
                {
                    trace.push(format!("{:>14}  {words}", seconds(self.kernel.now)));
                }
                if let Err(broken) = self.judge.see(&fact, &self.kernel) {
                    self.break_off(broken);
                }
            }
            for task in std::mem::take(&mut self.kernel.awake) {
                if task != self.init {
                    let latency = self.random.span(1000, self.case.latency);
                    self.after(latency, Event::Deliver(task));
                }
            }
        }
    }

    /// What follows from what happened.
    fn follows(&mut self, fact: &Fact) {
        match *fact {
            Fact::Ended { task, .. } => match self.kernel.at(task).parent {
                None => self.after(MS, Event::Step(task, Step::ReapedOutside)),
                Some(parent) => self.reaps_soon(parent),
            },
            Fact::Adopted { by: Some(by), .. } => self.reaps_soon(by),
            // It stopped itself, as its command did.
            Fact::Sent { from, to, info, outcome: Outcome::Queued } => {
                let own = from == Sender::Task(self.init) && to == self.init;
                if own && info.signal == Signal::STOP {
                    self.continues_later();
                }
            }
            Fact::Heard { task, info } => {
                let (at, name) = (self.kernel.now, self.kernel.at(task).name);
                self.heard.push(Heard { at, name, signal: info.signal });
            }
            _ => {}
        }
    }

    /// Somebody continues a stopped init.
    pub(crate) fn continues_later(&mut self) {
        let span = self.random.span(MS, 3 * SEC);
        self.after(span, Event::Step(self.init, Step::Foreground));
    }

    fn reaps_soon(&mut self, parent: Task) {
        let reaps = self.kernel.at(parent).reaps == crate::kernel::Reaps::Soon;
        if parent != self.init && reaps {
            let latency = self.random.span(1000, self.case.latency);
            self.after(latency, Event::Step(parent, Step::ReapChildren));
        }
    }

    /// A process sees what has come for it.
    pub(crate) fn deliver(&mut self, task: Task) {
        while let Some(delivered) = self.kernel.deliver(task) {
            if let Delivered::Caught(info) = delivered {
                self.react(task, info);
            }
            self.settle();
        }
    }

    /// Whether an act is still to come that can go wrong.
    pub(crate) fn act(&self, place: usize) -> Act {
        self.case.acts[place].1
    }
}
