//! What the door of my_init makes of words and variables.

use super::*;
use crate::course::Stage;
use crate::course::tests::{ALL, text_of};
use crate::policy::Faithful;

fn launch_of(
    words: &'static str,
    environment: &'static [&'static str],
) -> (Launch<'static>, Policy) {
    match parse_as("/sbin/my_init", words, environment) {
        (Parsed::Run(launch), policy) => (launch, policy),
        (other, _) => panic!("{words:?} {environment:?} gave {other:?}"),
    }
}

fn refusal_of(
    words: &'static str,
    environment: &'static [&'static str],
) -> (Complaint, String, u8) {
    match parse_as("my_init", words, environment) {
        (Parsed::Refuse(Refusal { complaint, word, .. }), policy) => {
            (complaint, String::from_utf8_lossy(word).into_owned(), policy.own_failure.0)
        }
        (other, _) => panic!("{words:?} gave {other:?}"),
    }
}

#[test]
fn the_command_is_the_first_words_that_stand_together() {
    for (words, at, end, left_out) in [
        ("", 0, 0, 0),
        ("--", 0, 0, 0),
        ("a", 1, 0, 0),
        ("-- a", 2, 0, 0),
        ("--quiet a b", 2, 0, 0),
        ("--quiet -- a --quiet", 3, 0, 0),
        ("a --quiet", 1, 2, 0),
        ("a b --quiet --skip-runit", 1, 3, 0),
        ("a -- -n", 1, 0, 2),
        ("a -- -- -n", 1, 0, 2),
        ("-- a -- b", 2, 0, 0),
        ("-1 - a", 1, 0, 0),
        ("-1.5", 1, 0, 0),
    ] {
        let (launch, _) = launch_of(words, &[]);
        let found = (launch.command_at, launch.command_end, launch.left_out);
        assert_eq!(found, (at, end, left_out), "{words:?}");
    }
}

#[test]
fn a_mistake_of_usage_ends_with_2_and_a_missing_command_with_1() {
    use Complaint::*;
    for (words, complaint, word, code) in [
        ("ls -l", UnknownOption, "-l", 2),
        ("--bogus", UnknownOption, "--bogus", 2),
        ("--skip true", UnknownOption, "--skip", 2),
        ("--quiet=1 true", UnwantedValue, "--quiet=1", 2),
        ("true --quiet foo", UnknownOption, "foo", 2),
        ("--skip-runit", NoCommand, "--skip-runit", 1),
    ] {
        assert_eq!(refusal_of(words, &[]), (complaint, word.to_owned(), code), "{words:?}");
    }
}

#[test]
fn the_help_wins_over_what_is_unknown() {
    for words in ["-h", "-hx", "ls -l --help", "--he"] {
        let (parsed, _) = parse_as("my_init", words, &[]);
        assert!(matches!(parsed, Parsed::Print(Door::MyInit, Key::Help)), "{words:?} {parsed:?}");
    }
}

#[test]
fn options_leave_out_stages() {
    let texts = |words| {
        let course = launch_of(words, &[]).0.course;
        ALL.map(|stage| course.has(stage))
    };
    let all = [false, true, true, true, false, true, true, false, true, true];
    assert_eq!(texts("a"), all);
    assert!(texts("--enable-insecure-key a")[Stage::Prologue as usize]);
    let skipped = [false, false, false, true, false, true, true, false, true, true];
    assert_eq!(texts("--skip-s a"), skipped);
    let skipped = [false, true, true, false, false, false, false, false, false, false];
    assert_eq!(texts("a --skip-r"), skipped);
    assert_eq!(launch_of("--no-kill-all-on-exit a", &[]).1.on_exit, OnExit::Leave);
    assert_eq!(launch_of("--q a", &[]).1.voice.level, 0);
}

#[test]
fn timeouts_are_whole_numbers_as_python_reads_them() {
    for (word, seconds) in
        [("3", 3), (" 11 ", 11), ("+7", 7), ("1_0", 10), ("0", 0), ("-0", 0), ("-5", u32::MAX)]
    {
        let entry: &'static str = format!("KILL_PROCESS_TIMEOUT={word}").leak();
        let (launch, policy) = launch_of("a", vec![entry].leak());
        assert_eq!(launch.course.seconds, seconds, "{word:?}");
        let span = if seconds == 0 { Span::FOREVER } else { Span::from_secs(seconds) };
        assert_eq!(policy.grace, span, "{word:?}");
        assert_eq!(policy.drain_timeout, Span::from_secs(30));
    }
    for word in ["x", "1.5", "1__0", "_1", "1_", "+", "0x1", "1 0"] {
        let entry: &'static str = format!("KILL_ALL_PROCESSES_TIMEOUT={word}").leak();
        let (complaint, said, code) = refusal_of("a", vec![entry].leak());
        assert_eq!((complaint, said.as_str(), code), (Complaint::BadValue, entry, 1), "{word:?}");
    }
    let (launch, policy) =
        launch_of("a", &["KILL_PROCESS_TIMEOUT=", "KILL_ALL_PROCESSES_TIMEOUT="]);
    assert_eq!((launch.course.seconds, policy.grace), (30, Span::from_secs(30)));
    let (launch, _) = launch_of("a", &["KILL_PROCESS_TIMEOUT=99999999999999999999"]);
    assert_eq!(launch.course.seconds, u32::MAX);
}

