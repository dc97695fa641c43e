//! The command line, which is Python's argparse, and the exit status of the main command.

use crate::{KILLING, by_all, run};
use sexton_testkit::{Exam, Image, Stream};
use std::io::Write;

const NO_COMMAND: &str = "*** When --skip-runit is given, you must also pass a main command.";

/// The words as they are, with nothing between them.
fn said(exam: &Exam, words: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    let mut image = Image::new();
    image.streams_apart();
    let end = exam.inside(&mut image).options(words).spawn().end();
    (end.code, end.stdout, end.stderr)
}

#[test]
fn a_command_that_succeeds_is_a_success() {
    by_all(|exam| {
        let story = run(exam, &mut Image::new(), &["--skip-runit"], &["true"]);
        story.is(0, &["*** Running true...", "*** true exited with status 0.", KILLING]);
    });
}

#[test]
fn the_commands_exit_status_is_the_inits() {
    by_all(|exam| {
        let story = run(exam, &mut Image::new(), &["--skip-runit"], &["sh", "-c", "exit 7"]);
        let lines = ["*** Running sh -c exit 7...", "*** sh exited with status 7.", KILLING];
        story.is(7, &lines);
        let story = run(exam, &mut Image::new(), &["--skip-runit"], &["sh", "-c", "exit 255"]);
        assert_eq!(story.code, 255);
    });
}

#[test]
fn a_death_by_signal_is_128_and_its_number() {
    by_all(|exam| {
        let story = run(exam, &mut Image::new(), &["--skip-runit"], &["sh", "-c", "kill -9 $$"]);
        let code = exam.deviates("killed", 0, 137);
        let ended = format!("*** sh exited with status {code}.");
        story.is(code, &["*** Running sh -c kill -9 $$...", &ended, KILLING]);
    });
}

#[test]
fn a_command_that_cannot_be_run_is_127_and_the_reason_is_said() {
    by_all(|exam| {
        for (command, reason) in
            [("no-such-cmd", "No such file or directory"), ("/etc/passwd", "Permission denied")]
        {
            let story = run(exam, &mut Image::new(), &["--skip-runit"], &[command]);
            let running = format!("*** Running {command}...");
            let ended = format!("*** {command} exited with status 127.");
            let reason = [reason];
            let more = exam.deviates("exec-reason", &[][..], &reason[..]);
            story.is_with(127, &[&running, &ended, KILLING], more);
        }
    });
}

#[test]
fn an_empty_word_is_no_command() {
    by_all(|exam| {
        let story = run(exam, &mut Image::new(), &["--skip-runit"], &[""]);
        let theirs = || {
            assert_eq!(story.code, 1);
            assert_eq!(story.own(), ["*** Running ...", KILLING]);
        };
        let lines = ["*** Running ...", "***  exited with status 127.", KILLING];
        let reason = ["No such file or directory"];
        let more = exam.deviates("exec-reason", &[][..], &reason[..]);
        let ours = || story.is_with(127, &lines, more);
        exam.deviates("empty-command", &theirs as &dyn Fn(), &ours)();
    });
}

#[test]
fn without_runit_and_without_a_command_there_is_nothing_to_do() {
    by_all(|exam| {
        for words in [&["--skip-runit"][..], &["--skip-runit", "--quiet"], &["--skip-runit", "--"]]
        {
            let (code, stdout, stderr) = said(exam, words);
            assert_eq!((code, stdout, stderr), (1, vec![], vec![NO_COMMAND.to_owned()]));
        }
    });
}

/// argparse's own, and ours.
fn usage(exam: &Exam) -> &'static str {
    let ours = "usage: my_init [OPTIONS] [--] [COMMAND ARG...]";
    exam.deviates("usage-words", "usage: my_init [-h] ", ours)
}

#[test]
fn the_help_is_on_stdout() {
    by_all(|exam| {
        for words in [&["--help"][..], &["-h"], &["--he"], &["-h", "true"], &["--skip-runit", "-h"]]
        {
            let (code, stdout, stderr) = said(exam, words);
            assert_eq!((code, &stderr[..]), (0, &[][..]), "{words:?}");
            assert!(stdout[0].starts_with(usage(exam)), "{stdout:?}");
            for option in [
                "--enable-insecure-key",
                "--skip-startup-files",
                "--skip-runit",
                "--no-kill-all-on-exit",
                "--quiet",
            ] {
                let told = |line: &String| line.trim_start().starts_with(option);
                assert!(stdout.iter().any(told), "{option} is not in {stdout:?}");
            }
        }
    });
}

