//! What the native door makes of words and variables, and what is the same behind every door.

use super::*;
use crate::book::ROOM;
use crate::exit::ExitCode;
use crate::policy::{Format, ForwardTo, Mode, OnExit, Orphans, StepAside};
use crate::signal::Signal;
use crate::time::Span;

mod my_init;
mod others;

/// What was made of these words, the first of which is our own name, and the policy.
fn parse_as(
    name: &'static str,
    words: &'static str,
    environment: &'static [&'static str],
) -> (Parsed<'static>, Policy) {
    let args = core::iter::once(name).chain(words.split(' ').filter(|w| !w.is_empty()));
    let environment = environment.iter().map(|entry| entry.as_bytes());
    let mut policy = Policy::native();
    let parsed = parse(&mut policy, args.map(str::as_bytes), environment);
    (parsed, policy)
}

fn parse_words(
    words: &'static str,
    environment: &'static [&'static str],
) -> (Parsed<'static>, Policy) {
    parse_as("sexton-init", words, environment)
}

/// A page in full.
fn read(page: Page) -> String {
    String::from_utf8(page.read(&mut [0; ROOM]).to_vec()).unwrap()
}

/// What a door prints for this option.
fn printed(door: Door, key: Key) -> String {
    read(door.answer(key))
}

fn command_at(words: &'static str) -> usize {
    match parse_words(words, &[]).0 {
        Parsed::Run(launch) => launch.command_at,
        other => panic!("{words:?} gave {other:?}"),
    }
}

fn policy(words: &'static str, environment: &'static [&'static str]) -> Policy {
    match parse_words(words, environment) {
        (Parsed::Run(_), policy) => policy,
        (other, _) => panic!("{words:?} {environment:?} gave {other:?}"),
    }
}

fn refusal(
    words: &'static str,
    environment: &'static [&'static str],
) -> (Complaint, String, Option<Key>) {
    match parse_words(words, environment).0 {
        Parsed::Refuse(Refusal { complaint, word, key, .. }) => {
            let word = String::from_utf8_lossy(word).into_owned();
            (complaint, word, key)
        }
        other => panic!("{words:?} {environment:?} gave {other:?}"),
    }
}

#[test]
fn options_end_at_the_first_word_that_is_none() {
    for (words, place) in [
        ("app", 1),
        ("app -g --to group", 1),
        ("-- app", 2),
        ("-- -g", 2),
        ("-g -- --", 3),
        ("-gvvw app", 2),
        ("- x", 1),
        ("--to group app", 3),
        ("--to=group app", 2),
        ("-pTERM app", 2),
        ("-p TERM app", 3),
        ("-gpTERM app", 2),
    ] {
        assert_eq!(command_at(words), place, "{words}");
    }
}

#[test]
fn each_option_says_what_it_means() {
    let of = |words| policy(words, &[]);
    assert_eq!(of("a").forward_to, ForwardTo::Command);
    assert_eq!(of("-g a").forward_to, ForwardTo::Group);
    assert_eq!(of("--to all a").forward_to, ForwardTo::Everyone);
    assert_eq!(of("--group --to command a").forward_to, ForwardTo::Command);
    let term = Signal::TERM;
    assert_eq!(of("--rewrite TERM:QUIT a").rewrites.get(term), Some(Signal::QUIT));
    assert_eq!(of("--rewrite 15:0 a").rewrites.get(term), None);
    assert_eq!(of("--rewrite TERM:STOP a").rewrites.get(term), Some(Signal::STOP));
    assert!(of("--stop-on WINCH a").stop_on.contains(Signal::new(28).unwrap()));
    assert!(of("--stop-on WINCH a").stop_on.contains(term));
    assert_eq!(of("--stop-timeout 9s a").stop_timeout, Span::from_secs(9));
    assert_eq!(of("a").stop_timeout, Span::FOREVER);
    assert_eq!(of("--drain-timeout none a").drain_timeout, Span::FOREVER);
    assert_eq!(of("a").drain_timeout, Span::from_secs(10));
    assert_eq!(of("--on-exit wait a").on_exit, OnExit::Wait);
    assert_eq!(of("--on-exit leave a").on_exit, OnExit::Leave);
    for (code, counts_as) in [(3, 0), (143, 0), (9, 7), (0, 0), (1, 1)] {
        let codes = of("-e 143 -e3 -e 9:7 a").codes;
        assert_eq!(codes.get(ExitCode(code)), ExitCode(counts_as), "{code}");
    }
    assert_eq!(of("--stop-delay 5s a").stop_delay, Span::from_secs(5));
    assert_eq!(of("--step-aside never a").step_aside, StepAside::Never);
    assert_eq!(of("--step-aside always a").step_aside, StepAside::Always);
    assert_eq!(of("--step-aside never --step-aside auto a").step_aside, StepAside::Auto);
    assert_eq!(of("--log json --log text a").voice.format, Format::Text);
    assert_eq!(of("-P").mode, Mode::Pause);
    assert_eq!(of("-p KILL a").parent_death, Some(Signal::KILL));
    assert_eq!(of("-w a").voice.orphans, Orphans::Said);
    assert_eq!(of("-v a").voice.level, 2);
    assert_eq!(of("-vvvv a").voice.level, 5);
    assert_eq!(of("--log json a").voice.format, Format::Json);
}

