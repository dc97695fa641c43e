//! System calls that fail when a test wants them to.
//!
//! A seccomp filter that asks (`SECCOMP_RET_USER_NOTIF`, seccomp_unotify(2)) stops the caller until
//! the test has answered. Unlike strace(1) it is no tracer: the init is PID 1 as ever, its signals,
//! waits and stops are not disturbed, and the test knows at once who calls what, and how often.

use crate::rustix::event::{PollFd, PollFlags, Timespec, poll};
use crate::rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use crate::{Init, Run, eventually, init_path, libc, probe_path, rustix};
use std::collections::BTreeMap;
use std::io::{IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

/// Where the probe finds the socket to the test.
pub const SOCKET: i32 = 3;

/// Who makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// The init.
    Init,
    /// The process that becomes the main command, until it has been executed.
    Child,
}

/// How often a call shall fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// The next one only.
    Once,
    /// All from now on.
    Always,
}

/// What shall fail.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The number of the system call.
    pub call: i64,
    /// Whose calls.
    pub caller: Caller,
    /// With what.
    pub errno: i32,
    /// How often.
    pub times: Times,
}

/// The calls of an init under watch. Everybody else's go on as if nobody watched.
#[derive(Debug)]
pub struct Faults {
    socket: UnixStream,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Where the kernel asks, once somebody answers.
    listener: Option<OwnedFd>,
    armed: Option<Fault>,
    /// How often the fault struck.
    hits: u32,
    seen: BTreeMap<(Caller, i64), u32>,
}

impl Faults {
    /// An init these calls of which can fail. It must be watched as soon as it has been spawned.
    ///
    /// # Panics
    /// If there is no socket to be had.
    pub fn among(calls: &[i64]) -> (Init, Faults) {
        Faults::by(init_path(), calls)
    }

    /// The same of the init of this path: a door's.
    ///
    /// # Panics
    /// As [`Faults::among`].
    pub fn by(path: &Path, calls: &[i64]) -> (Init, Faults) {
        let (socket, theirs) = UnixStream::pair().expect("a socket");
        let numbers: Vec<String> = calls.iter().map(i64::to_string).collect();
        let probe = probe_path().to_str().expect("text");
        let init = Init::at(path, [probe, "watched", &numbers.join(",")]);
        let faults = Faults { socket, state: Arc::default() };
        (init.pass_fd(theirs.into(), SOCKET), faults)
    }

    /// Begins to answer.
    ///
    /// # Panics
    /// If the probe could not set the filter.
    pub fn watch(&self, run: &Run) {
        let listener = receive(&self.socket).expect("the filter's listener");
        self.state().listener = Some(listener.try_clone().expect("another descriptor"));
        let watch = Watch {
            listener,
            init: init_path().canonicalize().expect("the init"),
            pid: run.pid().unsigned_abs(),
            state: Arc::clone(&self.state),
        };
        std::thread::spawn(move || watch.answer_all());
    }

    /// It strikes the calls that are made from now on, and not one that was made and still waits
    /// for its answer, as on a busy machine; only the last one armed does.
    ///
    /// # Panics
    /// If what was made gets no answer.
    #[track_caller]
    pub fn arm(&self, fault: Fault) {
        eventually("what was called before has its answer", || {
            let mut state = self.state();
            let waits = state.listener.as_ref().is_some_and(is_asked);
            if !waits {
                (state.armed, state.hits) = (Some(fault), 0);
            }
            !waits
        });
    }

    /// How often the one armed last has struck.
    pub fn hits(&self) -> u32 {
        self.state().hits
    }

    /// How often each call was made.
    pub fn seen(&self) -> BTreeMap<(Caller, i64), u32> {
        self.state().seen.clone()
    }

    /// How often this one was made.
    pub fn times_seen(&self, caller: Caller, call: i64) -> u32 {
        self.state().seen.get(&(caller, call)).copied().unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }
}

/// The thread that answers; it ends when nobody is left to whom the filter applies.
struct Watch {
    listener: OwnedFd,
    /// The init's file, and its process.
    init: PathBuf,
    pid: u32,
    state: Arc<Mutex<State>>,
}

impl Watch {
    fn answer_all(&self) {
        loop {
            let mut listener = [PollFd::new(&self.listener, PollFlags::IN)];
            let _ = poll(&mut listener, None);
            if listener[0].revents().contains(PollFlags::IN) {
                self.answer();
            } else if listener[0].revents().contains(PollFlags::HUP) {
                return;
            }
        }
    }

    fn answer(&self) {
        // SAFETY: all of its fields are numbers.
        let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        let listener = self.listener.as_raw_fd();
        // Until it is answered: who sees no question meanwhile knows that all have their answers.
        let mut state = self.state.lock().expect("nobody panics with it");
        // SAFETY: the request fills a struct of this type, which is zero as it must be.
        let got = unsafe { libc::ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut asked) };
        if got < 0 {
            return; // Who asked was killed.
        }
        let errno = self.judge(&mut state, asked.pid, asked.data.nr.into());
        let mut answer = libc::seccomp_notif_resp {
            id: asked.id,
            val: 0,
            error: -errno.unwrap_or(0),
            flags: if errno.is_none() { libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32 } else { 0 },
        };
        // SAFETY: the request reads a struct of this type. It fails if who asked was killed.
        unsafe { libc::ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer) };
    }

    /// With what it shall fail, if it shall.
    fn judge(&self, state: &mut State, pid: u32, call: i64) -> Option<i32> {
        let file = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
        if file != self.init {
            return None;
        }
        let caller = if pid == self.pid { Caller::Init } else { Caller::Child };
        *state.seen.entry((caller, call)).or_default() += 1;
        let fault = state.armed.filter(|fault| (fault.caller, fault.call) == (caller, call))?;
        if fault.times == Times::Once && state.hits > 0 {
            return None;
        }
        state.hits += 1;
        Some(fault.errno)
    }
}

/// Whether a call waits for its answer.
fn is_asked(listener: &OwnedFd) -> bool {
    let mut listener = [PollFd::new(listener, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let _ = poll(&mut listener, Some(&now));
    listener[0].revents().contains(PollFlags::IN)
}

/// The descriptor that comes by this socket (unix(7), `SCM_RIGHTS`).
fn receive(socket: &UnixStream) -> Result<OwnedFd> {
    let mut byte = [0];
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut room);
    let mut bytes = [IoSliceMut::new(&mut byte)];
    recvmsg(socket, &mut bytes, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let fd = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    fd.ok_or_else(|| std::io::Error::other("the probe sent no listener"))
}
