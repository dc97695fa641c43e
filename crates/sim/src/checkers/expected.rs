//! What the init has to do, by its policy and by what happened: a second reading of
//! `docs/design.md`, "The clean stop".

use super::audience::Whom;
use super::round::Round;
use super::telling::Telling;
use super::{Law, code_of};
use crate::kernel::{Code, Info};
use sexton_core::limits::{KILL_AGAIN, KILL_PATIENCE};
use sexton_core::policy::{ForwardTo, Mode, OnExit};
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
    code: Option<u8>,
    stop: Option<Signal>,
    drains: bool,
    /// When KILL was sent first, and when it is due again.
    killed: Option<u64>,
    kill_at: u64,
    held: Option<u64>,
    interrupted: Option<u64>,
    /// The last stop signal that more than the main command got.
    pub told: Option<Telling>,
}

const NEVER: u64 = u64::MAX;

impl History {
    pub fn new() -> History {
        History {
            code: None,
            stop: None,
            drains: false,
            killed: None,
            kill_at: NEVER,
            held: None,
            interrupted: None,
            told: None,
        }
    }

    /// When the init has to be awake.
    pub fn deadline(&self) -> u64 {
        self.kill_at.min(self.held.unwrap_or(NEVER))
    }

    /// What had to be done in this round.
    pub fn expect(&mut self, law: &Law, round: &Round) -> Expected {
        let with_us = law.placement == Placement::WithUs;
        let suspends = |info: Info| law.policy.suspend_on.contains(info.signal);
        let stopped = round.main_stopped.is_some_and(|signal| signal != Signal::STOP);
        let may_suspend = stopped && with_us || round.took.is_some_and(suspends);
        let mut expected = Expected { may_suspend, ..Expected::default() };
        self.sweep(law, round, &mut expected);
        if expected.exit.is_none()
            && let Some(info) = round.took
        {
            self.signal(law, round, info, &mut expected);
        }
        if expected.exit.is_none() {
            self.tick(law, round, &mut expected);
        }
        expected
    }

    fn sweep(&mut self, law: &Law, round: &Round, expected: &mut Expected) {
        let policy = &law.policy;
        let Some(status) = round.main_ended.filter(|_| self.code.is_none()) else {
            if round.childless && self.code.is_some() {
                expected.exit = self.code;
            }
            return;
        };
        self.code = code_of(policy, status);
        self.held = None;
        match policy.on_exit {
            OnExit::Farewell => {
                let whom = listeners(law, Life::Over);
                // Without a child there is nobody to say farewell to.
                let signal = policy.rewrites.get(Signal::TERM).filter(|_| !round.childless);
                expected.tells.extend(signal.map(|signal| tell(whom, signal)));
                expected.exit = self.code;
            }
            OnExit::Leave => expected.exit = self.code,
            _ if round.childless => expected.exit = self.code,
            _ if self.killed.is_some() => {}
            OnExit::Drain => {
                self.drains = true;
                if self.told.is_some_and(|told| {
                    let long_ago = round.clock >= later(told.at, policy.drain_timeout.as_nanos());
                    told.signal == Signal::INT && long_ago
                }) {
                    self.told = None;
                }
                let end = later(round.clock, policy.drain_timeout.as_nanos());
                self.kill_at = self.kill_at.min(end);
                expected.tells.push(to_the_rest(Signal::TERM));
            }
            OnExit::Wait => expected.tells.extend(self.stop.map(to_the_rest)),
        }
    }

    fn signal(&mut self, law: &Law, round: &Round, info: Info, expected: &mut Expected) {
        let policy = &law.policy;
        if info.signal == Signal::CHLD || is_own_noise(info, law) {
            return;
        }
        if policy.mode == Mode::Pause {
            if matches!(info.signal, Signal::INT | Signal::TERM) {
                expected.exit = Some(0);
            }
            return;
        }
        let Some(signal) = policy.rewrites.get(info.signal) else { return };
        if info.signal == Signal::INT {
            let again = self.interrupted.is_some_and(|until| round.clock < until);
            self.interrupted = Some(later(round.clock, policy.drain_timeout.as_nanos()));
            if again && self.drains && self.killed.is_none() {
                self.kill_at = round.clock;
                return;
            }
        }
        if self.killed.is_some() {
            return;
        }
        let lives = self.code.is_none();
        let by_terminal = lives && is_from_terminal(info, law);
        let whom = if lives { listeners(law, Life::Main) } else { Whom::Everyone };
        let stops = policy.stop_on.contains(info.signal) || policy.stop_on.contains(signal);
        let value = (info.code == Code::Queue && whom == Whom::Command).then_some(info.value);
        if !stops {
            if !by_terminal {
                expected.tells.push(Tell { value, ..tell(whom, signal) });
            }
            return;
        }
        let first = self.stop.is_none();
        if first {
            self.stop = Some(signal);
            let end = later(round.clock, policy.stop_timeout.as_nanos());
            self.kill_at = self.kill_at.min(end);
        }
        if by_terminal {
            expected.terminal_told = Some(info.signal).filter(|signal| is_heard(*signal));
        } else if first && lives && policy.stop_delay.as_nanos() > 0 {
            self.held = Some(later(round.clock, policy.stop_delay.as_nanos()));
        } else if !(self.drains && round.main_ended.is_some()) {
            self.held = None;
            expected.tells.push(Tell { value, ..stop_for(whom, signal) });
        }
    }

    fn tick(&mut self, law: &Law, round: &Round, expected: &mut Expected) {
        let now = round.clock;
        if now < self.kill_at {
            if let Some(signal) = self.stop
                && self.held.is_some_and(|due| now >= due)
            {
                self.held = None;
                expected.tells.push(stop_for(listeners(law, Life::Main), signal));
            }
            return;
        }
        match self.killed {
            Some(since) if now >= later(since, KILL_PATIENCE.as_nanos()) => {
                expected.exit = Some(self.code.unwrap_or(137));
                return;
            }
            Some(_) => {}
            // Nothing else is said any more.
            None => (self.killed, self.held) = (Some(now), None),
        }
        self.kill_at = later(now, KILL_AGAIN.as_nanos());
        expected.tells.push(tell(Whom::Everyone, Signal::KILL));
    }
}

/// Whether the main command lives.
enum Life {
    Main,
    Over,
}

fn listeners(law: &Law, life: Life) -> Whom {
    match (law.policy.forward_to, life) {
        (ForwardTo::Command, _) => Whom::Command,
        (ForwardTo::Group, Life::Main) => Whom::Group,
        (ForwardTo::Group, Life::Over) => Whom::LateGroup,
        (ForwardTo::Everyone, _) => Whom::Everyone,
    }
}

fn tell(whom: Whom, signal: Signal) -> Tell {
    Tell { whom, signal, rouse: None, value: None, remembered: None }
}

fn to_the_rest(signal: Signal) -> Tell {
    Tell { rouse: Some(Whom::Everyone), ..tell(Whom::Untold, signal) }
}

fn stop_for(whom: Whom, signal: Signal) -> Tell {
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
    law.placement == Placement::WithUs
        && info.code == Code::Kernel
        && keys.contains(&info.signal.number())
}

/// What never comes stays so.
fn later(at: u64, span: u64) -> u64 {
    if span >= NEVER / 4 { NEVER } else { at + span }
}
