//! `sexton doctor` and real containers: names, stop signals, processes of `docker exec`, shared
//! namespaces.
//!
//! The tests' Docker is PID 1 of a namespace of its own: everything is one namespace deeper than
//! usual, and what its containers call the host is that namespace.

use serde_json::Value;
use sexton_testkit::{Docker, eventually, make_image, may_run_engines, scratch, skip};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

const IMAGE: &str = "sexton-doctor";

fn docker() -> Option<Arc<Docker>> {
    let docker = Docker::get()?;
    static IMPORTING: Mutex<()> = Mutex::new(());
    let _one = IMPORTING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !docker.run(&["image", "inspect", IMAGE]).status.success() {
        let none: [(&str, &str); 0] = [];
        docker.import(IMAGE, &none, &[]);
    }
    Some(docker)
}

/// A container in the background; its id.
fn run(docker: &Docker, name: &str, options: &[&str], command: &[&str]) -> String {
    let run = ["run", "-d", "--name", name, "--network=none"];
    docker.succeeds(&[&run[..], options, &[IMAGE], command].concat())
}

fn doctor(docker: &Docker, words: &[&str]) -> Output {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_sexton"));
    doctor.args(["doctor", "--json", "--all", "--dwell", "0.1"]).args(words);
    doctor.env("DOCKER_HOST", docker.host()).output().unwrap()
}

/// The one namespace that this container has.
#[track_caller]
fn of(docker: &Docker, container: &str) -> Value {
    let output = doctor(docker, &["--container", container]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {output:?}");
    });
    let namespaces = report["namespaces"].as_array().unwrap();
    assert_eq!(namespaces.len(), 1, "{report:#}");
    namespaces[0].clone()
}

/// Its findings of this kind.
fn findings(namespace: &Value, kind: &str) -> Vec<Value> {
    let all = namespace["findings"].as_array().unwrap().iter();
    all.filter(|one| one["kind"] == kind).cloned().collect()
}

/// What is said of its stop signal.
fn stop(namespace: &Value) -> Value {
    findings(namespace, "stop")[0].clone()
}

fn words(finding: &Value) -> String {
    let all = finding["because"].as_array().unwrap().iter().map(|fact| fact.as_str().unwrap());
    all.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_container_is_found_by_its_name_and_by_its_id() {
    let Some(docker) = docker() else { return };
    let id = run(&docker, "named", &[], &["sleep", "600"]);
    for word in ["named", &id, &id[..12], &id[..5]] {
        let namespace = of(&docker, word);
        let container = &namespace["container"];
        assert_eq!((&container["engine"], &container["name"]), (&"docker".into(), &"named".into()));
        assert_eq!(container["id"], id);
        assert_eq!(namespace["pid1"]["command"], "sleep 600");
        assert_eq!(namespace["pid1"]["pid_inside"], 1);
        let said = words(&stop(&namespace));
        assert!(said.starts_with("no handler for TERM"), "busybox is no shell here: {said}");
    }
    let unknown = doctor(&docker, &["--container", "nosuch"]);
    assert_eq!(unknown.status.code(), Some(125));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("named"), "those that there are");
}

#[test]
fn without_the_engine_there_is_the_id() {
    let Some(docker) = docker() else { return };
    let id = run(&docker, "nameless", &[], &["sleep", "600"]);
    let dir = scratch();
    let hangs = dir.join("socket");
    let _hanging = std::os::unix::net::UnixListener::bind(&hangs).unwrap();
    for (socket, complaint) in [
        (Path::new("/nonexistent"), None),
        (&hangs, Some(format!("docker gave no names: {}: no answer in 500 ms", hangs.display()))),
    ] {
        let mut doctor = Command::new(env!("CARGO_BIN_EXE_sexton"));
        doctor.args(["doctor", "--json", "--all", "--dwell", "0.1", "--container", &id]);
        let output = doctor.env("DOCKER_HOST", format!("unix://{}", socket.display())).output();
        let report: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        let container = &report["namespaces"][0]["container"];
        assert_eq!(
            (&container["engine"], &container["id"]),
            (&"docker".into(), &id.clone().into())
        );
        assert_eq!(container["name"], Value::Null);
        assert_eq!(stop(&report["namespaces"][0])["signal_known"], false);
        assert_eq!(
            report["not_seen"].as_array().unwrap().first(),
            complaint.map(Value::from).as_ref()
        );
    }
}

#[test]
fn the_stop_signal_is_the_containers_own() {
    let Some(docker) = docker() else { return };
    // It hears QUIT and is deaf to TERM.
    let script = "trap 'exit 0' QUIT; while :; do sleep 600 & wait; done";
    for (name, options, signal, answer) in [
        ("quits", &["--stop-signal", "QUIT"][..], "QUIT", "reacts"),
        ("terms", &[], "TERM", "deaf"),
        ("real-time", &["--stop-signal", "RTMIN+3"], "RTMIN+3", "deaf"),
    ] {
        run(&docker, name, options, &["sh", "-c", script]);
        eventually(name, || {
            let stop = stop(&of(&docker, name));
            assert_eq!((&stop["signal"], &stop["signal_known"]), (&signal.into(), &true.into()));
            stop["answer"] == answer
        });
    }
}

