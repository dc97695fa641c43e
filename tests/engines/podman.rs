//! Our init as podman's: beside a container's command, and alone as the pause process of a pod.

use crate::common::{CLEAN, Folder, IMAGE, KilledOnDrop, STOP_SECONDS, files, in_time, succeeds};
use sexton_testkit::libc::SIGTERM;
use sexton_testkit::{eventually, init_path, make_image, may_run_engines};
use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

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

#[test]
fn podman_takes_the_init_that_its_configuration_names() {
    let Some(podman) = Podman::get() else { return };
    let limits = ["--network=none", "--ulimit=host", "--init", "--rm"];
    for (command, status) in [(&["sh", "-c", "exit 7"][..], 7), (&["/nosuch"], 127)] {
        let mut run = podman.command("run");
        run.args(limits).arg(IMAGE).args(command).stdin(Stdio::null());
        assert_eq!(run.output().unwrap().status.code(), Some(status), "{command:?}");
    }
}

/// The infra container of a pod is the init alone, in a root that is otherwise empty, with `-P`.
#[test]
fn a_pod_is_held_by_our_pause_and_ends_with_0() {
    let Some(podman) = Podman::get() else { return };
    succeeds(podman.command("pod").args(["create", "--name=pod", "--network=none"]));
    succeeds(podman.command("pod").args(["start", "pod"]));
    let infra = podman.says("pod", &["inspect", "--format={{.InfraContainerID}}", "pod"]);
    let command = podman.says("inspect", &["--format={{.Config.Cmd}} {{.Path}} {{.Args}}", &infra]);
    assert!(command.contains("-P"), "{command}");
    let pid = podman.says("inspect", &["--format={{.State.Pid}}", &infra]);
    let same = fs::read(format!("/proc/{pid}/exe")).unwrap() == fs::read(init_path()).unwrap();
    assert!(same, "another program is the pause process");
    let start = Instant::now();
    succeeds(podman.command("pod").args(["stop", "-t", STOP_SECONDS, "pod"]));
    assert!(start.elapsed() < CLEAN);
    let status = podman.says("inspect", &["--format={{.State.ExitCode}}", &infra]);
    assert_eq!(status, "0");
    succeeds(podman.command("pod").args(["rm", "pod"]));
}

/// podman with storage of its own.
struct Podman {
    folder: Folder,
}

impl Podman {
    fn get() -> Option<Podman> {
        if !may_run_engines(&["podman", "runc"]) {
            return None;
        }
        let podman = Podman { folder: Folder::new() };
        // podman 4 looks for the program of its pods by name.
        let helpers = podman.folder.0.join("helpers");
        fs::create_dir(&helpers).unwrap();
        fs::copy(init_path(), helpers.join("catatonit")).unwrap();
        let settings = format!(
            "[containers]\ndefault_ulimits = []\ninit_path = \"{}\"\n\
             [engine]\nhelper_binaries_dir = [\"{}\"]\n",
            init_path().display(),
            helpers.display()
        );
        fs::write(podman.folder.0.join("containers.conf"), settings).unwrap();
        let image = make_image(&podman.folder.0, IMAGE, &files());
        succeeds(podman.command("import").arg(image).arg(IMAGE));
        Some(podman)
    }

    /// What it prints.
    #[track_caller]
    fn says(&self, verb: &str, args: &[&str]) -> String {
        let output = self.command(verb).args(args).output().unwrap();
        assert!(output.status.success(), "podman {verb} {args:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
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
