//! What both engines need: what is in the image, folders, and programs that may hang.

use sexton_testkit::{eventually, init_path, scratch};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

/// What the image is called.
pub const IMAGE: &str = "sexton-engines";

/// What the containers are given to stop; it has to do without.
pub const STOP_SECONDS: &str = "50";

/// Longer than a clean stop here, shorter than [`STOP_SECONDS`].
pub const CLEAN: Duration = Duration::from_secs(30);

/// Behind a shell that passes nothing on; told to stop, it needs a moment to close.
const APP: &str = "#!/bin/sh
trap 'sleep 0.5; echo closed >/evidence/app; exit 0' TERM
touch /evidence/ready
while :; do sleep 60 & wait $!; done
";

/// As s6-overlay's, it wants to be PID 1.
const OTHER_INIT: &str = "#!/bin/sh\necho I am $$\nexit 5\n";

/// What the containers need beside busybox.
pub fn files() -> [(&'static str, Vec<u8>); 3] {
    let init = fs::read(init_path()).unwrap();
    [("app", APP.into()), ("init", OTHER_INIT.into()), ("sexton-init", init)]
}

/// A folder of the test's own, removed at its end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        Folder(scratch())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub struct KilledOnDrop(pub Child);

impl KilledOnDrop {
    pub fn ended(&mut self) -> Option<i32> {
        eventually("its end", || self.0.try_wait().unwrap().is_some());
        self.0.wait().unwrap().code()
    }
}

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program, killed if it hangs: a client may wait for a container that does not end.
pub fn in_time(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "100", program]);
    command
}

#[track_caller]
pub fn succeeds(command: &mut Command) {
    let output = command.output().expect("the program can be run");
    assert!(output.status.success(), "{command:?}: {output:?}");
}
