//! What is found in files as they should be, and in all others.

use super::*;
use Called::{ByName, ByNumber};

/// What came of a look-up: the numbers of the user and of the groups, and the home.
type Found = Result<(u32, Vec<u32>, String), Saying>;

/// The group that we are in ourselves.
const OURS: u32 = 77;

/// Looks up `user` and `group` in these files.
fn look_up(files: [&[u8]; 2], user: &str, group: Option<&str>, called: Called) -> Found {
    let mut account = Account::new(OURS);
    let words = [Some(user), group];
    for (file, word) in [File::Passwd, File::Group].into_iter().zip(words) {
        account.begin(file, word.map(str::as_bytes), called);
        files[file as usize].iter().for_each(|byte| account.read(*byte));
        if let Some(wrong) = account.end() {
            return Err(wrong);
        }
    }
    let home = String::from_utf8_lossy(field(account.entry_and_room().0, Field::Home));
    let home = home.into_owned();
    assert_eq!(account.groups()[0], account.group());
    assert!(account.user() != NONE && !account.groups().contains(&NONE));
    Ok((account.user(), account.groups().to_vec(), home))
}

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
# app:x:0:0::/:
+app:x:0:0::/:
-app:x:0:0::/:
+::::::
app:x:1000:1000:App, the,,:/home/app:/bin/sh
app:x:0:0:the second of that name:/root:/bin/sh
other:x:1000:0:the second of that number:/root:/bin/sh
short:x:5:6
homeless:x:7:8:::
1234:x:9:9::/nine:";

const GROUP: &str = "\
root:x:0:
app:x:1000:app
wheel:x:10:root,app
#wheel:x:11:app
audio:x:29:app,other,root
video:x:44:xapp,appx,ap,app
empty:x:45:,,
last:x:46:other,app";

fn found(user: &str, group: Option<&str>, called: Called) -> Found {
    look_up([PASSWD.as_bytes(), GROUP.as_bytes()], user, group, called)
}

#[test]
fn a_user_is_found_with_all_groups() {
    let is = |user: u32, groups: &[u32], home: &str| Ok((user, groups.to_vec(), home.to_string()));
    for (user, group, expected) in [
        ("app", None, is(1000, &[1000, 10, 29, 44, 46], "/home/app")),
        ("1000", None, is(1000, &[1000, 10, 29, 44, 46], "/home/app")),
        ("root", None, is(0, &[0, 10, 29], "/root")),
        ("daemon", None, is(1, &[1], "/usr/sbin")),
        ("app", Some("audio"), is(1000, &[29], "/home/app")),
        ("app", Some("29"), is(1000, &[29], "/home/app")),
        ("app", Some("4711"), is(1000, &[4711], "/home/app")),
        ("4711", None, is(4711, &[OURS], "")),
        ("4711", Some("last"), is(4711, &[46], "")),
        ("4711", Some("4712"), is(4711, &[4712], "")),
        ("short", None, is(5, &[6], "")),
        ("homeless", None, is(7, &[8], "")),
        ("1234", None, is(9, &[9], "/nine")),
        ("nobody", None, Err(Saying::NoUser)),
        ("", None, Err(Saying::NoUser)),
        ("ap", None, Err(Saying::NoUser)),
        ("APP", None, Err(Saying::NoUser)),
        ("+app", None, Err(Saying::NoUser)),
        ("# app", None, Err(Saying::NoUser)),
        ("-1", None, Err(Saying::NoUser)),
        ("4294967295", None, Err(Saying::NoUser)),
        ("4294967296", None, Err(Saying::NoUser)),
        ("app", Some(""), Err(Saying::NoGroup)),
        ("app", Some("other"), Err(Saying::NoGroup)),
        ("app", Some("#wheel"), Err(Saying::NoGroup)),
        ("app", Some("4294967295"), Err(Saying::NoGroup)),
    ] {
        assert_eq!(found(user, group, ByNumber), expected, "{user}:{group:?}");
    }
}

#[test]
fn a_number_is_no_name() {
    assert_eq!(found("1000", None, ByName), Err(Saying::NoUser));
    assert_eq!(found("0", None, ByName), Err(Saying::NoUser));
    assert_eq!(found("1234", None, ByName).unwrap().0, 9);
    assert_eq!(found("app", None, ByName), found("app", None, ByNumber));
}

