//! an init in front of a shell that stays, so that the application is killed.

use super::Rule;
use super::common;
use crate::container::Container;
use crate::effective::{ShellForm, Then};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::shells::Shell;
use sexton_core::policy::OnExit;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID113",
    name: "init-before-shell",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "an init in front of a shell that stays, so that the application is killed",
    page: include_str!("init_before_shell.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.on_exit() != Some(OnExit::Leave) || !common::is_application(container) {
        return;
    }
    let first = container.chain.init().map_or(0, |(at, _)| at);
    for (at, link, shell) in container.chain.shells() {
        let Some((event, main)) = shell.main_run() else { continue };
        let behind = at >= first && link.then == Then::Stays && shell.form == ShellForm::Text;
        if !behind || shell.flow.hears_term() || common::says_exec(main) {
            continue;
        }
        let place = shell.place_of(main.span.clone());
        let finding = Finding::new(&RULE, place, "an init stands in front of a shell, not of the \
            application")
            .label("the shell dies of the stop signal, this does not hear of it")
            .instead(format!("exec {}", common::short(&common::texts(main).join(" "))))
            .fix(common::exec_fix(shell, event, main))
            .why("the init passes the stop signal to the shell, leaves when that is gone, and the \
                  kernel kills the application");
        let finding = match container.chain.init().and_then(|(_, init)| init.place()) {
            Some(init) => finding.related(init, "the init"),
            None => finding,
        };
        findings.push(match shell.shell {
            Shell::Unknown if !common::stays_for_certain(shell, main) => {
                finding.severity(Severity::Warning).confidence(Confidence::Likely)
            }
            _ => finding,
        });
    }
}
