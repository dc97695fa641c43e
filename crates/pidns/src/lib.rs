//! Runs a command as PID 1 of a fresh PID namespace, as root or, without root, in a user namespace.
//!
//! [`Pid1`] is built like [`std::process::Command`]; [`Running`] is signalled, watched and waited
//! for from outside, as a container runtime does with a container:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! let mut app = sexton_pidns::Pid1::new("sleep").arg("60").spawn()?;
//! app.signal(sexton_pidns::SIGTERM)?;
//! // PID 1 has no default signal actions: it is still there.
//! assert_eq!(app.wait_within(Duration::from_millis(100))?, None);
//! # Ok(()) }
//! ```
//!
//! [`Orphan`] is planted in a PID namespace from outside, to see whether its PID 1 reaps.
//!
//! What happens between the clone and the exec is in `child.rs`, all that is prepared for it
//! beforehand in `plan.rs`, and how a process table is read in `processes.rs`.
//!
//! # Rules
//! - Linux 5.9 or later (`CLONE_PIDFD`, `close_range`), x86_64 and aarch64.
//! - Thread-safe: many threads may spawn at once. The child gets the descriptors it was promised
//!   and no other.
//! - Without the right to make a PID namespace ([`Access::Root`]) a user namespace is made too,
//!   with the caller's user and group mapped to 0 inside ([`Access::UserNamespace`]).
//! - A file without `#!` and without a binary format is *not* handed to a shell: like a container
//!   runtime we answer `ENOEXEC`. [`std::process::Command`] differs here.
//!
//! It is no container runtime: network, cgroups, root file system and capabilities are left as
//! they are.

mod access;
mod builder;
mod child;
mod error;
mod orphan;
mod plan;
mod processes;
mod running;

pub use access::{Access, access};
pub use builder::{Pid1, Place, Proc, Session, Stream};
pub use error::{Error, Refused};
pub use orphan::Orphan;
pub use processes::{Process, processes_of};
pub use running::Running;

pub use libc::{SIGINT, SIGKILL, SIGTERM};
