//! `sexton doctor`, run as people and programs run it.

use serde_json::Value;
use sexton_testkit::{Lines, Pty, Session};
use sexton_testkit::{Pid1, Running, Stream, eventually, namespaces, probe_path, real_root, skip};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

/// The probe as PID 1 of a namespace, ready, with its zombies dead.
fn patient(words: &[&str]) -> Running {
    let (out, stdout) = Stream::pipe().unwrap();
    let pid1 = Pid1::new(probe_path()).args(words).stdin(Stream::Null).stdout(out);
    let running = pid1.spawn().unwrap();
    Lines::of(stdout).until("ready", |line| line == "ready");
    if let ["zombies", _, count] = words {
        eventually("they have ended", || {
            let all = running.processes().unwrap();
            all.iter().filter(|one| one.state == 'Z').count() == count.parse::<usize>().unwrap()
        });
    }
    running
}

fn doctor(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sexton"));
    command.arg("doctor").args(words).args(["--dwell", "0.1"]).env_remove("NO_COLOR");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn findings_are_1_and_in_a_pipe_they_are_plain_text() {
    if !namespaces() {
        return;
    }
    let patient = patient(&["zombies", "stray", "3"]);
    let output = doctor(&["--pid", &patient.pid().to_string()]);
    let said = text(&output.stdout);
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(1)), "{said}");
    assert!(!said.contains('\x1b'), "{said}");
    assert!(
        said.contains("3 zombies (probe): orphans that PID 1 must reap, and does not"),
        "{said}"
    );
    assert!(said.contains("deaf to TERM"), "{said}");
    assert!(said.contains("2 problems: ") && said.contains("in 1 PID namespace\n"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
}

#[test]
fn nothing_wrong_is_one_quiet_line_and_0_and_all_says_why() {
    if !namespaces() {
        return;
    }
    let patient = patient(&["signals", "until", "TERM"]);
    let pid = patient.pid().to_string();
    let output = doctor(&["--pid", &pid]);
    let said = text(&output.stdout);
    assert_eq!((said.lines().count(), output.status.code()), (1, Some(0)), "{said}");
    assert!(said.starts_with("nothing wrong: "), "{said}");
    let all = text(&doctor(&["--pid", &pid, "--all"]).stdout);
    assert!(all.contains("reacts to TERM") && all.contains("sigtimedwait"), "{all}");
}

#[test]
fn what_cannot_be_looked_at_is_125_in_one_line() {
    for (words, reason) in [
        (&["--pid", "999999999"][..], "sexton: no process 999999999 is to be seen\n"),
        (&["--container", "nosuch"], "sexton: no container nosuch has a PID namespace of its own"),
        (&["--dwell", "-1"], ""),
        (&["--pid", "1", "--container", "x"], ""),
    ] {
        let output = doctor(words);
        assert_eq!(output.status.code(), Some(125), "{words:?}");
        assert!(output.stdout.is_empty() && text(&output.stderr).contains(reason), "{output:?}");
    }
}

#[test]
fn json_has_the_facts_and_the_words() {
    if !namespaces() {
        return;
    }
    let patient = patient(&["zombies", "stray", "2"]);
    let output = doctor(&["--json", "--pid", &patient.pid().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["version"], &report["level"]), (&Value::from(1), &Value::from("problem")));
    let namespace = &report["namespaces"][0];
    assert_eq!(namespace["pid1"]["pid"], patient.pid());
    assert_eq!(namespace["pid1"]["pid_inside"], 1);
    assert_eq!((&namespace["processes"], &namespace["zombies"]), (&3.into(), &2.into()));
    let findings = namespace["findings"].as_array().unwrap();
    let zombies = findings.iter().find(|one| one["kind"] == "zombies").unwrap();
    assert_eq!(zombies["verdict"], "orphan-not-reaped");
    assert_eq!((&zombies["count"], &zombies["confidence"]), (&2.into(), &"certain".into()));
    assert_eq!(zombies["culprit"]["pid"], patient.pid());
    let stop = findings.iter().find(|one| one["kind"] == "stop").unwrap();
    assert_eq!((&stop["answer"], &stop["signal"]), (&"deaf".into(), &"TERM".into()));
    assert_eq!(stop["signal_known"], false);
}

#[test]
fn inside_of_a_container_its_own_pid_1_is_judged() {
    if !namespaces() {
        return;
    }
    let (out, stdout) = Stream::pipe().unwrap();
    let doctor = format!("{} doctor --json --dwell 0.1; true", env!("CARGO_BIN_EXE_sexton"));
    let pid1 = Pid1::new("sh").args(["-c", &doctor]).stdin(Stream::Null).stdout(out);
    let _running = pid1.spawn().unwrap();
    let lines = Lines::of(stdout).rest();
    let report: Value = serde_json::from_str(&lines.join("\n")).unwrap();
    let namespaces = report["namespaces"].as_array().unwrap();
    assert_eq!((namespaces.len(), &namespaces[0]["place"]), (1, &"here".into()));
    assert_eq!(namespaces[0]["pid1"]["pid"], 1);
    let findings = namespaces[0]["findings"].as_array().unwrap();
    let stop = findings.iter().find(|one| one["kind"] == "stop").unwrap();
    assert_eq!(stop["answer"], "deaf", "a shell without a trap");
}

/// A key that nobody can look up is a promise that nobody made.
#[test]
fn every_key_of_the_json_is_in_the_documentation() {
    if !namespaces() {
        return;
    }
    let patient = patient(&["zombies", "stray", "2"]);
    let pid = patient.pid().to_string();
    let output = doctor(&["--json", "--all", "--probe", "--pid", &pid]);
    let whole = doctor(&["--json", "--all"]);
    let manual = include_str!("../../../docs/doctor.md");
    let mut keys = Vec::new();
    for output in [output, whole] {
        collect_keys(&serde_json::from_slice(&output.stdout).unwrap(), &mut keys);
    }
    assert!(keys.iter().any(|key| key == "reaped_after_ms"), "{keys:?}");
    for key in keys {
        assert!(manual.contains(&format!("`{key}")), "{key}");
    }
}

fn collect_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                keys.push(key.clone());
                collect_keys(value, keys);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}

