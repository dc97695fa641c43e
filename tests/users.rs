//! `--user`: who the command is, and that it can no longer harm the init.

use sexton_testkit::accounts::{Accounts, Entry, for_everyone, probe_for_everyone};
use sexton_testkit::{
    End, Init, Place, eventually, init_path, libc, program, real_root, scratch, signals,
};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
app:x:4242:4243:App,,,:/home/app:/bin/sh
homeless:x:4300:4300";

const GROUP: &str = "\
root:x:0:
app:x:4243:app
extra:x:4244:other,app
others:x:4245:other";

fn accounts() -> Accounts {
    Accounts::new(Entry::Text(PASSWD), Entry::Text(GROUP))
}

/// The init, where these are the accounts.
fn among(accounts: &Accounts, place: Place) -> Init {
    Init::wrapped(accounts.wrapper()).place(place)
}

/// What comes of this command as that user.
fn run(place: Place, options: &[&str], command: &[&str]) -> End {
    among(&accounts(), place).options(options).command(command).spawn().end()
}

/// As PID 1, and as an ordinary process; for both it takes root.
fn in_both_places(ask: impl Fn(Place)) {
    if real_root() {
        ask(Place::Here);
        ask(Place::NewNamespace);
    }
}

#[test]
fn names_and_numbers_lead_to_the_ids_and_groups_of_the_files() {
    in_both_places(|place| {
        for (user, ids, groups, home) in [
            ("app", [4242, 4243], "4243 4244", "/home/app"),
            ("4242", [4242, 4243], "4243 4244", "/home/app"),
            ("app:extra", [4242, 4244], "4244", "/home/app"),
            ("app:4711", [4242, 4711], "4711", "/home/app"),
            ("4711", [4711, 0], "0", "/"),
            ("4711:4712", [4711, 4712], "4712", "/"),
            ("4711:others", [4711, 4245], "4245", "/"),
            ("homeless", [4300, 4300], "4300", "/"),
            ("root", [0, 0], "0", "/root"),
            ("0:0", [0, 0], "0", "/root"),
        ] {
            let script = "grep -E '^(Uid|Gid|Groups):' /proc/self/status; echo $HOME";
            let end = run(place, &["--user", user], &["sh", "-c", script]);
            let all = ids.map(|id| format!("{id}\t{id}\t{id}\t{id}"));
            let expected = [
                format!("Uid:\t{}", all[0]),
                format!("Gid:\t{}", all[1]),
                format!("Groups:\t{groups} "),
                home.to_string(),
            ];
            assert_eq!(end.stdout, expected, "{place:?} {user} {end:?}");
            assert_eq!((end.code, end.stderr), (0, vec![]), "{place:?} {user}");
        }
    });
}

/// setresuid(2) as root takes all of them, and there is no way back.
#[test]
fn the_command_has_no_capability_left() {
    in_both_places(|place| {
        let command = ["grep", "-E", "^Cap(Prm|Eff|Amb)", "/proc/self/status"];
        let none = ["CapPrm", "CapEff", "CapAmb"].map(|set| format!("{set}:\t{:016x}", 0));
        assert_eq!(run(place, &["--user=app"], &command).stdout, none, "{place:?}");
    });
}

#[test]
fn who_is_not_there_is_refused_before_anything_is_started() {
    in_both_places(|place| {
        let evidence = scratch().join("evidence");
        let touch = ["touch", evidence.to_str().expect("text")];
        for (user, line) in [
            ("nope", "no user nope in /etc/passwd"),
            ("", "no user  in /etc/passwd"),
            (":app", "no user  in /etc/passwd"),
            ("4294967295", "no user 4294967295 in /etc/passwd"),
            ("-1", "no user -1 in /etc/passwd"),
            ("app:nope", "no group nope in /etc/group"),
            ("app:", "no group  in /etc/group"),
            ("0:4294967295", "no group 4294967295 in /etc/group"),
            ("app:app:app", "no group app:app in /etc/group"),
        ] {
            let end = run(place, &["--user", user], &touch);
            let expected = vec![format!("sexton-init: {line}")];
            assert_eq!((end.code, end.stderr), (125, expected), "{place:?} {user}");
        }
        assert!(!evidence.exists(), "{place:?}");
    });
}

#[test]
fn programs_read_who_is_not_there_in_fields() {
    in_both_places(|place| {
        let end = run(place, &["--log", "json", "--user", "nope"], &["true"]);
        let line = end.stderr.concat();
        let json: sexton_testkit::serde_json::Value =
            sexton_testkit::serde_json::from_str(&line).expect("json");
        assert_eq!((&json["event"], &json["user"]), (&"refused".into(), &"nope".into()), "{line}");
    });
}

