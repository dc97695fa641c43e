//! System calls about processes, and the terminals they share.

use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::process::Pid;
use sexton_core::signal::Signal;
use sexton_core::text::Path;

use super::arch::{self, number};
use super::{Descriptor, Words, call, call4, check, exit};

/// A process made by [`spawn`] runs `run`, ends with its result, and runs nothing else of ours.
///
/// clone(2) with `CLONE_VM | CLONE_VFORK`: we sleep until it has called execve(2) or exit(2), so
/// that there is no moment at which it exists without its group, and what it writes into what
/// `run` holds is ours to read. Under qemu-user, which makes a plain fork of it, it is not.
#[doc(alias("clone", "vfork"))]
pub fn spawn<Run: FnMut() -> ExitCode>(run: &mut Run) -> Result<Pid, Errno> {
    const CLONE_VM: usize = 0x100;
    const CLONE_VFORK: usize = 0x4000;
    const SIGCHLD: usize = 17;

    extern "C" fn trampoline<Run: FnMut() -> ExitCode>(run: *mut ()) -> ! {
        // SAFETY: it is the `run` below, which nobody else uses while its owner sleeps.
        let run = unsafe { &mut *run.cast::<Run>() };
        exit(run())
    }

    let argument = (&raw mut *run).cast();
    let flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    // SAFETY: these are the flags it asks for, and the trampoline takes this argument and does
    // not return. All signals are blocked, so that no handler runs on the shared stack either.
    let pid = check(unsafe { arch::clone(flags, trampoline::<Run>, argument) })?;
    Pid::new(pid).ok_or(Errno::INVAL)
}

/// execve(2). It returns only if it fails.
pub(super) fn execute(file: Path<'_>, arguments: Words, environment: Words) -> Errno {
    let file = file.as_ptr() as usize;
    // SAFETY: a C string, and two lists of them that end with NULL.
    let never =
        unsafe { call(file, arguments.list as usize, environment.list as usize, number::EXECVE) };
    never.err().unwrap_or(Errno::INVAL)
}

/// wait4(2) with `WNOHANG` and `__WALL`: also children with another exit signal than SIGCHLD.
/// `stops`: those that stopped too. The result is the child, and `status` what happened to it; 0:
/// there are children, and nothing new of them; that there are none is the error `ECHILD`.
#[doc(alias = "wait4")]
pub fn wait_child(stops: bool, status: &mut u32) -> Result<u32, Errno> {
    const WNOHANG: usize = 1;
    const WUNTRACED: usize = 2;
    const WALL: usize = 0x4000_0000;
    let options = WNOHANG | WALL | if stops { WUNTRACED } else { 0 };
    // SAFETY: it writes the status.
    unsafe { call4(-1isize as usize, &raw mut *status as usize, options, 0, number::WAIT4) }
}

/// getpid(2). It cannot fail; where a filter says that it did, we are at least nobody's init.
#[doc(alias = "getpid")]
pub fn own_pid() -> Pid {
    Pid::new(ask(number::GETPID)).unwrap_or(Pid::NOBODY)
}

/// getppid(2); 0 if it is outside our PID namespace.
#[doc(alias = "getppid")]
pub fn parent() -> u32 {
    ask(number::GETPPID)
}

/// getpgid(2) of ourselves; 0 if it is outside our PID namespace.
#[doc(alias = "getpgid")]
pub fn group() -> u32 {
    ask(number::GETPGID)
}

/// getsid(2) of ourselves; 0 if it is outside our PID namespace.
#[doc(alias = "getsid")]
pub fn session() -> u32 {
    ask(number::GETSID)
}

/// setpgid(2): a process group of our own.
#[doc(alias = "setpgid")]
pub fn new_group() -> Result<(), Errno> {
    plain(0, 0, number::SETPGID).map(|_| ())
}

/// setsid(2): a session and a process group of our own, without a terminal.
#[doc(alias = "setsid")]
pub fn new_session() -> Result<(), Errno> {
    plain(0, 0, number::SETSID).map(|_| ())
}

/// setgroups(2): in these groups, besides the one of [`become_group`], and in no other.
#[doc(alias = "setgroups")]
pub fn join_groups(groups: &[u32]) -> Result<u32, Errno> {
    // SAFETY: it reads as many numbers as there are.
    unsafe { call(groups.len(), groups.as_ptr() as usize, 0, number::SETGROUPS) }
}

