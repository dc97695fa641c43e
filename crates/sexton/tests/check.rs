//! `sexton check`, run for real: what it finds, and what it says.

mod common;

use common::{
    Folder, can_run, check, faults, find, process, processes, report, stderr, stdout, those,
};
use sexton_testkit::{Pty, eventually, namespaces, skip};
use std::process::{Command, Stdio};

/// A child of PID 1 that takes half a second to close after TERM, and is ready when it says so.
const SLOW: &str = "trap 'sleep 0.5; exit 0' TERM; echo ready; while :; do sleep 0.1; done";

#[test]
fn a_good_command_is_found_good_and_says_so_first() {
    if !can_run(&["bash"]) {
        return;
    }
    let output = check(&["--ready-log=ready", "--", "bash", "-c", SLOW]).output().unwrap();
    assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(0)));
    let text = stdout(&output);
    assert!(text.starts_with("GOOD  It stops cleanly, in "), "{text}");
    assert!(text.contains("\n  stops  ok ") && text.contains("\n  reaps  ok "), "{text}");
    assert!(!text.contains("What to do"), "{text}");
}

#[test]
fn who_was_never_told_and_who_killed_it_is_known() {
    if !can_run(&["bash", "sleep"]) {
        return;
    }
    let script = "sleep 1000 & trap 'exit 0' TERM; echo ready; wait $!";
    let report = report(&["--ready-log=ready", "--", "bash", "-c", script]);
    assert_eq!(faults(&report, 0), ["unclean"]);
    let sleep = process(&report, "sleep");
    assert_eq!((&sleep["how"], &sleep["told"]), (&"killed-by-teardown".into(), &"never".into()));
    assert_eq!((&sleep["end"], &sleep["listened"]), (&"SIGKILL".into(), &"default".into()));
    let bash = process(&report, "bash");
    assert_eq!((&bash["told_by"], &bash["end"]), (&"outside".into(), &"exit 0".into()));
    let time = |value: &serde_json::Value| value.as_f64().unwrap();
    let teardown = time(&report["runs"][0]["stops"]["teardown_ms"]);
    assert!(teardown <= time(&sleep["end_ms"]) && time(&sleep["end_ms"]) <= time(&bash["end_ms"]));
}

#[test]
fn who_was_told_but_not_given_the_time_is_told_from_who_was_not() {
    if !can_run(&["bash", "perl"]) {
        return;
    }
    // It hears the signal and goes on, and nobody else comes or goes.
    let script = "perl -e '$SIG{TERM} = sub {}; $| = 1; print \"ready\\n\"; sleep 1 while 1' &
                  trap 'kill $!; exit 0' TERM; wait $!";
    let words = ["--ready-log=ready", "--", "bash", "-c", script];
    let report = report(&words);
    assert_eq!(faults(&report, 0), ["unclean"]);
    let child = process(&report, "perl");
    assert_eq!((&child["how"], &child["told"]), (&"killed-by-teardown".into(), &"yes".into()));
    // By PID 1; but it may have left before the signal was delivered.
    assert!(child["told_by"] == 1 || child["told_by"] == "unknown", "{report:#}");
    let text = stdout(&check(&words).output().unwrap());
    assert!(text.replace('\n', " ").contains("it was told to stop, but not given"), "{text}");
}

#[test]
fn sigkill_from_inside_is_not_taken_for_the_teardowns() {
    if !can_run(&["bash", "sleep"]) {
        return;
    }
    let script = "sleep 1000 & trap 'kill -9 $!; wait $!; exit 0' TERM; echo ready; wait $!";
    let report = report(&["--ready-log=ready", "--", "bash", "-c", script]);
    assert_eq!(process(&report, "sleep")["how"], "killed-from-inside");
    assert_eq!(faults(&report, 0), ["unclean"]);
}

#[test]
fn who_is_born_in_the_stop_is_watched_too() {
    if !can_run(&["bash", "sleep"]) {
        return;
    }
    let script = "trap 'sleep 0.3; sleep 1000 & exit 0' TERM; echo ready; sleep 1000 & wait $!";
    let report = report(&["--ready-log=ready", "--", "bash", "-c", script]);
    let born: Vec<_> = processes(&report, 0).filter(|one| !one["born_ms"].is_null()).collect();
    assert_eq!(born.len(), 2, "{report:#}");
    assert_eq!((&born[0]["how"], &born[0]["end"]), (&"itself".into(), &"exit 0".into()));
    assert_eq!(born[1]["how"], "killed-by-teardown");
}

