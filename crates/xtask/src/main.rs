//! One door to every chore: `cargo xtask CHORE`. This file is the list of them; each has a file.

mod bench;
mod ci;
mod cross;
mod crowd;
mod demo;
mod exam;
mod generate;
mod inits;
mod install;
mod kernels;
mod lint_bench;
mod lint_table;
mod man;
mod packages;
mod packaging;
mod sim;
mod size;
mod suites;
mod tables;
mod test;
mod tidy;
mod tools;
mod window;

use std::process::ExitCode;
use tools::{Failure, Result};

const HELP: &str = "\
Usage: cargo xtask CHORE [OPTIONS]

  demo [ARG...]           build for release, then `sexton demo ARG...`
  test [--full] [FILTER]  every test this machine permits; what was skipped is listed at the end
                          --full (root): install what is missing, and a skip is a failure
  ci                      format, tidy, clippy, gen --check, test --full, sim, size, install
  sim [SEED] [--schedules N] [--from SEED]
                          the init's loop on a model of the kernel; a seed tells one schedule
  exam [--json] [--write] the same questions for ours under each name and the originals; --write
                          puts the table into docs/reliability.md
  bench [--quick] [--json]  the promised numbers, beside other inits
  window [TRIES] [--within US]  stop signals lost in the first 2000 us of PID 1, beside others
  lint-bench              10,000 files through `sexton lint`: CPU time and memory
  size                    what the released init may weigh and contain
  crowd [PROCESSES]       what `sexton doctor` costs among 5,000 processes
  install                 what `cargo install sexton-init` will do with the packed crate
  kernels [--kernel SERIES] [FILTER]
                          the tests on Debian's kernels 5.10, 6.1, 6.12 and newer, in emulated
                          machines; SEXTON_FULL=1 permits no skip
  cross                   the init for aarch64, under qemu-user; optional, says what is missing
  tidy                    line, file and function lengths, banned words, invariants, edge cases
  gen [--check]           rewrite (or only check) what is generated: parts of the documentation,
                          man pages and completions
";

fn main() -> ExitCode {
    match run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tools::complain(&failure.words);
            ExitCode::from(failure.code)
        }
    }
}

fn run(args: impl Iterator<Item = std::ffi::OsString>) -> Result {
    let mut args = lexopt::Parser::from_args(args);
    let chore = match args.next()? {
        Some(lexopt::Arg::Value(chore)) => chore.to_string_lossy().into_owned(),
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) | None => {
            anstream::print!("{HELP}");
            return Ok(());
        }
        Some(other) => return Err(other.unexpected().into()),
    };
    match chore.as_str() {
        "demo" => demo::run(args.raw_args()?),
        "test" => test::run(test::Options::parse(args)?),
        "ci" => no_more(args).and_then(|()| ci::run()),
        "sim" => sim::run(args.raw_args()?),
        "exam" => exam::run(exam::Options::parse(args)?),
        "bench" => bench::run(bench::Options::parse(args)?),
        "lint-bench" => no_more(args).and_then(|()| lint_bench::run()),
        "size" => no_more(args).and_then(|()| size::run()),
        "crowd" => crowd::run(args),
        "window" => window::run(args),
        "install" => no_more(args).and_then(|()| install::run()),
        "kernels" => kernels::run(&kernels::Options::parse(args)?),
        "cross" => no_more(args).and_then(|()| cross::run()),
        "tidy" => no_more(args).and_then(|()| tidy::run()),
        "gen" => generate::run(generate::Mode::parse(args)?),
        other => Err(Failure::usage(format!("no chore is called {other}; see cargo xtask --help"))),
    }
}

fn no_more(mut args: lexopt::Parser) -> Result {
    match args.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}
