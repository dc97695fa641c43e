//! `-r s:r`: one signal for another, or for none.

use crate::{exam, start};
use sexton_testkit::{Init, for_both_places, libc};

/// What arrives, as a shell shows it: `3`, `3 18`, or nothing.
#[track_caller]
fn assert_arrives(init: Init, sent: i32, expected: &[i32]) {
    let mut run = init.command(["probe", "signals", "until", "64"]).spawn().ready();
    run.send(sent);
    // What is not forwarded is over when what came behind it has arrived.
    run.send(64);
    let end = run.end();
    let number = |line: &String| line.split(' ').nth(1)?.parse().ok();
    let mut arrived: Vec<i32> = end.stdout.iter().filter_map(number).collect();
    assert_eq!((end.code, arrived.pop()), (0, Some(64)));
    assert_eq!(arrived, expected, "{sent}");
}

#[test]
fn a_signal_arrives_as_the_other_or_not_at_all() {
    let cases: &[(&[&str], i32, &[i32])] = &[
        (&["-r", "15:3"], 15, &[3]),
        (&["-r15:3"], 15, &[3]),
        (&["--rewrite", "15:3"], 15, &[3]),
        (&["--rewrite=15:3"], 15, &[3]),
        (&["--rew=15:3"], 15, &[3]),
        (&["-cr", "15:3"], 15, &[3]),
        (&["-r", "15:3"], 3, &[3]),
        (&["-r", "15:3"], 2, &[2]),
        (&["-r", "1:31"], 1, &[31]),
        (&["-r", "31:1"], 31, &[1]),
        (&["-r", "15:0"], 15, &[]),
        (&["-r", "15:0", "-r", "10:0"], 10, &[]),
        (&["-r", "15:3", "-r", "15:2"], 15, &[2]),
        (&["-r", "15:0", "-r", "15:15"], 15, &[15]),
        (&["-r", "15:2", "-r", "2:10"], 15, &[2]),
        (&["-r", "15:2", "-r", "2:10"], 2, &[10]),
        (&["-r", "15:10", "-r", "10:15"], 10, &[15]),
        (&["-r", "17:10"], 17, &[]),
        (&["-r", "15:28"], 15, &[28]),
    ];
    for_both_places(|place| {
        for (options, sent, expected) in cases {
            assert_arrives(start(place).options(*options), *sent, expected);
        }
    });
}

/// sscanf(3) with `%d:%d`.
#[test]
fn blanks_signs_and_what_follows_the_numbers_are_taken() {
    assert_arrives(exam().init().options(["-r", "0015:03"]), 15, &[3]);
    for word in ["15:3abc", " 15: 3", "+15:+3", "15:3 ", "15:3:4", "15:3.9", "\t15:\n3"] {
        match exam().deviates("strict-numbers", true, false) {
            true => assert_arrives(exam().init().options(["-r", word]), 15, &[3]),
            false => assert_refused(&["-r", word]),
        }
    }
}

#[test]
fn a_signal_can_be_rewritten_to_kill_and_to_stop() {
    for_both_places(|place| {
        let init = start(place).options(["-r", "15:9"]).command(["probe", "wait"]);
        let mut run = init.spawn().ready();
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 137, "{place:?}");
        let init = start(place).options(["-r", "10:19"]).command(["probe", "wait"]);
        let mut run = init.spawn().ready();
        run.send(libc::SIGUSR1);
        run.process_in_state("probe", 'T');
        run.send(libc::SIGCONT);
        run.process_in_state("probe", 'S');
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143, "{place:?}");
    });
}

/// In three lines.
#[track_caller]
fn assert_refused(options: &[&str]) {
    let expected = [
        "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.",
        "This option can be specified multiple times.",
        "Use --help for full usage.",
    ];
    let end = exam().init().options(options).command(["true"]).spawn().end();
    assert_eq!((end.code, &end.stdout[..]), (1, &[][..]), "{options:?}");
    assert_eq!(end.stderr, expected, "{options:?}");
}

#[test]
fn what_is_no_pair_of_numbers_from_1_and_0_to_31_is_refused() {
    let wrong = [
        "", "x", "15", "15:", ":3", ":", "0:3", "32:3", "15:32", "-1:3", "15:-1", "15 3", "15:x",
        "64:1", "15 :3", "15;3", "15=3", "x15:3", "derp", "34:35", "derp:3", "RTMIN:3", "15:RTMIN",
    ];
    for word in wrong {
        for options in [&["-r", word][..], &["--rewrite", word], &["-r", "1:2", "-r", word]] {
            assert_refused(options);
        }
    }
}

#[test]
fn names_of_signals_are_refused() {
    for word in ["TERM:QUIT", "SIGTERM:3", "15:quit"] {
        match exam().deviates("signal-names", false, true) {
            true => assert_arrives(exam().init().options(["-r", word]), 15, &[3]),
            false => assert_refused(&["-r", word]),
        }
    }
}