#[test]
fn a_crash_of_pid_1_is_seen_though_it_is_traced() {
    if !can_run(&["perl"]) {
        return;
    }
    // unpack("p") follows a pointer that leads nowhere.
    let script = "$SIG{TERM} = sub { unpack('p', pack('Q', 8)) }; $| = 1; print \"ready\\n\"; \
                  sleep 1 while 1";
    let report = report(&["--ready-log=ready", "--", "perl", "-e", script]);
    let perl = process(&report, "perl");
    assert_eq!((&perl["how"], &perl["end"]), (&"crashed".into(), &"SIGSEGV".into()));
    assert_eq!(faults(&report, 0), ["unclean", "not-reaping"]);
}

#[test]
fn a_child_that_waits_in_sigwait_is_not_said_never_to_have_been_told() {
    if !can_run(&["bash", "python3"]) {
        return;
    }
    let python = find("python3").unwrap().display().to_string();
    let code = "import signal, time; signal.pthread_sigmask(0, [15]); print(1, flush=True); \
                signal.sigwait([15]); time.sleep(1000)";
    let script = format!("{python} -c '{code}' & trap 'kill $!; sleep 0.2; exit 0' TERM; wait $!");
    let report = report(&["--ready-log=1", "--", "bash", "-c", &script]);
    let child = processes(&report, 0).find(|one| one["pid"] != 1).unwrap();
    assert_eq!((&child["listened"], &child["told"]), (&"sigwait".into(), &"not-seen".into()));
}

#[test]
fn an_own_child_that_is_not_waited_for_is_a_zombie_found() {
    if !can_run(&["perl"]) {
        return;
    }
    let script = "$SIG{TERM} = sub { exit 0 }; fork or exit; sleep 1 while 1";
    let report = report(&["--no-orphan", "--", "perl", "-e", script]);
    let zombies = &report["runs"][0]["reaps"]["zombies"];
    assert_eq!((&zombies[0]["name"], &zombies[0]["parent"]), (&"perl".into(), &1.into()));
    assert_eq!(report["runs"][0]["reaps"]["verdict"], "not-tried");
    assert_eq!(faults(&report, 0), ["not-reaping"]);
}

