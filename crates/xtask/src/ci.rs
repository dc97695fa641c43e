//! `cargo xtask ci`: all that has to pass, cheapest first.

use crate::tools::{self, Result};
use crate::{generate, install, sim, size, test, tidy};
use std::process::Command;

/// Stops at the first step that fails.
pub fn run() -> Result {
    tools::timed("cargo xtask ci", || {
        cargo_step(&["fmt", "--all", "--check"])?;
        cargo_step(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"])?;
        tools::timed("tidy", tidy::run)?;
        cargo_step(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
        tools::timed("gen --check", || generate::run(generate::Mode::Check))?;
        test::run(test::Options { full: true, filter: None })?;
        tools::timed("sim", || sim::run(std::iter::empty()))?;
        tools::timed("size", size::run)?;
        tools::timed("install", install::run)
    })
}

fn cargo_step(args: &[&str]) -> Result {
    let cargo: &mut Command = &mut tools::cargo();
    tools::step(&format!("cargo {}", args.join(" ")), cargo.args(args))
}
