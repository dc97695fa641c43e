//! a runtime that ignores TERM as PID 1 unless the application handles it.

use super::Rule;
use crate::container::Container;
use crate::finding::{Confidence, Finding, Severity};
use crate::known::programs;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID110",
    name: "deaf-runtime",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "a runtime that ignores TERM as PID 1 unless the application handles it",
    page: include_str!("deaf_runtime.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.has_init() || container.is_job() || container.handles_stop == Some(true) {
        return;
    }
    let Some(pid1) = container.chain.pid1() else { return };
    let texts = pid1.texts();
    if !programs::is_deaf_runtime(&texts) || module_that_handles(&texts) {
        return;
    }
    let (Some(place), Some(name)) = (pid1.place(), pid1.name()) else { return };
    let what = format!("{name} as PID 1 ignores TERM unless the application has a handler for it");
    findings.push(
        Finding::new(&RULE, place, what)
            .confidence(Confidence::Hint)
            .why("the kernel gives PID 1 no default action, so the stop takes the whole grace \
                period")
            .instead("a handler for SIGTERM, or an init in front: [\"sexton-init\", \"--\", …]"),
    );
}

/// Whether what is run brings a handler of its own.
fn module_that_handles(words: &[&str]) -> bool {
    match words {
        [_, "-m", module, ..] => !matches!(*module, "http.server" | "SimpleHTTPServer"),
        [_] => true, // A prompt.
        [_, option, ..] => matches!(*option, "-V" | "--version" | "-h" | "--help"),
        [] => true,
    }
}
