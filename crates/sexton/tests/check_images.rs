//! `sexton check --image` and `--container`, with a real Docker daemon and with podman.

mod common;

use common::{Folder, check, faults, find, init, parse, processes, stderr, stdout, those};
use serde_json::Value;
use sexton_testkit::{Docker, eventually, make_image, may_run_engines, skip};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

/// Behind a shell that passes nothing on; told to stop, it needs a moment to close.
const APP: &str = "#!/bin/sh
trap 'sleep 0.5; exit 0' TERM QUIT
echo app is ready
while :; do sleep 1000 & wait $!; kill $!; done
";

/// Passes the signal to nobody, and leaves at once.
const LAUNCHER: &str = "#!/bin/sh
trap 'exit 0' TERM
/app &
wait $!
";

/// `sexton check` where the daemon's PIDs mean something: in its PID namespace.
fn check_under(docker: &Docker, words: &[&str]) -> Output {
    client(docker, words).output().unwrap()
}

fn client(docker: &Docker, words: &[&str]) -> Command {
    let pid = docker.pid().to_string();
    let mut nsenter = Command::new("nsenter");
    nsenter.args(["--target", &pid, "--pid", "--mount", "--wd=/", "--"]);
    nsenter.arg(env!("CARGO_BIN_EXE_sexton")).arg("check").args(words);
    nsenter.env("DOCKER_HOST", docker.host()).env("SEXTON_INIT", init());
    nsenter.stdin(Stdio::null());
    nsenter
}

fn report_under(docker: &Docker, words: &[&str]) -> Value {
    parse(&check_under(docker, &[&["--json"], words].concat()))
}

/// The daemon, with the images of these tests.
fn docker() -> Option<std::sync::Arc<Docker>> {
    static ONCE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let docker = Docker::get(&[])?;
    let _one = ONCE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !docker.run(&["image", "inspect", "quitter"]).status.success() {
        let files = [("app", APP), ("launcher", LAUNCHER)];
        docker.import("launched", &files, &["ENTRYPOINT [\"/launcher\"]"]);
        let quitter = "FROM launched\nENTRYPOINT [\"/bin/sh\"]\nCMD [\"/app\"]\n\
                       STOPSIGNAL QUIT\nUSER 1234\n";
        docker.build("quitter", quitter);
    }
    Some(docker)
}

/// Other tests have containers of the same kind, for a moment.
fn nothing_is_left(docker: &Docker) {
    eventually("every container is removed", || containers(docker).is_empty());
}

fn containers(docker: &Docker) -> String {
    docker.succeeds(&["ps", "--all", "--quiet", "--filter", "name=sexton-check"])
}

#[test]
fn an_image_is_run_by_its_own_configuration_and_judged() {
    let Some(docker) = docker() else { return };
    let report = report_under(&docker, &["--ready-log=ready", "--image", "launched"]);
    assert_eq!(faults(&report, 0), ["unclean"], "{report:#}");
    assert_eq!(report["runs"][0]["watched"]["births_and_signals"], "ptrace");
    assert!(those(&report, "killed-by-teardown").contains(&"app".to_owned()), "{report:#}");
    assert_eq!(report["runs"][0]["reaps"]["verdict"], "yes");
    nothing_is_left(&docker);

    // STOPSIGNAL, USER and CMD are the image's own.
    let report = report_under(&docker, &["--ready-log=ready", "--image", "quitter"]);
    assert_eq!(
        (&report["signal"], &report["runs"][0]["stops"]["end"]),
        (&"SIGQUIT".into(), &"exit 0".into())
    );
    let script = ["--image", "quitter", "--ready-log=uid=1234", "--grace=1s", "--", "-c"];
    let report = report_under(&docker, &[&script[..], &["id; sleep 1000; true"]].concat());
    assert_eq!(faults(&report, 0)[0], "deaf", "the command is the one given");
}

#[test]
fn an_image_is_tried_under_our_init_without_changing_it() {
    let Some(docker) = docker() else { return };
    let words = ["--ready-log=ready", "--with-init", "--image", "launched"];
    let report = report_under(&docker, &words);
    assert_eq!(
        (faults(&report, 0), faults(&report, 1)),
        (vec!["unclean".into()], vec![]),
        "{report:#}"
    );
    let first = processes(&report, 1).find(|process| process["pid"] == 1).unwrap();
    assert_eq!(first["command"][0], "/.sexton-check/sexton-init");
    nothing_is_left(&docker);
}

