//! The builder: what is to be run, and how. It stores; `plan.rs` prepares.

use crate::plan::Plan;
use crate::{Error, Running, access};
use rustix::pipe::{PipeFlags, pipe_with};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};

/// A command to be run as PID 1 of a new PID namespace.
#[derive(Debug)]
pub struct Pid1 {
    pub(crate) program: OsString,
    pub(crate) argv0: Option<OsString>,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<EnvChange>,
    pub(crate) current_dir: Option<PathBuf>,
    pub(crate) streams: [Stream; 3],
    pub(crate) place: Place,
    pub(crate) proc: Proc,
    pub(crate) blocked: Vec<i32>,
    pub(crate) ignored: Vec<i32>,
    pub(crate) fds: Vec<(OwnedFd, RawFd)>,
    pub(crate) session: Session,
    pub(crate) dies_with_thread: bool,
}

/// In the order in which they were asked for.
#[derive(Debug)]
pub(crate) enum EnvChange {
    Set(OsString, OsString),
    Remove(OsString),
    Clear,
}

/// What one of the three standard streams is in the child.
#[derive(Debug)]
pub enum Stream {
    /// The caller's own.
    Inherit,
    /// `/dev/null`.
    Null,
    /// Not open at all.
    Closed,
    /// This descriptor.
    Fd(OwnedFd),
}

impl Stream {
    /// For stdout or stderr: the child writes, the caller reads from the returned end.
    ///
    /// # Errors
    /// pipe2(2): no descriptors left.
    pub fn pipe() -> io::Result<(Stream, OwnedFd)> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        Ok((Stream::Fd(writer), reader))
    }

    /// For stdin: the caller writes to the returned end, the child reads.
    ///
    /// # Errors
    /// pipe2(2): no descriptors left.
    pub fn pipe_in() -> io::Result<(Stream, OwnedFd)> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
        Ok((Stream::Fd(reader), writer))
    }
}

/// Whose PID namespace the command gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A new one, in which it is PID 1.
    NewNamespace,
    /// The caller's: an ordinary child, no namespace of any kind, [`Proc`] has no effect.
    Here,
}

/// What `/proc` shows the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proc {
    /// Its own PID namespace, in a mount namespace of its own.
    Fresh,
    /// Whatever the caller sees: no mount namespace is made.
    Callers,
    /// Nothing: an empty read-only tmpfs, in a mount namespace of its own.
    None,
}

/// Which session the command is in.
#[derive(Debug)]
pub enum Session {
    /// The caller's session and process group.
    Inherit,
    /// A new one without a terminal, as runc makes.
    Own,
    /// A new one with this terminal (the pty's user side) as its controlling terminal, as
    /// `docker run -it` makes. The standard streams are still chosen one by one.
    OwnWithTerminal(OwnedFd),
}

impl Pid1 {
    /// `program` is looked up in the child's PATH, unless it has a `/` in it.
    pub fn new(program: impl AsRef<OsStr>) -> Pid1 {
        Pid1 {
            program: program.as_ref().to_owned(),
            argv0: None,
            args: Vec::new(),
            env: Vec::new(),
            current_dir: None,
            streams: [Stream::Inherit, Stream::Inherit, Stream::Inherit],
            place: Place::NewNamespace,
            proc: Proc::Fresh,
            blocked: Vec::new(),
            ignored: Vec::new(),
            fds: Vec::new(),
            session: Session::Own,
            dies_with_thread: false,
        }
    }

    /// The name the program is told it was called by, instead of the one it is found by.
    pub fn argv0(mut self, name: impl AsRef<OsStr>) -> Self {
        self.argv0 = Some(name.as_ref().to_owned());
        self
    }

    /// One more argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable of the child's environment, which starts as the caller's.
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push(EnvChange::Set(key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Takes a variable out of the child's environment.
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.env.push(EnvChange::Remove(key.as_ref().to_owned()));
        self
    }

    /// Empties the child's environment, but for what is set after this.
    pub fn env_clear(mut self) -> Self {
        self.env.push(EnvChange::Clear);
        self
    }

    /// The working directory; a relative program with a `/` is relative to it.
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.current_dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Default [`Stream::Inherit`].
    pub fn stdin(mut self, stream: Stream) -> Self {
        self.streams[0] = stream;
        self
    }

    /// Default [`Stream::Inherit`].
    pub fn stdout(mut self, stream: Stream) -> Self {
        self.streams[1] = stream;
        self
    }

    /// Default [`Stream::Inherit`].
    pub fn stderr(mut self, stream: Stream) -> Self {
        self.streams[2] = stream;
        self
    }

    /// Default [`Place::NewNamespace`].
    pub fn place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Default [`Proc::Fresh`].
    pub fn proc(mut self, proc: Proc) -> Self {
        self.proc = proc;
        self
    }

    /// The signals blocked at exec, numbers 1 to 64. Default: none, whatever the caller blocks.
    pub fn blocked(mut self, signals: &[i32]) -> Self {
        self.blocked = signals.to_vec();
        self
    }

    /// The signals ignored at exec, numbers 1 to 64. All others have their default action.
    pub fn ignored(mut self, signals: &[i32]) -> Self {
        self.ignored = signals.to_vec();
        self
    }

    /// One more descriptor, open in the child at exactly `number`.
    pub fn pass_fd(mut self, fd: OwnedFd, number: RawFd) -> Self {
        self.fds.push((fd, number));
        self
    }

    /// Default [`Session::Own`].
    pub fn session(mut self, session: Session) -> Self {
        self.session = session;
        self
    }

    /// The kernel kills it when the thread that calls [`Pid1::spawn`] ends, however that comes
    /// about (prctl(2), `PR_SET_PDEATHSIG`): nothing is left behind even if the caller is killed
    /// itself. Not for a [`Running`] that is handed to another thread. Default: only dropping it
    /// kills.
    pub fn dies_with_thread(mut self) -> Self {
        self.dies_with_thread = true;
        self
    }

    /// Starts the command; it has been executed when this returns.
    ///
    /// # Errors
    /// [`Error::Refused`] without the right to the namespaces, [`Error::Exec`] when the program
    /// cannot be executed, [`Error::Io`] for any other step. Nothing is left running.
    pub fn spawn(self) -> Result<Running, Error> {
        self.plan()?.start()
    }

    /// As [`Pid1::spawn`], but first `look` is called with the child's PID, and until it returns
    /// the command is not executed: a tracer that attaches now misses nothing.
    ///
    /// # Errors
    /// As [`Pid1::spawn`], and [`Error::Io`] with whatever `look` answers.
    pub fn spawn_held(self, look: impl FnOnce(i32) -> io::Result<()>) -> Result<Running, Error> {
        self.plan()?.start_held(look)
    }

    fn plan(self) -> Result<Plan, Error> {
        let way = match self.place {
            Place::NewNamespace => Some(access::way().map_err(Error::Refused)?),
            Place::Here => None,
        };
        Plan::of(self, way)
    }
}
