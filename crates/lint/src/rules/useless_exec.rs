//! an exec in a pipeline, a subshell or the background, where it replaces nothing.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::shell::flow::{Exec, How, Tail};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID202",
    name: "useless-exec",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "an exec in a pipeline, a subshell or the background, where it replaces nothing",
    page: include_str!("useless_exec.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for (_, _, shell) in container.chain.shells() {
        for (event, run) in shell.flow.runs() {
            let tail = event.tail != Tail::No;
            let (where_, instead) = match run.how {
                How::Piped(Exec::Yes) if tail => {
                    ("a pipeline", "a redirection: exec app > >(tee log) 2>&1, with bash")
                }
                How::Subshell(Exec::Yes) if tail => ("a subshell", "the same without parentheses"),
                How::BackgroundExec if shell.flow.abandons => {
                    ("the background", "the same without the ampersand")
                }
                _ => continue,
            };
            let place = shell.place_of(run.span.clone());
            findings.push(
                Finding::new(&RULE, place, format!("exec in {where_} does not replace PID 1"))
                    .label("replaces only a copy of the shell")
                    .why("the shell stays as PID 1 and does not pass the stop signal on")
                    .instead(instead),
            );
        }
    }
}
