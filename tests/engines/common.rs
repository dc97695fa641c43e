//! What both engines need: the image, folders, and programs that may hang.

use sexton_testkit::{eventually, init_path, real_root, scratch, skip};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
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

/// Whether an engine can be started here; if not, the test is skipped.
pub fn may_run(programs: &[&str]) -> bool {
    if let Some(missing) = programs.iter().find(|program| find(program).is_none()) {
        skip(&format!("{missing} is not installed"));
        return false;
    }
    if static_busybox().is_none() {
        skip("no static busybox: Debian's busybox-static has one");
        return false;
    }
    real_root()
}

pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// One that names no loader: it runs in an image with nothing else in it.
fn static_busybox() -> Option<PathBuf> {
    let busybox = find("busybox")?;
    let bytes = fs::read(&busybox).ok()?;
    let head = &bytes[..bytes.len().min(4096)];
    (!head.windows(7).any(|window| window == b"/lib64/" || window == b"/lib/ld")).then_some(busybox)
}

/// A tar file with all that the containers need.
pub fn make_image(folder: &Folder) -> PathBuf {
    let root = folder.0.join("image");
    for name in ["bin", "sbin", "dev", "proc", "sys", "run", "tmp", "etc", "evidence"] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    fs::copy(static_busybox().unwrap(), root.join("bin/busybox")).unwrap();
    for name in ["sh", "sleep", "touch", "cat", "cmp"] {
        symlink("busybox", root.join("bin").join(name)).unwrap();
    }
    fs::copy(init_path(), root.join("sexton-init")).unwrap();
    fs::write(root.join("app"), APP).unwrap();
    fs::set_permissions(root.join("app"), PermissionsExt::from_mode(0o755)).unwrap();
    fs::write(root.join("no-program"), "echo never\n").unwrap();
    fs::write(root.join("init"), "#!/bin/sh\necho I am $$\nexit 5\n").unwrap();
    fs::set_permissions(root.join("init"), PermissionsExt::from_mode(0o755)).unwrap();
    let tar = folder.0.join("image.tar");
    succeeds(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg("."));
    tar
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