#[test]
fn the_variable_says_the_same_and_an_empty_one_nothing() {
    in_both_places(|place| {
        for (value, user) in [("app", "4242"), ("4711:4712", "4711"), ("", "0")] {
            let init = among(&accounts(), place).env("SEXTON_USER", value);
            assert_eq!(init.command(["id", "-u"]).spawn().end().stdout, [user], "{place:?}");
        }
        let init = among(&accounts(), place).env("SEXTON_USER", "nope");
        assert_eq!(init.command(["id"]).spawn().end().code, 125, "{place:?}");
    });
}

#[test]
fn numbers_need_no_files_and_names_do() {
    in_both_places(|place| {
        let none = Accounts::new(Entry::Nothing, Entry::Nothing);
        let ask = |user: &str| {
            let init = among(&none, place).options(["--user", user]);
            init.command(["id", "-G"]).spawn().end()
        };
        assert_eq!(ask("4711:4712").stdout, ["4712"], "{place:?}");
        assert_eq!(ask("root").stderr, ["sexton-init: no user root in /etc/passwd"], "{place:?}");
        // What cannot be read may say anything, also of this number.
        let folder = Accounts::new(Entry::Folder, Entry::Nothing);
        let init = among(&folder, place).options(["--user", "4711:4712"]);
        let end = init.command(["true"]).spawn().end();
        assert_eq!((end.code, end.stderr.len()), (125, 1), "{place:?} {end:?}");
        assert!(end.stderr[0].contains("unable to read /etc/passwd: "), "{end:?}");
    });
}

/// edge cases of every init: a command of the same user can send any signal to PID 1 (those that it
/// hears), read its environment, change its limits, trace it.
const HARM: [(&str, &str); 4] = [
    ("signal", "kill -0 \"$0\""),
    ("environment", "cat \"/proc/$0/environ\""),
    ("limits", "prlimit --pid \"$0\" --nofile=5:5"),
    ("trace", "timeout 2 strace -qqq -o /dev/null -p \"$0\"; test $? = 124"),
];

#[test]
fn the_command_can_do_the_init_no_harm() {
    if !real_root() || !program("prlimit") || !program("strace") {
        return;
    }
    let init = for_everyone(init_path());
    for (what, harm) in HARM {
        let script = format!("{harm} >/dev/null 2>&1");
        let end = run(Place::NewNamespace, &["--user", "app"], &["sh", "-c", &script, "1"]);
        assert_ne!(end.code, 0, "{what}: {end:?}");
        // And there is such a harm.
        let words = ["setpriv", "--reuid=4242", "--regid=4243", "--clear-groups"];
        let words = words.into_iter().chain([init.to_str().expect("text")]);
        let inner = words.chain(["sh", "-c", &script, "1"]);
        let end = Init::new().options(["--step-aside", "always"]).command(inner).spawn().end();
        assert_eq!(end.code, 0, "{what}: {end:?}");
    }
}

/// Its own CAP_KILL is enough for that.
#[test]
fn signals_reach_the_command_and_whoever_it_leaves_behind() {
    in_both_places(|place| {
        let probe = probe_for_everyone();
        let log = probe.with_file_name("log");
        let slow = format!("name=slow orphan session takes=30 log={}", log.display());
        let command = [probe.to_str().expect("text"), "family", "leaves=42", &slow];
        let init = among(&accounts(), place).options(["--user", "app"]);
        let mut run = init.command(command).spawn().ready();
        run.send(libc::SIGUSR1);
        run.send(libc::SIGTERM);
        let end = run.end();
        assert_eq!((end.code, end.stderr), (42, vec![]), "{place:?}");
        let heard = fs::read_to_string(&log).expect("they wrote it");
        assert!(heard.contains("slow signal 15") && heard.contains("slow clean"), "{heard}");
    });
}

/// execve(2): whoever the command becomes by such a file, root may tell it.
#[test]
fn a_setuid_command_hears_and_keeps_its_status() {
    in_both_places(|place| {
        let probe = probe_for_everyone();
        chown(&probe, Some(54_321), None).expect("another's");
        fs::set_permissions(&probe, fs::Permissions::from_mode(0o4755)).expect("a setuid bit");
        let command = [probe.to_str().expect("text"), "signals", "until", "TERM"];
        let init = among(&accounts(), place).options(["--user", "app"]);
        let mut run = init.command(command).spawn().ready();
        let main = run.others().into_iter().find(|one| one.name == "probe").expect("it is there");
        let status = fs::read_to_string(format!("/proc/{}/status", main.pid)).expect("its status");
        assert!(status.contains("\nUid:\t4242\t54321\t"), "{status}");
        run.send(libc::SIGTERM);
        let end = run.end();
        assert_eq!((end.code, end.stdout.concat()), (0, "signal 15 value 0".into()), "{place:?}");
    });
}

