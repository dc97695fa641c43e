//! a server that puts itself into the background, so that PID 1 ends.

use super::Rule;
use crate::container::{Container, Setting};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::servers::{self, Daemon};
use sexton_core::policy::OnExit;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID117",
    name: "daemonizing-server",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a server that puts itself into the background, so that PID 1 ends",
    page: include_str!("daemonizing_server.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let waits = matches!(container.on_exit(), Some(OnExit::Wait));
    let Some(program) = container.chain.program() else { return };
    let Some(daemon) = servers::daemon(&program.texts()) else { return };
    if waits || container.is_job() || configured_elsewhere(container, &daemon) {
        return;
    }
    let Some(place) = program.place() else { return };
    let what = format!("{} goes into the background, and the container ends", daemon.name);
    findings.push(
        Finding::new(&RULE, place, what)
            .label("returns at once")
            .confidence(if daemon.asked() { Confidence::Certain } else { Confidence::Likely })
            .why("the container lives as long as PID 1: when that ends the server is killed")
            .instead(daemon.instead),
    );
}

/// Whether the configuration may say what the command line does not: nginx can be told in its
/// file to stay.
fn configured_elsewhere(container: &Container, daemon: &Daemon) -> bool {
    if daemon.name != "nginx" {
        return false;
    }
    match &container.setting {
        Setting::Image(facts) => ["daemon off", "/etc/nginx", "nginx.conf"]
            .iter()
            .any(|word| facts.text.contains(word)),
        Setting::Script => false,
        Setting::Service(_) | Setting::Pod(_) => true,
    }
}
