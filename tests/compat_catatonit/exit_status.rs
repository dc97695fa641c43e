//! The exit status: the program's, or 1 when there is none.

use crate::start;
use sexton_testkit::questions::{self, file};
use sexton_testkit::{for_both_places, scratch};
use std::os::unix::fs::symlink;

#[test]
fn every_exit_status_is_passed_on() {
    questions::every_exit_status_is_passed_on(&start);
}

#[test]
fn a_death_by_signal_is_128_and_its_number() {
    questions::a_death_by_signal_is_128_and_its_number(&start);
}

#[test]
fn the_status_is_the_programs() {
    questions::the_status_is_the_programs(&start);
}

#[test]
fn path_is_searched_as_execvp_does() {
    questions::path_is_searched_as_execvp_does(&start, 1);
}

#[test]
fn text_without_an_interpreter_line_runs_by_the_shell() {
    questions::text_without_an_interpreter_line_runs_by_the_shell(&start);
}

#[test]
fn what_cannot_be_executed_is_1_with_the_reason() {
    let directory = scratch();
    let path = |name: &str| directory.join(name).to_str().expect("text").to_string();
    symlink("loop", path("loop")).expect("a link");
    let plain = file(&directory, "plain", 0o644, b"text\n");
    let below = format!("{plain}/below");
    let script = file(&directory, "script", 0o755, b"#!/no/interpreter -x\n");
    let cases = [
        ("no-such-command".to_string(), "No such file or directory"),
        (path("missing"), "No such file or directory"),
        (String::new(), "No such file or directory"),
        (script, "No such file or directory"),
        (plain, "Permission denied"),
        (path(""), "Permission denied"),
        (below, "Not a directory"),
        (path("loop"), "Too many levels of symbolic links"),
    ];
    for_both_places(|place| {
        for (command, reason) in &cases {
            let init = start(place).env("PATH", "/usr/bin:/bin");
            let end = init.command([command]).spawn().end();
            assert_eq!((end.code, &end.stdout[..]), (1, &[][..]), "{command}");
            let [line] = &end.stderr[..] else { panic!("{place:?} {command} {end:?}") };
            let rest = line.strip_prefix("ERROR (catatonit:").expect(line);
            let (pid, said) = rest.split_once("): ").expect(line);
            assert!(pid.parse::<u32>().is_ok_and(|pid| pid > 0), "{line}");
            assert!(said.starts_with("failed to exec pid1: "), "{line}");
            assert!(said.contains(reason), "{line}");
        }
    });
}
