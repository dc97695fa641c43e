//! a grace period that is shorter than the application's own.

use super::Rule;
use crate::container::{Container, Setting};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::servers::{self, Said};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID305",
    name: "short-grace-service",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a grace period that is shorter than the application's own",
    page: include_str!("short_grace_service.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Setting::Service(facts) = &container.setting else { return };
    let Some(program) = container.chain.program() else { return };
    let Some(drain) = servers::drain(&program.texts()) else { return };
    if drain.seconds < facts.grace.seconds {
        return;
    }
    let place = facts.grace.place.clone().or_else(|| program.place());
    let grace = facts.grace.seconds;
    let what = format!("{} is killed after {grace} s, and may need {} \
        s", container.name, drain.seconds);
    let finding = Finding::new(&RULE, place.unwrap_or_else(|| container.place.clone()), what)
        .why(format!("{} finishes open requests after the stop signal, and is cut off", drain.name))
        .instead(format!("stop_grace_period: {}s", drain.seconds + 5));
    findings.push(match drain.said {
        Said::Option(option) => finding.label(format!("{option}, but a grace period of {grace} s")),
        Said::Default => finding.severity(Severity::Info).confidence(Confidence::Hint),
    });
}
