//! A file that takes its time to be opened, as one on a network that is slow to answer.

use crate::signals;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

/// Until it is dropped, whoever opens the file waits: fcntl(2), `F_SETLEASE`. The kernel's patience
/// is 45 s (`/proc/sys/fs/lease-break-time`).
#[derive(Debug)]
pub struct Lease {
    file: File,
}

impl Lease {
    /// Of a file that nobody has open.
    ///
    /// # Errors
    /// `EAGAIN` if somebody has; `EINVAL` where the file system has no leases.
    pub fn of(path: &Path) -> io::Result<Lease> {
        // It tells us that somebody wants to open the file, and would end us.
        signals::ignore(libc::SIGIO, true);
        let file = File::open(path)?;
        // SAFETY: takes numbers.
        let taken = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, libc::F_WRLCK) };
        if taken < 0 { Err(io::Error::last_os_error()) } else { Ok(Lease { file }) }
    }

    /// Whether somebody waits for it (the lease is about to be a weaker one).
    pub fn is_wanted(&self) -> bool {
        // SAFETY: takes numbers.
        let kind = unsafe { libc::fcntl(self.file.as_raw_fd(), libc::F_GETLEASE) };
        kind != libc::F_WRLCK
    }
}