#[test]
fn lines_that_are_no_entries_are_passed_over() {
    let long = "x".repeat(ENTRY_MAX + 1);
    for line in [
        "",
        ":",
        ":::::::::",
        "a",
        "a:x",
        "a:x:",
        "a:x:1",
        "a:x:1:",
        "a:x::1::/:",
        "a:x:1:x::/:",
        "a:x:-1:1::/:",
        "a:x:1:-1::/:",
        "a:x:+1:1::/:",
        "a:x: 1:1::/:",
        "a:x:1:1 ::/:",
        "a:x:4294967295:1::/:",
        "a:x:1:4294967295::/:",
        "a:x:4294967296:1::/:",
        "a:x:99999999999999999999:1::/:",
        "a:x:1e1:1::/:",
        "\0a:x:1:1::/:",
        " a:x:1:1::/:",
        "A:x:1:1::/:",
        &format!("a:{long}:1:1::/:"),
        &format!("a:x:1:1::/{long}"),
        &format!("{long}{long}{long}"),
    ] {
        for passwd in [format!("{line}\na:x:2:3::/a:"), format!("{line}\n\na:x:2:3::/a:\n")] {
            let files = [passwd.as_bytes(), b"g:x:4:a"];
            let expected = Ok((2, vec![3, 4], "/a".to_string()));
            assert_eq!(look_up(files, "a", None, ByNumber), expected, "{line:?}");
        }
        let files = [line.as_bytes(), b""];
        assert_eq!(look_up(files, "a", None, ByNumber), Err(Saying::NoUser), "{line:?}");
    }
}

#[test]
fn a_comma_before_the_members_gives_nobody_a_group() {
    let groups = b"g:x:4,a\nh:x:5,a:x:a\nk:x:6,:a\nl,a:x:7:a,b\nm:x:8:b,a\n,:x:9:a";
    let files = [&b"a:x:2:3::/a:"[..], &groups[..]];
    let found = look_up(files, "a", None, ByNumber);
    assert_eq!(found, Ok((2, vec![3, 7, 8], "/a".to_string())));
}

#[test]
fn the_longest_line_that_counts_is_the_limit() {
    for (len, counts) in [(ENTRY_MAX - 1, true), (ENTRY_MAX, true), (ENTRY_MAX + 1, false)] {
        for end in ["", "\n", "\nb:x:1:1::/:\n"] {
            let line = format!("{:/<len$}", "a:x:2:3::");
            let passwd = line.clone() + end;
            let found = look_up([passwd.as_bytes(), b""], "a", None, ByNumber);
            let expected = if counts { Ok(&line[9..]) } else { Err(Saying::NoUser) };
            assert_eq!(found.as_ref().map(|found| &found.2[..]).map_err(|e| *e), expected, "{len}");
        }
    }
}

/// The bytes of the entry have to make three variables.
#[test]
fn there_is_room_for_the_variables_of_the_longest_entry() {
    let line = format!("{:/<ENTRY_MAX$}", "a:x:2:3::");
    let mut account = Account::new(OURS);
    account.begin(File::Passwd, Some(b"a"), ByName);
    line.bytes().for_each(|byte| account.read(byte));
    assert_eq!(account.end(), None);
    let (entry, room) = account.entry_and_room();
    let mut text = crate::text::Text::new(room);
    let all = [("HOME=", Field::Home), ("UID=", Field::Id), ("USER=", Field::Name)];
    let written = all.map(|(name, what)| {
        let start = text.len();
        text.text(name.as_bytes());
        text.text(field(entry, what));
        text.path_from(start).bytes().to_vec()
    });
    let written = written.map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(written, [format!("HOME={}", &line[9..]), "UID=2".into(), "USER=a".into()]);
}

