//! What it does not do, and says so in one line.

use crate::{accounts, among, exam, in_both_places, run};
use sexton_testkit::accounts::{Accounts, Entry};
use sexton_testkit::{End, Place, Whose, real_root};

/// Nothing ran, and one line says why.
#[track_caller]
fn refuses(end: &End) {
    assert_eq!((end.code, &end.stdout[..]), (1, &[][..]), "{end:?}");
    assert!(end.stderr.len() == 1 && end.stderr[0].starts_with("setuser: "), "{end:?}");
}

#[test]
fn fewer_than_two_words_are_answered_with_the_usage() {
    in_both_places(|place| {
        for words in [&[][..], &["scn"], &["nobody-there"], &["--help"], &["-h"], &["--version"]] {
            let end = run(place, words);
            assert_eq!((end.code, end.stdout), (1, vec![]), "{words:?}");
            let usage = end.stderr.concat();
            assert!(usage.to_lowercase().contains("usage") && usage.contains("setuser"), "{usage}");
        }
    });
}

#[test]
fn who_is_not_there_is_refused() {
    in_both_places(|place| {
        for user in ["nope", "", "sc", "scnn", "SCN", "scn:extra", "scn:0", "0:0", "extra"] {
            let end = run(place, &[user, "id"]);
            refuses(&end);
            if exam().whose() == Whose::Ours {
                assert_eq!(end.stderr, [format!("setuser: no user {user} in /etc/passwd")]);
            }
        }
    });
}

#[test]
fn numbers_are_refused() {
    in_both_places(|place| {
        for user in ["0", "4242", "4711", "4294967295", "-1"] {
            refuses(&run(place, &[user, "id"]));
        }
    });
}

#[test]
fn a_command_that_cannot_be_run_is_1() {
    in_both_places(|place| {
        for command in ["nothing-of-that-name", "/etc/passwd", "/etc", "/nothing", ""] {
            refuses(&run(place, &["scn", command]));
        }
    });
}

/// What may not be run by the user, though root may.
#[test]
fn a_command_that_is_roots_alone_is_1() {
    in_both_places(|place| {
        let folder = sexton_testkit::scratch();
        let file = folder.join("roots");
        std::fs::copy("/bin/true", &file).expect("a copy");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(&file, mode).expect("its mode");
        let words = [file.to_str().expect("text")];
        refuses(&run(place, &[&["scn"], &words[..]].concat()));
        assert_eq!(run(place, &[&["root"], &words[..]].concat()).code, 0);
    });
}

#[test]
fn files_that_are_empty_missing_or_cut_are_as_good_as_they_are() {
    if !real_root() {
        return;
    }
    let ask = |passwd, group| {
        let accounts = Accounts::new(passwd, group);
        among(&accounts, Place::NewNamespace).options(["a", "id", "-G"]).spawn().end()
    };
    for passwd in [
        Entry::Nothing,
        Entry::Text(""),
        Entry::Text("\n\n:::\n"),
        Entry::Text("a"),
        Entry::Text("a:x:1"),
        Entry::Text("a:x:1:"),
        Entry::Text("a:x:4294967295:2::/:\n"),
        Entry::Text("a:x:1:99999999999::/:\n"),
    ] {
        refuses(&ask(passwd, Entry::Text("g:x:3:a\n")));
    }
    for (group, ids) in [
        (Entry::Nothing, "2"),
        (Entry::Text(""), "2"),
        (Entry::Text("g:x:3:a"), "2 3"),
        (Entry::Text("g:x:3:b,a\n\n::\n+\nh:x:x:a\ni:x:4:a,"), "2 3 4"),
    ] {
        let end = ask(Entry::Text("a:x:1:2"), group);
        assert_eq!((end.code, &end.stdout[..]), (0, &[ids.to_string()][..]), "{end:?}");
    }
    for (passwd, group) in
        [(Entry::Folder, Entry::Nothing), (Entry::Text("a:x:1:2::/:"), Entry::Folder)]
    {
        let end = ask(passwd, group);
        refuses(&end);
        assert!(end.stderr[0].contains("read /etc/"), "{end:?}");
    }
}

/// Who is not root becomes nobody else; who he is already, he stays.
#[test]
fn without_the_right_to_it_nobody_else_is_run() {
    if !real_root() {
        return;
    }
    let accounts = accounts();
    let program = sexton_testkit::accounts::for_everyone(exam().path());
    for (user, code) in [("root", 1), ("1000", 1), ("scn", 0)] {
        let mut words = accounts.wrapper().to_vec();
        words.extend(["setpriv", "--reuid=4242", "--regid=4243", "--clear-groups"]);
        words.extend([program.to_str().expect("text"), user, "id", "-u"]);
        let out = std::process::Command::new(words[0]).args(&words[1..]).output().expect("runs");
        // Python cannot do without the groups.
        let code = exam().deviates("already-that-user", 1, code);
        assert_eq!(out.status.code(), Some(code), "{user}: {out:?}");
        assert_eq!(out.stdout, if code == 0 { &b"4242\n"[..] } else { b"" }, "{user}: {out:?}");
    }
}
