//! What was found, for people and for programs.

pub mod diff;
pub mod github;
pub mod json;
pub mod sarif;
pub mod text;

use crate::finding::Severity;
use crate::lint::Outcome;

impl Outcome {
    /// How many findings of that severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}
