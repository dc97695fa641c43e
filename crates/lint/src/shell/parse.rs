//! From text to `ast.rs`. The grammar is brush-parser's; this file is all that knows it.

use super::ast::{Block, Command, Covers, Link, List, Mode, Script, Simple};
use super::{Word, nesting};
use crate::source::{Fragment, Span};
use brush_parser::ast as brush;
use brush_parser::{ParseError, ParserOptions, SourceSpan, Token};
use std::collections::HashMap;
use std::sync::Arc;

/// Longer scripts are not read.
const BYTES_MAX: usize = 512 * 1024;

/// Why a text is no script that we can read, and where, as bytes of the fragment.
#[derive(Debug)]
pub struct Broken {
    /// What is wrong.
    pub words: &'static str,
    /// Where.
    pub at: usize,
}

/// Reads a script.
pub fn parse(fragment: &Arc<Fragment>) -> Result<Script, Broken> {
    let text = &fragment.text;
    let broken = |words, at| Err(Broken { words, at });
    if text.len() > BYTES_MAX {
        return broken("the script is larger than 512 KiB", 0);
    }
    if !nesting::text_is_shallow(text) {
        return broken("the script is nested too deeply", 0);
    }
    // The carriage return is part of no word that people meant; the length must stay.
    let unix = text.contains('\r').then(|| text.replace("\r\n", " \n"));
    let options = ParserOptions::default();
    let bytes = Bytes::of(text);
    let text = unix.as_deref().unwrap_or(text);
    let tokens = match brush_parser::uncached_tokenize_str(text, &options.tokenizer_options()) {
        Ok(tokens) => tokens,
        Err(_) => return broken("a quote, a bracket or a here-document is not closed", 0),
    };
    if !nesting::tokens_are_shallow(&tokens) {
        return broken("the script is nested too deeply", 0);
    }
    if let Some(at) = descriptor_out_of_range(&tokens) {
        return broken("the number of a descriptor is too large", bytes.at(at));
    }
    match brush_parser::parse_tokens(&tokens, &options) {
        Ok(program) => {
            let mut reader = Reader { bytes, functions: HashMap::new() };
            let lists = program.complete_commands.iter().flat_map(|list| reader.block(list).0);
            let block = Block(lists.collect());
            Ok(Script { fragment: fragment.clone(), block, functions: reader.functions })
        }
        Err(ParseError::ParsingNear(at)) => broken("a syntax error", bytes.at(at.index)),
        Err(_) => broken("the script ends in the middle of a command", bytes.at(usize::MAX)),
    }
}

/// Where a redirection is of a descriptor at which the parser would panic.
fn descriptor_out_of_range(tokens: &[Token]) -> Option<usize> {
    tokens.windows(2).find_map(|pair| match pair {
        [Token::Word(word, place), Token::Operator(operator, _)]
            if operator.starts_with(['<', '>'])
                && word.bytes().all(|byte| byte.is_ascii_digit())
                && word.parse::<brush::IoFd>().is_err() =>
        {
            Some(place.start.index)
        }
        _ => None,
    })
}

/// From characters, which the parser counts in, to bytes.
struct Bytes {
    /// Empty where both are the same.
    starts: Vec<usize>,
    len: usize,
}

impl Bytes {
    fn of(text: &str) -> Bytes {
        let starts = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().map(|(at, _)| at).collect(),
        };
        Bytes { starts, len: text.len() }
    }

    fn at(&self, char: usize) -> usize {
        let at = if self.starts.is_empty() { Some(char) } else { self.starts.get(char).copied() };
        at.unwrap_or(self.len).min(self.len)
    }

    fn span(&self, span: &SourceSpan) -> Span {
        self.at(span.start.index)..self.at(span.end.index)
    }
}

struct Reader {
    bytes: Bytes,
    functions: HashMap<String, Block>,
}

impl Reader {
    fn block(&mut self, list: &brush::CompoundList) -> Block {
        Block(list.0.iter().map(|item| self.list(item)).collect())
    }

    fn list(&mut self, item: &brush::CompoundListItem) -> List {
        let brush::CompoundListItem(list, separator) = item;
        let mut parts = vec![(Link::First, self.pipeline(&list.first))];
        for more in &list.additional {
            parts.push(match more {
                brush::AndOr::And(pipeline) => (Link::And, self.pipeline(pipeline)),
                brush::AndOr::Or(pipeline) => (Link::Or, self.pipeline(pipeline)),
            });
        }
        let mode = match separator {
            brush::SeparatorOperator::Async => Mode::Background,
            brush::SeparatorOperator::Sequence => Mode::Foreground,
        };
        List { parts, mode }
    }

    fn pipeline(&mut self, pipeline: &brush::Pipeline) -> Command {
        match pipeline.seq.as_slice() {
            [one] => self.command(one),
            several => Command::Pipeline(several.iter().map(|one| self.command(one)).collect()),
        }
    }

