//! Where the programs are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The init to be tested.
///
/// # Panics
/// If there is none.
pub fn init_path() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        let named = ["INIT_UNDER_TEST", "CARGO_BIN_EXE_sexton-init"].map(std::env::var_os);
        let named = named.into_iter().flatten().next().map(PathBuf::from);
        let path = named.unwrap_or_else(|| target_dir().join("sexton-init"));
        assert!(path.exists(), "{} is missing: set INIT_UNDER_TEST to an init", path.display());
        path
    })
}

/// Whether the init is sexton's, and not one of those that sit the same exam.
pub fn is_ours() -> bool {
    init_path().file_name().is_some_and(|name| name.to_string_lossy().starts_with("sexton"))
}

/// The `probe` program; built now if nobody has done so yet.
///
/// # Panics
/// If it cannot be built.
pub fn probe_path() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(named) = std::env::var_os("SEXTON_PROBE") {
            return PathBuf::from(named);
        }
        // Always asked for: cargo is the judge of whether it is up to date.
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--package", "sexton-testkit", "--bin", "probe"])
            .arg("--target-dir")
            .arg(target_dir().parent().expect("the target directory"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.is_ok_and(|status| status.success()), "cannot build the probe");
        let path = target_dir().parent().expect("the target directory").join("debug/probe");
        assert!(path.exists(), "{} is missing", path.display());
        path
    })
}

/// `target/debug`, for `target/debug/deps/forwarding-0123456789abcdef`.
fn target_dir() -> PathBuf {
    let own = std::env::current_exe().expect("the test's own path");
    own.ancestors().nth(2).expect("target/debug").to_path_buf()
}
