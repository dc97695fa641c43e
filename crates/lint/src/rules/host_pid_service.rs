//! a service that shares the PID namespace of the host or of another container.

use super::Rule;
use crate::container::{Container, Setting};
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID303",
    name: "host-pid-service",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a service that shares the PID namespace of the host or of another container",
    page: include_str!("host_pid_service.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Setting::Service(facts) = &container.setting else { return };
    let Some((pid, place)) = &facts.pid else { return };
    let (whose, why) = match pid.as_str() {
        "host" => ("the host", "it sees and may signal every process of the host"),
        other if other.starts_with("service:") || other.starts_with("container:") => {
            ("another container", "it is not PID 1, and dies with the container that is")
        }
        _ => return,
    };
    let agent = facts.image.as_ref().is_some_and(|(image, _)| looks_at_hosts(image));
    let severity = if agent { Severity::Info } else { RULE.severity };
    findings.push(
        Finding::new(&RULE, place.clone(), format!("{} lives in the PID namespace of \
            {whose}", container.name))
            .severity(severity)
        .label("not a namespace of its own")
            .why(why)
            .instead("no pid: at all, and init: true where zombies were the reason"),
    );
}

/// Agents whose work it is to look at the processes of the host.
fn looks_at_hosts(image: &str) -> bool {
    const AGENTS: &[&str] = &[
        "node-exporter", "node_exporter", "cadvisor", "netdata", "datadog", "telegraf", "falco",
        "glances", "tetragon", "beyla", "process-exporter",
    ];
    AGENTS.iter().any(|agent| image.contains(agent))
}
