//! What is said at each verbosity, and where.

use crate::{exam, quiet};
use sexton_testkit::{Place, Run, Stream, eventually, for_both_places, libc};

/// In a namespace all numbers are known: tini is 1, the program 2, what it starts 3 and 4.
fn said(options: &[&str], command: &[&str]) -> Vec<String> {
    let end = exam().init().options(options).command(command).spawn().end();
    without_polling(end.stdout)
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
    let expected = [
        "[INFO  tini (1)] Spawned child process 'sh' with pid '2'",
        "[INFO  tini (1)] Main child exited with signal (with signal 'Killed')",
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
    let subreaper = "[TRACE tini (1)] Registered as child subreaper";
    let with_subreaper = said(&["-vvvs"], &["true"]);
    assert_eq!(with_subreaper[0], subreaper);
    assert_eq!(with_subreaper[1..], expected);
}

/// strsignal(3)'s words.
#[test]
fn a_signal_that_is_passed_on_is_told() {
    for (signal, words) in [
        (1, "Hangup"),
        (2, "Interrupt"),
        (3, "Quit"),
        (10, "User defined signal 1"),
        (12, "User defined signal 2"),
        (13, "Broken pipe"),
        (14, "Alarm clock"),
        (15, "Terminated"),
        (16, "Stack fault"),
        (24, "CPU time limit exceeded"),
        (25, "File size limit exceeded"),
        (26, "Virtual timer expired"),
        (27, "Profiling timer expired"),
        (29, "I/O possible"),
        (30, "Power failure"),
        (34, "Real-time signal 0"),
        (64, "Real-time signal 30"),
    ] {
        let mut run = exam().init().options(["-vv"]).command(["probe", "wait"]).spawn();
        run.stdout().until("ready", |line| line == "ready");
        run.send(signal);
        let end = run.end();
        assert_eq!(end.code, 128 + signal);
        let all = run_lines(&run);
        for line in [
            format!("[DEBUG tini (1)] Passing signal: '{words}'"),
            format!("[INFO  tini (1)] Main child exited with signal (with signal '{words}')"),
        ] {
            assert!(all.contains(&line), "no {line:?} in {all:?}");
        }
    }
}

fn run_lines(run: &Run) -> Vec<String> {
    run.stdout_so_far().to_vec()
}

/// Three lines, of which the first has a head.
#[test]
fn who_is_neither_pid_1_nor_a_subreaper_is_warned() {
    let init = exam().init().place(Place::Here);
    let mut run = init.command(["probe", "wait"]).spawn().ready();
    let pid = run.pid();
    run.send(libc::SIGTERM);
    let end = run.end();
    let expected = [
        format!(
            "[WARN  tini ({pid})] Tini is not running as PID 1 and isn't registered as a child \
             subreaper."
        ),
        "Zombie processes will not be re-parented to Tini, so zombie reaping won't work.".into(),
        "To fix the problem, use the -s option or set the environment variable TINI_SUBREAPER to \
         register Tini as a child subreaper, or run Tini as PID 1."
            .into(),
    ];
    assert_eq!((end.code, &end.stderr[..]), (143, &expected[..]));
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
    let mut run = exam().init().options(["-v"]).command(["probe", "wait"]).spawn();
    let first = run.stdout().next_line().expect("a line");
    let spawned = format!(
        "[INFO  tini (1)] Spawned child process '{}' with pid '2'",
        sexton_testkit::probe_path().display()
    );
    let at_once = exam().deviates("log-at-once", "ready", spawned.as_str());
    if first == "ready" && at_once != "ready" {
        // Who of the two is first is nobody's promise.
        assert_eq!(run.stdout().next_line().as_deref(), Some(at_once));
    } else {
        assert_eq!(first, at_once);
    }
    run.send(libc::SIGTERM);
    let end = run.end();
    let seen = run_lines(&run);
    assert_eq!(end.code, 143);
    assert_eq!(seen.iter().filter(|line| **line == spawned).count(), 1, "{seen:?}");
}

/// The child has a copy of what waits in the parent's buffer, and empties it when it fails.
#[test]
fn a_program_that_cannot_be_run_makes_lines_double() {
    let end = quiet(Place::Here).options(["-vvv"]).command(["/nonexistent"]).spawn().end();
    let count =
        end.stdout.iter().filter(|line| line.ends_with("] Registered as child subreaper")).count();
    assert_eq!((end.code, count), (127, exam().deviates("log-twice", 2, 1)), "{end:?}");
}

#[test]
fn no_terminal_is_no_fault() {
    for stream in [Stream::Null, Stream::Fd(std::fs::File::open("/dev/zero").expect("it").into())] {
        let end = exam().init().stdin(stream).command(["true"]).spawn().end();
        assert_eq!((end.code, end.stdout, end.stderr), (0, vec![], vec![]));
    }
}
