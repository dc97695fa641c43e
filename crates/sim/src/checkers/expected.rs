//! What the init has to do, by its policy and by what happened: a second reading of
//! `docs/design.md`, "The clean stop".

use super::audience::Whom;
use super::course::{Part, Services, Turn, is_hook};
use super::round::Round;
use super::telling::Telling;
use super::{Broken, Law};
use crate::kernel::{Code, Info, Task};
use crate::scenario::Case;
use sexton_core::course::Stage;
use sexton_core::limits::{KILL_AGAIN, KILL_PATIENCE};
use sexton_core::policy::{ForwardTo, Mode, StopsHeard};
use sexton_core::process::ToldWhom;
use sexton_core::signal::Signal;
use sexton_core::supervisor::Placement;

/// A signal that has to be sent.
#[derive(Clone, Debug)]
pub struct Tell {
    pub whom: Whom,
    pub signal: Signal,
    /// Who is to be continued, too.
    pub rouse: Option<Whom>,
    /// The value that has to arrive with it.
    pub value: Option<u32>,
    /// Who has been told to stop by it, if it is remembered.
    pub remembered: Option<ToldWhom>,
}

/// What has to be done in one round.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub tells: Vec<Tell>,
    pub exit: Option<u8>,
    /// The init may stop itself.
    pub may_suspend: bool,
    /// The terminal told the main command's group to stop.
    pub terminal_told: Option<Signal>,
}

/// What has happened so far, as far as it matters.
#[derive(Clone, Debug)]
pub struct History {
    pub code: Option<u8>,
    pub stop: Option<Signal>,
    pub drains: bool,
    /// When the drain began.
    pub drained: u64,
    /// When KILL was sent first, and when it is due again.
    pub killed: Option<u64>,
    pub kill_at: u64,
    pub held: Option<u64>,
    interrupted: Option<u64>,
    /// The last stop signal that more than the main command got.
    pub told: Option<Telling>,
    /// Whether there is more than the main command, how far the run is, and what is under way.
    pub course: bool,
    pub part: Part,
    pub stage: Stage,
    pub program: Option<Task>,
    pub services: Services,
    /// Whether what is under way was told to stop, and when it gets KILL for that.
    pub asked: bool,
    pub grace: u64,
    /// A startup file or a hook has failed.
    pub failed: bool,
    pub childless: bool,
    begun: bool,
}

const NEVER: u64 = u64::MAX;

impl History {
    pub fn new(case: &Case) -> History {
        let course = case.course.is_some();
        History {
            code: None,
            stop: None,
            drains: false,
            drained: NEVER,
            killed: None,
            kill_at: NEVER,
            held: None,
            interrupted: None,
            told: None,
            course,
            part: if course { Part::Start } else { Part::Main },
            stage: if course { Stage::Prologue } else { Stage::Main },
            program: None,
            services: Services::None,
            asked: false,
            grace: NEVER,
            failed: false,
            childless: course,
            begun: !course,
        }
    }

    /// The main command runs already, if there is no course.
    pub fn begin(&mut self, main: Option<Task>) {
        self.program = main;
    }

    /// When the init has to be awake.
    pub fn deadline(&self) -> u64 {
        self.kill_at.min(self.held.unwrap_or(NEVER)).min(self.grace)
    }

    /// What had to be done in this round.
    pub fn expect(&mut self, law: &Law, round: &Round) -> Result<Expected, Broken> {
        let with_us = law.placement == Placement::WithUs;
        let suspends = |info: Info| law.policy.suspend_on.contains(info.signal);
        let stopped = round.main_stopped.is_some_and(|signal| signal != Signal::STOP);
        let may_suspend = stopped && with_us || round.took.is_some_and(suspends);
        let expected = Expected { may_suspend, ..Expected::default() };
        let mut turn = Turn { law, round, begun: round.begun.iter(), expected };
        if !self.begun {
            // Nothing has come yet, and nothing was reaped.
            self.begun = true;
            self.ask(Stage::Prologue, &mut turn)?;
            return self.complete(turn);
        }
        self.sweep(&mut turn)?;
        if let Some(status) = round.services_ended.filter(|_| turn.expected.exit.is_none()) {
            self.services_ended(status, &mut turn)?;
        }
        if turn.expected.exit.is_none()
            && let Some(info) = round.took
        {
            self.signal(info, &mut turn)?;
        }
        if turn.expected.exit.is_none() {
            self.tick(&mut turn);
        }
        self.complete(turn)
    }

