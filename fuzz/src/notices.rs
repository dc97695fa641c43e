//! Lines of the log, whatever they tell.

use sexton_core::door::{Complaint, Door};
use sexton_core::errno::Errno;
use sexton_core::exec::Kind;
use sexton_core::exit::ExitState;
use sexton_core::limits::LINE_MAX;
use sexton_core::notice::{Phrase, Saying, Value, Whose};
use sexton_core::policy::{Format, Policy, Voice};
use sexton_core::process::Pid;
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::text::Text;

const DOORS: [Door; 5] = [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit, Door::Pause];

const COMPLAINTS: [Complaint; 6] = [
    Complaint::UnknownLetter,
    Complaint::UnknownOption,
    Complaint::NoValue,
    Complaint::UnwantedValue,
    Complaint::NoCommand,
    Complaint::BadValue,
];

const KINDS: [Kind; 6] =
    [Kind::Script, Kind::Program, Kind::Text, Kind::Data, Kind::Directory, Kind::Unknown];

/// Of an input the first bytes choose the sentence, the voice and the numbers; the others are what
/// was given to us from outside, in two pieces with an end of line between.
pub fn check(bytes: &[u8]) {
    let (head, rest) = bytes.split_at(bytes.len().min(8));
    let byte = |place: usize| head.get(place).copied().unwrap_or(0);
    let (one, other) = match rest.iter().position(|byte| *byte == b'\n') {
        Some(place) => (&rest[..place], &rest[place + 1..]),
        None => (rest, &rest[..0]),
    };
    let number = u32::from_le_bytes([byte(3), byte(4), byte(5), byte(6)]);
    let (saying, values) = sentence(byte(0), number, one, other);
    let door = DOORS[usize::from(byte(1)) % DOORS.len()];
    let own = Pid::new(number).unwrap_or(Pid::NOBODY);
    let voice = Voice { door, own, level: byte(2), ..Policy::native().voice };
    let _ = saying.is_for(&voice);
    let text = write(saying, &values, &voice);
    is_lines(&text);
    // JSON is said in the words of the native door.
    let voice = Voice { door: Door::Native, ..voice };
    let text = write(saying, &values, &voice);
    let line = text.strip_prefix("sexton-init: ").expect("it says who speaks");
    let object = write(saying, &values, &Voice { format: Format::Json, ..voice });
    is_lines(&object);
    is_object(&object, line);
}

/// Something to say, as the init says it.
fn sentence<'a>(
    choice: u8,
    number: u32,
    one: &'a [u8],
    other: &'a [u8],
) -> (Saying, Vec<Value<'a>>) {
    let signal = Signal::new(number % 64 + 1).unwrap_or(Signal::TERM);
    // The kernel has no larger ones: MAX_ERRNO in include/linux/err.h.
    let errno = Errno(number % 4096);
    let place = usize::from(choice / 8);
    let status = WaitStatus::decode(number & 0x7fff);
    match choice % 8 {
        0 | 1 => {
            let (saying, last) = Saying::exec_failed(errno, KINDS[place % KINDS.len()], other);
            (saying, vec![Value::Foreign(one), Value::Errno(errno), last])
        }
        2 => {
            let complaint = COMPLAINTS[place % COMPLAINTS.len()];
            let door = DOORS[place % DOORS.len()];
            let help = Value::Line(door.help(), number as u8);
            (Saying::refused(complaint), vec![Value::Foreign(one), help, help, help])
        }
        3 => {
            let whose = [Whose::Main, Whose::Orphan, Whose::Child][place % 3];
            let end = Value::of_end(status).unwrap_or(Value::Signal(signal));
            (Saying::ended(whose, status), vec![Value::Number(number), end, end])
        }
        4 => {
            let state = [ExitState::Clean, ExitState::GaveUp, ExitState::MainLost][place % 3];
            let number = Value::Number(number);
            (Saying::done(state), vec![number, number, Value::Signal(signal)])
        }
        5 => {
            let number = Value::Number(number);
            (Saying::Killing, vec![number, Value::Foreign(one), number])
        }
        6 => {
            let values = vec![Phrase::BlockSignals.into(), Value::Errno(errno)];
            (Saying::Unable, values)
        }
        _ => {
            let values = vec![Value::Signal(signal), Phrase::TheUntold.into()];
            (if place % 2 == 0 { Saying::Told } else { Saying::TellFailed }, values)
        }
    }
}

fn write(saying: Saying, values: &[Value<'_>], voice: &Voice) -> String {
    let mut buffer = [0; LINE_MAX];
    let mut text = Text::new(&mut buffer);
    saying.write(values, voice, &mut text);
    String::from_utf8(text.bytes().to_vec()).expect("nothing but ASCII is written")
}

/// Nothing that was given to us can add a line or steer a terminal; sentences of ours may be two.
fn is_lines(text: &str) {
    assert!(text.ends_with('\n'), "{text:?} does not end");
    assert!(text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')), "{text:?}");
    assert!(text.lines().count() <= 5, "{text:?}");
}

/// One object of JSON, whose message is the line that people read; or its beginning, as what it
/// tells is there twice.
fn is_object(object: &str, line: &str) {
    assert_eq!(object.lines().count(), 1, "{object:?}");
    let value: serde_json::Value = serde_json::from_str(object)
        .unwrap_or_else(|error| panic!("{error}: {object:?} for {line:?}"));
    let message = value["message"].as_str().unwrap_or_else(|| panic!("no message: {object:?}"));
    let line = line.strip_suffix('\n').expect("said above");
    // Of a long text less is shown in JSON, where a quote takes two bytes.
    let cut = object.len() + 8 >= LINE_MAX || message.contains("...");
    assert!(cut || message == line, "{message:?} is not {line:?}");
    let shown = message.split("..").next().unwrap_or_default();
    assert!(
        line.starts_with(shown.trim_end_matches('.')),
        "{message:?} does not begin as {line:?}"
    );
}
