//! What the other doors make of words and variables.

use super::*;
use crate::policy::{ExecFailure, Placing, Subreaper};

fn policy_of(
    name: &'static str,
    words: &'static str,
    environment: &'static [&'static str],
) -> Policy {
    match parse_as(name, words, environment) {
        (Parsed::Run(_), policy) => policy,
        (other, _) => panic!("{name} {words:?} {environment:?} gave {other:?}"),
    }
}

fn complaint(name: &'static str, words: &'static str) -> (Complaint, &'static [u8]) {
    match parse_as(name, words, &[]) {
        (Parsed::Refuse(Refusal { complaint, word, .. }), policy) => {
            assert_eq!(policy.own_failure, ExitCode(1));
            (complaint, word)
        }
        (other, _) => panic!("{name} {words:?} gave {other:?}"),
    }
}

#[test]
fn the_name_or_the_first_option_leads_to_the_door() {
    for (name, words, door) in [
        ("tini", "a", Door::Tini),
        ("/usr/bin/tini-static", "a", Door::Tini),
        ("dumb-init", "a", Door::DumbInit),
        ("./catatonit", "a", Door::Catatonit),
        ("/sbin/docker-init", "-- a", Door::Native),
        ("/run/podman-init", "-- a", Door::Native),
        ("/dev/init", "a", Door::Native),
        ("", "a", Door::Native),
        ("sexton-init", "--as tini a", Door::Tini),
        ("sexton-init", "--as=dumb-init a", Door::DumbInit),
        ("whatever", "--as catatonit a", Door::Catatonit),
    ] {
        assert_eq!(policy_of(name, words, &[]).voice.door, door, "{name} {words}");
    }
    assert_eq!(policy_of("init", "a", &["SEXTON_AS=tini"]).voice.door, Door::Tini);
    assert_eq!(refusal("--as init a", &[]).0, Complaint::BadValue);
}

#[test]
fn docker_init_takes_the_letters_of_tini_and_of_catatonit() {
    let policy = policy_of("docker-init", "-swvgpTERM -e 3 -- a", &[]);
    assert_eq!(policy.forward_to, ForwardTo::Group);
    assert_eq!(policy.on_exit, OnExit::Drain);
    assert_eq!(policy_of("podman-init", "-P", &[]).mode, Mode::Pause);
}

#[test]
fn docker_init_takes_the_variables_of_tini() {
    let of = |environment| policy_of("docker-init", "-- a", environment);
    assert_eq!(of(&["TINI_KILL_PROCESS_GROUP="]).forward_to, ForwardTo::Group);
    assert_eq!(of(&["TINI_VERBOSITY=3"]).voice.level, 3);
    assert_eq!(of(&["TINI_SUBREAPER=1"]).on_exit, OnExit::Drain);
}

#[test]
fn a_door_of_the_environment_is_entered_before_its_other_variables_count() {
    for environment in [
        &["SEXTON_ON_EXIT=drain", "SEXTON_AS=tini"][..],
        &["SEXTON_AS=tini", "SEXTON_ON_EXIT=drain"],
    ] {
        let policy = policy_of("docker-init", "a", environment);
        assert_eq!((policy.voice.door, policy.on_exit), (Door::Tini, OnExit::Drain));
    }
}

#[test]
fn tini_leaves_and_its_variables_win() {
    let of = |words, environment| policy_of("tini", words, environment);
    assert_eq!(of("a", &[]).on_exit, OnExit::Leave);
    assert_eq!(of("a", &[]).subreaper, Subreaper::No);
    assert_eq!(of("-s a", &[]).subreaper, Subreaper::Always);
    assert_eq!(of("a", &["TINI_SUBREAPER="]).subreaper, Subreaper::Always);
    assert_eq!(of("a", &["TINI_KILL_PROCESS_GROUP=0"]).forward_to, ForwardTo::Group);
    for (words, environment, level) in [
        ("a", &[][..], 1),
        ("-vvv a", &[], 4),
        ("-vvv a", &["TINI_VERBOSITY=0"], 0),
        ("a", &["TINI_VERBOSITY=3"], 3),
        ("a", &["TINI_VERBOSITY=much"], 0),
    ] {
        assert_eq!(of(words, environment).voice.level, level, "{words} {environment:?}");
    }
    assert_eq!(of("a", &["SEXTON_ON_EXIT=drain"]).on_exit, OnExit::Drain);
    assert!(of("a", &["SEXTON_ON_EXIT=drain"]).stop_on.contains(Signal::TERM));
    assert_eq!(complaint("tini", "-z a"), (Complaint::UnknownLetter, &b"z"[..]));
    assert_eq!(complaint("tini", ""), (Complaint::NoCommand, &b""[..]));
    assert_eq!(complaint("tini", "-e 256 a"), (Complaint::BadValue, &b"256"[..]));
}

