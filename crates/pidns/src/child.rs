//! The clone, and all that runs in the child between the clone and the exec.
//!
//! The caller may have threads, so the child may make async-signal-safe calls only: no allocation,
//! no lock, no panic. What it needs is in the [`Plan`]; what fails goes through a pipe as a number.

use crate::builder::Proc;
use crate::plan::{Placed, Plan};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags};
use rustix::process::{Signal, set_parent_process_death_signal};
use std::ffi::CStr;
use std::os::fd::{AsRawFd, RawFd};

/// What the child was doing when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Clone,
    MapIds,
    ParentDeath,
    Session,
    Terminal,
    Propagation,
    MountProc,
    HideProc,
    Streams,
    CurrentDir,
    Hold,
    CloseFds,
    Exec,
}

impl Step {
    const ALL: [(Step, &'static str); 13] = [
        (Step::Clone, "create a PID namespace"),
        (Step::MapIds, "map the user into the new user namespace"),
        (Step::ParentDeath, "ask for the parent-death signal"),
        (Step::Session, "start a session"),
        (Step::Terminal, "take the controlling terminal"),
        (Step::Propagation, "make the mounts private"),
        (Step::MountProc, "mount a new /proc"),
        (Step::HideProc, "mount an empty /proc"),
        (Step::Streams, "place the descriptors"),
        (Step::CurrentDir, "change the working directory"),
        (Step::Hold, "wait for the caller's word"),
        (Step::CloseFds, "close the other descriptors"),
        (Step::Exec, "exec"),
    ];

    pub(crate) fn from_number(number: i32) -> Step {
        let known = Step::ALL.iter().find(|(step, _)| *step as i32 == number);
        known.map_or(Step::Exec, |(step, _)| *step)
    }

    pub(crate) fn in_words(self) -> &'static str {
        Step::ALL.iter().find(|(step, _)| *step == self).map_or("", |(_, words)| words)
    }

    pub(crate) fn is_privileged(self) -> bool {
        match self {
            Step::Clone | Step::MapIds | Step::Propagation | Step::MountProc | Step::HideProc => {
                true
            }
            Step::ParentDeath
            | Step::Session
            | Step::Terminal
            | Step::Streams
            | Step::CurrentDir
            | Step::Hold
            | Step::CloseFds
            | Step::Exec => false,
        }
    }
}

type Failure = (Step, i32);

/// The child's PID and pidfd, or the errno of clone(2). Returns in the parent only.
pub(crate) fn clone_and_exec(plan: &Plan, flags: u64) -> Result<(i32, RawFd), i32> {
    let mut pidfd: libc::c_int = -1;
    // The child must not run the caller's signal handlers in the few steps before it resets them.
    let before = set_mask(u64::MAX);
    // SAFETY: without CLONE_VM and with no stack given this is fork(2): the child goes on with a
    // copy of everything. It keeps to async-signal-safe calls and never returns from `run`.
    // clone(2) has flags, stack and parent_tid (here: pidfd) first on x86_64 and aarch64 alike.
    let pid =
        unsafe { libc::syscall(libc::SYS_clone, flags, 0usize, &raw mut pidfd, 0usize, 0usize) };
    if pid == 0 {
        run(plan);
    }
    let errno = last_errno();
    set_mask(before);
    if pid < 0 { Err(errno) } else { Ok((pid as i32, pidfd)) }
}

/// The child's whole life.
fn run(plan: &Plan) -> ! {
    if let Err((step, errno)) = prepare(plan).and_then(|()| exec(plan)) {
        let mut message = [0; 8];
        let (first, second) = message.split_at_mut(4);
        first.copy_from_slice(&(step as i32).to_ne_bytes());
        second.copy_from_slice(&errno.to_ne_bytes());
        let _ = rustix::io::write(&plan.report, &message); // Eight bytes to an empty pipe.
    }
    // SAFETY: _exit(2) ends the process at once; no destructor of the copied parent runs.
    unsafe { libc::_exit(if plan.candidates.is_empty() { 0 } else { 127 }) }
}

fn prepare(plan: &Plan) -> Result<(), Failure> {
    if let Some((uid, gid)) = &plan.id_maps {
        map_ids(uid, gid).map_err(at(Step::MapIds))?;
    }
    if plan.dies_with_thread {
        set_parent_process_death_signal(Some(Signal::KILL)).map_err(at(Step::ParentDeath))?;
    }
    if plan.new_session {
        rustix::process::setsid().map_err(at(Step::Session))?;
    }
    if let Some(terminal) = &plan.terminal {
        rustix::process::ioctl_tiocsctty(terminal).map_err(at(Step::Terminal))?;
    }
    mount_proc(plan.proc)?;
    place_descriptors(plan).map_err(at(Step::Streams))?;
    if let Some(dir) = &plan.current_dir {
        rustix::process::chdir(dir.as_c_str()).map_err(at(Step::CurrentDir))?;
    }
    if let Some(word) = &plan.word {
        // Held until the caller has looked at us; without its word we do not go on.
        match rustix::io::read(word, &mut [0; 1]) {
            Ok(1) => {}
            Ok(_) => return Err((Step::Hold, libc::EPIPE)),
            Err(errno) => return Err((Step::Hold, errno.raw_os_error())),
        }
    }
    for (first, last) in &plan.close {
        // SAFETY: close_range(2) takes three numbers and touches no memory of ours. What it
        // closes is a copy of the caller's table and is not used again in this process.
        let failed = unsafe { libc::syscall(libc::SYS_close_range, *first, *last, 0) } < 0;
        if failed {
            return Err((Step::CloseFds, last_errno()));
        }
    }
    set_dispositions(plan.ignored);
    set_mask(plan.blocked);
    Ok(())
}

