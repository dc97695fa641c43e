//! Planted bugs: supervisors that break one rule each. That the checker finds every one of them is
//! what its silence about the real one is worth.

use sexton_core::exit::{Exit, ExitCode, ExitState};
use sexton_core::process::{Told, ToldWhom};
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{
    Actions, Audience, Children, Event, Heard, LastPart, Source, Supervisor, Sweep,
};
use sexton_core::time::{Moment, Span};

use crate::checker::{self, Broken};
use crate::world::{Setting, ends};

/// What the search drives: a supervisor, or one with a bug.
pub trait Machine: Clone {
    fn step(&mut self, event: Event, now: Moment) -> Actions;
    fn deadline(&self) -> Moment;
    fn told(&self) -> Option<Told>;
}

impl Machine for Supervisor<'_> {
    fn step(&mut self, event: Event, now: Moment) -> Actions {
        let mut actions = Actions::NONE;
        Supervisor::step(self, event, now, &mut actions);
        actions
    }

    fn deadline(&self) -> Moment {
        Supervisor::deadline(self)
    }

    fn told(&self) -> Option<Told> {
        Supervisor::told(self)
    }
}

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    SkipsTheDrain,
    DrainsTwice,
    LeavesOutEveryone,
    SaysTheEndTwice,
    ForgetsToRouse,
    KillsASecondEarly,
    KillsAtTheFirstInt,
    IgnoresTheSecondInt,
    KillsInSilence,
    KillsOnlyOnce,
    NeverGivesUp,
    ForgetsTheDeadline,
    MovesTheDeadline,
    DropsWhileStopping,
    ForgetsTheRewrite,
    HearsItsOwnEcho,
    RepeatsTheTerminal,
    SpeaksToTheDead,
    AlwaysSucceeds,
    ExitsTwice,
    LeavesWhoIsLeft,
    NeverExits,
    SleepsChildless,
    StopsWithAnyone,
}

/// Each with the rule that it breaks.
pub const BUGS: &[(Bug, Broken)] = &[
    (Bug::SkipsTheDrain, checker::DRAIN),
    (Bug::DrainsTwice, checker::INVENTED),
    (Bug::LeavesOutEveryone, checker::TOLD),
    (Bug::SaysTheEndTwice, checker::LAST),
    (Bug::ForgetsToRouse, checker::ROUSE),
    (Bug::KillsASecondEarly, checker::EARLY_KILL),
    (Bug::KillsAtTheFirstInt, checker::EARLY_KILL),
    (Bug::IgnoresTheSecondInt, checker::NO_KILL),
    (Bug::KillsInSilence, checker::KILL),
    (Bug::KillsOnlyOnce, checker::NO_KILL),
    (Bug::NeverGivesUp, checker::NO_EXIT),
    (Bug::ForgetsTheDeadline, checker::DEADLINE),
    (Bug::MovesTheDeadline, checker::LATER),
    (Bug::DropsWhileStopping, checker::FORWARD),
    (Bug::ForgetsTheRewrite, checker::FORWARD),
    (Bug::HearsItsOwnEcho, checker::FORWARD),
    (Bug::RepeatsTheTerminal, checker::FORWARD),
    (Bug::SpeaksToTheDead, checker::DEAD),
    (Bug::AlwaysSucceeds, checker::EXIT),
    (Bug::ExitsTwice, checker::AFTER_EXIT),
    (Bug::LeavesWhoIsLeft, checker::EARLY_EXIT),
    (Bug::NeverExits, checker::NO_EXIT),
    (Bug::SleepsChildless, checker::NO_EXIT),
    (Bug::StopsWithAnyone, checker::SUSPEND),
];

const CLEAN: Exit = Exit { code: ExitCode(3), state: ExitState::Clean };

/// A supervisor with a bug.
#[derive(Clone)]
pub struct Mutant<'p> {
    inner: Supervisor<'p>,
    bug: Bug,
    /// The main command has ended.
    ended: bool,
    /// So many stop signals came.
    stops: u32,
    exit: Option<Exit>,
}

