//! `cargo xtask demo`: builds what is released and shows what it does.

use crate::tools::{self, Failure, Result};
use std::ffi::OsString;
use std::process::Command;

/// Builds, then hands its arguments to `sexton demo` and its exit status to the caller.
pub fn run(args: impl Iterator<Item = OsString>) -> Result {
    tools::step("cargo build --release", tools::cargo().args(["build", "--release"]))?;
    let release = tools::target_dir()?.join("release");
    let status = Command::new(release.join("sexton"))
        .arg("demo")
        .args(args)
        .env("SEXTON_INIT", release.join("sexton-init"))
        .status()
        .map_err(|error| Failure::new(format_args!("sexton: {error}")))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code) => Err(Failure {
            words: format!("sexton demo: {status}"),
            code: u8::try_from(code).unwrap_or(1),
        }),
        None => Err(Failure::new(format_args!("sexton demo: {status}"))),
    }
}
