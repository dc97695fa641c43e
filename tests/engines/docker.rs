//! A Docker daemon of the tests' own, and its containers.

use crate::common::{CLEAN, Folder, IMAGE, STOP_SECONDS, find, in_time, make_image, may_run};
use sexton_testkit::libc::SIGTERM;
use sexton_testkit::{Pid1, Running, Stream, eventually, init_path};
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// A Docker daemon that the tests running at the same time share; the last one stops it.
pub struct Docker {
    running: Mutex<Running>,
    folder: Folder,
    _keeper: Sender<()>,
}

impl Docker {
    /// The daemon, started if need be, or a word on why the test is skipped.
    pub fn get() -> Option<Arc<Docker>> {
        static SHARED: Mutex<Weak<Docker>> = Mutex::new(Weak::new());
        if !may_run(&["docker", "dockerd"]) {
            return None;
        }
        // A test that failed while it held the lock has left nothing half done.
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(docker) = shared.upgrade() {
            return Some(docker);
        }
        let docker = Arc::new(Docker::start_daemon());
        *shared = Arc::downgrade(&docker);
        Some(docker)
    }

    fn start_daemon() -> Docker {
        let folder = Folder::new();
        let at = |name: &str| folder.0.join(name).display().to_string();
        fs::write(at("config"), "{}").unwrap(); // Not the machine's own.
        let log = File::create(at("log")).unwrap();
        let stream = || Stream::Fd(OwnedFd::from(log.try_clone().unwrap()));
        let dockerd = Pid1::new(find("dockerd").unwrap())
            .args(["--data-root", &at("data"), "--exec-root", &at("exec")])
            .args(["--pidfile", &at("pid"), "-H", &format!("unix://{}", at("socket"))])
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false"])
            .args(["--config-file", &at("config"), "--init-path"])
            .arg(init_path())
            .stdin(Stream::Null)
            .stdout(stream())
            .stderr(stream());
        let (running, keeper) = spawn_kept(dockerd);
        let docker = Docker { running: Mutex::new(running), folder, _keeper: keeper };
        eventually("dockerd answers", || {
            let ended = docker.running.lock().unwrap().try_wait().unwrap();
            let log = || fs::read_to_string(docker.folder.0.join("log")).unwrap_or_default();
            assert!(ended.is_none(), "dockerd: {}\n{}", ended.unwrap(), log());
            docker.run(&["info"]).status.success()
        });
        let image = make_image(&docker.folder);
        docker.succeeds(&["import", &image.display().to_string(), IMAGE]);
        docker
    }

    /// What the daemon has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("log")).unwrap_or_default()
    }

    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.0.join("socket").display())
    }

    /// A container in the background whose application is ready.
    pub fn start<'a>(&'a self, name: &str, options: &[&str], command: &[&str]) -> Container<'a> {
        let evidence = self.folder.0.join(format!("evidence-{name}"));
        fs::create_dir(&evidence).unwrap();
        let volume = format!("{}:/evidence", evidence.display());
        let run = ["run", "-d", "--name", name, "-v", &volume];
        self.succeeds(&[&run[..], options, &[IMAGE], command].concat());
        let container = Container { docker: self, name: name.to_owned(), evidence };
        eventually("the application is ready", || container.evidence("ready"));
        container
    }

    pub fn run(&self, args: &[&str]) -> Output {
        let mut docker = in_time("docker");
        docker.args(["-H", &self.host()]).args(args).stdin(Stdio::null());
        // Nothing of the user's own set-up.
        docker.env("DOCKER_CONFIG", &self.folder.0).env_remove("DOCKER_CONTEXT");
        docker.output().unwrap()
    }

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
        let _ = running.signal(SIGTERM);
        let _ = running.wait_within(Duration::from_secs(15));
    }
}

/// Spawned by a thread that lives as long as the sender: Ctrl-C at the tests is not to leave the
/// daemon behind, and no test's own thread lives long enough.
fn spawn_kept(command: Pid1) -> (Running, Sender<()>) {
    let (keeper, kept) = channel();
    let (give, take) = channel();
    std::thread::spawn(move || {
        give.send(command.dies_with_thread().spawn()).unwrap();
        let _ = kept.recv();
    });
    (take.recv().unwrap().unwrap(), keeper)
}

/// A container.
pub struct Container<'a> {
    docker: &'a Docker,
    pub name: String,
    evidence: PathBuf,
}

impl Container<'_> {
    pub fn evidence(&self, name: &str) -> bool {
        self.evidence.join(name).exists()
    }

    /// Within the time, by its own end and not by Docker's KILL, and the application says so.
    #[track_caller]
    pub fn stops_cleanly(&self) {
        let start = Instant::now();
        self.docker.succeeds(&["stop", "-t", STOP_SECONDS, &self.name]);
        let took = start.elapsed();
        let format = "{{.State.ExitCode}}";
        let status = self.docker.succeeds(&["inspect", "-f", format, &self.name]);
        assert_eq!(status, (128 + SIGTERM).to_string(), "the shell's own status");
        assert!(took < CLEAN, "{took:?}");
        assert_eq!(fs::read_to_string(self.evidence.join("app")).unwrap(), "closed\n");
        let log = self.docker.run(&["logs", &self.name]).stderr;
        let log = String::from_utf8_lossy(&log);
        assert!(!log.contains("sexton-init:"), "the init has nothing to complain of: {log}");
    }
}
