//! The exit status: the program's, remapped, or why there is none.

use crate::{end_of, exam, quiet};
use sexton_testkit::questions::{self, file};
use sexton_testkit::{End, for_both_places, scratch};
use std::os::unix::fs::symlink;

#[test]
fn every_exit_status_is_passed_on() {
    questions::every_exit_status_is_passed_on(&quiet);
}

#[test]
fn a_death_by_signal_is_128_and_its_number() {
    questions::a_death_by_signal_is_128_and_its_number(&quiet);
}

#[test]
fn the_status_is_the_programs() {
    questions::the_status_is_the_programs(&quiet);
}

#[test]
fn path_is_searched_as_execvp_does() {
    questions::path_is_searched_as_execvp_does(&quiet, 126);
}

/// Each of the 256 alone, and one beside it; then all but one.
#[test]
fn a_remapped_status_is_0_and_no_other_is() {
    let status = |options: &[String], code: u32| {
        end_of(exam().init().options(options), ["probe", "exit", &code.to_string()]).code
    };
    let option = |code: u32| format!("-e{code}");
    for code in 0..=255 {
        assert_eq!(status(&[option(code)], code), 0, "{code}");
        let beside = code ^ 1 << (code % 8);
        assert_eq!(status(&[option(code)], beside), beside as i32, "{code} and {beside}");
    }
    for left_out in [0, 1, 31, 32, 63, 64, 143, 255] {
        let options: Vec<String> = (0..=255).filter(|code| *code != left_out).map(option).collect();
        for code in [0, 1, 31, 32, 63, 64, 143, 255] {
            let expected = if code == left_out { code } else { 0 };
            assert_eq!(status(&options, code), expected as i32, "all but {left_out}: {code}");
        }
    }
}

#[test]
fn a_death_by_signal_is_remapped_too() {
    for_both_places(|place| {
        let end = end_of(quiet(place).options(["-e", "143"]), ["probe", "die", "TERM"]);
        assert_eq!(end.code, 0, "{place:?}");
        let end = end_of(quiet(place).options(["-e", "15"]), ["probe", "die", "TERM"]);
        assert_eq!(end.code, 143, "{place:?}");
    });
}

/// `[FATAL tini (PID)] …` and nothing more, and nothing was started.
#[track_caller]
fn assert_refused(end: &End, complaint: &str) {
    let said = format!("[FATAL tini (1)] {complaint}");
    assert_eq!((end.code, &end.stderr[..], &end.stdout[..]), (1, &[said][..], &[][..]));
}

/// strtol(3) over the whole word.
#[test]
fn the_status_to_be_remapped_is_a_decimal_number_up_to_255() {
    let with = |value: &str| end_of(exam().init().options(["-e", value]), ["probe", "exit", "3"]);
    for value in ["3", "03", "0000003"] {
        assert_eq!(with(value).code, 0, "{value:?}");
    }
    for value in ["0", "4"] {
        assert_eq!(with(value).code, 3, "{value:?}");
    }
    for (value, theirs) in [("+3", 0), (" 3", 0), ("", 3), ("-0", 3)] {
        match exam().deviates("strict-numbers", true, false) {
            true => assert_eq!(with(value).code, theirs, "{value:?}"),
            false => assert_refused(&with(value), &format!("Not a valid option for -e: {value}")),
        }
    }
    let wrong = ["256", "-1", "3x", "3 ", "x", "0x3", "3,4", "1e1", "99999999999999999999", "-256"];
    for value in wrong {
        assert_refused(&with(value), &format!("Not a valid option for -e: {value}"));
    }
}

#[test]
fn the_parent_death_signal_is_one_of_28_names() {
    let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
        "XFSZ", "VTALRM", "PROF", "WINCH", "SYS",
    ];
    let with = |value: &str| end_of(exam().init().options(["-p", value]), ["true"]);
    for name in names {
        let end = with(&format!("SIG{name}"));
        assert_eq!((end.code, end.stderr), (0, vec![]), "{name}");
    }
    let wrong = ["SIG", "", "SIGTERM ", " SIGTERM", "SIGTERMX", "SIGTER", "SIGRTMIN+99"];
    for value in wrong {
        assert_refused(&with(value), &format!("Not a valid option for -p: {value}"));
    }
    let others = ["TERM", "15", "sigterm", "SIGterm", "SIGSTKFLT", "SIGIO", "SIGPWR", "SIGRTMIN+1"];
    for value in others {
        match exam().deviates("signal-names", false, true) {
            true => assert_eq!(with(value).code, 0, "{value}"),
            false => assert_refused(&with(value), &format!("Not a valid option for -p: {value}")),
        }
    }
}

/// Files that cannot be executed, each with what tini makes of it.
#[test]
fn what_cannot_be_executed_is_127_126_or_1() {
    let directory = scratch();
    let path = |name: &str| directory.join(name).to_str().expect("text").to_string();
    symlink("loop", path("loop")).expect("a link");
    let plain = file(&directory, "plain", 0o644, b"text\n");
    let below = format!("{plain}/below");
    let script = file(&directory, "script", 0o755, b"#!/no/interpreter -x\n");
    let cases = [
        ("no-such-command".to_string(), 127, "No such file or directory"),
        (path("missing"), 127, "No such file or directory"),
        (String::new(), 127, "No such file or directory"),
        (script, 127, "No such file or directory"),
        (plain, 126, "Permission denied"),
        (path(""), 126, "Permission denied"),
        (below, exam().deviates("exec-errors", 1, 127), "Not a directory"),
        (path("loop"), exam().deviates("exec-errors", 1, 126), "Too many levels of symbolic links"),
    ];
    for_both_places(|place| {
        for (command, code, reason) in &cases {
            let end = end_of(quiet(place).env("PATH", "/usr/bin:/bin"), [command]);
            assert_eq!((end.code, &end.stdout[..]), (*code, &[][..]), "{command}");
            let [line] = &end.stderr[..] else { panic!("{place:?} {command} {end:?}") };
            let rest = line.strip_prefix("[FATAL tini (").expect(line);
            let (pid, said) = rest.split_once(")] ").expect(line);
            assert!(pid.parse::<u32>().is_ok_and(|pid| pid > 0), "{line}");
            let words = format!("exec {command} failed: {reason}");
            assert!(said.starts_with(&words), "{line}");
        }
    });
}

#[test]
fn text_without_an_interpreter_line_runs_by_the_shell() {
    questions::text_without_an_interpreter_line_runs_by_the_shell(&quiet);
}
