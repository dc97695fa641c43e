//! Planted bugs in what is done with a course: each with the rule that it breaks.

use sexton_core::course::Stage;
use sexton_core::exit::{Exit, ExitCode};
use sexton_core::policy::Policy;
use sexton_core::process::Told;
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{Actions, Audience, Began, Event, LastPart, Supervisor, Sweep};
use sexton_core::time::{Moment, Span};

use super::checker;
use crate::checker::{Broken, DEAD, DEADLINE, DRAIN, EARLY_EXIT, EARLY_KILL, EXIT, LAST, NO_EXIT};
use crate::mutants::Machine;

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    StartsTwoAtOnce,
    AsksTwice,
    SkipsAStage,
    ForgetsTheSecondProgram,
    GoesOnAfterAFailure,
    GoesOnAfterAStop,
    RunsHooksAfterAFailure,
    ForgetsTheHooks,
    ForgetsTheServices,
    SpeaksToEndedServices,
    SpeaksToTheEnded,
    TellsEachStop,
    KillsOneEarly,
    KillsOneNever,
    KillsAllForOne,
    ForgetsTheGrace,
    ForgetsItWasStopped,
    SaysThatItWasStopped,
    ReportsTheMainCommand,
    EndsWithTheMainCommand,
    SleepsChildless,
    SleepsAfterTheHooks,
}

pub const BUGS: &[(Bug, Broken)] = &[
    (Bug::StartsTwoAtOnce, checker::ONE),
    (Bug::AsksTwice, checker::ORDER),
    (Bug::SkipsAStage, checker::ORDER),
    (Bug::ForgetsTheSecondProgram, checker::ORDER),
    (Bug::GoesOnAfterAFailure, checker::START_OVER),
    (Bug::GoesOnAfterAStop, checker::START_OVER),
    (Bug::RunsHooksAfterAFailure, checker::END),
    (Bug::ForgetsTheHooks, checker::END),
    (Bug::ForgetsTheServices, checker::NO_END),
    (Bug::SpeaksToEndedServices, DEAD),
    (Bug::SpeaksToTheEnded, DEAD),
    (Bug::TellsEachStop, checker::ONCE),
    (Bug::KillsOneEarly, checker::GRACE),
    (Bug::KillsOneNever, checker::GRACE),
    (Bug::KillsAllForOne, EARLY_KILL),
    (Bug::ForgetsTheGrace, DEADLINE),
    (Bug::ForgetsItWasStopped, LAST),
    (Bug::SaysThatItWasStopped, LAST),
    (Bug::ReportsTheMainCommand, EXIT),
    (Bug::EndsWithTheMainCommand, EARLY_EXIT),
    (Bug::SleepsChildless, NO_EXIT),
    (Bug::SleepsAfterTheHooks, DRAIN),
];

/// A supervisor with a bug.
#[derive(Clone)]
pub struct Mutant<'p> {
    inner: Supervisor<'p>,
    bug: Bug,
    /// What was asked for last.
    stage: Stage,
    /// What the main command ended with.
    code: Option<ExitCode>,
    stopped: bool,
    services_ended: bool,
    /// Everyone may get KILL.
    for_all: bool,
}

