//! Everything the init can say, and the formats it is said in.
//!
//! A notice is a sentence with places in `{}` and the values for them. For people the values are
//! put into the sentence, in the words of the door; for programs they are also fields of a JSON
//! object, named by what stands in the `{}`.

use crate::book::{Chapter, Page, SPOKEN};
use crate::door::{COUNT, Complaint, Door, NEVER, TABLES};
use crate::errno::Errno;
use crate::exec::Kind;
use crate::exit::ExitState;
use crate::policy::{Format, Orphans, Voice};
use crate::process::Pid;
use crate::signal::Signal;
use crate::status::WaitStatus;
use crate::text::Text;
use crate::words::pieces;

macro_rules! sayings {
    ($($saying:ident $level:literal $event:literal $sentence:literal)*) => {
        /// What can be said.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "their sentences say it")]
        pub enum Saying { $($saying),* }

        /// What the events are called in JSON.
        pub(crate) const EVENTS: &[&str] = &[$($event),*];

        /// How the native door says it, and from which level on.
        pub(crate) const NATIVE: &[(Saying, u8, &str)] =
            &[$((Saying::$saying, $level, $sentence)),*];
    };
}

sayings! {
    MainLost 0 "main-lost"
        "exit status {code}: the command's is lost; orphans reaped: {orphans}"
    CannotStart 0 "cannot-start" "unable to {step}: {errno}"
    StepFailed 0 "step-failed" "{2} failed: exit status {code}"
    ExecFailed 0 "exec" "exec {command}: {errno}{hint}"
    ExecNeeds 0 "exec" "exec {command}: {errno}: it needs {interpreter}"
    UnknownLetter 0 "refused" "unknown option -{word}: see --help"
    UnknownOption 0 "refused" "unknown option {word}: see --help"
    NoValue 0 "refused" "no value after option {word}: see --help"
    UnwantedValue 0 "refused" "no value wanted in {word}"
    NoCommand 0 "refused" "no command to run: see --help"
    BadValue 0 "refused" "bad value {word} for {option}"
    NoUser 0 "refused" "no user {user} in /etc/passwd"
    NoGroup 0 "refused" "no group {group} in /etc/group"
    ManyGroups 0 "refused" "{user} is in more than 256 groups"
    TellFailed 1 "tell-failed" "unable to send {signal}: {errno}"
    Killing 1 "killing"
        "not gone in {after_ms} ms, so SIGKILL: {processes}; orphans reaped: {orphans}"
    NoProc 1 "no-proc" "no /proc: only the command's group is told"
    GaveUp 1 "gave-up"
        "exit status {code}, some survived SIGKILL; orphans reaped: {orphans}"
    Unable 1 "unable" "unable to {step}: {errno}"
    FileFailed 1 "file-failed" "unable to {step} {file}: {errno}"
    NotInit 7 "" ""
    SteppedAside 1 "step-aside" "{command} becomes PID 1: see --step-aside"
    Started 2 "started" "started {command} as {pid}"
    Settled 7 "" ""
    MainExited 2 "main-ended" "command {pid} exited with {code}"
    MainKilled 2 "main-ended" "command {pid} ended by {signal}"
    Done 2 "done" "exit status {code}, orphans reaped: {orphans}"
    OrphanExited 3 "orphan-reaped" "orphan {pid} exited with {code}"
    OrphanKilled 3 "orphan-reaped" "orphan {pid} ended by {signal}"
    Told 3 "told" "sent {signal} to {to}"
    Heard 4 "heard" "received {signal}"
    Translated 7 "" ""
    Dropped 7 "" ""
    ChildExited 7 "" ""
    ChildKilled 7 "" ""
    Suspended 7 "" ""
    Forgotten 7 "" ""
    Running 7 "" ""
    PrologueRuns 7 "" ""
    ServicesStart 7 "" ""
    ServicesStarted 7 "" ""
    ServicesEnded 2 "services-ended" "supervisor {pid} ended: {how}"
    Interrupted 7 "" ""
    Asked 7 "" ""
    Forced 1 "forced" "{program} as {pid} was told to end and did not, so SIGKILL"
    Aborted 7 "" ""
    Draining 7 "" ""
    Descendants 7 "" ""
}

/// How many.
pub const SAYINGS: usize = EVENTS.len();

/// From which level on it is said: three bits for each door.
static LEVELS: [u32; SAYINGS] = {
    let (mut levels, mut saying) = ([0; SAYINGS], 0);
    while saying < SAYINGS {
        let mut door = 0;
        while door < COUNT {
            levels[saying] |= (TABLES[door].level(saying) as u32) << (3 * door);
            door += 1;
        }
        saying += 1;
    }
    levels
};

macro_rules! phrases {
    ($($phrase:ident $words:literal)*) => {
        /// Words of ours that can be a value; before them lists of words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "their words say it")]
        pub enum Phrase { $($phrase),* }

        pub(crate) const PHRASES: &[&str] = &[$($words),*];
    };
}

