//! The native door: `sexton-init [OPTIONS] [--] COMMAND [ARG…]`.
//!
//! [`OPTIONS`] is the only list of options there is, in the words of the help: the parser reads
//! from the same row as people do whether there is a letter, and whether a value is wanted.
//! Options end at the first word that is not one.

use super::{Complaint, Page, Parsed, Refusal};
use crate::exit::ExitCode;
use crate::policy::{Format, ForwardTo, Level, OnExit, Orphans, Policy};
use crate::signal::{Signal, SignalSet};
use crate::time::Span;
use crate::words::{decimal, pieces, place, split_at_mark, worded};

worded! {
    /// What an option is for, with what its values may be.
    #[expect(missing_docs, reason = "the rows of the table say it")]
    Key {
        To "command, group or all"
        Group "1 or 0"
        Rewrite "TERM:QUIT, or TERM:0 to drop TERM; KILL, STOP and CHLD cannot be rewritten"
        StopOn "TERM, 15, RTMIN+3 or the like; KILL, STOP and CHLD cannot be used"
        StopTimeout "500ms, 10s, 2m or none"
        OnExit "drain, wait or leave"
        DrainTimeout "500ms, 10s, 2m or none"
        Success "0 to 255"
        Subreaper "1 or 0"
        ParentDeath "TERM, 15, RTMIN+3 or the like"
        WarnOrphans "1 or 0"
        Verbose "0 to 3"
        Log "text or json"
        Help ""
        Version ""
        Licence ""
    }
}

/// An option: what it is for, and its row of the help.
#[derive(Clone, Copy, Debug)]
pub struct Opt(pub Key, &'static str);

/// All options, in the order of the help.
#[rustfmt::skip]
pub const OPTIONS: &[Opt] = &[
    Opt(Key::To,                   "      --to WHOM              forward signals to: command (default), group, all\n"),
    Opt(Key::Group,                "  -g, --group                the same as --to group\n"),
    Opt(Key::Rewrite,              "      --rewrite FROM:TO      send TO when FROM comes; TO may be 0: drop it\n"),
    Opt(Key::StopOn,               "      --stop-on SIG          SIG asks for a stop, as TERM, INT and QUIT do\n"),
    Opt(Key::StopTimeout,          "      --stop-timeout TIME    KILL everyone TIME after the stop signal (none)\n"),
    Opt(Key::OnExit,               "      --on-exit WHAT         after the command: drain (default), wait, leave\n"),
    Opt(Key::DrainTimeout,         "      --drain-timeout TIME   KILL everyone TIME after the drain began (10s)\n"),
    Opt(Key::Success,              "  -e, --success CODE         exit status CODE counts as 0\n"),
    Opt(Key::Subreaper,            "  -s, --subreaper            accepted; automatic when not PID 1\n"),
    Opt(Key::ParentDeath,          "  -p, --parent-death SIG     get SIG when the parent of the init dies\n"),
    Opt(Key::WarnOrphans,          "  -w, --warn-orphans         say each orphan that is reaped\n"),
    Opt(Key::Verbose,              "  -v, --verbose              say more; twice: every signal and process\n"),
    Opt(Key::Log,                  "      --log FORMAT           text (default) or json\n"),
    Opt(Key::Help,    "  -h, --help                 print this page\n"),
    Opt(Key::Version, "  -V, --version              print the version\n"),
    Opt(Key::Licence, "  -l, --licence              print the licence\n"),
];

const USAGE: &str = "\
Usage: sexton-init [OPTIONS] [--] COMMAND [ARG...]

Runs COMMAND as PID 1 of a container would: forwards signals, reaps orphans, and when COMMAND has
ended lets everything else end too, before it leaves with COMMAND's status.

";

const AFTER: &str = "
TIME: 500ms, 10s, 2m or none. SIG: TERM, 15, RTMIN+3.
Each is also a variable: SEXTON_DRAIN_TIMEOUT=5s, SEXTON_GROUP=1, SEXTON_VERBOSE=2,
SEXTON_REWRITE=TERM:QUIT,HUP:0.
Exit status: COMMAND's, or 128+n for signal n; 127 not found, 126 cannot be run, 125 own failure.
";

const VERSION: &str = concat!("sexton-init ", env!("CARGO_PKG_VERSION"), "\n");

const LICENCE: &str = "\
Copyright (c) 2026 the sexton maintainers. MIT OR Apache-2.0, at your choice. No warranty.
";

/// Where the letter stands in a row, and the name.
const LETTER: usize = 3;
const NAME: usize = 8;

/// What every variable of ours begins with; the rest is the name of the option in capitals.
const PREFIX: &[u8] = b"SEXTON_";

impl Page {
    /// Prints it, piece by piece.
    pub fn print(self, out: &mut dyn FnMut(&'static [u8])) {
        match self {
            Page::Version => out(VERSION.as_bytes()),
            Page::Licence => out(LICENCE.as_bytes()),
            Page::Help => {
                out(USAGE.as_bytes());
                for Opt(_, row) in OPTIONS {
                    out(row.as_bytes());
                }
                out(AFTER.as_bytes());
            }
        }
    }
}

impl Opt {
    /// Its row of the help.
    pub fn row(&self) -> &'static str {
        self.1
    }

    /// The word after `--`.
    pub fn name(&self) -> &'static [u8] {
        let row = self.1.as_bytes().get(NAME..).unwrap_or(&[]);
        split_at_mark(row, b' ').map_or(row, |(name, _)| name)
    }

    /// The letter after `-`; a blank if it has none.
    pub fn letter(&self) -> u8 {
        self.1.as_bytes().get(LETTER).copied().unwrap_or(b' ')
    }

    /// Whether it takes a value.
    pub fn takes_value(&self) -> bool {
        let after = NAME.saturating_add(self.name().len()).saturating_add(1);
        self.1.as_bytes().get(after).is_some_and(|byte| *byte != b' ')
    }

    /// Whether it can be set in the environment too.
    pub fn has_variable(&self) -> bool {
        !matches!(self.0, Key::Help | Key::Version | Key::Licence)
    }
}