impl<'p> Mutant<'p> {
    pub fn new(setting: &'p Setting, bug: Bug) -> Mutant<'p> {
        let inner = Supervisor::new(&setting.policy, setting.placement);
        Mutant { inner, bug, ended: false, stops: 0, exit: None }
    }

    /// What it does instead of telling the supervisor what happened.
    fn mishear(&mut self, event: Event, now: Moment) -> Actions {
        match (self.bug, event) {
            (Bug::KillsASecondEarly, Event::Tick) => {
                let soon = now.after(Span::from_secs(1)).min(self.inner.deadline());
                Machine::step(&mut self.inner, event, now.max(soon))
            }
            (Bug::HearsItsOwnEcho | Bug::RepeatsTheTerminal, Event::Signal(heard)) => {
                let kernel = heard.source == Source::Kernel;
                let deaf = kernel == (self.bug == Bug::RepeatsTheTerminal);
                let source = if deaf { Source::Process } else { heard.source };
                Machine::step(&mut self.inner, Event::Signal(Heard { source, ..heard }), now)
            }
            (Bug::KillsAtTheFirstInt, Event::Signal(Heard { signal: Signal::INT, .. })) => {
                let _ = Machine::step(&mut self.inner, event, now);
                Machine::step(&mut self.inner, event, now)
            }
            _ => Machine::step(&mut self.inner, event, now),
        }
    }

    /// What it does instead of what the supervisor said.
    fn misdo(&mut self, event: Event, said: Actions) -> Actions {
        let kills = matches!(said.tell, Some((_, Signal::KILL)));
        let drains = matches!(said.tell, Some((Audience::Untold, _)));
        let stopping = self.stops > 1 && !self.ended;
        let by_signal = matches!(event, Event::Signal(_));
        let quiet = Actions { tell: None, rouse: None, call_roll: None, ..said };
        match self.bug {
            Bug::SkipsTheDrain if drains => quiet,
            Bug::DrainsTwice if self.ended && is_idle_sweep(event) => {
                Actions { tell: Some((Audience::Untold, Signal::TERM)), ..said }
            }
            Bug::SaysTheEndTwice if self.ended => {
                Actions { last_part: Some(LastPart::ByItself), ..said }
            }
            Bug::ForgetsToRouse => Actions { rouse: None, ..said },
            Bug::IgnoresTheSecondInt if kills && by_signal => quiet,
            Bug::KillsInSilence => Actions { call_roll: None, ..said },
            Bug::KillsOnlyOnce if said.call_roll.is_none() && kills => quiet,
            Bug::DropsWhileStopping if stopping && by_signal => quiet,
            Bug::ForgetsTheRewrite if !kills => {
                Actions { tell: self.unwritten(event, said), ..said }
            }
            Bug::SpeaksToTheDead if self.ended && by_signal => {
                Actions { tell: said.tell.map(|(_, signal)| (Audience::Command, signal)), ..said }
            }
            Bug::LeavesWhoIsLeft if self.ended => Actions { exit: Some(CLEAN), ..Actions::NONE },
            Bug::StopsWithAnyone => Actions { suspend: is_stop(event), ..said },
            _ => Actions { exit: self.misexit(event, said.exit), ..said },
        }
    }

    fn misexit(&self, event: Event, said: Option<Exit>) -> Option<Exit> {
        match self.bug {
            Bug::AlwaysSucceeds => said.map(|exit| Exit { code: ExitCode::SUCCESS, ..exit }),
            Bug::ExitsTwice => said.or(self.exit),
            Bug::NeverExits => None,
            Bug::NeverGivesUp if event == Event::Tick => None,
            Bug::SleepsChildless if !self.ended => None,
            _ => said,
        }
    }

    fn unwritten(&self, event: Event, said: Actions) -> Option<(Audience, Signal)> {
        match (event, said.tell) {
            (Event::Signal(heard), Some((whom, _))) => Some((whom, heard.signal)),
            (_, tell) => tell,
        }
    }
}

impl Machine for Mutant<'_> {
    fn step(&mut self, event: Event, now: Moment) -> Actions {
        let said = self.mishear(event, now);
        self.ended |=
            matches!(event, Event::Swept(Sweep { main: Some(status), .. }) if ends(status));
        self.stops += u32::from(matches!(event, Event::Signal(_)) && said.rouse.is_some());
        let done = self.misdo(event, said);
        self.exit = done.exit.or(self.exit);
        done
    }

    fn deadline(&self) -> Moment {
        let deadline = self.inner.deadline();
        match self.bug {
            Bug::ForgetsTheDeadline => Moment::NEVER,
            Bug::MovesTheDeadline if self.stops > 1 && !self.ended => {
                deadline.after(Span::from_secs(1))
            }
            _ => deadline,
        }
    }

    fn told(&self) -> Option<Told> {
        let told = self.inner.told();
        match self.bug {
            Bug::LeavesOutEveryone => told.map(|told| Told { whom: ToldWhom::Everyone, ..told }),
            _ => told,
        }
    }
}

fn is_idle_sweep(event: Event) -> bool {
    event == Event::Swept(Sweep { main: None, children: Children::Left })
}

fn is_stop(event: Event) -> bool {
    matches!(event, Event::Swept(Sweep { main: Some(WaitStatus::Stopped(_)), .. }))
}
