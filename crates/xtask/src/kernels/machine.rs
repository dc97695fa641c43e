//! A machine without a disk: a kernel, an initramfs, and two serial lines.

use crate::tools::{Failure, Result};
use sexton_testkit::Lines;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub const QEMU: &str = "qemu-system-x86_64";

/// Nothing is said for so long: it hangs. A test that fails waits for two minutes, and says so.
const SILENCE: Duration = Duration::from_secs(420);

/// Runs a machine to its end. Each line of its second serial line goes to `hear`, and what the
/// kernel says on the first into the file `console`.
pub fn run(kernel: &Path, image: &Path, console: &Path, mut hear: impl FnMut(&str)) -> Result {
    // The guards against Spectre, and the zeroing of all that is allocated, cost an emulated
    // machine much and guard nothing in it. Its TSC is this machine's, which jumps where this one
    // is emulated, too, and was paused. After the two dashes: what PID 1 is called with.
    let append = "console=ttyS0 loglevel=4 panic=-1 mitigations=off init_on_alloc=0 \
                  clocksource=hpet rdinit=/sexton/sexton-init -- /bin/sh /sexton/guest.sh";
    let mut machine = Command::new(QEMU)
        // One processor: a second costs half as much again, and two machines run at a time.
        .args(["-accel", "tcg", "-cpu", "qemu64", "-smp", "1", "-m", "768"])
        .args(["-nodefaults", "-display", "none", "-no-reboot"])
        .arg("-serial")
        .arg(format!("file:{}", console.display()))
        .args(["-serial", "stdio", "-append", append])
        .arg("-kernel")
        .arg(kernel)
        .arg("-initrd")
        .arg(image)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map(Machine)
        .map_err(|error| Failure::new(format_args!("{QEMU}: {error}")))?;
    let said = machine.0.stdout.take().expect("it was piped");
    let mut lines = Lines::of(said.into());
    while let Some(line) = lines.line_within(SILENCE) {
        hear(&line);
    }
    match machine.0.try_wait().map_err(Failure::new)? {
        Some(_) => Ok(()),
        None => machine.is_off_soon(),
    }
}

/// Turned off when dropped.
struct Machine(Child);

impl Machine {
    /// The end of its line may be seen a moment before its own.
    fn is_off_soon(&mut self) -> Result {
        for _ in 0..500 {
            if self.0.try_wait().map_err(Failure::new)?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(Failure::new(format_args!("hangs: nothing was said for {SILENCE:?}")))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
