//! A started command: signalled and waited for from outside, never left behind.

use crate::processes::{self, Members, Process};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitOptions, waitpid};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// A command started by [`Pid1::spawn`](crate::Pid1::spawn).
///
/// Dropped, it is killed (SIGKILL, from outside, so that it works on PID 1 too) and reaped, and the
/// kernel takes everybody else in its PID namespace along. For [`Place::Here`](crate::Place::Here)
/// the descendants are killed one by one, as far as they can be found.
#[derive(Debug)]
pub struct Running {
    pid: i32,
    pidfd: OwnedFd,
    members: Members,
    ended: Option<ExitStatus>,
}

impl Running {
    pub(crate) fn new(pid: i32, pidfd: OwnedFd, members: Members) -> Running {
        Running { pid, pidfd, members, ended: None }
    }

    /// Its PID in the caller's namespace.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Readable when it has ended (pidfd_open(2)); it means this process for ever, unlike its PID.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// The caller has waited for it itself, as a tracer does: it is not to be waited for again.
    pub fn was_reaped(&mut self, status: ExitStatus) {
        self.ended = Some(status);
    }

    /// kill(2) from outside, as a container runtime does. Signal 0 asks whether it is there.
    ///
    /// # Errors
    /// `ESRCH` once it has been waited for, `EINVAL` for a number that is no signal.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        self.must_be_unreaped()?;
        // SAFETY: takes two numbers. The PID is not reaped, so it is still our child's.
        let answer = unsafe { libc::kill(self.pid, signal) };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// sigqueue(3) from outside: the signal with a value.
    ///
    /// # Errors
    /// As [`Running::signal`], and `EAGAIN` when the queue is full.
    pub fn queue(&self, signal: i32, value: i32) -> io::Result<()> {
        self.must_be_unreaped()?;
        // `union sigval`: the int lies at the start of the pointer's bytes.
        let mut bytes = [0; size_of::<usize>()];
        bytes[..size_of::<i32>()].copy_from_slice(&value.to_ne_bytes());
        let sival_ptr = std::ptr::without_provenance_mut(usize::from_ne_bytes(bytes));
        // SAFETY: takes numbers, the "pointer" is never followed. The PID is still our child's.
        let answer = unsafe { libc::sigqueue(self.pid, signal, libc::sigval { sival_ptr }) };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Waits for its end, and reaps it. For PID 1 the kernel ends everybody else first.
    ///
    /// # Errors
    /// waitpid(2) fails only if somebody else has reaped our child.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.reap(WaitOptions::empty())? {
                return Ok(status);
            }
        }
    }

    /// Its status if it has ended.
    ///
    /// # Errors
    /// As [`Running::wait`].
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.reap(WaitOptions::NOHANG)
    }

    /// Waits for its end, at most for `limit`; `None`: it is still there.
    ///
    /// # Errors
    /// As [`Running::wait`].
    pub fn wait_within(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let deadline = Instant::now() + limit;
        while self.ended.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = Timespec {
                tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            let mut ended = [PollFd::new(&self.pidfd, PollFlags::IN)];
            match poll(&mut ended, Some(&timeout)) {
                Ok(0) => return self.try_wait(),
                Ok(_) => return self.wait().map(Some),
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(self.ended)
    }

    /// Everybody in its PID namespace, itself first, from the caller's `/proc`; zombies too.
    ///
    /// For [`Place::Here`](crate::Place::Here): its descendants, itself included, and whoever is
    /// still in the session it started. Processes that come or go meanwhile may be missed.
    ///
    /// # Errors
    /// `/proc` cannot be listed. A single process that vanishes is no error.
    pub fn processes(&self) -> io::Result<Vec<Process>> {
        match self.ended {
            Some(_) if self.members.die_with_main() => Ok(Vec::new()),
            _ => processes::read(self.pid, self.ended.is_some(), &self.members),
        }
    }

    fn must_be_unreaped(&self) -> io::Result<()> {
        match self.ended {
            None => Ok(()),
            Some(_) => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        }
    }

    fn reap(&mut self, options: WaitOptions) -> io::Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            match waitpid(Pid::from_raw(self.pid), options) {
                Ok(reaped) => {
                    self.ended = reaped.map(|(_, status)| ExitStatus::from_raw(status.as_raw()));
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(self.ended)
    }

    /// Rounds of looking and killing, as a process may fork while we look. Bounded: a fork bomb
    /// must not hold us here for ever.
    fn kill_the_rest(&self) {
        for _ in 0..16 {
            let Ok(all) = self.processes() else { return };
            let mut rest = all.iter().filter(|one| one.pid != self.pid && one.state != 'Z');
            let Some(first) = rest.next() else { return };
            for one in std::iter::once(first).chain(rest) {
                // SAFETY: takes two numbers. The PID was a descendant's a moment ago.
                unsafe { libc::kill(one.pid, libc::SIGKILL) };
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.members.die_with_main() {
            self.kill_the_rest();
        }
        if self.ended.is_none() {
            let _ = self.signal(libc::SIGKILL);
            let _ = self.wait();
        }
    }
}
