//! a CMD that is never used, as the ENTRYPOINT is text.

use super::Rule;
use super::common;
use crate::container::{Container, Form};
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID105",
    name: "ignored-command",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a CMD that is never used, as the ENTRYPOINT is text",
    page: include_str!("ignored_command.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let (Some(entrypoint), Some(cmd)) = (&container.entrypoint, &container.cmd) else { return };
    if entrypoint.form != Form::Shell || common::is_broken_array(entrypoint) {
        return;
    }
    // The words of CMD become $0, $1 and so on of the shell: a text that uses them is in order.
    let text = entrypoint.words.last().map_or("", |text| text.text.as_str());
    let mut dollars = text.split('$').skip(1).map(|rest| rest.trim_start_matches('{'));
    if dollars.any(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '@' || c == '*')) {
        return;
    }
    findings.push(
        Finding::new(&RULE, cmd.place.clone(), "this CMD is never used")
            .label("becomes arguments of /bin/sh, which nobody reads")
            .related(entrypoint.place.clone(), "because this is text and no array")
            .why("with the shell form of ENTRYPOINT neither CMD nor the words after docker run \
                IMAGE arrive")
            .instead("an ENTRYPOINT in exec form: ENTRYPOINT [\"app\"]"),
    );
}
