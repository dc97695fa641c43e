//! All that runs between the making of the process and its execve(2). It runs in our own memory
//! while we sleep, and it must leave nothing of ours behind: the mask, the ignored signals, the
//! descriptors and the working directory are those that we were given.

use sexton_core::accounts::Account;
use sexton_core::errno::Errno;
use sexton_core::exec::{DEFAULT_PATH, Kind, NextTry, SHELL};
use sexton_core::exit::ExitCode;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::{Faithful, PlainText};
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::text::{Path, Text};
use sexton_core::words::{has, pieces};

use crate::report;
use crate::steps::Steps;
use crate::sys::{self, Action, Command};
use crate::terminal::Terminal;
use crate::user;

/// What the child needs to know.
pub struct Plan<'p> {
    /// What all programs are given.
    pub steps: &'p Steps<'p>,
    /// What to run.
    pub command: Command<'p>,
    /// Where to settle.
    pub terminal: &'p Terminal,
    /// As whom it runs, if not as we do.
    pub user: Option<&'p Account<'p>>,
    /// What came of settling. It is not for the child to say, which a SIGPIPE from the log would
    /// kill.
    pub settled: Result<(), Errno>,
}

/// The longest path that execve(2) takes, and what [`Text`] keeps free.
const PATH_LONG: usize = 4096 + 8;

/// Room for ordinary paths; its size is what an ordinary start costs in memory.
const PATH_SHORT: usize = 256;

/// Room for `LISTEN_PID` and the largest number.
const LISTENER_MAX: usize = 32;

/// The head of a file, from which its kind is known.
const HEAD: usize = 1024;

impl Plan<'_> {
    /// What [`sys::spawn`] runs.
    pub fn carry_out(&mut self) -> ExitCode {
        self.settled = self.terminal.settle();
        let mut buffer = [0; LISTENER_MAX];
        // The entry is written here, and is gone when the next program would look at it.
        if !self.steps.has_course() {
            self.pass_sockets_on(&mut Text::new(&mut buffer));
        }
        for signal in (1..65).filter_map(Signal::new) {
            if self.steps.ignored.contains(signal) {
                let _ = sys::exchange_action(signal, &mut { Action::IGNORE });
            }
        }
        let _ = sys::exchange_action(Signal::CHLD, &mut { self.steps.inherited.chld });
        if let Some(user) = self.user
            && let Err(errno) = user::become_one(user)
        {
            let voice = &self.steps.policy.voice;
            report::unable(voice, Saying::CannotStart, Phrase::BecomeUser, errno);
            return self.steps.policy.own_failure;
        }
        let mut search = Search::new(self);
        let mut unused = SignalSet::EMPTY;
        // The last thing before execve: a signal that comes now ends the child, as it would end
        // any program that has not yet set its handlers.
        let _ = sys::mask(&self.steps.inherited.mask, &mut unused);
        search.each_file();
        // SIGPIPE from the log must not change the status.
        let _ = sys::mask(&SignalSet::ALL, &mut unused);
        search.explaining = true;
        if self.steps.policy.faithful == Faithful::InWhatIsRight && !search.each_file() {
            search.say_why(self.command.name, Kind::Unknown, b"");
        }
        self.steps.policy.exec_failure.code(search.errno)
    }

    /// Sockets that were passed to us by socket activation are the command's: it looks whether its
    /// own number stands there (sd_listen_fds(3)).
    fn pass_sockets_on(&self, entry: &mut Text<'_>) {
        const NAME: &[u8] = b"LISTEN_PID=";
        let environment = self.steps.environment.words();
        if environment.value(b"LISTEN_PID").and_then(Pid::parse)
            == Some(self.steps.policy.voice.own)
        {
            entry.text(NAME);
            entry.number(sys::own_pid().number());
            environment.put(NAME, entry.path());
        }
    }
}

