//! a CMD written as text, so that a shell is PID 1.

use super::Rule;
use super::common;
use crate::container::{Container, Form};
use crate::effective::Then;
use crate::finding::{Confidence, Finding, Severity};
use crate::known::shells::Shell;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID102",
    name: "shell-form-command",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a CMD written as text, so that a shell is PID 1",
    page: include_str!("shell_form_command.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(line) = &container.cmd else { return };
    if line.form != Form::Shell || common::is_broken_array(line) {
        return;
    }
    let Some((at, link)) = common::shell_of(container, line) else { return };
    let Some(shell) = link.shell() else { return };
    // Behind an init, or a script that stays, the shell is not PID 1: other rules look at that.
    let vain = shell.main_run().is_some_and(|(_, run)| common::says_exec(run));
    if link.then == Then::Becomes || container.chain.is_child(at) || container.has_init() || vain {
        return;
    }
    let finding = Finding::new(&RULE, line.place.clone(), "the shell form of CMD makes a shell \
        PID 1")
        .label("runs as the child of /bin/sh")
        .instead(instead(line.words.last().map_or("", |text| text.text.trim())))
        .fix(shell.main_run().and_then(|(event, run)| common::exec_fix(shell, event, run)));
    findings.push(match (link.then, shell.shell) {
        (Then::BecomesByHabit, _) => finding
            .severity(Severity::Info)
            .why("this base image's shell replaces itself by the command, others do not: \
                  the same line is deaf on another base"),
        (_, Shell::Unknown) => finding
            .confidence(Confidence::Likely)
            .why("most shells stay, do not pass the stop signal on, and docker stop ends in \
                SIGKILL"),
        _ => finding.why(
            "the shell stays and does not pass the stop signal on: docker stop ends in SIGKILL",
        ),
    });
}

fn instead(text: &str) -> String {
    match text.contains(|char: char| "$`'\"|&;<>()*?\\\n".contains(char)) {
        true => format!("CMD exec {}", common::short(text)),
        false => {
            let words: Vec<&str> = text.split_ascii_whitespace().collect();
            format!("CMD {}", common::json(&words))
        }
    }
}
