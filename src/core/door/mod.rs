//! Front doors: what was typed becomes what was meant.
//!
//! A door is a dialect of arguments and environment, and the words to answer in: a [`Table`], and
//! what its table cannot say. [`reader`] reads every dialect into a [`Policy`], and then the door
//! is forgotten. It never prints and never exits; those are the other outcomes of [`Parsed`].

mod called;
pub mod catatonit;
pub mod dumb_init;
pub mod my_init;
pub mod native;
pub mod pause;
mod reader;
pub mod setuser;
pub mod tini;

pub use reader::parse;

use crate::book::{Chapter, Page};
use crate::course::Course;
use crate::exit::ExitCode;
use crate::notice::Saying;
use crate::policy::{Policy, StepAside};
use crate::signal::SignalSet;
use crate::words::place;

/// The doors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "they are named for the programs whose names lead to them")]
pub enum Door {
    Native,
    Tini,
    DumbInit,
    Catatonit,
    Pause,
    MyInit,
    Setuser,
}

/// How many.
pub const COUNT: usize = 7;

/// Their tables, in their order.
pub const TABLES: [&Table; COUNT] = [
    &native::TABLE,
    &tini::TABLE,
    &dumb_init::TABLE,
    &catatonit::TABLE,
    &pause::TABLE,
    &my_init::TABLE,
    &setuser::TABLE,
];

/// The names that lead to a door, and which.
const NAMES: &[u8] =
    b"tini\ntini-static\ndumb-init\ncatatonit\npause\nmy_init\nsetuser\ndocker-init\npodman-init\n\
      sexton-init";
const LEAD_TO: [Door; 10] = [
    Door::Tini,
    Door::Tini,
    Door::DumbInit,
    Door::Catatonit,
    Door::Pause,
    Door::MyInit,
    Door::Setuser,
    Door::Native,
    Door::Native,
    Door::Native,
];

impl Door {
    /// The door that this name leads to; `None`: the name is none of them.
    pub fn named(name: &[u8]) -> Option<Door> {
        LEAD_TO.get(place(NAMES, name)?).copied()
    }

    /// One of its pages.
    const fn page(self, part: Part) -> Page {
        Page::of(Chapter::Pages, self as usize * PARTS + part as usize)
    }

    /// What it means if nothing else is said.
    #[inline(never)]
    fn adjust(self, policy: &mut Policy) {
        policy.voice.door = self;
        if !matches!(self, Door::Native | Door::Pause) {
            // What all originals do, or do not, that run something.
            policy.stop_on = SignalSet::EMPTY;
            policy.step_aside = StepAside::Never;
            policy.own_failure = ExitCode(1);
        }
        match self {
            Door::Native => {}
            Door::Tini => tini::adjust(policy),
            Door::DumbInit => dumb_init::adjust(policy),
            Door::Catatonit => catatonit::adjust(policy),
            Door::Pause => pause::adjust(policy),
            Door::MyInit => my_init::adjust(policy),
            Door::Setuser => setuser::adjust(policy),
        }
    }

    /// Where it prints this.
    pub fn prints(self, key: Key) -> Stream {
        match (self, key) {
            (Door::DumbInit, _) | (Door::Catatonit, Key::Help) => Stream::Error,
            _ => Stream::Output,
        }
    }

    /// Whether it prints its help after this complaint, as it has little to say of its own.
    pub fn helps_with(self, complaint: Complaint) -> bool {
        self == Door::Tini && complaint != Complaint::BadValue
    }

    /// Its help. The first line says how it is used.
    pub const fn help(self) -> Page {
        self.page(Part::Help)
    }

    /// What this option prints.
    pub const fn answer(self, key: Key) -> Page {
        self.page(match key {
            Key::Version => Part::Version,
            Key::Licence => Part::Licence,
            _ => Part::Help,
        })
    }
}

/// Where a page is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Stream {
    Output,
    Error,
}

/// The outcome of reading a command line; how it is run is in the policy.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// Run this.
    Run(Launch<'a>),
    /// Print what this option of this door asks for, and exit with 0.
    Print(Door, Key),
    /// Say what is wrong, and exit with the policy's status for that.
    Refuse(Refusal<'a>),
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)] // in this order, the large one last: so the code that reaches the others is shorter
pub struct Launch<'a> {
    /// The main command is the argument at this place, and those after it are its own; 0: there is
    /// none.
    pub command_at: usize,
    /// Where it ends, if that is not where the arguments do; 0: it is.
    pub command_end: usize,
    /// The place of a word among them that is not its own; 0: there is none.
    pub left_out: usize,
    /// As which user it runs; `None`: as who we are.
    pub user: Option<&'a [u8]>,
    /// What is run before and after it.
    pub course: Course<'a>,
}

impl Launch<'_> {
    /// Nothing yet: nothing but zeros, which take no room in the program.
    pub const EMPTY: Launch<'static> =
        Launch { command_at: 0, command_end: 0, left_out: 0, user: None, course: Course::EMPTY };
}

/// What is wrong with a command line or environment: one word of it.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// What is wrong.
    pub complaint: Complaint,
    /// With which word.
    pub word: &'a [u8],
    /// For which door.
    pub door: Door,
    /// Of which option; `None` where the word is the option.
    pub key: Option<Key>,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Complaint {
    UnknownLetter,
    UnknownOption,
    NoValue,
    UnwantedValue,
    NoCommand,
    BadValue,
}

