//! The judges. They see what happened in the world, and nothing of what the init thinks: its
//! system calls, what the others did, and the clock. From the policy and `docs/design.md` they
//! work out what it had to do between two waits, and compare.

mod audience;
mod course;
mod expected;
mod reaping;
mod round;
mod telling;

use crate::fact::{Began, Fact, process_name, signal_name};
use crate::kernel::{Code, Kernel, Outcome, Sender, Task};
use crate::scenario::{Case, Place, ProcView};
use expected::{Expected, History, Tell};
use reaping::Reaping;
use round::{Member, Round, Sent};
use sexton_core::course::Stage;
use sexton_core::policy::{Faithful, Policy};
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::Placement;
use telling::Tellings;

/// A rule that was broken, and how.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Which: one of [`RULES`].
    pub rule: &'static str,
    /// How.
    pub words: String,
}

impl Broken {
    /// This one, like this.
    pub fn new(rule: &'static str, words: impl Into<String>) -> Broken {
        Broken { rule, words: words.into() }
    }
}

/// All rules.
pub const RULES: [(&str, &str); 17] = [
    ("lost", "whoever the policy names hears a signal for the init, if he lives"),
    ("stranger", "nobody else hears it"),
    ("twice", "nobody hears it twice, nor the stop signal a second time in the drain"),
    ("never told", "the drain leaves nobody out who has not been told to stop"),
    ("rouse", "who is told to stop is continued, too"),
    ("value", "a signal's value arrives with it"),
    ("reaped", "no signal goes to a number whose process the init has reaped"),
    ("early kill", "SIGKILL comes at the deadline that the policy names, and not before"),
    ("order", "what is run besides the main command is run in its order, one after another"),
    ("start", "after a failure or a stop signal nothing of the start is started any more"),
    ("end", "what comes after the main command is run if, and only if, its turn had come"),
    ("zombie", "the init does not sleep while a child of it is a zombie"),
    ("childless", "it does not sleep when it has no child"),
    ("deadline", "it does not sleep beyond a deadline"),
    ("exit", "it exits when its work is done, and with the main command's status"),
    ("spins", "it wakes up only if there is a reason"),
    ("liveness", "it ends some time after the last fault and the last process"),
];

/// What holds for a whole run.
#[derive(Clone, Debug)]
struct Law {
    policy: Policy,
    place: Place,
    proc: ProcView,
    placement: Placement,
    init: Task,
    /// The main command, before and after it what is under way in its place.
    main: Option<Task>,
    services: Option<Task>,
    own_number: u32,
    /// The number of the main command, and that of its group.
    main_number: u32,
    group: u32,
}

/// The judges of one run.
pub struct Judge {
    law: Law,
    history: History,
    round: Round,
    tellings: Tellings,
    reaping: Reaping,
    /// Where a main command is placed.
    later: Placement,
}

impl Judge {
    /// Before anything has happened.
    pub fn new(case: &Case) -> Judge {
        let law = Law {
            policy: case.policy.clone(),
            place: case.place,
            proc: case.proc,
            placement: match case.course {
                Some(_) => Placement::Apart,
                None => case.placement,
            },
            init: Task(0),
            main: None,
            services: None,
            own_number: 0,
            main_number: 0,
            group: 0,
        };
        Judge {
            history: History::new(case),
            later: case.placement,
            law,
            round: Round::default(),
            tellings: Tellings::default(),
            reaping: Reaping::default(),
        }
    }

    /// The loop begins.
    pub fn begin(&mut self, kernel: &Kernel, init: Task, main: Option<Task>) {
        (self.law.init, self.law.main) = (init, main);
        self.law.own_number = kernel.at(init).pid;
        if let Some(main) = main {
            self.main_runs(main, kernel);
        }
        self.history.begin(main);
        self.round = Round::begin(kernel, init);
        for task in kernel.tasks() {
            self.tellings.born(task, kernel);
        }
    }

    fn main_runs(&mut self, main: Task, kernel: &Kernel) {
        (self.law.main, self.law.placement) = (Some(main), self.later);
        self.law.main_number = kernel.at(main).pid;
        self.law.group = match self.law.placement {
            Placement::Apart => self.law.main_number,
            Placement::WithUs => kernel.at(main).group,
        };
    }

