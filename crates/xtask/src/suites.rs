//! Test programs that run elsewhere than here: built, counted, and with what is left out of them.

use crate::tools::{self, Failure, Result, root};
use std::path::PathBuf;
use std::process::Command;

/// A test program of which something runs elsewhere.
pub struct Suite {
    pub name: &'static str,
    /// Tests in it that do not, and why.
    pub left_out: &'static [LeftOut],
}

/// Tests with one of these words in their name, and why they are left out.
pub type LeftOut = (&'static [&'static str], &'static str);

impl Suite {
    /// With nothing left out.
    pub const fn whole(name: &'static str) -> Suite {
        Suite { name, left_out: &[] }
    }

    fn words_left_out(&self) -> impl Iterator<Item = &'static str> {
        self.left_out.iter().flat_map(|(words, _)| words.iter().copied())
    }
}

/// A test program as it is run.
#[derive(Debug)]
pub struct Run {
    pub name: &'static str,
    pub executable: PathBuf,
    pub words: Vec<String>,
    /// How many tests have to answer.
    pub tests: usize,
    /// How many are left out.
    pub left_out: usize,
}

/// Builds them, and asks each what it has. With a filter only those that have something.
pub fn runs(suites: &[Suite], filter: Option<&str>) -> Result<Vec<Run>> {
    let mut build = tools::cargo();
    // The whole workspace, as in `cargo xtask test`: another choice of packages would be another
    // choice of features, and all would be built twice.
    build.args(["test", "--no-run", "--workspace", "--quiet", "--message-format=json"]);
    build.args(suites.iter().map(|suite| format!("--test={}", suite.name)));
    let messages = tools::timed("build the tests", || tools::output(&mut build))?;
    let mut runs = Vec::new();
    for suite in suites {
        let executable = executable_of(suite.name, &messages)
            .ok_or_else(|| Failure::new(format_args!("cargo built no test {}", suite.name)))?;
        runs.push(run(suite, executable, filter)?);
    }
    runs.retain(|run| run.tests > 0);
    match runs.is_empty() {
        true => Err(Failure::usage("no test has that in its name")),
        false => Ok(runs),
    }
}

fn run(suite: &Suite, executable: PathBuf, filter: Option<&str>) -> Result<Run> {
    let filter: Vec<String> = filter.map(String::from).into_iter().collect();
    let list = |words: &[String]| -> Result<Vec<String>> {
        let mut list = Command::new(&executable);
        list.current_dir(root()).args(words).args(["--list", "--format", "terse"]);
        let text = tools::output(&mut list)?;
        Ok(text.lines().filter_map(|line| Some(line.strip_suffix(": test")?.into())).collect())
    };
    let all = list(&[])?;
    // Who was renamed would not be left out any more, or leave out nothing.
    if let Some(word) = suite.words_left_out().find(|w| !all.iter().any(|test| test.contains(w))) {
        return Err(Failure::new(format_args!("{} has no test {word} to leave out", suite.name)));
    }
    let mut words = filter.clone();
    words.extend(suite.words_left_out().map(|word| format!("--skip={word}")));
    let (asked, tests) = (list(&filter)?.len(), list(&words)?.len());
    Ok(Run { name: suite.name, executable, words, tests, left_out: asked - tests })
}

/// Where cargo says that it has put a test program.
fn executable_of(name: &str, messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str(line).ok());
    let mut artifacts = messages.filter(|message: &serde_json::Value| {
        message["target"]["name"] == name && message["target"]["kind"][0] == "test"
    });
    artifacts.find_map(|artifact| Some(PathBuf::from(artifact["executable"].as_str()?)))
}

/// Says what does not run, and why.
pub fn tell_left_out(suites: &[Suite], programs: &[(&str, &str)]) {
    for (name, why) in programs {
        anstream::println!("left out: {name}: {why}");
    }
    for suite in suites {
        for (words, why) in suite.left_out {
            words
                .iter()
                .for_each(|word| anstream::println!("left out: {} {word}: {why}", suite.name));
        }
    }
}

/// Every test program of the init has to be in one of two such lists, so that a new one is not
/// forgotten.
#[cfg(test)]
pub fn assert_complete(suites: &[Suite], left_out: &[(&str, &str)]) {
    let entries = std::fs::read_dir(root().join("tests")).unwrap();
    let names = entries.flatten().filter_map(|entry| {
        let path = entry.path();
        let is_one = path.join("main.rs").exists() || path.is_file();
        is_one.then(|| path.file_stem().unwrap().to_string_lossy().into_owned())
    });
    for name in names {
        let taken = suites.iter().filter(|suite| suite.name == name).count();
        let left_out = left_out.iter().filter(|(program, _)| *program == name).count();
        assert_eq!(taken + left_out, 1, "tests/{name}: in one of the two lists");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_the_one_of_the_test_and_not_of_another_target() {
        let messages = r#"{"target":{"kind":["lib"],"name":"log"},"executable":null}
not json
{"target":{"kind":["test"],"name":"logs"},"executable":"/t/logs-1"}
{"target":{"kind":["test"],"name":"log"},"executable":"/t/log-1"}"#;
        assert_eq!(executable_of("log", messages), Some(PathBuf::from("/t/log-1")));
        assert_eq!(executable_of("drain", messages), None);
    }

    #[test]
    fn a_test_to_be_left_out_that_is_not_there_is_told() {
        let own = std::env::current_exe().unwrap();
        let suite = Suite { name: "xtask", left_out: &[(&["no_such_test_anywhere"], "why")] };
        assert!(run(&suite, own.clone(), None).unwrap_err().words.contains("no_such_test"));
        let suite = Suite { name: "xtask", left_out: &[(&["suites::"], "why")] };
        let counted = run(&suite, own, Some("suites::tests::the_executable")).unwrap();
        assert_eq!((counted.tests, counted.left_out), (0, 1));
    }
}
