//! a trap that is lost, as exec replaces the shell that has it.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::shell::flow::{Action, Flow, How, Trap, What};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID204",
    name: "lost-trap",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a trap that is lost, as exec replaces the shell that has it",
    page: include_str!("lost_trap.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for (_, _, shell) in container.chain.shells() {
        let events = shell.flow.events.iter().enumerate().rev();
        let mut execs = events.filter_map(|(at, event)| match &event.what {
            What::Run(run) if run.how == How::Exec => Some((at, run)),
            _ => None,
        });
        let Some((exec, run)) = execs.next() else { continue };
        for (at, trap) in shell.flow.traps() {
            if at < exec && cleans_up(trap) && !is_reset(&shell.flow, at, exec, trap) {
                let place = shell.place_of(trap.span.clone());
                findings.push(
                    Finding::new(&RULE, place, "this trap is gone when exec replaces the shell")
                        .label("never runs once the application has started")
                        .related(shell.place_of(run.span.clone()), "from here on there is no shell")
                        .why("what it should clean up stays, and nobody sees it")
                        .instead("no exec but & and wait, or the work in the application itself"),
                );
            }
        }
    }
}

/// Whether it does more than end the script while that sets things up.
fn cleans_up(trap: &Trap) -> bool {
    const ENDS: &[&str] = &["exit", "echo", "printf", ":", "true", "return", "trap", "log"];
    let stops = ["EXIT", "TERM", "INT", "HUP", "QUIT"];
    let Action::Run(commands) = &trap.action else { return false };
    trap.signals.iter().any(|signal| stops.contains(&signal.as_str()))
        && commands.iter().any(|command| command.name().is_none_or(|name| !ENDS.contains(&name)))
}

/// Whether the trap is taken back before the exec.
fn is_reset(flow: &Flow, at: usize, exec: usize, trap: &Trap) -> bool {
    flow.traps().filter(|(other, _)| *other > at && *other < exec).any(|(_, other)| {
        other.signals.iter().any(|signal| trap.signals.contains(signal))
    })
}
