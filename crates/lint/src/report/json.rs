//! For programs: one JSON object.

use crate::finding::{Confidence, Finding, Severity};
use crate::fix::Edit;
use crate::lint::Outcome;
use crate::read::Problem;
use crate::source::Place;
use serde::Serialize;

/// The form of the object; a change of meaning changes it.
pub const VERSION: u32 = 1;

/// What the keys mean, for the help.
pub const KEYS: &str = "\
With --format json, one object: version; findings (rule, name, severity, confidence, file, line,
column, endLine, endColumn, what, why, instead, fix); problems (file, line, column, words); files;
hidden (findings below --level); allowed (findings that a comment allows); templates (files that
have to be rendered first).";

#[derive(Serialize)]
struct Object<'o> {
    version: u32,
    findings: Vec<Entry<'o>>,
    problems: Vec<Unread<'o>>,
    files: usize,
    hidden: usize,
    allowed: usize,
    templates: &'o [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'o> {
    rule: &'static str,
    name: &'static str,
    severity: Severity,
    confidence: Confidence,
    #[serde(flatten)]
    at: At<'o>,
    what: &'o str,
    why: &'o str,
    instead: Option<&'o str>,
    fix: Option<Vec<Change<'o>>>,
}

/// Lines and columns from 1, columns in characters, the end behind the last one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct At<'o> {
    file: &'o str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Change<'o> {
    #[serde(flatten)]
    at: At<'o>,
    text: &'o str,
}

#[derive(Serialize)]
struct Unread<'o> {
    file: &'o str,
    line: Option<usize>,
    column: Option<usize>,
    words: &'o str,
}

/// All of it.
pub fn render(outcome: &Outcome) -> String {
    let object = Object {
        version: VERSION,
        findings: outcome.findings.iter().map(entry).collect(),
        problems: outcome.problems.iter().map(unread).collect(),
        files: outcome.files,
        hidden: outcome.hidden,
        allowed: outcome.allowed,
        templates: &outcome.templates,
    };
    serde_json::to_string_pretty(&object).unwrap_or_default() + "\n"
}

fn entry(finding: &Finding) -> Entry<'_> {
    Entry {
        rule: finding.rule.code,
        name: finding.rule.name,
        severity: finding.severity,
        confidence: finding.confidence,
        at: at(&finding.place),
        what: &finding.what,
        why: &finding.why,
        instead: finding.instead.as_deref(),
        fix: finding.fix.as_ref().map(|fix| fix.edits.iter().map(change).collect()),
    }
}

fn change(edit: &Edit) -> Change<'_> {
    Change { at: at(&edit.place), text: &edit.text }
}

fn at(place: &Place) -> At<'_> {
    let (line, column) = place.position();
    let (end_line, end_column) = place.source.position(place.span.end);
    At { file: &place.source.name, line, column, end_line, end_column }
}

fn unread(problem: &Problem) -> Unread<'_> {
    let position = problem.place.as_ref().map(Place::position);
    Unread {
        file: &problem.name,
        line: position.map(|(line, _)| line),
        column: position.map(|(_, column)| column),
        words: &problem.words,
    }
}
