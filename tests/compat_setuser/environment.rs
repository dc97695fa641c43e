//! What else the command finds: everything as it was, but for three variables.

use crate::{accounts, among, exam, in_both_places, run};
use sexton_testkit::accounts::probe_for_everyone;
use sexton_testkit::signals::set_of;
use sexton_testkit::{Init, View, libc, scratch};

fn view_of(init: Init) -> View {
    let probe = probe_for_everyone();
    let mut run = init.options(["scn", probe.to_str().expect("text"), "status"]).spawn();
    let view = run.view();
    assert_eq!(run.end().code, 0);
    view
}

fn texts(view: &View) -> Vec<String> {
    let words = view.bytes("env").into_iter();
    words.map(|entry| String::from_utf8_lossy(&entry).into_owned()).collect()
}

#[test]
fn three_variables_say_who_it_is_and_no_others() {
    in_both_places(|place| {
        let names = ["USER", "HOME", "UID", "SHELL", "LOGNAME", "GID"];
        let script = names.map(|name| format!("{name}=${{{name}-unset}}")).join(" ");
        let init = names.iter().fold(among(&accounts(), place), |init, name| init.env_remove(name));
        let end = init.options(["scn", "dash", "-c", &format!("echo {script}")]).spawn().end();
        let expected =
            "USER=scn HOME=/home/scn UID=4242 SHELL=unset LOGNAME=unset GID=unset".to_string();
        assert_eq!(end.stdout, [expected], "{place:?} {end:?}");
    });
}

/// In their order, byte by byte, also what is no variable.
#[test]
fn everything_else_in_the_environment_stays_as_it_was() {
    in_both_places(|place| {
        let init = among(&accounts(), place).env_clear().env("PATH", "/usr/bin:/bin");
        let init = init.env("B", "2").env("A", "").env("HOME", "/root").env("LC_ALL", "C");
        let init = init.env("SHELL", "/x").env("Z", "a=b\nc").env("HOMES", "1").env("UID_", "u");
        let before = ["PATH", "B", "A", "LC_ALL", "SHELL", "Z", "HOMES", "UID_"];
        let all = texts(&view_of(init));
        let name = |entry: &String| entry.split('=').next().unwrap_or_default().to_string();
        let mut theirs: Vec<_> = all.iter().filter(|e| before.contains(&&name(e)[..])).collect();
        theirs.sort();
        let mut given = ["PATH=/usr/bin:/bin", "B=2", "A=", "LC_ALL=C", "SHELL=/x", "Z=a=b\nc"]
            .map(String::from)
            .to_vec();
        given.extend(["HOMES=1", "UID_=u"].map(String::from));
        given.sort();
        assert_eq!(theirs, given.iter().collect::<Vec<_>>(), "{place:?}");
        // `_` and the like are the wrapper's.
        for entry in ["HOME=/home/scn", "USER=scn", "UID=4242"] {
            let count = all.iter().filter(|e| name(e) == entry[..entry.find('=').unwrap()]).count();
            assert!(all.iter().any(|e| e == entry) && count == 1, "{place:?} {all:?}");
        }
    });
}

#[test]
fn an_environment_with_nothing_in_it_gets_three() {
    in_both_places(|place| {
        let enter = ["env", "-i"];
        let accounts = accounts();
        let wrapper = accounts.wrapper().into_iter().chain(enter);
        let probe = probe_for_everyone();
        let words = ["scn", probe.to_str().expect("text"), "status"];
        let mut run = exam().wrapped(wrapper).place(place).options(words).spawn();
        let mut all = texts(&run.view());
        all.sort();
        let mut expected = vec!["HOME=/home/scn", "UID=4242", "USER=scn"];
        expected.extend(exam().deviates("python-traces", Some("LC_CTYPE=C.UTF-8"), None));
        expected.sort_unstable();
        assert_eq!(all, expected, "{place:?}");
    });
}

#[test]
fn the_working_directory_stays() {
    in_both_places(|place| {
        let folder = scratch();
        let init = among(&accounts(), place).current_dir(&folder);
        let end = init.options(["scn", "pwd"]).spawn().end();
        assert_eq!(end.stdout, [folder.display().to_string()], "{place:?} {end:?}");
    });
}

#[test]
fn signals_are_blocked_and_ignored_as_they_were() {
    in_both_places(|place| {
        // Shells unblock everything.
        let enter = ["env", "--block-signal=USR1", "--ignore-signal=HUP"];
        let accounts = accounts();
        let wrapper = accounts.wrapper().into_iter().chain(enter);
        let view = view_of(exam().wrapped(wrapper).place(place));
        assert_eq!(view.set("SigBlk"), set_of([libc::SIGUSR1]), "{place:?}");
        let python = set_of([libc::SIGPIPE, libc::SIGXFSZ]);
        let more = exam().deviates("python-traces", python, 0);
        assert_eq!(view.set("SigIgn"), set_of([libc::SIGHUP]) | more, "{place:?}");
    });
}

/// What is said to inits is not said to it.
#[test]
fn variables_of_inits_have_no_effect() {
    in_both_places(|place| {
        for (name, value) in [
            ("SEXTON_AS", "tini"),
            ("SEXTON_AS", "nonsense"),
            ("SEXTON_USER", "root"),
            ("SEXTON_ON_EXIT", "nonsense"),
            ("SEXTON_PAUSE", "1"),
            ("SEXTON_LOG", "json"),
        ] {
            let init = among(&accounts(), place).env(name, value);
            let end = init.options(["scn", "id", "-u"]).spawn().end();
            let said = (end.code, &end.stdout[..], &end.stderr[..]);
            assert_eq!(said, (0, &["4242".to_string()][..], &[][..]), "{name}={value}");
        }
    });
}

/// It is executed by its own process, which nothing stays of.
#[test]
fn it_leaves_no_process_behind() {
    in_both_places(|place| {
        let script = "echo $$; grep ^PPid: /proc/self/status";
        let mut with_it = among(&accounts(), place).options(["scn", "sh", "-c", script]).spawn();
        let pid = with_it.stdout().next_line().expect("a number");
        let expected = match place {
            sexton_testkit::Place::NewNamespace => 1,
            sexton_testkit::Place::Here => with_it.pid(),
        };
        assert_eq!(pid, expected.to_string(), "{place:?}");
        assert_eq!(with_it.end().code, 0);
    });
    // What it says is not what an init says.
    in_both_places(|place| assert_eq!(run(place, &["scn", "true"]).stderr, [""; 0], "{place:?}"));
}
