//! The three variables, read after the command line.

use crate::{end_of, exam};
use sexton_testkit::{End, Place, for_both_places, libc, questions};

/// Not PID 1 there is a warning, which being a subreaper saves.
#[test]
fn tini_subreaper_is_on_whatever_its_value() {
    for value in ["", "0", "1", "no"] {
        let init = exam().init().place(Place::Here).env("TINI_SUBREAPER", value);
        let end = end_of(init, ["true"]);
        assert_eq!((end.code, end.stderr), (0, vec![]), "{value:?}");
    }
}

#[test]
fn tini_kill_process_group_is_on_whatever_its_value() {
    for_both_places(|place| {
        for value in ["", "0", "1", "no"] {
            let init = exam().init().place(place).env("TINI_KILL_PROCESS_GROUP", value);
            let family = ["probe", "family", "name=main", "name=worker takes=0"];
            let mut run = init.env("TINI_SUBREAPER", "").command(family).spawn().ready();
            run.send(libc::SIGTERM);
            sexton_testkit::eventually("the worker hears it too", || {
                run.others().iter().all(|one| one.name != "worker" || one.state == 'Z')
            });
            assert_eq!(run.end().code, 0, "{place:?} {value:?}");
        }
    });
}

/// The numbers are atoi(3)'s, and unsigned.
#[test]
fn tini_verbosity_replaces_the_letters() {
    let lines = |options: &[&str], value: &str| -> usize {
        let init = exam().init().options(options).env("TINI_VERBOSITY", value);
        let End { stdout, stderr, .. } = end_of(init, ["true"]);
        stdout.len() + stderr.len()
    };
    // What is said as PID 1 of a run without a fault: 2, 4 and 6 lines from level 2, 3, 4 on.
    for (options, value, expected) in [
        (&[][..], "0", 0),
        (&[], "1", 0),
        (&[], "2", 2),
        (&[], "3", 4),
        (&[], "4", 6),
        (&[], "9", 6),
        (&["-vvv"], "0", 0),
        (&["-vvv"], "1", 0),
        (&["-v"], "3", 4),
        (&["-vvv"], "", 0),
        (&[], "abc", 0),
        (&["-vvv"], "abc", 0),
        (&[], "2x", exam().deviates("strict-numbers", 2, 0)),
        (&[], " 2", exam().deviates("strict-numbers", 2, 0)),
        (&[], "+2", exam().deviates("strict-numbers", 2, 0)),
        (&[], "-1", exam().deviates("strict-numbers", 6, 0)),
    ] {
        assert_eq!(lines(options, value), expected, "{options:?} {value:?}");
    }
}

#[test]
fn nothing_is_said_about_the_pid_at_verbosity_0() {
    let end = end_of(exam().init().place(Place::Here).env("TINI_VERBOSITY", "0"), ["true"]);
    assert_eq!((end.code, end.stderr), (0, vec![]));
}

#[test]
fn the_environment_is_passed_on_byte_for_byte() {
    questions::the_environment_is_passed_on_byte_for_byte(&|place| {
        let init = exam().init().place(place).env_clear().env("TINI_SUBREAPER", "0");
        init.env("TINI_VERBOSITY", "1").env("TINI_KILL_PROCESS_GROUP", "")
    });
}