#[test]
fn without_ptrace_a_containers_ends_are_seen_too() {
    let Some(docker) = docker() else { return };
    let words = ["--watch=proc", "--ready-log=ready", "--image", "launched"];
    let report = report_under(&docker, &words);
    assert_eq!(report["runs"][0]["watched"]["births_and_signals"], "proc");
    if report["runs"][0]["watched"]["ends"] == "pidfd" {
        assert_eq!(faults(&report, 0), ["unclean"], "{report:#}");
    }
}

#[test]
fn without_root_a_container_is_looked_at_and_signalled_through_its_engine() {
    let Some(docker) = docker() else { return };
    let Some(setpriv) = find("setpriv") else { return skip("setpriv is not installed") };
    let folder = Folder::new();
    let program = folder.0.join("sexton");
    std::fs::copy(env!("CARGO_BIN_EXE_sexton"), &program).unwrap();
    // As a member of the group `docker` may use it.
    let open = std::fs::Permissions::from_mode(0o777);
    for path in [&folder.0, docker.folder(), &docker.folder().join("socket")] {
        std::fs::set_permissions(path, open.clone()).unwrap();
    }
    let pid = docker.pid().to_string();
    let mut nsenter = Command::new("nsenter");
    nsenter.args(["--target", &pid, "--pid", "--mount", "--wd=/", "--"]).arg(setpriv);
    nsenter.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
    nsenter.args(["check", "--json", "--ready-log=ready", "--image", "launched"]);
    nsenter.env("DOCKER_HOST", docker.host()).env("HOME", &folder.0).stdin(Stdio::null());
    let report = parse(&nsenter.output().unwrap());
    assert_eq!(report["runs"][0]["watched"]["births_and_signals"], "proc");
    assert_eq!(report["runs"][0]["stops"]["in_time"], true);
    if report["runs"][0]["watched"]["ends"] == "pidfd" {
        assert_eq!(faults(&report, 0), ["unclean"], "{report:#}");
    }
    assert_eq!(report["runs"][0]["reaps"]["verdict"], "not-tried", "that needs root");
}

#[test]
fn ctrl_c_removes_the_container() {
    let Some(docker) = docker() else { return };
    let words = ["--ready-after=60s", "--run-option=--label=interrupted", "--image", "launched"];
    let mut client = client(&docker, &words).stderr(Stdio::null()).spawn().unwrap();
    let list = ["ps", "--all", "--quiet", "--filter", "label=interrupted"];
    eventually("it runs", || !docker.succeeds(&list).is_empty());
    let nsenter = rustix::process::Pid::from_child(&client);
    // nsenter(1) forks for the PID namespace: the program is its child.
    let children = format!("/proc/{0}/task/{0}/children", nsenter.as_raw_nonzero());
    let child: i32 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    let child = rustix::process::Pid::from_raw(child).unwrap();
    rustix::process::kill_process(child, rustix::process::Signal::INT).unwrap();
    assert_eq!(client.wait().unwrap().code(), Some(130));
    assert_eq!(docker.succeeds(&list), "");
}

#[test]
fn what_an_engine_cannot_do_is_one_clear_line() {
    let Some(docker) = docker() else { return };
    let says = |words: &[&str], why: &str| {
        let output = check_under(&docker, words);
        assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(125)));
        let said = stderr(&output);
        assert!(said.lines().last().unwrap_or_default().contains(why), "{words:?}: {said}");
    };
    says(
        &["--image", "nosuch"],
        "docker has no image `nosuch`: fetch it with `docker pull nosuch`",
    );
    says(&["--image", "launched", "--run-option=--entrypoint=/nosuch"], "/nosuch");
    says(&["--image", "launched", "--run-option=--nosuch"], "docker: unknown flag: --nosuch");
    let quick = ["--image", "quitter", "--", "-c", "echo no service today; exit 3"];
    let output = check_under(&docker, &quick);
    assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(4)));
    let said = stderr(&output);
    assert!(said.contains("| no service today\n") && said.contains("by itself (exit 3)"), "{said}");
    says(&["--container", "nosuch"], "docker: No such container: nosuch");
    nothing_is_left(&docker);

    // From outside the daemon's namespace its PIDs are others'.
    docker.succeeds(&["run", "-d", "--name", "elsewhere", "launched"]);
    let mut from_outside = check(&["--container", "elsewhere"]);
    let output = from_outside.env("DOCKER_HOST", docker.host()).output().unwrap();
    docker.succeeds(&["rm", "--force", "elsewhere"]);
    assert_eq!(output.status.code(), Some(125));
    assert!(stderr(&output).contains("the engine runs its containers elsewhere"));
}

