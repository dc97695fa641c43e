//! a native sidecar whose PID 1 is a shell that does not pass the stop signal on.

use super::{Rule, common};
use crate::container::{Container, Role};
use crate::finding::{Finding, Severity};

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
    let why = "is deaf to the stop signal, and sidecars are stopped one after the other: it \
               holds up the pod's end for the rest of the grace period";
    findings.extend(common::wrapper_finding(&RULE, container, why));
}
