//! The command line: getopt(3) with `p:hvwgle:s`, and `--version` alone.

use crate::{end_of, exam, quiet};
use sexton_testkit::{End, for_both_places};

const NOTHING: &[String] = &[];

fn answer(words: &[&str]) -> End {
    let init = exam().init().env("PATH", "/usr/bin:/bin").options(words);
    init.without_separator().spawn().end()
}

/// The name that it was called by, without the folder: `tini-static` is another name of it.
fn name() -> String {
    exam().path().file_name().expect("a name").to_string_lossy().into_owned()
}

/// The first lines, word by word, and each option and variable at the beginning of its line.
#[track_caller]
fn assert_usage(lines: &[String]) {
    let [name, usage, gap, purpose, ..] = lines else { panic!("no usage: {lines:?}") };
    let version = &answer(&["--version"]).stdout[0];
    let called = self::name();
    assert_eq!(*name, format!("{called} ({version})"));
    assert_eq!(*usage, format!("Usage: {called} [OPTIONS] PROGRAM -- [ARGS] | --version"));
    assert_eq!(gap, "");
    assert!(
        purpose.contains(&format!("supervision of a valid init process ({called})")),
        "{lines:?}"
    );
    for start in [
        "--version",
        "-h",
        "-s",
        "-p SIG",
        "-v",
        "-w",
        "-g",
        "-e ",
        "-l",
        "TINI_SUBREAPER",
        "TINI_VERBOSITY",
        "TINI_KILL_PROCESS_GROUP",
    ] {
        let found = lines.iter().any(|line| line.trim_start().starts_with(start));
        assert!(found, "{start:?} is not in {lines:?}");
    }
    assert!(lines.iter().any(|line| line.contains("more verbose")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("(default: 1)")), "{lines:?}");
}

/// What getopt(3) says, then the usage, both on stderr.
#[track_caller]
fn assert_refused(words: &[&str], complaint: &str) {
    let end = answer(words);
    assert_eq!((end.code, &end.stdout[..]), (1, NOTHING), "{words:?}");
    let own = exam().deviates("own-name", exam().program(), "tini").to_string();
    assert_eq!(end.stderr[0], format!("{own}: {complaint}"), "{words:?}");
    assert_usage(&end.stderr[1..]);
}

/// moby reads the first line of stdout: `tini version `, the version, perhaps ` - git.` and a
/// commit; the status must be 0.
#[test]
fn version_is_one_line_on_stdout_as_docker_reads_it() {
    let end = answer(&["--version"]);
    assert_eq!((end.code, &end.stderr[..]), (0, NOTHING));
    let [line] = &end.stdout[..] else { panic!("{end:?}") };
    let mut parts = line.split(" - ");
    assert_eq!(parts.next(), Some("tini version 0.19.0"));
    assert!(parts.all(|part| part.starts_with("git.")), "{line}");
}

#[test]
fn version_is_an_option_only_where_it_is_alone() {
    let refused = |words: &[&str]| assert_refused(words, "invalid option -- '-'");
    let told = |words: &[&str]| {
        let end = answer(words);
        assert_eq!((end.code, end.stdout.len(), end.stderr.len()), (0, 1, 0), "{words:?}");
    };
    for words in [&["--version", "x"][..], &["-s", "--version"], &["--version", "--version"]] {
        match exam().deviates("version-anywhere", true, false) {
            true => refused(words),
            false => told(words),
        }
    }
}

#[test]
fn the_help_is_the_usage_on_stdout() {
    for words in [&["-h"][..], &["-sh"], &["-hz"], &["-h", "-z"], &["-h", "true"], &["-h", "-l"]] {
        let end = answer(words);
        assert_eq!((end.code, &end.stderr[..]), (0, NOTHING), "{words:?}");
        assert_usage(&end.stdout);
    }
}

#[test]
fn the_licence_is_on_stdout() {
    for words in [&["-l"][..], &["-gl"], &["-lz"], &["-l", "-h"], &["-l", "true"]] {
        let end = answer(words);
        assert_eq!((end.code, &end.stderr[..]), (0, NOTHING), "{words:?}");
        let text = end.stdout.join(" ");
        let named = exam().deviates("licence", "Permission is hereby granted", "MIT");
        assert!(text.contains(named), "{text}");
    }
}

#[test]
fn an_unknown_option_is_refused_with_the_usage() {
    for letter in ["z", "x", "V", "c", "r", "G", "1", "?", ":"] {
        let complaint = format!("invalid option -- '{letter}'");
        assert_refused(&[&format!("-{letter}")], &complaint);
    }
    for words in [&["-sz"][..], &["-szh"], &["-z", "-h"], &["-z", "--version"], &["-s", "-z", "--"]]
    {
        assert_refused(words, "invalid option -- 'z'");
    }
    for long in ["--help", "--foo", "--verbose", "--Version"] {
        let complaint = format!("unrecognized option '{long}'");
        let complaint = exam().deviates("own-name", "invalid option -- '-'", &complaint);
        assert_refused(&[long], complaint);
    }
}