#[test]
fn the_environment_says_the_same_and_the_command_line_wins() {
    let of = |entry| policy("a", entry);
    assert_eq!(of(&["SEXTON_GROUP=1"]).forward_to, ForwardTo::Group);
    assert_eq!(of(&["SEXTON_GROUP=0"]).forward_to, ForwardTo::Command);
    assert_eq!(of(&["SEXTON_ON_EXIT=leave"]).on_exit, OnExit::Leave);
    assert_eq!(of(&["SEXTON_GROUP="]).forward_to, ForwardTo::Command);
    assert_eq!(of(&["SEXTON_DRAIN_TIMEOUT="]).drain_timeout, Span::from_secs(10));
    assert_eq!(of(&["SEXTON_VERBOSE=2"]).voice.level, 3);
    assert_eq!(of(&["SEXTON_PORT=tcp://10.0.0.1:80"]).forward_to, ForwardTo::Command);
    let both = of(&["SEXTON_REWRITE=TERM:QUIT,HUP:0"]).rewrites;
    assert_eq!(both.get(Signal::TERM), Some(Signal::QUIT));
    assert_eq!(both.get(Signal::HUP), None);
    let typed = policy(
        "--on-exit drain -v --rewrite TERM:INT --drain-timeout 1s a",
        &["SEXTON_ON_EXIT=leave", "SEXTON_VERBOSE=3", "SEXTON_REWRITE=TERM:QUIT,HUP:INT"],
    );
    assert_eq!(typed.on_exit, OnExit::Drain);
    assert_eq!(typed.voice.level, 2);
    assert_eq!(typed.rewrites.get(Signal::TERM), Some(Signal::INT));
    assert_eq!(typed.rewrites.get(Signal::HUP), Some(Signal::INT));
}

#[test]
fn every_option_but_the_pages_has_a_variable() {
    // Longer even than a path may be.
    let bad = "\u{7f}".repeat(crate::limits::TEXT_MAX);
    for row in native::TABLE.rows.iter().filter(|row| row.key < Key::Help) {
        if row.key == Key::User {
            continue; // Whose names may be whatever they like.
        }
        let entry: &'static str =
            format!("SEXTON_{}={bad}", row.name.to_uppercase().replace('-', "_")).leak();
        let entries: &'static [&'static str] = vec![entry].leak();
        assert_eq!(refusal("a", entries), (Complaint::BadValue, bad.clone(), Some(row.key)));
    }
    assert_eq!(policy("a", &["SEXTON_HELP=1"]).forward_to, ForwardTo::Command);
}

#[test]
fn a_mistake_is_named() {
    use Complaint::*;
    for (words, complaint, word) in [
        ("", NoCommand, ""),
        ("--", NoCommand, "--"),
        ("-x a", UnknownLetter, "x"),
        ("-gx a", UnknownLetter, "x"),
        ("-g- a", UnknownLetter, "-"),
        ("--nope a", UnknownOption, "--nope"),
        ("--GROUP a", UnknownOption, "--GROUP"),
        ("--group=1 a", UnwantedValue, "--group=1"),
        ("-p", NoValue, "p"),
        ("-gp", NoValue, "p"),
        ("--to", NoValue, "--to"),
    ] {
        assert_eq!(refusal(words, &[]), (complaint, word.to_string(), None), "{words}");
    }
    assert_eq!(refusal("-g", &[]).0, NoCommand);
    for (words, key, word) in [
        ("-p NOPE a", Key::ParentDeath, "NOPE"),
        ("-p 0 a", Key::ParentDeath, "0"),
        ("--stop-on 65 a", Key::StopOn, "65"),
        ("--stop-on KILL a", Key::StopOn, "KILL"),
        ("--stop-timeout 10x a", Key::StopTimeout, "10x"),
        ("--stop-delay none a", Key::StopDelay, "none"),
        ("--drain-timeout=-1s a", Key::DrainTimeout, "-1s"),
        ("--rewrite TERM a", Key::Rewrite, "TERM"),
        ("--rewrite TERM: a", Key::Rewrite, "TERM:"),
        ("--rewrite :HUP a", Key::Rewrite, ":HUP"),
        ("--rewrite 15:3xyz a", Key::Rewrite, "15:3xyz"),
        ("--rewrite 4294967311:3 a", Key::Rewrite, "4294967311:3"),
        ("--rewrite CHLD:HUP a", Key::Rewrite, "CHLD:HUP"),
        ("-e 256 a", Key::Success, "256"),
        ("-e -1 a", Key::Success, "-1"),
        ("-e= a", Key::Success, "="),
        ("--success= a", Key::Success, ""),
        ("--to nobody a", Key::To, "nobody"),
        ("--on-exit never a", Key::OnExit, "never"),
        ("--log xml a", Key::Log, "xml"),
    ] {
        assert_eq!(refusal(words, &[]), (BadValue, word.to_string(), Some(key)), "{words}");
        let help = read(Door::Native.help());
        let line = help.lines().nth(key.line().into()).unwrap();
        let name = native::TABLE.row(key).unwrap().name;
        assert!(line.contains(&format!("--{name} ")), "{words}: {line}");
    }
    for (entry, key, word) in [
        (&["SEXTON_DRAIN_TIMEOUT=soon"], Key::DrainTimeout, "soon"),
        (&["SEXTON_GROUP=maybe"], Key::Group, "maybe"),
        (&["SEXTON_GROUP=2"], Key::Group, "2"),
        (&["SEXTON_VERBOSE=9"], Key::Verbose, "9"),
        (&["SEXTON_STOP_ON=WINCH,NOPE"], Key::StopOn, "NOPE"),
    ] {
        assert_eq!(refusal("a", entry), (BadValue, word.to_string(), Some(key)), "{entry:?}");
    }
}