/// strace(1) tells: no ptrace, no signal, and nothing but our own output opened for writing.
#[test]
fn without_the_probe_nothing_is_stopped_signalled_or_written() {
    if !namespaces() {
        return;
    }
    let patient = patient(&["zombies", "stray", "2"]);
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let calls = "openat,open,creat,ptrace,kill,tkill,tgkill,rt_sigqueueinfo,pidfd_send_signal,\
                 process_vm_writev,setns,fork,vfork,clone,clone3,unlink,mkdir,rename";
    let calls: String = calls.split_whitespace().collect();
    let strace = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&log)
        .arg(format!("--trace={calls}"))
        .arg(env!("CARGO_BIN_EXE_sexton"))
        .args(["doctor", "--dwell", "0.1", "--pid", &patient.pid().to_string()])
        .output();
    let Ok(strace) = strace else { return skip("strace is not installed") };
    assert_eq!(strace.status.code(), Some(1), "{strace:?}");
    let log = fs::read_to_string(log).unwrap();
    let opened = log.lines().filter(|line| line.contains("open")).count();
    assert!(opened > 50, "{log}");
    for line in log.lines() {
        let reads = line.contains("open") && !line.contains("O_WRONLY") && !line.contains("O_RDWR");
        // A thread of our own asks the engines.
        let thread = line.contains("clone") && line.contains("CLONE_THREAD");
        let resumed = line.contains("resumed") || line.contains("unfinished");
        assert!(reads || thread || resumed || line.contains("+++"), "{line}");
    }
}

#[test]
fn the_probe_decides_what_cannot_be_seen() {
    if !namespaces() {
        return;
    }
    let careless = patient(&["zombies", "executed", "2"]);
    let pid = careless.pid().to_string();
    let before = text(&doctor(&["--pid", &pid]).stdout);
    assert!(before.contains("whether they are its own is open"), "{before}");
    assert_eq!(careless.processes().unwrap().len(), 3, "nothing is planted without --probe");

    let output = doctor(&["--pid", &pid, "--probe"]);
    let said = text(&output.stdout);
    assert!(said.contains("most likely orphans that PID 1 must reap"), "{said}\n{output:?}");
    assert!(said.contains("PID 1 does not reap it; it stays as a zombie"), "{said}");
    let zombies = careless.processes().unwrap();
    let planted: Vec<_> = zombies.iter().filter(|one| one.name == "sexton-orphan").collect();
    assert_eq!((planted.len(), planted[0].parent_inside), (1, 1), "exactly one");

    let careful = patient(&["family", "name=init"]); // It waits for everybody.
    let said = text(&doctor(&["--pid", &careful.pid().to_string(), "--probe"]).stdout);
    assert!(said.contains("planted one orphan (PID "), "{said}");
    assert!(said.contains("): PID 1 reaped it after "), "{said}");
    eventually("nothing is left", || careful.processes().unwrap().len() == 1);
}

