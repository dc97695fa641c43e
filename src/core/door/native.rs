//! The native door: `sexton-init [OPTIONS] [--] COMMAND [ARG…]`.
//!
//! The help is the only list of options there is: the parser reads from the same row as people do
//! what an option and its letter are called. Options end at the first word that is not one.

use super::{Complaint, Parsed, Refusal};
use crate::exit::ExitCode;
use crate::policy::{Format, ForwardTo, Level, OnExit, Orphans, Policy};
use crate::signal::{Signal, SignalSet};
use crate::time::Span;
use crate::words::{Likeness, after, decimal, piece, pieces, place, same};

/// The options, in the order of their rows in the help: those with a value, then those without,
/// and of these last those that print a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their rows say it")]
pub enum Key {
    To,
    Rewrite,
    StopOn,
    StopTimeout,
    OnExit,
    DrainTimeout,
    Success,
    ParentDeath,
    Log,
    Group,
    Subreaper,
    WarnOrphans,
    Verbose,
    Help,
    Version,
    Licence,
}

/// All of them.
#[rustfmt::skip]
pub const OPTIONS: &[Key] = &[
    Key::To, Key::Rewrite, Key::StopOn, Key::StopTimeout, Key::OnExit, Key::DrainTimeout,
    Key::Success, Key::ParentDeath, Key::Log, Key::Group, Key::Subreaper, Key::WarnOrphans,
    Key::Verbose, Key::Help, Key::Version, Key::Licence,
];

/// What can be printed: the help, the version and the licence, with NUL between.
const PAGES: &str = concat!(
    "\
Usage: sexton-init [OPTIONS] [--] COMMAND [ARG...]
Runs COMMAND as PID 1 does: forwards signals, reaps orphans, lets all others end after it.

   --to WHOM    \tforward signals to: command (default), group or all
   --rewrite FROM:TO\tsend TO for FROM, as TERM:QUIT; TERM:0 drops TERM
   --stop-on SIG\tSIG (WINCH, 28, RTMIN+3) asks for a stop too, as TERM does
   --stop-timeout TIME\tKILL everyone TIME (8s, 500ms, none) after the stop signal
   --on-exit WHAT\tafter COMMAND: drain (default), wait or leave
   --drain-timeout TIME\tKILL everyone TIME (10s, 500ms, none) after COMMAND
-e --success CODE\texit status CODE, 0 to 255, counts as 0
-p --parent-death SIG\tget SIG (TERM, 15, RTMIN+3) when the parent dies
   --log FORMAT \ttext (default) or json
-g --group \t\tthe same as --to group
-s --subreaper \t\taccepted; automatic when not PID 1
-w --warn-orphans \tsay each orphan that is reaped
-v --verbose \t\tsay more; twice: all
-h --help \t\tthis page
-V --version \t\tthe version
-l --licence \t\tthe licence

Or as variables: SEXTON_ON_EXIT=wait, SEXTON_GROUP=1, SEXTON_REWRITE=TERM:QUIT,HUP:0.
Exit status: COMMAND's, 128+signal, 127 not found, 126 cannot be run, 125 own failure.
\0sexton-init ",
    env!("CARGO_PKG_VERSION"),
    "
\0(c) 2026 the sexton maintainers. MIT OR Apache-2.0. No warranty.
"
);

/// The line of the help that is the row of the first option. In a row, the name begins here, and
/// ends with a blank.
const FIRST_ROW: usize = 3;
const NAME: usize = 5;

/// What every variable of ours begins with; the rest is the name of the option in capitals.
const PREFIX: &[u8] = b"SEXTON_";

impl Key {
    /// Its row of the help.
    pub fn row(self) -> &'static [u8] {
        piece(PAGES.as_bytes(), b'\n', FIRST_ROW + self as usize)
    }

    /// The word that begins there in its row, up to a blank.
    fn word_at(self, place: usize) -> &'static [u8] {
        piece(self.row().get(place..).unwrap_or_default(), b' ', 0)
    }

    /// The word after `--`.
    pub fn name(self) -> &'static [u8] {
        self.word_at(NAME)
    }

    /// What may be its value, in words.
    pub fn advice(self) -> &'static [u8] {
        if self.takes_value() { piece(self.row(), b'\t', 1) } else { b"1 or 0, verbose up to 3" }
    }

    /// Whether it takes a value.
    pub fn takes_value(self) -> bool {
        self < Key::Group
    }

    /// What it prints.
    fn page(self) -> &'static [u8] {
        piece(PAGES.as_bytes(), 0, (self as usize).wrapping_sub(Key::Help as usize))
    }

    /// Whether it can be set in the environment too.
    pub fn has_variable(self) -> bool {
        self < Key::Help
    }
}