/// Each candidate in turn, as execvp(3) does: go on to the next one if there is no such file, and
/// remember a file that may not be executed as the better reason.
fn exec(plan: &Plan) -> Result<(), Failure> {
    let mut reason = libc::ENOENT;
    for candidate in &plan.candidates {
        // SAFETY: the plan holds all strings, and both arrays end with a null pointer.
        unsafe {
            libc::execve(
                candidate.as_ptr(),
                plan.argv_pointers.as_ptr(),
                plan.env_pointers.as_ptr(),
            )
        };
        match last_errno() {
            libc::ENOENT | libc::ENOTDIR if plan.candidates.len() > 1 => {}
            libc::EACCES => reason = libc::EACCES,
            other => return Err((Step::Exec, other)),
        }
    }
    if plan.candidates.is_empty() { Ok(()) } else { Err((Step::Exec, reason)) }
}

/// user_namespaces(7): setgroups must be denied before an unprivileged gid_map is written.
fn map_ids(uid: &str, gid: &str) -> Result<(), Errno> {
    write_file(c"/proc/self/setgroups", "deny")?;
    write_file(c"/proc/self/gid_map", gid)?;
    write_file(c"/proc/self/uid_map", uid)
}

fn write_file(path: &CStr, text: &str) -> Result<(), Errno> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, text.as_bytes()).map(|_| ())
}

fn mount_proc(proc: Proc) -> Result<(), Failure> {
    let hardened = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let nothing = None::<&CStr>;
    if proc != Proc::Callers {
        // Else the new /proc would show up in the caller's mount namespace as well.
        let private = MountPropagationFlags::REC | MountPropagationFlags::PRIVATE;
        rustix::mount::mount_change(c"/", private).map_err(at(Step::Propagation))?;
    }
    match proc {
        Proc::Callers => Ok(()),
        Proc::Fresh => rustix::mount::mount(c"proc", c"/proc", c"proc", hardened, nothing)
            .map_err(at(Step::MountProc)),
        Proc::None => {
            let read_only = hardened | MountFlags::RDONLY;
            rustix::mount::mount(c"tmpfs", c"/proc", c"tmpfs", read_only, nothing)
                .map_err(at(Step::HideProc))
        }
    }
}

fn place_descriptors(plan: &Plan) -> Result<(), Errno> {
    for (number, stream) in (0..).zip(&plan.streams) {
        match stream {
            None => {}
            Some(Placed::From(source)) => duplicate(source.as_raw_fd(), number)?,
            Some(Placed::Closed) => {
                // SAFETY: closes our copy of a standard stream, which nothing here uses.
                unsafe { libc::close(number) };
            }
        }
    }
    for (source, number) in &plan.fds {
        duplicate(source.as_raw_fd(), *number)?;
    }
    Ok(())
}

/// The duplicate has no close-on-exec flag; source and target always differ.
fn duplicate(source: RawFd, target: RawFd) -> Result<(), Errno> {
    // SAFETY: dup2(2) takes two numbers; the target is ours to replace in this process.
    let failed = unsafe { libc::dup2(source, target) } < 0;
    if failed { Err(Errno::from_raw_os_error(last_errno())) } else { Ok(()) }
}

/// The kernel's own call: glibc's keeps signals 32 and 33 to itself.
fn set_mask(mask: u64) -> u64 {
    let mut before = 0u64;
    // SAFETY: both pointers are to 8 bytes, the size we name; the mask is per thread.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigprocmask,
            libc::SIG_SETMASK,
            &raw const mask,
            &raw mut before,
            size_of::<u64>(),
        )
    };
    before
}

/// The kernel's `struct sigaction` begins with the handler; the rest, all zero, is no longer than
/// this on any architecture.
#[repr(C)]
struct KernelSigaction {
    handler: libc::sighandler_t,
    rest: [usize; 7],
}

fn set_dispositions(ignored: u64) {
    for signal in 1..=64 {
        let ignore = ignored & 1 << (signal - 1) != 0;
        let handler = if ignore { libc::SIG_IGN } else { libc::SIG_DFL };
        let action = KernelSigaction { handler, rest: [0; 7] };
        // SAFETY: the kernel reads at most the size of `action`, and writes nothing as the third
        // pointer is null. KILL and STOP are refused, which is as well.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal as libc::c_int,
                &raw const action,
                std::ptr::null::<KernelSigaction>(),
                size_of::<u64>(),
            )
        };
    }
}

fn at(step: Step) -> impl Fn(Errno) -> Failure {
    move |errno| (step, errno.raw_os_error())
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}
