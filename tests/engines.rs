//! The init in real containers: as ENTRYPOINT and as `--init` of Docker, and as `--init` of podman.
//!
//! The tests start a Docker daemon of their own, with its own folders and socket and as PID 1 of a
//! namespace, so that one kill ends it and every container. No registry is asked for anything: the
//! image is a static busybox, the init and an application that takes a moment to close.

use sexton_testkit::libc::SIGTERM;
use sexton_testkit::{Pid1, Running, Stream, eventually, init_path, real_root, scratch, skip};
use std::fs::{self, File};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// What the containers are given to stop; it has to do without.
const STOP_SECONDS: &str = "50";

/// Longer than a clean stop here, shorter than [`STOP_SECONDS`].
const CLEAN: Duration = Duration::from_secs(30);

/// Behind a shell that passes nothing on; told to stop, it needs a moment to close.
const APP: &str = "#!/bin/sh
trap 'sleep 0.5; echo closed >/evidence/app; exit 0' TERM
touch /evidence/ready
while :; do sleep 60 & wait $!; done
";

#[test]
fn an_application_behind_a_shell_closes_when_docker_stops_the_container() {
    let Some(docker) = Docker::get() else { return };
    let container =
        docker.start("own", &["--entrypoint", "/sexton-init"], &["--", "sh", "-c", "/app; true"]);
    container.stops_cleanly();
}

#[test]
fn docker_run_with_our_init_stops_cleanly_too() {
    let Some(docker) = Docker::get() else { return };
    let container = docker.start("init", &["--init"], &["sh", "-c", "/app; true"]);
    docker.succeeds(&["exec", &container.name, "cmp", "/proc/1/exe", "/sexton-init"]);
    let called = docker.succeeds(&["exec", &container.name, "cat", "/proc/1/cmdline"]);
    assert!(called.starts_with("/sbin/docker-init\0--\0"), "{called:?}");
    container.stops_cleanly();
}

#[test]
fn under_docker_init_the_options_come_from_the_environment() {
    let Some(docker) = Docker::get() else { return };
    let run = ["run", "--rm", "--init", "-e", "SEXTON_SUCCESS=7", IMAGE, "sh", "-c", "exit 7"];
    assert_eq!(docker.run(&run).status.code(), Some(0));
}

#[test]
fn a_process_of_docker_exec_is_told_and_does_not_hold_the_exit() {
    let Some(docker) = Docker::get() else { return };
    // What is left of the command waits to see that the other was told.
    let app = "trap 'while ! [ -e /evidence/told ]; do sleep 0.1; done
                     echo closed >/evidence/app; exit 0' TERM
               touch /evidence/ready; while :; do sleep 60 & wait $!; done";
    let command = ["/sexton-init", "--drain-timeout=40s", "--", "sh", "-c", "sh -c \"$APP\"; true"];
    let container = docker.start("exec", &["-e", &format!("APP={app}")], &command);
    let guest = "trap 'touch /evidence/told' TERM
                 touch /evidence/guest; while :; do sleep 60 & wait $!; done";
    docker.succeeds(&["exec", "-d", &container.name, "sh", "-c", guest]);
    eventually("the process of docker exec is ready", || container.evidence("guest"));
    // It never ends by itself.
    container.stops_cleanly();
}