    /// Nothing else was started.
    fn complete(&self, mut turn: Turn<'_>) -> Result<Expected, Broken> {
        match turn.begun.next() {
            Some((stage, _)) => Err(self.wrong(None, Some(*stage))),
            None => Ok(turn.expected),
        }
    }

    fn sweep(&mut self, turn: &mut Turn<'_>) -> Result<(), Broken> {
        self.childless = turn.round.childless;
        if let Some(status) = turn.round.main_ended.filter(|_| self.program.is_some()) {
            return self.program_ended(status, turn);
        }
        let over = self.part == Part::Last || self.killed.is_some();
        if self.childless && over && (self.code.is_some() || self.course) {
            turn.expected.exit = Some(self.code.unwrap_or(137));
        }
        Ok(())
    }

    fn signal(&mut self, info: Info, turn: &mut Turn<'_>) -> Result<(), Broken> {
        let (law, round, policy) = (turn.law, turn.round, &turn.law.policy);
        if info.signal == Signal::CHLD || is_own_noise(info, law) {
            return Ok(());
        }
        if policy.mode == Mode::Pause {
            if matches!(info.signal, Signal::INT | Signal::TERM) {
                turn.expected.exit = Some(0);
            }
            return Ok(());
        }
        let late = self.part == Part::Last || self.killed.is_some();
        if policy.stops_heard == StopsHeard::First && (self.stop.is_some() || late) {
            return Ok(());
        }
        let Some(signal) = policy.rewrites.get(info.signal) else { return Ok(()) };
        if info.signal == Signal::INT {
            let again = self.interrupted.is_some_and(|until| round.clock < until);
            self.interrupted = Some(later(round.clock, policy.drain_timeout.as_nanos()));
            if again && self.drains && self.killed.is_none() {
                self.kill_at = round.clock;
                return Ok(());
            }
        }
        if self.killed.is_some() {
            return Ok(());
        }
        let stops = policy.stop_on.contains(info.signal) || policy.stop_on.contains(signal);
        let first = stops && self.stop.is_none();
        if first {
            self.stop = Some(signal);
            let end = later(round.clock, policy.stop_timeout.as_nanos());
            self.kill_at = self.kill_at.min(end);
        }
        let lives = self.part == Part::Main;
        let whom = match (self.part, self.services) {
            (Part::Start, _) => self.program.map(Whom::One),
            (Part::Main, _) => self.listeners(law),
            (Part::Services, _) if stops => return self.enter_end(turn),
            (Part::Services, Services::Alive(task)) => Some(Whom::One(task)),
            (Part::End, _) if first && is_hook(self.stage) => self.program.map(Whom::One),
            (Part::Last, _) => Some(Whom::Everyone),
            _ => None,
        };
        let expected = &mut turn.expected;
        let Some(whom) = whom else { return Ok(()) };
        let shares = law.placement == Placement::WithUs && lives || self.part == Part::Start;
        let by_terminal = shares && is_from_terminal(info, law);
        let one = matches!(whom, Whom::One(_));
        let value = (info.code == Code::Queue && one).then_some(info.value);
        if !stops {
            if !by_terminal {
                expected.tells.push(Tell { value, ..tell(whom, signal) });
            }
        } else if by_terminal {
            expected.terminal_told = Some(info.signal).filter(|signal| is_heard(*signal));
        } else if first && lives && policy.stop_delay.as_nanos() > 0 {
            self.held = Some(later(round.clock, policy.stop_delay.as_nanos()));
        } else if !(self.drains && self.drained == round.clock) {
            self.told_to_stop(turn);
            turn.expected.tells.push(Tell { value, ..stop_for(whom, signal) });
        }
        Ok(())
    }

