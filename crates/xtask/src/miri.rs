//! `cargo xtask miri`: what Miri can run of the init, with a nightly toolchain. Optional: it says
//! what is missing.
//!
//! The core has no unsafe code; what Miri adds is that every integer and every slice is checked by
//! somebody else. Of the unsafe code it runs what asks nothing of the kernel (`tests/memory.rs`).

use crate::tools::{self, Failure, Result};

/// Parts of the names of the tests that it runs. The others unpack the book again and again, or
/// count to a hundred thousand: Miri, a thousand times slower, would take hours.
const TESTS: [&str; 8] = [
    "supervisor::",
    "process::tests::a_",
    "text::",
    "words::",
    "exec::tests::an_",
    "mem",
    "strlen",
    "told",
];

pub fn run() -> Result {
    let mut ask = tools::cargo();
    if tools::output(ask.args(["+nightly", "miri", "--version"])).is_err() {
        return Err(Failure::usage("missing: rustup toolchain install nightly --component miri"));
    }
    let mut miri = tools::cargo();
    miri.args(["+nightly", "miri", "test", "-p", "sexton-init", "--lib", "--test", "memory"]);
    // Some tests read this machine's files.
    miri.env("MIRIFLAGS", "-Zmiri-disable-isolation").arg("--");
    tools::step("miri", miri.args(TESTS))
}