/// What runc and the shim do: the process's parent is outside until it has been started, and its
/// orphans are PID 1's.
#[test]
fn orphans_of_docker_exec_are_pid_1s_to_reap() {
    let Some(docker) = docker() else { return };
    run(&docker, "careless", &[], &["sleep", "600"]);
    docker.succeeds(&["exec", "careless", "sh", "-c", "sleep 0.1 & exit"]);
    eventually("its orphan is a zombie", || {
        let zombies = findings(&of(&docker, "careless"), "zombies");
        zombies.iter().any(|one| {
            assert_eq!(one["count"], 1, "{one}");
            if one["verdict"] != "orphan-not-reaped" {
                return false;
            }
            assert_eq!(
                (&one["names"][0]["name"], &one["confidence"]),
                (&"sleep".into(), &"certain".into())
            );
            assert!(words(one).contains("is neither its parent's nor its own"), "{one}");
            true
        })
    });

    let careful = run(&docker, "careful", &["--init"], &["sleep", "600"]);
    docker.succeeds(&["exec", "careful", "sh", "-c", "sleep 0 & exit"]);
    eventually("its init has reaped it", || findings(&of(&docker, &careful), "zombies").is_empty());
}

/// The shim waits for whom it started, unless it is stopped itself.
#[test]
fn a_process_of_docker_exec_whose_shim_does_not_wait_is_the_shims() {
    let Some(docker) = docker() else { return };
    run(&docker, "shimmed", &[], &["sleep", "600"]);
    docker.succeeds(&["exec", "-d", "shimmed", "sleep", "60117"]);
    let members = || of(&docker, "shimmed");
    let pid1 = i32::try_from(members()["pid1"]["pid"].as_i64().unwrap()).unwrap();
    let guest = || {
        let pgrep = Command::new("pgrep").args(["-fx", "sleep 60117"]).output().unwrap();
        String::from_utf8_lossy(&pgrep.stdout).trim().parse::<i32>().ok()
    };
    eventually("it runs", || guest().is_some());
    let guest = guest().unwrap();
    let parent = |pid: i32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().split(' ').nth(1).unwrap().parse::<i32>().unwrap()
    };
    let shim = parent(guest);
    assert_eq!(shim, parent(pid1), "the shim is outside");
    let send = |pid, signal| sexton_testkit::signals::send(pid, signal).unwrap();
    send(shim, sexton_testkit::libc::SIGSTOP);
    send(guest, sexton_testkit::libc::SIGKILL);
    eventually("the shim is named", || {
        let zombies = findings(&members(), "zombies");
        zombies.iter().any(|one| one["verdict"] == "reaper-paused" && one["culprit"]["pid"] == shim)
    });
    send(shim, sexton_testkit::libc::SIGCONT);
    eventually("the shim has waited", || findings(&members(), "zombies").is_empty());
}

#[test]
fn a_paused_container_is_said_to_be_paused() {
    let Some(docker) = docker() else { return };
    run(&docker, "paused", &[], &["sleep", "600"]);
    docker.succeeds(&["pause", "paused"]);
    let stop = stop(&of(&docker, "paused"));
    assert_eq!((&stop["pause"], &stop["answer"]), (&"frozen".into(), &"deaf".into()));
    assert!(words(&stop).contains("docker pause"), "{stop}");
    docker.succeeds(&["unpause", "paused"]);
}

#[test]
fn an_init_in_front_of_a_shell_is_unclean_and_ours_is_not() {
    let Some(docker) = docker() else { return };
    run(&docker, "unclean", &["--init"], &["sh", "-c", "sleep 600; true"]);
    let said = stop(&of(&docker, "unclean"));
    assert_eq!(said["answer"], "reacts-uncleanly", "{said}");
    assert!(words(&said).contains("the kernel then kills"), "{said}");

    let Some(init) = std::env::var_os("SEXTON_INIT") else {
        return skip("SEXTON_INIT names no init: `cargo xtask test` does");
    };
    let volume = format!("{}:/init", init.display());
    let options = ["-v", &volume, "--entrypoint", "/init"];
    run(&docker, "clean", &options, &["--", "sh", "-c", "sleep 600; true"]);
    let said = stop(&of(&docker, "clean"));
    assert_eq!(said["answer"], "reacts", "{said}");
}

