//! a wait that the stop signal interrupts, so that the script ends before its child.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::shell::flow::{Action, Flow, How, Tail};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID207",
    name: "single-wait",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a wait that the stop signal interrupts, so that the script ends before its child",
    page: include_str!("single_wait.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for (_, _, shell) in container.chain.shells() {
        if let Some(at) = interrupted(&shell.flow) {
            let Some((_, _, wait)) = shell.flow.waits().find(|(wait, _, _)| *wait == at) else {
                continue;
            };
            findings.push(
                Finding::new(&RULE, shell.place_of(wait.span.clone()), "the stop signal ends \
                    this wait, and then the script")
                    .label("returns more than 128 as soon as a trap has run")
                    .why("the child is still busy stopping when PID 1 ends, and is killed")
                    .instead("the same wait once more after it, or a loop until the child is gone"),
            );
        }
    }
}

/// The only wait of a script that has a trap for TERM which neither waits nor exits.
fn interrupted(flow: &Flow) -> Option<usize> {
    let trap = flow.traps().find(|(_, trap)| {
        let hears = trap.signals.iter().any(|signal| signal == "TERM");
        let returns = !trap.action.calls("wait") && !trap.action.calls("exit");
        hears && returns && matches!(trap.action, Action::Run(_))
    })?;
    let mut waits = flow.waits();
    let (at, event, _) = waits.next()?;
    let again = waits.next().is_some();
    let background = flow.runs().any(|(_, run)| run.how == How::Background);
    let last = event.tail != Tail::No || flow.events.len() == at + 1;
    (trap.0 < at && !again && !event.looped && background && last).then_some(at)
}