#[test]
fn an_init_in_front_is_reported_beside_it() {
    if !can_run(&["bash"]) {
        return;
    }
    let script = format!("bash -c \"{SLOW}\"; true");
    let words = ["--grace=2s", "--ready-log=ready", "--with-init", "--", "bash", "-c", &script];
    let report = report(&words);
    assert_eq!(
        (faults(&report, 0), faults(&report, 1)),
        (vec!["deaf".into(), "unclean".into()], vec![])
    );
    assert_eq!(
        (&report["runs"][0]["init"], &report["runs"][1]["init"]),
        (&().into(), &"sexton-init".into())
    );
    assert_eq!(report["exit_code"], 1, "the command as it is decides");
    let text = stdout(&check(&words).output().unwrap());
    assert!(
        text.contains("as it is") && text.contains("\nUnder sexton-init: It stops cleanly"),
        "{text}"
    );
    let quick = ["--grace=200ms", "--ready-after=100ms", "--with-init=true", "--", "sleep", "99"];
    let half = check(&quick).output().unwrap();
    assert!(stdout(&half).starts_with("DEAF"), "what was found of the first is not lost");
    assert!(stderr(&half).contains("/true: `true` ended by itself (exit 0)"), "{}", stderr(&half));
    assert_eq!(half.status.code(), Some(125));
    let missing = check(&["--with-init=/no/such", "--", "sleep", "1"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(125));
    assert!(stderr(&missing).contains("/no/such: no such program"), "{}", stderr(&missing));
}

#[test]
fn both_ways_of_watching_see_the_same_ends() {
    if !can_run(&["bash", "sleep"]) {
        return;
    }
    let script = "sleep 1000 & trap 'sleep 0.3; exit 3' TERM; echo ready; wait $!";
    let [traced, looked] = ["ptrace", "proc"]
        .map(|how| report(&["--watch", how, "--ready-log=ready", "--", "bash", "-c", script]));
    assert_eq!(traced["runs"][0]["watched"]["births_and_signals"], "ptrace");
    assert_eq!(looked["runs"][0]["watched"]["births_and_signals"], "proc");
    if looked["runs"][0]["watched"]["ends"] == "nothing" {
        return skip("Linux before 6.15 tells a process's end to its parent only");
    }
    for report in [&traced, &looked] {
        assert_eq!(report["runs"][0]["watched"]["ends"], "pidfd");
        assert_eq!(those(report, "killed-by-teardown"), ["sleep"], "{report:#}");
        assert_eq!(process(report, "bash")["end"], "exit 3");
        assert_eq!(faults(report, 0), ["unclean"]);
    }
}

#[test]
fn where_it_is_traced_itself_it_only_looks() {
    if !can_run(&["strace", "sleep"]) {
        return;
    }
    let folder = Folder::new();
    let mut strace = Command::new(find("strace").unwrap());
    strace.args(["-f", "-e", "trace=none", "-o"]).arg(folder.0.join("trace"));
    strace.arg(env!("CARGO_BIN_EXE_sexton")).args(["check", "--json", "--grace=300ms"]);
    strace.args(["--ready-after=200ms", "--", "sleep", "99"]).stdin(Stdio::null());
    let report = common::parse(&strace.output().unwrap());
    assert_eq!(report["runs"][0]["watched"]["births_and_signals"], "proc");
    assert_eq!(faults(&report, 0)[0], "deaf");
}

#[test]
fn the_signal_is_the_one_that_was_asked_for() {
    if !can_run(&["bash"]) {
        return;
    }
    let script = "trap 'exit 9' QUIT; echo ready; while :; do sleep 0.1; done";
    let report = report(&["-s", "quit", "--ready-log=ready", "--", "bash", "-c", script]);
    assert_eq!(
        (&report["signal"], &report["runs"][0]["stops"]["end"]),
        (&"SIGQUIT".into(), &"exit 9".into())
    );
    for bad in ["KILL", "NOSUCH", "0", "65"] {
        let output = check(&["-s", bad, "--", "true"]).output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{bad}");
    }
}

#[test]
fn only_the_faults_that_are_named_count() {
    if !can_run(&["sleep"]) {
        return;
    }
    for (fail_on, expected) in
        [("deaf,unclean", 1), ("not-reaping", 2), ("unclean", 3), ("nothing", 0)]
    {
        let words =
            ["--grace=200ms", "--ready-after=100ms", "--fail-on", fail_on, "--", "sleep", "99"];
        let output = check(&words).output().unwrap();
        assert_eq!(output.status.code(), Some(expected), "{fail_on}");
        assert!(stdout(&output).starts_with("DEAF  "), "it is said nevertheless");
    }
}

#[test]
fn it_is_ready_when_its_port_is_open() {
    if !can_run(&["python3"]) {
        return;
    }
    let python = find("python3").unwrap().display().to_string();
    // A port that is free now.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let code = format!(
        "import signal, socket, sys, time\nsignal.signal(15, lambda *_: sys.exit(0))\n\
         time.sleep(1.5)\ns = socket.create_server(('127.0.0.1', {port}))\n\
         while True: signal.pause()"
    );
    let words = ["--ready-port", &port, "--", &python, "-c", &code];
    let output = check(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(stderr(&output).contains("is taken before the command has started"));
    drop(taken);
    let report = report(&words);
    assert_eq!(report["runs"][0]["ready"]["by"], "port");
    assert!(report["runs"][0]["ready"]["after_ms"].as_f64().unwrap() > 1500.0);
    assert_eq!(faults(&report, 0), ["not-reaping"]);
}

#[test]
fn who_still_computes_is_not_taken_for_ready() {
    if !can_run(&["perl"]) {
        return;
    }
    // As runtimes do that start: nothing is forked, and the handler comes at the end.
    let script =
        "$end = time + 3; 1 while time < $end; $SIG{TERM} = sub { exit 0 }; sleep 1 while 1";
    let report = report(&["--grace=1s", "--", "perl", "-e", script]);
    assert_eq!(
        (&report["runs"][0]["ready"]["by"], faults(&report, 0)[0].as_str()),
        (&"quiet".into(), "not-reaping")
    );
}

#[test]
fn what_never_becomes_ready_is_said_with_its_last_words() {
    if !can_run(&["sh"]) {
        return;
    }
    let script = "echo cannot reach the database; sleep 1000";
    let words = ["--ready-log=listening", "--ready-timeout=300ms", "--", "sh", "-c", script];
    let output = check(&words).output().unwrap();
    assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(125)));
    let said = stderr(&output);
    assert!(
        said.contains("| cannot reach the database\nsexton: it is not ready after 300 ms"),
        "{said}"
    );
}

