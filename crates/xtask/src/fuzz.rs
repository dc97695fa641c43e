//! `cargo xtask fuzz`: the fuzz targets, for a while each.
//!
//! A stable compiler and a C++ compiler are enough: what cargo-fuzz does with a nightly one is a
//! few options of LLVM (`INSTRUMENTED`). Only its sanitizers need nightly, and there is no unsafe
//! code here for them to watch.

use crate::tools::{self, Failure, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package with targets: a workspace of its own, laid out as cargo-fuzz wants it.
struct Package {
    folder: &'static str,
    /// Inputs to start from; for each target its own, if there are such.
    seeds: &'static str,
    /// Whether its targets are run if none is named: to build the linter takes longer.
    usual: bool,
}

const PACKAGES: [Package; 2] = [
    Package { folder: "fuzz", seeds: "fuzz/corpus", usual: true },
    Package { folder: "crates/lint/fuzz", seeds: "crates/lint/tests/good", usual: false },
];

/// Coverage as libFuzzer reads it (SanitizerCoverage of LLVM), and every check of a debug build.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1";

/// An input that takes longer than this counts as a hang.
const INPUT_SECONDS_MAX: u32 = 20;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The targets; none: the usual ones.
    targets: Vec<String>,
    /// For how long each is run.
    seconds: u32,
    task: Task,
}

#[derive(Debug, PartialEq, Eq)]
enum Task {
    /// Look for inputs that break a rule.
    Search,
    /// Then keep in the repository what reaches something that nothing kept so far does.
    SearchAndKeep,
    /// Try one input, and say all.
    Replay(PathBuf),
}

impl Options {
    /// A short run of the usual targets: what was found worth keeping, and a little more.
    pub const SHORT: Options = Options { targets: Vec::new(), seconds: 4, task: Task::Search };

    pub fn parse(mut args: lexopt::Parser) -> Result<Options> {
        let mut options = Options { seconds: 10, ..Options::SHORT };
        while let Some(arg) = args.next()? {
            match arg {
                lexopt::Arg::Long("seconds") => {
                    options.seconds = args.value()?.to_string_lossy().parse().map_err(|_| {
                        Failure::usage("--seconds takes a whole number, for each target")
                    })?;
                }
                lexopt::Arg::Long("keep") => options.task = Task::SearchAndKeep,
                lexopt::Arg::Long("replay") => options.task = Task::Replay(args.value()?.into()),
                lexopt::Arg::Value(name) => {
                    options.targets.push(name.to_string_lossy().into_owned())
                }
                other => return Err(other.unexpected().into()),
            }
        }
        match options.task {
            Task::Replay(_) if options.targets.len() != 1 => {
                Err(Failure::usage("--replay FILE wants the name of one target"))
            }
            _ => Ok(options),
        }
    }
}

/// Builds what is asked for and runs it; fails if an input breaks a rule.
pub fn run(options: &Options) -> Result {
    let packages: Vec<(&Package, Vec<String>)> =
        PACKAGES.iter().map(|package| Ok((package, package.targets()?))).collect::<Result<_>>()?;
    for name in &options.targets {
        if !packages.iter().any(|(_, targets)| targets.contains(name)) {
            let known: Vec<_> = packages.iter().flat_map(|(_, targets)| targets.clone()).collect();
            let known = known.join(", ");
            return Err(Failure::usage(format_args!("no target is called {name}: {known}")));
        }
    }
    let place = tools::target_dir()?.join("fuzz");
    for (package, mut targets) in packages {
        targets.retain(|name| options.targets.contains(name));
        if options.targets.is_empty() && package.usual {
            targets = package.targets()?;
        }
        if targets.is_empty() {
            continue;
        }
        let mut build = package.build(&place, &targets);
        tools::step(&format!("build the targets of {}", package.folder), &mut build)?;
        for name in targets {
            Target { name: &name, package, place: &place }.run(options)?;
        }
    }
    Ok(())
}

impl Package {
    fn targets(&self) -> Result<Vec<String>> {
        let folder = tools::root().join(self.folder).join("fuzz_targets");
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| Failure::new(format_args!("{}: {error}", folder.display())))?;
        let stems = entries.flatten().map(|entry| entry.path());
        let mut names: Vec<String> =
            stems.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
        names.sort();
        Ok(names)
    }

    fn build(&self, place: &Path, targets: &[String]) -> Command {
        let mut cargo = tools::cargo();
        cargo.current_dir(tools::root().join(self.folder));
        cargo.args(["build", "--release", "--target", &machine(), "--target-dir"]).arg(place);
        cargo.args(targets.iter().flat_map(|name| ["--bin", name]));
        cargo.env("RUSTFLAGS", INSTRUMENTED);
        cargo
    }
}

/// Named, so that what is built for the build itself is not instrumented.
fn machine() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

struct Target<'a> {
    name: &'a str,
    package: &'a Package,
    /// Where everything is put that is not for the repository.
    place: &'a Path,
}

