//! a probe through a shell with little time, in front of a PID 1 that does not reap.

use super::Rule;
use crate::container::{Container, ProbeKind};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::programs;
use crate::shell::flow::How;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID407",
    name: "shell-probe",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a probe through a shell with little time, in front of a PID 1 that does not reap",
    page: include_str!("shell_probe.md"),
    check,
};

/// A probe that may take longer than this seldom runs out of time.
const SHORT_SECONDS: u64 = 5;

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(pod) = container.pod() else { return };
    if container.has_init() || pod.shared.is_some() || pod.host_pid.is_some() {
        return;
    }
    let Some(pid1) = container.chain.pid1() else { return };
    if !programs::leaves_zombies(&pid1.texts()) {
        return;
    }
    for probe in container.probes.iter().filter(|probe| probe.kind == ProbeKind::Repeated) {
        // A shell that becomes its command leaves nothing behind.
        let several = probe.chain.shells().any(|(_, _, shell)| {
            let mut started = shell.flow.runs().filter(|(_, run)| run.how != How::Exec);
            started.next().is_some()
        });
        if several && probe.timeout.is_some_and(|timeout| timeout < SHORT_SECONDS) {
            let timeout = probe.timeout.unwrap_or(1);
            let name = pid1.name().unwrap_or("PID 1");
            findings.push(
                Finding::new(&RULE, probe.place.clone(), format!("each {} that takes {timeout} s \
                    leaves processes to {name}", probe.name))
                    .label("a shell and what it starts")
                    .confidence(Confidence::Likely)
                    .why(format!("at the time limit only the shell is killed, and {name} does \
                        not reap the rest"))
                    .instead("httpGet, grpc, or exec of one program with a time limit of its own"),
            );
        }
    }
}