#[test]
fn pids_limit_says_how_much_room_there_is() {
    let Some(docker) = docker() else { return };
    run(&docker, "roomy", &["--pids-limit", "50"], &["sleep", "600"]);
    let room = findings(&of(&docker, "roomy"), "headroom");
    assert_eq!((&room[0]["left"], &room[0]["limits"][0]["max"]), (&49.into(), &50.into()));
    assert_eq!(room[0]["level"], "fine");
}

#[test]
fn a_container_in_anothers_namespace_is_named_with_whom_it_could_kill() {
    let Some(docker) = docker() else { return };
    run(&docker, "landlord", &[], &["sh", "-c", "sleep 600 & sleep 600; true"]);
    run(&docker, "lodger", &["--pid=container:landlord"], &["sleep", "602"]);
    let namespace = of(&docker, "landlord");
    let shares = findings(&namespace, "shares-pids");
    assert_eq!(shares.len(), 1, "{namespace:#}");
    assert_eq!(shares[0]["container"]["name"], "lodger");
    assert_eq!(shares[0]["main"]["command"], "sleep 602");
    assert_eq!(shares[0]["level"], "note");
    assert_eq!((&shares[0]["reach"], &shares[0]["could_kill"]), (&"everybody".into(), &3.into()));
    assert_eq!(of(&docker, "lodger")["pid1"], namespace["pid1"], "it has no other");

    // It is not PID 1, so that the default action ends it; who ignores TERM is deaf all the same.
    let of_guest = |name: &str| {
        let stops = findings(&of(&docker, "landlord"), "stop");
        stops.into_iter().find(|one| one["guest"]["name"] == name).unwrap()
    };
    assert_eq!(of_guest("lodger")["answer"], "reacts");
    let stubborn = ["sh", "-c", "trap '' TERM; sleep 605; true"];
    run(&docker, "stubborn", &["--pid=container:landlord"], &stubborn);
    eventually("the trap is set", || of_guest("stubborn")["answer"] == "deaf");
    assert_eq!(of_guest("stubborn")["level"], "problem");

    run(&docker, "harmless", &["--pid=container:landlord", "--user", "1000"], &["sleep", "603"]);
    let shares = findings(&of(&docker, "landlord"), "shares-pids");
    let harmless = shares.iter().find(|one| one["container"]["name"] == "harmless").unwrap();
    assert_eq!((&harmless["reach"], &harmless["could_kill"]), (&"same-user".into(), &0.into()));

    // What they call the host is the daemon's own namespace.
    run(&docker, "guest", &["--pid=host"], &["sleep", "604"]);
    let daemon = docker.pid().to_string();
    let output = doctor(&docker, &["--pid", &daemon]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let shares = findings(&report["namespaces"][0], "shares-pids");
    assert!(shares.iter().any(|one| one["container"]["name"] == "guest"), "{report:#}");
}

/// podman has no daemon to be asked: its monitor's arguments tell.
#[test]
fn a_container_of_podman_has_its_name_and_its_stop_signal() {
    if !may_run_engines(&["podman", "runc"]) {
        return;
    }
    let folder = scratch();
    std::fs::write(folder.join("containers.conf"), "[containers]\ndefault_ulimits = []\n").unwrap();
    let none: [(&str, &str); 0] = [];
    let image = make_image(&folder, IMAGE, &none);
    let imported = podman(&folder, "import").arg(image).arg(IMAGE).output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
    let mut run = podman(&folder, "run");
    run.args(["--name=pod-man", "--rm", "--network=none", "--ulimit=host"]);
    run.args(["--stop-signal=QUIT", IMAGE, "sleep", "600"]).stdin(Stdio::null());
    let mut run = run.spawn().unwrap();
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_sexton"));
    doctor.args(["doctor", "--json", "--all", "--dwell", "0.1", "--container", "pod-man"]);
    eventually("it is found", || doctor.output().unwrap().status.code() == Some(1));
    let output = doctor.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["namespaces"][0]["container"]["engine"], "podman");
    let stop = stop(&report["namespaces"][0]);
    assert_eq!((&stop["signal"], &stop["answer"]), (&"QUIT".into(), &"deaf".into()));
    let removed = podman(&folder, "rm").args(["--all", "--force", "--time=0"]).output().unwrap();
    assert!(removed.status.success(), "{removed:?}");
    run.wait().unwrap();
}

/// With storage of its own.
fn podman(folder: &Path, verb: &str) -> Command {
    let mut podman = Command::new("timeout");
    podman.args(["--signal=KILL", "100", "podman", "--root"]).arg(folder.join("root"));
    podman.arg("--runroot").arg(folder.join("runroot")).arg("--tmpdir").arg(folder.join("tmp"));
    podman.args(["--storage-driver=vfs", "--runtime=runc", "--cgroup-manager=cgroupfs"]);
    podman.args(["--events-backend=none", verb]);
    podman.env("CONTAINERS_CONF", folder.join("containers.conf")).env("HOME", folder);
    podman
}
