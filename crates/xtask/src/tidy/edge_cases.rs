//! docs/edge-cases.md against the tests: no case is missing, and each is tried by a test that is
//! there, held by a chore that is there, or has a reason why it cannot be tried.
//!
//! A case is an item of a numbered list. Its last lines begin with `Tests:`, followed by files and
//! the functions in them, with `Gate:`, followed by a chore, or with `No test:` and the reason.

use super::Source;

/// Where they stand.
pub const PAGE: &str = "docs/edge-cases.md";

/// How many there are at least.
const COUNT: usize = 136;

/// One case: the number it is given, and its lines.
struct Case<'p> {
    number: usize,
    lines: Vec<&'p str>,
}

/// All that is wrong with the page.
pub fn check(page: &str, sources: &[Source]) -> Vec<String> {
    let cases = cases(page);
    let mut findings = Vec::new();
    let numbers: Vec<usize> = cases.iter().map(|case| case.number).collect();
    let wanted = 1..=numbers.iter().copied().max().unwrap_or(0).max(COUNT);
    if !numbers.iter().copied().eq(wanted.clone()) {
        let missing = wanted.into_iter().find(|number| !numbers.contains(number));
        let words = missing.map_or("a number is there twice, or out of order".into(), |number| {
            format!("no case {number}")
        });
        findings.push(words);
    }
    for case in &cases {
        let wrong = case.wrong(sources);
        findings.extend(wrong.into_iter().map(|words| format!("case {}: {words}", case.number)));
    }
    findings.into_iter().map(|words| format!("{PAGE}: {words}")).collect()
}

fn cases(page: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        let number = line.split_once(". ").and_then(|(number, _)| number.parse().ok());
        if let Some(number) = number {
            cases.push(Case { number, lines: Vec::new() });
            inside = true;
        }
        inside &= !line.trim().is_empty();
        if let Some(case) = cases.last_mut().filter(|_| inside) {
            case.lines.push(line.trim());
        }
    }
    cases
}

impl Case<'_> {
    fn wrong(&self, sources: &[Source]) -> Vec<String> {
        let begins = |mark: &str| self.lines.iter().position(|line| line.starts_with(mark));
        let (tests, gate, none) = (begins("Tests: "), begins("Gate: "), begins("No test: "));
        match (tests, gate, none) {
            (Some(at), None, None) => tests_missing(&self.lines[at..].join(" "), sources),
            (None, Some(at), None) => gate_missing(self.lines[at], sources),
            (None, None, Some(_)) => Vec::new(),
            _ => vec!["not one of `Tests:`, `Gate:` and `No test:`".to_owned()],
        }
    }
}

/// What stands in backquotes.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn tests_missing(line: &str, sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut file = None;
    let mut count = 0;
    for word in quoted(line) {
        if word.ends_with(".rs") {
            file = sources.iter().find(|source| source.path == word);
            if file.is_none() {
                findings.push(format!("no file {word}"));
            }
            continue;
        }
        count += 1;
        if file.is_some_and(|file| !has_test(&file.text, word)) {
            findings.push(format!("no test {word} in {}", file.map_or("", |file| &file.path)));
        }
    }
    if count == 0 {
        findings.push("no test is named".to_owned());
    }
    findings
}

/// Whether this is a function with the attribute of a test above it, attributes and comments aside.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begins = format!("fn {name}(");
    let Some(at) = lines.iter().position(|line| line.starts_with(&begins)) else { return false };
    let above = lines[..at].iter().rev();
    let mut above = above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    above.any(|line| *line == "#[test]")
}

fn gate_missing(line: &str, sources: &[Source]) -> Vec<String> {
    let Some(chore) = quoted(line).find_map(|word| word.strip_prefix("cargo xtask ")) else {
        return vec!["no chore is named".to_owned()];
    };
    let chores = sources.iter().find(|source| source.path == "crates/xtask/src/main.rs");
    let is_there = chores.is_some_and(|list| list.text.contains(&format!("\"{chore}\" =>")));
    Vec::from_iter((!is_there).then(|| format!("no chore is called {chore}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Vec<Source> {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
        vec![
            source("tests/a.rs", "#[test]\nfn it_holds() {}\n\nfn helper() {}\n"),
            source("crates/xtask/src/main.rs", "match x { \"size\" => size::run() }\n"),
        ]
    }

    /// A page of all cases, with this in the place of the second one's last line.
    fn findings(second: &str) -> Vec<String> {
        let case = |number: usize| {
            let last = if number == 2 { second } else { "Tests: `tests/a.rs` `it_holds`" };
            format!("{number}. **A case.** Words.\n   {last}\n")
        };
        check(&(1..=COUNT).map(case).collect::<String>(), &sources())
    }

    #[test]
    fn a_test_a_chore_and_a_reason_are_each_enough() {
        for last in ["Tests: `tests/a.rs`\n   `it_holds`", "Gate: `cargo xtask size`", "No test: x"]
        {
            assert_eq!(findings(last), [""; 0], "{last}");
        }
    }

    #[test]
    fn what_is_not_there_is_found() {
        for (last, words) in [
            ("Tests: `tests/a.rs` `it_fails`", "case 2: no test it_fails in tests/a.rs"),
            ("Tests: `tests/a.rs` `helper`", "no test helper"),
            ("Tests: `tests/b.rs` `it_holds`", "no file tests/b.rs"),
            ("Tests: `tests/a.rs`", "no test is named"),
            ("Gate: `cargo xtask weigh`", "no chore is called weigh"),
            ("Nothing.", "not one of"),
        ] {
            let found = findings(last);
            assert!(found.len() == 1 && found[0].contains(words), "{last}: {found:?}");
        }
    }

    #[test]
    fn a_number_that_is_missing_or_there_twice_is_found() {
        let page = |numbers: &[usize]| -> String {
            numbers.iter().map(|number| format!("{number}. x\n   No test: y\n")).collect()
        };
        let all: Vec<usize> = (1..=COUNT).collect();
        assert!(check(&page(&all[1..]), &[])[0].contains("no case 1"));
        assert!(check(&page(&[&all[..], &[7]].concat()), &[])[0].contains("twice"));
        assert_eq!(check(&page(&all), &[]), [""; 0]);
        let one_more = [&all[..], &[COUNT + 1]].concat();
        assert_eq!(check(&page(&one_more), &[]), [""; 0], "it may grow");
        assert!(check(&page(&[&all[..], &[COUNT + 2]].concat()), &[])[0].contains("no case 137"));
    }
}
