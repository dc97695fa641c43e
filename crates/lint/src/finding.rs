//! What a rule has found.

use crate::fix::Fix;
use crate::rules::Rule;
use crate::source::Place;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is broken.
    Info,
    /// It goes wrong for some, or some time.
    Warning,
    /// The container does not stop cleanly, or does not work.
    Error,
}

impl Severity {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It may be meant as it is.
    Hint,
    /// It depends on something that cannot be seen from the files.
    Likely,
    /// It is so.
    Certain,
}

impl Confidence {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Hint => "hint",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

/// One thing that a rule has found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// Where.
    pub place: Place,
    /// What is wrong, in one sentence.
    pub what: String,
    /// Why that is bad, in one sentence.
    pub why: String,
    /// The good form.
    pub instead: Option<String>,
    /// What stands under the underlined part.
    pub label: String,
    /// Another place that has to do with it, and what.
    pub related: Option<(Place, String)>,
    /// How to put it right without a change of meaning.
    pub fix: Option<Fix>,
}

impl Finding {
    /// By that rule, at that place; severity is the rule's, and we are certain.
    pub fn new(rule: &'static Rule, place: Place, what: impl Into<String>) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            confidence: Confidence::Certain,
            place,
            what: what.into(),
            why: String::new(),
            instead: None,
            label: String::new(),
            related: None,
            fix: None,
        }
    }

    /// Why it is bad.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Finding {
        self.why = why.into();
        self
    }

    /// The good form.
    #[must_use]
    pub fn instead(mut self, good: impl Into<String>) -> Finding {
        self.instead = Some(good.into());
        self
    }

    /// What stands under the underlined part.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.label = label.into();
        self
    }

    /// Not as bad, or worse, than the rule says.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    /// How sure we are.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Finding {
        self.confidence = confidence;
        self
    }

    /// Another place that has to do with it.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Finding {
        self.related = Some((place, label.into()));
        self
    }

    /// How to put it right.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Finding {
        self.fix = fix;
        self
    }

    /// What results are put in order by, and what makes two of them the same.
    pub fn key(&self) -> (&str, usize, usize, &str) {
        let (name, start, end) = self.place.key();
        (name, start, end, self.rule.code)
    }
}
