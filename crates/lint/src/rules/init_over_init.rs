//! init: true in front of an init that has to be PID 1.

use super::Rule;
use crate::container::Container;
use crate::effective::What;
use crate::finding::{Finding, Severity};
use crate::known::inits::Place;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID304",
    name: "init-over-init",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "init: true in front of an init that has to be PID 1",
    page: include_str!("init_over_init.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(runtime) = &container.runtime_init else { return };
    let in_chain = container.chain.links.iter().find_map(|link| match &link.what {
        What::Supervisor(init) if init.place == Place::Pid1Only => Some(init.name),
        _ => None,
    });
    let Some(name) = in_chain.or(container.image.and_then(|image| image.init)) else { return };
    findings.push(
        Finding::new(&RULE, runtime.clone(), format!("{} runs {name}, which has to be PID \
            1", container.name))
            .label("puts another PID 1 in front of it")
            .why(format!("{name} refuses to start, or does not do its work, where it is not PID 1"))
            .instead("no init: here"),
    );
}