phrases! {
    Insisting "/init /sbin/init /usr/sbin/init /lib/systemd/systemd \
        /usr/lib/systemd/systemd /sbin/my_init"
    Signals "HUP\nINT\nQUIT\nILL\nTRAP\nABRT\nBUS\nFPE\nKILL\nUSR1\nSEGV\nUSR2\nPIPE\nALRM\n\
        TERM\nSTKFLT\nCHLD\nCONT\nSTOP\nTSTP\nTTIN\nTTOU\nURG\nXCPU\nXFSZ\nVTALRM\nPROF\nWINCH\n\
        IO\nPWR\nSYS\n32\n33\nRTMIN\nIOT\nCLD\nPOLL\nRTMAX"
    Errors "\nOperation not permitted\nNo such file or directory\n\n\nInput/output error\n\n\
        Argument list too long\nExec format error\n\n\nResource temporarily unavailable\n\
        Cannot allocate memory\nPermission denied\n\n\n\n\n\n\nNot a directory\n\
        Is a directory\nInvalid argument\n\n\n\nText file busy\n\n\
        No space left on device\n\nRead-only file system\n\n\n\n\n\nFile name too long\n\n\
        Function not implemented\n\nToo many levels of symbolic links"
    TheCommand "the command"
    ItsGroup "its group"
    Everyone "everyone"
    TheUntold "everyone not told yet"
    Services "the services' supervisor"
    BlockSignals "block signals"
    StopIgnoringChld "stop ignoring SIGCHLD"
    MakeProcess "make a process"
    ReadPasswd "read /etc/passwd"
    ReadGroup "read /etc/group"
    BecomeUser "become the user"
    BecomeSubreaper "become subreaper"
    WatchParent "watch its parent"
    GiveItsPlace "give the command its place"
    Read "read"
    Write "write"
    Nothing ""
    Directory " (a directory)"
    NotExecutable " (needs chmod +x)"
    OtherMachine " (for another machine)"
    NoProgram " (no program, no text)"
    LevelError "{\"init\":\"sexton\",\"level\":\"error\",\"event\":\""
    LevelWarning "{\"init\":\"sexton\",\"level\":\"warning\",\"event\":\""
    LevelInfo "{\"init\":\"sexton\",\"level\":\"info\",\"event\":\""
    LevelDebug "{\"init\":\"sexton\",\"level\":\"debug\",\"event\":\""
    JsonMessage ",\"message\":"
}

impl Phrase {
    /// Its words.
    pub const fn page(self) -> Page {
        Page::of(Chapter::Phrases, self as usize)
    }

    /// How a line of this level begins in JSON.
    fn level(level: u8) -> Page {
        Page::of(Chapter::Phrases, Phrase::LevelError as usize + usize::from(level.min(3)))
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
    /// Words of ours: this line of the page.
    Line(Page, u8),
    /// Whatever was given to us.
    Foreign(&'a [u8]),
}

impl From<Pid> for Value<'_> {
    fn from(pid: Pid) -> Self {
        Value::Number(pid.number())
    }
}

impl From<Phrase> for Value<'_> {
    fn from(phrase: Phrase) -> Self {
        Value::Line(phrase.page(), 0)
    }
}

impl Value<'_> {
    /// How a child ended; `None`: it has not.
    pub const fn of_end(status: WaitStatus) -> Option<Self> {
        match status {
            WaitStatus::Exited(code) => Some(Value::Number(code as u32)),
            WaitStatus::Killed(signal) => Some(Value::Signal(signal)),
            WaitStatus::Stopped(_) | WaitStatus::Continued => None,
        }
    }

    /// Writes words as they are, whosever they are: a path, or what a shell shall read.
    #[inline(never)]
    pub fn copy(self, to: &mut Text<'_>) {
        match self {
            Value::Foreign(bytes) => to.text(bytes),
            Value::Line(page, number) => page.write_line(number.into(), to),
            _ => {}
        }
    }
}

/// A child that ended, as far as words go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Whose {
    /// The main command.
    Main,
    /// Any other.
    Orphan,
    /// Any at all.
    Child,
}

impl Saying {
    /// For the end of a child.
    pub fn ended(whose: Whose, status: WaitStatus) -> Saying {
        let killed = matches!(status, WaitStatus::Killed(_));
        match whose {
            Whose::Main if killed => Saying::MainKilled,
            Whose::Main => Saying::MainExited,
            Whose::Orphan if killed => Saying::OrphanKilled,
            Whose::Orphan => Saying::OrphanExited,
            Whose::Child if killed => Saying::ChildKilled,
            Whose::Child => Saying::ChildExited,
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
            (_, Kind::Directory) => Phrase::Directory,
            (Errno::ACCES, kind) if kind != Kind::Unknown => Phrase::NotExecutable,
            (Errno::NOEXEC, Kind::Program) => Phrase::OtherMachine,
            (Errno::NOEXEC, Kind::Data) => Phrase::NoProgram,
            _ => Phrase::Nothing,
        };
        (Saying::ExecFailed, hint.into())
    }