/// Usage and complaint on stderr, and nothing else is done.
#[track_caller]
fn is_refused(exam: &Exam, words: &[&str]) {
    let mut image = Image::new();
    image.streams_apart();
    image.script("etc/my_init.d/10", "echo '# ten'");
    image.store("NAME", "value");
    let end = exam.inside(&mut image).options(words).spawn().end();
    assert_eq!((end.code, &end.stdout[..]), (2, &[][..]), "{words:?}: {end:?}");
    assert!(end.stderr[0].starts_with(usage(exam)), "{end:?}");
    let complaint = end.stderr.last().expect("a line");
    assert!(complaint.starts_with("my_init: error: "), "{end:?}");
    assert!(!image.has("etc/container_environment.sh"), "{words:?}");
}

#[test]
fn what_is_no_option_is_refused_and_nothing_is_started() {
    by_all(|exam| {
        for words in [&["--bogus"][..], &["-x"], &["--skip-runit", "--bogus", "true"], &["-q"]] {
            is_refused(exam, words);
        }
    });
}

#[test]
fn options_behind_the_command_are_the_inits_too() {
    by_all(|exam| {
        is_refused(exam, &["--skip-runit", "ls", "-l"]);
        let (code, stdout, stderr) = said(exam, &["--skip-runit", "true", "--quiet"]);
        assert_eq!((code, stdout, stderr), (0, vec![], vec![]));
    });
}

#[test]
fn a_word_behind_an_option_behind_the_command_is_refused() {
    by_all(|exam| is_refused(exam, &["--skip-runit", "echo", "--quiet", "x"]));
}

#[test]
fn a_command_without_options_needs_no_dashes() {
    by_all(|exam| {
        let words = ["--skip-runit", "echo", "# hi"];
        let (code, stdout, stderr) = said(exam, &words);
        let lines = ["*** Running echo # hi...", "*** echo exited with status 0.", KILLING];
        assert_eq!((code, stdout), (0, vec!["# hi".to_owned()]));
        assert_eq!(stderr, lines, "own words go to stderr, and the command's to stdout");
    });
}

#[test]
fn only_the_first_two_dashes_are_removed() {
    by_all(|exam| {
        let script = "for word; do echo \"[$word]\"; done";
        let words = ["--quiet", "--skip-runit", "--", "sh", "-c", script, "sh"];
        let words = [&words[..], &["a", "--", "--quiet", "b c"]].concat();
        let (code, stdout, stderr) = said(exam, &words);
        assert_eq!((code, &stderr[..]), (0, &[][..]));
        assert_eq!(stdout, ["[a]", "[--]", "[--quiet]", "[b c]"]);
    });
}

#[test]
fn two_dashes_behind_the_command_are_removed_if_they_are_the_first() {
    by_all(|exam| {
        let (code, stdout, _) = said(exam, &["--quiet", "--skip-runit", "echo", "#", "--", "-n"]);
        assert_eq!((code, stdout), (0, vec!["# -n".to_owned()]));
        let (code, stdout, _) = said(exam, &["--quiet", "--skip-runit", "echo", "--", "a", "--"]);
        assert_eq!((code, stdout), (0, vec!["a --".to_owned()]));
    });
}

#[test]
fn an_option_may_be_cut_as_long_as_it_is_no_other() {
    by_all(|exam| {
        let (code, stdout, stderr) = said(exam, &["--q", "--skip-r", "true"]);
        assert_eq!((code, stdout, stderr), (0, vec![], vec![]));
        is_refused(exam, &["--skip", "true"]);
        is_refused(exam, &["--s", "true"]);
    });
}

#[test]
fn an_option_takes_no_value() {
    by_all(|exam| is_refused(exam, &["--quiet=1", "--skip-runit", "true"]));
}

#[test]
fn negative_numbers_and_words_with_blanks_are_no_options() {
    by_all(|exam| {
        let (code, stdout, _) = said(exam, &["--quiet", "--skip-runit", "echo", "#", "-1", "-x y"]);
        assert_eq!((code, stdout), (0, vec!["# -1 -x y".to_owned()]));
        let (code, stdout, _) = said(exam, &["--quiet", "--skip-runit", "echo", "-.5", "-1.5"]);
        assert_eq!((code, stdout), (0, vec!["-.5 -1.5".to_owned()]));
        let (code, stdout, _) = said(exam, &["--quiet", "--skip-runit", "echo", "#", "-"]);
        assert_eq!((code, stdout), (0, vec!["# -".to_owned()]));
        is_refused(exam, &["--quiet", "--skip-runit", "echo", "-1x"]);
    });
}

