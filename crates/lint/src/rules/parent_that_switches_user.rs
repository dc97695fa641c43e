//! sudo or su, which stay as the parent of the application.

use super::Rule;
use crate::container::Container;
use crate::effective::What;
use crate::finding::{Finding, Severity};
use crate::known::wrappers::Keeper;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID118",
    name: "parent-that-switches-user",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "sudo or su, which stay as the parent of the application",
    page: include_str!("parent_that_switches_user.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for link in &container.chain.links {
        let (name, instead) = match &link.what {
            What::Keeper(Keeper::Sudo) => ("sudo", "setpriv, gosu or su-exec, which become the \
                command"),
            What::Keeper(Keeper::Su) => ("su", "setpriv, gosu or su-exec, which become the \
                command"),
            _ => continue,
        };
        let Some(place) = link.place() else { continue };
        findings.push(
            Finding::new(&RULE, place, format!("{name} stays between the runtime and the \
                application"))
                .label("does not become the command that it runs")
                .why(format!(
                    "{name} gets the stop signal in the application's place, and kills what does \
                        not end at once"
                ))
                .instead(instead),
        );
    }
}
