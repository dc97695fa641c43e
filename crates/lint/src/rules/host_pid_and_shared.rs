//! a pod with both hostPID and shareProcessNamespace.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID403",
    name: "host-pid-and-shared",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a pod with both hostPID and shareProcessNamespace",
    page: include_str!("host_pid_and_shared.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(pod) = container.pod() else { return };
    let (Some(host), Some(shared)) = (&pod.host_pid, &pod.shared) else { return };
    findings.push(
        Finding::new(&RULE, shared.clone(), "a pod has either the node's PID namespace or one of \
            its own")
            .label("cannot be true together with hostPID")
            .related(host.clone(), "the other one")
            .why("the API server refuses the pod")
            .instead("one of the two"),
    );
}
