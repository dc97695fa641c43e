//! The cheap look: everybody, a few short files each. Whoever vanishes meanwhile is left out.

use super::dir::{ProcDir, numbers};
use super::parse;
use super::table::{Id, ProcTable, Process};
use rustix::fd::OwnedFd;
use rustix::fs::{Dir, Mode, OFlags, open};
use rustix::io::Errno;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A `/proc`, open.
#[derive(Debug)]
pub struct Proc {
    dir: OwnedFd,
    path: PathBuf,
}

impl Proc {
    /// Usually that at `/proc`.
    pub fn open(path: &Path) -> Result<Proc, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Proc { dir: open(path, flags, Mode::empty())?, path: path.to_owned() })
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The files of this very process.
    pub fn process(&self, id: Id) -> Result<ProcDir, Errno> {
        ProcDir::of(&self.dir, id)
    }

    /// A folder of `/proc`, such as `self`.
    pub fn folder(&self, name: &str) -> Result<ProcDir, Errno> {
        ProcDir::open(&self.dir, name)
    }

    /// Everybody.
    pub fn table(&self) -> Result<ProcTable, Errno> {
        let now = now();
        let listing = rustix::fs::openat(
            &self.dir,
            ".",
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let pids = numbers(Dir::new(listing)?, usize::MAX)?;
        let mut buffer = Vec::with_capacity(4096);
        let mut processes = Vec::with_capacity(pids.len());
        let mut unreadable = 0;
        for pid in pids {
            match self.one(pid, &mut buffer) {
                Ok(process) => processes.push(process),
                Err(Errno::PERM | Errno::ACCESS) => unreadable += 1,
                Err(_) => {} // Vanished.
            }
        }
        let mut table = ProcTable::new(processes, now, rustix::param::clock_ticks_per_second());
        table.unreadable = unreadable;
        Ok(table)
    }

    /// A second look at some of them; those that `/proc` does not have any more become `None`.
    pub fn again(&self, ids: impl IntoIterator<Item = Id>) -> HashMap<Id, Option<Process>> {
        let mut buffer = Vec::with_capacity(4096);
        let mut look = |id: Id| self.one(id.pid, &mut buffer).ok().filter(|now| now.id == id);
        ids.into_iter().map(|id| (id, look(id))).collect()
    }

    /// Whoever has this PID now.
    pub fn whoever(&self, pid: i32) -> Option<Process> {
        self.one(pid, &mut Vec::new()).ok()
    }

    fn one(&self, pid: i32, buffer: &mut Vec<u8>) -> Result<Process, Errno> {
        let dir = ProcDir::open(&self.dir, &pid.to_string())?;
        dir.read("stat", buffer)?;
        let mut process = parse::stat(buffer).ok_or(Errno::SRCH)?;
        if process.is_kernel_thread() {
            return Ok(process);
        }
        dir.read("status", buffer)?;
        process.status = parse::status(buffer);
        process.namespace = dir.link("ns/pid").ok().and_then(|link| parse::namespace(&link));
        // Cgroup v1 says `/` of a zombie, v2 where it was.
        if dir.read("cgroup", buffer).is_ok() {
            process.cgroup = buffer.clone();
        }
        Ok(process)
    }
}

/// Clock ticks since boot, as start times are counted.
pub fn now() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let hertz = rustix::param::clock_ticks_per_second();
    let part = u64::try_from(time.tv_nsec).unwrap_or(0) * hertz / 1_000_000_000;
    u64::try_from(time.tv_sec).unwrap_or(0) * hertz + part
}
