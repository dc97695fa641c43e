//! a pod's command that wraps the application in a shell, without exec.

use super::Rule;
use super::common;
use crate::container::{Container, Role};
use crate::effective::Then;
use crate::finding::{Confidence, Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID401",
    name: "shell-wrapper-in-pod",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "a pod's command that wraps the application in a shell, without exec",
    page: include_str!("shell_wrapper_in_pod.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    // A sidecar holds up the whole pod; that is another rule's matter.
    if container.pod().is_none_or(|pod| pod.role != Role::Main) || container.has_init() {
        return;
    }
    let Some((link, shell, main)) = common::wrapper(container) else { return };
    let Some((event, _)) = shell.main_run() else { return };
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
            "the shell does nothing with the stop signal: the pod stays Terminating, then is \
                killed",
        ),
        _ => finding
            .severity(Severity::Warning)
            .confidence(Confidence::Likely)
            .why("unless this image's shell is bash or BusyBox, it does nothing with the stop \
                signal, \
                  and the pod stays Terminating until it is killed"),
    });
}
