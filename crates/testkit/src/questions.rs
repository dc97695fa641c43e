//! What every init is asked that runs a program. `start` makes the init with the options that it
//! needs, and the program is still to be named.

use crate::{Init, Place, Stream, eventually, for_both_places, scratch};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Makes the init that is asked.
pub type Start<'a> = &'a dyn Fn(Place) -> Init;

/// exit(3): "the least significant byte of status". Not a word is said, either.
///
/// # Panics
/// If it is not so; also the others below.
pub fn every_exit_status_is_passed_on(start: Start<'_>) {
    for_both_places(|place| {
        for code in 0..=255 {
            let end = start(place).command(["probe", "exit", &code.to_string()]).spawn().end();
            assert_eq!((end.code, end.stdout, end.stderr), (code, vec![], vec![]), "{place:?}");
        }
    });
}

/// As every shell tells it: 128+n, for all signals that end a process.
pub fn a_death_by_signal_is_128_and_its_number(start: Start<'_>) {
    // signal(7): what does not end a process by default.
    let harmless = [17, 18, 19, 20, 21, 22, 23, 28];
    for_both_places(|place| {
        for signal in (1..=64).filter(|signal| !harmless.contains(signal)) {
            let end = start(place).command(["probe", "die", &signal.to_string()]).spawn().end();
            assert_eq!(end.code, 128 + signal, "{place:?}");
        }
    });
}

/// The status is the program's, not that of a child that ended at the same time.
pub fn the_status_is_the_programs(start: Start<'_>) {
    let script = "for i in 1 2 3 4 5 6 7 8; do (exit 9) & done; (sleep 0 &); exit 3";
    for_both_places(|place| {
        for _ in 0..10 {
            let end = start(place).command(["sh", "-c", script]).spawn().end();
            assert_eq!(end.code, 3, "{place:?}");
        }
    });
}

/// execve(2): arguments are strings of any bytes but NUL.
pub fn arguments_are_passed_on_byte_for_byte(start: Start<'_>) {
    let long = vec![b'x'; 100_000];
    let words: [&[u8]; 8] = [b"", b"-g", b"--", b"\xff\xfe\x80", b"a b\n\t", b"--help", &long, b""];
    for_both_places(|place| {
        let mut command = vec![OsString::from("probe"), OsString::from("status")];
        command.extend(words.iter().map(|word| OsStr::from_bytes(word).to_owned()));
        let mut run = start(place).command(command).spawn();
        assert_eq!(&run.view().bytes("arg")[2..], words, "{place:?}");
    });
}

/// environ(7): the very bytes, in their order.
pub fn the_environment_is_passed_on_byte_for_byte(start: Start<'_>) {
    for_both_places(|place| {
        let odd = OsStr::from_bytes(b"\xff=\xfe=");
        let init = start(place).env("ODD", odd).env("EMPTY", "");
        let mut run = init.command(["probe", "wait"]).spawn().ready();
        let given = fs::read(format!("/proc/{}/environ", run.pid())).expect("the init's");
        let got = fs::read(format!("/proc/{}/environ", run.others()[0].pid)).expect("the child's");
        assert!(given.windows(6).any(|six| six == b"EMPTY="), "{given:?}");
        assert_eq!(got, given, "{place:?}");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143);
    });
}

/// A file of a test, and how it is run.
///
/// # Panics
/// If it cannot be written.
pub fn file(directory: &Path, name: &str, mode: u32, text: &[u8]) -> String {
    let path = directory.join(name);
    fs::write(&path, text).expect("written");
    fs::set_permissions(&path, Permissions::from_mode(mode)).expect("its mode");
    path.to_str().expect("text").to_string()
}

/// execlp(3): text without an interpreter line is run by the shell.
pub fn text_without_an_interpreter_line_runs_by_the_shell(start: Start<'_>) {
    let text = file(&scratch(), "text", 0o755, b"echo \"$1 $#\"; exit 42\n");
    for_both_places(|place| {
        let end = start(place).command([&text, "a b", ""]).spawn().end();
        assert_eq!((end.code, end.stdout), (42, vec!["a b 2".to_string()]), "{place:?}");
    });
}

