//! All that runs between the making of the process and its execve(2). It runs in our own memory
//! while we sleep, and it must leave nothing of ours behind: the mask, the ignored signals, the
//! descriptors and the working directory are those that we were given.

use sexton_core::errno::Errno;
use sexton_core::exec::{DEFAULT_PATH, Kind, NextTry, SHELL};
use sexton_core::exit::ExitCode;
use sexton_core::notice::{Saying, Value};
use sexton_core::policy::Voice;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::text::{Path, Text};
use sexton_core::words::{pieces, split_at_mark};

use crate::report;
use crate::sys::{self, Command, Disposition, Words};
use crate::terminal::Terminal;

/// What the child needs to know.
pub struct Plan<'p> {
    /// What to run.
    pub command: Command,
    /// Its environment.
    pub environment: Words,
    /// The mask to give back.
    pub mask: SignalSet,
    /// The disposition of SIGCHLD to give back.
    pub chld: Disposition,
    /// Where to settle.
    pub terminal: &'p Terminal,
    /// How to say that it could not be run.
    pub voice: &'p Voice,
}

/// The longest path that execve(2) takes, and what [`Text`] keeps free.
const PATH_LONG: usize = 4096 + 8;

/// Room for ordinary paths; its size is what an ordinary start costs in memory.
const PATH_SHORT: usize = 256;

/// The head of a file, from which its kind is known.
const HEAD: usize = 1024;

impl Plan<'_> {
    /// What [`sys::spawn`] runs.
    pub fn carry_out(&mut self) -> ! {
        if let Err(errno) = self.terminal.settle() {
            report::unable(self.voice, Saying::Unable, b"give the command its place", errno);
        }
        if self.chld == Disposition::Ignore {
            let _ = sys::set_disposition(Signal::CHLD, Disposition::Ignore);
        }
        // The last thing before execve: a signal that comes now ends the child, as it would end
        // any program that has not yet set its handlers.
        let _ = sys::mask(self.mask);
        let errno = self.execute();
        // SIGPIPE from the log must not change the status.
        let _ = sys::mask(SignalSet::ALL);
        self.explain(errno);
        sys::exit(ExitCode::of_exec(errno))
    }

    /// Runs the command, searched for as execvp(3) does; or returns why not.
    fn execute(&self) -> Errno {
        let mut worst = Errno::NOENT;
        self.search(&mut |file| {
            let errno = self.try_file(file);
            let next = NextTry::after(errno);
            // Of a search it is no news that the command is not in one of the directories.
            if next != NextTry::GoOn || !self.is_searched_for() {
                worst = errno;
            }
            next == NextTry::Stop
        });
        worst
    }

    /// Whether it is a name, and not a path.
    fn is_searched_for(&self) -> bool {
        let name = self.command.name.to_bytes();
        !name.is_empty() && split_at_mark(name, b'/').is_none()
    }

    /// execve(2), and for a text without `#!` the shell.
    fn try_file(&self, file: Path<'_>) -> Errno {
        let errno = self.command.execute(file, self.environment);
        if errno == Errno::NOEXEC && is_text(file) {
            return self.command.execute_by(SHELL, file, self.environment);
        }
        errno
    }

    /// Says why it could not be run, by a look at the first file that could have been meant.
    fn explain(&self, errno: Errno) {
        let mut said = false;
        self.search(&mut |file| {
            said = self.say(file, errno, look(file, &mut [0; HEAD]));
            said
        });
        if !said {
            self.say_why(self.command.name.into(), errno, Kind::Unknown);
        }
    }

    fn say(&self, file: Path<'_>, errno: Errno, kind: Kind<'_>) -> bool {
        let known = kind != Kind::Unknown;
        if known {
            self.say_why(file, errno, kind);
        }
        known
    }

    fn say_why(&self, file: Path<'_>, errno: Errno, kind: Kind<'_>) {
        let (saying, needs) = Saying::exec_failed(errno, kind);
        let file = Value::Foreign(file.bytes());
        report::say(self.voice, saying, &[file, Value::Errno(errno), Value::Foreign(needs)]);
    }

    /// Calls `visit` with each file that the command may mean, until it is satisfied. An empty
    /// directory of `PATH` is the working directory.
    fn search(&self, visit: &mut dyn FnMut(Path<'_>) -> bool) {
        if !self.is_searched_for() {
            visit(self.command.name.into());
            return;
        }
        let name = self.command.name.to_bytes();
        let path = self.environment.iter().find_map(|entry| entry.strip_prefix(b"PATH="));
        for directory in pieces(path.unwrap_or(DEFAULT_PATH), b':') {
            let done = if directory.len().saturating_add(name.len()) < PATH_SHORT - 8 {
                with_path(directory, name, &mut [0; PATH_SHORT], visit)
            } else {
                with_long_path(directory, name, visit)
            };
            if done {
                return;
            }
        }
    }
}

/// Not inlined, so that the stack of the large buffer is touched only where a path needs it.
#[inline(never)]
fn with_long_path(directory: &[u8], name: &[u8], visit: &mut dyn FnMut(Path<'_>) -> bool) -> bool {
    with_path(directory, name, &mut [0; PATH_LONG], visit)
}

/// Calls `visit` with the path of `name` in `directory`; what is too long to be one is cut, and so
/// is not there either.
fn with_path(
    directory: &[u8],
    name: &[u8],
    buffer: &mut [u8],
    visit: &mut dyn FnMut(Path<'_>) -> bool,
) -> bool {
    let mut path = Text::new(buffer);
    path.text(directory);
    if !directory.is_empty() {
        path.byte(b'/');
    }
    path.text(name);
    visit(path.path())
}

#[inline(never)]
fn is_text(file: Path<'_>) -> bool {
    look(file, &mut [0; HEAD]) == Kind::Text
}

/// What the file is, by its first bytes.
fn look<'b>(file: Path<'_>, buffer: &'b mut [u8]) -> Kind<'b> {
    match sys::read_file(file, buffer) {
        Ok(head) => Kind::of(head),
        Err(Errno::ISDIR) => Kind::Directory,
        Err(_) => Kind::Unknown,
    }
}