    fn command(&mut self, command: &brush::Command) -> Command {
        match command {
            brush::Command::Simple(simple) => Command::Simple(self.simple(simple)),
            brush::Command::Compound(compound, _) => self.compound(compound),
            brush::Command::Function(function) => {
                let body = match self.compound(&function.body.0) {
                    Command::Group(block) => block,
                    other => {
                        let parts = vec![(Link::First, other)];
                        Block(vec![List { parts, mode: Mode::Foreground }])
                    }
                };
                self.functions.insert(function.fname.value.clone(), body);
                Command::Nothing
            }
            brush::Command::ExtendedTest(..) => Command::Nothing,
        }
    }

    fn compound(&mut self, compound: &brush::CompoundCommand) -> Command {
        use brush::CompoundCommand as Compound;
        match compound {
            Compound::Arithmetic(_) => Command::Nothing,
            Compound::BraceGroup(group) => Command::Group(self.block(&group.list)),
            Compound::Subshell(subshell) => Command::Subshell(self.block(&subshell.list)),
            Compound::ForClause(clause) => self.repeat(None, &clause.body.list),
            Compound::ArithmeticForClause(clause) => self.repeat(None, &clause.body.list),
            Compound::WhileClause(clause) | Compound::UntilClause(clause) => {
                self.repeat(Some(&clause.0), &clause.1.list)
            }
            Compound::CaseClause(clause) => self.case(clause),
            Compound::IfClause(clause) => self.choice(clause),
            Compound::Coprocess(_) => Command::Nothing,
        }
    }

    fn repeat(
        &mut self,
        condition: Option<&brush::CompoundList>,
        body: &brush::CompoundList,
    ) -> Command {
        let condition = condition.map(|condition| self.block(condition)).unwrap_or_default();
        Command::Loop { condition, body: self.block(body) }
    }

    fn case(&mut self, clause: &brush::CaseClauseCommand) -> Command {
        let covers = clause.cases.iter().any(|case| case.patterns.iter().any(|p| p.value == "*"));
        let ways = clause.cases.iter().map(|case| match &case.cmd {
            Some(list) => self.block(list),
            None => Block::default(),
        });
        let ways = ways.collect();
        let covers = if covers { Covers::Everything } else { Covers::Some };
        Command::Choice { conditions: Vec::new(), ways, covers }
    }

    fn choice(&mut self, clause: &brush::IfClauseCommand) -> Command {
        let mut conditions = vec![self.block(&clause.condition)];
        let mut ways = vec![self.block(&clause.then)];
        let mut covers = Covers::Some;
        for other in clause.elses.iter().flatten() {
            match &other.condition {
                Some(condition) => conditions.push(self.block(condition)),
                None => covers = Covers::Everything,
            }
            ways.push(self.block(&other.body));
        }
        Command::Choice { conditions, ways, covers }
    }

    fn simple(&mut self, simple: &brush::SimpleCommand) -> Simple {
        let mut read = Simple { assignments: 0, words: vec![], redirections: 0, span: 0..0 };
        let before = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        let after = simple.suffix.iter().flat_map(|suffix| &suffix.0);
        let mut spans = Vec::new();
        for item in before {
            match item {
                brush::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                    read.assignments += 1;
                    spans.push(self.bytes.span(&assignment.loc));
                }
                _ => read.redirections += 1,
            }
        }
        read.words.extend(simple.word_or_name.iter().filter_map(|word| self.word(word)));
        for item in after {
            match item {
                brush::CommandPrefixOrSuffixItem::Word(word)
                | brush::CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                    read.words.extend(self.word(word));
                }
                brush::CommandPrefixOrSuffixItem::IoRedirect(_) => read.redirections += 1,
                brush::CommandPrefixOrSuffixItem::ProcessSubstitution(_, subshell) => {
                    read.words.push(Word::new("$<()", self.bytes.span(&subshell.loc)));
                }
            }
        }
        spans.extend(read.words.iter().map(|word| word.span.clone()));
        let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
        let end = spans.iter().map(|span| span.end).max().unwrap_or(0);
        read.span = start..end.max(start);
        read
    }

    fn word(&self, word: &brush::Word) -> Option<Word> {
        let span = self.bytes.span(word.loc.as_ref()?);
        Some(Word::new(word.value.clone(), span))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_descriptor_that_no_number_holds_is_no_end_of_the_linter() {
        let read = |text: &str| {
            let outcome = crate::lint::text(
                "input",
                text.as_bytes().to_vec(),
                Some(crate::kind::Kind::Script),
                &crate::lint::Options {
                    config: crate::config::Config::default(),
                    level: crate::finding::Severity::Info,
                },
            );
            outcome.problems.len()
        };
        assert_eq!(read("#!/bin/sh\nexec app 99999999999>x\n"), 1);
        assert_eq!(read("#!/bin/sh\nexec app 9>x\n"), 0);
    }
}