/// The search for the command as execvp(3) does it. It is gone through once to run it, and if
/// there is nothing to run a second time to say why, by a look at the first file that could have
/// been meant.
struct Search<'p> {
    plan: &'p Plan<'p>,
    /// Where to look; for a command that is a path one empty directory.
    directories: &'p [u8],
    /// Why the command could not be run.
    errno: Errno,
    /// Which time it is.
    explaining: bool,
}

impl<'p> Search<'p> {
    fn new(plan: &'p Plan<'p>) -> Search<'p> {
        let name = plan.command.name;
        let mut directories: &[u8] = b"";
        if !name.is_empty() && !has(name, b'/') {
            // An empty directory is the working directory, and so is an empty `PATH`.
            directories = plan.steps.environment.words().value(b"PATH").unwrap_or(DEFAULT_PATH);
        }
        Search { plan, directories, errno: Errno::NOENT, explaining: false }
    }

    /// Goes through it, until a file settles the matter.
    fn each_file(&mut self) -> bool {
        for directory in pieces(self.directories, b':') {
            let len = directory.len().wrapping_add(self.plan.command.name.len());
            let settled = if len < PATH_SHORT - 8 {
                self.file_in(directory, &mut [0; PATH_SHORT])
            } else {
                self.long_file_in(directory)
            };
            if settled {
                return true;
            }
        }
        false
    }

    /// Not inlined, so that the stack of the large buffer is touched only where a path needs it.
    #[inline(never)]
    fn long_file_in(&mut self, directory: &[u8]) -> bool {
        self.file_in(directory, &mut [0; PATH_LONG])
    }

    /// The file of this directory; a path that is too long to be one is cut, and so is not there
    /// either.
    #[inline(never)]
    fn file_in(&mut self, directory: &[u8], buffer: &mut [u8]) -> bool {
        let mut path = Text::new(buffer);
        path.join(directory, b'/', self.plan.command.name);
        let file = path.path();
        let mut head = [0; HEAD];
        if self.explaining { self.explain(file, &mut head) } else { self.run(file, &mut head) }
    }

    /// execve(2), and for a text without `#!` the shell.
    fn run(&mut self, file: Path<'_>, head: &mut [u8; HEAD]) -> bool {
        let (command, environment) = (self.plan.command, self.plan.steps.environment.words());
        let mut errno = command.execute(file, environment);
        if errno == Errno::NOEXEC
            && self.plan.steps.policy.plain_text == PlainText::ByShell
            && look(file, head).0 == Kind::Text
        {
            errno = command.execute_by(SHELL, file, environment);
        }
        let next = NextTry::after(errno);
        // Of a search it is no news that the command is not in one of the directories.
        if next != NextTry::GoOn || self.directories.is_empty() {
            self.errno = errno;
        }
        next == NextTry::Stop
    }

    fn explain(&self, file: Path<'_>, head: &mut [u8; HEAD]) -> bool {
        let (kind, needs) = look(file, head);
        if kind != Kind::Unknown {
            self.say_why(file.bytes(), kind, needs);
        }
        kind != Kind::Unknown
    }

    /// `needs`: the interpreter or loader.
    #[inline(never)]
    fn say_why(&self, file: &[u8], kind: Kind, needs: &[u8]) {
        let (saying, reason) = Saying::exec_failed(self.errno, kind, needs);
        let values = [Value::Foreign(file), Value::Errno(self.errno), reason];
        // In the words of the originals the child speaks for itself.
        let mut voice = self.plan.steps.policy.voice;
        voice.own = sys::own_pid();
        report::say(&voice, saying, &values);
    }
}

/// What the file is, by its first bytes, and what it needs.
#[inline(never)]
fn look<'b>(file: Path<'_>, head: &'b mut [u8; HEAD]) -> (Kind, &'b [u8]) {
    let read = sys::read_file(file, head);
    if let Ok(len) = read
        && let Some(head) = head.get(..len as usize)
    {
        return Kind::of(head);
    }
    (if read == Err(Errno::ISDIR) { Kind::Directory } else { Kind::Unknown }, b"")
}
