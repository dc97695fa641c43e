//! `cargo xtask bench`: the numbers we promise, measured beside the inits that Debian has.
//!
//! All inits are measured in turns within one run, so that what else the machine does falls on
//! all of them alike. The promises are [`report::TARGETS`].

mod calls;
mod report;
mod rest;
mod startup;

use crate::tools::{self, Failure, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What was asked for.
pub struct Options {
    /// Fewer rounds: good enough to see that nothing is broken.
    pub quick: bool,
    /// For programs.
    pub json: bool,
}

impl Options {
    pub fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options = Options { quick: false, json: false };
        while let Some(arg) = args.next()? {
            match arg {
                lexopt::Arg::Long("quick") => options.quick = true,
                lexopt::Arg::Long("json") => options.json = true,
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// An init that is here, and what was measured of it.
pub struct Subject {
    pub name: &'static str,
    path: PathBuf,
    pub file_bytes: u64,
    pub memory: rest::Memory,
    pub wakeups_per_minute: f64,
    /// Median of the differences to the bare command in the same round.
    pub startup_added_us: f64,
    pub calls: Option<calls::Counts>,
}

/// Measures, prints, and fails if a promise of ours is broken.
pub fn run(options: Options) -> Result {
    sexton_pidns::access().map_err(Failure::usage)?;
    let mut release = tools::cargo();
    tools::step("build", release.args(["build", "--release", "-p", "sexton-init"]))?;
    let folder = tempfile::tempdir().map_err(Failure::new)?;
    let tiny = compile_tiny(folder.path())?;
    let (mut subjects, missing) = subjects()?;

    let starts = if options.quick { 5 } else { 20 };
    tools::timed(&format!("memory as PID 1, at rest: median of {starts} starts"), || {
        rest::memory(&mut subjects, &tiny, starts)
    })?;
    let seconds = if options.quick { 5 } else { 20 };
    tools::timed(&format!("wake-ups at rest, {seconds} s, all at once"), || {
        rest::wakeups(&mut subjects, &tiny, seconds)
    })?;
    let rounds = if options.quick { 200 } else { 2000 };
    let bare_us = tools::timed(&format!("start-up, {rounds} rounds on one CPU"), || {
        startup::measure(&mut subjects, &tiny, rounds)
    })?;
    tools::timed("system calls before the command's exec", || {
        calls::count(&mut subjects, &tiny, folder.path())
    })?;

    let verdicts = report::judge(&subjects);
    match options.json {
        true => report::json(&subjects, bare_us, &missing, &verdicts),
        false => report::tables(&subjects, bare_us, &missing, &verdicts),
    }
    match verdicts.iter().filter(|verdict| !verdict.kept()).count() {
        0 => Ok(()),
        count => Err(Failure::new(format_args!("bench: {count} targets missed"))),
    }
}

/// Ours first, then those that are installed; and the names of those that are not.
fn subjects() -> Result<(Vec<Subject>, Vec<&'static str>)> {
    let ours = tools::target_dir()?.join("release/sexton-init");
    let mut subjects = vec![Subject::new("sexton-init", ours)?];
    let mut missing = Vec::new();
    for name in ["tini", "tini-static", "dumb-init", "catatonit"] {
        match tools::find_program(name) {
            Some(path) => subjects.push(Subject::new(name, path)?),
            None => missing.push(name),
        }
    }
    Ok((subjects, missing))
}

impl Subject {
    fn new(name: &'static str, path: PathBuf) -> Result<Subject> {
        let fail = |error| Failure::new(format_args!("{}: {error}", path.display()));
        let file = std::fs::File::open(&path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        // Until a file just built is on disk, its pages would count as dirtied by who runs it.
        file.sync_all().map_err(fail)?;
        Ok(Subject {
            name,
            path,
            file_bytes: metadata.len(),
            memory: rest::Memory::default(),
            wakeups_per_minute: 0.0,
            startup_added_us: 0.0,
            calls: None,
        })
    }
}

/// A command that costs next to nothing itself, or the inits' differences drown in it.
fn compile_tiny(folder: &Path) -> Result<PathBuf> {
    let source = tools::root().join("crates/xtask/assets/tiny.rs");
    let program = folder.join("tiny");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "-Copt-level=z", "-Cpanic=abort", "-Cstrip=symbols"]);
    for flag in ["-nostartfiles", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none"] {
        rustc.arg(format!("-Clink-arg={flag}"));
    }
    tools::output(rustc.arg("-o").arg(&program).arg(source).current_dir(folder))?;
    Ok(program)
}

/// Of an odd number the middle, of an even number the mean of the two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[odd / 2],
        even => f64::midpoint(values[even / 2 - 1], values[even / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_no_single_outlier_moves_it() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![1.0, 2.0, 3.0, 1e9]) - 2.5).abs() < 1e-9);
        assert!(median(Vec::new()).is_nan());
    }
}
