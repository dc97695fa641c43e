//! `cargo xtask sim`: many schedules in a row, or one of them in words.

#![forbid(unsafe_code)]

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use sexton_sim::{Broken, Case, Ending, Outcome, RULES, simulate, simulate_and_tell};
use std::process::ExitCode;
use std::time::Instant;

const HELP: &str = "\
Usage: cargo xtask sim [SEED] [--schedules N] [--from SEED]

Runs the init's loop on a model of the kernel, and judges what it does.

  SEED             one schedule, told line by line
  --schedules N    so many, one seed after the other (default: 100000)
  --from SEED      beginning with this one (default: 0)
";

/// How many lines of a trace are shown before the end that broke a rule.
const TAIL: usize = 40;

/// What was asked for.
enum Wish {
    Tell(u64),
    Try { from: u64, count: u64 },
    Help,
}

fn main() -> ExitCode {
    match wish() {
        Ok(Wish::Tell(seed)) => tell(seed),
        Ok(Wish::Try { from, count }) => try_all(from, count),
        Ok(Wish::Help) => {
            anstream::print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            anstream::eprintln!("sim: {error}; see cargo xtask sim --help");
            ExitCode::from(125)
        }
    }
}

fn wish() -> Result<Wish, lexopt::Error> {
    use lexopt::Arg::{Long, Short, Value};
    use lexopt::ValueExt;
    let (mut seed, mut from, mut count) = (None, 0, 100_000);
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("schedules") => count = args.value()?.parse()?,
            Long("from") => from = args.value()?.parse()?,
            Long("help") | Short('h') => return Ok(Wish::Help),
            Value(word) if seed.is_none() => seed = Some(word.parse()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(seed.map_or(Wish::Try { from, count }, Wish::Tell))
}

/// One schedule in words.
fn tell(seed: u64) -> ExitCode {
    let case = Case::draw(seed);
    anstream::println!("{case}");
    let outcome = simulate_and_tell(case, None);
    for line in &outcome.trace {
        anstream::println!("{line}");
    }
    anstream::println!();
    verdict(&outcome)
}

fn verdict(outcome: &Outcome) -> ExitCode {
    let bad = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let good = Style::new().fg_color(Some(AnsiColor::Green.into()));
    match &outcome.ending {
        Ending::Left(code) => {
            anstream::println!("{good}ok{good:#} it exits with {code}, and no rule was broken");
            return ExitCode::SUCCESS;
        }
        Ending::Broken(Broken { rule, words }) => {
            let sentence = RULES.iter().find(|(name, _)| name == rule).map_or("", |rule| rule.1);
            anstream::println!("{bad}broken{bad:#} {rule}: {sentence}");
            anstream::println!("       {words}");
        }
        Ending::Panicked(words) => anstream::println!("{bad}panic{bad:#} {words}"),
    }
    ExitCode::FAILURE
}

/// Many, up to the first that breaks a rule.
fn try_all(from: u64, count: u64) -> ExitCode {
    let started = Instant::now();
    let bar = ProgressBar::new(count);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} schedules, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let (mut processes, mut signals, mut calls) = (0, 0, 0);
    // The judges' own panics are told by the verdict.
    std::panic::set_hook(Box::new(|_| {}));
    for seed in from..from.saturating_add(count) {
        let outcome = simulate(Case::draw(seed), None);
        if !matches!(outcome.ending, Ending::Left(_)) {
            bar.finish_and_clear();
            return explain(seed);
        }
        processes += outcome.processes as u64;
        signals += outcome.signals;
        calls += outcome.calls;
        if seed.is_multiple_of(256) {
            bar.set_position(seed - from);
        }
    }
    bar.finish_and_clear();
    let (seconds, rules) = (started.elapsed().as_secs_f64(), RULES.len());
    let last = from.saturating_add(count).saturating_sub(1);
    anstream::println!(
        "{count} schedules (seeds {from} to {last}) kept all {rules} rules, in {seconds:.1} s:"
    );
    anstream::println!("{processes} processes, {signals} signals taken, {calls} system calls");
    ExitCode::SUCCESS
}

/// The schedule that broke a rule, and how to see all of it.
fn explain(seed: u64) -> ExitCode {
    let case = Case::draw(seed);
    anstream::println!("{case}");
    let outcome = simulate_and_tell(case, None);
    let skipped = outcome.trace.len().saturating_sub(TAIL);
    anstream::println!("  ... {skipped} lines before");
    for line in outcome.trace.iter().skip(skipped) {
        anstream::println!("{line}");
    }
    anstream::println!();
    let code = verdict(&outcome);
    anstream::println!("\nAgain, and all of it:  cargo xtask sim {seed}");
    code
}
