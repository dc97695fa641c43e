//! May we make namespaces here? Tried for real, once a process, and remembered.

use crate::builder::{Pid1, Proc};
use crate::plan::Plan;
use crate::{Error, Refused};
use std::sync::OnceLock;

/// By which right namespaces are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// CAP_SYS_ADMIN: PID and mount namespaces, and nothing more.
    Root,
    /// A user namespace first, with the caller's user and group mapped to 0 inside.
    UserNamespace,
}

/// Whether PID namespaces with a `/proc` of their own can be had, tried for real at the first call.
///
/// # Errors
/// [`Refused`] says in words at which step, and what to do about it.
pub fn access() -> Result<Access, Refused> {
    static ANSWER: OnceLock<Result<Access, Refused>> = OnceLock::new();
    ANSWER
        .get_or_init(|| {
            let way = way()?;
            rehearse(way, Proc::Fresh)?;
            Ok(way)
        })
        .clone()
}

/// The same for the PID namespace alone: `/proc` may be refused and the rest granted.
pub(crate) fn way() -> Result<Access, Refused> {
    static ANSWER: OnceLock<Result<Access, Refused>> = OnceLock::new();
    ANSWER
        .get_or_init(|| {
            // Root in a container often lacks CAP_SYS_ADMIN: ask, rather than look at the user.
            if rehearse(Access::Root, Proc::Callers).is_ok() {
                return Ok(Access::Root);
            }
            rehearse(Access::UserNamespace, Proc::Callers).map(|()| Access::UserNamespace)
        })
        .clone()
}

/// Everything but the exec.
fn rehearse(way: Access, proc: Proc) -> Result<(), Refused> {
    let nothing = Pid1::new("/").proc(proc);
    match Plan::of(nothing, Some(way)).and_then(|plan| plan.rehearsed().start()) {
        Ok(_) => Ok(()),
        Err(Error::Refused(refused)) => Err(refused),
        Err(Error::Exec { errno, .. }) => Err(Refused::explained("exec", errno)),
        Err(Error::Io { step, source }) => {
            Err(Refused::explained(step, source.raw_os_error().unwrap_or(libc::EIO)))
        }
    }
}