#[test]
fn the_startup_directory_can_be_another() {
    let other = &["ENV_INIT_DIRECTORY=/etc/alt"];
    assert_eq!(text_of(launch_of("a", other).0.course.text(Stage::Startup)), "/etc/alt");
    assert!(!launch_of("--skip-startup-files a", other).0.course.has(Stage::Startup));
    assert!(!launch_of("a", &["ENV_INIT_DIRECTORY="]).0.course.has(Stage::Startup));
    assert_eq!(text_of(launch_of("a", &[]).0.course.text(Stage::Startup)), "/etc/my_init.d");
}

#[test]
fn one_variable_asks_for_the_original_in_everything() {
    assert_eq!(launch_of("a", &[]).1.faithful, Faithful::InWhatIsRight);
    assert_eq!(launch_of("a", &["SEXTON_STRICT=1"]).1.faithful, Faithful::InEverything);
}

#[test]
fn it_is_another_door_of_the_native_one_too() {
    let (parsed, policy) = parse_words("--as my_init --quiet -- a", &[]);
    let Parsed::Run(launch) = parsed else { panic!("{parsed:?}") };
    assert_eq!((launch.command_at, policy.voice.door), (5, Door::MyInit));
    assert_eq!(text_of(launch.course.store()), "/etc/container_environment");
    assert_eq!(text_of(launch.course.services()), "runit daemon");
}

#[test]
fn it_is_no_mixture_with_another_door() {
    for name in ["my_init", "tini", "dumb-init", "catatonit"] {
        let environment: &[&str] =
            if name == "my_init" { &["SEXTON_AS=tini"] } else { &["SEXTON_AS=my_init"] };
        let (parsed, policy) = parse_as(name, "a", environment);
        assert!(matches!(parsed, Parsed::Run(_)), "{name}: {parsed:?}");
        let (_, alone) = launch_of("a", &[]);
        assert_eq!(policy.voice.door, Door::MyInit, "{name}");
        assert_eq!(policy.on_exit, OnExit::Drain, "{name}");
        assert_eq!(policy.forward_to, ForwardTo::Command, "{name}");
        assert_eq!(policy.subreaper, alone.subreaper, "{name}");
        assert_eq!((policy.placing, policy.stop_on), (alone.placing, alone.stop_on), "{name}");
    }
}

#[test]
fn the_stages_are_open_to_the_native_door() {
    let words = "--env-dir /env --startup /start --supervisor runsvdir --stop-hook=/stop a";
    let (parsed, _) = parse_words(words, &["SEXTON_SUPERVISOR_STOP=sv stop /a, /b"]);
    let Parsed::Run(launch) = parsed else { panic!("{parsed:?}") };
    let course = launch.course;
    assert_eq!(text_of(course.store()), "/env");
    assert_eq!(text_of(course.text(Stage::Startup)), "/start");
    assert_eq!(text_of(course.text(Stage::Services)), "runsvdir");
    assert_eq!(text_of(course.text(Stage::StopServices)), "sv stop /a, /b");
    assert_eq!(text_of(course.text(Stage::StopHooks)), "/stop");
    assert_eq!(course.seconds, 10);
    for (timeout, seconds) in [("3s", 3), ("none", 0), ("1500ms", 1)] {
        let words: &'static str = format!("--drain-timeout {timeout} a").leak();
        let (Parsed::Run(launch), _) = parse_words(words, &[]) else { panic!("{words}") };
        assert_eq!(launch.course.seconds, seconds, "{timeout}");
    }
    // Of other variables each value between commas counts.
    assert_eq!(policy("a", &["SEXTON_GROUP=0,1"]).forward_to, ForwardTo::Group);
    // A supervisor may be all there is.
    assert!(matches!(parse_words("--supervisor runsvdir", &[]).0, Parsed::Run(_)));
}
