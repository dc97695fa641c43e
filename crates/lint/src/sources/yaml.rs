//! YAML documents as trees that know where each node stands.

use crate::read::Problem;
use crate::source::{Place, Source, Span};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use std::collections::HashMap;
use std::sync::Arc;

/// Deeper documents are not read.
const DEPTH_MAX: usize = 100;
/// How many nodes aliases may stand for in one file.
const ALIASED_MAX: usize = 50_000;

/// A node, with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// From where to where.
    pub place: Place,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A text, number, boolean, or nothing.
    Scalar(String, Quoted),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file.
    Mapping(Vec<(Node, Node)>),
}

/// Whether a scalar is in quotes or a block, and so a text for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoted {
    /// It is.
    Yes,
    /// It is plain: it may be a number, a boolean or null.
    No,
}

impl Node {
    /// The value of a key; merged mappings count where the key itself is not there.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// A key and its value.
    pub fn entry(&self, key: &str) -> Option<(&Node, &Node)> {
        let Kind::Mapping(entries) = &self.kind else { return None };
        let here = entries.iter().find(|(name, _)| name.text() == Some(key));
        here.map(|(name, value)| (name, value)).or_else(|| {
            let merged = entries.iter().filter(|(name, _)| name.text() == Some("<<"));
            merged.flat_map(|(_, value)| value.items_or_self()).find_map(|value| value.entry(key))
        })
    }

    /// The value behind several keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A scalar's text; `None` for null.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text, Quoted::No) if matches!(text.as_str(), "" | "~" | "null") => None,
            Kind::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.text(), Some("true" | "True" | "TRUE" | "yes" | "on"))
    }

    /// A whole number.
    pub fn number(&self) -> Option<u64> {
        self.text()?.parse().ok()
    }

    /// The nodes of a list; nothing for anything else.
    pub fn items(&self) -> &[Node] {
        if let Kind::Sequence(items) = &self.kind { items } else { &[] }
    }

    fn items_or_self(&self) -> &[Node] {
        if let Kind::Sequence(items) = &self.kind { items } else { std::slice::from_ref(self) }
    }

    /// The keys and values of a mapping, in order.
    pub fn entries(&self) -> &[(Node, Node)] {
        if let Kind::Mapping(entries) = &self.kind { entries } else { &[] }
    }
}

/// Every document of a file.
pub fn documents(source: &Arc<Source>) -> Result<Vec<Node>, Problem> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let offset = source.text.len() - text.len();
    let mut builder = Builder {
        source,
        chars: chars(text, offset),
        offset,
        stack: Vec::new(),
        anchors: HashMap::new(),
        aliased: 0,
        documents: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| builder.broken(&error))?;
        let span = builder.byte(span.start.index())..builder.byte(span.end.index());
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

/// Where each character begins; empty where characters are bytes.
fn chars(text: &str, offset: usize) -> Vec<usize> {
    match text.is_ascii() {
        true => Vec::new(),
        false => text.char_indices().map(|(at, _)| at + offset).collect(),
    }
}

struct Builder<'s> {
    source: &'s Arc<Source>,
    chars: Vec<usize>,
    offset: usize,
    /// The open lists and mappings, each with the number of its anchor.
    stack: Vec<(Node, usize, Option<Node>)>,
    anchors: HashMap<usize, (Node, usize)>,
    aliased: usize,
    documents: Vec<Node>,
}