/// catatonit's letter for the same.
#[test]
fn a_capital_l_is_no_option_of_tini() {
    let theirs = || assert_refused(&["-L"], "invalid option -- 'L'");
    let ours = || assert_eq!(answer(&["-L"]).code, 0);
    exam().deviates("licence-letters", theirs as fn(), ours as fn())();
}

/// podman runs whatever it was told is an init with `-P`, to hold a pod's namespaces.
#[test]
fn pause_is_no_option_of_tini() {
    let theirs = || assert_refused(&["-P"], "invalid option -- 'P'");
    let ours = || {
        let mut run = exam().init().options(["-P"]).without_separator().spawn();
        run.sleeps();
        run.send(sexton_testkit::libc::SIGTERM);
        assert_eq!(run.end().code, 0);
    };
    exam().deviates("pause-under-any-name", theirs as fn(), ours as fn())();
}

#[test]
fn an_option_without_its_value_is_refused_with_the_usage() {
    for (words, letter) in [(&["-p"][..], 'p'), (&["-e"], 'e'), (&["-sp"], 'p'), (&["-vwe"], 'e')] {
        assert_refused(words, &format!("option requires an argument -- '{letter}'"));
    }
}

#[test]
fn no_program_is_refused_with_the_usage_alone() {
    for words in [&[][..], &["--"], &["-s"], &["-s", "--"], &["-e", "3"], &["-p", "SIGTERM", "-v"]]
    {
        let end = answer(words);
        assert_eq!((end.code, &end.stdout[..]), (1, NOTHING), "{words:?}");
        assert_usage(&end.stderr);
    }
}

#[test]
fn letters_may_stand_in_one_word_and_values_in_the_next() {
    for_both_places(|place| {
        for options in [
            &["-sgw"][..],
            &["-s", "-g", "-w"],
            &["-gs", "-e3"],
            &["-sge3"],
            &["-sge", "3"],
            &["-spSIGTERM"],
            &["-p", "SIGTERM", "-sw"],
            &["-s", "-s"],
        ] {
            let end = end_of(exam().init().place(place).options(options), ["true"]);
            assert_eq!((end.code, &end.stderr[..]), (0, NOTHING), "{place:?} {options:?}");
        }
    });
}

/// The README: `tini -- your_program and its args`.
#[test]
fn the_program_is_what_stands_behind_two_dashes() {
    for_both_places(|place| {
        for (words, said) in [
            (&["--", "echo", "-l", "-h"][..], "-l -h"),
            (&["--", "echo", "--", "-v"], "-- -v"),
            (&["-g", "--", "echo", "x", "--version"], "x --version"),
        ] {
            let end = quiet(place).options(words).spawn().end();
            assert_eq!((end.code, &end.stdout[..]), (0, &[said.to_string()][..]), "{words:?}");
        }
        let init = quiet(place).env("PATH", "/usr/bin:/bin");
        let end = init.options(["--", "--", "true"]).spawn().end();
        assert_eq!(end.code, 127, "`--` is the name of a program here");
    });
}

/// The usage has `PROGRAM -- [ARGS]`.
#[test]
fn two_dashes_behind_the_program_are_eaten() {
    let end = answer(&["echo", "--", "-l"]);
    let expected = exam().deviates("dashes-behind-the-program", "-l", "-- -l");
    assert_eq!((end.code, &end.stdout[..]), (0, &[expected.to_string()][..]));
}

/// glibc's getopt(3): "permutes the contents of argv as it scans". It takes the program's options
/// for its own.
#[test]
fn options_of_the_program_are_taken_for_its_own() {
    let theirs = || {
        assert_refused(&["sh", "-c", "exit 3"], "invalid option -- 'c'");
        let licence = answer(&["true", "-l"]);
        assert_eq!((licence.code, licence.stdout.len()), (0, 21));
        let verbose = answer(&["echo", "hi", "-v"]);
        assert!(verbose.stdout.iter().any(|line| line.starts_with("[INFO ")), "{verbose:?}");
    };
    let ours = || {
        assert_eq!(answer(&["sh", "-c", "exit 3"]).code, 3);
        let nothing = answer(&["true", "-l"]);
        assert_eq!((nothing.code, nothing.stdout.len()), (0, 0));
        let echo = answer(&["echo", "hi", "-v"]);
        assert_eq!(echo.stdout, ["hi -v"]);
    };
    exam().deviates("options-end-at-the-program", theirs as fn(), ours as fn())();
}

/// getopt(3): "If … the environment variable POSIXLY_CORRECT is set, then option processing stops
/// as soon as a nonoption argument is encountered", which is what all builds with musl do.
#[test]
fn posixly_correct_ends_options_at_the_program() {
    for_both_places(|place| {
        let posix = || quiet(place).env("POSIXLY_CORRECT", "1");
        let end = posix().options(["sh", "-c", "exit 3"]).spawn().end();
        assert_eq!(end.code, 3, "{place:?}");
        let end = posix().options(["echo", "--", "-l"]).spawn().end();
        assert_eq!(end.stdout, ["-- -l"], "{place:?}");
    });
}
