//! What must hold at every step of a run with a course, judged from outside: a second reading of
//! what follows from what.

use sexton_core::course::Stage;
use sexton_core::exit::{Exit, ExitCode, ExitState};
use sexton_core::limits::{KILL_AGAIN, KILL_PATIENCE};
use sexton_core::policy::{Faithful, ForwardTo, OnExit, Policy, StopsHeard};
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{Actions, Audience, Began, Children, Event, Heard, LastPart, Sweep};
use sexton_core::time::{Moment, Span};

use crate::checker::{
    AFTER_EXIT, Broken, DEAD, DEADLINE, DRAIN, EARLY_KILL, EXIT, FORWARD, KILL, Step,
};
use crate::checker::{EARLY_EXIT, INVENTED, LAST, NO_EXIT, NO_KILL, ROUSE, SUSPEND, hold};

pub const ORDER: Broken = "stages are gone through in their order, and each program of one runs";
pub const ONE: Broken = "a program is started only when none is under way";
pub const START_OVER: Broken = "after a failure or a stop nothing of the start is started";
pub const END: Broken = "the end is gone through if, and only if, the main command's turn came";
pub const NO_END: Broken = "services are told to end, and waited for";
pub const ONCE: Broken = "a stop is told once, and hooks do not hear of the one that made them run";
pub const GRACE: Broken = "a program that was told to stop gets KILL after its grace, not before";
pub const NO_STEP: Broken = "when everything that is under way ends, the run does";

/// How far the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Start,
    /// The main command runs.
    Main,
    /// The services do, and there is no main command.
    Services,
    End,
    Last,
}

/// A process that a signal can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// There was none.
    None,
    Alive,
    /// It was reaped.
    Over,
}

/// What has to follow from a step.
#[derive(Default)]
struct Due {
    start: Option<Stage>,
    tell: Option<(Audience, Signal)>,
    rouse: Option<Audience>,
    last: bool,
    exit: Option<ExitState>,
    roll: Option<Span>,
}

/// What is known of the run so far.
#[derive(Clone)]
pub struct Checker<'p> {
    policy: &'p Policy,
    part: Part,
    stage: Stage,
    program: Life,
    services: Life,
    childless: bool,
    /// A startup file or a hook has failed, and that is what the exit status says.
    failed: bool,
    /// The program that is under way was told to stop.
    told: bool,
    grace: Moment,
    code: Option<ExitCode>,
    stop: Option<(Moment, Signal)>,
    interrupted: Option<Moment>,
    /// When the end began, and when the others were told to end.
    end: Moment,
    drain: Option<Moment>,
    kills: Option<(Moment, Moment)>,
    exited: bool,
}

