//! What a command may do wrong: each gets its verdict or a clear line, nothing is left running, and
//! nothing hangs for longer than the grace period and a second.

mod common;

use common::{Folder, can_run, check, faults, processes, report, stderr, stdout, with_argument};
use sexton_testkit::eventually;

/// No verdict: this exit code, one line with these words, and nothing on stdout.
#[track_caller]
fn refused(words: &[&str], code: i32, why: &str) -> String {
    let output = check(words).output().unwrap();
    let said = stderr(&output);
    assert_eq!((stdout(&output), output.status.code()), (String::new(), Some(code)), "{said}");
    let last = said.lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("sexton: ") && last.contains(why), "{said}");
    said
}

#[test]
fn a_command_that_is_not_there_is_named() {
    if !can_run(&[]) {
        return;
    }
    let said = refused(&["--", "no-such-command"], 125, "exec no-such-command: No such file");
    assert_eq!(said.lines().count(), 1, "{said}");
    refused(&["--", "/no/such"], 125, "exec /no/such: No such file or directory");
    refused(&["--", ""], 125, "exec : No such file or directory");
    refused(&[], 125, "what is to be checked?");
}

#[test]
fn a_file_that_cannot_be_executed_is_named() {
    if !can_run(&[]) {
        return;
    }
    let folder = Folder::new();
    let plain = folder.file("plain", "#!/bin/sh\n");
    refused(&["--", &plain], 125, "Permission denied");
    let no_format = folder.program("no-format", "echo\n");
    refused(&["--", &no_format], 125, "Exec format error");
    let no_interpreter = folder.program("no-interpreter", "#!/no/such\n");
    refused(&["--", &no_interpreter], 125, "No such file or directory");
}

#[test]
fn who_ends_before_the_signal_is_not_judged_but_quoted() {
    if !can_run(&["sh"]) {
        return;
    }
    let script = "echo port 80 is taken; exit 3";
    let said = refused(&["--", "sh", "-c", script], 4, "`sh` ended by itself (exit 3) ");
    assert!(said.contains("  | port 80 is taken\n"), "{said}");
    refused(&["--watch=proc", "--", "sh", "-c", script], 4, "`sh` ended by itself (exit 3) ");
    refused(&["--", "sh", "-c", "nosuchcommand"], 4, "was not found?");
}

#[test]
fn who_needs_a_terminal_is_given_one_with_tty() {
    if !can_run(&["bash"]) {
        return;
    }
    let script = "test -t 0 && test -t 1 && test -t 2 || exit 1
                  trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done";
    let words = ["--ready-log=ready", "--", "bash", "-c", script];
    refused(&words, 4, "if it needs a terminal, try --tty");
    let report = report(&[&["--tty"], &words[..]].concat());
    assert_eq!(faults(&report, 0), [""; 0]);
}

#[test]
fn who_forks_without_end_is_killed_in_time() {
    if !can_run(&["sh"]) {
        return;
    }
    for how in ["ptrace", "proc"] {
        let seconds = format!("8{}.{}", std::process::id(), if how == "proc" { 1 } else { 2 });
        let script = format!("while :; do sleep {seconds} & done");
        let words = ["--watch", how, "--", "sh", "-c", &script];
        refused(&words, 125, "went on forking: it was killed");
        eventually("nobody is left", || with_argument(&seconds).is_empty());
    }
}

#[test]
fn who_forks_and_waits_without_end_is_stopped_on_time() {
    if !can_run(&["bash"]) {
        return;
    }
    let words = ["--grace=1s", "--ready-after=1s", "--", "bash", "-c", "while :; do (:); done"];
    let report = report(&words);
    assert_eq!(faults(&report, 0)[0], "deaf");
    let after = report["runs"][0]["stops"]["after_ms"].as_f64().unwrap();
    assert!((1000.0..2000.0).contains(&after), "{after}");
}

#[test]
fn who_ignores_everything_is_killed_at_the_end_of_the_grace_period() {
    if !can_run(&["bash", "sleep"]) {
        return;
    }
    let seconds = format!("7{}", std::process::id());
    let script =
        format!("trap '' $(seq 1 31); (echo ready; sleep {seconds}; true) & sleep {seconds}; true");
    let report = report(&["--grace=1s", "--ready-log=ready", "--", "bash", "-c", &script]);
    assert_eq!(faults(&report, 0), ["deaf", "unclean"]);
    let after = report["runs"][0]["stops"]["after_ms"].as_f64().unwrap();
    assert!((1000.0..2000.0).contains(&after), "{after}: the grace period, and at most a second");
    assert!(processes(&report, 0).all(|one| one["how"] == "killed-at-the-limit"), "{report:#}");
    assert!(with_argument(&seconds).is_empty(), "nothing is left");
}

#[test]
fn who_closes_its_output_is_judged_like_anybody() {
    if !can_run(&["bash"]) {
        return;
    }
    let script = "exec <&- >&- 2>&-; trap 'kill $!; wait; exit 0' TERM; sleep 1000 & wait $!";
    let report = report(&["--", "bash", "-c", script]);
    assert_eq!(faults(&report, 0), [""; 0]);
}

#[test]
fn who_prints_a_gigabyte_is_judged_and_its_end_is_kept() {
    if !can_run(&["bash", "head"]) {
        return;
    }
    let script = "head -c 1G /dev/zero; echo; echo the end
                  trap 'kill $!; wait; exit 0' TERM; sleep 1000 & wait $!";
    let report = report(&["--", "bash", "-c", script]);
    assert_eq!(faults(&report, 0), [""; 0]);
    let kept = report["runs"][0]["output"].as_str().unwrap();
    assert!(kept.ends_with("the end\n") && kept.len() < 10_000, "{} bytes", kept.len());
}

#[test]
fn who_prints_for_ever_is_never_quiet_but_stopped() {
    if !can_run(&["yes"]) {
        return;
    }
    let report = report(&["--grace=500ms", "--", "yes"]);
    assert_eq!(report["runs"][0]["ready"]["by"], "never-quiet");
    assert_eq!(faults(&report, 0), ["deaf", "unclean", "not-reaping"]);
}

#[test]
fn a_name_cannot_write_into_the_report() {
    if !can_run(&["perl"]) {
        return;
    }
    let script = "$0 = \"\\e[2Jevil\\n\"; sleep 1000";
    let words = ["--grace=200ms", "--", "perl", "-e", script];
    let text = stdout(&check(&words).output().unwrap());
    assert!(text.contains("?[2Jevil") && !text.contains('\x1b'), "{text}");
}
