//! `cargo xtask install`: what `cargo install sexton-init` will do once it is published: the
//! packed crate, unpacked somewhere else, must build and run without this workspace around it.

use crate::tools::{self, Failure, Result};
use std::path::Path;
use std::process::Command;

/// Packs, unpacks, installs into a folder of its own, and runs what came of it.
pub fn run() -> Result {
    let place = tempfile::tempdir().map_err(Failure::new)?;
    let packed = place.path().join("packed");
    let mut pack = tools::cargo();
    pack.args(["package", "--quiet", "--package", "sexton-init", "--allow-dirty", "--no-verify"]);
    tools::step("cargo package", pack.arg("--target-dir").arg(&packed))?;

    let archive = only_crate(&packed.join("package"))?;
    let mut unpack = Command::new("tar");
    unpack.arg("-xzf").arg(&archive).arg("-C").arg(place.path());
    tools::step("unpack it", &mut unpack)?;
    let unpacked = place.path().join(archive.file_stem().unwrap_or_default());

    let root = place.path().join("root");
    let mut install = tools::cargo();
    install.args(["install", "--quiet", "--path"]).arg(&unpacked).arg("--root").arg(&root);
    // As a user would: no flags, no configuration of ours.
    install.current_dir(place.path()).env_remove("RUSTFLAGS");
    install.arg("--target-dir").arg(place.path().join("target"));
    tools::step("cargo install --path UNPACKED", &mut install)?;

    runs(&root.join("bin/sexton-init"))?;

    // rustc links with lld where it can; a user may have GNU ld, which reads init.ld as well.
    let mut gnu = tools::cargo();
    let folder = place.path().join("gnu");
    gnu.args(["build", "--quiet", "--release", "--package", "sexton-init", "--target-dir"]);
    gnu.arg(&folder).env("RUSTFLAGS", "-Clink-arg=-fuse-ld=bfd");
    tools::step("build with GNU ld", &mut gnu)?;
    runs(&folder.join("release/sexton-init"))
}

fn runs(init: &Path) -> Result {
    let said = tools::output(Command::new(init).arg("--version"))?;
    match said.starts_with("tini version ") {
        true => Ok(()),
        false => Err(Failure::new(format_args!("the init says {said:?}"))),
    }
}

fn only_crate(folder: &Path) -> Result<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure::new(format_args!("{}: {error}", folder.display())))?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "crate"))
        .ok_or_else(|| Failure::new("cargo package made no crate"))
}