impl<'p> Checker<'p> {
    pub fn new(policy: &'p Policy) -> Checker<'p> {
        Checker {
            policy,
            part: Part::Start,
            stage: Stage::Prologue,
            program: Life::None,
            services: Life::None,
            childless: true,
            failed: false,
            told: false,
            grace: Moment::NEVER,
            code: None,
            stop: None,
            interrupted: None,
            end: Moment::NEVER,
            drain: None,
            kills: None,
            exited: false,
        }
    }

    pub fn exited(&self) -> bool {
        self.exited
    }

    /// Judges a step, and remembers it.
    pub fn check(&mut self, step: &Step) -> Result<(), Broken> {
        let Step { now, actions, deadline, .. } = *step;
        if self.exited {
            return hold(actions == Actions::NONE && deadline == Moment::NEVER, AFTER_EXIT);
        }
        let mut due = Due::default();
        match step.event {
            Event::Signal(heard) => self.signal(heard, now, &mut due),
            Event::Swept(sweep) => self.sweep(sweep, now, &mut due),
            Event::ServicesEnded(status) => self.services_ended(status, now, &mut due),
            Event::Began(began) => self.began(began, now, &mut due),
            Event::Tick => self.tick(now, &mut due),
        }
        self.compare_start(&due, actions)?;
        self.compare_tell(&due, actions)?;
        hold(!actions.suspend, SUSPEND)?;
        hold(actions.rouse == due.rouse, ROUSE)?;
        hold(actions.call_roll == due.roll, KILL)?;
        let aborted = self.stop.is_some() && !self.failed && self.policy.stopped.is_some();
        let part = if aborted { LastPart::Aborted } else { LastPart::ByItself };
        hold(actions.last_part == due.last.then_some(part), LAST)?;
        self.compare_exit(&due, actions)?;
        self.exited = due.exit.is_some();
        hold(deadline == if self.exited { Moment::NEVER } else { self.deadline() }, DEADLINE)
    }

    fn signal(&mut self, Heard { signal, with_the_end, .. }: Heard, now: Moment, due: &mut Due) {
        let Policy { rewrites, stop_on, drain_timeout, stops_heard, .. } = self.policy;
        let late = self.part == Part::Last || self.kills.is_some();
        if *stops_heard == StopsHeard::First && (self.stop.is_some() || late) {
            return;
        }
        let Some(meaning) = rewrites.get(signal) else { return };
        if signal == Signal::INT {
            let before = self.interrupted.replace(now);
            let again = before.is_some_and(|at| now < at.after(*drain_timeout));
            if again && self.drain.is_some() && self.kills.is_none() {
                return self.kill(now, due);
            }
        }
        if self.kills.is_some() {
            return;
        }
        let stops = stop_on.contains(signal) || stop_on.contains(meaning);
        let first = stops && self.stop.is_none();
        if first {
            self.stop = Some((now, meaning));
        }
        let whom = match (self.part, self.policy.forward_to) {
            (Part::Start, _) => Audience::Command,
            (Part::Main, ForwardTo::Command) => Audience::Command,
            (Part::Main, ForwardTo::Group) => Audience::Group,
            // They have just been told by the drain.
            (Part::Last, _) if stops && with_the_end && self.drain.is_some() => return,
            (Part::Main, ForwardTo::Everyone) | (Part::Last, _) => Audience::Everyone,
            // Who stops them is what runs next.
            (Part::Services, _) if stops => return self.enter_end(now, due),
            (Part::Services, _) => Audience::Services,
            (Part::End, _) if first && is_hook(self.stage) => Audience::Command,
            (Part::End, _) => return,
        };
        due.tell = Some((whom, meaning));
        if stops {
            due.rouse = Some(whom);
            self.told = true;
            if self.part != Part::Last {
                self.grace = self.grace.min(now.after(self.policy.grace));
            }
        }
    }

    fn sweep(&mut self, Sweep { main, children }: Sweep, now: Moment, due: &mut Due) {
        self.childless = children == Children::None;
        if let Some(status) = main {
            self.program = Life::Over;
            return self.program_ended(status, now, due);
        }
        let services_next = self.services == Life::Alive && self.part != Part::Last;
        if !self.childless || services_next && self.kills.is_none() {
            return;
        }
        if self.part == Part::Last || self.kills.is_some() {
            due.exit = Some(ExitState::Clean);
        } else {
            (self.code, due.exit) = (Some(ExitCode::OWN_FAILURE), Some(ExitState::MainLost));
        }
    }

    fn program_ended(&mut self, status: WaitStatus, now: Moment, due: &mut Due) {
        let code = self.code_of(status);
        let ended_well = status == WaitStatus::Exited(0);
        match self.part {
            // The others were killed with it, and nothing is run any more.
            Part::Start | Part::End if self.kills.is_some() => {
                due.exit = self.childless.then_some(ExitState::Clean);
            }
            Part::Start if self.stop.is_some() => {
                let signal = self.stop.map(|(_, signal)| WaitStatus::Killed(signal));
                self.code = signal.and_then(|signal| self.code_of(signal));
                self.last(now, due);
            }
            Part::Start if !ended_well => {
                self.failed = true;
                self.code = self.policy.step_failure.or(code);
                self.last(now, due);
            }
            Part::Start => self.ask(self.stage, due),
            Part::Main => {
                self.code = code;
                if self.kills.is_some() { self.last(now, due) } else { self.enter_end(now, due) }
            }
            Part::End => {
                let hook = is_hook(self.stage);
                let failed = hook && !ended_well && !self.told;
                self.hook_failed(failed);
                let strict = self.policy.faithful == Faithful::InEverything;
                if strict && hook && (failed || self.told) {
                    self.last(now, due);
                } else {
                    self.ask(self.stage, due);
                }
            }
            Part::Services | Part::Last => {}
        }
    }

    fn services_ended(&mut self, status: WaitStatus, now: Moment, due: &mut Due) {
        self.services = Life::Over;
        if self.part == Part::Services {
            self.code = self.code_of(status);
            // There is nobody left to be told.
            self.services = Life::None;
            self.enter_end(now, due);
        } else if self.part == Part::End && self.kills.is_none() {
            // Without a main command it is their status that counts.
            self.code = self.code.or(self.code_of(status));
            if self.stage == Stage::EndServices {
                self.ask(Stage::AwaitServices, due);
            }
        }
    }

    fn began(&mut self, began: Began, now: Moment, due: &mut Due) {
        match began {
            Began::UnderWay(_) => {
                self.childless = false;
                if self.stage == Stage::Services {
                    self.services = Life::Alive;
                    return self.ask(Stage::Main, due);
                }
                self.program = Life::Alive;
                if self.stage == Stage::Main {
                    self.part = Part::Main;
                }
            }
            Began::Failed if self.part == Part::Start => {
                self.failed = true;
                self.code = Some(self.policy.own_failure);
                self.last(now, due);
            }
            Began::Failed | Began::Nothing => {
                self.hook_failed(began == Began::Failed);
                self.next(now, due);
            }
        }
    }

    /// To the stage after this one.
    fn next(&mut self, now: Moment, due: &mut Due) {
        use Stage::*;
        let order = [
            Prologue,
            Startup,
            Local,
            Services,
            Main,
            StopHooks,
            StopServices,
            AwaitServices,
            LastHooks,
        ];
        if self.stage == Main {
            self.part = Part::Services;
            return;
        }
        if self.stage == StopServices && self.services != Life::None {
            due.tell = Some((Audience::Services, Signal::TERM));
            due.rouse = Some(Audience::Services);
            if self.services == Life::Alive {
                let Policy { grace, drain_timeout, .. } = *self.policy;
                self.grace = now.after(if grace == Span::FOREVER { drain_timeout } else { grace });
                self.stage = EndServices;
                return;
            }
        }
        let place = order.iter().position(|stage| *stage == self.stage);
        match place.and_then(|place| order.get(place + 1)) {
            Some(stage) => self.ask(*stage, due),
            None => self.last(now, due),
        }
    }

    fn ask(&mut self, stage: Stage, due: &mut Due) {
        (self.stage, self.told, self.grace) = (stage, false, Moment::NEVER);
        due.start = Some(stage);
    }

    fn enter_end(&mut self, now: Moment, due: &mut Due) {
        (self.part, self.end) = (Part::End, now);
        self.ask(Stage::StopHooks, due);
    }

    fn hook_failed(&mut self, failed: bool) {
        if let Some(code) = self.policy.step_failure.filter(|_| failed) {
            (self.failed, self.code) = (true, Some(code));
        }
    }

    fn last(&mut self, now: Moment, due: &mut Due) {
        let Policy { stopped, on_exit, .. } = self.policy;
        (self.part, self.grace, due.last) = (Part::Last, Moment::NEVER, true);
        if self.stop.is_some() && !self.failed {
            self.code = stopped.or(self.code);
        }
        if self.childless || *on_exit == OnExit::Leave {
            due.exit = Some(ExitState::Clean);
        } else if self.kills.is_none() {
            let signal = match on_exit {
                OnExit::Drain => Some(Signal::TERM),
                _ => self.stop.map(|(_, signal)| signal),
            };
            self.drain = Some(now).filter(|_| *on_exit == OnExit::Drain);
            due.tell = signal.map(|signal| (Audience::Untold, signal));
            due.rouse = signal.map(|_| Audience::Everyone);
        }
    }

    fn tick(&mut self, now: Moment, due: &mut Due) {
        if let Some((first, last)) = self.kills {
            if now >= first.after(KILL_PATIENCE) && now >= last.after(KILL_AGAIN) {
                due.exit = Some(ExitState::GaveUp);
            } else if now >= last.after(KILL_AGAIN) {
                self.kill(now, due);
            }
        } else if now >= self.kill_all() {
            self.kill(now, due);
        } else if now >= self.grace {
            self.grace = Moment::NEVER;
            let services = self.stage == Stage::EndServices;
            let whom = if services { Audience::Services } else { Audience::Command };
            due.tell = Some((whom, Signal::KILL));
        }
    }

    fn kill(&mut self, now: Moment, due: &mut Due) {
        due.tell = Some((Audience::Everyone, Signal::KILL));
        if self.kills.is_none() {
            // Since they were told, or since the end began to run against its time.
            let stop = self.stop.map_or(self.end, |(at, _)| at);
            due.roll = Some(now.since(self.drain.unwrap_or(stop)));
        }
        self.kills = Some((self.kills.map_or(now, |(first, _)| first), now));
        self.grace = Moment::NEVER;
    }

    /// When everyone gets KILL.
    fn kill_all(&self) -> Moment {
        let Policy { stop_timeout, drain_timeout, .. } = *self.policy;
        let stop = self.stop.map_or(Moment::NEVER, |(at, _)| at.after(stop_timeout));
        let end = if self.end == Moment::NEVER { self.end } else { self.end.after(stop_timeout) };
        let drain = self.drain.map_or(Moment::NEVER, |at| at.after(drain_timeout));
        stop.min(end).min(drain).min(Moment::NEVER)
    }

    fn deadline(&self) -> Moment {
        match self.kills {
            Some((_, last)) => last.after(KILL_AGAIN),
            None => self.kill_all().min(self.grace),
        }
    }

    fn code_of(&self, status: WaitStatus) -> Option<ExitCode> {
        let strict = self.policy.faithful == Faithful::InEverything;
        match status {
            WaitStatus::Killed(_) if strict => Some(ExitCode(0)),
            _ => ExitCode::of(status),
        }
    }

    fn compare_start(&self, due: &Due, actions: Actions) -> Result<(), Broken> {
        let Some(stage) = actions.start else {
            return hold(due.start.is_none(), if self.part == Part::End { END } else { ORDER });
        };
        hold(self.program != Life::Alive, ONE)?;
        hold(due.start.is_some() || stage > Stage::Main || self.part < Part::Last, START_OVER)?;
        hold(due.start.is_some() || stage <= Stage::Main, END)?;
        hold(due.start == Some(stage), ORDER)
    }

    fn compare_tell(&self, due: &Due, actions: Actions) -> Result<(), Broken> {
        let kill = |tell: Option<(Audience, Signal)>| tell.filter(|tell| tell.1 == Signal::KILL);
        let (said, wanted) = (kill(actions.tell), kill(due.tell));
        let everyone =
            |tell: Option<(Audience, _)>| tell.is_some_and(|tell| tell.0 == Audience::Everyone);
        if said != wanted {
            return Err(match (everyone(said), everyone(wanted)) {
                (true, _) => EARLY_KILL,
                (_, true) => NO_KILL,
                _ => GRACE,
            });
        }
        if actions.tell == due.tell {
            return Ok(());
        }
        Err(match (actions.tell, due.tell) {
            (Some((Audience::Command, _)), _) if self.program != Life::Alive => DEAD,
            (Some((Audience::Services, _)), _) if self.services != Life::Alive => DEAD,
            (_, Some((Audience::Untold, _))) => DRAIN,
            (_, Some((Audience::Services, Signal::TERM))) => NO_END,
            (Some(_), None) if self.stop.is_some() => ONCE,
            (Some(_), None) => INVENTED,
            _ => FORWARD,
        })
    }

    fn compare_exit(&self, due: &Due, actions: Actions) -> Result<(), Broken> {
        let Some(Exit { code, state }) = actions.exit else {
            return hold(due.exit.is_none(), NO_EXIT);
        };
        hold(due.exit.is_some(), EARLY_EXIT)?;
        // Who does not even know what it would have been: everybody was killed.
        let expected = self.code.unwrap_or(ExitCode(137));
        hold(code == expected && due.exit == Some(state), EXIT)
    }
}

fn is_hook(stage: Stage) -> bool {
    matches!(stage, Stage::StopHooks | Stage::LastHooks)
}
