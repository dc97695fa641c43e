//! a program that leaves strays behind, and no init to reap them.

use super::Rule;
use crate::container::{Container, Setting};
use crate::finding::{Confidence, Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID109",
    name: "strays-without-init",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "a program that leaves strays behind, and no init to reap them",
    page: include_str!("strays_without_init.md"),
    check,
};

/// Programs that start helpers and do not wait for all of them.
const STRAYS: &[&str] =
    &["chromium", "google-chrome", "puppeteer", "playwright", "chrome-headless-shell"];

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Setting::Image(facts) = &container.setting else { return };
    if container.has_init() || container.chain.links.is_empty() {
        return;
    }
    let found = facts.runs.iter().find_map(|(text, place)| {
        let name = STRAYS.iter().find(|name| text.contains(**name))?;
        Some((*name, place))
    });
    let Some((name, place)) = found else { return };
    findings.push(
        Finding::new(&RULE, place.clone(), format!("{name} leaves processes behind, and no init \
            reaps them"))
            .confidence(Confidence::Hint)
            .why("each of them stays as a zombie until the container ends or the process table \
                is full")
            .instead("ENTRYPOINT [\"sexton-init\", \"--\"] before the command"),
    );
}
