//! Everything the init can say, and the two formats it is said in.
//!
//! A notice is a sentence with places in `{}` and the values for them. For people the values are
//! put into the sentence; for programs they are also fields of a JSON object, named by what stands
//! in the `{}`.

use crate::door::Complaint;
use crate::errno::Errno;
use crate::exec::Kind;
use crate::exit::ExitState;
use crate::policy::{Format, Level, Orphans, Voice};
use crate::process::Pid;
use crate::signal::Signal;
use crate::status::WaitStatus;
use crate::text::Text;
use crate::words::{piece, worded};

worded! {
    /// What can be said: the name of the event, and the sentence. First the errors, then the
    /// warnings, then the life of the main command, then all the rest: see [`Saying::level`].
    #[expect(missing_docs, reason = "their sentences say it")]
    #[derive(PartialOrd)]
    Saying {
        MainLost "main-lost|exit status {code}: the command's is lost; orphans reaped: {orphans}"
        CannotStart "cannot-start|unable to {step}: {errno}"
        ExecFailed "exec|exec {command}: {errno}{hint}"
        ExecNeeds "exec|exec {command}: {errno}: it needs {interpreter}"
        UnknownOption "refused|unknown option {word}: see --help"
        NoValue "refused|no value after {word}: see --help"
        UnwantedValue "refused|no value wanted in {word}"
        NoCommand "refused|no command to run: see --help"
        BadValue "refused|bad value {word} for --{option}: {advice}"
        TellFailed "tell-failed|unable to send {signal}: {errno}"
        Killing
            "killing|not gone in {after_ms} ms, so SIGKILL: {processes}; orphans reaped: {orphans}"
        NoProc "no-proc|no usable /proc: only the command's group can be told"
        GaveUp "gave-up|exit status {code}, though some survived SIGKILL; orphans reaped: {orphans}"
        Unable "unable|unable to {step}: {errno}"
        Started "started|started {command} as {pid}"
        MainExited "main-ended|command {pid} exited with {code}"
        MainKilled "main-ended|command {pid} ended by {signal}"
        Done "done|exit status {code}, orphans reaped: {orphans}"
        OrphanExited "orphan-reaped|orphan {pid} exited with {code}"
        OrphanKilled "orphan-reaped|orphan {pid} ended by {signal}"
        Told "told|sent {signal} to {to}"
    }
}

/// What stands in a place of a sentence.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A number.
    Number(u32),
    /// A signal.
    Signal(Signal),
    /// An error.
    Errno(Errno),
    /// Whatever was given to us.
    Foreign(&'a [u8]),
}

impl From<Pid> for Value<'_> {
    fn from(pid: Pid) -> Self {
        Value::Number(pid.number())
    }
}

impl Saying {
    /// For the end of a child, with how it ended.
    pub fn ended(is_main: bool, status: WaitStatus) -> Option<(Saying, Value<'static>)> {
        let (exited, killed) = match is_main {
            true => (Saying::MainExited, Saying::MainKilled),
            false => (Saying::OrphanExited, Saying::OrphanKilled),
        };
        match status {
            WaitStatus::Exited(code) => Some((exited, Value::Number(code.into()))),
            WaitStatus::Killed(signal) => Some((killed, Value::Signal(signal))),
            WaitStatus::Stopped(_) | WaitStatus::Continued => None,
        }
    }

    /// For the end of the init.
    pub fn done(state: ExitState) -> Saying {
        match state {
            ExitState::Clean => Saying::Done,
            ExitState::GaveUp => Saying::GaveUp,
            ExitState::MainLost => Saying::MainLost,
        }
    }

