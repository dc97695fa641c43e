//! Signals by raw system calls, as libc hides two of the real-time ones (32 and 33) from its users.

use std::io;
use std::ptr;
use std::time::Duration;

/// Every signal there is.
pub const ALL: u64 = u64::MAX;

/// How many signals there are; they count from 1.
pub const LAST: i32 = 64;

/// What the kernel's own calls take for the size of a set.
const SET_SIZE: usize = 8;

/// A signal that was taken from the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Its number.
    pub signal: i32,
    /// `si_code`: `SI_USER` 0, `SI_QUEUE` -1, `SI_KERNEL` 128.
    pub code: i32,
    /// The integer that came along; 0 if none did.
    pub value: i32,
}

/// The set of these.
pub fn set_of(signals: impl IntoIterator<Item = i32>) -> u64 {
    signals.into_iter().fold(0, |set, signal| set | 1 << (signal - 1))
}

/// Makes `set` the mask of this thread.
///
/// # Errors
/// None on a working kernel.
pub fn set_mask(set: u64) -> io::Result<()> {
    let none: *mut u64 = ptr::null_mut();
    // SAFETY: reads eight bytes from `set`, which lives; nothing is written.
    let answer = unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const set, none, SET_SIZE)
    };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Waits for one of the blocked signals in `set`; `None` after `limit`.
///
/// # Errors
/// None on a working kernel.
pub fn take(set: u64, limit: Option<Duration>) -> io::Result<Option<Arrival>> {
    let limit = limit.map(|limit| libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: limit.subsec_nanos().into(),
    });
    let limit = limit.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: all of its fields are numbers and pointers that are not followed.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: all three pointers are to locals of the types that the kernel expects, or null.
    let answer = unsafe {
        libc::syscall(libc::SYS_rt_sigtimedwait, &raw const set, &raw mut info, limit, SET_SIZE)
    };
    if answer < 0 {
        let error = io::Error::last_os_error();
        return match error.raw_os_error() {
            Some(libc::EAGAIN | libc::EINTR) => Ok(None),
            _ => Err(error),
        };
    }
    // SAFETY: the bytes are initialised whatever the signal; for one without a value they are 0.
    let value = unsafe { info.si_value() };
    let value = if info.si_code == libc::SI_QUEUE { value.sival_ptr.addr() as i32 } else { 0 };
    Ok(Some(Arrival { signal: info.si_signo, code: info.si_code, value }))
}

/// Ignores a signal, or gives it back its default action.
pub fn ignore(signal: i32, ignored: bool) {
    let action = if ignored { libc::SIG_IGN } else { libc::SIG_DFL };
    // SAFETY: no handler is installed, so there is no code to be run.
    unsafe { libc::signal(signal, action) };
}

/// kill(2).
///
/// # Errors
/// `ESRCH`, `EPERM`, `EINVAL`.
pub fn send(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: takes two numbers.
    let answer = unsafe { libc::kill(pid, signal) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The number of a signal by its name without `SIG`, or by its number.
pub fn number(name: &str) -> i32 {
    match name {
        "HUP" => libc::SIGHUP,
        "PIPE" => libc::SIGPIPE,
        "INT" => libc::SIGINT,
        "QUIT" => libc::SIGQUIT,
        "USR1" => libc::SIGUSR1,
        "USR2" => libc::SIGUSR2,
        "TERM" => libc::SIGTERM,
        "CONT" => libc::SIGCONT,
        "STOP" => libc::SIGSTOP,
        "TSTP" => libc::SIGTSTP,
        "WINCH" => libc::SIGWINCH,
        "KILL" => libc::SIGKILL,
        number => number.parse().unwrap_or_else(|_| panic!("{number}: no signal I know")),
    }
}