#[test]
fn quiet_leaves_warnings_and_errors() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "echo '# ten'");
        run(exam, &mut image, &["--quiet", "--skip-runit"], &["true"]).is(0, &["# ten"]);
    });
}

/// With these lines on stdin.
fn fed(exam: &Exam, image: &mut Image, lines: &str, command: &[&str]) -> Vec<String> {
    let (stdin, writer) = Stream::pipe_in().expect("a pipe");
    let init = exam.inside(image).options(["--quiet", "--skip-runit"]).command(command);
    let mut run = init.stdin(stdin).spawn();
    std::fs::File::from(writer).write_all(lines.as_bytes()).expect("the init holds it");
    let end = run.end();
    assert_eq!(end.code, 0);
    end.stdout
}

#[test]
fn stdin_is_the_commands_and_the_startup_files() {
    by_all(|exam| {
        assert_eq!(fed(exam, &mut Image::new(), "# hello\n", &["cat"]), ["# hello"]);
        let mut image = Image::new();
        image.script("etc/my_init.d/10", "read line; echo \"# script read: $line\"");
        let seen = fed(exam, &mut image, "one\n# two\n", &["cat"]);
        assert_eq!(seen, ["# script read: one", "# two"]);
    });
}

#[test]
fn the_command_shares_the_inits_session_and_group() {
    by_all(|exam| {
        let script = "for who in 1 $$; do cut -d' ' -f5,6 /proc/$who/stat; done";
        let story =
            run(exam, &mut Image::new(), &["--quiet", "--skip-runit"], &["sh", "-c", script]);
        let [init, command] = &story.lines[..] else { panic!("{story:?}") };
        assert_eq!(init, command);
    });
}

/// Python ignores both, and its children inherit that.
#[test]
fn the_command_inherits_pipe_and_xfsz_ignored_and_nothing_blocked() {
    by_all(|exam| {
        let command = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"];
        let story = run(exam, &mut Image::new(), &["--quiet", "--skip-runit"], &command);
        story.is(0, &["SigBlk:\t0000000000000000", "SigIgn:\t0000000001001000"]);
    });
}

#[test]
fn the_command_is_looked_up_where_the_startup_files_say() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("mnt/bin/tool", "echo '# found'");
        image.store("NAME", "");
        let line = "echo \"/mnt/bin:$PATH\" > /etc/container_environment/PATH";
        image.script("etc/my_init.d/10", line);
        run(exam, &mut image, &["--quiet", "--skip-runit"], &["tool"]).is(0, &["# found"]);
    });
}

#[test]
fn without_path_the_command_is_looked_for_in_bin_and_usr_bin() {
    by_all(|exam| {
        let mut image = Image::new();
        image.script("usr/bin/tool", "echo '# ok'");
        image.store("NAME", "");
        image.script("etc/my_init.d/10", "rm /etc/container_environment/PATH");
        run(exam, &mut image, &["--quiet", "--skip-runit"], &["tool"]).is(0, &["# ok"]);
        image.script("usr/sbin/elsewhere", "echo '# never'");
        let story = run(exam, &mut image, &["--quiet", "--skip-runit"], &["elsewhere"]);
        assert_eq!((story.code, story.others().len()), (127, 0), "{story:?}");
    });
}

/// One line of the log stays one line, and what it has to say is not torn.
#[test]
fn the_words_of_the_command_are_escaped_and_cut_in_the_log_and_not_for_the_command() {
    by_all(|exam| {
        let long = format!("echo 'caf\u{e9}'; # {}", "x".repeat(3000));
        let story = run(exam, &mut Image::new(), &["--skip-runit"], &["sh", "-c", &long]);
        assert_eq!((story.code, &*story.lines[1]), (0, "caf\u{e9}"));
        let theirs = format!("*** Running sh -c {long}...");
        let start = "*** Running sh -c echo 'caf\\xc3\\xa9'; # xxx";
        let whole = |line: &str| line == theirs;
        let cut = |line: &str| line.starts_with(start) && line.len() < 1100;
        let check = exam.deviates("log-escapes", &whole as &dyn Fn(&str) -> bool, &cut);
        assert!(check(&story.lines[0]), "{}", story.lines[0]);
    });
}
