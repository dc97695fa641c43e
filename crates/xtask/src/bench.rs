//! `cargo xtask bench`: the numbers we promise, measured beside the inits that Debian has.
//!
//! All inits are measured in turns within one run, so that what else the machine does falls on
//! all of them alike. The promises are [`targets::TARGETS`].

mod calls;
mod fair;
mod my_init;
mod orphans;
mod report;
mod rest;
mod startup;
mod targets;

use crate::inits;
use crate::tools::{self, Failure, Result};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

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
#[derive(Clone)]
pub struct Subject {
    pub name: &'static str,
    pub kind: Kind,
    path: PathBuf,
    pub file_bytes: u64,
    pub memory: rest::Memory,
    pub wakeups_per_minute: f64,
    pub startup: Option<startup::Added>,
    /// The init's own CPU time for each orphan it reaped, in µs: the median of the rounds.
    pub orphan_us: Option<f64>,
    pub calls: Option<calls::Counts>,
}

/// Whose an init is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Ours, by its own name. It is the first.
    Native,
    /// Ours, called by the name of another.
    Door,
    /// Ours, called `pause`: it starts nothing, so that half of it cannot be measured.
    Pause,
    /// Another.
    Peer,
}

/// Everything that was measured.
pub struct Results {
    pub subjects: Vec<Subject>,
    /// The start of the command without an init, in µs.
    pub bare_us: f64,
    /// Ours as my_init, and the original.
    pub my_init: my_init::MyInit,
    pub missing: Vec<&'static str>,
}

impl Results {
    /// Ours, by its own name.
    pub fn native(&self) -> &Subject {
        &self.subjects[0]
    }

    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Subject> {
        self.subjects.iter().filter(move |subject| subject.kind == kind)
    }
}

/// Measures, prints, and fails if a promise of ours is broken.
pub fn run(options: Options) -> Result {
    sexton_pidns::access().map_err(Failure::usage)?;
    let folder = tempfile::tempdir().map_err(Failure::new)?;
    let ours = inits::ours()?;
    let (mut subjects, missing) = subjects(&ours, folder.path())?;
    let probe = probe()?;
    let tiny = inits::compile_tiny(folder.path())?;

    let starts = if options.quick { 5 } else { 20 };
    tools::timed(&format!("memory as PID 1, at rest: median of {starts} starts"), || {
        rest::memory(&mut subjects, &tiny, starts)
    })?;
    let seconds = if options.quick { 5 } else { 20 };
    tools::timed(&format!("wake-ups at rest, {seconds} s, all at once"), || {
        rest::wakeups(&mut subjects, &tiny, seconds)
    })?;
    let rounds = if options.quick { 200 } else { 1000 };
    let bare_us = tools::timed(&format!("start-up, {rounds} rounds on one CPU"), || {
        startup::measure(&mut subjects, &tiny, rounds)
    })?;
    let (rounds, count) = if options.quick { (3, 500) } else { (7, 1000) };
    tools::timed(&format!("{count} orphans to reap, {rounds} rounds on one CPU"), || {
        orphans::measure(&mut subjects, &probe, rounds, count)
    })?;
    tools::timed("system calls before the command's exec", || {
        calls::count(&mut subjects, &tiny, folder.path())
    })?;

    let link = folder.path().join("my_init");
    symlink(&ours, &link).map_err(Failure::new)?;
    let rounds = if options.quick { 20 } else { 100 };
    let my_init = tools::timed(&format!("my_init, {rounds} rounds on one CPU"), || {
        my_init::measure(&link, &tiny, rounds, starts)
    })?;

    let results = Results { subjects, bare_us, my_init, missing };
    let verdicts = targets::judge(&results);
    match options.json {
        true => report::json(&results, &verdicts),
        false => report::tables(&results, &verdicts),
    }
    match verdicts.iter().filter(|verdict| !verdict.kept()).count() {
        0 => Ok(()),
        count => Err(Failure::new(format_args!("bench: {count} targets missed"))),
    }
}

/// Ours first, then under the names of others, then the others; and who is not installed.
fn subjects(ours: &Path, folder: &Path) -> Result<(Vec<Subject>, Vec<&'static str>)> {
    let mut subjects = vec![Subject::new("sexton-init", Kind::Native, ours.to_owned())?];
    for (name, kind) in [
        ("tini", Kind::Door),
        ("dumb-init", Kind::Door),
        ("catatonit", Kind::Door),
        ("pause", Kind::Pause),
    ] {
        let link = folder.join(name);
        symlink(ours, &link).map_err(Failure::new)?;
        subjects.push(Subject::new(name, kind, link)?);
    }
    let (peers, missing) = inits::peers();
    for (name, path) in peers {
        subjects.push(Subject::new(name, Kind::Peer, path)?);
    }
    Ok((subjects, missing))
}

/// Who makes the orphans.
fn probe() -> Result<PathBuf> {
    let mut release = tools::cargo();
    release.args(["build", "--release", "-p", "sexton-testkit", "--bin", "probe"]);
    tools::step("build the probe", &mut release)?;
    Ok(tools::target_dir()?.join("release/probe"))
}

impl Subject {
    fn new(name: &'static str, kind: Kind, path: PathBuf) -> Result<Subject> {
        let fail = |error| Failure::new(format_args!("{}: {error}", path.display()));
        let file = std::fs::File::open(&path).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        // Until a file just built is on disk, its pages would count as dirtied by who runs it.
        file.sync_all().map_err(fail)?;
        Ok(Subject {
            name,
            kind,
            path,
            file_bytes: metadata.len(),
            memory: rest::Memory::default(),
            wakeups_per_minute: 0.0,
            startup: None,
            orphan_us: None,
            calls: None,
        })
    }

    /// Its name among others, and what it is called in a sentence.
    pub fn title(&self) -> String {
        match self.kind {
            Kind::Native | Kind::Peer => self.name.to_owned(),
            Kind::Door | Kind::Pause => format!("as {}", self.name),
        }
    }

    /// Whether it can be given a command.
    fn runs(&self) -> bool {
        self.kind != Kind::Pause
    }
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
