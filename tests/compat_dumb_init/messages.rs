//! What is said with `-v`, all of it on stderr. As PID 1 the command is always 2.

use crate::exam;
use sexton_testkit::{Init, Pty, libc, namespaces};

/// What the new child says about its session comes when it comes; what there is to say of a
/// terminal that is not there has a test of its own.
const LEFT_OUT: [&str; 3] = [
    "setsid complete.",
    "Unable to attach to controlling tty",
    "Unable to detach from controlling tty",
];

/// The other lines, without the name, in order.
fn said(lines: &[String]) -> Vec<String> {
    let own = |line: &String| {
        let said = line.strip_prefix("[dumb-init] ").unwrap_or_else(|| panic!("{line}"));
        let left_out = LEFT_OUT.iter().any(|start| said.starts_with(start));
        (!left_out).then(|| said.to_string())
    };
    lines.iter().filter_map(own).collect()
}

#[test]
fn a_run_is_told_from_its_beginning_to_its_end() {
    let end = exam().init().options(["-v"]).command(["sh", "-c", "exit 3"]).spawn().end();
    assert_eq!((end.code, &end.stdout[..]), (3, &[][..]));
    let expected = [
        "Child spawned with PID 2.",
        "Received signal 17.",
        "A child with PID 2 exited with exit status 3.",
        "Forwarded signal 15 to children.",
        "Child exited with status 3. Goodbye.",
    ];
    assert_eq!(said(&end.stderr), expected);
    let complete = end.stderr.iter().filter(|line| *line == "[dumb-init] setsid complete.");
    assert_eq!(complete.count(), 1, "{end:?}");
}

#[test]
fn a_terminal_that_is_not_there_is_told_of() {
    let end = exam().init().options(["-v"]).command(["true"]).spawn().end();
    let expected = exam().deviates("log-lines", 1, 0);
    for words in ["detach from", "attach to"] {
        let line = format!(
            "[dumb-init] Unable to {words} controlling tty (errno=25 Inappropriate ioctl for \
             device)."
        );
        assert_eq!(end.stderr.iter().filter(|said| **said == line).count(), expected);
    }
}

#[test]
fn a_single_child_has_no_session_to_tell_of() {
    for options in [&["-cv"][..], &["-v", "--single-child"]] {
        let end = exam().init().options(options).command(["true"]).spawn().end();
        let expected = [
            "[dumb-init] Child spawned with PID 2.",
            "[dumb-init] Received signal 17.",
            "[dumb-init] A child with PID 2 exited with exit status 0.",
            "[dumb-init] Forwarded signal 15 to children.",
            "[dumb-init] Child exited with status 0. Goodbye.",
        ];
        assert_eq!((end.code, &end.stderr[..]), (0, &expected.map(String::from)[..]));
    }
}

#[test]
fn what_the_environment_asks_for_is_told_first() {
    let init = exam().init().env("DUMB_INIT_DEBUG", "1").env("DUMB_INIT_SETSID", "0");
    let end = init.command(["true"]).spawn().end();
    let first = ["Running in debug mode.", "Not running in setsid mode."];
    let first = exam().deviates("log-lines", &first[..], &[]);
    let then = [
        "Child spawned with PID 2.",
        "Received signal 17.",
        "A child with PID 2 exited with exit status 0.",
        "Forwarded signal 15 to children.",
        "Child exited with status 0. Goodbye.",
    ];
    assert_eq!(said(&end.stderr), [first, &then].concat());
}

/// The lines between the start and the end, after these signals.
#[track_caller]
fn assert_told(init: Init, signals: &[i32], expected: &[&str]) {
    let mut run = init.options(["-v"]).command(["probe", "signals", "until", "64"]).spawn().ready();
    for signal in signals {
        run.send(*signal);
        let told = format!("[dumb-init] Received signal {signal}.");
        run.stderr().until("it is told", |line| line == told);
    }
    run.send(64);
    let end = run.end();
    let lines = said(&end.stderr);
    let first = lines.iter().position(|line| line.starts_with("Child spawned")).expect("a child");
    let last = lines.iter().position(|line| line == "Received signal 64.").expect("the last");
    assert_eq!(lines[first + 1..last], *expected);
}

#[test]
fn each_signal_is_told_with_what_becomes_of_it() {
    assert_told(
        exam().init(),
        &[15, 34],
        &[
            "Received signal 15.",
            "Forwarded signal 15 to children.",
            "Received signal 34.",
            "Forwarded signal 34 to children.",
        ],
    );
    assert_told(
        exam().init().options(["-r", "15:0", "-r", "10:12"]),
        &[15, 10],
        &[
            "Received signal 15.",
            "Translating signal 15 to 0.",
            "Not forwarding signal 0 to children (ignored).",
            "Received signal 10.",
            "Translating signal 10 to 12.",
            "Forwarded signal 12 to children.",
        ],
    );
}

#[test]
fn a_stop_by_the_terminal_is_told() {
    assert_told(
        exam().init().options(["-c"]),
        &[20],
        &[
            "Received signal 20.",
            "Forwarded signal 20 to children.",
            "Suspending self due to TTY signal.",
        ],
    );
    assert_told(
        exam().init().options(["-r", "21:0"]),
        &[21],
        &[
            "Received signal 21.",
            "Translating signal 21 to 0.",
            "Not forwarding signal 0 to children (ignored).",
            "Suspending self due to TTY signal.",
        ],
    );
}

#[test]
fn a_death_by_signal_is_told_as_one() {
    let mut run = exam().init().options(["-v"]).command(["probe", "wait"]).spawn().ready();
    run.send(libc::SIGUSR1);
    let lines = said(&run.end().stderr);
    let expected = [
        "Received signal 10.",
        "Forwarded signal 10 to children.",
        "Received signal 17.",
        "A child with PID 2 was terminated by signal 10.",
        "Forwarded signal 15 to children.",
        "Child exited with status 138. Goodbye.",
    ];
    assert_eq!(lines[1..], expected);
}

#[test]
fn the_last_signal_is_rewritten_as_any_other() {
    let end = exam().init().options(["-v", "-r", "15:0"]).command(["true"]).spawn().end();
    let lines = said(&end.stderr);
    let expected = [
        "A child with PID 2 exited with exit status 0.",
        "Translating signal 15 to 0.",
        "Not forwarding signal 0 to children (ignored).",
        "Child exited with status 0. Goodbye.",
    ];
    assert_eq!(lines[2..], expected);
}

#[test]
fn an_orphan_is_told_as_a_child() {
    let script = "(sleep 0.05 &); sleep 0.2";
    let end = exam().init().options(["-v"]).command(["sh", "-c", script]).spawn().end();
    let orphan = "[dumb-init] A child with PID 4 exited with exit status 0.";
    assert!(end.stderr.iter().any(|line| line == orphan), "{end:?}");
}

#[test]
fn the_terminal_that_changes_hands_is_told_of() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = exam().init().options(["-v"]).on_terminal(&pty).command(["true"]).spawn();
    pty.watch();
    assert_eq!(run.end().code, 0);
    pty.shows("Goodbye.");
    let line = "[dumb-init] Detached from controlling tty, ignoring the first SIGHUP and SIGCONT \
                we receive.";
    let times = exam().deviates("log-lines", 1, 0);
    assert_eq!(pty.times_shown(line), times, "{}", pty.shown());
    pty.shows("[dumb-init] setsid complete.");
    assert_eq!(pty.times_shown("Unable to"), 0, "{}", pty.shown());
}
