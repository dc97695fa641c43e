//! The command: its words, its status, where it is looked for.

use crate::{accounts, among, exam, in_both_places, run};
use sexton_testkit::scratch;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn the_exit_status_is_the_commands() {
    in_both_places(|place| {
        for code in [0, 1, 9, 255] {
            let end = run(place, &["scn", "sh", "-c", &format!("exit {code}")]);
            assert_eq!((end.code, end.stderr), (code, vec![]), "{place:?}");
        }
    });
}

#[test]
fn no_word_is_an_option_and_none_is_dropped() {
    in_both_places(|place| {
        for (words, line) in [
            (&["scn", "printf", "%s %s\\n", "--", "-n"][..], "-- -n"),
            (&["scn", "echo", "--", "-v"], "-- -v"),
            (&["scn", "echo", "--user", "--help"], "--user --help"),
        ] {
            let end = run(place, words);
            assert_eq!((end.code, &end.stdout[..]), (0, &[line.to_string()][..]), "{words:?}");
        }
        // `--` is a user's name, and a command's.
        for words in [&["--", "scn", "id"][..], &["-v", "true"], &["scn", "--", "id"]] {
            let end = run(place, words);
            assert_eq!((end.code, end.stdout), (1, vec![]), "{words:?}");
        }
    });
}

#[test]
fn the_command_is_looked_for_in_path_as_that_user() {
    in_both_places(|place| {
        let (hidden, open) = (scratch(), scratch());
        for (folder, word) in [(&hidden, "hidden"), (&open, "open")] {
            let file = folder.join("what");
            fs::write(&file, format!("#!/bin/sh\necho {word}\n")).expect("a file");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
        }
        fs::set_permissions(&hidden, fs::Permissions::from_mode(0o700)).expect("its mode");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).expect("its mode");
        let path = format!("{}:{}:/usr/bin:/bin", hidden.display(), open.display());
        for (user, word) in [("scn", "open"), ("root", "hidden")] {
            let init = among(&accounts(), place).env("PATH", &path);
            assert_eq!(init.options([user, "what"]).spawn().end().stdout, [word], "{place:?}");
        }
    });
}

#[test]
fn a_text_that_names_no_interpreter_is_for_the_shell() {
    in_both_places(|place| {
        let folder = scratch();
        let file = folder.join("text");
        fs::write(&file, "echo \"$1\"\n").expect("a file");
        for mode in [(&folder, 0o755), (&file, 0o755)] {
            fs::set_permissions(mode.0, fs::Permissions::from_mode(mode.1)).expect("its mode");
        }
        let end = run(place, &["scn", file.to_str().expect("text"), "word"]);
        let expected = exam().deviates("text-without-interpreter", (1, vec![]), (0, vec!["word"]));
        assert_eq!(end.code, expected.0, "{place:?} {end:?}");
        assert_eq!(end.stdout, expected.1, "{place:?}");
    });
}

/// `--as setuser` in place of the name.
#[test]
fn the_option_leads_to_it_too() {
    if exam().whose() == sexton_testkit::Whose::Original || !sexton_testkit::real_root() {
        return;
    }
    let accounts = accounts();
    let init = sexton_testkit::Init::wrapped(accounts.wrapper());
    let end = init.options(["--as", "setuser", "scn", "id", "-u"]).spawn().end();
    assert_eq!((end.code, &end.stdout[..]), (0, &["4242".to_string()][..]), "{end:?}");
}
