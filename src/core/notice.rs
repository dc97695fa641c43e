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
use crate::words::{piece, pieces, split_at_mark, worded};

worded! {
    /// What can be said: the level, the name of the event, and the sentence.
    #[expect(missing_docs, reason = "their sentences say it")]
    Saying {
        Started "2started:started {command} as {pid}"
        MainExited "2main-ended:main command {pid} exited with {code}"
        MainKilled "2main-ended:main command {pid} was ended by {signal}"
        OrphanExited "3orphan-reaped:reaped orphan {pid}, which exited with {code}"
        OrphanKilled "3orphan-reaped:reaped orphan {pid}, which was ended by {signal}"
        Told "3told:sent {signal} to {to}"
        TellFailed "1tell-failed:unable to send {signal}: {errno}"
        Killing "1killing:not gone {after_ms} ms after being told, so SIGKILL: {processes}; orphans reaped before: {orphans}"
        NoProc "1no-proc:no usable /proc: only the command's process group can be told"
        Done "2done:exit status {code}, orphans reaped: {orphans}"
        GaveUp "1gave-up:exit status {code}, though SIGKILL left some; orphans reaped: {orphans}"
        MainLost "0main-lost:exit status {code}, as the command's is lost; orphans reaped: {orphans}"
        Unable "1unable:unable to {step}: {errno}"
        CannotStart "0cannot-start:unable to {step}: {errno}"
        ExecFailed "0exec:exec {command}: {errno}"
        ExecNeeds "0exec:exec {command}: {errno}: it needs {interpreter}"
        ExecDirectory "0exec:exec {command}: {errno} (a directory)"
        ExecNotExecutable "0exec:exec {command}: {errno} (not executable: chmod +x)"
        ExecOtherMachine "0exec:exec {command}: {errno} (a program for another machine)"
        ExecData "0exec:exec {command}: {errno} (no program, no text)"
        UnknownOption "0refused:unknown option {word}: see --help"
        NoValue "0refused:no value after {word}: see --help"
        UnwantedValue "0refused:no value is wanted in {word}"
        NoCommand "0refused:no command to run: see --help"
        BadValue "0refused:bad value {word} for --{option}: use {advice}"
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

    /// For a command that could not be run, by what the file is; with what it needs, if that is
    /// what is missing.
    pub fn exec_failed(errno: Errno, kind: Kind<'_>) -> (Saying, &[u8]) {
        let saying = match (errno, kind) {
            (Errno::NOENT | Errno::LIBBAD, Kind::Script(path) | Kind::Program(path)) => {
                return (Saying::ExecNeeds, path);
            }
            (_, Kind::Directory) => Saying::ExecDirectory,
            (Errno::ACCES, kind) if kind != Kind::Unknown => Saying::ExecNotExecutable,
            (Errno::NOEXEC, Kind::Program(_)) => Saying::ExecOtherMachine,
            (Errno::NOEXEC, Kind::Data) => Saying::ExecData,
            _ => Saying::ExecFailed,
        };
        (saying, b"")
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
        match self.words().first() {
            Some(b'0') => Level::Error,
            Some(b'1') => Level::Warning,
            Some(b'2') => Level::Info,
            _ => Level::Debug,
        }
    }

    /// Whether this voice says such things.
    pub fn is_for(self, voice: &Voice) -> bool {
        self.level(voice) <= voice.level
    }

    /// Writes the line, with these values.
    pub fn write(self, values: &[Value<'_>], voice: &Voice, line: &mut Text<'_>) {
        let (event, sentence) = split_at_mark(self.words(), b':').unwrap_or_default();
        if voice.format == Format::Json {
            line.text(b"{\"init\":\"sexton\",\"level\":\"");
            line.text(piece(b"error warning info debug", b' ', self.level(voice) as usize));
            line.text(b"\",\"event\":\"");
            line.text(event.get(1..).unwrap_or_default());
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
    let mut values = values.iter();
    // Before the first `{` there are words; each further piece is `key}words`.
    for piece in pieces(sentence, b'{') {
        let mut words = piece;
        if let Some((key, after)) = split_at_mark(piece, b'}')
            && let Some(value) = values.next()
        {
            words = after;
            value.write(key, line, mode);
        }
        if mode == Mode::Words {
            line.text(words);
        }
    }
}

impl Value<'_> {
    fn write(&self, key: &[u8], line: &mut Text<'_>, mode: Mode) {
        let fields = mode == Mode::Fields;
        if fields {
            line.text(b",\"");
            line.text(key);
            line.text(b"\":");
        }
        match self {
            Value::Number(number) => return line.number(*number),
            Value::Errno(errno) if fields => return line.number(errno.0),
            _ => {}
        }
        if fields {
            line.open_string();
        }
        match self {
            Value::Number(_) => {}
            Value::Errno(errno) => errno.write(line),
            Value::Signal(signal) => signal.write(line),
            Value::Foreign(bytes) => line.foreign(bytes),
        }
        if fields {
            line.close_string();
        }
    }
}
