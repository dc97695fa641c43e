//! a service whose number of processes is not limited.

use super::Rule;
use crate::container::{Container, Limit, Setting};
use crate::finding::{Confidence, Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID307",
    name: "no-pids-limit",
    severity: Severity::Info,
    since: "0.2.0",
    summary: "a service whose number of processes is not limited",
    page: include_str!("no_pids_limit.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Setting::Service(facts) = &container.setting else { return };
    if facts.pids_limit == Limit::Set {
        return;
    }
    findings.push(
        Finding::new(&RULE, container.place.clone(), format!("{} may have any number of \
            processes", container.name))
            .confidence(Confidence::Hint)
            .why("a fork bomb, or zombies that nobody reaps, then fill the host's process table")
            .instead("pids_limit: 512"),
    );
}
