//! `cargo xtask test`: everything this machine permits, and a list of what it did not.
//!
//! A test that cannot run appends `SKIPPED name: reason` to the file named by `SEXTON_SKIPS`, so
//! that no skip is lost among the lines of the tests that ran.

use crate::tools::{self, Failure, Result};
use crate::{fuzz, kernels, packages, tools::root};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Install what is missing, and take a skipped test for a failed one.
    pub full: bool,
    /// Only tests with this in their name.
    pub filter: Option<OsString>,
}

impl Options {
    pub fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options = Options { full: false, filter: None };
        while let Some(arg) = args.next()? {
            match arg {
                lexopt::Arg::Long("full") => options.full = true,
                lexopt::Arg::Value(word) if options.filter.is_none() => options.filter = Some(word),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }
}

/// Builds the programs under test and runs every test of the workspace.
pub fn run(options: Options) -> Result {
    if options.full {
        packages::install_missing()?;
    }
    build()?;
    let skips = tempfile::NamedTempFile::new()
        .map_err(|error| Failure::new(format_args!("no temporary file for the skips: {error}")))?;
    let tests = cargo_test(&options, skips.path());
    let originals = originals(&options, skips.path());
    let kernels = kernels(&options, skips.path());
    let skipped = report_skips(&tools::read(skips.path())?);
    tests.and(originals).and(kernels)?;
    if options.full && options.filter.is_none() {
        tools::timed("fuzz", || fuzz::run(&fuzz::Options::SHORT))?;
    }
    match skipped {
        0 => anstream::println!("nothing skipped"),
        _ if options.full => {
            return Err(Failure::new(format_args!("{skipped} skipped; --full permits no skip")));
        }
        _ => anstream::println!("{skipped} skipped"),
    }
    Ok(())
}

/// The init and the probe as they are released: another profile is another program.
fn build() -> Result {
    let mut init = tools::cargo();
    init.args(["build", "--release", "-p", "sexton-init", "-p", "sexton"]);
    tools::step("build sexton-init and sexton", &mut init)?;
    let mut probe = tools::cargo();
    probe.args(["build", "--release", "-p", "sexton-testkit", "--bin", "probe"]);
    tools::step("build the probe", &mut probe)
}

fn cargo_test(options: &Options, skips: &Path) -> Result {
    let mut test = test_command(options, skips)?;
    test.args(["--workspace", "--no-fail-fast"]);
    run_with_filter(options, "cargo test --workspace", &mut test)
}

/// The programs whose names ours may be called by: the suite that each sits, too.
const ORIGINALS: &[(&str, &str, &str)] = &[
    ("tini", "compat_tini", "TINI_UNDER_TEST"),
    ("tini-static", "compat_tini", "TINI_UNDER_TEST"),
    ("dumb-init", "compat_dumb_init", "DUMB_INIT_UNDER_TEST"),
    ("catatonit", "compat_catatonit", "CATATONIT_UNDER_TEST"),
];

/// What ours is measured by sits the same exam: a suite that its original fails says nothing.
fn originals(options: &Options, skips: &Path) -> Result {
    let mut outcome = Ok(());
    for (original, suite, variable) in ORIGINALS {
        let name = format!("{suite} by {original}");
        let Some(path) = tools::find_program(original) else {
            append(skips, &format!("SKIPPED {name}: {original} is not installed\n"))?;
            continue;
        };
        let mut test = test_command(options, skips)?;
        test.args(["--workspace", "--test", suite]).env(variable, path);
        outcome = outcome.and(run_with_filter(options, &name, &mut test));
    }
    outcome
}

/// The same on other kernels, which are loaded from a mirror: not without being asked.
fn kernels(options: &Options, skips: &Path) -> Result {
    match (options.full, &options.filter) {
        (true, None) => {
            let skipped = kernels::matrix(&kernels::Options::default())?;
            skipped.iter().try_for_each(|line| append(skips, &format!("{line}\n")))
        }
        (false, None) => append(skips, "SKIPPED other kernels: `cargo xtask kernels` or --full\n"),
        (_, Some(_)) => Ok(()),
    }
}

fn append(file: &Path, line: &str) -> Result {
    use std::io::Write;
    let opened = std::fs::OpenOptions::new().append(true).open(file);
    opened.and_then(|mut file| file.write_all(line.as_bytes())).map_err(Failure::new)
}

/// `cargo test` on the released programs.
fn test_command(options: &Options, skips: &Path) -> Result<Command> {
    let release = tools::target_dir()?.join("release");
    let mut test = tools::cargo();
    test.current_dir(root())
        .arg("test")
        .env("INIT_UNDER_TEST", release.join("sexton-init"))
        .env("SEXTON_INIT", release.join("sexton-init"))
        .env("SEXTON_PROBE", release.join("probe"))
        .env("SEXTON_SKIPS", skips);
    match options.full {
        true => test.env("SEXTON_FULL", "1"),
        false => test.env_remove("SEXTON_FULL"),
    };
    Ok(test)
}

fn run_with_filter(options: &Options, name: &str, test: &mut Command) -> Result {
    if let Some(filter) = &options.filter {
        test.arg("--").arg(filter);
    }
    tools::step(name, test)
}

/// Prints what was skipped, and says how many.
fn report_skips(skips: &str) -> usize {
    let lines: Vec<&str> = skips.lines().filter(|line| !line.trim().is_empty()).collect();
    for line in &lines {
        anstream::println!("{line}");
    }
    lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options> {
        Options::parse(lexopt::Parser::from_args(args))
    }

    #[test]
    fn full_and_a_filter_are_understood_in_any_order() {
        let expected = Options { full: true, filter: Some("nginx".into()) };
        assert_eq!(parse(&["--full", "nginx"]).unwrap(), expected);
        assert_eq!(parse(&["nginx", "--full"]).unwrap(), expected);
    }

    #[test]
    fn an_unknown_option_is_refused_by_name() {
        assert!(parse(&["--ful"]).unwrap_err().words.contains("--ful"));
    }

    #[test]
    fn every_skip_counts_and_blank_lines_do_not() {
        assert_eq!(report_skips("SKIPPED a: no root\n\nSKIPPED b: no nginx\n"), 2);
        assert_eq!(report_skips(""), 0);
    }
}