/// setresgid(2): real, effective and saved.
#[doc(alias = "setresgid")]
pub fn become_group(id: u32) -> Result<u32, Errno> {
    become_all(id, number::SETRESGID)
}

/// setresuid(2): real, effective and saved, so that there is no way back.
#[doc(alias = "setresuid")]
pub fn become_user(id: u32) -> Result<u32, Errno> {
    become_all(id, number::SETRESUID)
}

fn become_all(id: u32, number: usize) -> Result<u32, Errno> {
    let id = id as usize;
    // SAFETY: the two callers above name calls that take numbers only.
    unsafe { call(id, id, id, number) }
}

/// geteuid(2): who we are.
#[doc(alias = "geteuid")]
pub fn user() -> u32 {
    ask(number::GETEUID)
}

/// getegid(2): the group that we are in, besides those of setgroups(2).
#[doc(alias = "getegid")]
pub fn primary_group() -> u32 {
    ask(number::GETEGID)
}

/// prctl(2) `PR_SET_CHILD_SUBREAPER`: orphaned descendants become our children.
#[doc(alias = "prctl")]
pub fn become_subreaper() -> Result<(), Errno> {
    const PR_SET_CHILD_SUBREAPER: usize = 36;
    plain(PR_SET_CHILD_SUBREAPER, 1, number::PRCTL).map(|_| ())
}

/// prctl(2) `PR_GET_CHILD_SUBREAPER`: whether they do already, as somebody asked for it who then
/// executed us.
#[doc(alias = "prctl")]
pub fn is_subreaper() -> bool {
    const PR_GET_CHILD_SUBREAPER: usize = 37;
    let mut is = 0u32;
    // SAFETY: it writes the 32 bits that it is given.
    let _ = unsafe { call(PR_GET_CHILD_SUBREAPER, &raw mut is as usize, 0, number::PRCTL) };
    is != 0
}

/// prctl(2) `PR_SET_PDEATHSIG`: this signal when the thread that made us ends.
#[doc(alias = "prctl")]
pub fn set_parent_death(signal: Signal) -> Result<(), Errno> {
    const PR_SET_PDEATHSIG: usize = 1;
    plain(PR_SET_PDEATHSIG, signal.number().into(), number::PRCTL).map(|_| ())
}

/// A number that the kernel has for us; 0 if it gives none.
#[inline(never)]
fn ask(number: usize) -> u32 {
    plain(0, 0, number).unwrap_or(0)
}

/// A call with numbers for arguments, which touches no memory of ours.
fn plain(first: usize, second: usize, number: usize) -> Result<u32, Errno> {
    // SAFETY: the callers above name calls that take numbers only.
    unsafe { call(first, second, 0, number) }
}

/// tcgetpgrp(3): the group in the foreground of this terminal, which must be our controlling one
/// (`ENOTTY` otherwise); 0 if it is outside our PID namespace.
#[doc(alias("ioctl", "TIOCGPGRP"))]
pub fn foreground(terminal: Descriptor) -> Result<u32, Errno> {
    const TIOCGPGRP: usize = 0x540f;
    let mut group = 0u32;
    ioctl(terminal, TIOCGPGRP, &raw mut group as usize)?;
    Ok(group)
}

/// ioctl_tty(2) `TIOCNOTTY`: gives up our controlling terminal. If we lead the session, it is
/// free for another one, and its foreground group gets HUP and CONT.
#[doc(alias("ioctl", "TIOCNOTTY"))]
pub fn release_terminal(terminal: Descriptor) -> Result<(), Errno> {
    const TIOCNOTTY: usize = 0x5422;
    ioctl(terminal, TIOCNOTTY, 0)
}

/// ioctl_tty(2) `TIOCSCTTY`: makes it the controlling terminal of the session that we lead.
#[doc(alias("ioctl", "TIOCSCTTY"))]
pub fn take_terminal(terminal: Descriptor) -> Result<(), Errno> {
    const TIOCSCTTY: usize = 0x540e;
    ioctl(terminal, TIOCSCTTY, 0)
}

fn ioctl(terminal: Descriptor, request: usize, argument: usize) -> Result<(), Errno> {
    // SAFETY: of the requests above only TIOCGPGRP writes, into the 32 bits it was given.
    unsafe { call(terminal.0 as usize, request, argument, number::IOCTL) }.map(|_| ())
}
