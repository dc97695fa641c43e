//! What is said at each verbosity, and where.

use crate::{exam, log, log_of, quiet};
use sexton_testkit::{Place, Stream, eventually, for_both_places, libc};

/// In a namespace all numbers are known: tini is 1, the program 2, what it starts 3 and 4.
fn said(options: &[&str], command: &[&str]) -> Vec<String> {
    let end = exam().init().options(options).command(command).spawn().end();
    without_polling(log_of(&end))
}

/// Once a second and at each wake-up of another kind the original says that it did not find
/// anything. How often depends on the time the test takes.
fn without_polling(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.ends_with("] No child to reap"));
    lines
}

#[test]
fn a_run_without_fault_says_nothing_at_verbosity_1() {
    for_both_places(|place| {
        let end = quiet(place).command(["true"]).spawn().end();
        assert_eq!((end.code, end.stdout, end.stderr), (0, vec![], vec![]), "{place:?}");
    });
}

#[test]
fn verbosity_2_tells_of_the_program() {
    let command = ["sh", "-c", "exit 3"];
    let expected = [
        "[INFO  tini (1)] Spawned child process 'sh' with pid '2'",
        "[INFO  tini (1)] Main child exited normally (with status '3')",
    ];
    assert_eq!(said(&["-v"], &command), expected);
    let killed = exam().deviates("signal-words", "Killed", "SIGKILL");
    let expected = [
        "[INFO  tini (1)] Spawned child process 'sh' with pid '2'".to_string(),
        format!("[INFO  tini (1)] Main child exited with signal (with signal '{killed}')"),
    ];
    assert_eq!(said(&["-v"], &["sh", "-c", "kill -KILL $$"]), expected);
}

#[test]
fn verbosity_3_tells_of_signals_and_children() {
    let expected = [
        "[INFO  tini (1)] Spawned child process 'true' with pid '2'",
        "[DEBUG tini (1)] Received SIGCHLD",
        "[DEBUG tini (1)] Reaped child with pid: '2'",
        "[INFO  tini (1)] Main child exited normally (with status '0')",
    ];
    assert_eq!(said(&["-vv"], &["true"]), expected);
}

#[test]
fn verbosity_4_tells_all() {
    let expected = [
        "[INFO  tini (1)] Spawned child process 'true' with pid '2'",
        "[DEBUG tini (1)] Received SIGCHLD",
        "[DEBUG tini (1)] Reaped child with pid: '2'",
        "[INFO  tini (1)] Main child exited normally (with status '0')",
        "[TRACE tini (1)] No child to wait",
        "[TRACE tini (1)] Exiting: child has exited",
    ];
    assert_eq!(said(&["-vvv"], &["true"]), expected);
    assert_eq!(said(&["-vvvvvv"], &["true"]), expected);
    let registered = "[TRACE tini (1)] Registered as child subreaper";
    let with_subreaper = said(&["-vvvs"], &["true"]);
    let steps = exam().deviates("trace", true, false);
    assert_eq!(with_subreaper[0] == registered, steps);
    assert_eq!(with_subreaper[usize::from(steps)..], expected);
}

/// strsignal(3)'s words.
#[test]
fn a_signal_that_is_passed_on_is_told() {
    for (signal, words, name) in [
        (1, "Hangup", "SIGHUP"),
        (2, "Interrupt", "SIGINT"),
        (3, "Quit", "SIGQUIT"),
        (10, "User defined signal 1", "SIGUSR1"),
        (12, "User defined signal 2", "SIGUSR2"),
        (13, "Broken pipe", "SIGPIPE"),
        (14, "Alarm clock", "SIGALRM"),
        (15, "Terminated", "SIGTERM"),
        (16, "Stack fault", "SIGSTKFLT"),
        (24, "CPU time limit exceeded", "SIGXCPU"),
        (25, "File size limit exceeded", "SIGXFSZ"),
        (26, "Virtual timer expired", "SIGVTALRM"),
        (27, "Profiling timer expired", "SIGPROF"),
        (29, "I/O possible", "SIGIO"),
        (30, "Power failure", "SIGPWR"),
        (34, "Real-time signal 0", "SIGRTMIN+0"),
        (64, "Real-time signal 30", "SIGRTMIN+30"),
    ] {
        let mut run = exam().init().options(["-vv"]).command(["probe", "wait"]).spawn().ready();
        run.send(signal);
        assert_eq!(run.code(), 128 + signal);
        log(&mut run).rest();
        let all = &log(&mut run).seen;
        let words = exam().deviates("signal-words", words, name);
        for line in [
            format!("[DEBUG tini (1)] Passing signal: '{words}'"),
            format!("[INFO  tini (1)] Main child exited with signal (with signal '{words}')"),
        ] {
            assert!(all.contains(&line), "no {line:?} in {all:?}");
        }
    }
}

