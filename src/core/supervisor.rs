//! The life of a container as a state machine: every decision the init takes after its start is
//! taken in [`Supervisor::step`]. It does nothing: the loop (`src/init/supervise.rs`) tells it what
//! happened and performs what it answers.
//!
//! ```text
//! Starting ──main command started──▶
//! Running ──stop signal──▶ Stopping ──stop timeout──▶ Killing
//!    └───────┬──main ended───┘                          ▲
//!        (Ending)                                       │
//!            ├─ drain ──▶ Draining ──drain timeout──────┤
//!            ├─ wait ───▶ Waiting ───stop timeout───────┘
//!            └─ leave ─▶ Done        (all of them ──no child left──▶ Done)
//! ```
//!
//! What it is told and what it answers is in [`exchange`]; what is run before and after the main
//! command, in the phases `Starting` and `Ending`, in [`stages`]. Without a
//! [`Course`](crate::course::Course) a run begins as Running.

mod exchange;
mod stages;

pub use exchange::*;

use crate::course::Stage;
use crate::errno::Errno;
use crate::exit::{Exit, ExitCode, ExitState};
use crate::limits;
use crate::policy::{ForwardTo, Mode, OnExit, Policy, StopsHeard};
use crate::process::{Told, ToldWhom};
use crate::signal::{Signal, SignalSet};
use crate::status::WaitStatus;
use crate::time::{Moment, Span};

/// Where in its life the container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Phase {
    /// What comes before the main command runs.
    Starting,
    /// The main command lives, and nobody asked it to stop.
    Running,
    /// The main command lives, and was asked to stop.
    Stopping,
    /// It has ended, and what comes after it runs.
    Ending,
    /// It has ended; the others may stay.
    Waiting,
    /// It has ended; the others were told to.
    Draining,
    /// Everyone left got KILL.
    Killing,
    /// We have ended.
    Done,
}

/// Whether a run is more than its main command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Extent {
    /// It is not.
    Command,
    /// There are stages around it.
    Course,
}

/// The supervisor of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Services {
    /// There is none, or nothing more to say to it.
    None,
    /// It runs, beside the main command or after it.
    Alive,
    /// It runs, and there is no main command: it is what is waited for.
    InCharge,
    /// It has ended before it was told to.
    Ended,
}

/// What the terminal sends to its foreground group; a timer or a limit is ours alone.
const TERMINAL: SignalSet = SignalSet::EMPTY
    .with(Signal::HUP)
    .with(Signal::INT)
    .with(Signal::QUIT)
    .with(Signal::CONT)
    .with(Signal::TSTP)
    .with(Signal::TTIN)
    .with(Signal::TTOU)
    .with(Signal::WINCH);

/// The state machine. One for each run.
#[derive(Clone, Debug)]
pub struct Supervisor<'p> {
    policy: &'p Policy,
    placement: Placement,
    phase: Phase,
    /// What is being run, and whether there is anything besides the main command.
    stage: Stage,
    extent: Extent,
    /// The supervisor of services.
    services: Services,
    /// Whether the program of the stage was told to stop.
    asked: bool,
    /// Whether a startup file or a hook has failed.
    failed: bool,
    /// Whether a child was left when that was looked at last, or one was started since.
    children: Children,
    /// What the main command ended with, once it has.
    code: Option<ExitCode>,
    /// The first stop signal, as it was sent on.
    stop: Option<Signal>,
    /// Who heard it, if more than the main command.
    told: Option<Told>,
    /// When those who are waited for were told to end; and then, when they got KILL.
    since: Moment,
    /// When everybody gets KILL, and when those who were born meanwhile.
    deadline: Moment,
    /// Until when the stop signal is held back; never if none is.
    held_until: Moment,
    /// When the program that was told to stop gets KILL, it alone.
    grace_until: Moment,
    /// Until when an INT is one too many: see [`Supervisor::survived`].
    interrupted_until: Moment,
    /// A failure to send a signal has been said; the next ones would say the same.
    complained: bool,
}

