//! a service whose PID 1 does not reap, without init: true.

use super::Rule;
use crate::container::{Container, Setting};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::programs;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID301",
    name: "service-without-init",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "a service whose PID 1 does not reap, without init: true",
    page: include_str!("service_without_init.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Setting::Service(_) = &container.setting else { return };
    if container.has_init() {
        return;
    }
    let Some(pid1) = container.chain.pid1() else { return };
    if !programs::leaves_zombies(&pid1.texts()) {
        return;
    }
    let name = pid1.name().unwrap_or("its program");
    findings.push(
        Finding::new(&RULE, container.place.clone(), format!("{} has {name} as PID 1, and no \
            init", container.name))
            .confidence(Confidence::Hint)
            .why("it does not wait for orphans: each of them stays as a zombie")
            .instead("init: true"),
    );
}
