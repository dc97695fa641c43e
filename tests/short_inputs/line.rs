//! A command line and an environment, and what the front doors make of them.

use sexton_core::door::{self, Parsed};
use sexton_core::policy::Policy;

/// What the init is started with.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// `argv`; the first word is the init's own name.
    pub words: Vec<Vec<u8>>,
    /// `NAME=value` each.
    pub environment: Vec<Vec<u8>>,
}

impl CommandLine {
    /// From a text of a word a line; those that begin with `$` are the environment. A NUL, which
    /// no word can hold, stands for the end of line that a line cannot.
    pub fn read(text: &[u8]) -> CommandLine {
        let mut line = CommandLine::default();
        for word in text.split(|byte| *byte == b'\n') {
            let (list, word) = match word {
                [b'$', entry @ ..] => (&mut line.environment, entry),
                word => (&mut line.words, word),
            };
            list.push(word.iter().map(|byte| if *byte == 0 { b'\n' } else { *byte }).collect());
        }
        line
    }

    /// The same with another word at this place, and those from there on behind it.
    pub fn with(&self, place: usize, word: &[u8]) -> CommandLine {
        let mut longer = self.clone();
        longer.words.insert(place, word.to_vec());
        longer
    }

    /// The same without the words from this place on.
    pub fn up_to(&self, place: usize) -> CommandLine {
        let mut shorter = self.clone();
        shorter.words.truncate(place);
        shorter
    }

    /// What the front doors make of it.
    pub fn parse(&self) -> (Parsed<'_>, Policy) {
        let mut policy = Policy::native();
        let words = self.words.iter().map(Vec::as_slice);
        let environment = self.environment.iter().map(Vec::as_slice);
        let parsed = door::parse(&mut policy, words, environment);
        (parsed, policy)
    }

    /// The same, where a command is to be run: its place.
    pub fn runs(&self) -> Option<(usize, Policy)> {
        match self.parse() {
            (Parsed::Run(launch), policy) => Some((launch.command_at, policy)),
            _ => None,
        }
    }
}

/// Whether two policies mean the same, in all that they have.
pub fn alike(one: &Policy, other: &Policy) -> bool {
    one.rewrites == other.rewrites
        && one.codes == other.codes
        && format!("{one:?}") == format!("{other:?}")
}
