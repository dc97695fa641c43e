//! What the processes of a run do: a few kinds of programs, mixed by chance.

use crate::kernel::{Reaps, bit};
use crate::random::Random;
use crate::scenario::Faults;
use sexton_core::signal::Signal;
use std::fmt;

/// A millisecond, in nanoseconds.
pub const MS: u64 = 1_000_000;
/// A second.
pub const SEC: u64 = 1000 * MS;

/// What a program does when it is told to end by TERM, INT, QUIT or HUP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStop {
    /// It has no handlers at all.
    Dies,
    /// It ends, in its own time.
    Ends,
    /// It ignores them (`SIG_IGN`).
    Ignores,
    /// It has handlers that do nothing.
    Deaf,
    /// It forks one that ignores them, and ends.
    Breeds,
    /// It blocks them for its time, and then dies of them.
    Defers,
}

/// Where it goes when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settles {
    /// It stays where its parent is.
    Stays,
    /// Into a process group of its own.
    InAGroup,
    /// Into a session of its own.
    InASession,
}

/// A program.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// What it is called.
    pub name: &'static str,
    /// When told to end.
    pub on_stop: OnStop,
    /// How long it needs to end.
    pub takes: u64,
    /// What it exits with.
    pub leaves: u8,
    /// When it ends without having been told to.
    pub lives: Option<u64>,
    /// How often it forks.
    pub forks: u32,
    /// After which time each.
    pub every: u64,
    /// Who reaps its children.
    pub reaps: Reaps,
    /// Where it goes.
    pub settles: Settles,
    /// It stops itself.
    pub stops: bool,
    /// It executes itself anew after this time, and has no handlers for a moment.
    pub executes: Option<u64>,
    /// The signals that whoever started it had it ignore.
    pub inherits: u64,
}

/// What means "end".
pub const STOPS: [Signal; 4] = [Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP];

impl Program {
    /// One that notes every signal and ends when told to.
    pub const PLAIN: Program = Program {
        name: "main",
        on_stop: OnStop::Ends,
        takes: 0,
        leaves: 0,
        lives: None,
        forks: 0,
        every: MS,
        reaps: Reaps::Soon,
        settles: Settles::Stays,
        stops: false,
        executes: None,
        inherits: 0,
    };

    /// One by chance.
    pub fn draw(random: &mut Random, faults: &Faults, name: &'static str) -> Program {
        let mut kinds = vec![OnStop::Ends, OnStop::Ends, OnStop::Dies];
        if faults.stubborn {
            kinds.extend([OnStop::Ignores, OnStop::Deaf, OnStop::Breeds, OnStop::Defers]);
        }
        let lives = random.percent(50).then(|| random.span(MS, 30 * SEC));
        let forks = if faults.forks && random.percent(40) { 1 + random.below(8) as u32 } else { 0 };
        let mut settles = Settles::Stays;
        if faults.groups {
            settles = random.pick(&[
                Settles::Stays,
                Settles::Stays,
                Settles::InAGroup,
                Settles::InASession,
            ]);
        }
        let reaps = if faults.zombies {
            random.pick(&[Reaps::Soon, Reaps::Never, Reaps::Kernel])
        } else {
            Reaps::Soon
        };
        Program {
            name,
            on_stop: random.pick(&kinds),
            takes: if random.percent(30) { 0 } else { random.span(10_000, 15 * SEC) },
            leaves: random.pick(&[0, 0, 1, 3, 125, 137, 143, 255]),
            lives,
            forks,
            every: random.span(10_000, SEC),
            reaps,
            settles,
            stops: faults.stopped && random.percent(20),
            executes: (faults.executes && random.percent(20)).then(|| random.span(10_000, SEC)),
            inherits: 0,
        }
    }

    /// One that is run before or after the main command: most end soon, and well.
    #[must_use]
    pub fn step(self, random: &mut Random) -> Program {
        let span = random.span(MS, 3 * SEC);
        Program {
            leaves: if random.percent(80) { 0 } else { self.leaves },
            lives: if random.percent(85) { Some(span) } else { self.lives },
            ..self
        }
    }

    /// The same, with an end in sight.
    #[must_use]
    pub fn soon(self) -> Program {
        let (on_stop, lives) = (OnStop::Dies, Some(10 * MS));
        Program { on_stop, lives, forks: 0, stops: false, ..self }
    }

    /// The signals it has handlers for.
    pub fn caught(&self) -> u64 {
        match self.on_stop {
            OnStop::Dies | OnStop::Defers => 0,
            _ => !(bit(Signal::KILL) | bit(Signal::STOP) | bit(Signal::CHLD) | self.ignored()),
        }
    }

    /// The signals it ignores.
    pub fn ignored(&self) -> u64 {
        match self.on_stop {
            OnStop::Ignores => STOPS.iter().fold(0, |set, signal| set | bit(*signal)),
            _ => 0,
        }
    }

    /// The signals it blocks at first.
    pub fn blocked(&self) -> u64 {
        match self.on_stop {
            OnStop::Defers => STOPS.iter().fold(0, |set, signal| set | bit(*signal)),
            _ => 0,
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |nanos: u64| format!("{} ms", nanos as f64 / MS as f64);
        let (takes, code) = (ms(self.takes), self.leaves);
        match self.on_stop {
            OnStop::Dies => write!(out, "has no handlers")?,
            OnStop::Ends => write!(out, "when told exits with {code}, {takes} later")?,
            OnStop::Ignores => write!(out, "ignores being told")?,
            OnStop::Deaf => write!(out, "does nothing when told")?,
            OnStop::Breeds => write!(out, "when told forks, and exits with {code}, {takes} later")?,
            OnStop::Defers => write!(out, "blocks being told for {takes}")?,
        }
        if let Some(span) = self.lives {
            write!(out, "; exits with {code} by itself after {}", ms(span))?;
        }
        if self.forks > 0 {
            write!(out, "; forks {} times, every {}", self.forks, ms(self.every))?;
        }
        if let Some(span) = self.executes {
            write!(out, "; executes itself anew after {}", ms(span))?;
        }
        if self.stops {
            write!(out, "; stops itself")?;
        }
        match self.settles {
            Settles::Stays => {}
            Settles::InAGroup => write!(out, "; in a group of its own")?,
            Settles::InASession => write!(out, "; in a session of its own")?,
        }
        match self.reaps {
            Reaps::Soon => Ok(()),
            Reaps::Never => write!(out, "; never reaps"),
            Reaps::Kernel => write!(out, "; ignores CHLD"),
        }
    }
}
