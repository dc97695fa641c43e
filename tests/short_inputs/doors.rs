//! What every front door holds to, whatever it is given.

use sexton_core::book::ROOM;
use sexton_core::course::Stage;
use sexton_core::door::{Complaint, Door, Key, Parsed, Refusal};
use sexton_core::limits::LINE_MAX;
use sexton_core::notice::{Saying, Value};
use sexton_core::policy::{Format, Mode, Policy, StopsHeard, Voice};
use sexton_core::process::Pid;
use sexton_core::text::Text;

use crate::line::{CommandLine, alike};
use crate::spelling;

/// What has to hold for a command line, as [`CommandLine::read`] reads one.
pub fn check(text: &[u8]) {
    check_line(&CommandLine::read(text));
}

/// What has to hold for this command line.
pub fn check_line(line: &CommandLine) {
    match line.parse() {
        (Parsed::Run(launch), policy) if reads_otherwise(&policy) => {
            assert!(launch.command_at < line.words.len(), "beyond the words: {line:?}");
        }
        (Parsed::Run(launch), policy) => {
            let place = launch.command_at;
            if place < line.words.len() {
                the_rest_is_the_commands(line, place, &policy);
            } else {
                let services = launch.course.has(Stage::Services);
                assert!(policy.mode == Mode::Pause || services, "without a command: {line:?}");
            }
            options_say_the_same(&policy);
        }
        (Parsed::Print(door, key), _) => {
            assert!(key >= Key::Help, "{key:?} prints nothing: {line:?}");
            let mut room = [0; ROOM];
            let page = door.answer(key).read(&mut room);
            assert!(page.ends_with(b"\n") && page.is_ascii(), "{door:?} {key:?}: {line:?}");
        }
        (Parsed::Refuse(_), policy) if reads_otherwise(&policy) => {}
        (Parsed::Refuse(refusal), policy) => {
            stays_wrong(line, &refusal, &policy);
            names_the_word(line, &refusal);
        }
    }
}

/// Whether the words are read in another way than by all others: my_init's options may stand behind
/// the command, and setuser has none.
fn reads_otherwise(policy: &Policy) -> bool {
    policy.stops_heard == StopsHeard::First || policy.mode == Mode::Become
}

/// The command and all that follows it mean nothing to us; and where it begins can be said by `--`.
fn the_rest_is_the_commands(line: &CommandLine, place: usize, policy: &Policy) {
    let same = |line: &CommandLine, at: usize| match line.runs() {
        Some((found, other)) => found == at && alike(&other, policy),
        None => false,
    };
    let alone = line.up_to(place + 1);
    assert!(same(&alone, place), "the command's words are read: {line:?}");
    let marked = place > 1 && line.words[place - 1] == b"--";
    let bare = if marked { alone.up_to(place) } else { alone.up_to(place).with(place, b"--") };
    let behind = bare.words.len();
    for word in [line.words[place].as_slice(), b"-h"] {
        assert!(same(&bare.with(behind, word), behind), "behind -- is no option: {line:?}");
    }
}

/// What a policy of the native door means can be written as options, in each of three ways.
fn options_say_the_same(policy: &Policy) {
    let Some(options) = spelling::options(policy) else { return };
    let (mut apart, mut joined) = (CommandLine::default(), CommandLine::default());
    let mut set = CommandLine::default();
    for line in [&mut apart, &mut joined, &mut set] {
        line.words.push(b"sexton-init".to_vec());
    }
    for (name, value) in &options {
        let option = format!("--{name}");
        let variable = format!("SEXTON_{}", name.to_uppercase().replace('-', "_"));
        apart.words.push(option.clone().into());
        match value {
            Some(value) => {
                apart.words.push(value.clone().into());
                joined.words.push(format!("{option}={value}").into());
                set.environment.push(format!("{variable}={value}").into());
            }
            None => {
                joined.words.push(option.into());
                set.environment.push(format!("{variable}=1").into());
            }
        }
    }
    for mut line in [apart, joined, set] {
        line.words.push(b"app".to_vec());
        let (_, again) = line.runs().unwrap_or_else(|| panic!("{policy:?} as {line:?}"));
        assert!(alike(&again, policy), "{policy:?}\nas {line:?}\nis {again:?}");
    }
}

/// What is wrong is wrong whatever follows it.
fn stays_wrong(line: &CommandLine, refusal: &Refusal<'_>, policy: &Policy) {
    let ended = matches!(refusal.complaint, Complaint::NoCommand | Complaint::NoValue);
    if ended || policy.mode == Mode::Pause {
        return;
    }
    let longer = line.with(line.words.len(), b"-h");
    let (Parsed::Refuse(again), _) = longer.parse() else {
        panic!("no longer refused with another word: {line:?}");
    };
    assert_eq!((again.complaint, again.word), (refusal.complaint, refusal.word), "{line:?}");
}

/// A refusal is about a word that was given, and says it.
fn names_the_word(line: &CommandLine, refusal: &Refusal<'_>) {
    let Refusal { complaint, word, door, key } = *refusal;
    let given = line.words.iter().chain(&line.environment);
    let mut given = given.map(Vec::as_slice).chain([&b"tini"[..]]);
    let part = |whole: &[u8]| word.is_empty() || whole.windows(word.len()).any(|w| w == word);
    assert!(given.any(part), "{word:?} was not given: {line:?}");
    assert_eq!(
        complaint == Complaint::BadValue,
        key.is_some() && complaint != Complaint::NoCommand
    );
    let values = [
        Value::Foreign(word),
        Value::Line(Door::Native.help(), key.unwrap_or(Key::Help).line()),
        Value::Foreign(&[b'-', door.letter(key.unwrap_or(Key::Help))]),
        Value::Line(door.help(), 0),
    ];
    for format in [Format::Text, Format::Json] {
        let voice =
            Voice { door: Door::Native, own: Pid::NOBODY, format, ..Policy::native().voice };
        let mut buffer = [0; LINE_MAX];
        let mut text = Text::new(&mut buffer);
        Saying::refused(complaint).write(&values, &voice, &mut text);
        let said = text.bytes();
        let (end, inner) = said.split_last().expect("something is said");
        assert!(*end == b'\n' && inner.iter().all(|byte| matches!(byte, b' '..=b'~')), "{line:?}");
        let shown = escaped(word, format);
        let names = complaint == Complaint::NoCommand
            || inner.windows(shown.len().max(1)).any(|part| shown.is_empty() || part == shown);
        assert!(names, "{:?} does not name {word:?}", String::from_utf8_lossy(said));
    }
}

/// As much of a word as every line has room for, as the log shows it.
fn escaped(word: &[u8], format: Format) -> Vec<u8> {
    let mut shown = Vec::new();
    for byte in word {
        let escape = match (byte, format) {
            (b'\\', Format::Text) => r"\x5c".to_owned(),
            (b'\\', Format::Json) => r"\\x5c".to_owned(),
            (b'"', Format::Json) => "\\\"".to_owned(),
            (b' '..=b'~', _) => char::from(*byte).to_string(),
            (_, Format::Text) => format!("\\x{byte:02x}"),
            (_, Format::Json) => format!("\\\\x{byte:02x}"),
        };
        if shown.len() + escape.len() > 300 {
            break;
        }
        shown.extend(escape.bytes());
    }
    shown
}
