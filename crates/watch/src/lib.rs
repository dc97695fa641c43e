//! Watches every process of a PID namespace from outside: who is born, who gets which signal from
//! whom, who ends and how.
//!
//! Two ways, chosen by what the machine permits:
//!
//! - [`trace`] and [`attach`] use ptrace(2): every birth, every signal that is delivered and every
//!   end is seen, in order, and also the moment at which PID 1 begins to exit, which is before the
//!   kernel kills the rest ([`What::Ending`]).
//! - [`spawn_and_look`] and [`look`] read `/proc` every few milliseconds and hold a pidfd of
//!   everybody they saw: they need no right at all, and miss who lives for less, and all signals.
//!
//! Both tell what they see as [`Sighting`]s through a channel, which closes when nobody is left.
//! How a process ended is told by its wait status (ptrace) or by its pidfd ([`exit_status`],
//! Linux 6.15 and later) once it has been reaped.
//!
//! # What is not seen
//! A signal that is taken with sigwait(3) or from a signalfd(2) is never delivered, so ptrace does
//! not stop for it; [`Hearing`] says of a process whether it listens that way. Processes that come
//! in from outside (`docker exec`) after [`attach`] are no tracee's children.

mod hearing;
mod looker;
mod pidfd;
mod ptrace;
mod status;
mod tracer;

pub use hearing::Hearing;
pub use looker::{look, spawn_and_look};
pub use pidfd::{exit_status, open, send_signal};
pub use status::{Masks, Status, command};
pub use tracer::{attach, trace};

use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::time::Instant;

/// Something that was seen of one process.
#[derive(Debug)]
pub struct Sighting {
    /// When we saw it.
    pub at: Instant,
    /// Of whom, in the caller's PID namespace.
    pub pid: i32,
    /// What it was.
    pub what: What,
}

/// What can be seen of a process.
#[derive(Debug)]
pub enum What {
    /// It is new, or was there when we began to watch.
    Born {
        /// Its PID in its own namespace.
        inside: i32,
        /// Its parent, in the caller's namespace.
        parent: i32,
        /// For [`exit_status`]; `None` if there was no descriptor left.
        pidfd: Option<OwnedFd>,
    },
    /// What it is called, at first and after every execve(2).
    Named {
        /// At most 15 bytes, as the kernel keeps it.
        name: String,
        /// Its arguments.
        command: Vec<String>,
    },
    /// A signal was delivered, or was about to be when PID 1 began to exit. SIGKILL never is
    /// delivered: it just ends.
    Signalled {
        /// 1 to 64.
        signal: i32,
        /// Who sent it.
        sender: Sender,
        /// What this process does about it.
        reaction: Reaction,
    },
    /// Its last thread began to exit. If it is PID 1 the kernel will now kill everybody else.
    Ending,
    /// It has ended. The status is known to a tracer; else ask its pidfd.
    Ended(Option<ExitStatus>),
}

/// Who sent a signal, as `siginfo` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// The kernel itself: a terminal's key, a timer, a fault.
    Kernel,
    /// Somebody who has no PID in the receiver's namespace: the runtime, or us.
    Outside,
    /// The process of this PID, in the receiver's namespace.
    Inside(i32),
    /// It was sent, and not yet delivered when PID 1 began to exit: by whom is not known.
    Unknown,
}

/// What a process does about a signal (its disposition, signal(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// A handler is called.
    Handler,
    /// It is ignored.
    Ignores,
    /// The default action is taken; for PID 1 there is none (kernel/signal.c, `get_signal`).
    Default,
    /// Its status could not be read.
    Unknown,
}
