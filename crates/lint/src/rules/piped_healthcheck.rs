//! a health check through a shell pipeline, in front of a PID 1 that does not reap.

use super::Rule;
use crate::container::{Container, ProbeKind};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::programs;
use crate::shell::flow::How;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID120",
    name: "piped-healthcheck",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "a health check through a shell pipeline, in front of a PID 1 that does not reap",
    page: include_str!("piped_healthcheck.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.has_init() || container.pod().is_some() {
        return;
    }
    let Some(pid1) = container.chain.pid1() else { return };
    if !programs::leaves_zombies(&pid1.texts()) {
        return;
    }
    for probe in container.probes.iter().filter(|probe| probe.kind == ProbeKind::Repeated) {
        let mut shells = probe.chain.shells();
        let piped = shells.any(|(_, _, shell)| {
            shell.flow.runs().any(|(_, run)| matches!(run.how, How::Piped(_)))
        });
        if piped {
            findings.push(
                Finding::new(&RULE, probe.place.clone(), format!("this {} runs a \
                    pipeline", probe.name))
                    .confidence(Confidence::Hint)
                    .why("each run that times out leaves its processes to PID 1, which does not \
                        reap them")
                    .instead("one program with a time limit of its own, or an init"),
            );
        }
    }
}