impl<'p> Supervisor<'p> {
    /// For a main command that has just been started.
    pub fn new(policy: &'p Policy, placement: Placement) -> Supervisor<'p> {
        Supervisor {
            policy,
            placement,
            phase: Phase::Running,
            stage: Stage::Main,
            extent: Extent::Command,
            services: Services::None,
            asked: false,
            failed: false,
            children: Children::Left,
            code: None,
            stop: None,
            told: None,
            since: Moment::NEVER,
            deadline: Moment::NEVER,
            held_until: Moment::NEVER,
            grace_until: Moment::NEVER,
            interrupted_until: Moment::NONE,
            complained: false,
        }
    }

    /// When [`Event::Tick`] is due, if nothing happens before.
    pub fn deadline(&self) -> Moment {
        self.deadline.min(self.held_until).min(self.grace_until)
    }

    /// Who was told to stop last, together with the main command.
    pub fn told(&self) -> Option<Told> {
        self.told
    }

    /// One event, and what follows from it: `actions` are none before.
    #[inline(never)]
    pub fn step(&mut self, event: Event, now: Moment, actions: &mut Actions) {
        match event {
            _ if self.phase == Phase::Done => {}
            Event::Signal(heard) => self.signal_came(heard, now, actions),
            Event::Swept(Sweep { main, children }) => {
                self.children = children;
                match main {
                    Some(WaitStatus::Stopped(signal)) => self.main_stopped(signal, actions),
                    Some(status) if self.stage != Stage::Main => {
                        self.step_ended(status, now, actions);
                    }
                    Some(status) => self.main_ended(status, now, actions),
                    None if children == Children::None => self.all_ended(actions),
                    None => {}
                }
            }
            Event::ServicesEnded(status) => self.services_ended(status, now, actions),
            Event::Began(began) => self.began(began, now, actions),
            Event::Tick => self.time_passed(now, actions),
        }
    }

    /// Whether to say that a signal could not be sent. That nobody is there is no failure during a
    /// stop. Nothing else is fatal either: who cannot be told may still end by itself, and its
    /// status is still ours to report.
    pub fn tell_failed(&mut self, errno: Errno) -> bool {
        if errno == Errno::SRCH || self.complained {
            return false;
        }
        self.complained = true;
        true
    }

    #[inline(never)]
    fn signal_came(&mut self, heard: Heard, now: Moment, actions: &mut Actions) {
        // Children are reaped at every wake-up, whatever woke us; a CHLD has nothing to add.
        if heard.signal == Signal::CHLD || heard.is_own_noise() {
            return;
        }
        if self.policy.mode == Mode::Pause {
            if matches!(heard.signal, Signal::INT | Signal::TERM) {
                self.code = Some(ExitCode::SUCCESS);
                self.exit(ExitState::Clean, actions);
            }
            return;
        }
        if self.policy.stops_heard == StopsHeard::First
            && (self.stop.is_some() || self.phase > Phase::Ending)
        {
            return;
        }
        actions.suspend = self.policy.suspend_on.contains(heard.signal);
        let Some(signal) = self.policy.rewrites.get(heard.signal) else { return };
        if heard.signal == Signal::INT {
            let again = now < self.interrupted_until;
            self.interrupted_until = self.survived(now);
            if again && self.phase == Phase::Draining {
                return self.kill(now, actions);
            }
        }
        let stop_on = self.policy.stop_on;
        let stops = stop_on.contains(heard.signal) || stop_on.contains(signal);
        let whom = match self.phase {
            Phase::Running if self.services == Services::InCharge => {
                return self.services_told(signal, stops, now, actions);
            }
            Phase::Running | Phase::Stopping => self.listeners(),
            Phase::Starting => Audience::Command,
            Phase::Ending if stops => return self.stop_in_the_end(signal, now, actions),
            Phase::Waiting | Phase::Draining => Audience::Everyone,
            Phase::Ending | Phase::Killing | Phase::Done => return,
        };
        // The drain has just told everyone to stop, and says it once.
        let by_drain = stops && heard.with_the_end && self.phase == Phase::Draining;
        let by_terminal = self.command_heard(heard);
        if stops {
            let first = self.phase == Phase::Running;
            self.stop_asked_for(signal, now);
            if by_terminal {
                // It told the group, and did not ask for rewrites.
                self.remember((Audience::Group, heard.signal), now);
            } else if first && self.policy.stop_delay > Span::NONE {
                self.held_until = now.after(self.policy.stop_delay);
            } else if !by_drain {
                self.pass_stop_on(whom, signal, now, actions);
            }
        } else if !by_terminal {
            actions.tell = Some((whom, signal));
        }
    }

    /// A stop signal that was held back need not come after this one.
    #[inline(never)]
    fn pass_stop_on(&mut self, whom: Audience, signal: Signal, now: Moment, actions: &mut Actions) {
        self.held_until = Moment::NEVER;
        self.remember((whom, signal), now);
        self.asked = true;
        self.grace_until = self.grace_until.min(now.after(self.policy.grace));
        actions.tell = Some((whom, signal));
        actions.rouse = Some(whom);
    }

    /// What the first stop signal changes; further ones change nothing: a deadline never moves
    /// back.
    fn stop_asked_for(&mut self, signal: Signal, now: Moment) {
        if self.stop.is_some() {
            return;
        }
        self.stop = Some(signal);
        self.end_within(self.policy.stop_timeout, now);
        if self.phase != Phase::Draining {
            self.since = now;
        }
        if self.phase == Phase::Running {
            self.phase = Phase::Stopping;
        }
    }

    /// Who was told to stop last, and with what.
    #[inline(never)]
    fn remember(&mut self, (whom, signal): (Audience, Signal), at: Moment) {
        let whom = match whom {
            Audience::Group => ToldWhom::Group,
            Audience::Everyone => ToldWhom::Everyone,
            Audience::Command | Audience::Services | Audience::Untold => return,
        };
        // Who has set nothing for one of these does not hear it, and `/proc` does not show that.
        let unheard = SignalSet::EMPTY.with(Signal::CONT).with(Signal::URG).with(Signal::WINCH);
        if !unheard.contains(signal) {
            self.told = Some(Told { whom, signal, at });
        }
    }

    /// INVARIANT(terminal-tells-once): what the terminal tells the group that we are in, the
    /// command, which is in it too, has heard itself. So has what runs before it.
    fn command_heard(&self, heard: Heard) -> bool {
        (self.placement == Placement::WithUs || self.phase == Phase::Starting)
            && self.policy.stops_heard == StopsHeard::All
            && heard.source == Source::Kernel
            && TERMINAL.contains(heard.signal)
            && self.phase <= Phase::Stopping
    }

    /// From when on an interrupt that came at that moment was taken for something else than a
    /// stop: a prompt answers Ctrl-C with a new line and lives on.
    fn survived(&self, at: Moment) -> Moment {
        at.after(self.policy.drain_timeout)
    }

    fn listeners(&self) -> Audience {
        match self.policy.forward_to {
            ForwardTo::Command => Audience::Command,
            ForwardTo::Group => Audience::Group,
            ForwardTo::Everyone => Audience::Everyone,
        }
    }

    /// A stop by the terminal is the whole job's. SIGSTOP is somebody's who wants just that process
    /// stopped, and who would not think of continuing us.
    fn main_stopped(&mut self, signal: Signal, actions: &mut Actions) {
        let by_terminal = matches!(signal, Signal::TSTP | Signal::TTIN | Signal::TTOU);
        actions.suspend = by_terminal && self.placement == Placement::WithUs;
    }

    #[inline(never)]
    fn main_ended(&mut self, status: WaitStatus, now: Moment, actions: &mut Actions) {
        if self.code.is_some() {
            return; // It ends only once.
        }
        self.code = self.policy.exit_code(status);
        if self.code.is_none() {
            return; // It was continued, which nobody asked to hear.
        }
        self.held_until = Moment::NEVER;
        if self.extent == Extent::Course && self.phase < Phase::Killing {
            return self.enter_end(now, actions);
        }
        self.last_part(now, actions);
    }

    /// Nothing is to be run any more.
    #[inline(never)]
    fn last_part(&mut self, now: Moment, actions: &mut Actions) {
        self.grace_until = Moment::NEVER;
        actions.last_part = Some(LastPart::ByItself);
        if self.stop.is_some() && !self.failed && self.policy.stopped.is_some() {
            self.code = self.policy.stopped;
            actions.last_part = Some(LastPart::Aborted);
        }
        match self.policy.on_exit {
            OnExit::Farewell => {
                actions.tell =
                    self.policy.rewrites.get(Signal::TERM).map(|to| (self.listeners(), to));
                self.exit(ExitState::Clean, actions);
            }
            _ if self.children == Children::None => self.exit(ExitState::Clean, actions),
            OnExit::Leave => self.exit(ExitState::Clean, actions),
            _ if self.phase == Phase::Killing => {}
            OnExit::Drain => self.drain(now, actions),
            OnExit::Wait => self.wait(actions),
        }
    }

    /// Tells everyone left to end, but for those who were told together with the main command.
    fn drain(&mut self, now: Moment, actions: &mut Actions) {
        self.phase = Phase::Draining;
        self.since = now;
        if let Some(Told { signal: Signal::INT, at, .. }) = self.told
            && now >= self.survived(at)
        {
            self.told = None;
        }
        self.end_within(self.policy.drain_timeout, now);
        actions.tell_the_rest(Signal::TERM);
    }

    /// Lets everyone stay; but if a stop was asked for while the main command was on its way out,
    /// then the daemon it leaves behind has yet to hear of it.
    fn wait(&mut self, actions: &mut Actions) {
        self.phase = Phase::Waiting;
        if let Some(signal) = self.stop {
            actions.tell_the_rest(signal);
        }
    }

    /// A deadline never moves back.
    fn end_within(&mut self, span: Span, now: Moment) {
        self.deadline = self.deadline.min(now.after(span));
    }

    /// No child is left.
    fn all_ended(&mut self, actions: &mut Actions) {
        match self.phase {
            Phase::Done => {}
            Phase::Running if self.policy.mode == Mode::Pause => {}
            // Its end is the next that we hear of.
            _ if matches!(self.services, Services::Alive | Services::InCharge)
                && self.phase < Phase::Waiting => {}
            // INVARIANT(never-sleep-childless): no child is left, and the main command was never
            // reported. That cannot be, and to sleep on would hang the container for ever.
            Phase::Starting | Phase::Running | Phase::Stopping | Phase::Ending => {
                self.code = Some(ExitCode::OWN_FAILURE);
                self.exit(ExitState::MainLost, actions);
            }
            Phase::Waiting | Phase::Draining | Phase::Killing => {
                self.exit(ExitState::Clean, actions);
            }
        }
    }

    #[inline(never)]
    fn time_passed(&mut self, now: Moment, actions: &mut Actions) {
        // INVARIANT(kill-not-before-its-time): the loop may wake up early, but we do not kill.
        if now < self.deadline {
            if let Some(signal) = self.stop
                && now >= self.held_until
            {
                self.pass_stop_on(self.listeners(), signal, now, actions);
            }
            if now >= self.grace_until {
                self.grace_until = Moment::NEVER;
                actions.tell = Some((self.told_to_end(), Signal::KILL));
            }
            return;
        }
        match self.phase {
            Phase::Running | Phase::Done => {}
            Phase::Starting
            | Phase::Stopping
            | Phase::Ending
            | Phase::Waiting
            | Phase::Draining => self.kill(now, actions),
            Phase::Killing if now < self.since.after(limits::KILL_PATIENCE) => {
                self.send_kill(now, actions);
            }
            Phase::Killing => self.exit(ExitState::GaveUp, actions),
        }
    }

    fn kill(&mut self, now: Moment, actions: &mut Actions) {
        self.phase = Phase::Killing;
        (self.held_until, self.grace_until) = (Moment::NEVER, Moment::NEVER);
        actions.call_roll = Some(now.since(self.since));
        self.since = now;
        self.send_kill(now, actions);
    }

    /// Again and again, for those who were born meanwhile.
    fn send_kill(&mut self, now: Moment, actions: &mut Actions) {
        self.deadline = now.after(limits::KILL_AGAIN);
        actions.tell = Some((Audience::Everyone, Signal::KILL));
    }

    #[inline(never)]
    fn exit(&mut self, state: ExitState, actions: &mut Actions) {
        self.phase = Phase::Done;
        self.deadline = Moment::NEVER;
        self.grace_until = Moment::NEVER;
        let code = self.code.unwrap_or(ExitCode::KILLED);
        actions.exit = Some(Exit { code, state });
    }
}

#[cfg(test)]
mod tests;