impl<'p> Mutant<'p> {
    pub fn new(policy: &'p Policy, bug: Bug) -> Mutant<'p> {
        Mutant {
            inner: Supervisor::of_course(policy),
            bug,
            stage: Stage::Prologue,
            code: None,
            stopped: false,
            services_ended: false,
            for_all: policy.stop_timeout < Span::FOREVER,
        }
    }

    /// What it tells the supervisor instead of what happened.
    fn mishear(&self, event: Event, now: Moment) -> (Event, Moment) {
        let starting = self.stage < Stage::Services;
        match (self.bug, event) {
            (Bug::GoesOnAfterAFailure, Event::Swept(Sweep { main: Some(_), children }))
                if starting =>
            {
                let main = Some(WaitStatus::Exited(0));
                (Event::Swept(Sweep { main, children }), now)
            }
            (Bug::KillsOneEarly, Event::Tick) if !self.for_all => {
                let soon = now.after(Span::from_secs(1)).min(self.inner.deadline());
                (event, now.max(soon))
            }
            _ => (event, now),
        }
    }

    /// What it does instead of what the supervisor said.
    fn misdo(&self, event: Event, said: Actions) -> Actions {
        let ended = matches!(event, Event::Swept(Sweep { main: Some(_), .. }));
        let (by_signal, starting) =
            (matches!(event, Event::Signal(_)), self.stage < Stage::Services);
        let nothing = event == Event::Began(Began::Nothing);
        let quiet = Actions { tell: None, rouse: None, ..said };
        let start = |stage| Actions { start: stage, ..said };
        let last_at_start = said.last_part.is_some() && starting && said.exit.is_none();
        let kills_one = match said.tell {
            Some((whom, Signal::KILL)) => whom != Audience::Everyone,
            _ => false,
        };
        match self.bug {
            Bug::StartsTwoAtOnce if matches!(event, Event::Began(Began::UnderWay(_))) => {
                start(said.start.or(Some(self.stage)))
            }
            Bug::AsksTwice if nothing && said.start.is_some() => start(Some(self.stage)),
            Bug::SkipsAStage if said.start == Some(Stage::Local) => start(Some(Stage::Services)),
            Bug::ForgetsTheSecondProgram if ended && said.start == Some(self.stage) => start(None),
            Bug::GoesOnAfterAStop if last_at_start && self.stopped => {
                Actions { last_part: None, ..start(Some(self.stage)) }
            }
            Bug::RunsHooksAfterAFailure if last_at_start => {
                Actions { last_part: None, ..start(Some(Stage::StopHooks)) }
            }
            Bug::ForgetsTheHooks if said.start == Some(Stage::StopHooks) => start(None),
            Bug::ForgetsTheServices if self.stage == Stage::StopServices => quiet,
            Bug::SpeaksToEndedServices if self.services_ended && by_signal => {
                Actions { tell: Some((Audience::Services, Signal::HUP)), ..said }
            }
            Bug::SpeaksToTheEnded if ended && said.tell.is_none() => {
                Actions { tell: Some((Audience::Command, Signal::HUP)), ..said }
            }
            Bug::TellsEachStop if by_signal && self.stopped => {
                Actions { tell: Some((Audience::Command, Signal::TERM)), ..said }
            }
            Bug::KillsOneNever if kills_one => quiet,
            Bug::KillsAllForOne if kills_one => {
                Actions { tell: Some((Audience::Everyone, Signal::KILL)), ..said }
            }
            Bug::ForgetsItWasStopped | Bug::SaysThatItWasStopped => {
                let part = match self.bug {
                    Bug::ForgetsItWasStopped => LastPart::ByItself,
                    _ => LastPart::Aborted,
                };
                Actions { last_part: said.last_part.map(|_| part), ..said }
            }
            Bug::ReportsTheMainCommand => {
                let code = |exit: Exit| Exit { code: self.code.unwrap_or(exit.code), ..exit };
                Actions { exit: said.exit.map(code), ..said }
            }
            Bug::EndsWithTheMainCommand if ended && self.stage == Stage::Main => {
                let state = sexton_core::exit::ExitState::Clean;
                let exit = Some(Exit { code: ExitCode(0), state });
                Actions { exit, ..said }
            }
            Bug::SleepsChildless => Actions { exit: None, ..said },
            Bug::SleepsAfterTheHooks if nothing && self.stage == Stage::LastHooks => Actions::NONE,
            _ => said,
        }
    }
}

impl Machine for Mutant<'_> {
    fn step(&mut self, event: Event, now: Moment) -> Actions {
        let (heard, at) = self.mishear(event, now);
        let said = Machine::step(&mut self.inner, heard, at);
        let done = self.misdo(event, said);
        if let Event::Swept(Sweep { main: Some(status), .. }) = event
            && self.stage == Stage::Main
        {
            self.code = ExitCode::of(status);
        }
        self.for_all |= said.last_part.is_some();
        self.services_ended |= matches!(event, Event::ServicesEnded(_));
        self.stopped |= matches!(event, Event::Signal(_)) && said.rouse.is_some();
        self.stage = done.start.unwrap_or(self.stage);
        done
    }

    fn deadline(&self) -> Moment {
        match self.bug {
            Bug::ForgetsTheGrace => Moment::NEVER,
            _ => self.inner.deadline(),
        }
    }

    fn told(&self) -> Option<Told> {
        self.inner.told()
    }
}
