//! 16 Dockerfiles with one mistake each and 2 without: the best of the other linters found 7.

use sexton_lint::config::Config;
use sexton_lint::finding::Severity;
use sexton_lint::kind::Kind;
use sexton_lint::lint::{self, Options};

const HEREDOC: &str = "FROM debian:12\nCOPY --chmod=755 <<EOF /e.sh\n#!/bin/sh\nprepare\n\
                       server \"$@\"\nEOF\nENTRYPOINT [\"/e.sh\"]\n";

/// What follows `FROM`, and the rule that has to find it.
const SURVEY: &[(&str, Option<&str>)] = &[
    ("debian:12\nENTRYPOINT app --port 80\n", Some("PID101")),
    ("debian:12\nENTRYPOINT [\"sh\", \"-c\", \"cd /srv && app\"]\n", Some("PID103")),
    (
        "debian:12\nCOPY --chmod=755 <<E /e\n#!/bin/bash\n\"$@\"\nE\nENTRYPOINT [\"/e\"]\n",
        Some("PID201"),
    ),
    ("node:22\nCMD [\"npm\", \"start\"]\n", Some("PID106")),
    ("debian:12\nSTOPSIGNAL SIGKILL\nCMD [\"app\"]\n", Some("PID111")),
    ("debian:12\nCMD [\"tail\", \"-f\", \"/dev/null\"]\n", Some("PID107")),
    ("node:22\nCMD ['node', 'a.js']\n", Some("PID104")),
    ("debian:12\nENTRYPOINT app\nCMD [\"-v\"]\n", Some("PID105")),
    ("debian:12\nSHELL [\"/bin/sh\", \"-ec\"]\nENTRYPOINT app\n", Some("PID101")),
    ("debian:12\nENTRYPOINT [\"tini\", \"--\"]\nCMD app\n", Some("PID113")),
    ("debian:12\nCMD service nginx start && tail -f /var/log/nginx/access.log\n", Some("PID107")),
    ("debian:12\nCMD [\"sh\", \"-c\", \"a & b & wait\"]\n", Some("PID108")),
    ("nginx:1.27\nSTOPSIGNAL SIGTERM\n", Some("PID112")),
    ("node:22\nCMD [\"node\", \"server.js\"]\n", Some("PID110")),
    (
        "node:22\nHEALTHCHECK CMD curl -f localhost | grep ok\nCMD [\"node\", \"a\"]\n",
        Some("PID120"),
    ),
    ("python:3.12\nCMD [\"supervisord\", \"-n\"]\n", None),
    ("python:3.12\nCMD [\"uv\", \"run\", \"gunicorn\", \"app:app\"]\n", None),
];

#[test]
fn every_mistake_of_the_survey_is_found_and_the_controls_are_quiet() {
    let options = Options { config: Config::default(), level: Severity::Info };
    let mut files: Vec<(String, Option<&str>)> =
        SURVEY.iter().map(|(text, rule)| (format!("FROM {text}"), *rule)).collect();
    files.push((HEREDOC.to_owned(), Some("PID201")));
    assert_eq!(files.len(), 18);
    for (text, rule) in files {
        let bytes = text.clone().into_bytes();
        let outcome = lint::text("Dockerfile", bytes, Some(Kind::Dockerfile), &options);
        let found = |code| outcome.findings.iter().any(|finding| finding.rule.code == code);
        match rule {
            Some(code) => assert!(found(code), "{code} is not found in\n{text}"),
            None => {
                assert!(outcome.findings.iter().all(|f| f.severity == Severity::Info), "{text}")
            }
        }
        assert!(outcome.problems.is_empty(), "{text}");
    }
}
