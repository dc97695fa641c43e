//! a trap for the stop signal that waits for the program in the foreground.

use super::Rule;
use super::common;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::shell::flow::{Action, How, Tail};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID203",
    name: "deferred-trap",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a trap for the stop signal that waits for the program in the foreground",
    page: include_str!("deferred_trap.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for (_, _, shell) in container.chain.shells() {
        let trap = shell.flow.traps().find(|(_, trap)| {
            trap.signals.iter().any(|signal| signal == "TERM")
                && matches!(trap.action, Action::Run(_) | Action::Unknown)
        });
        let Some((at, trap)) = trap else { continue };
        let blocking = shell.flow.runs().find(|(event, run)| {
            let after = shell.flow.events[at..].iter().any(|other| std::ptr::eq(other, *event));
            let texts = common::texts(run);
            let lasts = common::lasts(run) || common::holds_place(run);
            let builtin = texts.first().is_some_and(|name| common::is_builtin(name));
            after && run.how == How::Foreground && event.tail != Tail::No && lasts && !builtin
        });
        let Some((_, run)) = blocking else { continue };
        findings.push(
            Finding::new(&RULE, shell.place_of(run.span.clone()), "the trap waits until this has \
                ended")
                .label("in the foreground: the shell does nothing else meanwhile")
                .related(shell.place_of(trap.span.clone()), "the trap")
                .why("shells run a trap only when the foreground command is over, so the stop \
                    signal does nothing")
                .instead("run it with & and wait for it, or exec it and let an init do the rest"),
        );
    }
}
