//! The builder of a run of the init.

use crate::image::nothing_is_written;
use crate::run::Run;
use crate::{Lines, Pid1, Place, Proc, Pty, Session, Stream, init_path, namespaces, probe_path};
use std::ffi::{OsStr, OsString};
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};

/// The init, its options and its command. Its stdin is `/dev/null`, its stdout and stderr are
/// pipes to the test, unless something else is said; no variable that an init reads reaches it by
/// chance.
#[derive(Debug)]
#[must_use = "nothing runs before spawn()"]
pub struct Init {
    path: PathBuf,
    pid1: Pid1,
    options: Vec<OsString>,
    command: Vec<OsString>,
    separator: bool,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
}

impl Default for Init {
    fn default() -> Init {
        Init::new()
    }
}

impl Init {
    /// As PID 1 of a new namespace.
    pub fn new() -> Init {
        Init::wrapped::<&str>([])
    }

    /// Started by another program, which executes the init: its arguments come after `wrapper`.
    ///
    /// # Panics
    /// If no pipe can be made.
    pub fn wrapped<S: AsRef<OsStr>>(wrapper: impl IntoIterator<Item = S>) -> Init {
        Init::at(init_path(), wrapper)
    }

    /// Another init than the one to be tested, in `wrapper` if that is not empty.
    pub(crate) fn at<S: AsRef<OsStr>>(path: &Path, wrapper: impl IntoIterator<Item = S>) -> Init {
        let mut words: Vec<OsString> =
            wrapper.into_iter().map(|word| word.as_ref().to_owned()).collect();
        words.push(path.into());
        let mut pid1 = Pid1::new(&words[0]).args(&words[1..]).stdin(Stream::Null);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| is_an_inits(&name.to_string_lossy())) {
            pid1 = pid1.env_remove(name);
        }
        let (out, stdout) = Stream::pipe().expect("a pipe");
        let (err, stderr) = Stream::pipe().expect("a pipe");
        Init {
            path: path.into(),
            pid1: pid1.stdout(out).stderr(err),
            options: Vec::new(),
            command: Vec::new(),
            separator: true,
            stdout: Some(stdout),
            stderr: Some(stderr),
        }
    }

    /// More options of the init.
    pub fn options<S: AsRef<OsStr>>(mut self, options: impl IntoIterator<Item = S>) -> Init {
        self.options.extend(options.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// The command, after `--`; a first word `probe` is the probe's path.
    pub fn command<S: AsRef<OsStr>>(mut self, words: impl IntoIterator<Item = S>) -> Init {
        self.command = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        if self.command.first().is_some_and(|word| word == "probe") {
            self.command[0] = probe_path().into();
        }
        self
    }

    /// The command comes without a `--` before it.
    pub fn without_separator(mut self) -> Init {
        self.separator = false;
        self
    }

    /// See [`Pid1`], also for the following.
    pub fn place(mut self, place: Place) -> Init {
        self.pid1 = self.pid1.place(place);
        self
    }

    /// What `/proc` shows.
    pub fn proc(mut self, proc: Proc) -> Init {
        self.pid1 = self.pid1.proc(proc);
        self
    }

    /// In which session it is.
    pub fn session(mut self, session: Session) -> Init {
        self.pid1 = self.pid1.session(session);
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Init {
        self.pid1 = self.pid1.env(name, value);
        self
    }

    /// Empties its environment, but for what is set after this.
    pub fn env_clear(mut self) -> Init {
        self.pid1 = self.pid1.env_clear();
        self
    }

    /// Takes a variable out of its environment.
    pub fn env_remove(mut self, name: &str) -> Init {
        self.pid1 = self.pid1.env_remove(name);
        self
    }

    /// Where it is started.
    pub fn current_dir(mut self, dir: impl AsRef<std::path::Path>) -> Init {
        self.pid1 = self.pid1.current_dir(dir);
        self
    }

    /// Blocked when it starts.
    pub fn blocked(mut self, signals: &[i32]) -> Init {
        self.pid1 = self.pid1.blocked(signals);
        self
    }

    /// Ignored when it starts.
    pub fn ignored(mut self, signals: &[i32]) -> Init {
        self.pid1 = self.pid1.ignored(signals);
        self
    }

    /// One more descriptor.
    pub fn pass_fd(mut self, fd: OwnedFd, number: RawFd) -> Init {
        self.pid1 = self.pid1.pass_fd(fd, number);
        self
    }

    /// Its stdin.
    pub fn stdin(mut self, stream: Stream) -> Init {
        self.pid1 = self.pid1.stdin(stream);
        self
    }

    /// Its stdout; the run then has none to read.
    pub fn stdout(mut self, stream: Stream) -> Init {
        self.pid1 = self.pid1.stdout(stream);
        self.stdout = None;
        self
    }

    /// Its stderr; the run then has none to read.
    pub fn stderr(mut self, stream: Stream) -> Init {
        self.pid1 = self.pid1.stderr(stream);
        self.stderr = None;
        self
    }

    /// As the leader of the terminal's session, with the terminal for its streams, as
    /// `docker run -it` makes it. To be watched once it has been started.
    pub fn on_terminal(self, pty: &Pty) -> Init {
        let stream = || Stream::Fd(pty.user());
        let init = self.session(Session::OwnWithTerminal(pty.user()));
        init.stdin(stream()).stdout(stream()).stderr(stream())
    }

    /// Starts it.
    ///
    /// # Panics
    /// If it cannot be executed.
    #[track_caller]
    pub fn spawn(self) -> Run {
        let mut pid1 = self.pid1.args(&self.options);
        if self.separator && !self.command.is_empty() {
            pid1 = pid1.arg("--");
        }
        let _nothing = nothing_is_written();
        let running = match pid1.args(&self.command).spawn() {
            Ok(running) => running,
            Err(error) => panic!("{}: {error}", self.path.display()),
        };
        Run::new(running, self.stdout.map(Lines::of), self.stderr.map(Lines::of))
    }
}

/// Whether an init reads this variable, ours or another.
fn is_an_inits(name: &str) -> bool {
    let prefixes = ["SEXTON_", "TINI_", "DUMB_INIT_", "CATATONIT_", "LISTEN_"];
    prefixes.iter().any(|prefix| name.starts_with(prefix)) || name == "POSIXLY_CORRECT"
}

/// Runs a test as PID 1 of a namespace and as an ordinary process; with `SEXTON_ONLY_PID_1=1` not
/// as the latter, for emulators that know no subreaper.
pub fn for_both_places(test: impl Fn(Place)) {
    if std::env::var_os("SEXTON_ONLY_PID_1").is_none_or(|only| only != "1") {
        test(Place::Here);
    }
    if namespaces() {
        test(Place::NewNamespace);
    }
}
