//! `cargo xtask tidy`: house rules that neither rustfmt nor clippy knows.
//!
//! It reads text, not syntax: a rule that needs more than lines does not belong here.

use crate::tools::{self, Failure, Result};
use std::path::Path;

mod edge_cases;
mod invariants;

const LINE_MAX: usize = 100;
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

/// A file's place under the root, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Says all that is wrong, then fails if anything is.
pub fn run() -> Result {
    let sources = sources()?;
    let mut findings: Vec<String> = sources.iter().flat_map(check).collect();
    match tools::read(&tools::root().join("ARCHITECTURE.md")) {
        Ok(architecture) => findings.extend(invariants::check(&architecture, &sources)),
        Err(failure) => findings.push(failure.words),
    }
    match tools::read(&tools::root().join(edge_cases::PAGE)) {
        Ok(page) => findings.extend(edge_cases::check(&page, &sources)),
        Err(failure) => findings.push(failure.words),
    }
    for finding in &findings {
        anstream::println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => Err(Failure::new(format_args!("tidy: {count} to put right"))),
    }
}

/// Every Rust file of the workspace.
fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for place in ["build.rs", "src", "tests", "crates"] {
        collect(&tools::root().join(place), &mut sources)?;
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn collect(place: &Path, sources: &mut Vec<Source>) -> Result {
    if place.is_dir() {
        let folder = std::fs::read_dir(place)
            .map_err(|error| Failure::new(format_args!("{}: {error}", place.display())))?;
        for entry in folder.flatten().filter(|entry| entry.file_name() != "target") {
            collect(&entry.path(), sources)?;
        }
    } else if place.extension().is_some_and(|extension| extension == "rs") {
        let path = place.strip_prefix(tools::root()).unwrap_or(place).display().to_string();
        sources.push(Source { path, text: tools::read(place)? });
    }
    Ok(())
}

/// What is wrong with one file, each with `path:line`.
fn check(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut found: Vec<(usize, String)> = Vec::new();
    if lines.len() > FILE_LINES_MAX {
        found.push((lines.len(), format!("more than {FILE_LINES_MAX} lines in one file")));
    }
    for (index, line) in lines.iter().enumerate() {
        if line.chars().count() > LINE_MAX {
            found.push((index, format!("longer than {LINE_MAX} characters")));
        }
        found.extend(banned(line).map(|words| (index, words)));
        if lacks_reason(&lines[index..]) {
            found.push((index, "an expect or allow without a reason".to_owned()));
        }
        match function_length(&lines[index..]) {
            Some(length) if length > FUNCTION_LINES_MAX => found.push((
                index,
                format!("a function of {length} lines; {FUNCTION_LINES_MAX} is the limit"),
            )),
            _ => {}
        }
    }
    let place = |(index, words)| format!("{}:{}: {words}", source.path, index + 1);
    found.into_iter().map(place).collect()
}

/// Put together here, so that this file may stand in its own net.
fn banned(line: &str) -> Option<String> {
    let never =
        [concat!("FIX", "ME"), concat!("db", "g!("), concat!("to", "do!("), concat!("XX", "X")];
    if let Some(word) = never.iter().find(|word| line.contains(**word)) {
        return Some(format!("{word} does not land"));
    }
    let promise = concat!("TO", "DO");
    (line.contains(promise) && !line.contains("https://"))
        .then(|| format!("a {promise} carries the link of an issue"))
}

/// Whether an attribute that silences a lint begins on the first of these lines, giving no reason.
fn lacks_reason(lines: &[&str]) -> bool {
    let start = lines[0].trim_start();
    let silences = ["#[expect(", "#[allow(", "#![expect(", "#![allow("];
    if !silences.iter().any(|attribute| start.starts_with(attribute)) {
        return false;
    }
    let end = lines.iter().position(|line| line.contains(")]")).unwrap_or(lines.len() - 1);
    !lines[..=end].iter().any(|line| line.contains("reason = \""))
}

/// How many lines the function takes that begins on the first of these, if one does. It ends
/// where rustfmt puts its brace: alone, below its first letter.
fn function_length(lines: &[&str]) -> Option<usize> {
    let first = lines[0];
    let code = first.trim_start();
    let before = code.split("fn ").next().filter(|before| before.len() < code.len())?;
    let qualifiers = ["pub", "const", "unsafe", "extern", "\"C\"", "async"];
    let is_qualifier =
        |word: &str| word.starts_with("pub(") || word.ends_with(')') || qualifiers.contains(&word);
    if !before.split_whitespace().all(is_qualifier) || first.ends_with(';') {
        return None;
    }
    let end = format!("{}}}", " ".repeat(first.len() - code.len()));
    lines.iter().position(|line| *line == end).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(text: &str) -> Vec<String> {
        check(&Source { path: "a.rs".to_owned(), text: text.to_owned() })
    }

    #[track_caller]
    fn finds(text: &str, words: &str) {
        let found = findings(text);
        assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
    }

    #[test]
    fn a_line_over_the_limit_is_found_and_one_at_the_limit_is_not() {
        assert!(findings(&"é".repeat(LINE_MAX)).is_empty());
        finds(&"x".repeat(LINE_MAX + 1), "a.rs:1: longer than");
    }

    #[test]
    fn a_file_over_the_limit_is_found() {
        assert!(findings(&"\n".repeat(FILE_LINES_MAX)).is_empty());
        finds(&"\n".repeat(FILE_LINES_MAX + 1), "lines in one file");
    }

    #[test]
    fn a_function_over_the_limit_is_found_wherever_it_is_nested() {
        let body = "    work();\n".repeat(FUNCTION_LINES_MAX - 2);
        assert!(findings(&format!("fn short() {{\n{body}}}\n")).is_empty());
        finds(&format!("pub(crate) fn long() {{\n    work();\n{body}}}\n"), "a function of 71");
        finds(&format!("    unsafe fn long() {{\n{body}\n    }}\n"), "a function of 71");
    }

    #[test]
    fn words_that_do_not_land_are_found() {
        finds(concat!("// FIX", "ME: later"), "does not land");
        finds(concat!("    db", "g!(x);"), "does not land");
        finds(concat!("// TO", "DO: later"), "the link of an issue");
        assert!(findings(concat!("// TO", "DO: https://example.org/issues/1")).is_empty());
    }

    #[test]
    fn a_silenced_lint_needs_a_reason_on_any_of_its_lines() {
        finds("#[expect(dead_code)]\nfn f();", "without a reason");
        finds("#![allow(dead_code)]", "without a reason");
        assert!(findings("#[expect(dead_code, reason = \"read by gdb\")]").is_empty());
        assert!(findings("#[expect(\n    dead_code,\n    reason = \"gdb\"\n)]").is_empty());
    }
}
