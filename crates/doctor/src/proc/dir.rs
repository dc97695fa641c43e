//! The files of one process, read through one descriptor of its directory: it stays this
//! process's, and answers `ESRCH` when that is gone, whoever gets the PID next.

use super::parse;
use super::table::{Id, Process};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Dir, Mode, OFlags, openat, readlinkat};
use rustix::io::Errno;

/// The most that is read of one file. A command line may be 2 MiB; nobody looks at so much.
const FILE_MAX: usize = 1 << 20;

/// `/proc/PID`, open.
#[derive(Debug)]
pub struct ProcDir(OwnedFd);

impl ProcDir {
    /// Of whoever has this PID (or another folder below that of processes, `self`).
    pub fn open(proc: impl AsFd, name: &str) -> Result<ProcDir, Errno> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(proc, name, flags, Mode::empty()).map(ProcDir)
    }

    /// Of this very process, or `ESRCH`.
    pub fn of(proc: impl AsFd, id: Id) -> Result<ProcDir, Errno> {
        let dir = ProcDir::open(proc, &id.pid.to_string())?;
        let same = dir.stat().is_ok_and(|process| process.id == id);
        if same { Ok(dir) } else { Err(Errno::SRCH) }
    }

    /// `stat`, read into the basics of a process.
    pub fn stat(&self) -> Result<Process, Errno> {
        let mut bytes = Vec::with_capacity(512);
        self.read("stat", &mut bytes)?;
        parse::stat(&bytes).ok_or(Errno::SRCH)
    }

    /// The whole file, in place of what `bytes` held. Files of `/proc` cannot be asked for a size.
    pub fn read(&self, name: &str, bytes: &mut Vec<u8>) -> Result<(), Errno> {
        let file = self.open_file(name)?;
        bytes.clear();
        while bytes.len() < FILE_MAX {
            bytes.reserve(1024);
            match rustix::io::read(&file, rustix::buffer::spare_capacity(bytes)) {
                Ok(0) => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// The whole file.
    pub fn contents(&self, name: &str) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        self.read(name, &mut bytes)?;
        Ok(bytes)
    }

    /// Eight bytes of the process's own memory, as the kernel reads a signal set.
    pub fn memory(&self, address: u64) -> Result<u64, Errno> {
        let file = self.open_file("mem")?;
        let mut bytes = [0; 8];
        match rustix::io::pread(&file, &mut bytes, address)? {
            8 => Ok(u64::from_ne_bytes(bytes)),
            _ => Err(Errno::FAULT),
        }
    }

    /// A file below, for reading.
    pub fn open_file(&self, name: &str) -> Result<OwnedFd, Errno> {
        openat(&self.0, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
    }

    /// Where a link points to.
    pub fn link(&self, name: &str) -> Result<Vec<u8>, Errno> {
        readlinkat(&self.0, name, Vec::new()).map(|target| target.into_bytes())
    }

    /// The numbered entries of a directory (`task`, `fd`), at most `limit`, in order.
    pub fn numbers(&self, name: &str, limit: usize) -> Result<Vec<i32>, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(&self.0, name, flags, Mode::empty())?;
        numbers(Dir::new(dir)?, limit)
    }
}

/// The entries that are numbers; other names are passed over.
pub fn numbers(dir: Dir, limit: usize) -> Result<Vec<i32>, Errno> {
    let mut numbers = Vec::new();
    for entry in dir {
        if let Some(number) = parse::number(entry?.file_name().to_bytes()) {
            numbers.push(number);
        }
        if numbers.len() >= limit {
            break;
        }
    }
    Ok(numbers)
}
