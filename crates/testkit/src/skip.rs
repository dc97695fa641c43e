//! What cannot be tested on this machine is said, and is no success where nothing may be skipped.

use crate::{Access, access};
use std::io::Write;

/// Says that this test is left out. `SEXTON_SKIPS` names a file that gets the line too.
///
/// # Panics
/// With `SEXTON_FULL=1`, where every test must run.
pub fn skip(reason: &str) {
    let thread = std::thread::current();
    let line = format!("SKIPPED {}: {reason}", thread.name().unwrap_or("a test"));
    // Not println!, which the harness keeps to itself when a test passes.
    let _ = writeln!(std::io::stderr(), "{line}");
    if let Some(file) = std::env::var_os("SEXTON_SKIPS") {
        let log = std::fs::OpenOptions::new().append(true).create(true).open(&file);
        let written = log.and_then(|mut log| log.write_all(format!("{line}\n").as_bytes()));
        written.unwrap_or_else(|error| panic!("SEXTON_SKIPS={}: {error}", file.display()));
    }
    assert!(std::env::var_os("SEXTON_FULL").is_none_or(|full| full != "1"), "{line}");
}

/// Whether PID namespaces can be made; if not, the test is skipped.
pub fn namespaces() -> bool {
    match access() {
        Ok(_) => true,
        Err(refused) => {
            skip(&refused.to_string());
            false
        }
    }
}

/// Whether we are root in truth, and not by a user namespace; if not, the test is skipped.
pub fn real_root() -> bool {
    match access() {
        Ok(Access::Root) => true,
        Ok(Access::UserNamespace) => {
            skip("needs root: there is one user only in a user namespace");
            false
        }
        Err(refused) => {
            skip(&refused.to_string());
            false
        }
    }
}

/// Whether this program is on PATH; if not, the test is skipped.
pub fn program(name: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).any(|folder| folder.join(name).is_file());
    if !found {
        skip(&format!("{name} is not installed"));
    }
    found
}
