//! How a process ended that is not our child, from its pidfd.
//!
//! A pidfd, opened while the process lived, tells anybody its exit status once it was reaped:
//! `PIDFD_GET_INFO` with `PIDFD_INFO_EXIT` (include/uapi/linux/pidfd.h), Linux 6.15 and later.
//! Before that the kernel tells it to the parent and to a tracer alone.

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// `struct pidfd_info`, its first published size: 64 bytes.
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroup_id: u64,
    ids: [u32; 11],
    exit_code: i32,
}

const PIDFD_INFO_EXIT: u64 = 1 << 3;

/// `_IOWR(0xFF, 11, struct pidfd_info)`.
const PIDFD_GET_INFO: libc::Ioctl =
    ((3 << 30) | ((size_of::<PidfdInfo>() as u32) << 16) | (0xff << 8) | 11) as libc::Ioctl;

/// `None` before it was reaped, and on kernels that do not tell.
pub fn exit_status(pidfd: impl AsFd) -> Option<ExitStatus> {
    let mut info = PidfdInfo { mask: PIDFD_INFO_EXIT, ..PidfdInfo::default() };
    let number = pidfd.as_fd().as_raw_fd();
    // SAFETY: the kernel writes at most the size that is part of the request's number.
    let answer = unsafe { libc::ioctl(number, PIDFD_GET_INFO, &raw mut info) };
    let told = answer == 0 && info.mask & PIDFD_INFO_EXIT != 0;
    told.then(|| ExitStatus::from_raw(info.exit_code))
}

/// pidfd_open(2): means this process for ever, which must not have been reaped yet.
///
/// # Errors
/// `ESRCH` if there is no such process.
pub fn open(pid: i32) -> io::Result<OwnedFd> {
    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(pidfd_open(pid, PidfdFlags::empty())?)
}

/// kill(2) by pidfd: no other process can be meant, however late it is. Signals 1 to 64.
///
/// # Errors
/// `ESRCH` once it was reaped, `EPERM` if it is not ours to signal.
pub fn send_signal(pidfd: impl AsFd, signal: i32) -> io::Result<()> {
    let nothing = std::ptr::null::<libc::siginfo_t>();
    let number = pidfd.as_fd().as_raw_fd();
    // SAFETY: pidfd_send_signal(2) takes numbers and, here, no siginfo.
    let answer = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, number, signal, nothing, 0) };
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
