//! an array that is no JSON, and so silently becomes text for the shell.

use super::Rule;
use super::common;
use crate::container::{CommandLine, Container};
use crate::finding::{Finding, Severity};
use crate::fix::Fix;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID104",
    name: "broken-exec-form",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "an array that is no JSON, and so silently becomes text for the shell",
    page: include_str!("broken_exec_form.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for line in [&container.entrypoint, &container.cmd].into_iter().flatten() {
        if common::is_broken_array(line) {
            findings.push(finding(line));
        }
    }
}

fn finding(line: &CommandLine) -> Finding {
    let good = line.words.last().and_then(|text| read(&text.text));
    let json = good.as_ref().map(|words| {
        common::json(&words.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let fix = json.clone().map(|json| Fix::replace("writes it as JSON", &line.place, json));
    let finding = Finding::new(&RULE, line.place.clone(), "this array is no JSON")
        .label("strings need straight double quotes, with commas between")
        .why("Docker then takes the line for a shell command, brackets and all, and it fails")
        .fix(fix);
    match json {
        Some(json) => finding.instead(format!("{} {json}", line.key.text())),
        None => finding,
    }
}

/// The words as they were meant: in quotes of any kind, or bare, with commas between.
fn read(text: &str) -> Option<Vec<String>> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    if inside.contains(['\\', '\n']) {
        return None;
    }
    let mut words = Vec::new();
    let mut rest = inside.trim();
    while !rest.is_empty() {
        let open = rest.chars().next()?;
        let close = match open {
            '\'' | '"' => Some(open),
            '\u{2018}' => Some('\u{2019}'),
            '\u{201c}' => Some('\u{201d}'),
            _ => None,
        };
        let (word, after) = match close {
            Some(close) => rest[open.len_utf8()..].split_once(close)?,
            None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        let quoted = close.is_some();
        if !quoted && (word.is_empty() || word.contains(['[', ']'])) {
            return None;
        }
        words.push(if quoted { word.to_owned() } else { word.trim().to_owned() });
        rest = match after.trim_start().strip_prefix(',') {
            Some(rest) => rest.trim_start(),
            None if after.trim().is_empty() => "",
            None => return None,
        };
    }
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_read_whatever_the_quotes() {
        let read = |text| read(text).map(|words| words.join("|"));
        assert_eq!(read("['node', 'a.js']").as_deref(), Some("node|a.js"));
        assert_eq!(read("[\"node\", 'a.js',]").as_deref(), Some("node|a.js"));
        assert_eq!(read("[node, a.js]").as_deref(), Some("node|a.js"));
        assert_eq!(read("[\u{201c}node\u{201d}]").as_deref(), Some("node"));
        assert_eq!(read("[\"node\" \"a.js\"]"), None);
        assert_eq!(read("['node"), None);
    }
}
