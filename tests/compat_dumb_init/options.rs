//! The command line: getopt_long(3) with `+hvVcr:`, which ends at the first word that is no option.

use crate::exam;
use sexton_testkit::{End, libc};

const NOTHING: &[String] = &[];

fn answer(words: &[&str]) -> End {
    let init = exam().init().env("PATH", "/usr/bin:/bin").options(words);
    init.without_separator().spawn().end()
}

/// All that is said is said on stderr.
#[track_caller]
fn assert_says(words: &[&str], code: i32, expected: &[&str]) {
    let end = answer(words);
    assert_eq!((end.code, &end.stdout[..]), (code, NOTHING), "{words:?}");
    assert_eq!(end.stderr, expected, "{words:?}");
}

/// What it calls itself.
fn own_name() -> String {
    exam().deviates("own-name", exam().program(), "dumb-init").to_string()
}

/// What getopt_long(3) says, and not a word more.
#[track_caller]
fn assert_refused(words: &[&str], complaint: &str) {
    assert_says(words, 1, &[&format!("{}: {complaint}", own_name())]);
}

#[test]
fn the_version_is_on_stderr() {
    for words in [
        &["-V"][..],
        &["--version"],
        &["--vers"],
        &["--versi"],
        &["-cV"],
        &["-vV"],
        &["-V", "-z"],
        &["-V", "true"],
        &["-V", "-h"],
        &["-r", "15:2", "--version", "x"],
    ] {
        assert_says(words, 0, &["dumb-init v1.2.5"]);
    }
}

#[test]
fn the_help_is_on_stderr() {
    for words in [&["-h"][..], &["--help"], &["--h"], &["--he"], &["-vh"], &["-h", "-V"], &["-hz"]]
    {
        let end = answer(words);
        assert_eq!((end.code, &end.stdout[..]), (0, NOTHING), "{words:?}");
        assert_eq!(end.stderr[0], "dumb-init v1.2.5");
        let usage = format!("Usage: {} [option] command [[arg] ...]", own_name());
        assert_eq!(end.stderr[1], usage, "{words:?}");
        for start in [
            "   -c, --single-child ",
            "   -r, --rewrite s:r ",
            "   -v, --verbose ",
            "   -h, --help ",
            "   -V, --version ",
        ] {
            assert!(end.stderr.iter().any(|line| line.starts_with(start)), "{start:?}, {end:?}");
        }
    }
}

#[test]
fn an_unknown_option_is_refused_in_one_line() {
    for letter in ["z", "x", "g", "s", "p", "l", "L", "e", "w", "1", "?"] {
        assert_refused(&[&format!("-{letter}")], &format!("invalid option -- '{letter}'"));
    }
    for words in [&["-cz"][..], &["-z", "-V"], &["-c", "-z", "--", "true"]] {
        assert_refused(words, "invalid option -- 'z'");
    }
    for long in ["--yolo", "--Version", "--versionx", "--single_child", "--z=1"] {
        let name = long.split('=').next().expect("a name");
        let shown = if long.contains('=') { long } else { name };
        assert_refused(&[long], &format!("unrecognized option '{shown}'"));
    }
}

#[test]
fn pause_is_no_option_of_dumb_init() {
    let theirs = || assert_refused(&["-P"], "invalid option -- 'P'");
    let ours = || {
        let mut run = exam().init().options(["-P"]).without_separator().spawn();
        run.sleeps();
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 0);
    };
    exam().deviates("pause-under-any-name", theirs as fn(), ours as fn())();
}

#[test]
fn a_long_option_may_be_cut_as_long_as_it_is_one() {
    for words in [
        &["--s", "true"][..],
        &["--sing", "true"],
        &["--single-child", "true"],
        &["--r", "15:2", "true"],
        &["--rew=15:2", "true"],
        &["--rewrite=15:2", "--rewrite", "2:15", "true"],
    ] {
        assert_says(words, 0, &[]);
    }
}

#[test]
fn a_long_option_that_is_cut_to_two_is_refused() {
    for cut in ["--ver", "--v"] {
        let both = "'--verbose' '--version'";
        let theirs = format!("option '{cut}' is ambiguous; possibilities: {both}");
        let ours = format!("unrecognized option '{cut}'");
        assert_refused(&[cut], &exam().deviates("long-option-words", theirs, ours));
    }
}

#[test]
fn values_where_none_belongs_and_none_where_one_does_are_refused() {
    assert_refused(&["-r"], "option requires an argument -- 'r'");
    assert_refused(&["-cr"], "option requires an argument -- 'r'");
    for word in ["--verbose=1", "--single-child="] {
        let name = word.split('=').next().expect("a name");
        let shown = exam().deviates("long-option-words", name, word);
        assert_refused(&[word, "true"], &format!("option '{shown}' doesn't allow an argument"));
    }
}

#[test]
fn a_long_option_without_its_value_is_refused() {
    for word in ["--rewrite", "--rew"] {
        let theirs = "option '--rewrite' requires an argument".to_string();
        let ours = format!("option requires an argument -- '{word}'");
        assert_refused(&[word], &exam().deviates("long-option-words", theirs, ours));
    }
}

#[test]
fn no_command_is_refused_with_two_lines() {
    let program = own_name();
    let usage = format!("Usage: {program} [option] program [args]");
    let more = format!("Try {program} --help for full usage.");
    for words in [&[][..], &["--"], &["-c"], &["-c", "--"], &["-r", "15:2"], &["--verbose", "--"]] {
        let end = answer(words);
        assert_eq!((end.code, &end.stdout[..]), (1, NOTHING), "{words:?}");
        assert_eq!(end.stderr, [usage.as_str(), more.as_str()], "{words:?}");
    }
}

#[test]
fn options_end_at_the_first_word_that_is_none() {
    for (words, code, said) in [
        (&["sh", "-c", "exit 3"][..], 3, &[][..]),
        (&["--", "sh", "-c", "exit 4"], 4, &[]),
        (&["-c", "echo", "-V", "-h"], 0, &["-V -h"]),
        (&["-r15:2", "echo", "--", "-l"], 0, &["-- -l"]),
        (&["--", "echo", "--"], 0, &["--"]),
    ] {
        let end = answer(words);
        assert_eq!((end.code, &end.stderr[..]), (code, NOTHING), "{words:?}");
        assert_eq!(end.stdout, said, "{words:?}");
    }
    assert_says(&["--", "--", "true"], 2, &["[dumb-init] --: No such file or directory"]);
}
