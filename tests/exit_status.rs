//! The exit status: the command's own, or why there is none.

use sexton_testkit::{End, Init, Place, for_both_places, libc, namespaces, rustix, scratch};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

fn end_of<const N: usize>(place: Place, options: &[&str], command: [&str; N]) -> End {
    Init::new().place(place).options(options).command(command).spawn().end()
}

/// exit(3): "the least significant byte of status (i.e., status & 0xFF) is returned".
#[test]
fn every_exit_status_is_passed_on() {
    for_both_places(|place| {
        for code in 0..=255 {
            let end = end_of(place, &[], ["probe", "exit", &code.to_string()]);
            assert_eq!((end.code, end.stderr), (code, vec![]), "{place:?}");
        }
    });
}

/// As every shell tells it (POSIX: "greater than 128"; in practice 128+n).
#[test]
fn a_death_by_signal_is_128_and_its_number() {
    // signal(7): what does not end a process by default.
    let harmless = [17, 18, 19, 20, 21, 22, 23, 28];
    for_both_places(|place| {
        for signal in (1..=64).filter(|signal| !harmless.contains(signal)) {
            let end = end_of(place, &[], ["probe", "die", &signal.to_string()]);
            assert_eq!(end.code, 128 + signal, "{place:?}");
        }
    });
}

/// wait(2), WCOREDUMP: a bit of the status, which is no part of the signal's number.
#[test]
fn a_death_with_a_core_dump_is_one_by_its_signal() {
    for_both_places(|place| {
        let script = "ulimit -c unlimited; kill -SEGV $$";
        let init = Init::new().place(place).current_dir(scratch());
        assert_eq!(init.command(["sh", "-c", script]).spawn().end().code, 139, "{place:?}");
    });
}

#[test]
fn a_status_that_counts_as_success_is_0() {
    let cases: [(&[&str], i32, i32); 7] = [
        (&["-e", "3"], 3, 0),
        (&["-e3"], 4, 4),
        (&["--success", "3", "--success=4"], 4, 0),
        (&["-e", "255"], 255, 0),
        (&["-e", "63"], 63, 0),
        (&["-e", "31"], 63, 63),
        (&["-e", "0"], 1, 1),
    ];
    for_both_places(|place| {
        for (options, code, expected) in cases {
            let end = end_of(place, options, ["probe", "exit", &code.to_string()]);
            assert_eq!(end.code, expected, "{place:?} {options:?} {code}");
        }
        let end = end_of(place, &["-e", "143"], ["probe", "die", "TERM"]);
        assert_eq!(end.code, 0, "{place:?}");
    });
}

/// A file of a test, and how it is run.
fn file(directory: &Path, name: &str, mode: u32, content: &[u8]) -> String {
    let path = directory.join(name);
    fs::write(&path, content).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
    path.to_str().expect("text").to_string()
}

/// /bin/true with a loader that is nowhere.
fn without_loader(directory: &Path) -> String {
    let mut program = fs::read("/bin/true").expect("/bin/true");
    let place = program.windows(4).position(|four| four == b"/lib").expect("a loader");
    program[place..place + 4].copy_from_slice(b"/lob");
    file(directory, "loaderless", 0o755, &program)
}

