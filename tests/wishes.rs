//! What users of other inits have asked for again and again: a delay before the stop signal, any
//! status mapped to any other, an init that steps aside for another, the clean stop behind every
//! door.

use sexton_testkit::{Door, Init, Place, eventually, for_both_places, libc, namespaces, scratch};
use std::fs;

/// What comes after the stop signal arrives before it.
#[test]
fn a_stop_signal_is_held_back_and_others_are_not() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--stop-delay", "700ms"]);
        let mut run = init.command(["probe", "signals", "until", "15"]).spawn().ready();
        run.send(libc::SIGTERM);
        run.send(libc::SIGUSR1);
        let end = run.end();
        let arrived = ["signal 10 value 0", "signal 15 value 0"];
        assert_eq!((end.code, &end.stdout[..]), (0, &arrived.map(String::from)[..]), "{place:?}");
    });
}

/// The delay is longer than any test: nothing but the second signal lets the command hear of it.
#[test]
fn a_second_stop_signal_is_not_held_back() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--stop-delay", "1h"]);
        let mut run = init.command(["probe", "signals", "until", "15"]).spawn().ready();
        run.send(libc::SIGTERM);
        run.send(libc::SIGUSR1);
        assert_eq!(run.stdout().next_line().as_deref(), Some("signal 10 value 0"), "{place:?}");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().stdout, ["signal 15 value 0"], "{place:?}");
    });
}

#[test]
fn any_status_may_count_as_any_other() {
    for_both_places(|place| {
        for (options, code, expected) in [
            (&["-e", "3:7"][..], 3, 7),
            (&["-e", "0:9"], 0, 9),
            (&["-e", "3:7", "-e", "7"], 3, 7),
            (&["-e", "3:7", "-e", "3"], 3, 0),
            (&["-e", "143:0"], 3, 3),
        ] {
            let init = Init::new().place(place).options(options);
            let end = init.command(["probe", "exit", &code.to_string()]).spawn().end();
            assert_eq!(end.code, expected, "{place:?} {options:?}");
        }
        let init = Init::new().place(place).env("SEXTON_SUCCESS", "143,3:7");
        assert_eq!(init.command(["probe", "die", "TERM"]).spawn().end().code, 0, "{place:?}");
    });
}

#[test]
fn a_command_that_insists_becomes_pid_1() {
    if !namespaces() {
        return;
    }
    let run = |when: &[&str], place| {
        let init = Init::new().place(place).options(when);
        init.command(["sh", "-c", "echo $$; exit 3"]).spawn().end()
    };
    let aside = run(&["--step-aside", "always"], Place::NewNamespace);
    assert_eq!((aside.code, &aside.stdout[..]), (3, &["1".to_string()][..]));
    assert_eq!(aside.stderr.len(), 1, "one line says so: {aside:?}");
    for when in [&["--step-aside", "never"][..], &["--step-aside=auto"], &[]] {
        let end = run(when, Place::NewNamespace);
        assert_eq!((end.code, &end.stderr[..]), (3, &[][..]), "{when:?}");
        assert_ne!(end.stdout, ["1"], "{when:?}");
    }
    // Who is not PID 1 has no place to give.
    let end = run(&["--step-aside", "always"], Place::Here);
    assert_eq!((end.code, end.stderr), (3, vec![]));
}

/// What it is given is what we were given, also the signals that were blocked and ignored.
#[test]
fn who_becomes_pid_1_inherits_what_we_were_given() {
    if !namespaces() {
        return;
    }
    let init = Init::new().options(["--step-aside", "always"]);
    let init = init.blocked(&[libc::SIGUSR1]).ignored(&[libc::SIGCHLD, libc::SIGHUP]);
    let end = init.command(["grep", "^Sig[BI]", "/proc/self/status"]).spawn().end();
    assert_eq!(end.code, 0, "{end:?}");
    let bit = |signal: i32| 1u64 << (signal - 1);
    let expected = [
        format!("SigBlk:\t{:016x}", bit(libc::SIGUSR1)),
        format!("SigIgn:\t{:016x}", bit(libc::SIGCHLD) | bit(libc::SIGHUP)),
    ];
    assert_eq!(end.stdout, expected);
}

#[test]
fn a_command_that_insists_and_is_not_there_is_127() {
    if !namespaces() {
        return;
    }
    let end = Init::new().command(["/sbin/my_init"]).spawn().end();
    assert_eq!(end.code, 127, "{end:?}");
    assert_eq!(end.stderr.len(), 2, "{end:?}");
    assert!(end.stderr[1].contains("exec /sbin/my_init: No such file"), "{end:?}");
}

/// `tini -- sh -c 'server & exit'`: the server is gone with the init, unless it is asked to wait.
#[test]
fn the_clean_stop_is_to_be_had_behind_every_door() {
    if !namespaces() {
        return;
    }
    for door in [Door::Tini, Door::DumbInit, Door::Catatonit] {
        for (on_exit, cleaned_up) in [(None, false), (Some("drain"), true)] {
            let evidence = scratch().join("evidence");
            let script = format!(
                "trap 'sleep 0.3; echo clean >{0}; exit' TERM; echo up >{0}; \
                 while :; do sleep 60 & wait $!; done",
                evidence.display()
            );
            let mut init = door.ours().init();
            if let Some(on_exit) = on_exit {
                init = init.env("SEXTON_ON_EXIT", on_exit);
            }
            let launcher = "setsid sh -c \"$0\" & until grep -q up \"$1\"; do sleep 0.01; done";
            let words = ["sh", "-c", launcher, &script, evidence.to_str().expect("text")];
            assert_eq!(init.command(words).spawn().end().code, 0, "{door:?} {on_exit:?}");
            let said = || fs::read_to_string(&evidence).expect("the server wrote it");
            match cleaned_up {
                true => eventually("it has cleaned up", || said() == "clean\n"),
                false => assert_eq!(said(), "up\n", "{door:?}"),
            }
        }
    }
}