impl Target<'_> {
    fn run(&self, options: &Options) -> Result {
        if let Task::Replay(input) = &options.task {
            return tools::step(self.name, self.program().arg(input));
        }
        let (found, broken) = (self.folder("corpus")?, self.folder("artifacts")?);
        let log = self.place.join(format!("{}.log", self.name));
        let mut search = self.program();
        search.arg(format!("-max_total_time={}", options.seconds));
        search.arg(format!("-timeout={INPUT_SECONDS_MAX}")).args(["-print_final_stats=1"]);
        search.arg(format!("-artifact_prefix={}/", broken.display()));
        search.arg(&found).arg(self.seeds()).stderr(create(&log)?);
        let status = search.status().map_err(Failure::new)?;
        let said =
            String::from_utf8_lossy(&std::fs::read(&log).map_err(Failure::new)?).into_owned();
        if !status.success() {
            return Err(self.failure(&said));
        }
        let figures = Figures::of(&said)
            .ok_or_else(|| Failure::new(format_args!("{}: no figures", log.display())))?;
        anstream::println!("{:<12} {figures} in {} s", self.name, options.seconds);
        match options.task {
            Task::SearchAndKeep => self.keep(&found),
            _ => Ok(()),
        }
    }

    fn program(&self) -> Command {
        Command::new(self.place.join(machine()).join("release").join(self.name))
    }

    fn folder(&self, kind: &str) -> Result<PathBuf> {
        let folder = self.place.join(kind).join(self.name);
        std::fs::create_dir_all(&folder)
            .map_err(|error| Failure::new(format_args!("{}: {error}", folder.display())))?;
        Ok(folder)
    }

    fn seeds(&self) -> PathBuf {
        let all = tools::root().join(self.package.seeds);
        let own = all.join(self.name);
        if own.is_dir() { own } else { all }
    }

    /// Copies into the seeds what reaches something that none of them does.
    fn keep(&self, found: &Path) -> Result {
        let mut merge = self.program();
        let log = create(&self.place.join(format!("{}.merge.log", self.name)))?;
        merge.args(["-merge=1", "-set_cover_merge=1"]).stderr(log);
        tools::step(&format!("keep of {}", self.name), merge.arg(self.seeds()).arg(found))
    }

    /// What the target said, and how to see it again.
    fn failure(&self, said: &str) -> Failure {
        let from = said.find("panicked at").or_else(|| said.find("ERROR:")).unwrap_or(0);
        for line in said[from..].lines().take(12) {
            anstream::eprintln!("{line}");
        }
        let input = said.lines().find_map(|line| line.split_once("Test unit written to "));
        Failure::new(match input {
            Some((_, input)) => format!(
                "{0}: an input breaks a rule; again: cargo xtask fuzz {0} --replay {input}",
                self.name
            ),
            None => format!("{} did not run", self.name),
        })
    }
}

fn create(log: &Path) -> Result<std::fs::File> {
    let file = std::fs::File::create(log);
    file.map_err(|error| Failure::new(format_args!("{}: {error}", log.display())))
}

/// What libFuzzer tells of a run.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    executions: u64,
    /// Of the program.
    edges: u64,
    inputs: u64,
}

impl Figures {
    fn of(said: &str) -> Option<Figures> {
        let number = |word: &str| word.split('/').next()?.parse().ok();
        // "#1316575	DONE   cov: 92 ft: 213 corp: 91/12987b lim: 2048 exec/s: 82285 rss: 27Mb"
        let done = said.lines().find(|line| line.contains("DONE"))?;
        let words: Vec<&str> = done.split_whitespace().collect();
        let after = |key: &str| number(words.get(words.iter().position(|word| *word == key)? + 1)?);
        Some(Figures {
            executions: number(words.first()?.strip_prefix('#')?)?,
            edges: after("cov:")?,
            inputs: after("corp:")?,
        })
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Figures { executions, edges, inputs } = self;
        write!(out, "{executions:>10} executions, {edges:>5} edges, {inputs:>5} inputs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_run_are_found_among_what_libfuzzer_says() {
        let said = "INFO: Seed: 1\n#2\tINITED cov: 3 ft: 4 corp: 1/1b\n\
            #13\tDONE   cov: 92 ft: 213 corp: 91/12987b lim: 2048 exec/s: 8 rss: 27Mb\n";
        let expected = Figures { executions: 13, edges: 92, inputs: 91 };
        assert_eq!(Figures::of(said), Some(expected));
        assert_eq!(Figures::of("INFO: Seed: 1"), None);
    }

    #[test]
    fn every_target_is_in_the_table_of_its_package() {
        for package in PACKAGES {
            let manifest = tools::root().join(package.folder).join("Cargo.toml");
            let manifest = tools::read(&manifest).unwrap();
            for name in package.targets().unwrap() {
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            }
        }
    }

    #[test]
    fn a_replay_is_of_one_target() {
        let parse = |args: &[&str]| Options::parse(lexopt::Parser::from_args(args));
        let file = PathBuf::from("crash-1");
        let options = parse(&["doors", "--replay", "crash-1"]).unwrap();
        assert_eq!(options.task, Task::Replay(file));
        assert_eq!(parse(&["--replay", "crash-1"]).unwrap_err().code, 125);
        assert_eq!(parse(&["--seconds", "soon"]).unwrap_err().code, 125);
    }
}