/// The option of this name: `stop-on`, and for a variable `STOP_ON`.
fn named(name: &[u8], of: Spelling) -> Option<&'static Opt> {
    let spelled = |letter: u8| match (of, letter) {
        (Spelling::Option, letter) => letter,
        (Spelling::Variable, b'-') => b'_',
        (Spelling::Variable, letter) => letter.to_ascii_uppercase(),
    };
    let same = |(ours, theirs): (&u8, &u8)| spelled(*ours) == *theirs;
    OPTIONS.iter().find(|option| {
        let ours = option.name();
        ours.len() == name.len() && ours.iter().zip(name).all(same)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Option,
    Variable,
}

/// Reads `argv`, whose first word is our own name, and the environment, into the policy. The
/// command line wins; of the options that repeat, both count.
pub fn parse<'a>(
    policy: &mut Policy,
    words: &mut dyn Iterator<Item = &'a [u8]>,
    environment: &mut dyn Iterator<Item = &'a [u8]>,
) -> Parsed<'a> {
    let mut reader =
        Reader { words, place: 0, policy, verbose: 0, typed_verbose: 0, word: b"", option: None };
    let read = reader.environment(environment).and_then(|()| reader.arguments());
    if reader.typed_verbose > 0 {
        reader.verbose = reader.typed_verbose;
    }
    reader.policy.voice.level = match reader.verbose {
        0 => Level::Warning,
        1 => Level::Info,
        _ => Level::Debug,
    };
    match read {
        Ok(()) => Parsed::Run(reader.place),
        Err(Stop::Print(page)) => Parsed::Print(page),
        Err(Stop::Refuse(complaint)) => {
            Parsed::Refuse(Refusal { complaint, word: reader.word, option: reader.option })
        }
    }
}

/// Why reading stopped before a command was reached.
enum Stop {
    Print(Page),
    Refuse(Complaint),
}

impl From<Complaint> for Stop {
    fn from(complaint: Complaint) -> Stop {
        Stop::Refuse(complaint)
    }
}

struct Reader<'a, 'w> {
    words: &'w mut dyn Iterator<Item = &'a [u8]>,
    /// Of the word that was read last.
    place: usize,
    policy: &'w mut Policy,
    /// What `SEXTON_VERBOSE` says.
    verbose: u32,
    /// How many `-v` there are.
    typed_verbose: u32,
    /// What is being read, and for which option: if it is wrong, these are named.
    word: &'a [u8],
    option: Option<&'static Opt>,
}