#[test]
fn without_an_engine_there_is_one_clear_line() {
    let folder = Folder::new();
    let output = check(&["--image", "x"]).env("PATH", &folder.0).output().unwrap();
    assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(125)));
    assert!(stderr(&output).contains("neither docker nor podman is in PATH"));
    if find("docker").is_some() {
        let mut refused = check(&["--engine=docker", "--image", "x"]);
        let output = refused.env("DOCKER_HOST", "unix:///no/such/socket").output().unwrap();
        assert_eq!(output.status.code(), Some(125));
        let said = stderr(&output);
        assert!(said.contains("Cannot connect to the Docker daemon"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_container_is_predicted_without_being_stopped() {
    let Some(docker) = docker() else { return };
    let predict = |name: &str, command: &[&str], words: &[&str]| {
        let run = ["run", "-d", "--name", name, "--entrypoint", command[0], "launched"];
        docker.succeeds(&[&run[..], &command[1..]].concat());
        std::thread::sleep(std::time::Duration::from_millis(500));
        let output = check_under(&docker, &[&["--json", "--container", name], words].concat());
        let state = docker.succeeds(&["inspect", "-f", "{{.State.Running}}", name]);
        docker.succeeds(&["rm", "--force", name]);
        assert_eq!(state, "true", "it still runs");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (
            report["outlook"].as_str().unwrap().to_owned(),
            report["reaps"].clone(),
            output.status.code(),
        )
    };
    let no = Value::Bool(false);
    let deaf = |probe: Value, code| ("deaf".to_owned(), probe, Some(code));
    assert_eq!(predict("p1", &["/bin/sleep", "1000"], &[]), deaf(Value::Null, 1));
    assert_eq!(predict("p2", &["/bin/sleep", "1000"], &["--probe"]), deaf(no, 1));
    let foreground = ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000; true"];
    assert_eq!(predict("p3", &foreground, &[]), ("deferred".into(), Value::Null, Some(1)));
    let background = ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait $!"];
    let reacts = ("reacts".into(), Value::Bool(true), Some(0));
    assert_eq!(predict("p4", &background, &["--probe"]), reacts);
}

#[test]
fn podman_runs_images_too() {
    if !may_run_engines(&["podman", "runc"]) {
        return;
    }
    let folder = Folder::new();
    let at = |name: &str| folder.0.join(name).display().to_string();
    let conf = "[containers]\ndefault_ulimits = []\nnetns = \"none\"\n";
    let conf = folder.file("containers.conf", conf);
    let podman = format!(
        "#!/bin/sh\nexport CONTAINERS_CONF={conf} HOME={}\nexec podman --root {} --runroot {} \
         --tmpdir {} --storage-driver=vfs --runtime=runc --cgroup-manager=cgroupfs \
         --events-backend=none \"$@\"\n",
        folder.0.display(),
        at("root"),
        at("runroot"),
        at("tmp")
    );
    let podman = folder.program("podman-here", &podman);
    let tar = make_image(&folder.0, "launched", &[("app", APP), ("launcher", LAUNCHER)]);
    let change = ["--change", "ENTRYPOINT [\"/launcher\"]"];
    let imported = Command::new(&podman)
        .arg("import")
        .args(change)
        .arg(&tar)
        .arg("launched")
        .output()
        .unwrap();
    assert!(imported.status.success(), "{imported:?}");
    let words =
        ["--json", "--engine", &podman, "--run-option=--ulimit=host", "--image", "launched"];
    let output = check(&[&words[..], &["--ready-log=ready"]].concat()).output().unwrap();
    let report = parse(&output);
    assert_eq!(faults(&report, 0), ["unclean"], "{report:#}");
    let missing = check(&["--engine", &podman, "--image", "nosuch"]).output().unwrap();
    assert!(stderr(&missing).contains("has no image `nosuch`"), "{}", stderr(&missing));
    let left = Command::new(&podman).args(["ps", "--all", "--quiet"]).output().unwrap();
    assert_eq!(stdout(&left), "", "the container is removed");
}