#[test]
fn pages_are_asked_for_in_either_spelling() {
    for (words, page) in [
        ("--help", Key::Help),
        ("-h", Key::Help),
        ("-V", Key::Version),
        ("--version", Key::Version),
        ("-l", Key::Licence),
        ("--licence", Key::Licence),
        ("-L", Key::Licence),
        ("--lice", Key::Licence),
        ("-gh app", Key::Help),
    ] {
        let parsed = parse_words(words, &[]).0;
        assert!(matches!(parsed, Parsed::Print(Door::Native, shown) if shown == page), "{words}");
    }
    assert_eq!(command_at("app --help"), 1);
}

/// Every argument of up to three bytes from an alphabet that holds what the parser looks at.
#[test]
fn no_short_argument_upsets_the_parser() {
    let alphabet = b"-=:,gpe1\0\xff";
    let mut words = vec![vec![]];
    for _ in 0..3 {
        let longer = words.iter().flat_map(|word: &Vec<u8>| {
            alphabet.iter().map(|byte| [word.as_slice(), &[*byte]].concat())
        });
        let longer: Vec<_> = longer.collect();
        words.extend(longer);
    }
    for word in &words {
        let args = [b"init".as_slice(), word, b"--to", word, b"app"];
        let entry = [b"SEXTON_REWRITE=".as_slice(), word].concat();
        let mut policy = Policy::native();
        parse(&mut policy, args.into_iter(), core::iter::once(entry.as_slice()));
    }
}

#[test]
fn the_help_fits_a_terminal_and_its_rows_say_what_the_parser_reads() {
    for line in printed(Door::Native, Key::Help).lines() {
        assert!(line.len() <= 98, "{line}");
    }
    for row in native::TABLE.rows {
        let name = format!("{:?}", row.key).to_lowercase();
        assert_eq!(row.name.replace('-', ""), name);
        let (option, value) = row.typed.split_once("--").unwrap();
        let letter = option.trim_end().strip_prefix('-').map_or(0, |letter| letter.as_bytes()[0]);
        assert_eq!(letter, row.letter, "{name}");
        let value = value.strip_prefix(row.name).unwrap().trim_start();
        assert_eq!(row.key.takes_value(), !value.is_empty(), "{name}");
        assert!(value.bytes().all(|byte| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ:[]".contains(&byte)));
    }
}

#[test]
fn a_beginning_that_is_no_others_is_enough() {
    assert_eq!(policy("--stop-t 9s a", &[]).stop_timeout, Span::from_secs(9));
    assert_eq!(refusal("--stop 9s a", &[]).0, Complaint::UnknownOption);
    assert_eq!(policy("a", &["SEXTON_STOP_T=9s"]).stop_timeout, Span::FOREVER);
}

#[test]
fn every_option_has_the_letter_of_its_table() {
    let doors = [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit, Door::Pause];
    for (door, table) in doors.into_iter().zip(TABLES) {
        for key in KEYS {
            let letter = table.row(key).map_or(0, |row| row.letter);
            assert_eq!(door.letter(key), letter, "{door:?} {key:?}");
        }
    }
}

#[test]
fn every_table_is_in_the_order_of_the_keys_and_its_keys_are_in_theirs() {
    for (place, key) in KEYS.iter().enumerate() {
        assert_eq!(*key as usize, place);
    }
    for table in TABLES {
        assert!(table.rows.is_sorted_by(|a, b| a.key < b.key));
    }
}