    /// For a command that could not be run, by what the file is and the interpreter or loader it
    /// needs; with the last value of the sentence.
    pub fn exec_failed(errno: Errno, kind: Kind, needs: &[u8]) -> (Saying, Value<'_>) {
        let hint = match (errno, kind) {
            (Errno::NOENT | Errno::LIBBAD, Kind::Script | Kind::Program | Kind::Text) => {
                return (Saying::ExecNeeds, Value::Foreign(needs));
            }
            (_, Kind::Directory) => 1,
            (Errno::ACCES, kind) if kind != Kind::Unknown => 2,
            (Errno::NOEXEC, Kind::Program) => 3,
            (Errno::NOEXEC, Kind::Data) => 4,
            _ => 0,
        };
        let hints = b"| (a directory)| (needs chmod +x)\
            | (for another machine)| (no program, no text)";
        (Saying::ExecFailed, Value::Foreign(piece(hints, b'|', hint)))
    }

    /// For a mistake of the command line.
    pub fn refused(complaint: Complaint) -> Saying {
        match complaint {
            Complaint::UnknownOption => Saying::UnknownOption,
            Complaint::NoValue => Saying::NoValue,
            Complaint::UnwantedValue => Saying::UnwantedValue,
            Complaint::NoCommand => Saying::NoCommand,
            Complaint::BadValue => Saying::BadValue,
        }
    }

    /// How much there is to it.
    fn level(self, voice: &Voice) -> Level {
        let orphan = matches!(self, Saying::OrphanExited | Saying::OrphanKilled);
        if orphan && voice.orphans == Orphans::Said {
            return Level::Warning;
        }
        if self < Saying::TellFailed {
            Level::Error
        } else if self < Saying::Started {
            Level::Warning
        } else if self < Saying::OrphanExited {
            Level::Info
        } else {
            Level::Debug
        }
    }

    /// Whether this voice says such things.
    pub fn is_for(self, voice: &Voice) -> bool {
        self.level(voice) <= voice.level
    }

    /// Writes the line, with these values.
    pub fn write(self, values: &[Value<'_>], voice: &Voice, line: &mut Text<'_>) {
        let sentence = piece(self.words(), b'|', 1);
        if voice.format == Format::Json {
            line.text(b"{\"init\":\"sexton\",\"level\":\"");
            line.text(piece(b"error warning info debug", b' ', self.level(voice) as usize));
            line.text(b"\",\"event\":\"");
            line.text(piece(self.words(), b'|', 0));
            line.text(b"\"");
            each(sentence, values, line, Mode::Fields);
            line.text(b",\"message\":");
            line.open_string();
        } else {
            line.text(b"sexton-init: ");
        }
        each(sentence, values, line, Mode::Words);
        line.end();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A sentence.
    Words,
    /// `,"key":value` for each value.
    Fields,
}

/// The sentence with its values, or the values alone as fields.
fn each(sentence: &[u8], values: &[Value<'_>], line: &mut Text<'_>, mode: Mode) {
    let fields = mode == Mode::Fields;
    let mut values = values.iter();
    // Between braces stand the keys, and elsewhere the words.
    let mut in_key = false;
    for &byte in sentence {
        match byte {
            b'{' => {
                in_key = true;
                if fields {
                    line.text(b",\"");
                }
            }
            b'}' => {
                in_key = false;
                if fields {
                    line.text(b"\":");
                }
                if let Some(value) = values.next() {
                    value.write(line, fields);
                }
            }
            _ if in_key == fields => line.byte(byte),
            _ => {}
        }
    }
}

impl Value<'_> {
    /// `field`: as the value of a field of JSON.
    fn write(&self, line: &mut Text<'_>, field: bool) {
        let quoted = field && matches!(self, Value::Signal(_) | Value::Foreign(_));
        if quoted {
            line.open_string();
        }
        match self {
            Value::Foreign(bytes) => line.foreign(bytes),
            Value::Signal(signal) => signal.write(line),
            Value::Errno(errno) if !field => errno.write(line),
            Value::Number(number) | Value::Errno(Errno(number)) => line.number(*number),
        }
        if quoted {
            line.close_string();
        }
    }
}
