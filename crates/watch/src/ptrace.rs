//! ptrace(2), typed: one function a request. A tracee belongs to the thread that attached to it;
//! all of this is called by that thread alone.

use crate::Sender;
use std::io;
use std::ptr;

/// What a stopped tracee is resumed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// Nothing more.
    Plainly,
    /// The signal for which it stopped is delivered.
    With(i32),
    /// Nothing more, and it is traced no longer.
    Alone,
    /// It stays stopped, as job control wants it, and we hear of its SIGCONT.
    StillStopped,
}

/// What becomes of the tracees when the tracer ends without having let them go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are killed, so that nothing is left behind.
    Killed,
    /// They go on alone.
    LetGo,
}

const EVENTS: libc::c_int = libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_TRACEEXIT;

/// `PTRACE_SEIZE`: attaches without stopping; whoever it forks is attached by the kernel.
pub fn seize(thread: i32, fate: Fate) -> io::Result<()> {
    let options = match fate {
        Fate::Killed => EVENTS | libc::PTRACE_O_EXITKILL,
        Fate::LetGo => EVENTS,
    };
    request(libc::PTRACE_SEIZE, thread, options as usize)
}

/// `PTRACE_CONT`, or `PTRACE_LISTEN`. A tracee that was killed meanwhile is no error: its end is
/// the next thing we hear of it.
pub fn resume(thread: i32, how: Resume) {
    let _ = match how {
        Resume::Plainly => request(libc::PTRACE_CONT, thread, 0),
        Resume::Alone => request(libc::PTRACE_DETACH, thread, 0),
        Resume::With(signal) => request(libc::PTRACE_CONT, thread, signal as usize),
        Resume::StillStopped => request(libc::PTRACE_LISTEN, thread, 0),
    };
}

/// `PTRACE_GETEVENTMSG`: the new thread of a fork, the old number of who executes.
pub fn event_message(thread: i32) -> Option<i32> {
    let mut message: libc::c_ulong = 0;
    // SAFETY: the kernel writes one unsigned long to the fourth argument.
    unsafe { ask(libc::PTRACE_GETEVENTMSG, thread, &raw mut message) }.ok()?;
    i32::try_from(message).ok()
}

/// `PTRACE_GETSIGINFO`: who sent the signal for which it stopped. `None` if it has gone.
pub fn sender(thread: i32) -> Option<Sender> {
    // SAFETY: siginfo_t is numbers and pointers; all zero is a value of it.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: the kernel writes one siginfo_t to the fourth argument.
    unsafe { ask(libc::PTRACE_GETSIGINFO, thread, &raw mut info) }.ok()?;
    // sigaction(2), si_code: values above 0 are the kernel's own, and have no sender.
    if info.si_code > 0 {
        return Some(Sender::Kernel);
    }
    // SAFETY: with si_code of kill, tgkill or sigqueue (all at most 0) si_pid is filled in.
    match unsafe { info.si_pid() } {
        0 => Some(Sender::Outside),
        pid => Some(Sender::Inside(pid)),
    }
}

/// A request whose last argument is a number.
fn request(request: impl Into<i64>, thread: i32, data: usize) -> io::Result<()> {
    // SAFETY: no memory is touched: the kernel takes the last argument for a number.
    unsafe { ask(request, thread, ptr::without_provenance_mut::<u8>(data)) }
}

/// The system call itself: the C libraries differ in the type of the request.
///
/// # Safety
/// `data` is what this request takes: a number, or memory that it may write to.
unsafe fn ask<T>(request: impl Into<i64>, thread: i32, data: *mut T) -> io::Result<()> {
    let address = ptr::null_mut::<u8>();
    // SAFETY: what the request does with `data` the caller answers for.
    let answer = unsafe { libc::syscall(libc::SYS_ptrace, request.into(), thread, address, data) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
