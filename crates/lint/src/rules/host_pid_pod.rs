//! a pod that shares the PID namespace of its node.

use super::Rule;
use crate::container::{Container, Who};
use crate::effective::What;
use crate::finding::{Confidence, Finding, Severity};
use crate::known::inits::Place;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID402",
    name: "host-pid-pod",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a pod that shares the PID namespace of its node",
    page: include_str!("host_pid_pod.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(pod) = container.pod() else { return };
    let Some(place) = &pod.host_pid else { return };
    let finding = Finding::new(&RULE, place.clone(), "this pod lives in the PID namespace of its \
        node")
        .label("every process of the node is in sight")
        .instead("no hostPID, or shareProcessNamespace where the pod's own containers are meant");
    let kills_all = container.chain.links.iter().any(|link| {
        matches!(&link.what, What::Supervisor(init) if init.place == Place::Pid1Only)
    }) || container.image.is_some_and(|image| image.init.is_some());
    findings.push(match (kills_all, container.user.is, pod.kind.as_str()) {
        (true, _, _) => finding
            .severity(Severity::Error)
            .why("its init ends by killing all processes there are, and here those are the node's"),
        // Agents of the node are there to look at its processes.
        (_, _, "DaemonSet") => finding
            .severity(Severity::Info)
            .confidence(Confidence::Hint)
            .why("its processes are not PID 1, and may see and signal the node's"),
        (_, Who::Root, _) => finding
            .severity(Severity::Error)
            .why("it runs as root, so that a bug is enough to kill any process of the node"),
        _ => finding.why("it may see and, with the same user, signal the processes of the node"),
    });
}
