//! a pod's command that wraps the application in a shell, without exec.

use super::{Rule, common};
use crate::container::{Container, Role};
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID401",
    name: "shell-wrapper-in-pod",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a pod's command that wraps the application in a shell, without exec",
    page: include_str!("shell_wrapper_in_pod.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    // A sidecar holds up the whole pod; that is another rule's matter.
    if container.pod().is_none_or(|pod| pod.role != Role::Main) || container.has_init() {
        return;
    }
    let why = "does nothing with the stop signal: the pod is Terminating until it is killed";
    findings.extend(common::wrapper_finding(&RULE, container, why));
}