#[test]
fn docker_reports_the_commands_status_and_our_words_when_there_is_none() {
    let Some(docker) = Docker::get() else { return };
    for (command, status, words) in [
        (&["sh", "-c", "exit 7"][..], 7, ""),
        (&["sh", "-c", "kill -9 $$"], 137, ""),
        (&["/nosuch"], 127, "sexton-init: exec /nosuch: No such file or directory"),
        (&["/evidence"], 126, "sexton-init: exec /evidence: "),
    ] {
        let run = ["run", "--rm", "--init", IMAGE];
        let output = docker.run(&[&run[..], command].concat());
        assert_eq!(output.status.code(), Some(status), "{command:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(words) && said.is_empty() == words.is_empty(), "{said}");
    }
}

#[test]
fn ctrl_c_at_the_terminal_of_docker_run_reaches_the_command() {
    let Some(docker) = Docker::get() else { return };
    let Some(script) = find("script") else { return skip("script is not installed") };
    let folder = Folder::new();
    let app = "trap 'echo inter''rupted; exit 3' INT; echo rea''dy; while :; do sleep 0.2; done";
    let inside = format!("docker -H {} run --rm -it --init {IMAGE} sh -c \"$APP\"", docker.host());
    let log = folder.0.join("typescript");
    // script(1) gives docker a terminal, and its own status is docker's.
    let mut script = Command::new(script);
    script.args(["-qefc", &inside]).arg(&log).env("APP", app).env("SHELL", "/bin/sh");
    script.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut script = KilledOnDrop(script.spawn().unwrap());
    let says = |words: &str| fs::read_to_string(&log).unwrap_or_default().contains(words);
    eventually("the command is ready", || says("ready"));
    script.0.stdin.as_mut().unwrap().write_all(b"\x03").unwrap();
    eventually("the command has heard of it", || says("interrupted"));
    assert_eq!(script.ended(), Some(3));
}

#[test]
fn podman_run_with_our_init_stops_cleanly_too() {
    let Some(podman) = Podman::get() else { return };
    let evidence = podman.folder.0.join("evidence");
    fs::create_dir(&evidence).unwrap();
    let volume = format!("{}:/evidence", evidence.display());
    let init = init_path();
    let limits = ["--network=none", "--ulimit=host", "--init", "--init-path"];
    let mut run = podman.command("run");
    run.args(["--name=app", "--rm", "-v", &volume]).args(limits).arg(init);
    run.args([IMAGE, "sh", "-c", "/app; true"]).stdin(Stdio::null());
    let mut app = KilledOnDrop(run.spawn().unwrap());
    eventually("the application is ready", || {
        assert_eq!(app.0.try_wait().unwrap(), None, "podman run has ended");
        evidence.join("ready").exists()
    });
    let start = Instant::now();
    succeeds(podman.command("stop").args(["-t", STOP_SECONDS, "app"]));
    assert_eq!(app.ended(), Some(128 + SIGTERM), "the shell's own status");
    assert!(start.elapsed() < CLEAN);
    assert_eq!(fs::read_to_string(evidence.join("app")).unwrap(), "closed\n");
}

const IMAGE: &str = "sexton-engines";

/// A Docker daemon that the tests running at the same time share; the last one stops it.
struct Docker {
    running: Mutex<Running>,
    folder: Folder,
    _keeper: Sender<()>,
}

impl Docker {
    /// The daemon, started if need be, or a word on why the test is skipped.
    fn get() -> Option<Arc<Docker>> {
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

    fn host(&self) -> String {
        format!("unix://{}", self.folder.0.join("socket").display())
    }

    /// A container in the background whose application is ready.
    fn start<'a>(&'a self, name: &str, options: &[&str], command: &[&str]) -> Container<'a> {
        let evidence = self.folder.0.join(format!("evidence-{name}"));
        fs::create_dir(&evidence).unwrap();
        let volume = format!("{}:/evidence", evidence.display());
        let run = ["run", "-d", "--name", name, "-v", &volume];
        self.succeeds(&[&run[..], options, &[IMAGE], command].concat());
        let container = Container { docker: self, name: name.to_owned(), evidence };
        eventually("the application is ready", || container.evidence("ready"));
        container
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut docker = in_time("docker");
        docker.args(["-H", &self.host()]).args(args).stdin(Stdio::null());
        // Nothing of the user's own set-up.
        docker.env("DOCKER_CONFIG", &self.folder.0).env_remove("DOCKER_CONTEXT");
        docker.output().unwrap()
    }

    #[track_caller]
    fn succeeds(&self, args: &[&str]) -> String {
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
struct Container<'a> {
    docker: &'a Docker,
    name: String,
    evidence: PathBuf,
}

impl Container<'_> {
    fn evidence(&self, name: &str) -> bool {
        self.evidence.join(name).exists()
    }

    /// Within the time, by its own end and not by Docker's KILL, and the application says so.
    #[track_caller]
    fn stops_cleanly(&self) {
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

/// podman with storage of its own.
struct Podman {
    folder: Folder,
}

impl Podman {
    fn get() -> Option<Podman> {
        if !may_run(&["podman", "runc"]) {
            return None;
        }
        let podman = Podman { folder: Folder::new() };
        fs::write(podman.folder.0.join("containers.conf"), "[containers]\ndefault_ulimits = []\n")
            .unwrap();
        succeeds(podman.command("import").arg(make_image(&podman.folder)).arg(IMAGE));
        Some(podman)
    }

    fn command(&self, verb: &str) -> Command {
        let at = |name: &str| self.folder.0.join(name);
        let mut podman = in_time("podman");
        podman.arg("--root").arg(at("root")).arg("--runroot").arg(at("runroot"));
        podman.arg("--tmpdir").arg(at("tmp"));
        podman.args(["--storage-driver=vfs", "--runtime=runc", "--cgroup-manager=cgroupfs"]);
        podman.args(["--events-backend=none", verb]);
        podman.env("CONTAINERS_CONF", at("containers.conf")).env("HOME", &self.folder.0);
        podman
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        let _ = self.command("rm").args(["--all", "--force", "--time=0"]).output();
    }
}

/// Whether an engine can be started here; if not, the test is skipped.
fn may_run(programs: &[&str]) -> bool {
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

fn find(program: &str) -> Option<PathBuf> {
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
fn make_image(folder: &Folder) -> PathBuf {
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
    let tar = folder.0.join("image.tar");
    succeeds(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg("."));
    tar
}

/// A folder of the test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        Folder(scratch())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct KilledOnDrop(Child);

impl KilledOnDrop {
    fn ended(&mut self) -> Option<i32> {
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
fn in_time(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", "100", program]);
    command
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let output = command.output().expect("the program can be run");
    assert!(output.status.success(), "{command:?}: {output:?}");
}
