//! Containers that share the machine's own PID namespace (`--pid=host`): whom they could kill.

use crate::names::cgroup::{Place, place};
use crate::namespaces::Key;
use crate::proc::table::Process;
use crate::sight::Sight;
use serde::Serialize;
use std::collections::BTreeMap;

/// A container among the machine's processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Which.
    pub place: Place,
    /// Its oldest process.
    pub main: i32,
    /// How many it has.
    pub processes: usize,
    /// Whom it could kill.
    pub reach: Reach,
    /// How many processes outside of it that is.
    pub could_kill: usize,
}

/// By which right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// `CAP_KILL` in the machine's own user namespace.
    Everybody,
    /// kill(2): those of the same user.
    SameUser,
    /// It has a user namespace of its own, or its rights could not be read.
    Unknown,
}

/// capability.h
const CAP_KILL: u64 = 1 << 5;

/// All of them, by the PID of the oldest process. None, if the first namespace is not the machine's.
pub fn guests(sight: &Sight) -> Vec<Guest> {
    if !sight.first_is_host {
        return Vec::new();
    }
    let mut places: BTreeMap<Place, Vec<&Process>> = BTreeMap::new();
    for process in sight.table.processes().iter().filter(|one| !one.is_kernel_thread()) {
        if sight.namespaces.of(process.id.pid) == Some(Key::First)
            && let Some(place) = place(&process.cgroup)
        {
            places.entry(place).or_default().push(process);
        }
    }
    let mut guests: Vec<Guest> =
        places.into_iter().filter_map(|(place, members)| guest(sight, place, &members)).collect();
    guests.sort_by_key(|guest| guest.main);
    guests
}

fn guest(sight: &Sight, place: Place, members: &[&Process]) -> Option<Guest> {
    let main = members.iter().min_by_key(|one| (one.id.started, one.id.pid))?;
    let status = main.status.as_ref()?;
    // Its user namespace is that of PID 1, if both could be read.
    let of = |process: &Process| sight.close(process)?.user_namespace.clone();
    let host = sight.table.get(1).and_then(of);
    let same_user_namespace = host.is_some() && of(main) == host;
    let reach = match same_user_namespace {
        false => Reach::Unknown,
        true if status.capabilities & CAP_KILL != 0 => Reach::Everybody,
        true => Reach::SameUser,
    };
    let others = sight.table.processes().iter().filter(|one| !one.is_kernel_thread());
    let others = others.filter(|one| !members.iter().any(|member| member.id == one.id));
    let could_kill = match reach {
        Reach::Everybody => others.count(),
        Reach::SameUser => others
            .filter(|one| one.status.as_ref().is_some_and(|other| other.uid == status.uid))
            .count(),
        Reach::Unknown => 0,
    };
    Some(Guest { place, main: main.id.pid, processes: members.len(), reach, could_kill })
}