/// POSIX, Shell Command Language 2.8.2: 127 not found, 126 found but not executable. The reason
/// is said in one line.
#[test]
fn a_command_that_cannot_be_run_is_126_or_127_with_the_reason() {
    let directory = scratch();
    let path = |name: &str| directory.join(name).to_str().expect("text").to_string();
    symlink("loop", directory.join("loop")).expect("a link");
    let passwd = file(&directory, "plain", 0o644, b"text\n");
    let garbage = file(&directory, "garbage", 0o755, b"PK\x03\x04\0\0\xff\0");
    let script = file(&directory, "script", 0o755, b"#!/no/interpreter -x\n");
    let windows = file(&directory, "windows", 0o755, b"#!/bin/sh\r\nexit 0\r\n");
    let broken = file(&directory, "broken", 0o755, b"\x7fELF\x02\x01\x01\0garbage\0\0");
    let cases: [(String, i32, &[&str]); 11] = [
        (path("missing"), 127, &["missing: No such file or directory"]),
        ("no-such-command".into(), 127, &["exec no-such-command: No such file"]),
        (format!("{passwd}/below"), 127, &["Not a directory"]),
        (path(""), 126, &["directory"]),
        (passwd, 126, &["plain: Permission denied"]),
        (path("loop"), 126, &["loop: Too many levels of symbolic links"]),
        (garbage, 126, &["garbage"]),
        (script, 127, &["script", "/no/interpreter", "No such file"]),
        (windows, 127, &["windows", "/bin/sh\\"]),
        (without_loader(&directory), 127, &["loaderless", "/lob", "No such file"]),
        (broken, 126, &["broken"]),
    ];
    for_both_places(|place| {
        for (command, code, words) in &cases {
            let init = Init::new().place(place).env("PATH", "/usr/bin:/bin");
            let end = init.command([command]).spawn().end();
            assert_eq!((end.code, end.stderr.len()), (*code, 1), "{place:?} {command} {end:?}");
            let said = &end.stderr[0];
            assert!(said.starts_with("sexton-init: "), "{said}");
            assert!(words.iter().all(|word| said.contains(word)), "{said} lacks some of {words:?}");
        }
        assert_eq!(end_of(place, &[], [""]).code, 127, "{place:?}");
    });
}

/// execlp(3): "If the header of a file isn't recognized (the attempted execve(2) failed with the
/// error ENOEXEC), these functions will execute the shell (/bin/sh) with the path of the file as
/// its first argument", and so does every shell.
#[test]
fn text_without_an_interpreter_line_runs_by_the_shell() {
    let directory = scratch();
    let text = file(&directory, "text", 0o755, b"echo \"$0 $1 $#\"; exit 42\n");
    for_both_places(|place| {
        let end = end_of(place, &[], [&text, "a b", ""]);
        assert_eq!((end.code, &end.stdout[..]), (42, &[format!("{text} a b 2")][..]));
        let init = Init::new().place(place).env("PATH", &directory);
        assert_eq!(init.command(["text"]).spawn().end().code, 42, "{place:?}");
    });
}

/// execlp(3), "Special semantics": the search goes on over EACCES, and "if no other file is found"
/// that is the error; an empty element is the working directory.
#[test]
fn path_is_searched_as_execvp_does() {
    let directory = scratch();
    let dir = |name: &str| -> PathBuf {
        let path = directory.join(name);
        fs::create_dir(&path).expect("a directory");
        path
    };
    let (first, second, locked) = (dir("first"), dir("second"), dir("locked"));
    file(&first, "tool", 0o755, b"#!/bin/sh\nexit 1\n");
    file(&second, "tool", 0o755, b"#!/bin/sh\nexit 2\n");
    file(&locked, "tool", 0o644, b"#!/bin/sh\nexit 3\n");
    let [a, b, l] = [&first, &second, &locked].map(|path| path.to_str().expect("text"));
    let cases = [
        (format!("{a}:{b}"), 1),
        (format!("{b}:{a}"), 2),
        (format!("/nowhere:{b}"), 2),
        (format!("{l}:{b}"), 2),
        (format!("{l}:/nowhere"), 126),
        (format!("/nowhere:{l}"), 126),
        (format!("/etc/passwd:{a}"), 1),
        ("/nowhere".to_string(), 127),
        (format!(":{b}"), 1),
        (format!("/nowhere::{b}"), 1),
        ("/nowhere:".to_string(), 1),
        (String::new(), 1),
    ];
    for_both_places(|place| {
        for (path, expected) in &cases {
            let init = Init::new().place(place).env("PATH", path).current_dir(&first);
            let end = init.command(["tool"]).spawn().end();
            assert_eq!(end.code, *expected, "{place:?} PATH={path} {end:?}");
        }
        let init = Init::new().place(place).env_remove("PATH").current_dir(&first);
        assert_eq!(init.command(["true"]).spawn().end().code, 0, "{place:?}: the default path");
    });
}

