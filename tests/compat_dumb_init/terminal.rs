//! The terminal: of a container (`docker run -it`), and of a shell.

use crate::exam;
use sexton_testkit::{Pty, Run, Running, View, eventually, libc, namespaces, probe_path};

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";
const CTRL_BACKSLASH: &str = "\x1c";

/// As PID 1 and leader of the terminal's session, with the terminal for its streams.
fn with_terminal(pty: &Pty, options: &[&str], command: &[&str]) -> Run {
    let run = exam().init().options(options).on_terminal(pty).command(command).spawn();
    pty.watch();
    run
}

#[test]
fn each_key_reaches_the_command_exactly_once() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &[], &["probe", "signals", "until", "64"]);
    pty.shows("ready");
    for turn in 1..=3 {
        for (key, signal) in [(CTRL_C, 2), (CTRL_BACKSLASH, 3), (CTRL_Z, 20)] {
            pty.type_keys(key);
            pty.shows_times(&format!("signal {signal} value"), turn);
        }
        pty.resize(20 + turn as u16, 70);
        pty.shows_times("signal 28 value", turn);
    }
    run.send(64);
    assert_eq!(run.end().code, 0);
    pty.shows("signal 64 value");
    // tty_ioctl(4), TIOCNOTTY: "SIGHUP and SIGCONT are sent", and are no business of the command.
    for (signal, times) in [(2, 3), (3, 3), (20, 3), (28, 3), (1, 0), (18, 0)] {
        let shown = pty.times_shown(&format!("signal {signal} value"));
        assert_eq!(shown, times, "{signal}: {}", pty.shown());
    }
}

/// Its group is the terminal's foreground, and so is dumb-init, which forwards what it hears.
#[test]
fn a_single_child_hears_each_key_twice() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["-c"], &["probe", "signals", "until", "64"]);
    pty.shows("ready");
    // Two that come close together are one to the command (signal(7)): the init is held back.
    run.send(libc::SIGSTOP);
    pty.type_keys(CTRL_C);
    pty.shows("signal 2 value");
    run.send(libc::SIGCONT);
    run.send(64);
    assert_eq!(run.end().code, 0);
    pty.shows("signal 64 value");
    let times = exam().deviates("twice", 2, 1);
    assert_eq!(pty.times_shown("signal 2 value"), times, "{}", pty.shown());
}

#[test]
fn the_command_leads_the_session_of_the_terminal() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &[], &["probe", "status"]);
    assert_eq!(run.end().code, 0);
    pty.shows("ready");
    let shown = pty.shown();
    let view = View::of(shown.lines().map(str::trim));
    let pid = view.number("pid");
    assert_eq!(["sid", "pgrp", "foreground"].map(|key| view.number(key)), [pid, pid, pid]);
    assert_ne!(view.number("tty"), 0);
}

#[test]
fn a_shell_has_job_control() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &[], &["bash", "--norc", "--noprofile", "-i"]);
    pty.type_keys("PS1='> '; sleep 1000\n");
    run.process_in_state("sleep", 'S');
    pty.type_keys(CTRL_Z);
    run.process_in_state("sleep", 'T');
    pty.shows("Stopped");
    pty.type_keys("fg\n");
    run.process_in_state("sleep", 'S');
    pty.type_keys(CTRL_C);
    eventually("sleep is gone", || run.others().iter().all(|one| one.name != "sleep"));
    pty.type_keys("exit 42\n");
    assert_eq!(run.end().code, 42);
    assert!(!pty.shown().contains("no job control"), "{}", pty.shown());
}

#[test]
fn a_hang_up_reaches_the_command() {
    if !namespaces() {
        return;
    }
    let mut pty = Pty::new();
    let mut run = with_terminal(&pty, &[], &["probe", "wait"]);
    pty.shows("ready");
    pty.hang_up();
    assert_eq!(run.end().code, 129);
}

/// The init's state, as the shell's child: its command may be of another session.
fn state(shell: &Running, name: &str) -> Option<char> {
    let all = shell.processes().expect("/proc");
    all.iter().find(|one| one.name == name).map(|one| one.state)
}

fn job(options: &str, part: &str) -> String {
    format!("{} {options} {} {part}", exam().program(), probe_path().display())
}

#[test]
fn ctrl_z_stops_a_shells_job_and_fg_resumes_it() {
    for options in ["", "-c"] {
        let pty = Pty::new();
        let shell = pty.shell();
        pty.type_keys(&format!("{}\n", job(options, "wait")));
        pty.shows("ready");
        pty.type_keys(CTRL_Z);
        pty.shows("Stopped");
        eventually("the command has stopped", || state(&shell, "probe") == Some('T'));
        pty.has_in_foreground(shell.pid());
        pty.type_keys("fg\n");
        eventually("the command goes on", || state(&shell, "probe") == Some('S'));
        eventually("the job in the foreground", || pty.foreground() != shell.pid());
        pty.type_keys(CTRL_C);
        pty.has_in_foreground(shell.pid());
        pty.type_keys("\necho status=$?\n");
        pty.shows("status=130");
        eventually("nobody of the job is left", || shell.processes().expect("/proc").len() == 1);
    }
}

/// In a session of its own that has no terminal it cannot have the shell's.
#[test]
fn a_shells_job_has_no_terminal() {
    let session = exam().deviates("shells-terminal", "without", "with");
    for (options, expected) in [("", session), ("-c", "with")] {
        let pty = Pty::new();
        let _shell = pty.shell();
        let ask =
            "if (: </dev/tty) 2>/dev/null; then echo it is with''; else echo it is with''out; fi";
        pty.type_keys(&format!("{} {options} sh -c \"{ask}\"; echo the en''d\n", exam().program()));
        pty.shows("the end");
        let says = |line: &str| line.trim_end().ends_with(&format!("it is {expected}"));
        assert!(pty.shown().lines().any(says), "{options:?} {}", pty.shown());
    }
}

#[test]
fn a_background_job_never_takes_the_terminal() {
    let pty = Pty::new();
    let shell = pty.shell();
    pty.has_in_foreground(shell.pid());
    pty.type_keys(&format!("{} &\n", job("", "signals until 15")));
    pty.shows("ready");
    assert_eq!(pty.foreground(), shell.pid());
    pty.type_keys("\necho still here\n");
    pty.shows_times("still here", 2);
    pty.type_keys("kill -TERM %1; wait %1; echo status=$?\n");
    pty.shows("status=0");
    assert_eq!(pty.foreground(), shell.pid());
}
