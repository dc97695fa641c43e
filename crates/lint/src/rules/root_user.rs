//! an image whose processes are root's.

use super::Rule;
use crate::container::{Container, Setting, Who};
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID119",
    name: "root-user",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "an image whose processes are root's",
    page: include_str!("root_user.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Setting::Image(_) = &container.setting else { return };
    if container.user.is != Who::Root || container.chain.links.is_empty() {
        return;
    }
    let said = container.user.said.as_ref().map(|(_, place)| place.clone());
    let place = said.unwrap_or_else(|| container.place.clone());
    findings.push(
        Finding::new(&RULE, place, format!("{} runs as root", container.name))
            .label("no USER after this")
            .why("with the host's PID namespace, a bug is then enough to signal any process of \
                the host")
            .instead("USER 1000:1000"),
    );
}
