//! A script as far as it matters who is started, replaced, waited for and trapped. Expansions,
//! tests and arithmetic are left out.

use super::Word;
use crate::source::{Fragment, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// A whole script, or the text behind `sh -c`.
#[derive(Debug)]
pub struct Script {
    /// What its spans count in.
    pub fragment: Arc<Fragment>,
    /// What runs.
    pub block: Block,
    /// The functions by their names; of several the last.
    pub functions: HashMap<String, Block>,
}

/// Lists, one after the other.
#[derive(Debug, Default, Clone)]
pub struct Block(pub Vec<List>);

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone)]
pub struct List {
    /// Each with what stands before it.
    pub parts: Vec<(Link, Command)>,
    /// Whether the shell waits for it.
    pub mode: Mode,
}

/// What joins a command with the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Nothing is before it.
    First,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Whether the shell waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Foreground,
    /// `&`
    Background,
}

/// One command.
#[derive(Debug, Clone)]
pub enum Command {
    /// A program, a built-in or a function with its arguments.
    Simple(Simple),
    /// `a | b`
    Pipeline(Vec<Command>),
    /// `{ …; }`
    Group(Block),
    /// `( … )`
    Subshell(Block),
    /// `if` and `case`: what is looked at first, then the ways, of which one is taken.
    Choice {
        /// The conditions.
        conditions: Vec<Block>,
        /// The bodies.
        ways: Vec<Block>,
        /// Whether one of the ways is taken for certain.
        covers: Covers,
    },
    /// `for`, `while`, `until`
    Loop {
        /// The condition; none for `for`.
        condition: Block,
        /// What is repeated.
        body: Block,
    },
    /// `[[ … ]]`, `(( … ))`, the definition of a function: no process.
    Nothing,
}

/// Whether a choice takes one of its ways for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// There is an `else`, or a `*)`.
    Everything,
    /// It may take none.
    Some,
}

/// A program, a built-in or a function with its arguments.
#[derive(Debug, Clone)]
pub struct Simple {
    /// `NAME=value` before it.
    pub assignments: usize,
    /// The name and the arguments, without redirections; may be empty.
    pub words: Vec<Word>,
    /// How many redirections.
    pub redirections: usize,
    /// From the first assignment or word to the last word.
    pub span: Span,
}

impl Simple {
    /// The name, if it is fixed.
    pub fn name(&self) -> Option<&str> {
        self.words.first()?.text()
    }

    /// The arguments.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }
}
