//! a preStop hook that signals the application by hand.

use super::Rule;
use crate::container::{Container, ProbeKind};
use crate::finding::{Confidence, Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID409",
    name: "kill-in-pre-stop",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "a preStop hook that signals the application by hand",
    page: include_str!("kill_in_pre_stop.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for hook in container.probes.iter().filter(|probe| probe.kind == ProbeKind::PreStop) {
        let direct = hook.chain.links.iter().map(|link| link.texts());
        let runs = hook.chain.shells().flat_map(|(_, _, shell)| shell.flow.runs());
        let scripted = runs.map(|(_, run)| super::common::texts(run));
        if direct.chain(scripted).any(|words| signals_the_application(&words)) {
            findings.push(
                Finding::new(&RULE, hook.place.clone(), "this hook does the stop signal's work")
                    .confidence(Confidence::Hint)
                    .why("it is needed where PID 1 is deaf or wants another signal, which can be \
                        said directly")
                    .instead("lifecycle.stopSignal, or an init that rewrites: sexton-init \
                        --rewrite TERM:QUIT"),
            );
        }
    }
}

fn signals_the_application(words: &[&str]) -> bool {
    match words.first().map(|name| crate::known::basename(name)) {
        Some("kill") => words.last() == Some(&"1"),
        Some("pkill" | "killall") => true,
        _ => false,
    }
}
