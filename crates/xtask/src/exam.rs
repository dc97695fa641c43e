//! `cargo xtask exam`: the same questions for ours under each of its names and for the originals,
//! in one run, and a table of the answers. The questions are `sexton_testkit::trials`;
//! `tests/not_copied` asserts what is printed here.

mod table;

use crate::generate;
use crate::tools::{self, Failure, Result};
use serde_json::Value;
use sexton_testkit::trials::TRIALS;
use std::io::{BufRead, BufReader, IsTerminal};
use std::process::Stdio;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// For programs.
    json: bool,
    /// Into the documentation, too.
    write: bool,
}

impl Options {
    pub fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options = Options::default();
        while let Some(arg) = args.next()? {
            match arg {
                lexopt::Arg::Long("json") => options.json = true,
                lexopt::Arg::Long("write") => options.write = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Who was asked: a column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// By which name.
    pub door: &'static str,
    /// `ours` or `original`.
    pub whose: &'static str,
}

const fn ours(door: &'static str) -> Candidate {
    Candidate { door, whose: "ours" }
}

const fn original(door: &'static str) -> Candidate {
    Candidate { door, whose: "original" }
}

/// All of them.
pub const CANDIDATES: [Candidate; 7] = [
    ours("sexton-init"),
    ours("tini"),
    ours("dumb-init"),
    ours("catatonit"),
    original("tini"),
    original("dumb-init"),
    original("catatonit"),
];

/// What one candidate answers to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `right`, `wrong`, `kept` (wrong as the original is, on purpose), `none` (it has no such
    /// thing) or `unasked`.
    pub kind: String,
    /// What it does instead, or why it was not asked.
    pub words: String,
}

/// The answers to one question, one for each candidate; `None` if it is not installed.
pub struct Row {
    /// What is right.
    pub right: &'static str,
    pub answers: Vec<Option<Answer>>,
}

/// The page with the table, and its mark in there.
const PAGE: &str = "docs/reliability.md";
const MARK: &str = "exam";

/// Asks, prints, writes, and fails if ours does wrong.
pub fn run(options: Options) -> Result {
    let lines = tools::timed(&format!("{} questions for each init", TRIALS.len()), examine)?;
    let rows = rows(&lines);
    match options.json {
        true => lines.iter().for_each(|line| println!("{line}")),
        false => table::print(&rows),
    }
    if options.write {
        write(&rows)?;
    }
    let wrong = rows.iter().flat_map(|row| row.answers.iter().zip(CANDIDATES));
    let wrong = wrong.filter(|(answer, candidate)| {
        candidate.whose == "ours" && answer.as_ref().is_none_or(|answer| answer.kind == "wrong")
    });
    match wrong.count() {
        0 => Ok(()),
        count => Err(Failure::new(format_args!("exam: ours does wrong {count} times"))),
    }
}

/// Builds all that takes part, and hears the answers.
fn examine() -> Result<Vec<Value>> {
    let probe = ["--bin", "probe", "-p", "sexton-testkit"];
    tools::output(tools::cargo().args(["build", "-q", "--release", "-p", "sexton-init"]))?;
    tools::output(tools::cargo().args(["build", "-q", "--release"]).args(probe))?;
    let release = tools::target_dir()?.join("release");
    let mut examiner = tools::cargo();
    examiner
        .args(["run", "-q", "--profile", "sim", "-p", "sexton-testkit", "--bin", "examiner"])
        .env("INIT_UNDER_TEST", release.join("sexton-init"))
        .env("SEXTON_PROBE", release.join("probe"))
        .env("SEXTON_PATIENCE", "10")
        .stdout(Stdio::piped());
    let mut examiner = examiner.spawn().map_err(Failure::new)?;
    let mut lines = Vec::new();
    let mut last = String::new();
    for line in BufReader::new(examiner.stdout.take().expect("a pipe")).lines() {
        let line: Value = serde_json::from_str(&line.map_err(Failure::new)?)
            .map_err(|error| Failure::new(format_args!("the examiner: {error}")))?;
        if line["trial"] != last.as_str() {
            last = line["trial"].as_str().unwrap_or_default().to_owned();
            show_progress(&last);
        }
        lines.push(line);
    }
    show_progress("");
    match examiner.wait() {
        Ok(status) if status.success() => Ok(lines),
        Ok(status) => Err(Failure::new(format_args!("the examiner: {status}"))),
        Err(error) => Err(Failure::new(error)),
    }
}

/// Which question is being asked, for who looks on.
fn show_progress(name: &str) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    match TRIALS.iter().position(|trial| trial.name == name) {
        Some(place) => eprint!("\r\x1b[K    {} of {}: {name}", place + 1, TRIALS.len()),
        None => eprint!("\r\x1b[K"),
    }
}

fn rows(lines: &[Value]) -> Vec<Row> {
    let answer = |trial: &str, candidate: Candidate| {
        let line = lines.iter().find(|line| {
            line["trial"] == trial
                && line["door"] == candidate.door
                && line["whose"] == candidate.whose
        })?;
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        Some(Answer { kind: text("answer"), words: text("words") })
    };
    let row = |trial: &sexton_testkit::trials::Trial| Row {
        right: trial.right,
        answers: CANDIDATES.map(|candidate| answer(trial.name, candidate)).to_vec(),
    };
    TRIALS.iter().map(row).collect()
}

/// Only a whole table is worth keeping.
fn write(rows: &[Row]) -> Result {
    let whole = |answer: &Option<Answer>| answer.as_ref().is_some_and(|one| one.kind != "unasked");
    if !rows.iter().flat_map(|row| &row.answers).all(whole) {
        return Err(Failure::new(
            "--write wants all answers: as root, with what `cargo xtask test --full` installs",
        ));
    }
    let path = tools::root().join(PAGE);
    let page = generate::replace(&tools::read(&path)?, MARK, &table::markdown(rows));
    let page = page.map_err(|words| Failure::new(format_args!("{PAGE}: {words}")))?;
    std::fs::write(&path, page).map_err(|error| Failure::new(format_args!("{PAGE}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_options_may_be_given_and_no_others() {
        let parse = |args: &[&str]| Options::parse(lexopt::Parser::from_args(args));
        assert_eq!(parse(&["--json", "--write"]).unwrap(), Options { json: true, write: true });
        assert!(parse(&["--full"]).is_err());
    }

    #[test]
    fn an_answer_finds_its_row_and_its_column() {
        let (first, last) = (TRIALS[0].name, TRIALS[TRIALS.len() - 1].name);
        let line = |trial: &str, door: &str, whose: &str| {
            let answer = "wrong";
            json!({ "trial": trial, "door": door, "whose": whose, "answer": answer, "words": "" })
        };
        let rows = rows(&[line(first, "tini", "original"), line(last, "tini", "ours")]);
        let there = |row: &Row| row.answers.iter().position(Option::is_some);
        assert_eq!(there(&rows[0]), Some(4));
        assert_eq!(there(&rows[rows.len() - 1]), Some(1));
        assert_eq!(rows.iter().filter_map(there).count(), 2);
    }

    #[test]
    fn a_table_with_gaps_is_not_written() {
        let failure = write(&rows(&[])).expect_err("nobody was asked");
        assert!(failure.words.contains("--full"), "{}", failure.words);
    }
}