/// How an option is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// `-p`
    Letter,
    /// `stop-on`
    Name,
    /// `STOP_ON`
    Variable,
}

/// The option that is called this.
fn called(word: &[u8], spelling: Spelling) -> Option<Key> {
    let place = if spelling == Spelling::Letter { 0 } else { NAME };
    let exact = spelling != Spelling::Variable;
    let likeness = if exact { Likeness::Exact } else { Likeness::Loose };
    OPTIONS.iter().copied().find(|option| same(option.word_at(place), word, likeness))
}

/// Reads `argv`, whose first word is our own name, and the environment, into the policy. The
/// command line wins; of the options that repeat, both count.
pub fn parse<'a>(
    policy: &mut Policy,
    words: impl Iterator<Item = &'a [u8]>,
    environment: impl Iterator<Item = &'a [u8]>,
) -> Parsed<'a> {
    let mut reader = Reader { words, place: 0, policy, verbose: 0, word: b"", option: None };
    let read = reader.environment(environment).and_then(|()| reader.arguments());
    match (read, reader.option) {
        (Ok(()), _) => Parsed::Run(reader.place),
        (Err(Stop::Refuse(complaint)), option) => {
            Parsed::Refuse(Refusal { complaint, word: reader.word, option })
        }
        (Err(Stop::Print), option) => Parsed::Print(option.unwrap_or(Key::Help).page()),
    }
}

/// Why reading stopped before a command was reached.
enum Stop {
    /// The option prints a page.
    Print,
    Refuse(Complaint),
}

impl From<Complaint> for Stop {
    fn from(complaint: Complaint) -> Stop {
        Stop::Refuse(complaint)
    }
}

struct Reader<'a, 'p, Words> {
    words: Words,
    /// Of the word that was read last.
    place: usize,
    policy: &'p mut Policy,
    /// How often more was to be said.
    verbose: u32,
    /// What is being read, and for which option: if it is wrong, these are named.
    word: &'a [u8],
    option: Option<Key>,
}

impl<'a, Words: Iterator<Item = &'a [u8]>> Reader<'a, '_, Words> {
    fn environment(&mut self, entries: impl Iterator<Item = &'a [u8]>) -> Result<(), Stop> {
        for entry in entries {
            let Some(entry) = after(PREFIX, entry, Likeness::Exact) else { continue };
            let name = piece(entry, b'=', 0);
            for value in pieces(entry.get(name.len() + 1..).unwrap_or_default(), b',') {
                if value.is_empty() {
                    continue;
                }
                match self.option(name, Spelling::Variable, Some(value)) {
                    // Others are not refused: in Kubernetes a service named "sexton" puts
                    // SEXTON_PORT and the like into every pod.
                    Err(Stop::Refuse(Complaint::UnknownOption) | Stop::Print) => {}
                    read => read?,
                }
            }
        }
        self.verbose = 0;
        Ok(())
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.place += 1;
        self.words.next()
    }

    /// Up to the command, which is then at `place`.
    fn arguments(&mut self) -> Result<(), Stop> {
        self.words.next();
        while let Some(word) = self.next() {
            (self.word, self.option) = (word, None);
            match word {
                [b'-', b'-'] => {
                    return self.next().map(|_| ()).ok_or(Complaint::NoCommand.into());
                }
                [b'-', b'-', long @ ..] => {
                    let name = piece(long, b'=', 0);
                    let value = long.get(name.len() + 1..);
                    let american = same(b"license", name, Likeness::Exact);
                    let name = if american { b"licence" } else { name };
                    self.option(name, Spelling::Name, value)?;
                }
                [b'-', letters @ ..] if !letters.is_empty() => self.letters(letters)?,
                _ => return Ok(()),
            }
        }
        Err(Complaint::NoCommand.into())
    }

