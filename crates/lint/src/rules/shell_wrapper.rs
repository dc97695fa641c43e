//! a shell with -c in front of the application, without exec.

use super::{Rule, common};
use crate::container::Container;
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID103",
    name: "shell-wrapper",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a shell with -c in front of the application, without exec",
    page: include_str!("shell_wrapper.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.pod().is_some() || container.has_init() {
        return;
    }
    let why = "does nothing with the stop signal, and the application is killed";
    findings.extend(common::wrapper_finding(&RULE, container, why));
}