#[test]
fn dumb_init_speaks_to_a_session_and_stops_with_it() {
    let of = |words, environment| policy_of("dumb-init", words, environment);
    let policy = of("a", &[]);
    assert_eq!((policy.placing, policy.forward_to), (Placing::Session, ForwardTo::Group));
    assert_eq!(policy.rewrites.get(Signal::TSTP), Some(Signal::STOP));
    assert!(policy.suspend_on.contains(Signal::TTIN));
    assert_eq!(policy.exec_failure, ExecFailure::all(ExitCode(2)));
    for single in [of("-c a", &[]), of("--sing a", &[]), of("a", &["DUMB_INIT_SETSID=0"])] {
        assert_eq!((single.placing, single.forward_to), (Placing::Shared, ForwardTo::Command));
        assert_eq!(single.rewrites.get(Signal::TSTP), Some(Signal::TSTP));
    }
    assert_eq!(of("a", &["DUMB_INIT_SETSID=1"]).placing, Placing::Session);
    assert_eq!(of("a", &["DUMB_INIT_DEBUG=1"]).voice.level, 1);
    assert_eq!(of("a", &["DUMB_INIT_DEBUG=2"]).voice.level, 0);
    assert_eq!(of("-r 20:0 a", &[]).rewrites.get(Signal::TSTP), None);
    assert_eq!(of("-r 15:3 -r15:2 a", &[]).rewrites.get(Signal::TERM), Some(Signal::INT));
    for wrong in ["-r 15 a", "-r 15: a", "-r 0:1 a", "-r 32:1 a", "-r 1:32 a", "-r x:1 a"] {
        assert_eq!(complaint("dumb-init", wrong).0, Complaint::BadValue, "{wrong}");
    }
    assert_eq!(complaint("dumb-init", "--ver a").0, Complaint::UnknownOption);
}

#[test]
fn catatonit_leaves_and_says_more_if_its_variable_is_there() {
    let policy = policy_of("catatonit", "-g a", &["CATATONIT_DEBUG="]);
    assert_eq!((policy.on_exit, policy.forward_to), (OnExit::Leave, ForwardTo::Group));
    assert_eq!(policy.voice.level, 3);
    assert_eq!(complaint("catatonit", "-x").0, Complaint::UnknownLetter);
}

#[test]
fn pause_takes_whatever_it_is_given() {
    assert_eq!(policy_of("pause", "--what -ever x", &[]).mode, Mode::Pause);
    for words in ["-v", "x -V", "-x -v"] {
        let parsed = parse_as("/pause", words, &[]).0;
        assert!(matches!(parsed, Parsed::Print(Door::Pause, Key::Version)), "{words}");
    }
}

#[test]
fn every_door_prints_what_its_users_look_for() {
    for (door, key, words) in [
        (Door::Native, Key::Version, "tini version "),
        (Door::Tini, Key::Version, "tini version 0.19.0"),
        (Door::Tini, Key::Help, "supervision of a valid init process"),
        (Door::DumbInit, Key::Version, "dumb-init v1.2.5\n"),
        (Door::DumbInit, Key::Help, "   -c, --single-child   Run in single-child mode.\n"),
        (Door::Catatonit, Key::Version, "tini version "),
        (Door::Catatonit, Key::Help, "usage: catatonit [-ghLPV]"),
        (Door::Pause, Key::Version, "pause.c "),
    ] {
        assert!(printed(door, key).contains(words), "{door:?} {key:?}");
    }
}

#[test]
fn each_door_prints_where_the_original_does() {
    for key in [Key::Help, Key::Version, Key::Licence] {
        for (door, to_error) in [
            (Door::Native, false),
            (Door::Tini, false),
            (Door::DumbInit, true),
            (Door::Catatonit, key == Key::Help),
            (Door::Pause, false),
        ] {
            let stream = if to_error { Stream::Error } else { Stream::Output };
            assert_eq!(door.prints(key), stream, "{door:?} {key:?}");
        }
    }
    let licensed = [Door::Native, Door::Tini, Door::Catatonit];
    for door in licensed {
        assert_eq!(printed(door, Key::Licence), format!("{LICENCE}\n"));
    }
}

#[test]
fn only_tini_prints_its_help_after_a_mistake_and_not_after_a_bad_value() {
    use Complaint::*;
    for door in [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit, Door::Pause] {
        for mistake in [UnknownLetter, UnknownOption, NoValue, UnwantedValue, NoCommand] {
            assert_eq!(door.helps_with(mistake), door == Door::Tini, "{door:?} {mistake:?}");
        }
        assert!(!door.helps_with(BadValue), "{door:?}");
    }
}

#[test]
fn setuser_is_no_init_and_has_no_options() {
    let (parsed, policy) = parse_as("/sbin/setuser", "app -- --help", &["SEXTON_ON_EXIT=leave"]);
    let Parsed::Run(launch) = parsed else { panic!("{parsed:?}") };
    assert_eq!((launch.command_at, launch.user), (2, Some(&b"app"[..])));
    assert_eq!((policy.mode, policy.subreaper), (Mode::Become, Subreaper::No));
    assert_eq!(policy.exec_failure, ExecFailure::all(ExitCode(1)));
    assert_eq!((policy.own_failure, policy.voice.level), (ExitCode(1), 0));
    for words in ["", "app"] {
        assert_eq!(complaint("setuser", words).0, Complaint::NoCommand, "{words:?}");
    }
}
