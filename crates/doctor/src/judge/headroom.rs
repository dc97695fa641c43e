//! How many processes can still be made, and what takes up the room.

use super::Level;
use crate::proc::table::Process;
use crate::sight::Sight;
use serde::Serialize;

/// One limit that counts for a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Which.
    pub kind: Kind,
    /// The control group, the user, or the file that says it.
    pub name: String,
    /// Processes and threads there may be.
    pub max: u64,
    /// Processes and threads there are, zombies too.
    pub used: u64,
    /// How often a fork was refused for it, where the kernel counts that.
    pub refused: u64,
}

/// What limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `pids.max` of a control group.
    Cgroup,
    /// `RLIMIT_NPROC`, a user's.
    User,
    /// `kernel.threads-max`, the whole machine's.
    Threads,
    /// `kernel.pid_max`, this namespace's.
    Pids,
}

impl Limit {
    /// How many are left.
    pub fn left(&self) -> u64 {
        self.max.saturating_sub(self.used)
    }

    /// Under a tenth left is wrong, a refusal in the past is to be known.
    pub fn level(&self) -> Level {
        match () {
            () if self.left().saturating_mul(10) < self.max => Level::Problem,
            () if self.refused > 0 => Level::Note,
            () => Level::Fine,
        }
    }
}

/// All limits on what this first process of a namespace and its like may start.
pub fn limits(sight: &Sight, pid1: &Process) -> Vec<Limit> {
    let mut limits: Vec<Limit> = sight
        .pids_limits
        .get(&pid1.id)
        .into_iter()
        .flatten()
        .map(|one| Limit {
            kind: Kind::Cgroup,
            name: one.group.clone(),
            max: one.max,
            used: one.used,
            refused: one.refused,
        })
        .collect();
    limits.extend(of_user(sight, pid1));
    if pid1.depth() == 1
        && let Some(used) = sight.system.threads
    {
        let system = [
            (Kind::Threads, "kernel.threads-max", sight.system.threads_max),
            (Kind::Pids, "kernel.pid_max", sight.system.pid_max),
        ];
        limits.extend(system.into_iter().filter_map(|(kind, name, max)| {
            Some(Limit { kind, name: name.into(), max: max?, used, refused: 0 })
        }));
    }
    limits
}

/// The one that will be met first.
pub fn tightest(limits: &[Limit]) -> Option<&Limit> {
    limits.iter().min_by_key(|limit| limit.left())
}

/// getrlimit(2): "This limit is not enforced for processes that have either the CAP_SYS_ADMIN or
/// the CAP_SYS_RESOURCE capability, or run with real user ID 0."
fn of_user(sight: &Sight, pid1: &Process) -> Option<Limit> {
    const SYS_ADMIN: u64 = 1 << 21;
    const SYS_RESOURCE: u64 = 1 << 24;
    let status = pid1.status.as_ref()?;
    let max = sight.close(pid1)?.process_limit?;
    if status.uid == 0 || status.capabilities & (SYS_ADMIN | SYS_RESOURCE) != 0 {
        return None;
    }
    let is_theirs =
        |one: &&Process| one.status.as_ref().is_some_and(|other| other.uid == status.uid);
    let theirs = sight.table.processes().iter().filter(is_theirs);
    let used = theirs.map(|one| u64::from(one.threads.max(1))).sum();
    Some(Limit { kind: Kind::User, name: format!("uid {}", status.uid), max, used, refused: 0 })
}

#[cfg(test)]
mod tests;