/// Everything that an option can mean, of whatever door, in the order of the helps: those that the
/// native door has not come first, those with a value follow each other, and so do those that print
/// a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "their rows in the tables say it")]
pub enum Key {
    InsecureKey,
    SkipStartup,
    SkipRunit,
    NoKillAll,
    Quiet,
    SingleChild,
    As,
    To,
    Rewrite,
    StopOn,
    StopDelay,
    StopTimeout,
    OnExit,
    DrainTimeout,
    Success,
    ParentDeath,
    Log,
    StepAside,
    EnvDir,
    Startup,
    Supervisor,
    SupervisorStop,
    StopHook,
    User,
    Group,
    Subreaper,
    WarnOrphans,
    Verbose,
    Pause,
    Help,
    Version,
    Licence,
}

/// All of them.
#[rustfmt::skip]
pub const KEYS: [Key; 32] = [
    Key::InsecureKey, Key::SkipStartup, Key::SkipRunit, Key::NoKillAll, Key::Quiet,
    Key::SingleChild, Key::As, Key::To, Key::Rewrite, Key::StopOn, Key::StopDelay,
    Key::StopTimeout, Key::OnExit, Key::DrainTimeout, Key::Success, Key::ParentDeath, Key::Log,
    Key::StepAside, Key::EnvDir, Key::Startup, Key::Supervisor, Key::SupervisorStop,
    Key::StopHook, Key::User, Key::Group, Key::Subreaper, Key::WarnOrphans, Key::Verbose,
    Key::Pause, Key::Help, Key::Version, Key::Licence,
];

impl Key {
    /// Whether it takes a value.
    pub fn takes_value(self) -> bool {
        Key::SingleChild < self && self < Key::Group
    }

    /// Whether its value is a path, or words of another's, in which commas are nothing special.
    pub fn takes_text(self) -> bool {
        Key::EnvDir <= self && self < Key::Group
    }

    /// The line of the native help about it.
    pub const fn line(self) -> u8 {
        // The last of those that the native door has not would be the third line.
        (self as u8).wrapping_sub(Key::SingleChild as u8) + 2
    }
}

/// What a door says, and what its options are called. The compiler makes of it what is searched
/// and printed; the documentation is made of it, too.
pub struct Table {
    /// Its options, in the order of [`Key`].
    pub rows: &'static [Row],
    /// The column of the help in which the meaning of an option begins.
    pub column: usize,
    /// What the help says before the options, and after them.
    pub help: [&'static str; 2],
    /// The answer to [`Key::Version`].
    pub version: &'static str,
    /// The answer to [`Key::Licence`].
    pub licence: &'static str,
    /// What is said of what happens, and from which level on; all else is said as the native door
    /// does.
    pub sentences: &'static [(Saying, u8, &'static str)],
}

/// An option of a door.
pub struct Row {
    /// What it means.
    pub key: Key,
    /// What it is called after `-`; NUL if it has no letter.
    pub letter: u8,
    /// What it is called after `--`; empty if it has no name.
    pub name: &'static str,
    /// What its variable is called, with the `=`; empty if it has none.
    pub variable: &'static str,
    /// Its line in the help: how it is typed, and what it does.
    pub typed: &'static str,
    #[expect(missing_docs, reason = "said above")]
    pub meaning: &'static str,
}

/// The pages of every door.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Part {
    Version,
    Licence,
    Help,
}

/// How an option is called. The words of [`Chapter::Names`] are in this order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Called {
    Letter,
    Name,
    Variable,
}

/// How many ways there are.
const WAYS: usize = Called::Variable as usize + 1;

/// How many parts there are.
const PARTS: usize = Part::Help as usize + 1;

/// The level of what a door never says.
pub const NEVER: u8 = 7;

/// The answer of those doors that have one.
const LICENCE: &str = "(c) 2026 the sexton maintainers. MIT OR Apache-2.0. No warranty.";

const fn row(
    key: Key,
    letter: u8,
    name: &'static str,
    variable: &'static str,
    typed: &'static str,
    meaning: &'static str,
) -> Row {
    Row { key, letter, name, variable, typed, meaning }
}

impl Table {
    /// The row of this option.
    pub const fn row(&self, key: Key) -> Option<&Row> {
        let mut place = 0;
        while place < self.rows.len() {
            if self.rows[place].key as u8 == key as u8 {
                return Some(&self.rows[place]);
            }
            place += 1;
        }
        None
    }

    /// What is said of this, and from which level on.
    pub(crate) const fn sentence(&self, saying: usize) -> (u8, &'static str) {
        let mut place = 0;
        while place < self.sentences.len() {
            let (said, level, sentence) = self.sentences[place];
            if said as usize == saying {
                return (level, sentence);
            }
            place += 1;
        }
        (NEVER, "")
    }

    /// From which level on this is said.
    pub(crate) const fn level(&self, saying: usize) -> u8 {
        let (level, sentence) = self.sentence(saying);
        if sentence.is_empty() { native::TABLE.sentence(saying).0 } else { level }
    }
}

#[cfg(test)]
mod tests;
