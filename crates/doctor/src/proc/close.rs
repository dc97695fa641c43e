//! The close look, for few: what a process waits for, what it has open, who its children are.

use super::dir::ProcDir;
use super::parse;
use super::read::Proc;
use super::table::{Id, Status};
use rustix::io::Errno;
use sexton_core::signal::{Signal, SignalSet};

/// So many threads of one process are looked at, and no more.
const THREADS_MAX: usize = 256;

/// So many of its open files.
const FILES_MAX: usize = 1 << 16;

/// What is only read of PID 1s, their main children, and those who owe somebody a wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloseUp {
    /// Its arguments, each as it is; empty for a zombie, and for who is on his way out.
    pub arguments: Vec<Vec<u8>>,
    /// The file it executes; `None` without the right to know.
    pub executable: Option<Vec<u8>>,
    /// For each thread its children, in the order in which they became its own. `None` where the
    /// kernel does not tell (`CONFIG_PROC_CHILDREN`).
    pub children: Option<Vec<Vec<i32>>>,
    /// The masks of its signalfds; `None` without the right to know.
    pub signalfds: Option<Vec<SignalSet>>,
    /// What it does in each of some moments, the last one last.
    pub samples: Vec<Sample>,
    /// `Max processes` of `/proc/PID/limits`: the soft limit, `None` for unlimited or unknown.
    pub process_limit: Option<u64>,
    /// Its user namespace, if that could be read.
    pub user_namespace: Option<Vec<u8>>,
}

/// One moment of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its masks then.
    pub status: Status,
    /// Its threads then, the first one first.
    pub threads: Vec<Thread>,
}

/// One thread in one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Blocked then.
    pub blocked: SignalSet,
    /// The system call it sleeps in.
    pub call: Call,
}

/// `/proc/PID/task/TID/syscall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Without the right to know (ptrace(2), ATTACH_REALCREDS).
    Unreadable,
    /// In no system call, or running.
    None,
    /// In rt_sigtimedwait(2), with this set; `None` if its memory could not be read.
    SignalWait(Option<SignalSet>),
    /// In wait4(2) or waitid(2).
    ChildWait,
    /// In rt_sigsuspend(2).
    SignalSuspend,
    /// In zap_pid_ns_processes of the kernel (`wchan`): waiting for its namespace to be empty.
    NamespaceEnd,
    /// Any other.
    Other,
}

#[cfg(target_arch = "x86_64")]
mod numbers {
    pub const SIGNAL_WAIT: u64 = 128;
    pub const CHILD_WAIT: [u64; 2] = [61, 247];
    pub const SIGNAL_SUSPEND: u64 = 130;
}

/// asm-generic/unistd.h
#[cfg(not(target_arch = "x86_64"))]
mod numbers {
    pub const SIGNAL_WAIT: u64 = 137;
    pub const CHILD_WAIT: [u64; 2] = [260, 95];
    pub const SIGNAL_SUSPEND: u64 = 133;
}

impl CloseUp {
    /// Whether some thread was seen waiting for this signal, or a signalfd is for it.
    pub fn awaits(&self, signal: Signal) -> bool {
        self.sets().any(|set| set.contains(signal))
            || self.signalfds.iter().flatten().any(|set| set.contains(signal))
    }

    /// Whether it executes a file of this name.
    pub fn executes(&self, name: &str) -> bool {
        self.executable.as_deref().is_some_and(|file| base(file) == name)
    }

    /// Whether some thread was seen waiting for all 64 signals.
    pub fn awaits_all(&self) -> bool {
        self.sets().any(|set| set == SignalSet::ALL)
    }

    fn sets(&self) -> impl Iterator<Item = SignalSet> {
        let threads = self.samples.iter().flat_map(|sample| &sample.threads);
        threads.filter_map(|thread| match thread.call {
            Call::SignalWait(set) => set,
            _ => None,
        })
    }
}

/// The last part of a path, without what the kernel and login shells add to it.
pub fn base(path: &[u8]) -> String {
    let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    String::from_utf8_lossy(name.strip_prefix(b"-").unwrap_or(name)).into_owned()
}

/// Only what it is called by.
pub fn name(proc: &Proc, id: Id) -> Option<CloseUp> {
    let dir = proc.process(id).ok()?;
    let arguments = arguments(&dir.contents("cmdline").unwrap_or_default());
    Some(CloseUp { arguments, executable: dir.link("exe").ok(), ..CloseUp::default() })
}

/// Everything but the samples.
pub fn look(proc: &Proc, id: Id) -> Option<CloseUp> {
    let dir = proc.process(id).ok()?;
    let threads = dir.numbers("task", THREADS_MAX).ok()?;
    let limits = dir.contents("limits").unwrap_or_default();
    Some(CloseUp {
        arguments: arguments(&dir.contents("cmdline").unwrap_or_default()),
        executable: dir.link("exe").ok(),
        children: threads.iter().map(|&tid| children(&dir, tid)).collect(),
        signalfds: signalfds(&dir),
        samples: Vec::new(),
        process_limit: process_limit(&limits),
        user_namespace: dir.link("ns/user").ok(),
    })
}

