//! Front doors: what was typed becomes what was meant.
//!
//! A door reads its own dialect of arguments and environment into a [`crate::policy::Policy`] and
//! is then forgotten. It never prints and never exits; those are the other outcomes of [`Parsed`].

pub mod native;

/// The outcome of reading a command line; how to run the command is in the policy.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// Start the command, which is the argument at this place; those after it are its own.
    Run(usize),
    /// Print this page to stdout, and exit with 0.
    Print(&'static [u8]),
    /// Say what is wrong, and exit with 125.
    Refuse(Refusal<'a>),
}

/// What is wrong with a command line or environment: one word of it.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// What is wrong.
    pub complaint: Complaint,
    /// With which word.
    pub word: &'a [u8],
    /// Of which option; `None` where the word is the option.
    pub option: Option<native::Key>,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Complaint {
    UnknownOption,
    NoValue,
    UnwantedValue,
    NoCommand,
    BadValue,
}
