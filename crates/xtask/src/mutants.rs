//! `cargo xtask mutants`: changes the core in every small way there is, one after the other, and
//! lists the changes that no test notices. Optional: it needs cargo-mutants, and half an hour.
//!
//! What is not worth a look is in `.cargo/mutants.toml`, with reasons.

use crate::tools::{self, Failure, Result};
use std::ffi::OsString;

/// Changes all of the core, or these files of it.
pub fn run(files: impl Iterator<Item = OsString>) -> Result {
    if tools::output(tools::cargo().args(["mutants", "--version"])).is_err() {
        return Err(Failure::usage("missing: cargo install cargo-mutants"));
    }
    let mut mutants = tools::cargo();
    let place = tools::target_dir()?;
    mutants.arg("mutants").arg("--output").arg(place);
    let mut files: Vec<OsString> = files.collect();
    if files.is_empty() {
        files.push("src/core/**".into());
    }
    mutants.args(files.into_iter().flat_map(|file| ["--file".into(), file]));
    tools::step("mutants", &mut mutants)
}
