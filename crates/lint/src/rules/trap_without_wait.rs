//! a trap that kills its children and leaves before they have ended.

use super::Rule;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::shell::flow::{Flow, Trap};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID205",
    name: "trap-without-wait",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a trap that kills its children and leaves before they have ended",
    page: include_str!("trap_without_wait.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for (_, _, shell) in container.chain.shells() {
        let traps = shell.flow.traps().filter(|(_, trap)| leaves_early(trap, &shell.flow));
        for (_, trap) in traps {
            let place = shell.place_of(trap.span.clone());
            findings.push(
                Finding::new(&RULE, place, "this trap tells the children to end, and does not \
                    wait for them")
                    .label("kill returns at once")
                    .why("when PID 1 has ended the kernel kills them with their work half done")
                    .instead("trap 'kill \"$pid\"; wait \"$pid\"' TERM"),
            );
        }
    }
}

/// Whether the shell ends right after it has told its children.
fn leaves_early(trap: &Trap, flow: &Flow) -> bool {
    let set_for = |name: &str| trap.signals.iter().any(|signal| signal == name);
    let stops = set_for("TERM") || set_for("INT") || set_for("QUIT");
    let on_exit = set_for("EXIT");
    let commands = trap.action.commands();
    let name_of = |at: usize| commands.get(at).and_then(|command| command.name());
    let kill = (0..commands.len()).rfind(|at| {
        let tells = matches!(name_of(*at), Some("kill" | "pkill" | "killall"));
        // `kill -0` only asks whether somebody is there.
        tells && commands[*at].arguments().first().and_then(|word| word.text()) != Some("-0")
    });
    let Some(kill) = kill else { return false };
    let waits = (kill..commands.len()).any(|at| {
        matches!(name_of(at), Some("wait" | "tail" | "sleep")) || is_poll(&commands[at])
    });
    let has_children = flow.runs().any(|(_, run)| run.how == crate::shell::flow::How::Background);
    let exits = trap.action.calls("exit");
    has_children && !waits && ((stops && exits) || on_exit)
}

/// `while kill -0 $pid; do …`
fn is_poll(command: &crate::shell::ast::Simple) -> bool {
    command.name() == Some("kill")
        && command.arguments().first().and_then(|word| word.text()) == Some("-0")
}
