//! a stop signal that cannot ask the program to stop.

use super::Rule;
use crate::container::{Container, StopSignal};
use crate::finding::{Finding, Severity};
use crate::fix::Fix;
use crate::known::{servers, signals};
use sexton_core::signal::Signal;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID111",
    name: "unusable-stop-signal",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a stop signal that cannot ask the program to stop",
    page: include_str!("unusable_stop_signal.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.pod().is_some() {
        return;
    }
    let Some(StopSignal { text, place: Some(place) }) = &container.stop_signal else { return };
    if text.contains('$') {
        return;
    }
    let program = container.chain.program().map(|link| link.texts()).unwrap_or_default();
    let finding = match signals::parse(text) {
        None => Finding::new(&RULE, place.clone(), format!("{text} is no signal"))
            .why("the build or the start of the container fails"),
        Some(Signal::KILL) => Finding::new(&RULE, place.clone(), "SIGKILL leaves no time to stop")
            .why("no program can catch it: files stay half written, and nothing is closed")
            .fix(Some(Fix::replace("writes SIGTERM, which can be handled", place, "SIGTERM"))),
        Some(Signal::STOP) => Finding::new(&RULE, place.clone(), "SIGSTOP does not stop a \
            container")
            .why("it freezes the program, which is then killed when the grace period is over")
            .fix(Some(Fix::replace("writes SIGTERM, which can be handled", place, "SIGTERM"))),
        Some(signal) => match servers::not_a_stop(&program, signal) {
            Some(meaning) => {
                let what = format!("{} is no request to stop here", signals::name(signal));
                Finding::new(&RULE, place.clone(), what).why(format!(
                    "{meaning}; it is killed when the grace period is over"
                ))
            }
            None => return,
        },
    };
    findings.push(finding.label("the stop signal").instead(good(&program)));
}

fn good(program: &[&str]) -> String {
    let signal = servers::manners(program).map_or("SIGTERM", |manners| manners.graceful);
    format!("STOPSIGNAL {signal}")
}
