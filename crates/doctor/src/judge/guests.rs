//! Containers in a PID namespace that is not their own: those of a pod that shares its namespace,
//! and those of `--pid=host` and `--pid=container:…`, which could kill strangers.

use crate::names::cgroup::{Place, place};
use crate::namespaces::Namespace;
use crate::proc::table::Process;
use crate::sight::Sight;
use serde::Serialize;
use std::collections::BTreeMap;

/// A container among others' processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Which.
    pub place: Place,
    /// Whether it belongs to the same pod as PID 1: they are meant to be together.
    pub same_pod: bool,
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
    /// `CAP_KILL` in the user namespace of PID 1.
    Everybody,
    /// kill(2): those of the same user.
    SameUser,
    /// It has a user namespace of its own, or its rights could not be read.
    Unknown,
}

/// capability.h
const CAP_KILL: u64 = 1 << 5;

/// All of them in this namespace, by the PID of the oldest process.
pub fn guests(sight: &Sight, namespace: &Namespace) -> Vec<Guest> {
    let members = || namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    // Without its first process nobody can say whose it is.
    let Some(first) = namespace.pid1.and_then(|id| sight.table.get(id.pid)) else {
        return Vec::new();
    };
    let host = place(&first.cgroup);
    let pod = host.as_ref().and_then(|host| host.pod.as_ref());
    let mut places: BTreeMap<Place, Vec<&Process>> = BTreeMap::new();
    for process in members() {
        if let Some(place) = place(&process.cgroup)
            && Some(&place) != host.as_ref()
        {
            places.entry(place).or_default().push(process);
        }
    }
    let mut guests: Vec<Guest> = places
        .into_iter()
        .filter_map(|(place, guests)| {
            let same_pod = place.pod.is_some() && place.pod.as_ref() == pod;
            Some(Guest { same_pod, ..guest(sight, namespace, place, &guests)? })
        })
        .collect();
    guests.sort_by_key(|guest| guest.main);
    guests
}

fn guest(
    sight: &Sight,
    namespace: &Namespace,
    place: Place,
    members: &[&Process],
) -> Option<Guest> {
    let main = members.iter().min_by_key(|one| (one.id.started, one.id.pid))?;
    let status = main.status.as_ref()?;
    // Its user namespace is that of PID 1, if both could be read.
    let of = |process: &Process| sight.close(process)?.user_namespace.clone();
    let host = namespace.pid1.and_then(|id| of(sight.table.get(id.pid)?));
    let same_user_namespace = host.is_some() && of(main) == host;
    let reach = match same_user_namespace {
        false => Reach::Unknown,
        true if status.capabilities & CAP_KILL != 0 => Reach::Everybody,
        true => Reach::SameUser,
    };
    // Whoever is in a namespace below can be reached too, and is not counted.
    let others = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let others = others.filter(|one| !members.iter().any(|member| member.id == one.id));
    let could_kill = match reach {
        Reach::Everybody => others.count(),
        Reach::SameUser => others
            .filter(|one| one.status.as_ref().is_some_and(|other| other.uid == status.uid))
            .count(),
        Reach::Unknown => 0,
    };
    let (main, processes) = (main.id.pid, members.len());
    Some(Guest { place, same_pod: false, main, processes, reach, could_kill })
}

#[cfg(test)]
mod tests;
