//! An orphan in somebody's PID namespace, planted from outside: does its PID 1 reap strangers?
//!
//! A helper of ours enters the namespace (setns(2)) and forks a parent there, which forks the
//! orphan and ends. The kernel gives the orphan to the namespace's PID 1 (kernel/exit.c,
//! `find_new_reaper`), whatever that is, and without its help.
//!
//! The helper and its children share the caller's memory image, as after every fork, so they make
//! async-signal-safe calls only.

use crate::access::Access;
use crate::processes::processes_of;
use crate::{Error, access};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, WaitOptions, pidfd_open, waitpid};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// A process that PID 1 of another namespace has adopted. Dropped, it ends.
#[derive(Debug)]
pub struct Orphan {
    /// In the caller's PID namespace.
    pub pid: i32,
    /// In its own.
    pub pid_inside: i32,
    pidfd: OwnedFd,
    /// It lives until this is closed.
    life: Option<OwnedFd>,
}

impl Orphan {
    /// What it is called in the process table.
    pub const NAME: &str = "sexton-orphan";

    /// Plants one in the PID namespace of `pid1`. When this returns it has been adopted.
    ///
    /// # Errors
    /// [`Error::Refused`] if the namespace may not be entered (setns(2) needs `CAP_SYS_ADMIN` over
    /// it), [`Error::Io`] for any other step.
    pub fn plant(pid1: i32) -> Result<Orphan, Error> {
        let namespaces = Namespaces::of(pid1)?;
        let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(|errno| io("make a pipe", errno));
        let ((hear, tell), (watch, life)) = (pipe()?, pipe()?);
        // In the helper this is a copy, and must not keep the orphan alive there.
        let life_number = life.as_raw_fd();
        let helper = fork().map_err(|errno| io("fork a helper", errno))?;
        let Some(helper) = helper else {
            close(life_number);
            let answer = match namespaces.enter().and_then(|()| fork()) {
                Ok(Some(parent)) => waitpid(Some(parent), WaitOptions::empty()).map(drop),
                Ok(None) => bear(&tell, &watch),
                Err(errno) => Err(errno),
            };
            leave(answer.map_or_else(Errno::raw_os_error, |()| 0));
        };
        drop((tell, watch));
        let status = loop {
            match waitpid(Some(helper), WaitOptions::empty()) {
                Ok(ended) => break ended.and_then(|(_, status)| status.exit_status()),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(io("wait for the helper", errno)),
            }
        };
        match status {
            Some(0) => {}
            Some(errno) => {
                return Err(io("enter the PID namespace", Errno::from_raw_os_error(errno)));
            }
            None => return Err(io("wait for the helper", Errno::CHILD)),
        }
        let mut number = [0; 4];
        match rustix::io::read(&hear, &mut number) {
            Ok(4) => Orphan::adopted(pid1, i32::from_ne_bytes(number), life),
            Ok(_) => Err(io("fork an orphan", Errno::AGAIN)),
            Err(errno) => Err(io("hear of the orphan", errno)),
        }
    }

    fn adopted(pid1: i32, pid_inside: i32, life: OwnedFd) -> Result<Orphan, Error> {
        let found = processes_of(pid1)
            .map_err(|source| Error::Io { step: "list the PID namespace", source })?
            .into_iter()
            .find(|process| process.pid_inside == pid_inside)
            .and_then(|process| Pid::from_raw(process.pid));
        let pid = found.ok_or(io("find the orphan", Errno::SRCH))?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty())
            .map_err(|errno| io("open the orphan's pidfd", errno))?;
        Ok(Orphan { pid: pid.as_raw_nonzero().get(), pid_inside, pidfd, life: Some(life) })
    }

    /// Lets it end. Now PID 1 has to reap it.
    pub fn end(&mut self) {
        self.life = None;
    }

    /// Whether it has ended and was waited for: not even a zombie is left.
    pub fn is_reaped(&self) -> bool {
        let nothing = std::ptr::null::<libc::siginfo_t>();
        let fd = self.pidfd.as_raw_fd();
        // SAFETY: pidfd_send_signal(2) takes numbers and, here, no siginfo. Signal 0 only asks.
        let answer = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, 0, nothing, 0) };
        answer < 0 && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH)
    }
}

/// The namespaces to enter, in this order.
struct Namespaces {
    user: Option<File>,
    pid: File,
}

impl Namespaces {
    fn of(pid1: i32) -> Result<Namespaces, Error> {
        let open = |kind: &str| File::open(format!("/proc/{pid1}/ns/{kind}"));
        let refused = |source| Error::Io { step: "look at the PID namespace", source };
        let link = |who: &str| std::fs::read_link(format!("/proc/{who}/ns/user")).ok();
        // To enter one's own user namespace is an error (setns(2), EINVAL), and root needs none.
        let foreign = link("self") != link(&pid1.to_string());
        let wanted = foreign && !matches!(access::way(), Ok(Access::Root));
        let user = if wanted { Some(open("user").map_err(refused)?) } else { None };
        Ok(Namespaces { user, pid: open("pid").map_err(refused)? })
    }

    /// By a process of one thread, whose children (not itself) are then in the PID namespace.
    fn enter(&self) -> Result<(), Errno> {
        if let Some(user) = &self.user {
            move_into_link_name_space(user.as_fd(), Some(LinkNameSpaceType::User))?;
        }
        move_into_link_name_space(self.pid.as_fd(), Some(LinkNameSpaceType::ProcessID))
    }
}

/// In the parent-to-be: forks the orphan, and ends.
fn bear(tell: &OwnedFd, watch: &OwnedFd) -> ! {
    match fork() {
        Ok(Some(_)) => leave(0),
        Ok(None) => {}
        Err(errno) => leave(errno.raw_os_error()),
    }
    let _ = rustix::thread::set_name(c"sexton-orphan"); // Only how it looks.
    let number = rustix::process::getpid().as_raw_nonzero().get();
    let _ = rustix::io::write(tell, &number.to_ne_bytes()); // Four bytes into an empty pipe.
    while rustix::io::read(watch, &mut [0; 1]) == Err(Errno::INTR) {}
    leave(0)
}

/// `None` in the child.
fn fork() -> Result<Option<Pid>, Errno> {
    let flags = libc::SIGCHLD;
    // SAFETY: clone(2) with no stack and without CLONE_VM is fork(2). What runs in the child makes
    // async-signal-safe calls only and never returns into the caller's code.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0usize, 0usize, 0usize, 0usize) };
    match i32::try_from(pid) {
        Ok(pid) if pid >= 0 => Ok(Pid::from_raw(pid)),
        _ => Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::AGAIN)),
    }
}

fn close(number: i32) {
    // SAFETY: closes our copy of a descriptor, in a process that ends without using it.
    unsafe { libc::close(number) };
}

fn leave(status: i32) -> ! {
    // SAFETY: _exit(2) ends the process at once; no destructor of the copied parent runs.
    unsafe { libc::_exit(status) }
}

fn io(step: &'static str, errno: Errno) -> Error {
    Error::Io { step, source: errno.into() }
}
