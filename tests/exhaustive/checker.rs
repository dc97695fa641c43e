//! What must hold at every step of every run, judged from outside: from what happened and what was
//! answered, without a look into the machine.

use sexton_core::exit::{Exit, ExitCode, ExitState};
use sexton_core::limits::{KILL_AGAIN, KILL_PATIENCE};
use sexton_core::policy::{ForwardTo, OnExit, Policy};
use sexton_core::process::{Told, ToldWhom};
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{
    Actions, Audience, Children, Event, Heard, LastPart, Placement, Source, Sweep,
};
use sexton_core::time::Moment;

use crate::world::{Setting, WINCH};

/// A rule that a step has broken.
pub type Broken = &'static str;

pub const AFTER_EXIT: Broken = "after the exit nothing follows";
pub const FORWARD: Broken = "every signal is passed on once, rewritten, to whom it is for";
pub const INVENTED: Broken = "no signal is sent that nothing asked for";
pub const DEAD: Broken = "nobody speaks to a main command that was reaped";
pub const ROUSE: Broken = "who is told to stop is roused, and nobody else";
pub const DRAIN: Broken = "the rest are told to end when the main command has";
pub const LAST: Broken = "the last part begins once, when nothing is to be run any more";
pub const TOLD: Broken = "only who has heard the stop signal is left out of the drain";
pub const EARLY_KILL: Broken = "nobody is killed before it is time";
pub const NO_KILL: Broken = "who is left is killed when it is time";
pub const KILL: Broken = "KILL goes to everyone, and the roll is called before the first";
pub const LATER: Broken = "a deadline never moves back";
pub const DEADLINE: Broken = "we wake when KILL is due, and for nothing else";
pub const EARLY_EXIT: Broken = "nobody exits while there is somebody to wait for";
pub const NO_EXIT: Broken = "nobody sleeps on when there is nobody to wait for";
pub const EXIT: Broken = "the exit status is the main command's";
pub const SUSPEND: Broken =
    "we stop with the main command if, and only if, the terminal stops a job";

/// One step of a machine.
pub struct Step {
    pub event: Event,
    pub now: Moment,
    pub actions: Actions,
    /// As the machine says after it.
    pub deadline: Moment,
    pub told: Option<Told>,
}

/// What is known of the run so far.
#[derive(Clone)]
pub struct Checker<'p> {
    policy: &'p Policy,
    placement: Placement,
    main_ended: Option<(Moment, ExitCode)>,
    /// The first stop signal, as it is sent on.
    stop: Option<(Moment, Signal)>,
    /// Who heard it, besides the main command.
    told: Option<Told>,
    /// When INT came last, and whether it had come shortly before.
    interrupted: Option<Moment>,
    again: bool,
    /// The first and the last.
    kills: Option<(Moment, Moment)>,
    exited: bool,
    deadline: Moment,
}