/// Without CAP_KILL the init cannot tell a command of another user. That is said, and the status is
/// still the command's.
#[test]
fn a_command_that_may_not_be_told_keeps_its_status() {
    if !real_root() || !program("setpriv") {
        return;
    }
    let accounts = accounts();
    let without = ["setpriv", "--bounding-set", "-kill", "--inh-caps", "-kill"];
    let wrapper = accounts.wrapper().into_iter().chain(without);
    let probe = probe_for_everyone();
    let command = [probe.to_str().expect("text"), "signals", "until", "TERM"];
    let init = Init::wrapped(wrapper).options(["--user", "app"]);
    let mut run = init.command(command).spawn().ready();
    run.send(libc::SIGUSR1);
    run.stderr().until("the complaint", |line| line.contains("unable to send SIGUSR1"));
    assert!(run.try_wait().expect("our child").is_none());
    signals::send(run.others()[0].pid, libc::SIGTERM).expect("it is there");
    assert_eq!(run.end().code, 0);
}

#[test]
fn the_command_is_looked_for_as_that_user() {
    in_both_places(|place| {
        let file = scratch().join("roots");
        fs::copy("/bin/true", &file).expect("a copy");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).expect("its mode");
        let command = [file.to_str().expect("text")];
        assert_eq!(run(place, &["--user", "root"], &command).code, 0, "{place:?}");
        let end = run(place, &["--user", "app"], &command);
        assert_eq!((end.code, end.stderr.len()), (126, 1), "{place:?} {end:?}");
        assert!(end.stderr[0].contains("Permission denied"), "{end:?}");
    });
}

#[test]
fn who_takes_the_place_of_the_init_is_that_user_too() {
    if !real_root() {
        return;
    }
    let options = ["--step-aside", "always", "--user", "app"];
    let end = run(Place::NewNamespace, &options, &["sh", "-c", "echo $$; id -u; exit 3"]);
    assert_eq!((end.code, end.stdout), (3, vec!["1".into(), "4242".into()]));
}

/// setgroups(2) is root's; who is that user already needs nothing of it.
#[test]
fn who_is_not_root_can_be_nobody_else_and_stays_who_he_is() {
    in_both_places(|place| {
        let accounts = accounts();
        let init = for_everyone(init_path());
        let ask = |user: &str| {
            let wrapper = accounts.wrapper().into_iter();
            let who = ["setpriv", "--reuid=4242", "--regid=4243", "--groups=4245"];
            // The init under test is behind another that does not mind who it is.
            let inner = [init.to_str().expect("text"), "--user", user, "id", "-G"];
            let init = Init::wrapped(wrapper).place(place).options(["--on-exit", "leave"]);
            init.command(who.into_iter().chain(inner)).spawn().end()
        };
        for user in ["app", "4242", "4242:4243"] {
            let end = ask(user);
            assert_eq!((end.code, &end.stdout[..]), (0, &["4243 4245".to_string()][..]), "{user}");
        }
        for user in ["root", "0", "4711", "4242:0", "app:extra", "homeless"] {
            let end = ask(user);
            assert_eq!((end.code, &end.stdout[..]), (125, &[][..]), "{user} {end:?}");
            let line = "sexton-init: unable to become the user: Operation not permitted";
            assert_eq!(end.stderr, [line], "{user}");
        }
    });
}

/// user_namespaces(7): `deny` in `/proc/PID/setgroups`, and one user who is mapped.
#[test]
fn where_groups_may_not_be_set_nobody_is_run_in_those_of_another() {
    if !sexton_testkit::namespaces() || !program("unshare") {
        return;
    }
    let enter = ["unshare", "--user", "--map-root-user"];
    let ask = |user: &str| {
        let init = Init::wrapped(enter).options(["--user", user]);
        init.command(["id", "-u"]).spawn().end()
    };
    assert_eq!((ask("0:0").code, &ask("root").stdout[..]), (0, &["0".to_string()][..]));
    let end = ask("4711");
    assert_eq!((end.code, &end.stdout[..], end.stderr.len()), (125, &[][..], 1), "{end:?}");
}

/// Behind every door that runs a command.
#[test]
fn other_doors_hear_the_variable_too() {
    use sexton_testkit::Door;
    if !real_root() {
        return;
    }
    let accounts = accounts();
    for door in [Door::Tini, Door::DumbInit, Door::Catatonit] {
        let init = door.ours().wrapped(accounts.wrapper()).env("SEXTON_USER", "app");
        assert_eq!(init.command(["id", "-u"]).spawn().end().stdout, ["4242"], "{door:?}");
    }
}

/// The init lets go of everything that it read by.
#[test]
fn no_descriptor_of_the_files_stays_open() {
    in_both_places(|place| {
        let probe = probe_for_everyone();
        let init = among(&accounts(), place).options(["--user", "app"]);
        let mut run = init.command([probe.to_str().expect("text"), "status"]).spawn();
        assert_eq!(run.view().descriptors(), [0, 1, 2], "{place:?}");
        assert_eq!(run.end().code, 0);
        let init = among(&accounts(), place).options(["--user", "app"]);
        let run = init.command([probe.to_str().expect("text"), "wait"]).spawn().ready();
        eventually("it holds stderr alone", || {
            fs::read_dir(format!("/proc/{}/fd", run.pid())).expect("/proc").count() == 1
        });
    });
}
