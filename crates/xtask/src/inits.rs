//! What is measured, and with what: our released init, the inits that Debian has, and a command
//! that costs next to nothing.

use crate::tools::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Those that ours is measured beside.
pub const PEERS: [&str; 4] = ["tini", "tini-static", "dumb-init", "catatonit"];

/// Builds ours as it is released, and says where it is.
pub fn ours() -> Result<PathBuf> {
    let mut release = tools::cargo();
    tools::step("build", release.args(["build", "--release", "-p", "sexton-init"]))?;
    Ok(tools::target_dir()?.join("release/sexton-init"))
}

/// The peers that are installed, and the names of those that are not.
pub fn peers() -> (Vec<(&'static str, PathBuf)>, Vec<&'static str>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in PEERS {
        match tools::find_program(name) {
            Some(path) => found.push((name, path)),
            None => missing.push(name),
        }
    }
    (found, missing)
}

/// A command that costs next to nothing itself, or the inits' differences drown in it: without
/// arguments it succeeds at once, with any it sleeps.
pub fn compile_tiny(folder: &Path) -> Result<PathBuf> {
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