    /// What is under way was.
    fn told_to_stop(&mut self, turn: &Turn<'_>) {
        (self.held, self.asked) = (None, true);
        if self.part < Part::Last {
            let end = later(turn.round.clock, turn.law.policy.grace.as_nanos());
            self.grace = self.grace.min(end);
        }
    }

    fn tick(&mut self, turn: &mut Turn<'_>) {
        let now = turn.round.clock;
        if now < self.kill_at {
            if let Some(signal) = self.stop
                && self.held.is_some_and(|due| now >= due)
            {
                let listeners = self.listeners(turn.law);
                self.told_to_stop(turn);
                turn.expected.tells.extend(listeners.map(|whom| stop_for(whom, signal)));
            }
            if now >= self.grace {
                self.grace = NEVER;
                let slow = match self.services {
                    Services::Alive(task) if self.stage == Stage::EndServices => Some(task),
                    _ => self.program,
                };
                let slow = slow.map(|slow| tell(Whom::One(slow), Signal::KILL));
                turn.expected.tells.extend(slow);
            }
            return;
        }
        match self.killed {
            Some(since) if now >= later(since, KILL_PATIENCE.as_nanos()) => {
                turn.expected.exit = Some(self.code.unwrap_or(137));
                return;
            }
            Some(_) => {}
            // Nothing else is said any more.
            None => (self.killed, self.held, self.grace) = (Some(now), None, NEVER),
        }
        self.kill_at = later(now, KILL_AGAIN.as_nanos());
        turn.expected.tells.push(tell(Whom::Everyone, Signal::KILL));
    }

    /// Who gets the main command's signals while it lives.
    fn listeners(&self, law: &Law) -> Option<Whom> {
        match law.policy.forward_to {
            ForwardTo::Command => self.program.map(Whom::One),
            ForwardTo::Group => Some(Whom::Group),
            ForwardTo::Everyone => Some(Whom::Everyone),
        }
    }

    /// The same after it was reaped.
    pub fn late_listeners(&self, law: &Law) -> Option<Whom> {
        match law.policy.forward_to {
            ForwardTo::Command => None,
            ForwardTo::Group => Some(Whom::LateGroup),
            ForwardTo::Everyone => Some(Whom::Everyone),
        }
    }
}

pub fn tell(whom: Whom, signal: Signal) -> Tell {
    Tell { whom, signal, rouse: None, value: None, remembered: None }
}

pub fn to_the_rest(signal: Signal) -> Tell {
    Tell { rouse: Some(Whom::Everyone), ..tell(Whom::Untold, signal) }
}

pub fn stop_for(whom: Whom, signal: Signal) -> Tell {
    let remembered = match whom {
        Whom::Group => Some(ToldWhom::Group),
        Whom::Everyone => Some(ToldWhom::Everyone),
        _ => None,
    };
    let remembered = remembered.filter(|_| is_heard(signal));
    Tell { rouse: Some(whom), remembered, ..tell(whom, signal) }
}

/// Who has set nothing for one of these does not hear it, and `/proc` does not show that.
fn is_heard(signal: Signal) -> bool {
    !matches!(signal, Signal::CONT | Signal::URG | Signal::WINCH)
}

fn is_own_noise(info: Info, law: &Law) -> bool {
    info.code == Code::User && info.pid == law.own_number && info.signal == Signal::PIPE
}

/// What the terminal tells the group that both are in.
fn is_from_terminal(info: Info, law: &Law) -> bool {
    // Those of signal(7) that a terminal sends: 1 HUP, 2 INT, 3 QUIT, 18 CONT, 20-22, 28 WINCH.
    let keys = [1, 2, 3, 18, 20, 21, 22, 28];
    law.policy.stops_heard == StopsHeard::All
        && info.code == Code::Kernel
        && keys.contains(&info.signal.number())
}

/// What never comes stays so.
pub fn later(at: u64, span: u64) -> u64 {
    if span >= NEVER / 4 { NEVER } else { at + span }
}
