//! SARIF 2.1.0, as code scanning services read it.

use crate::finding::{Finding, Severity};
use crate::lint::Outcome;
use crate::read::Problem;
use crate::rules::RULES;
use crate::source::Place;
use serde_json::{Value, json};

/// All of it.
pub fn render(outcome: &Outcome, version: &str) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "name": pascal(rule.name),
                "shortDescription": { "text": rule.summary },
                "help": { "text": rule.page, "markdown": rule.page },
                "defaultConfiguration": { "level": level(rule.severity) },
            })
        })
        .collect();
    let notifications: Vec<Value> = outcome.problems.iter().map(notification).collect();
    let run = json!({
        "tool": { "driver": {
            "name": "sexton lint",
            "semanticVersion": version,
            "rules": rules,
        }},
        "columnKind": "unicodeCodePoints",
        "results": outcome.findings.iter().map(result).collect::<Vec<_>>(),
        "invocations": [{
            "executionSuccessful": outcome.problems.is_empty(),
            "toolExecutionNotifications": notifications,
        }],
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn result(finding: &Finding) -> Value {
    let index = RULES.iter().position(|rule| rule.code == finding.rule.code);
    let mut text = format!("{}: {}.", finding.what, finding.why);
    if let Some(good) = &finding.instead {
        text += &format!(" Instead: {good}");
    }
    let mut result = json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [location(&finding.place)],
        "properties": { "confidence": finding.confidence.name() },
    });
    if let Some((place, words)) = &finding.related {
        let mut related = location(place);
        related["id"] = json!(1);
        related["message"] = json!({ "text": words });
        result["relatedLocations"] = json!([related]);
    }
    if let Some(fix) = &finding.fix {
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                json!({
                    "deletedRegion": region(&edit.place),
                    "insertedContent": { "text": edit.text },
                })
            })
            .collect();
        result["fixes"] = json!([{
            "description": { "text": fix.words },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(&finding.place.source.name) },
                "replacements": replacements,
            }],
        }]);
    }
    result
}

fn notification(problem: &Problem) -> Value {
    let location = match &problem.place {
        Some(place) => location(place),
        None => json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri(&problem.name) },
        }}),
    };
    json!({
        "level": "error",
        "message": { "text": problem.words },
        "locations": [location],
    })
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&place.source.name) },
        "region": region(place),
    }})
}

fn region(place: &Place) -> Value {
    let (line, column) = place.position();
    let (end_line, end_column) = place.source.position(place.span.end);
    json!({
        "startLine": line, "startColumn": column,
        "endLine": end_line, "endColumn": end_column,
    })
}

/// A path as a relative or file URI reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri += &format!("%{other:02X}"),
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// `shell-form-entrypoint` is `ShellFormEntrypoint`, as SARIF wants names to be.
fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    name.split('-').map(capital).collect()
}