#[test]
fn a_group_may_have_any_number_of_members_and_a_user_so_many_groups() {
    let crowd = (0..100_000).map(|n| format!("user{n}")).collect::<Vec<_>>().join(",");
    let groups = |count: usize| {
        (0..count).map(|n| format!("g{n}:x:{}:{crowd},app\n", 2000 + n)).collect::<String>()
    };
    let found = look_up([PASSWD.as_bytes(), groups(3).as_bytes()], "app", None, ByNumber);
    assert_eq!(found.unwrap().1, [1000, 2000, 2001, 2002]);
    let found = look_up([PASSWD.as_bytes(), groups(3).as_bytes()], "app", Some("g2"), ByNumber);
    assert_eq!(found.unwrap().1, [2002]);
    let small = |count: usize| {
        let lines = (0..count).map(|n| format!("g{n}:x:{}:b,app,c\n", 2000 + n));
        let groups = lines.collect::<String>();
        look_up([PASSWD.as_bytes(), groups.as_bytes()], "app", None, ByNumber)
    };
    for count in [GROUPS_MAX - 1, GROUPS_MAX] {
        assert_eq!(small(count).unwrap().1.len(), count + 1);
    }
    for count in [GROUPS_MAX + 1, GROUPS_MAX + 2, 10 * GROUPS_MAX] {
        assert_eq!(small(count), Err(Saying::ManyGroups), "{count}");
    }
}

#[test]
fn the_sentence_about_too_many_groups_names_the_limit() {
    let (_, _, sentence) = crate::notice::NATIVE[Saying::ManyGroups as usize];
    assert!(sentence.contains(&format!(" {GROUPS_MAX} ")), "{sentence}");
}

/// Files that were cut anywhere, and in which any byte is any of those that have a meaning: nothing
/// is found that no line says, and nobody upsets the reader.
#[test]
fn files_cut_or_broken_anywhere_name_nobody_who_is_not_there() {
    let passwd = b"app:x:1000:100:A,b:/home/app:/bin/sh\nb:x:2:3::/:\n";
    let group = b"app:x:100:\nwheel:x:10:root,app\naudio:x:29:app\n";
    let known = [1000, 100, 10, 29, 2, 3, 4, 0, OURS];
    let look = |files: [&[u8]; 2]| {
        for (user, group) in [("app", None), ("2", None), ("4", Some("wheel")), ("b", Some("0"))] {
            for called in [ByName, ByNumber] {
                let _ = look_up(files, user, group, called);
            }
        }
        look_up(files, "app", None, ByName)
    };
    for end in 0..passwd.len() {
        let found = look([&passwd[..end], group]);
        assert!(found.is_err() || end >= "app:x:1000:1".len(), "{end}: {found:?}");
    }
    for end in 0..group.len() {
        let (user, groups, _) = look([passwd, &group[..end]]).unwrap();
        // A number that was cut is another number, and without a member after it nobody's.
        assert!(user == 1000 && groups.iter().all(|group| known.contains(group)), "{end}");
    }
    for byte in *b":,\n\0 +-#0a\xff" {
        for place in 0..passwd.len() {
            let mut broken = passwd.to_vec();
            broken[place] = byte;
            look([&broken, group]).ok();
        }
        for place in 0..group.len() {
            let mut broken = group.to_vec();
            broken[place] = byte;
            let (user, groups, _) = look([passwd, &broken]).unwrap();
            assert_eq!((user, groups[0]), (1000, 100));
        }
    }
}

/// The machine's own files, against getent(1), which asks the system's library.
#[test]
fn the_users_of_this_machine_are_those_that_the_system_knows() {
    let read = |file| std::fs::read(file).unwrap_or_default();
    let (passwd, group) = (read("/etc/passwd"), read("/etc/group"));
    let run = |words: &[&str]| {
        let run = std::process::Command::new(words[0]).args(&words[1..]).output();
        run.ok()
            .filter(|run| run.status.success())
            .map(|run| String::from_utf8(run.stdout).unwrap())
    };
    for line in String::from_utf8_lossy(&passwd).lines() {
        let name = line.split(':').next().unwrap();
        let Some(theirs) = run(&["id", "-G", name]) else { continue };
        let Ok((_, mut ours, _)) = look_up([&passwd, &group], name, None, ByName) else {
            panic!("{line}")
        };
        let mut theirs: Vec<u32> =
            theirs.split_whitespace().map(|id| id.parse().unwrap()).collect();
        assert_eq!(ours[0], theirs[0], "{line}");
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{line}");
    }
}