/// One moment of it.
pub fn sample(proc: &Proc, id: Id) -> Option<Sample> {
    let dir = proc.process(id).ok()?;
    let status = parse::status(&dir.contents("status").ok()?)?;
    let threads = dir.numbers("task", THREADS_MAX).ok()?;
    let threads = threads.into_iter().filter_map(|tid| thread(&dir, tid)).collect();
    Some(Sample { status, threads })
}

fn thread(dir: &ProcDir, tid: i32) -> Option<Thread> {
    let status = parse::status(&dir.contents(&format!("task/{tid}/status")).ok()?)?;
    Some(Thread { blocked: status.blocked, call: call(dir, tid) })
}

fn call(dir: &ProcDir, tid: i32) -> Call {
    // A name of the kernel's, and `0` without the right to know.
    let place = dir.contents(&format!("task/{tid}/wchan")).unwrap_or_default();
    if place.starts_with(b"zap_pid_ns_processes") {
        return Call::NamespaceEnd;
    }
    let line = match dir.contents(&format!("task/{tid}/syscall")) {
        Ok(line) => line,
        // Linux without CONFIG_HAVE_ARCH_TRACEHOOK has no such file.
        Err(Errno::NOENT) if place.starts_with(b"do_sigtimedwait") => {
            return Call::SignalWait(None);
        }
        Err(_) => return Call::Unreadable,
    };
    let mut words = parse::words(&line);
    let Some(number) = words.next().and_then(parse::number::<u64>) else { return Call::None };
    match number {
        // A program of 32 bits has other numbers; where it sleeps is the same.
        number if number != numbers::SIGNAL_WAIT && place.starts_with(b"do_sigtimedwait") => {
            Call::SignalWait(None)
        }
        numbers::SIGNAL_WAIT => {
            let set = words.next().and_then(parse::hex).and_then(|at| dir.memory(at).ok());
            Call::SignalWait(set.map(SignalSet::from_bits))
        }
        number if numbers::CHILD_WAIT.contains(&number) => Call::ChildWait,
        numbers::SIGNAL_SUSPEND => Call::SignalSuspend,
        _ => Call::Other,
    }
}

/// A list that the kernel appends to, at a fork as at an adoption.
fn children(dir: &ProcDir, tid: i32) -> Option<Vec<i32>> {
    let list = dir.contents(&format!("task/{tid}/children")).ok()?;
    Some(parse::words(&list).filter_map(parse::number).collect())
}

fn signalfds(dir: &ProcDir) -> Option<Vec<SignalSet>> {
    let files = dir.numbers("fd", FILES_MAX).ok()?;
    let mut masks = Vec::new();
    for fd in files {
        match dir.link(&format!("fd/{fd}")) {
            Ok(target) if target == b"anon_inode:[signalfd]" => {
                let info = dir.contents(&format!("fdinfo/{fd}")).ok()?;
                let mask = parse::field(&info, b"sigmask").and_then(parse::hex);
                masks.extend(mask.map(SignalSet::from_bits));
            }
            // The list may be read by more people than what is in it.
            Err(Errno::ACCESS | Errno::PERM) => return None,
            Ok(_) | Err(_) => {} // Another kind of file, or closed meanwhile.
        }
    }
    Some(masks)
}

/// The kernel ends each with a NUL; a program may have written over them without.
pub fn arguments(bytes: &[u8]) -> Vec<Vec<u8>> {
    // Titles written over the arguments (`npm start`) leave NULs behind.
    let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    if end == 0 {
        return Vec::new();
    }
    bytes[..end].split(|&byte| byte == 0).map(<[u8]>::to_vec).collect()
}

fn process_limit(limits: &[u8]) -> Option<u64> {
    let mut lines = limits.split(|&byte| byte == b'\n');
    let values = lines.find_map(|line| line.strip_prefix(b"Max processes"))?;
    parse::words(values).next().and_then(parse::number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_written_over_the_arguments_leaves_no_empty_words_behind() {
        assert_eq!(arguments(b"npm start\0\0\0\0"), [b"npm start".to_vec()]);
        assert_eq!(arguments(b"sh\0-c\0\0x\0"), [&b"sh"[..], b"-c", b"", b"x"].map(<[u8]>::to_vec));
        assert_eq!(arguments(b"\0\0"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn the_process_limit_is_the_soft_one() {
        let limits = b"Limit   Soft Limit  Hard Limit  Units\n\
                       Max processes   96325     96326     processes\n";
        assert_eq!(process_limit(limits), Some(96325));
        assert_eq!(process_limit(b"Max processes  unlimited unlimited processes\n"), None);
    }
}