impl<'a> Reader<'a, '_> {
    fn environment(&mut self, entries: &mut dyn Iterator<Item = &'a [u8]>) -> Result<(), Stop> {
        for entry in entries {
            let Some(entry) = entry.strip_prefix(PREFIX) else { continue };
            let Some((name, value)) = split_at_mark(entry, b'=') else { continue };
            // Others are not refused: in Kubernetes a service named "sexton" puts SEXTON_PORT and
            // the like into every pod.
            let Some(option) = named(name, Spelling::Variable) else { continue };
            for word in pieces(value, b',') {
                if option.has_variable() && !word.is_empty() {
                    self.variable(option, word)?;
                }
            }
        }
        Ok(())
    }

    fn variable(&mut self, option: &'static Opt, word: &'a [u8]) -> Result<(), Stop> {
        (self.word, self.option) = (word, Some(option));
        if option.0 == Key::Verbose {
            self.verbose = decimal(word).filter(|level| *level <= 3).ok_or(Complaint::BadValue)?;
        } else if option.takes_value() {
            self.set(option, word)?;
        } else {
            match place(b"0 false no off 1 true yes on", word) {
                Some(0..=3) => {}
                Some(_) => self.set(option, word)?,
                None => return Err(Complaint::BadValue.into()),
            }
        }
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
                b"--" => return self.next().map(|_| ()).ok_or(Complaint::NoCommand.into()),
                [b'-', b'-', long @ ..] => self.long(long)?,
                [b'-', letters @ ..] if !letters.is_empty() => self.letters(letters)?,
                _ => return Ok(()),
            }
        }
        Err(Complaint::NoCommand.into())
    }

    /// `--name`, `--name=value`, `--name value`.
    fn long(&mut self, long: &'a [u8]) -> Result<(), Stop> {
        let mut parts = pieces(long, b'=');
        let name = parts.next().unwrap_or(long);
        let name = if name == b"license" { b"licence" } else { name };
        let option = named(name, Spelling::Option).ok_or(Complaint::UnknownOption)?;
        let value = parts.rest();
        if value.is_some() && !option.takes_value() {
            return Err(Complaint::UnwantedValue.into());
        }
        self.with_value(option, value)
    }

    /// `-g`, `-gvv`, `-pTERM`, `-p TERM`.
    fn letters(&mut self, mut letters: &'a [u8]) -> Result<(), Stop> {
        while let [letter, rest @ ..] = letters {
            let known = |option: &&Opt| option.letter() == *letter && *letter != b' ';
            let option = OPTIONS.iter().find(known).ok_or(Complaint::UnknownOption)?;
            letters = rest;
            let mut value = None;
            if option.takes_value() && !rest.is_empty() {
                value = Some(rest);
                letters = &[];
            }
            self.with_value(option, value)?;
        }
        Ok(())
    }

    /// With this value, or the next word if one is wanted.
    fn with_value(&mut self, option: &'static Opt, value: Option<&'a [u8]>) -> Result<(), Stop> {
        if !option.takes_value() {
            return self.set(option, b"");
        }
        let value = match value {
            Some(value) => value,
            None => self.next().ok_or(Complaint::NoValue)?,
        };
        (self.word, self.option) = (value, Some(option));
        self.set(option, value)
    }

    fn set(&mut self, option: &'static Opt, word: &[u8]) -> Result<(), Stop> {
        match option.0 {
            Key::Help => return Err(Stop::Print(Page::Help)),
            Key::Version => return Err(Stop::Print(Page::Version)),
            Key::Licence => return Err(Stop::Print(Page::Licence)),
            Key::Verbose => self.typed_verbose = self.typed_verbose.saturating_add(1),
            key => set(self.policy, key, word).ok_or(Complaint::BadValue)?,
        }
        Ok(())
    }
}

/// `None`: the word is no value of this option.
fn set(policy: &mut Policy, key: Key, word: &[u8]) -> Option<()> {
    match key {
        Key::To => {
            policy.forward_to = match place(b"command group all", word)? {
                0 => ForwardTo::Command,
                1 => ForwardTo::Group,
                _ => ForwardTo::Everyone,
            }
        }
        Key::Group => policy.forward_to = ForwardTo::Group,
        Key::Rewrite => {
            let (from, to) = split_at_mark(word, b':')?;
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
        // A subreaper we are whenever it makes a difference; the others are the reader's.
        Key::Subreaper | Key::Verbose | Key::Help | Key::Version | Key::Licence => {}
    }
    Some(())
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
