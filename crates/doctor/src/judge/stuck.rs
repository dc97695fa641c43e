//! Namespaces that do not end although their first process has: who holds them.
//!
//! When PID 1 exits the kernel kills everybody else in its namespace and waits until they are gone
//! (kernel/pid_namespace.c, `zap_pid_ns_processes`). It waits for ever for one whose parent is
//! outside and does not reap it; PID 1 then survives every SIGKILL.

use crate::namespaces::Namespace;
use crate::proc::close::Call;
use crate::proc::table::Process;
use crate::sight::Sight;
use serde::Serialize;

/// Who keeps a namespace from ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The member that is still there.
    pub member: i32,
    /// Why it is.
    pub hold: Hold,
    /// Who could let it go.
    pub culprit: Option<i32>,
}

/// Why a killed process is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// A zombie; its parent is outside and does not wait for it.
    ParentOutside,
    /// A tracer has not let go of it.
    Tracer,
    /// Its control group is frozen, so that it cannot die.
    Frozen,
    /// In uninterruptible sleep: a file system or a device does not answer.
    Hung,
    /// None of these: it may be gone in a moment.
    Dying,
}

/// Whether this first process was ending in both looks.
pub fn is_ending(sight: &Sight, pid1: &Process) -> bool {
    let waits = sight.close(pid1).is_some_and(|close| {
        close.samples.iter().flat_map(|one| &one.threads).any(|one| one.call == Call::NamespaceEnd)
    });
    pid1.is_exiting() || waits
}

/// Who holds it, worst first; empty if it is not ending.
pub fn holders(sight: &Sight, namespace: &Namespace) -> Vec<Holder> {
    let first = namespace.pid1.and_then(|id| sight.table.get(id.pid));
    let Some(first) = first.filter(|first| is_ending(sight, first)) else { return Vec::new() };
    let members = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let others = members.filter(|one| one.id != first.id);
    let mut holders: Vec<Holder> = others.map(|one| holder(sight, one)).collect();
    holders.sort_by_key(|holder| (holder.hold, holder.member));
    holders
}

fn holder(sight: &Sight, member: &Process) -> Holder {
    let held = |hold, culprit| Holder { member: member.id.pid, hold, culprit };
    let tracer = member.status.as_ref().map_or(0, |status| status.tracer);
    let parent = sight.table.get(member.parent);
    if tracer != 0 && tracer != member.parent {
        return held(Hold::Tracer, Some(tracer));
    }
    if member.is_zombie() {
        return match parent {
            None => held(Hold::ParentOutside, None),
            Some(parent) if sight.same_namespace(member, parent) == Some(false) => {
                held(Hold::ParentOutside, Some(parent.id.pid))
            }
            Some(_) => held(Hold::Dying, None), // PID 1 reaps it itself.
        };
    }
    match () {
        () if sight.frozen.contains(&member.id) => held(Hold::Frozen, None),
        () if sight.hung.contains(&member.id) => held(Hold::Hung, None),
        () => held(Hold::Dying, None),
    }
}

#[cfg(test)]
mod tests;
