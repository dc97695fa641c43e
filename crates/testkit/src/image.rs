//! A file system as Baseimage-docker's, for one run: an `/etc` and a `/mnt` of its own, and
//! programs put in front of the machine's.
//!
//! Nothing of the machine is changed: the mounts are made in the mount namespace of the run, by a
//! shell that then executes the init. What is written there can be read here afterwards.

use crate::{Init, Pid1, Stream, namespaces, scratch, skip};
use rustix::fs::{CWD, FileType, Mode};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock, RwLockWriteGuard};
use std::time::SystemTime;

/// The mounts, then what is to be executed with nothing but the variables named before it.
const ENTER: &str = r#"
set -e
umask 022
cd "$0"
for place in usr/bin usr/sbin; do
    mount -t overlay -o "lowerdir=$0/$place:/$place" none "/$place"
done
for place in etc mnt; do mount --bind "$0/$place" "/$place"; done
cd /
PREPARE
exec env -i "$@"
"#;

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// execve(2), ETXTBSY: a process of another thread that is between fork and exec holds the files
/// open that are being written here. So nothing is started while something is written.
static WRITING: RwLock<()> = RwLock::new(());

/// As long as this is held nothing is written.
pub(crate) fn nothing_is_written() -> RwLockWriteGuard<'static, ()> {
    WRITING.write().unwrap_or_else(PoisonError::into_inner)
}

/// The files, the variables and the rights of one run.
#[derive(Debug)]
pub struct Image {
    folder: PathBuf,
    env: Vec<OsString>,
    /// What a shell does last, as root and with all mounts made.
    prepare: Vec<String>,
    /// What executes the init.
    wrapper: Vec<OsString>,
}

impl Default for Image {
    fn default() -> Image {
        Image::new()
    }
}

impl Image {
    /// Whether such mounts can be made here; if not, the test is skipped.
    pub fn possible() -> bool {
        static ANSWER: OnceLock<bool> = OnceLock::new();
        if !namespaces() {
            return false;
        }
        let possible = *ANSWER.get_or_init(|| {
            let words = Image::new().words();
            let mut pid1 = Pid1::new(&words[0]).args(&words[1..]).arg("true");
            pid1 = pid1.stdin(Stream::Null).stdout(Stream::Null).stderr(Stream::Null);
            let mut running = pid1.spawn().expect("a shell");
            running.wait().expect("our child").success()
        });
        if !possible {
            skip("no overlay over /usr/bin can be mounted here");
        }
        possible
    }

    /// With users, an empty service directory, PATH, HOME and a locale.
    ///
    /// # Panics
    /// If it cannot be written; also the others below.
    pub fn new() -> Image {
        let folder = scratch();
        let env = [PATH, "HOME=/root", "LC_ALL=C.UTF-8"].map(OsString::from).to_vec();
        let wrapper = Vec::new();
        let image = Image { folder, env, prepare: vec!["exec 2>&1".into()], wrapper };
        for place in ["etc/service", "mnt", "usr/bin", "usr/sbin"] {
            image.folder(place);
        }
        image.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
        image.file("etc/group", "root:x:0:\nnogroup:x:65534:\n");
        image.services_are_old();
        // Without it each program would look through all folders of libraries.
        let _ = fs::copy("/etc/ld.so.cache", image.path("etc/ld.so.cache"));
        image
    }

    /// Where a file of it is here: `etc/rc.local`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is written there, as bytes.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What is written there.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).expect("text")
    }

    /// Whether something is there.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// A directory in `etc`, `mnt`, `usr/bin` or `usr/sbin`.
    pub fn folder(&self, name: &str) {
        fs::create_dir_all(self.path(name)).expect("a folder");
    }

    /// A file, mode 0644.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        self.put(name, text.as_ref(), 0o644);
    }

    /// A script of the shell, mode 0755.
    pub fn script(&self, name: &str, lines: &str) {
        self.put(name, format!("#!/bin/sh\n{lines}\n").as_bytes(), 0o755);
    }

    /// A file of any mode.
    pub fn put(&self, name: &str, text: &[u8], mode: u32) {
        let path = self.path(name);
        let _nothing_starts = WRITING.read().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its owner");
    }

    /// A service of runit that runs this script.
    pub fn service(&self, name: &str, run: &str) {
        self.script(&format!("etc/service/{name}/run"), run);
        self.services_are_old();
    }

    /// runsvdir waits for a second before it looks into a directory that has just been changed.
    fn services_are_old(&self) {
        let folder = fs::File::open(self.path("etc/service")).expect("a folder");
        let times = fs::FileTimes::new().set_modified(SystemTime::UNIX_EPOCH);
        folder.set_times(times).expect("ours");
    }

    /// A variable of the environment store. The store is there when the first is.
    pub fn store(&self, name: impl AsRef<OsStr>, value: impl AsRef<[u8]>) {
        let folder = self.path("etc/container_environment");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name.as_ref()), value.as_ref()).expect("written");
    }

    /// A variable of the process environment, after those that there are.
    pub fn env(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let (name, value) = (name.as_ref(), value.as_ref());
        self.env_remove(name);
        self.env.push(OsString::from_vec([name, b"=", value].concat()));
    }

    /// Takes a variable away.
    pub fn env_remove(&mut self, name: impl AsRef<[u8]>) {
        let start = [name.as_ref(), b"="].concat();
        self.env.retain(|one| !one.as_bytes().starts_with(&start));
    }

    /// A program of the machine that is not there, if it is in `usr/bin` or `usr/sbin`.
    pub fn lacks(&self, name: &str) {
        // Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
        let (kind, mode) = (FileType::CharacterDevice, Mode::empty());
        rustix::fs::mknodat(CWD, self.path(name), kind, mode, 0).expect("a whiteout");
    }

    /// stdout and stderr are not one pipe, but two.
    pub fn streams_apart(&mut self) {
        self.prepare.retain(|line| line != "exec 2>&1");
    }

    /// The init's umask.
    pub fn umask(&mut self, mask: &str) {
        self.prepare.push(format!("umask {mask}"));
    }

    /// `/etc` cannot be written.
    pub fn read_only_etc(&mut self) {
        self.prepare.push("mount -o remount,bind,ro /etc".into());
    }

    /// The init is started by this user, who has no right that others have not.
    pub fn as_user(&mut self, user: u32) {
        let user = user.to_string();
        let words = ["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"];
        self.wrapper.extend(words.map(OsString::from));
    }

    /// The init is started by this script, as `"$@"`.
    pub fn started_by(&mut self, script: &str) {
        self.wrapper.extend(["sh", "-c", script, "sh"].map(OsString::from));
    }

    /// What comes before the program that is to be executed in it.
    fn words(&self) -> Vec<OsString> {
        let prepare = self.prepare.join("\n");
        let enter = ENTER.replace("PREPARE", &prepare);
        let mut words = ["sh", "-c", &enter].map(OsString::from).to_vec();
        words.push(self.folder.clone().into());
        words.extend(self.env.iter().cloned());
        words.extend(self.wrapper.iter().cloned());
        words
    }

    /// An init that is executed in it.
    pub(crate) fn init(&self, path: &Path) -> Init {
        Init::at(path, self.words()).current_dir("/")
    }
}
