//! `cargo xtask sim`: the simulator, built as it has to be (`profile.sim` in `Cargo.toml`).

use crate::tools::{self, Failure, Result};
use std::ffi::OsString;

/// Hands its arguments to the simulator.
pub fn run(args: impl Iterator<Item = OsString>) -> Result {
    let mut sim = tools::cargo();
    sim.args(["run", "--quiet", "--profile", "sim", "--package", "sexton-sim", "--"]);
    let status = sim.args(args).status().map_err(Failure::new)?;
    match status.code() {
        Some(0) => Ok(()),
        code => Err(Failure {
            words: format!("sim: {status}"),
            code: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        }),
    }
}
