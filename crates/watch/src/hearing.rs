//! How a process listens for a signal, before it is sent: the question of whether it will react.
//!
//! sigwait(3) and signalfd(2) leave no trace in the usual masks: while a thread sleeps in
//! rt_sigtimedwait the kernel keeps its mask elsewhere (kernel/signal.c, `real_blocked`), and
//! `/proc` shows it as neither caught nor blocked. So the system call itself is looked at.

use crate::status::{Masks, Status, has, threads};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// How a process listens for one signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// It has a handler.
    Handler,
    /// It waits for the signal in sigwait(3) or sigtimedwait(2).
    Waits,
    /// It blocks the signal and reads it from a signalfd(2).
    Signalfd,
    /// It ignores the signal.
    Ignores,
    /// It blocks the signal, and we see nobody who will fetch it.
    Blocks,
    /// It does nothing: the default action holds, which PID 1 does not have.
    Nothing,
    /// It could not be looked at.
    Unknown,
}

impl Hearing {
    /// How the process `pid` listens for `signal` now.
    pub fn of(pid: i32, signal: i32) -> Hearing {
        let Some(status) = Status::read(pid) else { return Hearing::Unknown };
        let threads = threads(pid);
        if has(status.masks.ignored, signal) {
            return Hearing::Ignores;
        }
        if threads.iter().any(|&thread| waits(pid, thread, signal)) {
            return Hearing::Waits;
        }
        let mut masks = threads.iter().filter_map(|&thread| Status::read(thread)).map(|s| s.masks);
        Hearing::judged(&status.masks, masks.all(|one| one.blocks(signal)), signal, || {
            has_signalfd(pid, signal)
        })
    }

    fn judged(
        masks: &Masks,
        all_block: bool,
        signal: i32,
        has_signalfd: impl FnOnce() -> bool,
    ) -> Hearing {
        match () {
            () if all_block && has_signalfd() => Hearing::Signalfd,
            // A blocked signal is not delivered, whatever handler there is.
            () if all_block => Hearing::Blocks,
            () if has(masks.caught, signal) => Hearing::Handler,
            () => Hearing::Nothing,
        }
    }

    /// Whether a tracer sees the signal arrive (see the crate's introduction).
    pub fn is_seen(self) -> bool {
        match self {
            Hearing::Handler | Hearing::Ignores | Hearing::Nothing => true,
            Hearing::Waits | Hearing::Signalfd | Hearing::Blocks | Hearing::Unknown => false,
        }
    }
}

/// Whether this thread sleeps in rt_sigtimedwait for a set that has the signal
/// (proc_pid_syscall(5); its first argument points to the set).
fn waits(pid: i32, thread: i32, signal: i32) -> bool {
    let Ok(line) = fs::read_to_string(format!("/proc/{pid}/task/{thread}/syscall")) else {
        return false;
    };
    let mut words = line.split_ascii_whitespace();
    let number: Option<libc::c_long> = words.next().and_then(|word| word.parse().ok());
    if number != Some(libc::SYS_rt_sigtimedwait) {
        return false;
    }
    let address = words.next().and_then(|word| word.strip_prefix("0x"));
    let address = address.and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let mut set = [0; 8];
    let memory = File::open(format!("/proc/{pid}/mem"));
    match (address, memory) {
        (Some(address), Ok(memory)) if memory.read_exact_at(&mut set, address).is_ok() => {
            has(u64::from_ne_bytes(set), signal)
        }
        _ => false,
    }
}

fn has_signalfd(pid: i32, signal: i32) -> bool {
    let Ok(folder) = fs::read_dir(format!("/proc/{pid}/fdinfo")) else { return false };
    folder.flatten().any(|entry| {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        let set = text.lines().find_map(|line| line.strip_prefix("sigmask:"));
        let set = set.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
        set.is_some_and(|set| has(set, signal))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_blocked_everywhere_is_heard_through_a_signalfd_or_not_at_all() {
        let caught = Masks { caught: 1 << 14, ..Masks::default() };
        assert_eq!(Hearing::judged(&caught, true, 15, || true), Hearing::Signalfd);
        assert_eq!(Hearing::judged(&caught, true, 15, || false), Hearing::Blocks);
        assert_eq!(Hearing::judged(&caught, false, 15, || unreachable!()), Hearing::Handler);
        let nothing = Masks::default();
        assert_eq!(Hearing::judged(&nothing, false, 15, || unreachable!()), Hearing::Nothing);
    }

    #[test]
    fn who_has_gone_is_unknown() {
        assert_eq!(Hearing::of(i32::MAX, 15), Hearing::Unknown);
    }
}