impl Builder<'_> {
    fn byte(&self, char: usize) -> usize {
        match self.chars.is_empty() {
            true => (char + self.offset).min(self.source.text.len()),
            false => self.chars.get(char).copied().unwrap_or(self.source.text.len()),
        }
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.source, span)
    }

    fn broken(&self, error: &ScanError) -> Problem {
        let at = self.byte(error.marker().index());
        Problem::at(self.place(at..at + 1), format!("no YAML: {}", error.info()))
    }

    fn take(&mut self, event: Event, span: Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let quoted = if style == ScalarStyle::Plain { Quoted::No } else { Quoted::Yes };
                let kind = Kind::Scalar(text.into_owned(), quoted);
                let node = Node { kind, place: self.place(span) };
                self.finish(node, anchor, 1);
            }
            Event::SequenceStart(anchor, _) => self.open(Kind::Sequence(vec![]), span, anchor)?,
            Event::MappingStart(anchor, _) => self.open(Kind::Mapping(vec![]), span, anchor)?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some((mut node, anchor, _)) = self.stack.pop() {
                    let start = node.place.span.start;
                    node.place = self.place(start..span.end);
                    let size = if anchor > 0 { size(&node) } else { 1 };
                    self.finish(node, anchor, size);
                }
            }
            Event::Alias(anchor) => {
                let (node, size) = match self.anchors.get(&anchor) {
                    Some((node, size)) => (node.clone(), *size),
                    None => (self.nothing(span.clone()), 1),
                };
                self.aliased += size;
                if self.aliased > ALIASED_MAX {
                    let words = format!("aliases stand for more than {ALIASED_MAX} nodes");
                    return Err(Problem::at(self.place(span), words));
                }
                self.finish(node, 0, size);
            }
            _ => {}
        }
        Ok(())
    }

    fn nothing(&self, span: Span) -> Node {
        Node { kind: Kind::Scalar(String::new(), Quoted::No), place: self.place(span) }
    }

    fn open(&mut self, kind: Kind, span: Span, anchor: usize) -> Result<(), Problem> {
        if self.stack.len() >= DEPTH_MAX {
            let words = format!("nested deeper than {DEPTH_MAX} levels");
            return Err(Problem::at(self.place(span), words));
        }
        let node = Node { kind, place: self.place(span) };
        self.stack.push((node, anchor, None));
        Ok(())
    }

    fn finish(&mut self, node: Node, anchor: usize, size: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some((parent, _, key)) = self.stack.last_mut() else {
            self.documents.push(node);
            return;
        };
        match &mut parent.kind {
            Kind::Sequence(items) => items.push(node),
            Kind::Mapping(entries) => match key.take() {
                None => *key = Some(node),
                Some(name) => entries.push((name, node)),
            },
            Kind::Scalar(..) => {}
        }
    }
}

/// How many nodes there are in a tree, itself included.
fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar(..) => 1,
        Kind::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Mapping(entries) => {
            1 + entries.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Node>, Problem> {
        documents(&Source::new("a.yaml", text))
    }

    #[test]
    fn every_node_knows_its_place() {
        let documents = parse("ä: [b, 'c d']\n---\ne: |\n  f\n  g\n").unwrap();
        let list = documents[0].get("ä").unwrap();
        assert_eq!(list.items()[1].place.text(), "'c d'");
        let block = documents[1].get("e").unwrap();
        assert_eq!(block.text(), Some("f\ng\n"));
        assert!(block.place.text().contains("f\n  g"), "{:?}", block.place.text());
    }

    #[test]
    fn merged_mappings_count_where_the_key_is_missing() {
        let documents = parse("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n").unwrap();
        let y = documents[0].get("y").unwrap();
        assert_eq!(y.get("a").unwrap().number(), Some(1));
        assert_eq!(y.get("b").unwrap().number(), Some(3));
    }

    #[test]
    fn a_bomb_of_aliases_and_a_tower_of_lists_are_refused_with_their_place() {
        let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
        for (name, before) in "bcdefghi".chars().zip("abcdefgh".chars()) {
            let list = vec![format!("*{before}"); 9].join(",");
            bomb += &format!("{name}: &{name} [{list}]\n");
        }
        let problem = parse(&bomb).unwrap_err();
        assert!(problem.words.contains("aliases stand for more than"), "{}", problem.words);
        let problem = parse(&"[".repeat(5_000)).unwrap_err();
        assert!(problem.place.is_some(), "{}", problem.words);
    }

    #[test]
    fn an_alias_of_itself_and_one_of_nothing_end() {
        let _ = parse("a: &a [*a]\n");
        assert!(parse("a: *b\n").is_err());
    }
}