/// In several lines, of which the first has a head.
#[test]
fn who_is_neither_pid_1_nor_a_subreaper_is_warned() {
    let init = exam().init().place(Place::Here);
    let mut run = init.command(["probe", "wait"]).spawn().ready();
    let head = format!("[WARN  tini ({})] Tini is n", run.pid());
    run.send(libc::SIGTERM);
    let end = run.end();
    assert_eq!(end.code, 143);
    assert!(end.stderr[0].starts_with(&head), "{end:?}");
    let text = end.stderr.join("\n");
    for words in ["PID 1", "child subreaper", "zombie reaping won't work", "-s", "TINI_SUBREAPER"] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    assert_eq!(text.matches("tini (").count(), 1, "{text}");
}

#[test]
fn each_orphan_that_is_reaped_is_warned_of_on_request() {
    for (options, environment, expected) in [
        (&["-w"][..], "1", &["[WARN  tini (1)] Reaped zombie process with pid=4"][..]),
        (&["-w"], "0", &[]),
        (&[], "1", &[]),
    ] {
        let init = exam().init().options(options).env("TINI_VERBOSITY", environment);
        let mut run = init.command(["probe", "orphans", "1"]).spawn().ready();
        eventually("the orphan is gone", || run.others().len() == 1);
        run.send(libc::SIGTERM);
        let end = run.end();
        assert_eq!((end.code, &end.stderr[..]), (143, &expected.map_to_strings()[..]));
    }
}

trait MapToStrings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl MapToStrings for &[&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_string()).collect()
    }
}

#[test]
fn the_main_program_is_no_orphan() {
    let end = exam().init().options(["-w"]).command(["true"]).spawn().end();
    assert_eq!((end.code, end.stderr), (0, vec![]));
}

/// stdio(3): what is written to a pipe comes when the buffer is full or the program ends.
#[test]
fn what_is_said_can_be_read_at_once() {
    let mut run = exam().init().options(["-v"]).command(["probe", "wait"]).spawn().ready();
    let spawned = format!(
        "[INFO  tini (1)] Spawned child process '{}' with pid '2'",
        sexton_testkit::probe_path().display()
    );
    let awhile = std::time::Duration::from_millis(300);
    let first = match log(&mut run).seen.iter().find(|line| **line == spawned) {
        Some(line) => Some(line.clone()),
        None => log(&mut run).line_within(awhile),
    };
    assert_eq!(first.as_ref() == Some(&spawned), exam().deviates("log-at-once", false, true));
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 143);
    log(&mut run).rest();
    let seen = &log(&mut run).seen;
    assert_eq!(seen.iter().filter(|line| **line == spawned).count(), 1, "{seen:?}");
}

/// The child has a copy of what waits in the parent's buffer, and empties it when it fails.
#[test]
fn a_program_that_cannot_be_run_makes_lines_double() {
    let end = quiet(Place::Here).options(["-vvv"]).command(["/nonexistent"]).spawn().end();
    assert_eq!(end.code, 127);
    let lines = log_of(&end);
    let double = lines.iter().any(|line| lines.iter().filter(|other| *other == line).count() > 1);
    assert_eq!(double, exam().deviates("log-twice", true, false), "{end:?}");
}

#[test]
fn no_terminal_is_no_fault() {
    for stream in [Stream::Null, Stream::Fd(std::fs::File::open("/dev/zero").expect("it").into())] {
        let end = exam().init().stdin(stream).command(["true"]).spawn().end();
        assert_eq!((end.code, end.stdout, end.stderr), (0, vec![], vec![]));
    }
}
