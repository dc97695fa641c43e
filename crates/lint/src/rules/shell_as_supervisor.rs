//! a shell that starts several programs and passes no signal on.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::shell::flow::How;
use super::common;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID108",
    name: "shell-as-supervisor",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a shell that starts several programs and passes no signal on",
    page: include_str!("shell_as_supervisor.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.has_init() || container.is_job() {
        return;
    }
    for (at, _, shell) in container.chain.shells() {
        let jobs = shell.flow.runs().filter(|(_, run)| {
            matches!(run.how, How::Background | How::BackgroundExec) && common::lasts(run)
        });
        let Some((_, first)) = jobs.last() else { continue };
        let Some((_, _, wait)) = shell.flow.waits().last() else { continue };
        let waits_last = shell.main.is_none();
        if !waits_last || shell.flow.hears_term() || container.chain.is_child(at) {
            continue;
        }
        findings.push(
            Finding::new(&RULE, shell.place_of(wait.span.clone()), "a shell waits for its jobs, \
                deaf")
                .label("no trap for TERM: as PID 1 the shell ignores it")
                .related(shell.place_of(first.span.clone()), "runs in the background")
                .why("the stop signal reaches nobody, and after the grace period all of them are \
                    killed")
                .instead("an init that tells everyone, a supervisor, or one container for each"),
        );
    }
}
