//! a lifecycle.stopSignal that the API server refuses.

use super::Rule;
use crate::container::{Container, PodFacts};
use crate::finding::{Finding, Severity};
use crate::fix::Fix;
use crate::known::signals;
use sexton_core::signal::Signal;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID408",
    name: "unusable-stop-signal-in-pod",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a lifecycle.stopSignal that the API server refuses",
    page: include_str!("unusable_stop_signal_in_pod.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(pod) = container.pod() else { return };
    let Some((text, place)) = &pod.stop_signal else { return };
    let signal = signals::parse(text).filter(|_| text.starts_with("SIG"));
    if !matches!(signal, Some(signal) if signal != Signal::KILL && signal != Signal::STOP) {
        findings.push(
            Finding::new(&RULE, place.clone(), format!("{text} cannot be a stop signal"))
                .label("the stop signal")
                .why("the API server takes names such as SIGTERM, and neither SIGKILL nor SIGSTOP")
                .instead("stopSignal: SIGTERM"),
        );
    }
    if pod.os.is_none() {
        findings.push(
            Finding::new(&RULE, place.clone(), "stopSignal needs the pod to say its operating \
                system")
                .label("refused without spec.os.name")
                .why("the signals that there are depend on it, so the API server refuses the pod")
                .instead("os: {name: linux}")
                .fix(os_fix(pod)),
        );
    }
}

/// The lines put in before the first key of the pod's spec.
fn os_fix(pod: &PodFacts) -> Option<Fix> {
    let spec = &pod.spec;
    let (line, column) = spec.position();
    let before = spec.source.line(line).get(..column - 1)?;
    let block = before.bytes().all(|byte| byte == b' ') && !spec.text().starts_with('{');
    block.then(|| {
        let end = if spec.source.text.contains("\r\n") { "\r\n" } else { "\n" };
        Fix::insert("says the operating \
            system", spec, format!("os:{end}{before}  name: linux{end}{before}"))
    })
}
