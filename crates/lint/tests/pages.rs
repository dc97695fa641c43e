//! The pages are the tests: what a rule's *Example* shows is found by it, and what stands under
//! *Use instead* is clean.

use sexton_lint::config::Config;
use sexton_lint::finding::Severity;
use sexton_lint::kind::Kind;
use sexton_lint::lint::{self, Options, Outcome};
use sexton_lint::page::{self, Block};
use sexton_lint::rules::{RULES, Rule};

fn lint(block: &Block) -> Outcome {
    let kind = match block.language.as_str() {
        "dockerfile" => Some(Kind::Dockerfile),
        "sh" => Some(Kind::Script),
        "yaml" => None,
        other => panic!("a block of {other:?}, which is not one of ours"),
    };
    let options = Options { config: Config::default(), level: Severity::Info };
    lint::text("page", block.text.clone().into_bytes(), kind, &options)
}

fn blocks(rule: &Rule, section: &str) -> Vec<Block> {
    page::blocks(rule.page).into_iter().filter(|block| block.section == section).collect()
}

fn told(outcome: &Outcome) -> String {
    let findings = outcome.findings.iter().map(|f| format!("{} {}", f.rule.code, f.what));
    let problems = outcome.problems.iter().map(|problem| problem.words.clone());
    findings.chain(problems).collect::<Vec<_>>().join("\n  ")
}

#[test]
fn every_example_is_found_by_its_rule() {
    let mut failures = Vec::new();
    for rule in RULES {
        let examples = blocks(rule, "Example");
        assert!(!examples.is_empty(), "{}: no example", rule.code);
        for block in examples {
            let outcome = lint(&block);
            let found = outcome.findings.iter().any(|finding| finding.rule.code == rule.code);
            if !found || !outcome.problems.is_empty() {
                failures.push(format!("{}:\n{}  {}", rule.code, block.text, told(&outcome)));
            }
        }
    }
    assert!(failures.is_empty(), "not found:\n\n{}", failures.join("\n\n"));
}

#[test]
fn the_first_example_has_the_rules_own_severity() {
    for rule in RULES {
        let outcome = lint(&blocks(rule, "Example")[0]);
        let mut own = outcome.findings.iter().filter(|finding| finding.rule.code == rule.code);
        assert!(own.any(|finding| finding.severity == rule.severity), "{}", rule.code);
    }
}

#[test]
fn what_is_to_be_used_instead_is_clean() {
    let mut failures = Vec::new();
    for rule in RULES {
        let good = blocks(rule, "Use instead");
        assert!(!good.is_empty(), "{}: nothing to use instead", rule.code);
        for block in good {
            let outcome = lint(&block);
            let bad = outcome
                .findings
                .iter()
                .any(|finding| finding.rule.code == rule.code || finding.severity > Severity::Info);
            if bad || !outcome.problems.is_empty() {
                failures.push(format!("{}:\n{}  {}", rule.code, block.text, told(&outcome)));
            }
        }
    }
    assert!(failures.is_empty(), "not clean:\n\n{}", failures.join("\n\n"));
}

#[test]
fn every_page_has_its_parts_in_their_order() {
    let parts = ["## What it does", "## Why", "## Example", "## Use instead", "## References"];
    for rule in RULES {
        let title = format!("# {} {}: ", rule.code, rule.name);
        assert!(rule.page.starts_with(&title), "{}: begins with {:?}", rule.code, title);
        let places: Vec<_> = parts.iter().map(|part| rule.page.find(part)).collect();
        assert!(places.iter().all(Option::is_some), "{}: {places:?}", rule.code);
        assert!(places.is_sorted(), "{}: {places:?}", rule.code);
    }
}