#[test]
fn in_a_pipe_it_is_plain_and_on_a_terminal_it_is_drawn() {
    if !can_run(&["bash", "sleep"]) {
        return;
    }
    let script = "sleep 1000 & trap 'exit 0' TERM; echo ready; wait $!";
    let words = ["--ready-log=ready", "--", "bash", "-c", script];
    let plain = stdout(&check(&words).output().unwrap());
    let strange = plain.chars().find(|&c| !(c == '\n' || c == ' ' || c.is_ascii_graphic()));
    assert_eq!(strange, None, "{plain}");
    assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");

    for (no_color, expected) in [(false, true), (true, false)] {
        let pty = Pty::new();
        let mut command = check(&words);
        command.stdout(pty.user()).stderr(pty.user()).env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        match no_color {
            true => command.env("NO_COLOR", "1"),
            false => command.env_remove("NO_COLOR"),
        };
        let mut child = command.spawn().unwrap();
        drop(command);
        pty.watch();
        assert_eq!(child.wait().unwrap().code(), Some(3));
        pty.shows("seen as telling.");
        let text = pty.shown();
        assert!(text.contains('▼') && text.contains('✖') && text.contains("never told"), "{text}");
        assert_eq!(text.contains("\x1b[31m"), expected, "{text}");
    }
}

#[test]
fn the_picture_is_drawn_beside_the_text() {
    if !can_run(&["sleep"]) {
        return;
    }
    let folder = Folder::new();
    let file = folder.0.join("stop.svg").display().to_string();
    let quick = ["--grace=200ms", "--ready-after=100ms", "--svg", &file, "--", "sleep", "99"];
    assert!(stdout(&check(&quick).output().unwrap()).starts_with("DEAF"));
    let picture = std::fs::read_to_string(&file).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains("prefers-color-scheme: dark"));
    let nowhere =
        ["--grace=200ms", "--ready-after=100ms", "--svg=/no/such/x.svg", "--", "sleep", "99"];
    let output = check(&nowhere).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(stderr(&output).contains("--svg /no/such/x.svg: "), "{}", stderr(&output));
}

#[test]
fn it_needs_no_root() {
    if !namespaces() {
        return;
    }
    if !rustix::process::geteuid().is_root() {
        return; // The other tests have shown it.
    }
    let Some(setpriv) = find("setpriv") else { return skip("setpriv is not installed") };
    // Where the build directory lies other users may have no way in.
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.0.join("sexton");
    std::fs::copy(env!("CARGO_BIN_EXE_sexton"), &program).unwrap();
    let script = "sleep 1000 & trap 'exit 0' TERM; echo ready; wait $!";
    for how in ["ptrace", "proc"] {
        let output = Command::new(&setpriv)
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program)
            .args([
                "check",
                "--json",
                "--watch",
                how,
                "--ready-log=ready",
                "--",
                "sh",
                "-c",
                script,
            ])
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if stderr(&output).contains("refused here") {
            return skip(stderr(&output).trim());
        }
        let report = common::parse(&output);
        assert_eq!(report["runs"][0]["watched"]["births_and_signals"], how);
        assert_eq!(report["runs"][0]["reaps"]["verdict"], "yes", "{report:#}");
        assert_eq!(those(&report, "killed-by-teardown"), ["sleep"], "{report:#}");
    }
}

#[test]
fn when_it_is_killed_itself_nothing_is_left() {
    if !can_run(&["sh", "sleep"]) {
        return;
    }
    for how in ["ptrace", "proc"] {
        let seconds = format!("9{}.{}", std::process::id(), if how == "proc" { 1 } else { 2 });
        let script = format!("sleep {seconds} & sleep {seconds}; true");
        let mut command = check(&["--watch", how, "--ready-after=60s", "--", "sh", "-c", &script]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("both are there", || common::with_argument(&seconds).len() == 2);
        child.kill().unwrap();
        child.wait().unwrap();
        eventually("nobody is left", || common::with_argument(&seconds).is_empty());
    }
}

#[test]
fn the_documented_exit_codes_are_those_of_the_help() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/check.md");
    let Ok(page) = std::fs::read_to_string(page) else { return skip("docs/ is not here") };
    let help = stdout(&check(&["-h"]).output().unwrap());
    let rows = help.lines().skip_while(|line| !line.starts_with("Exit codes")).skip(1);
    let rows: Vec<_> = rows.filter_map(|line| line.trim().split_once(' ')).collect();
    assert_eq!(rows.len(), 6, "{help}");
    for (code, meaning) in rows {
        let row = format!("| {code} | {} |", meaning.trim());
        assert!(page.contains(&row), "no row {row}");
    }
}
