//! a shell with -c in front of the application, without exec.

use super::Rule;
use super::common;
use crate::container::Container;
use crate::effective::Then;
use crate::finding::{Confidence, Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID103",
    name: "shell-wrapper",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a shell with -c in front of the application, without exec",
    page: include_str!("shell_wrapper.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.pod().is_some() {
        return;
    }
    let Some((link, shell, main)) = common::wrapper(container) else { return };
    let Some((event, _)) = shell.main_run() else { return };
    if container.has_init() {
        return;
    }
    let place = shell.place_of(main.span.clone());
    let what = format!("{} runs its application as the child of a shell", container.name);
    let finding = Finding::new(&RULE, place, what)
        .label("the shell stays as the parent of this")
        .instead(format!("exec {}", common::short(&common::texts(main).join(" "))))
        .fix(common::exec_fix(shell, event, main));
    findings.push(match link.then {
        Then::BecomesByHabit => finding
            .severity(Severity::Info)
            .why("this shell replaces itself by a last simple command, others do not: \
                  exec says it for all of them"),
        _ if common::stays_for_certain(shell, main) => finding.why(
            "the shell gets the stop signal, does nothing with it, and the application is killed",
        ),
        _ => finding
            .severity(Severity::Warning)
            .confidence(Confidence::Likely)
            .why("unless this image's shell is bash or BusyBox, it stays, does nothing with the \
                  stop signal, and the application is killed"),
    });
}
