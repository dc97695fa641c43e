//! a workload that is killed without time to stop.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID406",
    name: "no-grace",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a workload that is killed without time to stop",
    page: include_str!("no_grace.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(pod) = container.pod() else { return };
    let serves = !matches!(pod.kind.as_str(), "Job" | "CronJob" | "Pod");
    let Some(place) = pod.grace.place.clone().filter(|_| serves && pod.grace.seconds <= 1) else {
        return;
    };
    // An agent of the node may rather be gone at once than leave the node without one.
    let severity = if pod.kind == "DaemonSet" { Severity::Info } else { RULE.severity };
    findings.push(
        Finding::new(&RULE, place, format!("{} s are no time to stop", pod.grace.seconds))
            .severity(severity)
            .label("SIGKILL follows at once")
            .why("open requests are cut off, and what is being written stays half written")
            .instead("terminationGracePeriodSeconds: 30"),
    );
}
