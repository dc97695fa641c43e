//! The init in real containers: as ENTRYPOINT and as `--init` of Docker, and as `--init` of podman.
//!
//! The tests start a Docker daemon of their own, with its own folders and socket and as PID 1 of a
//! namespace, so that one kill ends it and every container. No registry is asked for anything: the
//! image is a static busybox, the init and an application that takes a moment to close.

mod common;
mod docker;
mod my_init;
mod podman;

use common::{Folder, IMAGE, KilledOnDrop};
use docker::{docker, start};
use sexton_testkit::{eventually, find_program, skip};
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn an_application_behind_a_shell_closes_when_docker_stops_the_container() {
    let Some(docker) = docker() else { return };
    let container =
        start(&docker, "own", &["--entrypoint", "/sexton-init"], &["--", "sh", "-c", "/app; true"]);
    container.stops_cleanly();
}

#[test]
fn docker_run_with_our_init_stops_cleanly_too() {
    let Some(docker) = docker() else { return };
    let container = start(&docker, "init", &["--init"], &["sh", "-c", "/app; true"]);
    docker.succeeds(&["exec", &container.name, "cmp", "/proc/1/exe", "/sexton-init"]);
    let called = docker.succeeds(&["exec", &container.name, "cat", "/proc/1/cmdline"]);
    assert!(called.starts_with("/sbin/docker-init\0--\0"), "{called:?}");
    container.stops_cleanly();
}

#[test]
fn under_docker_init_the_options_come_from_the_environment() {
    let Some(docker) = docker() else { return };
    let run = ["run", "--rm", "--init", "-e", "SEXTON_SUCCESS=7", IMAGE, "sh", "-c", "exit 7"];
    assert_eq!(docker.run(&run).status.code(), Some(0));
}

#[test]
fn a_process_of_docker_exec_is_told_and_does_not_hold_the_exit() {
    let Some(docker) = docker() else { return };
    // What is left of the command waits to see that the other was told.
    let app = "trap 'while ! [ -e /evidence/told ]; do sleep 0.1; done
                     echo closed >/evidence/app; exit 0' TERM
               touch /evidence/ready; while :; do sleep 60 & wait $!; done";
    let command = ["/sexton-init", "--drain-timeout=40s", "--", "sh", "-c", "sh -c \"$APP\"; true"];
    let container = start(&docker, "exec", &["-e", &format!("APP={app}")], &command);
    let guest = "trap 'touch /evidence/told' TERM
                 touch /evidence/guest; while :; do sleep 60 & wait $!; done";
    docker.succeeds(&["exec", "-d", &container.name, "sh", "-c", guest]);
    eventually("the process of docker exec is ready", || container.evidence("guest"));
    // It never ends by itself.
    container.stops_cleanly();
}

#[test]
fn docker_reports_the_commands_status_and_our_words_when_there_is_none() {
    let Some(docker) = docker() else { return };
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
    let Some(docker) = docker() else { return };
    let Some(script) = find_program("script") else { return skip("script is not installed") };
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
fn docker_info_shows_our_version_and_has_nothing_to_warn_of() {
    let Some(docker) = docker() else { return };
    let output = docker.run(&["info"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.lines().any(|line| line.trim() == "init version: sexton"), "{told}");
    let log = fs::read_to_string(docker.folder().join("log")).unwrap();
    assert!(!log.contains("failed to retrieve sexton-init version"), "{log}");
    assert!(!log.to_lowercase().contains("init-path"), "{log}");
}

#[test]
fn a_file_that_may_not_be_executed_is_126_under_docker_run_init() {
    let Some(docker) = docker() else { return };
    let folder = Folder::new();
    fs::write(folder.0.join("no-program"), "echo never\n").unwrap();
    let volume = format!("{}:/mnt", folder.0.display());
    let output = docker.run(&["run", "--rm", "--init", "-v", &volume, IMAGE, "/mnt/no-program"]);
    assert_eq!(output.status.code(), Some(126), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("exec /mnt/no-program: Permission denied (needs chmod +x)"), "{said}");
}

/// s6-overlay's `/init`, systemd and others refuse to be anything but PID 1.
#[test]
fn an_init_that_is_started_under_init_is_pid_1_itself() {
    let Some(docker) = docker() else { return };
    let run = |options: &[&str]| {
        let output = docker.run(&[&["run", "--rm", "--init"], options, &[IMAGE, "/init"]].concat());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, shown, said) = run(&[]);
    assert_eq!((code, shown.as_str()), (Some(5), "I am 1"), "{said}");
    assert!(said.starts_with("sexton-init: /init becomes PID 1: "), "{said}");
    let (code, shown, said) = run(&["-e", "SEXTON_STEP_ASIDE=never"]);
    assert_eq!((code, said.as_str()), (Some(5), ""));
    assert_ne!(shown, "I am 1");
}

#[test]
fn a_service_of_compose_with_init_stops_cleanly() {
    let Some(docker) = docker() else { return };
    let Some(compose) = find_program("docker-compose") else {
        return skip("docker-compose is not installed");
    };
    let folder = Folder::new();
    let evidence = folder.0.join("evidence");
    fs::create_dir(&evidence).unwrap();
    let file = folder.0.join("compose.yml");
    fs::write(
        &file,
        format!(
            "version: '3.7'\nservices:\n  app:\n    image: {IMAGE}\n    init: true\n    \
             network_mode: none\n    command: [sh, -c, '/app; true']\n    \
             volumes: ['{}:/evidence']\n",
            evidence.display()
        ),
    )
    .unwrap();
    let compose = |args: &[&str]| {
        let mut command = Command::new(&compose);
        command.args(["-p", "sexton", "-f"]).arg(&file).args(args).stdin(Stdio::null());
        let output = command.env("DOCKER_HOST", docker.host()).output().unwrap();
        assert!(output.status.success(), "{args:?} {output:?}");
    };
    compose(&["up", "-d"]);
    eventually("the application is ready", || evidence.join("ready").exists());
    compose(&["stop", "-t", common::STOP_SECONDS]);
    assert_eq!(fs::read_to_string(evidence.join("app")).unwrap(), "closed\n");
    compose(&["down"]);
}
