//! `cargo xtask cross`: the init for aarch64, built and run under qemu-user. Optional: it needs
//! tools that not every machine has, and says which are missing.
//!
//! qemu-user makes a plain fork of our vfork, knows no subreaper, and has its own ideas of
//! signals; so only what holds there is looked at. Real machines are the test suite's.

use crate::tools::{self, Failure, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const QEMU: &str = "qemu-aarch64-static";

/// Arguments, exit status, and what standard error has to hold.
const CASES: &[(&[&str], i32, &str)] = &[
    (&["--version"], 0, ""),
    (&["sh", "-c", "exit 7"], 7, ""),
    (&["sh", "-c", "kill -KILL $$"], 137, ""),
    (&["--", "/no/such/file"], 127, "exec /no/such/file: No such file or directory"),
    (&["--", "/etc/passwd"], 126, "Permission denied"),
    (&["--drain-timeout", "soon", "true"], 125, "bad value soon"),
    (&["-v", "sh", "-c", "(sleep 0.1 &); exit 3"], 3, "exited with 3"),
];

/// Builds it and runs the cases, then a stop.
pub fn run() -> Result {
    for (tool, package) in [(LINKER, "gcc-aarch64-linux-gnu"), (QEMU, "qemu-user-static")] {
        if tools::find_program(tool).is_none() {
            return Err(Failure::usage(format!("{tool} is missing (Debian: {package})")));
        }
    }
    let folder = tools::target_dir()?.join("cross");
    let mut build = tools::cargo();
    build.args(["build", "--release", "--package", "sexton-init", "--target", TARGET]);
    build.arg("--target-dir").arg(&folder);
    build.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
    // A rustc of which only the source of core is there: `RUSTC=… SEXTON_BUILD_CORE=1`.
    if std::env::var_os("SEXTON_BUILD_CORE").is_some() {
        build.arg("-Zbuild-std=core").env("RUSTC_BOOTSTRAP", "1");
    }
    tools::step(&format!("build for {TARGET}; needs `rustup target add {TARGET}`"), &mut build)?;
    let init = folder.join(TARGET).join("release/sexton-init");
    tools::timed("run it under qemu-user", || {
        CASES.iter().try_for_each(|case| check(&init, case))?;
        stop(&init)
    })
}

fn check(init: &Path, (words, code, says): &(&[&str], i32, &str)) -> Result {
    let output = qemu(init).args(*words).output().map_err(Failure::new)?;
    let error = String::from_utf8_lossy(&output.stderr);
    match output.status.code() == Some(*code) && error.contains(says) {
        true => Ok(()),
        false => Err(Failure::new(format_args!("{words:?}: {}, {error}", output.status))),
    }
}

/// TERM is forwarded to a shell that waits for it.
fn stop(init: &Path) -> Result {
    let waits = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = qemu(init)
        .args(["sh", "-c", waits])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Failure::new)?;
    let mut ready = [0; 6];
    let mut out = child.stdout.take().expect("it was piped");
    std::io::Read::read_exact(&mut out, &mut ready).map_err(Failure::new)?;
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(Failure::new)?;
    for _ in 0..1000 {
        if let Some(status) = child.try_wait().map_err(Failure::new)? {
            return match status.code() {
                Some(9) => Ok(()),
                _ => Err(Failure::new(format_args!("after TERM: {status}"))),
            };
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    Err(Failure::new("TERM did not arrive in 10 s"))
}

fn qemu(init: &Path) -> Command {
    let mut qemu = Command::new(QEMU);
    qemu.arg(init).env_remove("RUSTC");
    qemu
}