/// execlp(3), "Special semantics": the search goes on over EACCES; an empty element is the working
/// directory. `denied` is the status when all that was found may not be executed.
pub fn path_is_searched_as_execvp_does(start: Start<'_>, denied: i32) {
    let directory = scratch();
    let folder = |name: &str, mode: u32, status: u8| -> String {
        let path = directory.join(name);
        fs::create_dir(&path).expect("a directory");
        file(&path, "tool", mode, format!("#!/bin/sh\nexit {status}\n").as_bytes());
        path.to_str().expect("text").to_string()
    };
    let (a, b, locked) =
        (folder("a", 0o755, 41), folder("b", 0o755, 42), folder("locked", 0o644, 43));
    for_both_places(|place| {
        for (path, expected) in [
            (format!("{a}:{b}"), 41),
            (format!("{b}:{a}"), 42),
            (format!("/nowhere:{b}"), 42),
            (format!("{locked}:{b}"), 42),
            (format!("{locked}:/nowhere"), denied),
            (format!(":{b}"), 41),
            (String::new(), 41),
        ] {
            let init = start(place).env("PATH", &path).current_dir(&a);
            let end = init.command(["tool"]).spawn().end();
            assert_eq!(end.code, expected, "{place:?} PATH={path}");
        }
    });
}

/// execve(2): "By default, file descriptors remain open across an execve()".
pub fn descriptors_are_passed_on_at_their_numbers(start: Start<'_>) {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let init = start(place).pass_fd(null(), 3).pass_fd(null(), 7).pass_fd(null(), 100);
        let mut run = init.command(["probe", "status"]).spawn();
        assert_eq!(run.view().descriptors(), [0, 1, 2, 3, 7, 100], "{place:?}");
    });
}

/// Relative paths of the program's are where they were.
pub fn the_program_keeps_the_working_directory(start: Start<'_>) {
    for_both_places(|place| {
        let directory = scratch();
        let mut run = start(place).current_dir(&directory).command(["probe", "status"]).spawn();
        assert_eq!(run.view().bytes("cwd"), [directory.as_os_str().as_bytes()], "{place:?}");
    });
}

/// A hundred grandchildren that nobody waits for.
pub fn orphans_are_reaped(start: Start<'_>, places: &[Place]) {
    for place in places {
        for part in [["probe", "orphans", "100"], ["probe", "strange-children", "5"]] {
            let mut run = start(*place).command(part).spawn().ready();
            eventually("nobody but the program is left", || run.others().len() == 1);
            run.send(libc::SIGTERM);
            assert_eq!(run.end().code, 143, "{place:?}");
        }
    }
}

/// kill(1) from the program itself.
pub fn a_signal_from_inside_is_forwarded_too(start: Start<'_>) {
    for_both_places(|place| {
        let script = "trap 'exit 42' TERM; kill -TERM $PPID; while :; do sleep 0.01; done";
        let end = start(place).command(["sh", "-c", script]).spawn().end();
        assert_eq!(end.code, 42, "{place:?}");
    });
}

/// sigqueue(3): the value that comes with a signal, as the program gets it.
pub fn a_value_comes_through_as(start: Start<'_>, expected: i32) {
    for_both_places(|place| {
        let init = start(place).command(["probe", "signals", "until", "64"]);
        let mut run = init.spawn().ready();
        run.queue(34, 4711).expect("room in the queue");
        let line = run.stdout().next_line();
        assert_eq!(line, Some(format!("signal 34 value {expected}")), "{place:?}");
        run.send(64);
        assert_eq!(run.end().code, 0);
    });
}

/// Who of a family hears this signal when the init gets it: `main`, `worker` in its group,
/// `other` in another, `daemon` in another session and nobody's child; sorted.
pub fn who_hears(init: Init, signal: i32, count: usize) -> Vec<String> {
    let log = scratch().join("log");
    let part = |words: &str| format!("{words} log={}", log.display());
    let command = [
        "probe".to_string(),
        "family".to_string(),
        part("name=main"),
        part("name=worker until-eof"),
        part("name=other group until-eof"),
        part("name=daemon session orphan until-eof"),
    ];
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let mut run = init.stdin(stdin).command(command).spawn().ready();
    run.send(signal);
    eventually("all have heard", || heard(&log, signal).len() >= count);
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 0);
    drop(keys);
    heard(&log, signal)
}

/// The names of those in a family's log who got the signal, sorted; twice if it came twice.
pub fn heard(log: &Path, signal: i32) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let suffix = format!(" signal {signal}");
    let mut names: Vec<String> =
        text.lines().filter_map(|line| line.strip_suffix(&suffix)).map(String::from).collect();
    names.sort();
    names
}

/// The numbers of an init's open descriptors, and its working directory.
pub fn holds(pid: i32) -> (Vec<i32>, std::path::PathBuf) {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    let mut numbers: Vec<i32> = entries.filter_map(number).collect();
    numbers.sort_unstable();
    (numbers, fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default())
}
