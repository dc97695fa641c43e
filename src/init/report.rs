//! The log, on standard error. A line may get lost; it never blocks, never kills, and never
//! changes how the command's own writes behave.

use sexton_core::book::ROOM;
use sexton_core::door::{Door, Key, Refusal, Stream};
use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::limits::LINE_MAX;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::Voice;
use sexton_core::text::Text;

use crate::sys::{self, Descriptor, Open, STDERR};

/// Says it, with these values, if this voice says such things.
#[inline(never)]
pub fn say(voice: &Voice, saying: Saying, values: &[Value<'_>]) {
    if saying.is_for(voice) {
        say_now(voice, saying, values);
    }
}

/// Apart, so that the stack of the line is touched only where there is one.
#[inline(never)]
fn say_now(voice: &Voice, saying: Saying, values: &[Value<'_>]) {
    let mut buffer = [0; LINE_MAX];
    let mut line = Text::new(&mut buffer);
    saying.write(values, voice, &mut line);
    write(line.bytes());
}

/// Says that a step of the start did not work.
#[inline(never)]
pub fn unable(voice: &Voice, saying: Saying, step: Phrase, errno: Errno) {
    say(voice, saying, &[step.into(), Value::Errno(errno)]);
}

/// Says that a file could not be used.
#[inline(never)]
pub fn file_failed(voice: &Voice, step: Phrase, file: &[u8], errno: Errno) {
    say(voice, Saying::FileFailed, &[step.into(), Value::Foreign(file), Value::Errno(errno)]);
}

/// Says what is wrong with the command line or the environment.
#[inline(never)]
pub fn refusal(voice: &Voice, refusal: &Refusal<'_>) {
    let key = refusal.key.unwrap_or(Key::Help);
    let values = [
        Value::Foreign(refusal.word),
        Value::Line(Door::Native.help(), key.line()),
        Value::Foreign(&[b'-', voice.door.letter(key)]),
        Value::Line(voice.door.help(), 0),
    ];
    say(voice, Saying::refused(refusal.complaint), &values);
    if voice.door.helps_with(refusal.complaint) {
        print(voice.door, Key::Help, STDERR);
    }
}

/// Prints a page. Nothing has been started, so this one may block.
pub fn page(door: Door, key: Key) -> ExitCode {
    match door.prints(key) {
        Stream::Output => print(door, key, sys::STDOUT),
        Stream::Error => print(door, key, STDERR),
    }
}

#[inline(never)]
fn print(door: Door, key: Key, to: Descriptor) -> ExitCode {
    let mut room = [0; ROOM];
    let page = door.answer(key).read(&mut room);
    // No signal can interrupt it.
    match sys::write(to, page) {
        Ok(len) if len as usize == page.len() => ExitCode::SUCCESS,
        _ => ExitCode::OWN_FAILURE,
    }
}

/// One line, by the first way that works. O_NONBLOCK on the descriptor itself is none of them: it
/// would change the command's standard error too, which is the same open file (open(2)).
fn write(line: &[u8]) {
    // A socket.
    if done(sys::send_nowait(STDERR, line)) {
        return;
    }
    // A file does not block; and opened anew it would be written from its start.
    if !sys::has_position(STDERR) {
        // A pipe or a terminal, opened a second time for us alone.
        if let Ok(file) = sys::open(c"/proc/self/fd/2".into(), Open::Append) {
            let written = sys::write(file, line);
            sys::close(file);
            if done(written) {
                return;
            }
        }
        // Somebody else may fill the pipe in between; it is the best that is left.
        if !sys::is_writable(STDERR) {
            return;
        }
    }
    let _ = sys::write(STDERR, line);
}

/// Whether there is nothing more to try: it was written, or has to be dropped because nobody
/// reads.
fn done(written: Result<u32, Errno>) -> bool {
    matches!(written, Ok(_) | Err(Errno::AGAIN | Errno::PIPE))
}