/// As another user, in a copy of the program that this user may read.
fn as_nobody(script: &str) -> Option<Output> {
    if !real_root() {
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let program = dir.path().join("sexton");
    fs::copy(env!("CARGO_BIN_EXE_sexton"), &program).unwrap();
    let nobody = "setpriv --reuid=61234 --regid=61234 --clear-groups";
    let doctor = format!("exec {nobody} {} doctor --dwell 0.1", program.display());
    let script = script.replace("DOCTOR", &doctor);
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output();
    let Ok(output) = output else {
        skip("no unshare(1)");
        return None;
    };
    Some(output)
}

#[test]
fn an_ordinary_user_is_told_once_what_could_not_be_seen() {
    if !namespaces() {
        return;
    }
    let patients = [patient(&["zombies", "stray", "2"]), patient(&["signals", "until", "TERM"])];
    let Some(output) = as_nobody("DOCTOR") else { return };
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for patient in &patients {
        assert!(said.contains(&format!("PID 1 is {} here", patient.pid())), "{said}");
    }
    assert!(said.contains("2 zombies (probe): orphans that PID 1 must reap"), "{said}");
    assert!(said.contains("most likely deaf to TERM"), "{said}");
    let words: Vec<&str> = said.split_whitespace().collect();
    assert!(words.join(" ").contains("which may not be read without root"), "{said}");
    let not_seen = said.lines().filter(|line| line.starts_with("not seen: system calls"));
    assert_eq!(not_seen.count(), 1, "{said}");
}

#[test]
fn a_proc_that_hides_others_is_said_and_no_reason_to_fail() {
    for (option, words) in [
        ("hidepid=1", "of other users: /proc is mounted with hidepid"),
        ("hidepid=2", "processes of other users: /proc is mounted with hidepid=invisible"),
    ] {
        let script = format!("mount -t proc -o {option} proc /proc && DOCTOR");
        let Some(output) = as_nobody(&script) else { return };
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(said.contains(words), "{option}: {said}");
        assert!(said.contains("nothing wrong"), "{said}");
    }
}

#[test]
fn without_a_proc_it_could_not_look() {
    let Some(output) = as_nobody("mount -t tmpfs none /proc && DOCTOR") else { return };
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert_eq!(
        text(&output.stderr),
        "sexton: cannot look at /proc: nobody is in it; is it mounted?\n"
    );
}

#[test]
fn on_a_terminal_the_watched_table_is_drawn_over_the_last_one() {
    if !namespaces() {
        return;
    }
    let patient = patient(&["zombies", "stray", "2"]);
    let pty = Pty::new();
    let stream = || Stream::Fd(pty.user());
    let watch = Pid1::new(env!("CARGO_BIN_EXE_sexton"))
        .args(["doctor", "--watch", "--dwell", "0.5"])
        .place(sexton_testkit::Place::Here)
        .session(Session::OwnWithTerminal(pty.user()))
        .stdin(stream())
        .stdout(stream())
        .stderr(stream())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR");
    let mut watch = watch.spawn().unwrap();
    pty.watch();
    pty.shows_times("ZOMBIES", 3);
    let shown = pty.shown();
    assert!(shown.contains("A\x1b[J"), "up, and everything below away: {shown:?}");
    let pid = patient.pid().to_string();
    let row = shown.lines().find(|line| line.contains(&pid)).unwrap_or_else(|| panic!("{shown}"));
    assert!(row.contains("deaf to TERM") && row.contains("\x1b[31m"), "{row:?}");
    pty.type_keys("\x03");
    assert!(watch.wait_within(sexton_testkit::patience()).unwrap().is_some(), "Ctrl-C ends it");
}

#[test]
fn watched_in_a_pipe_it_ends_when_nobody_reads() {
    let mut watch = Command::new(env!("CARGO_BIN_EXE_sexton"))
        .args(["doctor", "--watch", "--json", "--dwell", "0.1"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Lines::of(watch.stdout.take().unwrap().into());
    for _ in 0..2 {
        let line = lines.next_line().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["version"], 1);
    }
    drop(lines);
    eventually("it has ended", || watch.try_wait().unwrap().is_some());
}