    fn began(&mut self, stage: Stage, began: Began, kernel: &Kernel) {
        self.round.begun.push((stage, began));
        match (stage, began) {
            (Stage::Services, Began::UnderWay(task)) => self.law.services = Some(task),
            (Stage::Main, Began::UnderWay(task)) => self.main_runs(task, kernel),
            (_, Began::UnderWay(task)) => self.law.main = Some(task),
            _ => {}
        }
    }

    /// Something happened.
    pub fn see(&mut self, fact: &Fact, kernel: &Kernel) -> Result<(), Broken> {
        let init = self.law.init;
        match *fact {
            Fact::Woke => self.round = Round::begin(kernel, init),
            Fact::Took(info) => {
                self.round.took = Some(info);
                self.reaping.took();
            }
            Fact::Clock => {
                (self.round.clock, self.round.boottime) = (kernel.now, kernel.boottime());
            }
            Fact::Reaped { task, by } => {
                self.reaping.reaped(task, by == Some(init), kernel);
                if by == Some(init) && Some(task) == self.law.main {
                    self.round.main_ended = self.reaping.status_of(task);
                }
                if by == Some(init) && Some(task) == self.law.services {
                    self.round.services_ended = self.reaping.status_of(task);
                }
            }
            Fact::Born { task, .. } => {
                self.tellings.born(task, kernel);
                self.round.born.push(Member::of(task, kernel, init));
            }
            Fact::Ended { task, status } => self.reaping.ended(task, status),
            Fact::SawStop { task, signal } if Some(task) == self.law.main => {
                self.round.main_stopped = Some(signal);
            }
            Fact::Began { stage, began } => self.began(stage, began, kernel),
            Fact::NoChild => self.round.childless = kernel.at(init).children.is_empty(),
            Fact::WaitFailed => {
                self.round.wait_failed = true;
                self.reaping.failed();
            }
            Fact::Sent { from: Sender::Task(from), to, info, outcome } if from == init => {
                let one = kernel.at(to);
                let (group, descends) = (one.group, kernel.descends(to, init));
                self.round.sends.push(Sent { to, info, outcome, group, descends });
            }
            Fact::Sent { from: Sender::Kernel, to, info, .. } if info.code == Code::Kernel => {
                self.tellings.terminal_told(to, info.signal, kernel.boottime());
            }
            Fact::Called { by, target, signal, .. } if by == init => {
                self.reaping.addressed(&self.law, (target, signal), kernel)?;
            }
            Fact::Waits => self.end_round(kernel)?,
            Fact::Sleeps { until } => {
                let deadline = self.history.deadline();
                self.reaping.sleeps(&self.law, &self.round, until, deadline, kernel)?;
            }
            Fact::Left { code } => {
                self.round.left = Some(code);
                self.end_round(kernel)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What the init did since it woke up, against what it had to do.
    fn end_round(&mut self, kernel: &Kernel) -> Result<(), Broken> {
        let before = self.history.told;
        let expected = self.history.expect(&self.law, &self.round)?;
        self.check_exit(&expected)?;
        self.check_sends(&expected, before, kernel)?;
        for tell in &expected.tells {
            self.check_audience(tell, kernel)?;
        }
        for tell in &expected.tells {
            if let Some(whom) = tell.remembered {
                self.history.told = Some(self.tellings.record(whom, tell.signal, &self.round));
            }
        }
        if let Some(signal) = expected.terminal_told {
            self.history.told = Some(self.tellings.record_terminal(signal, &self.round));
        }
        Ok(())
    }

    fn check_exit(&self, expected: &Expected) -> Result<(), Broken> {
        match (expected.exit, self.round.left) {
            (None, None) => Ok(()),
            (Some(code), Some(left)) if code == left => Ok(()),
            (expected, left) => {
                let words = format!("expected an exit with {expected:?}, and it was {left:?}");
                Err(Broken::new("exit", words))
            }
        }
    }

    /// Everything that was sent had to be.
    fn check_sends(
        &self,
        expected: &Expected,
        told: Option<telling::Telling>,
        kernel: &Kernel,
    ) -> Result<(), Broken> {
        for (place, sent) in self.round.sends.iter().enumerate() {
            let signal = sent.info.signal;
            if sent.to == self.law.init {
                let noise = signal == Signal::PIPE;
                if noise || signal == Signal::STOP && expected.may_suspend {
                    continue;
                }
                let words = format!("the init sends itself {}", signal_name(signal));
                return Err(Broken::new("stranger", words));
            }
            if matches!(sent.outcome, Outcome::Refused | Outcome::Full) {
                continue;
            }
            let covered = expected.tells.iter().map(|tell| {
                usize::from(tell.signal == signal && self.may_hear(tell.whom, sent, told))
                    + usize::from(
                        signal == Signal::CONT
                            && tell.rouse.is_some_and(|whom| self.may_hear(whom, sent, told)),
                    )
            });
            let same = |other: &&Sent| {
                let failed = matches!(other.outcome, Outcome::Refused | Outcome::Full);
                other.to == sent.to && other.info.signal == signal && !failed
            };
            let times = self.round.sends[..=place].iter().filter(same).count();
            let allowed: usize = covered.sum();
            if times > allowed {
                return Err(self.unwanted(sent, allowed, expected, kernel));
            }
        }
        Ok(())
    }

    fn unwanted(&self, sent: &Sent, allowed: usize, by: &Expected, kernel: &Kernel) -> Broken {
        let (signal, to) = (sent.info.signal, process_name(kernel, sent.to));
        let named = by.tells.iter().any(|tell| tell.signal == signal);
        let rule = match signal {
            _ if allowed > 0 || named && self.tellings.received_last(sent.to) => "twice",
            Signal::KILL => "early kill",
            _ => "stranger",
        };
        let tells = &by.tells;
        let words = format!("{} went to {to}; what had to be sent: {tells:?}", signal_name(signal));
        Broken::new(rule, words)
    }

    /// Everyone who had to be told was, if he lived all the while.
    fn check_audience(&self, tell: &Tell, kernel: &Kernel) -> Result<(), Broken> {
        let got = |task: Task, signal: Signal| {
            self.round.sends.iter().any(|sent| sent.to == task && sent.info.signal == signal)
        };
        for member in &self.round.members {
            let lives = kernel.at(member.task).lives() && !kernel.at(member.task).foreign;
            if !lives {
                continue;
            }
            let name = || process_name(kernel, member.task);
            if self.must_hear(tell.whom, member, kernel) && !got(member.task, tell.signal) {
                let rule = match tell.whom {
                    audience::Whom::Untold => "never told",
                    _ => "lost",
                };
                let words = format!("{} never got {}", name(), signal_name(tell.signal));
                return Err(Broken::new(rule, words));
            }
            if let Some(whom) = tell.rouse
                && self.must_hear(whom, member, kernel)
                && !got(member.task, Signal::CONT)
            {
                return Err(Broken::new("rouse", format!("{} was not continued", name())));
            }
        }
        self.check_value(tell)
    }

    fn check_value(&self, tell: &Tell) -> Result<(), Broken> {
        let Some(value) = tell.value else { return Ok(()) };
        let audience::Whom::One(one) = tell.whom else { return Ok(()) };
        let mains = || self.round.sends.iter().filter(|sent| sent.to == one);
        let failed = mains().any(|sent| matches!(sent.outcome, Outcome::Full | Outcome::Refused));
        let arrived = mains().any(|sent| {
            let whole = sent.info.code == Code::Queue && sent.info.value == value;
            sent.info.signal == tell.signal && whole
        });
        let sent = mains().next().is_some();
        match arrived || failed || !sent {
            true => Ok(()),
            false => {
                let signal = signal_name(tell.signal);
                Err(Broken::new("value", format!("{signal} came without its value {value}")))
            }
        }
    }
}

/// The status that an init has for this end of the main command.
fn code_of(policy: &Policy, status: u32) -> Option<u8> {
    let code = match WaitStatus::decode(status) {
        WaitStatus::Exited(code) => code,
        WaitStatus::Killed(_) if policy.faithful == Faithful::InEverything => return Some(0),
        WaitStatus::Killed(signal) => 128 + signal.number(),
        WaitStatus::Stopped(_) | WaitStatus::Continued => return None,
    };
    Some(policy.codes.get(sexton_core::exit::ExitCode(code)).0)
}