    /// `-g`, `-gvv`, `-pTERM`, `-p TERM`.
    fn letters(&mut self, mut letters: &'a [u8]) -> Result<(), Stop> {
        // An option that takes a value takes all that is left.
        while let ([letter, rest @ ..], None) = (letters, self.option) {
            let value = Some(rest).filter(|rest| !rest.is_empty());
            self.option(&[b'-', *letter], Spelling::Letter, value)?;
            letters = rest;
        }
        Ok(())
    }

    /// With what follows it in the same word, or the next word if a value is wanted.
    #[inline(never)]
    fn option(
        &mut self,
        name: &[u8],
        spelling: Spelling,
        value: Option<&'a [u8]>,
    ) -> Result<(), Stop> {
        let option = called(name, spelling).ok_or(Complaint::UnknownOption)?;
        let (flag, variable) = (!option.takes_value(), spelling == Spelling::Variable);
        if flag && spelling == Spelling::Name && value.is_some() {
            return Err(Complaint::UnwantedValue.into());
        }
        if !flag || variable {
            self.word = value.or_else(|| self.next()).ok_or(Complaint::NoValue)?;
            self.option = Some(option);
        }
        if option >= Key::Help {
            self.option = Some(option);
            return Err(Stop::Print);
        }
        let mut times = 1;
        if flag && variable {
            times = yes(option, self.word).ok_or(Complaint::BadValue)?;
        }
        for _ in 0..times {
            self.set(option).ok_or(Complaint::BadValue)?;
        }
        Ok(())
    }

    /// To the word being read. `None`: it is no value of this option.
    #[inline(never)]
    fn set(&mut self, option: Key) -> Option<()> {
        let (policy, word) = (&mut *self.policy, self.word);
        match option {
            Key::To => {
                policy.forward_to = match place(b"command group all", word)? {
                    0 => ForwardTo::Command,
                    1 => ForwardTo::Group,
                    _ => ForwardTo::Everyone,
                }
            }
            Key::Group => policy.forward_to = ForwardTo::Group,
            Key::Rewrite => {
                let mut parts = pieces(word, b':');
                let (from, to) = (parts.next()?, parts.rest()?);
                let to = if to == b"0" { None } else { Some(Signal::parse(to)?) };
                policy.rewrites.set(catchable(from)?, to);
            }
            Key::StopOn => policy.stop_on = policy.stop_on.with(catchable(word)?),
            Key::StopTimeout => policy.stop_timeout = timeout(word)?,
            Key::DrainTimeout => policy.drain_timeout = timeout(word)?,
            Key::OnExit => {
                policy.on_exit = match place(b"drain wait leave", word)? {
                    0 => OnExit::Drain,
                    1 => OnExit::Wait,
                    _ => OnExit::Leave,
                }
            }
            Key::Success => policy.success.insert(ExitCode(u8::try_from(decimal(word)?).ok()?)),
            Key::ParentDeath => policy.parent_death = Some(Signal::parse(word)?),
            Key::WarnOrphans => policy.voice.orphans = Orphans::Said,
            Key::Log => {
                policy.voice.format = match place(b"text json", word)? {
                    0 => Format::Text,
                    _ => Format::Json,
                }
            }
            Key::Verbose => {
                self.verbose += 1;
                policy.voice.level = Level::of(self.verbose);
            }
            // A subreaper we are whenever it makes a difference; the others print a page.
            Key::Subreaper | Key::Help | Key::Version | Key::Licence => {}
        }
        Some(())
    }
}

/// How often an option without a value is meant by this value of its variable.
fn yes(option: Key, word: &[u8]) -> Option<usize> {
    let times = place(b"0 false no off 1 true yes on 2 3", word)? / 4;
    (times < 2 || option == Key::Verbose).then_some(times)
}

fn timeout(word: &[u8]) -> Option<Span> {
    if word == b"none" { Some(Span::FOREVER) } else { Span::parse(word) }
}

/// A signal that can reach us.
fn catchable(word: &[u8]) -> Option<Signal> {
    let never = SignalSet::EMPTY.with(Signal::KILL).with(Signal::STOP).with(Signal::CHLD);
    Signal::parse(word).filter(|signal| !never.contains(*signal))
}

#[cfg(test)]
mod tests;
