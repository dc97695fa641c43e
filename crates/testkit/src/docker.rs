//! A Docker daemon of the tests' own, with its own folders and socket and as PID 1 of a namespace,
//! so that one kill ends it and every container. No registry is asked for anything: images are
//! made of a static busybox and what the test puts beside it.

use crate::{eventually, real_root, scratch, skip};
use sexton_pidns::{Pid1, Running, Stream};
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

/// A daemon that the tests running at the same time share; the last one stops it.
#[derive(Debug)]
pub struct Docker {
    running: Mutex<Running>,
    folder: PathBuf,
    _keeper: Sender<()>,
}

impl Docker {
    /// The daemon, started with these options if need be, or a word on why the test is skipped.
    ///
    /// # Panics
    /// If the daemon does not start where it should.
    pub fn get(options: &[&str]) -> Option<Arc<Docker>> {
        static SHARED: Mutex<Weak<Docker>> = Mutex::new(Weak::new());
        if !may_run_engines(&["docker", "dockerd", "runc"]) {
            return None;
        }
        // A test that failed while it held the lock has left nothing half done.
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(docker) = shared.upgrade() {
            return Some(docker);
        }
        let docker = Arc::new(Docker::start(options));
        *shared = Arc::downgrade(&docker);
        Some(docker)
    }

    fn start(options: &[&str]) -> Docker {
        let folder = scratch();
        let at = |name: &str| folder.join(name).display().to_string();
        fs::write(at("config"), "{}").expect("a file"); // Not the machine's own.
        let log = File::create(at("log")).expect("a file");
        let stream = || Stream::Fd(OwnedFd::from(log.try_clone().expect("a descriptor")));
        let dockerd = Pid1::new(find_program("dockerd").expect("looked for before"))
            .args(["--data-root", &at("data"), "--exec-root", &at("exec")])
            .args(["--pidfile", &at("pid"), "-H", &format!("unix://{}", at("socket"))])
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false"])
            .args(["--config-file", &at("config")])
            .args(options)
            .stdin(Stream::Null)
            .stdout(stream())
            .stderr(stream());
        let (running, keeper) = spawn_kept(dockerd);
        let docker = Docker { running: Mutex::new(running), folder, _keeper: keeper };
        eventually("dockerd answers", || {
            let mut running = docker.running.lock().expect("nobody panics with it");
            let ended = running.try_wait().expect("our child");
            let log = || fs::read_to_string(docker.folder.join("log")).unwrap_or_default();
            assert!(ended.is_none(), "dockerd: {ended:?}\n{}", log());
            docker.run(&["info"]).status.success()
        });
        docker
    }

    /// The daemon's PID here: the PIDs it speaks of are those of its own namespace.
    ///
    /// # Panics
    /// If another test has panicked while it asked.
    pub fn pid(&self) -> i32 {
        self.running.lock().expect("nobody panics with it").pid()
    }

    /// Where its files are, and those of the tests that share it.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `DOCKER_HOST` is to be.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.join("socket").display())
    }

    /// An image of this name with busybox and these files in it, all executable; `changes` are
    /// instructions as in a Dockerfile.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn import(&self, image: &str, files: &[(&str, impl AsRef<[u8]>)], changes: &[&str]) {
        let tar = make_image(&self.folder, image, files);
        let changes: Vec<&str> = changes.iter().flat_map(|change| ["--change", change]).collect();
        self.succeeds(&[&["import"], &changes[..], &[&tar.display().to_string(), image]].concat());
    }

    /// An image made of another by a Dockerfile: what `import` cannot change.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn build(&self, image: &str, dockerfile: &str) {
        let context = self.folder.join(format!("context-{image}"));
        fs::create_dir_all(&context).expect("a folder");
        fs::write(context.join("Dockerfile"), dockerfile).expect("a file");
        self.succeeds(&["build", "--quiet", "--tag", image, &context.display().to_string()]);
    }

    /// `docker` with these arguments, killed if it hangs.
    ///
    /// # Panics
    /// If it cannot be run.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut docker = Command::new("timeout");
        docker.args(["--signal=KILL", "100", "docker", "-H", &self.host()]).args(args);
        // Nothing of the user's own set-up.
        docker.env("DOCKER_CONFIG", &self.folder).env_remove("DOCKER_CONTEXT");
        // The builder that needs no plugin.
        docker.env("DOCKER_BUILDKIT", "0");
        docker.stdin(Stdio::null()).output().expect("timeout can be run")
    }

    /// What it prints.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn succeeds(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "docker {args:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }
}

impl Drop for Docker {
    /// TERM first, so that it ends its containers. If it does not, its namespace ends with it.
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let _ = running.signal(libc::SIGTERM);
        let _ = running.wait_within(Duration::from_secs(15));
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether an engine can be started here; if not, the test is skipped.
pub fn may_run_engines(programs: &[&str]) -> bool {
    if let Some(missing) = programs.iter().find(|program| find_program(program).is_none()) {
        skip(&format!("{missing} is not installed"));
        return false;
    }
    if static_busybox().is_none() {
        skip("no static busybox: Debian's busybox-static has one");
        return false;
    }
    real_root()
}

/// Also where only root has its programs.
pub fn find_program(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// One that names no loader: it runs in an image with nothing else in it.
fn static_busybox() -> Option<PathBuf> {
    let busybox = find_program("busybox")?;
    let bytes = fs::read(&busybox).ok()?;
    let head = &bytes[..bytes.len().min(4096)];
    (!head.windows(7).any(|window| window == b"/lib64/" || window == b"/lib/ld")).then_some(busybox)
}

/// A tar file with busybox and these files.
///
/// # Panics
/// If it cannot be made.
pub fn make_image(folder: &Path, name: &str, files: &[(&str, impl AsRef<[u8]>)]) -> PathBuf {
    let root = folder.join(format!("root-{name}"));
    for name in ["bin", "sbin", "dev", "proc", "sys", "run", "tmp", "etc", "evidence"] {
        fs::create_dir_all(root.join(name)).expect("a folder");
    }
    fs::copy(static_busybox().expect("looked for before"), root.join("bin/busybox"))
        .expect("a copy");
    for name in ["sh", "sleep", "touch", "cat", "id", "cmp", "grep"] {
        symlink("busybox", root.join("bin").join(name)).expect("a link");
    }
    for (name, text) in files {
        let folder = root.join(name).parent().expect("a folder").to_owned();
        fs::create_dir_all(folder).expect("a folder");
        fs::write(root.join(name), text).expect("a file");
        fs::set_permissions(root.join(name), PermissionsExt::from_mode(0o755)).expect("its owner");
    }
    let tar = folder.join(format!("{name}.tar"));
    let made = Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg(".").status();
    assert!(made.is_ok_and(|status| status.success()), "tar");
    tar
}

/// Spawned by a thread that lives as long as the sender: Ctrl-C at the tests is not to leave the
/// daemon behind, and no test's own thread lives long enough.
fn spawn_kept(command: Pid1) -> (Running, Sender<()>) {
    let (keeper, kept) = channel();
    let (give, take) = channel();
    std::thread::spawn(move || {
        let _ = give.send(command.dies_with_thread().spawn());
        let _ = kept.recv();
    });
    (take.recv().expect("a thread").expect("dockerd starts"), keeper)
}