/// One line that names the bad thing, and nothing was started.
fn refused(init: Init, place: Place, named: &str) {
    let started = scratch().join("started");
    let end = init.place(place).command(["touch", started.to_str().expect("text")]).spawn().end();
    assert_eq!((end.code, end.stderr.len()), (125, 1), "{named}: {end:?}");
    let said = &end.stderr[0];
    assert!(said.starts_with("sexton-init: ") && said.contains(named), "{said} lacks {named}");
    assert_eq!(end.stdout, Vec::<String>::new(), "{named}");
    assert!(!started.exists(), "{named}");
}

#[test]
fn a_mistake_in_the_options_is_125_and_nothing_is_started() {
    let cases: &[(&[&str], &str)] = &[
        (&["--frobnicate"], "--frobnicate"),
        (&["-x"], "-x"),
        (&["-gx"], "-x"),
        (&["--group=yes"], "--group=yes"),
        (&["--to", "nobody"], "nobody"),
        (&["--rewrite", "TERM"], "TERM"),
        (&["--rewrite", "15:3xyz"], "15:3xyz"),
        (&["--rewrite", "4294967311:3"], "4294967311:3"),
        (&["--rewrite", "KILL:TERM"], "KILL"),
        (&["--rewrite", "TERM:65"], "TERM:65"),
        (&["--stop-on", "TREM"], "TREM"),
        (&["--stop-on", "STOP"], "STOP"),
        (&["--stop-on", "0"], "0"),
        (&["--stop-timeout", "10x"], "10x"),
        (&["--stop-timeout", "soon"], "soon"),
        (&["--drain-timeout", "-1s"], "-1s"),
        (&["--drain-timeout", "10sec"], "10sec"),
        (&["--drain-timeout="], "drain-timeout"),
        (&["--drain-timeout", "99999999999999999999s"], "99999999999999999999s"),
        (&["--on-exit", "explode"], "explode"),
        (&["-e", "256"], "256"),
        (&["-e", "-1"], "-1"),
        (&["-e", "+3"], "+3"),
        (&["-e", " 1"], " 1"),
        (&["-e", ""], "success"),
        (&["-p", "NOSUCH"], "NOSUCH"),
        (&["-p", "RTMIN+99"], "RTMIN+99"),
        (&["--log", "xml"], "xml"),
    ];
    for_both_places(|place| {
        for (options, named) in cases {
            refused(Init::new().options(*options), place, named);
        }
    });
}

#[test]
fn a_mistake_in_the_environment_is_125_and_nothing_is_started() {
    let cases = [
        ("SEXTON_GROUP", "maybe"),
        ("SEXTON_TO", "nobody"),
        ("SEXTON_REWRITE", "TERM:QUIT,USR1"),
        ("SEXTON_STOP_ON", "TREM"),
        ("SEXTON_STOP_TIMEOUT", "10x"),
        ("SEXTON_ON_EXIT", "explode"),
        ("SEXTON_DRAIN_TIMEOUT", "ten"),
        ("SEXTON_SUCCESS", "1,256"),
        ("SEXTON_SUBREAPER", "2"),
        ("SEXTON_PARENT_DEATH", "NOSUCH"),
        ("SEXTON_WARN_ORPHANS", "perhaps"),
        ("SEXTON_VERBOSE", "4"),
        ("SEXTON_LOG", "xml"),
    ];
    for_both_places(|place| {
        for (name, value) in cases {
            let wrong = value.rsplit(',').next().unwrap_or(value);
            refused(Init::new().env(name, value), place, wrong);
        }
    });
}

#[test]
fn no_command_and_no_value_are_125() {
    for_both_places(|place| {
        for options in [&[][..], &["--"], &["-g"], &["-g", "--"], &["-p"], &["--rewrite"], &["-e"]]
        {
            let end = Init::new().place(place).options(options).spawn().end();
            assert_eq!((end.code, end.stderr.len()), (125, 1), "{options:?} {end:?}");
        }
    });
}

