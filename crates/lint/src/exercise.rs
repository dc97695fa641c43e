//! What has to hold for any input whatever: the fuzz targets and the mutation test call this.

use crate::config::Config;
use crate::finding::Severity;
use crate::kind::Kind;
use crate::lint::{self, Options, Outcome};
use crate::report::{diff, github, json, sarif, text};
use crate::{fix, read};

/// Reads some bytes as a file of that kind, writes every report, and puts right what can be.
///
/// # Panics
///
/// If anything breaks: that is what it is for.
pub fn exercise(bytes: &[u8], kind: Kind) {
    let options = Options { config: Config::default(), level: Severity::Info };
    let outcome = lint::text("input", bytes.to_vec(), Some(kind), &options);
    let Ok(source) = read::text("input", bytes.to_vec()) else {
        assert!(!outcome.problems.is_empty(), "what cannot be read is told");
        return;
    };
    for finding in &outcome.findings {
        let span = &finding.place.span;
        assert!(source.text.get(span.clone()).is_some(), "{span:?} is within the text");
        assert!(!finding.what.is_empty() && !finding.why.is_empty(), "{}", finding.rule.code);
    }
    let look = text::Look { width: 80, style: text::Style::Coloured };
    let reports = [
        text::render(&outcome, look),
        json::render(&outcome),
        sarif::render(&outcome, "0.0.0"),
        github::render(&outcome),
    ];
    assert!(reports.iter().take(3).all(|report| !report.is_empty()));
    put_right(&source.text, &outcome, kind, &options);
}

/// What is put right is as readable as before, and once is enough.
fn put_right(old: &str, outcome: &Outcome, kind: Kind, options: &Options) {
    let mut text = old.to_owned();
    let mut outcome_now = None;
    // Edits that touch each other are done one after the other.
    for round in 0.. {
        let now = outcome_now.as_ref().unwrap_or(outcome);
        let fixes = now.findings.iter().filter_map(|finding| finding.fix.as_ref());
        let (new, count) = fix::apply(&text, fixes);
        if count == 0 {
            break;
        }
        assert!(round < 64, "it never comes to an end:\n{text}");
        assert!(!diff::render("input", &text, &new).is_empty(), "a fix changes something");
        let again = lint::text("input", new.clone().into_bytes(), Some(kind), options);
        assert!(
            again.problems.len() <= now.problems.len(),
            "what was put right cannot be read any more: {:?}\n{new}",
            again.problems.first().map(|problem| &problem.words)
        );
        text = new;
        outcome_now = Some(again);
    }
}
