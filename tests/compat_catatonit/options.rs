//! The command line: getopt_long(3) with `ghLPV` and `--version`.

use crate::exam;
use sexton_testkit::End;

const NOTHING: &[String] = &[];

const USAGE: &str = "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]";

fn answer(words: &[&str]) -> End {
    let init = exam().init().env("PATH", "/usr/bin:/bin").options(words);
    init.without_separator().spawn().end()
}

/// A complaint and the usage in one line, on stderr.
#[track_caller]
fn assert_refused(words: &[&str], complaint: &str) {
    let end = answer(words);
    assert_eq!((end.code, &end.stdout[..]), (1, NOTHING), "{words:?}");
    assert_eq!(end.stderr, [complaint, USAGE], "{words:?}");
}

#[track_caller]
fn assert_unknown(words: &[&str], complaint: &str) {
    let own = exam().deviates("own-name", exam().program(), "catatonit").to_string();
    assert_refused(words, &format!("{own}: {complaint}"));
}

const VERSION: &str = "tini version 0.1.7_catatonit";

/// It poses as tini, for `docker info`.
#[test]
fn the_version_is_one_line_on_stdout_as_docker_reads_it() {
    for words in [
        &["-V"][..],
        &["--version"],
        &["--vers"],
        &["--v"],
        &["-gV"],
        &["-V", "-z"],
        &["-V", "-h"],
        &["-V", "true"],
    ] {
        let end = answer(words);
        assert_eq!((end.code, &end.stderr[..]), (0, NOTHING), "{words:?}");
        assert_eq!(end.stdout, [VERSION], "{words:?}");
    }
}

#[test]
fn the_help_is_on_stderr() {
    for words in [&["-h"][..], &["-gh"], &["-h", "-V"], &["-h", "-z"], &["-hz"]] {
        let end = answer(words);
        assert_eq!((end.code, &end.stdout[..]), (0, NOTHING), "{words:?}");
        assert_eq!(end.stderr[0], USAGE);
        for start in ["  -g ", "  -h ", "  -L ", "  -P ", "  -V, --version "] {
            assert!(end.stderr.iter().any(|line| line.starts_with(start)), "{start:?}, {end:?}");
        }
    }
}

#[test]
fn the_licence_is_on_stdout() {
    for words in [&["-L"][..], &["-gL"], &["-L", "-z"]] {
        let end = answer(words);
        assert_eq!((end.code, &end.stderr[..]), (0, NOTHING), "{words:?}");
        let named = exam().deviates("licence", "GNU General Public License", "MIT");
        let text = end.stdout.join(" ");
        assert!(text.contains(named), "{text}");
    }
}

#[test]
fn an_unknown_option_is_refused_with_the_usage() {
    for letter in ["z", "x", "s", "v", "c", "r", "p", "e", "w", "?"] {
        assert_unknown(&[&format!("-{letter}")], &format!("invalid option -- '{letter}'"));
    }
    for words in [&["-gz"][..], &["-zV"], &["-z", "-V"], &["-g", "-z", "--", "true"]] {
        assert_unknown(words, "invalid option -- 'z'");
    }
    for long in ["--help", "--foo", "--versionx", "--rewrite"] {
        assert_unknown(&[long], &format!("unrecognized option '{long}'"));
    }
    let shown = exam().deviates("long-option-words", "--version", "--version=1");
    assert_unknown(&["--version=1"], &format!("option '{shown}' doesn't allow an argument"));
}

/// tini's letter for the licence.
#[test]
fn a_small_l_is_no_option_of_catatonit() {
    let theirs = || assert_unknown(&["-l"], "invalid option -- 'l'");
    let ours = || assert_eq!(answer(&["-l"]).code, 0);
    exam().deviates("licence-letters", theirs as fn(), ours as fn())();
}

#[test]
fn no_program_is_refused_with_the_usage() {
    for words in [&[][..], &["--"], &["-g"], &["-g", "--"], &["-gg"]] {
        assert_refused(words, "ERROR (catatonit:1): missing program name");
    }
}

#[test]
fn the_program_is_what_stands_behind_two_dashes() {
    for (words, said) in [
        (&["--", "echo", "-V", "-h"][..], "-V -h"),
        (&["--", "echo", "--", "-g"], "-- -g"),
        (&["-g", "--", "echo", "x", "--version"], "x --version"),
        (&["echo", "x"], "x"),
        (&["-g", "echo", "x"], "x"),
    ] {
        let end = answer(words);
        assert_eq!((end.code, &end.stdout[..]), (0, &[said.to_string()][..]), "{words:?}");
        assert_eq!(end.stderr, NOTHING);
    }
    assert_eq!(answer(&["--", "--", "true"]).code, 1, "`--` is the name of a program here");
}

/// getopt_long(3) of glibc and of musl: "permutes the contents of argv as it scans".
#[test]
fn options_of_the_program_are_taken_for_its_own() {
    let theirs = || {
        assert_unknown(&["sh", "-c", "exit 3"], "invalid option -- 'c'");
        assert_eq!(answer(&["true", "-V"]).stdout, [VERSION]);
        assert_eq!(answer(&["echo", "--", "-V"]).stdout, ["-V"]);
    };
    let ours = || {
        assert_eq!(answer(&["sh", "-c", "exit 3"]).code, 3);
        assert_eq!(answer(&["echo", "-V"]).stdout, ["-V"]);
        assert_eq!(answer(&["echo", "--", "-V"]).stdout, ["-- -V"]);
    };
    exam().deviates("options-end-at-the-program", theirs as fn(), ours as fn())();
}

#[test]
fn posixly_correct_ends_options_at_the_program() {
    let posix = |words: &[&str]| {
        let init = exam().init().env("POSIXLY_CORRECT", "1").options(words);
        init.without_separator().spawn().end()
    };
    assert_eq!(posix(&["sh", "-c", "exit 3"]).code, 3);
    assert_eq!(posix(&["echo", "--", "-V"]).stdout, ["-- -V"]);
}
