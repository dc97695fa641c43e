//! An invariant has a name, and the name stands in three places: in ARCHITECTURE.md's table, where
//! the code upholds it, and in a test that would fail without it.

use super::Source;
use std::collections::BTreeSet;

/// The words that mark a place, before the name and the closing parenthesis.
const MARK: &str = concat!("INVAR", "IANT(");

/// What is missing where.
pub fn check(architecture: &str, sources: &[Source]) -> Vec<String> {
    let table = table(architecture);
    let mut code = BTreeSet::new();
    let mut tests = BTreeSet::new();
    for source in sources {
        let (upheld, tested) = marks(source);
        code.extend(upheld);
        tests.extend(tested);
    }
    let mut findings = Vec::new();
    for name in &table {
        if !code.contains(name) {
            findings.push(format!("ARCHITECTURE.md: no code upholds {MARK}{name})"));
        }
    }
    for name in code.union(&tests).filter(|name| !table.contains(*name)) {
        findings.push(format!("{MARK}{name}): not in ARCHITECTURE.md's table of invariants"));
    }
    for name in table.union(&code).filter(|name| !tests.contains(*name)) {
        findings.push(format!("{MARK}{name}): in no test"));
    }
    findings
}

/// The first column of the table under the heading that has "invariant" in it.
fn table(architecture: &str) -> BTreeSet<String> {
    let is_heading = |line: &&str| line.starts_with('#');
    architecture
        .lines()
        .skip_while(|line| !(is_heading(line) && line.to_lowercase().contains("invariant")))
        .skip(1)
        .take_while(|line| !is_heading(line))
        .skip_while(|line| !line.starts_with("|--"))
        .skip(1)
        .filter_map(|line| line.strip_prefix('|')?.split_once('|'))
        .map(|(name, _)| name.trim().trim_matches('`').to_owned())
        .collect()
}

/// The names marked in code, and those marked in tests: a test file, or all below `cfg(test)`.
fn marks(source: &Source) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut code, mut tests) = (BTreeSet::new(), BTreeSet::new());
    let mut in_tests = source.path.starts_with("tests/")
        || source.path.contains("/tests/")
        || source.path.ends_with("tests.rs");
    for line in source.text.lines() {
        in_tests |= line.starts_with("#[cfg(test)]");
        let names = line.split(MARK).skip(1).filter_map(|rest| rest.split_once(')'));
        let names = names.map(|(name, _)| name.to_owned());
        if in_tests { tests.extend(names) } else { code.extend(names) }
    }
    (code, tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# Invariants\n\n| name | what |\n|---|---|\n| reap-all | always |\n";

    fn source(path: &str, text: String) -> Source {
        Source { path: path.to_owned(), text }
    }

    fn findings(table: &str, code: &str, test: &str) -> Vec<String> {
        let mark = |name: &str| format!("// {MARK}{name}): why\n");
        let code = source("src/a.rs", if code.is_empty() { String::new() } else { mark(code) });
        let test = source("tests/a.rs", if test.is_empty() { String::new() } else { mark(test) });
        check(table, &[code, test])
    }

    #[test]
    fn a_name_in_all_three_places_is_in_order() {
        assert_eq!(findings(TABLE, "reap-all", "reap-all"), [""; 0]);
    }

    #[test]
    fn a_name_missing_in_one_place_is_found() {
        assert!(findings(TABLE, "", "reap-all")[0].contains("no code upholds"));
        assert!(findings(TABLE, "reap-all", "")[0].contains("in no test"));
        assert!(findings("# Invariants\n", "reap-all", "reap-all")[0].contains("not in ARCH"));
    }

    #[test]
    fn only_the_table_under_its_heading_counts_with_or_without_backquotes() {
        let others = "# A\n| x | y |\n|---|---|\n| z | z |\n";
        let both = format!("{others}{TABLE}| `mask` | first |\n{others}");
        assert_eq!(table(&both).into_iter().collect::<Vec<_>>(), ["mask", "reap-all"]);
    }

    #[test]
    fn a_mark_below_cfg_test_is_a_tests_mark() {
        let text = format!("// {MARK}a)\n#[cfg(test)]\nmod tests {{\n    // {MARK}b)\n}}\n");
        let (code, tests) = marks(&source("src/a.rs", text));
        assert_eq!((code.len(), tests.len()), (1, 1));
        assert!(code.contains("a") && tests.contains("b"));
    }
}
