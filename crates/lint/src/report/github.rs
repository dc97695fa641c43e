//! Workflow commands: GitHub shows them beside the lines of a pull request.

use crate::finding::Severity;
use crate::lint::Outcome;
use crate::source::Place;
use std::fmt::Write;

/// One line for each finding and each file that could not be read.
pub fn render(outcome: &Outcome) -> String {
    let mut text = String::new();
    for finding in &outcome.findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut words = format!("{}: {}.", finding.what, finding.why);
        if let Some(good) = &finding.instead {
            let _ = write!(words, "\nInstead: {good}");
        }
        let title = format!("{} {}", finding.rule.code, finding.rule.name);
        let at = at(&finding.place);
        let _ = writeln!(text, "::{command} {at},title={}::{}", value(&title), data(&words));
    }
    for problem in &outcome.problems {
        let at = match &problem.place {
            Some(place) => at(place),
            None => format!("file={}", value(&problem.name)),
        };
        let _ = writeln!(text, "::error {at},title=unreadable::{}", data(&problem.words));
    }
    text
}

fn at(place: &Place) -> String {
    let (line, column) = place.position();
    let (end_line, end_column) = place.source.position(place.span.end);
    let file = value(&place.source.name);
    format!("file={file},line={line},endLine={end_line},col={column},endColumn={end_column}")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn value(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
