//! The terminal: of a container (`docker run -it`), and of a shell.

use crate::exam;
use sexton_testkit::{
    Pty, Run, Running, Session, Stream, View, eventually, namespaces, probe_path, scratch,
};

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";
const CTRL_BACKSLASH: &str = "\x1c";

/// As PID 1 and leader of the terminal's session, with the terminal for its streams.
fn with_terminal(pty: &Pty, command: &[&str]) -> Run {
    let run = exam().init().on_terminal(pty).command(command).spawn();
    pty.watch();
    run
}

#[test]
fn each_key_reaches_the_program_exactly_once() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["probe", "signals", "until", "64"]);
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
    for signal in [2, 3, 20, 28] {
        assert_eq!(pty.times_shown(&format!("signal {signal} value")), 3, "{}", pty.shown());
    }
}

#[test]
fn the_program_has_the_terminal() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["probe", "status"]);
    assert_eq!(run.end().code, 0);
    pty.shows("ready");
    let shown = pty.shown();
    let view = View::of(shown.lines().map(str::trim));
    assert_eq!(view.number("pgrp"), view.number("pid"));
    assert_eq!(view.number("foreground"), view.number("pid"));
    assert_ne!(view.number("tty"), 0);
}

/// It is looked for by /dev/tty.
#[test]
fn a_terminal_that_is_not_stdin_is_handed_over_too() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let init = exam().init().session(Session::OwnWithTerminal(pty.user())).stdin(Stream::Null);
    let init = init.stdout(Stream::Fd(pty.user())).stderr(Stream::Null);
    let mut run = init.command(["probe", "status"]).spawn();
    pty.watch();
    assert_eq!(run.end().code, 0);
    pty.shows("ready");
    let shown = pty.shown();
    let view = View::of(shown.lines().map(str::trim));
    assert_eq!(view.number("foreground"), view.number("pid"));
}

#[test]
fn ctrl_c_ends_a_plain_program() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["cat"]);
    pty.type_keys("before\n");
    pty.shows_times("before", 2);
    pty.type_keys(CTRL_C);
    assert_eq!(run.end().code, 130);
}

/// TSTP is blocked in the shell, and in all that it starts.
#[test]
fn in_a_container_a_shell_cannot_stop_its_jobs() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["bash", "--norc", "--noprofile", "-i"]);
    pty.type_keys("PS1='> '; sleep 1000\n");
    run.process_in_state("sleep", 'S');
    pty.type_keys(CTRL_Z);
    if exam().deviates("blocked-stops", false, true) {
        run.process_in_state("sleep", 'T');
        pty.shows("Stopped");
        pty.type_keys("fg\n");
        run.process_in_state("sleep", 'S');
    }
    pty.type_keys(CTRL_C);
    eventually("sleep is gone", || run.others().iter().all(|one| one.name != "sleep"));
    pty.type_keys("\nexit 42\n");
    assert_eq!(run.end().code, 42);
    let stopped = pty.shown().contains("Stopped");
    assert_eq!(stopped, exam().deviates("blocked-stops", false, true), "{}", pty.shown());
}

fn job(part: &str) -> String {
    format!("{} -- {} {part}", exam().program(), probe_path().display())
}

fn state(shell: &Running, name: &str) -> Option<char> {
    let all = shell.processes().expect("/proc");
    all.iter().find(|one| one.name == name).map(|one| one.state)
}

#[test]
fn ctrl_z_has_no_effect_on_a_shells_job() {
    let pty = Pty::new();
    let shell = pty.shell();
    pty.type_keys(&format!("{} -- sleep 1000\n", exam().program()));
    eventually("it runs", || state(&shell, "sleep") == Some('S'));
    eventually("in the foreground", || pty.foreground() != shell.pid());
    pty.type_keys(CTRL_Z);
    if exam().deviates("blocked-stops", false, true) {
        pty.shows("Stopped");
        pty.has_in_foreground(shell.pid());
        pty.type_keys("fg\n");
        eventually("it goes on", || state(&shell, "sleep") == Some('S'));
        eventually("in the foreground", || pty.foreground() != shell.pid());
    }
    pty.type_keys(CTRL_C);
    pty.has_in_foreground(shell.pid());
    pty.type_keys("\necho status=$?\n");
    pty.shows("status=130");
    let stopped = pty.shown().contains("Stopped");
    assert_eq!(stopped, exam().deviates("blocked-stops", false, true), "{}", pty.shown());
}

#[test]
fn a_background_job_takes_the_terminal() {
    let pty = Pty::new();
    let shell = pty.shell();
    // Not before the shell waits for keys again: it would take the terminal back.
    let flag = scratch().join("flag");
    let wait = format!("until [ -e {} ]; do sleep 0.01; done", flag.display());
    pty.type_keys(&format!("({wait}; exec {}) &\n", job("signals until 15")));
    pty.shows_times("> ", 2);
    std::fs::write(flag, "").expect("written");
    if exam().deviates("background-job", true, false) {
        eventually("the terminal is taken", || pty.foreground() != shell.pid());
        return;
    }
    pty.shows("ready");
    assert_eq!(pty.foreground(), shell.pid());
    pty.type_keys("kill -TERM %1; wait %1; echo status=$?\n");
    pty.shows("status=0");
    assert_eq!(pty.foreground(), shell.pid());
}