#[test]
fn the_command_line_wins_over_the_environment() {
    for_both_places(|place| {
        let init = Init::new().place(place).env("SEXTON_LOG", "json").env("SEXTON_VERBOSE", "1");
        let end = init.options(["--log", "text"]).command(["true"]).spawn().end();
        assert_eq!(end.code, 0);
        assert!(!end.stderr.is_empty(), "{place:?}");
        assert!(end.stderr.iter().all(|line| line.starts_with("sexton-init: ")), "{end:?}");
        let init = Init::new().place(place).env("SEXTON_SUCCESS", "3,4").options(["-e", "5"]);
        assert_eq!(init.command(["probe", "exit", "4"]).spawn().end().code, 0, "lists add up");
    });
}

/// What getopt(3) does by permuting makes `tini sh -e -c true` fail.
#[test]
fn options_end_at_the_first_word_that_is_none() {
    for_both_places(|place| {
        for (words, code) in [
            (&["sh", "-e", "-c", "exit 42"][..], 42),
            (&["-g", "sh", "-c", "exit 43"], 43),
            (&["-ve", "44", "sh", "-c", "exit 44", "-h"], 0),
            (&["--to", "all", "--", "sh", "-c", "exit 45"], 45),
            (&["ls", "-l", "--help-me-not", "/dev/null"], 2),
        ] {
            let end = Init::new().place(place).options(words).spawn().end();
            assert_eq!(end.code, code, "{words:?} {end:?}");
        }
    });
}

#[test]
fn what_is_asked_for_is_printed_on_stdout() {
    for_both_places(|place| {
        for (option, word) in [
            ("--help", "Usage: sexton-init"),
            ("-h", "--drain-timeout"),
            ("--version", "tini version "),
            ("-V", "sexton"),
            ("--licence", "MIT"),
            ("--lice", "MIT"),
            ("-l", "MIT"),
        ] {
            let end = Init::new().place(place).options([option]).spawn().end();
            assert_eq!((end.code, end.stderr.len()), (0, 0), "{option}");
            assert!(end.stdout.iter().any(|line| line.contains(word)), "{option} {end:?}");
        }
    });
}

/// prctl(2), PR_SET_PDEATHSIG: "The signal is sent upon … termination of the parent".
#[test]
fn the_parent_death_signal_ends_an_init_whose_parent_died() {
    if !namespaces() {
        return;
    }
    // The outer command starts an inner init and leaves it: the outer init adopts what is left.
    let inner = sexton_testkit::init_path().to_str().expect("text");
    let flag = scratch().join("flag");
    let flag = flag.display();
    let script = format!(
        "{inner} -p TERM -- sh -c 'trap \"echo told; exit 0\" TERM; echo ready; touch {flag}; \
         while :; do sleep 0.01; done' & until [ -e {flag} ]; do sleep 0.01; done; kill -KILL $$"
    );
    let init = Init::new().options(["--on-exit", "wait"]).command(["sh", "-c", &script]);
    let end = init.spawn().ready().end();
    assert_eq!((end.code, &end.stdout[..]), (128 + libc::SIGKILL, &["told".to_string()][..]));
}

/// fifo(7): "Opening a FIFO for reading normally blocks until some other process opens the same
/// FIFO for writing." Nobody will, and PID 1 must not wait for it to say why it cannot be run.
#[test]
fn a_command_that_is_a_fifo_is_refused_at_once() {
    let fifo = scratch().join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, 0o777.into()).expect("a FIFO");
    for_both_places(|place| {
        let end = end_of(place, &[], [fifo.to_str().expect("text")]);
        assert_eq!((end.code, end.stderr.len()), (126, 1), "{place:?} {end:?}");
    });
}

/// A text is run by /bin/sh; its name is what an image without a shell needs to be told.
#[test]
fn a_text_that_names_an_interpreter_of_few_letters_names_it_when_it_is_missing() {
    let directory = scratch();
    let text = file(&directory, "text", 0o755, b"#!/q\n");
    for_both_places(|place| {
        let end = end_of(place, &[], [&text]);
        assert_eq!(end.code, 127, "{place:?}");
        assert!(end.stderr[0].contains("/q"), "{:?}", end.stderr);
    });
}
