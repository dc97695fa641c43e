//! a native sidecar whose PID 1 is a shell that does not pass the stop signal on.

use super::Rule;
use super::common;
use crate::container::{Container, Role};
use crate::effective::Then;
use crate::finding::{Confidence, Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID410",
    name: "shell-sidecar",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a native sidecar whose PID 1 is a shell that does not pass the stop signal on",
    page: include_str!("shell_sidecar.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.pod().is_none_or(|pod| pod.role != Role::Sidecar) || container.has_init() {
        return;
    }
    let Some((link, shell, main)) = common::wrapper(container) else { return };
    if link.then == Then::BecomesByHabit {
        return;
    }
    let fix = shell.main_run().and_then(|(event, run)| common::exec_fix(shell, event, run));
    let place = shell.place_of(main.span.clone());
    let finding = Finding::new(&RULE, place, format!("{} is a sidecar with a shell as PID \
        1", container.name))
        .label("the shell stays as the parent of this")
        .why("sidecars are stopped one after the other at the pod's end: a deaf one holds it up \
            for the rest of the grace period")
        .instead(format!("exec {}", common::short(&common::texts(main).join(" "))))
        .fix(fix);
    findings.push(match common::stays_for_certain(shell, main) {
        true => finding,
        false => finding.confidence(Confidence::Likely),
    });
}
