//! a server that ends well on another signal than the one it gets.

use super::Rule;
use crate::container::Container;
use crate::effective::What;
use crate::finding::{Confidence, Finding, Severity};
use crate::known::servers::{self, Manners, Term};
use crate::known::signals;
use sexton_core::signal::Signal;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID112",
    name: "mismatched-stop-signal",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a server that ends well on another signal than the one it gets",
    page: include_str!("mismatched_stop_signal.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(program) = container.chain.program() else { return };
    let Some(manners) = servers::manners(&program.texts()) else { return };
    let said = container.stop_signal.as_ref();
    let signal = match said {
        Some(said) => signals::parse(&said.text),
        None => Some(Signal::TERM),
    };
    let Some(mut signal) = signal else { return };
    // An init may rewrite it: dumb-init --rewrite 15:3, sexton-init --rewrite TERM:QUIT.
    for link in &container.chain.links {
        if let What::Init(facts) = &link.what {
            let Some(rewritten) = facts.rewrites.get(signal) else { return };
            signal = rewritten;
        }
    }
    if signal != Signal::TERM {
        return;
    }
    let place = said.and_then(|said| said.place.clone()).or_else(|| program.place());
    let Some(place) = place else { return };
    let explicit = said.is_some_and(|said| said.place.is_some());
    // A base image that we do not know may say the right one.
    let known = container.image.is_some();
    findings.push(finding(&manners, place).severity(match (explicit, manners.term) {
        (true, _) => Severity::Warning,
        (false, Term::Stuck) if known => Severity::Warning,
        (false, Term::Stuck | Term::Fast) => Severity::Info,
    }));
}

fn finding(manners: &Manners, place: crate::source::Place) -> Finding {
    let Manners { name, graceful, on_term, .. } = manners;
    Finding::new(&RULE, place, format!("{name} ends well on {graceful}, and gets SIGTERM"))
        .confidence(Confidence::Likely)
        .label(format!("{name} wants {graceful}"))
        .why(format!("on SIGTERM {name} does {on_term}"))
        .instead(format!("STOPSIGNAL {graceful}"))
}
