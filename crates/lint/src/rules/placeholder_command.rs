//! a command that does nothing but keep the container alive.

use super::Rule;
use crate::container::Container;
use crate::finding::{Confidence, Finding, Severity};
use crate::known::{programs, servers};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID107",
    name: "placeholder-command",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a command that does nothing but keep the container alive",
    page: include_str!("placeholder_command.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if container.has_init() || container.is_job() {
        return;
    }
    let Some(program) = container.chain.program() else { return };
    let Some(place) = program.place() else { return };
    let texts = program.texts();
    let tail = texts.first().is_some_and(|name| crate::known::basename(name) == "tail");
    if let Some(service) = tail.then(|| service_behind(container)).flatten() {
        findings.push(
            Finding::new(&RULE, place, format!("tail stands for {service}, which runs unattended"))
                .label("is what the container lives and dies with")
                .why("when the service dies the container stays up, and on a stop it is killed")
                .instead("the service itself, in the foreground, as the last command"),
        );
    } else if programs::is_placeholder(&texts) && !is_redirected(container) {
        findings.push(
            Finding::new(&RULE, place, format!("{} does nothing but stay alive", container.name))
                .label("has no handler for the stop signal")
                .confidence(Confidence::Likely)
                .why("as PID 1 it ignores the stop signal, and reaps nothing that is started \
                    beside it")
                .instead("an init in front of it: [\"sexton-init\", \"--\", \"sleep\", \
                    \"infinity\"]"),
        );
    }
}

/// Whether a script gives the program something to read or write.
fn is_redirected(container: &Container) -> bool {
    let shells = container.chain.shells();
    let last = shells.filter_map(|(_, _, shell)| shell.main_run()).last();
    last.is_some_and(|(_, run)| run.redirections > 0)
}

/// What the script put into the background before it came to its tail.
fn service_behind(container: &Container) -> Option<&'static str> {
    let shells = container.chain.shells();
    let mut runs = shells.flat_map(|(_, _, shell)| shell.flow.runs());
    runs.find_map(|(_, run)| {
        let texts: Vec<&str> = run.words.iter().map(|word| word.text().unwrap_or("")).collect();
        servers::daemon(&texts).map(|daemon| daemon.name)
    })
}