impl<'p> Checker<'p> {
    pub fn new(setting: &'p Setting) -> Checker<'p> {
        Checker {
            policy: &setting.policy,
            placement: setting.placement,
            main_ended: None,
            stop: None,
            told: None,
            interrupted: None,
            again: false,
            kills: None,
            exited: false,
            deadline: Moment::NEVER,
        }
    }

    pub fn exited(&self) -> bool {
        self.exited
    }

    /// When the first KILL was sent.
    pub fn killed_at(&self) -> Option<Moment> {
        self.kills.map(|(first, _)| first)
    }

    /// Judges a step, and remembers it.
    pub fn check(&mut self, step: &Step) -> Result<(), Broken> {
        if self.exited {
            let idle = step.actions == Actions::NONE && step.deadline == Moment::NEVER;
            return hold(idle, AFTER_EXIT);
        }
        let ended_now = self.note_what_happened(step);
        self.exit(step, ended_now)?;
        self.audience(step)?;
        match step.event {
            Event::Signal(heard) => self.signal(step, heard)?,
            Event::Swept(sweep) => self.sweep(step, sweep, ended_now)?,
            Event::Tick => self.tick(step)?,
            // Of a course, which these runs have not.
            Event::ServicesEnded(_) | Event::Began(_) => {}
        }
        self.killing(step)?;
        self.waking(step)?;
        hold(step.actions.last_part == ended_now.then_some(LastPart::ByItself), LAST)?;
        hold(step.actions.start.is_none(), INVENTED)?;
        self.exited = step.actions.exit.is_some();
        self.deadline = step.deadline;
        Ok(())
    }

    /// Whether the main command ended in this step.
    fn note_what_happened(&mut self, step: &Step) -> bool {
        if let Event::Swept(Sweep { main: Some(status), .. }) = step.event
            && let Some(code) = ExitCode::of(status)
        {
            self.main_ended = Some((step.now, code));
            return true;
        }
        let Event::Signal(heard) = step.event else { return false };
        let Some(signal) = self.meaning(heard) else { return false };
        if heard.signal == Signal::INT {
            let before = self.interrupted.replace(step.now);
            let forgotten = |at: Moment| at.after(self.policy.drain_timeout);
            self.again = before.is_some_and(|at| step.now < forgotten(at));
        }
        if self.stops(heard, signal) {
            self.stop.get_or_insert((step.now, signal));
            let whom = match self.policy.forward_to {
                // Its default action is to be ignored: who knows who listened?
                _ if signal == WINCH => None,
                _ if self.terminal_told(heard) => Some(ToldWhom::Group),
                ForwardTo::Command => None,
                ForwardTo::Group => Some(ToldWhom::Group),
                ForwardTo::Everyone => Some(ToldWhom::Everyone),
            };
            // The terminal does not ask for rewrites.
            let signal = if self.terminal_told(heard) { heard.signal } else { signal };
            self.told = whom.map(|whom| Told { whom, signal, at: step.now }).or(self.told);
        }
        false
    }

    /// What is to be sent for a signal; nothing for those that count for nothing.
    fn meaning(&self, heard: Heard) -> Option<Signal> {
        let counts = heard.signal != Signal::CHLD
            && heard.source != Source::Ourselves
            && self.kills.is_none();
        self.policy.rewrites.get(heard.signal).filter(|_| counts)
    }

    /// Whether it asks for a stop, either as it came or as it is sent on.
    fn stops(&self, heard: Heard, meaning: Signal) -> bool {
        self.policy.stop_on.contains(heard.signal) || self.policy.stop_on.contains(meaning)
    }

    /// Whether the main command has heard it from the terminal.
    fn terminal_told(&self, heard: Heard) -> bool {
        self.main_ended.is_none()
            && self.placement == Placement::WithUs
            && heard.source == Source::Kernel
    }

    /// Whether everyone else was told to end, and is being waited for.
    fn draining(&self) -> bool {
        self.main_ended.is_some() && self.policy.on_exit == OnExit::Drain
    }

    /// When the first KILL is due.
    fn due(&self) -> Moment {
        let stop = self.stop.map(|(at, _)| at.after(self.policy.stop_timeout));
        let drain = self.main_ended.filter(|_| self.draining());
        let drain = drain.map(|(at, _)| at.after(self.policy.drain_timeout));
        // After a span without a limit lies what is never, or even later.
        [stop, drain].into_iter().flatten().fold(Moment::NEVER, Moment::min)
    }

    fn signal(&self, step: &Step, heard: Heard) -> Result<(), Broken> {
        hold(!step.actions.suspend, SUSPEND)?;
        let meaning = self.meaning(heard);
        let is_int = heard.signal == Signal::INT && meaning.is_some();
        if is_int && self.draining() && self.again {
            return hold(is_kill(step), NO_KILL);
        }
        hold(!is_kill(step), EARLY_KILL)?;
        let whom = match self.main_ended {
            Some(_) => Audience::Everyone,
            None => listeners(self.policy),
        };
        let silent = self.terminal_told(heard);
        let tell = meaning.filter(|_| !silent).map(|signal| (whom, signal));
        hold(step.actions.tell == tell, FORWARD)?;
        let rouse = tell.filter(|(_, signal)| self.stops(heard, *signal)).map(|(whom, _)| whom);
        hold(step.actions.rouse == rouse, ROUSE)
    }

    fn sweep(&self, step: &Step, sweep: Sweep, ended_now: bool) -> Result<(), Broken> {
        let by_terminal = matches!(
            sweep.main,
            Some(WaitStatus::Stopped(Signal::TSTP | Signal::TTIN | Signal::TTOU))
        );
        let suspend = by_terminal && self.placement == Placement::WithUs;
        hold(step.actions.suspend == suspend, SUSPEND)?;
        hold(!is_kill(step), EARLY_KILL)?;
        if !ended_now || step.actions.exit.is_some() || self.kills.is_some() {
            hold(step.actions.tell == self.farewell(ended_now), INVENTED)?;
            return hold(step.actions.rouse.is_none(), ROUSE);
        }
        let signal = match self.policy.on_exit {
            OnExit::Drain => Some(Signal::TERM),
            OnExit::Wait => self.stop.map(|(_, signal)| signal),
            OnExit::Leave | OnExit::Farewell => None,
        };
        hold(step.actions.tell == signal.map(|signal| (Audience::Untold, signal)), DRAIN)?;
        hold(step.actions.rouse == signal.map(|_| Audience::Everyone), ROUSE)?;
        // Who has lived with Ctrl-C for longer than a drain takes is told.
        let shrugged = |told: &Told| {
            let over = told.at.after(self.policy.drain_timeout);
            self.draining() && told.signal == Signal::INT && step.now >= over
        };
        let told = self.told.filter(|told| !shrugged(told));
        hold(signal.is_none() || step.told == told, TOLD)
    }

    fn tick(&self, step: &Step) -> Result<(), Broken> {
        hold(!step.actions.suspend, SUSPEND)?;
        hold(step.actions.rouse.is_none(), ROUSE)?;
        hold(step.actions.tell.is_none() || is_kill(step), INVENTED)?;
        let (due, patient) = match self.kills {
            None => (self.due(), Moment::NEVER),
            Some((first, last)) => (last.after(KILL_AGAIN), first.after(KILL_PATIENCE)),
        };
        hold(!is_kill(step) || step.now >= due, EARLY_KILL)?;
        hold(is_kill(step) || step.now < due || step.now >= patient, NO_KILL)
    }

    /// For every KILL, whatever brought it.
    fn killing(&mut self, step: &Step) -> Result<(), Broken> {
        if !is_kill(step) {
            return hold(step.actions.call_roll.is_none(), KILL);
        }
        let told_to_end = match (self.main_ended, self.stop) {
            (Some((at, _)), _) if self.draining() => Some(at),
            (_, stop) => stop.map(|(at, _)| at),
        };
        let roll = match self.kills {
            None => told_to_end.map(|at| step.now.since(at)),
            Some(_) => None,
        };
        let to_everyone = step.actions.tell == Some((Audience::Everyone, Signal::KILL));
        hold(to_everyone && step.actions.call_roll == roll, KILL)?;
        let first = self.killed_at().unwrap_or(step.now);
        self.kills = Some((first, step.now));
        Ok(())
    }

    fn audience(&self, step: &Step) -> Result<(), Broken> {
        let dead = |whom| matches!(whom, Some(Audience::Command | Audience::Group));
        // A farewell goes to those of its group that `/proc` shows.
        let farewell = step.actions.exit.is_some();
        let whom = step.actions.tell.filter(|_| !farewell).map(|(whom, _)| whom);
        hold(self.main_ended.is_none() || !(dead(whom) || dead(step.actions.rouse)), DEAD)
    }

    fn waking(&self, step: &Step) -> Result<(), Broken> {
        let deadline = step.deadline;
        match self.kills {
            _ if step.actions.exit.is_some() => hold(deadline == Moment::NEVER, DEADLINE),
            Some((_, last)) => hold(deadline == last.after(KILL_AGAIN), DEADLINE),
            None => {
                hold(deadline <= self.deadline, LATER)?;
                hold(deadline == self.due(), DEADLINE)
            }
        }
    }

    fn exit(&self, step: &Step, ended_now: bool) -> Result<(), Broken> {
        let code = self.main_ended.map(|(_, code)| code);
        let killed = if self.kills.is_some() { ExitCode::KILLED } else { ExitCode::OWN_FAILURE };
        let childless = matches!(step.event, Event::Swept(Sweep { children: Children::None, .. }));
        let leaves = ended_now && matches!(self.policy.on_exit, OnExit::Leave | OnExit::Farewell);
        let patience = self.killed_at().filter(|_| step.event == Event::Tick);
        let patience = patience.map_or(Moment::NEVER, |first| first.after(KILL_PATIENCE));
        let Some(Exit { code: status, state }) = step.actions.exit else {
            // Giving up may wait for the next KILL.
            let patient = step.now < patience.after(KILL_AGAIN);
            return hold(!childless && !leaves && patient, NO_EXIT);
        };
        let tell = self.farewell(ended_now);
        let said = Actions { tell, last_part: step.actions.last_part, ..Actions::NONE };
        hold(step.actions == Actions { exit: step.actions.exit, ..said }, INVENTED)?;
        hold(childless || leaves || step.now >= patience, EARLY_EXIT)?;
        hold(status == code.unwrap_or(killed), EXIT)?;
        let clean = (childless || leaves) && status != ExitCode::OWN_FAILURE;
        hold((state == ExitState::Clean) == clean, EXIT)
    }
}

impl Checker<'_> {
    /// What is sent together with the exit.
    fn farewell(&self, ended_now: bool) -> Option<(Audience, Signal)> {
        let says = ended_now && self.policy.on_exit == OnExit::Farewell;
        let signal = self.policy.rewrites.get(Signal::TERM).filter(|_| says)?;
        Some((listeners(self.policy), signal))
    }
}

fn listeners(policy: &Policy) -> Audience {
    match policy.forward_to {
        ForwardTo::Command => Audience::Command,
        ForwardTo::Group => Audience::Group,
        ForwardTo::Everyone => Audience::Everyone,
    }
}

fn is_kill(step: &Step) -> bool {
    step.actions.tell.is_some_and(|(_, signal)| signal == Signal::KILL)
}

pub fn hold(holds: bool, rule: Broken) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(rule) }
}
