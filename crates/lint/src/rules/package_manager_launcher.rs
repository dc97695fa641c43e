//! npm, yarn, pnpm or npx in front of the application.

use super::Rule;
use super::common;
use crate::container::Container;
use crate::finding::{Confidence, Finding, Severity};
use crate::known::launchers::{self, Kind};
use crate::known::programs;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID106",
    name: "package-manager-launcher",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "npm, yarn, pnpm or npx in front of the application",
    page: include_str!("package_manager_launcher.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    if common::drains(container) || container.is_job() {
        return;
    }
    let Some(program) = container.chain.program() else { return };
    let texts = program.texts();
    let Some(launcher) = launchers::launcher(&texts) else { return };
    // Tests, builds and migrations end by themselves.
    if programs::is_chore(&texts) || texts.iter().any(|word| word.contains("test")) {
        return;
    }
    let Some(place) = program.place() else { return };
    let what = format!("{} starts its application through {}", container.name, launcher.name);
    let finding = Finding::new(&RULE, place, what).label("leaves on the stop signal, alone");
    findings.push(match launcher.kind {
        Kind::Abandons => finding
            .why("it is gone at once on the stop signal, and the application that it started is \
                  killed with its work half done")
            .instead("the command of the script itself: [\"node\", \"server.js\"]"),
        // It may be a tool that does its work and ends.
        Kind::RunsTool => finding
            .severity(Severity::Warning)
            .confidence(Confidence::Likely)
            .why("it is gone at once on the stop signal, and the program that it started is killed")
            .instead("the program itself: [\"node_modules/.bin/next\", \"start\"]"),
        Kind::Forwards => finding
            .severity(Severity::Info)
            .why("one more process between the runtime and the application")
            .instead("the application's own command"),
    });
}