    /// For a mistake of the command line.
    pub fn refused(complaint: Complaint) -> Saying {
        match complaint {
            Complaint::UnknownLetter => Saying::UnknownLetter,
            Complaint::UnknownOption => Saying::UnknownOption,
            Complaint::NoValue => Saying::NoValue,
            Complaint::UnwantedValue => Saying::UnwantedValue,
            Complaint::NoCommand => Saying::NoCommand,
            Complaint::BadValue => Saying::BadValue,
        }
    }

    /// Whether this voice says such things.
    pub fn is_for(self, voice: &Voice) -> bool {
        let orphan = matches!(self, Saying::OrphanExited | Saying::OrphanKilled);
        let warns = orphan && voice.orphans == Orphans::Said;
        let level = if warns { 1 } else { self.level(voice) };
        level <= voice.level && level < NEVER
    }

    fn level(self, voice: &Voice) -> u8 {
        let levels = LEVELS.get(self as usize).copied().unwrap_or(u32::MAX);
        (levels >> (3 * voice.door as u32)) as u8 & NEVER
    }

    /// How this door says it; empty if it says it as the native one does.
    fn sentence(self, door: Door) -> Page {
        Page::of(Chapter::Sentences, door as usize * SAYINGS + self as usize)
    }

    /// Writes the line, with these values.
    pub fn write(self, values: &[Value<'_>], voice: &Voice, line: &mut Text<'_>) {
        let mut room = [0; SPOKEN];
        let mut sentence = self.sentence(voice.door).read(&mut room);
        let native = voice.door == Door::Native || sentence.is_empty();
        if native {
            sentence = self.sentence(Door::Native).read(&mut room);
        }
        if voice.format == Format::Json {
            Phrase::level(self.level(voice)).write_line(0, line);
            Page::of(Chapter::Events, self as usize).write_line(0, line);
            line.byte(b'"');
            each(sentence, values, line, Mode::Fields);
            Phrase::JsonMessage.page().write_line(0, line);
            line.open_string();
        } else if native {
            line.text(if voice.door == Door::Setuser { b"setuser: " } else { b"sexton-init: " });
        }
        each(sentence, values, line, Mode::Words(voice.own));
        line.end();
    }
}

/// What stands in the book around keys, for both braces.
pub(crate) const KEY_MARK: u8 = b'{';

/// What stands in the book for `%`: a key of no value means our own number.
pub(crate) const OWN: &str = "{9{";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A sentence; this is our own number.
    Words(Pid),
    /// `,"key":value` for each value.
    Fields,
}

/// The sentence with its values, or the values alone as fields. The values come in their order,
/// unless a key is the place of one: `{1}`, or `{#1}` for a signal's number.
fn each(sentence: &[u8], values: &[Value<'_>], line: &mut Text<'_>, mode: Mode) {
    let fields = mode == Mode::Fields;
    let mut form = if fields { Form::Field } else { Form::Words };
    let (mut place, mut is_key) = (0, false);
    for part in pieces(sentence, KEY_MARK) {
        if is_key {
            if fields {
                line.text(b",\"");
                line.text(part);
                line.text(b"\":");
            }
            if part.first() == Some(&b'#') {
                form = Form::Number;
            }
            if let Some(digit @ b'0'..=b'9') = part.last() {
                place = usize::from(digit - b'0');
            }
            match (values.get(place), mode) {
                (Some(value), _) => value.write(line, form),
                (None, Mode::Words(own)) => line.number(own.number()),
                (None, Mode::Fields) => {}
            }
            place += 1;
        } else if !fields {
            line.text(part);
        }
        is_key = !is_key;
    }
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// For people.
    Words,
    /// A signal as its number.
    Number,
    /// As the value of a field of JSON.
    Field,
}

impl Value<'_> {
    fn write(&self, line: &mut Text<'_>, form: Form) {
        let field = form == Form::Field;
        let quoted = field && !matches!(self, Value::Number(_) | Value::Errno(_));
        if quoted {
            line.open_string();
        }
        match self {
            Value::Foreign(bytes) => line.foreign(bytes),
            Value::Line(page, number) => page.write_line((*number).into(), line),
            Value::Signal(signal) if form == Form::Number => line.number(signal.number().into()),
            Value::Signal(signal) => signal.write(line),
            Value::Errno(errno) if !field => errno.write(line),
            Value::Number(number) | Value::Errno(Errno(number)) => line.number(*number),
        }
        if quoted {
            line.close_string();
        }
    }
}

#[cfg(test)]
mod tests;
