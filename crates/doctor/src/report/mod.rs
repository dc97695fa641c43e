//! Everything that was found, by namespace: what `--json` prints, and what the text is made of.

mod advice;
mod findings;
mod zombies;

use crate::judge::Level;
use crate::judge::zombie::Order;
use crate::look::Memory;
use crate::names::cgroup::{Place, place};
use crate::names::{Container, Names};
use crate::namespaces::{Key, Namespace};
use crate::proc::table::Id;
use crate::sight::{Sight, Who};
use serde::Serialize;
use std::collections::HashSet;

pub use findings::{About, Finding, Headroom, Held, Shares, Stop, Stuck};
pub use zombies::{Group, Name};

/// The whole machine, as far as it was seen.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Changes only if a key changes its meaning.
    pub version: u32,
    /// The worst of all.
    pub level: Level,
    /// The first one first.
    pub namespaces: Vec<NamespaceReport>,
    /// What could not be seen, each said once.
    pub not_seen: Vec<String>,
    /// Processes in them, kernel threads excepted.
    pub processes: usize,
    /// How long was looked, in milliseconds.
    pub looked_ms: u64,
    /// Of `not_seen` what holds whichever namespaces are asked for.
    #[serde(skip)]
    everywhere: Vec<String>,
}

/// One PID namespace.
#[derive(Debug, Serialize)]
pub struct NamespaceReport {
    /// How it is known here.
    #[serde(skip)]
    pub key: Key,
    /// Its inode, as `/proc/PID/ns/pid` shows it, if that could be read.
    pub inode: Option<u64>,
    /// What it is to people.
    pub place: Whose,
    /// Its first process, if that is in sight.
    pub pid1: Option<Who>,
    /// The container, if it is one's.
    pub container: Option<Container>,
    /// Other containers in it: guests, or those of a pod that shares its process namespace.
    pub shared_with: Vec<Container>,
    /// Processes in it, zombies too.
    pub processes: usize,
    /// Of these, zombies.
    pub zombies: usize,
    /// Whether what its PID 1 waits for and has open could not be read.
    #[serde(skip)]
    unread: bool,
    /// The worst of its findings.
    pub level: Level,
    /// Worst first.
    pub findings: Vec<Finding>,
}

/// What a namespace is to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    /// The machine's own.
    Host,
    /// The one that we are in, seen from inside.
    Here,
    /// One below.
    Inside,
    /// Whose may not be read: its processes came from outside, or their parents are hidden.
    Unknown,
}

impl Report {
    /// Judges all that was seen.
    pub fn of(sight: &Sight, names: &Names, memory: &Memory) -> Report {
        let seen = Seen { sight, names, memory, order: &Order::of(sight) };
        let namespaces: Vec<NamespaceReport> = sight
            .namespaces
            .list()
            .iter()
            .filter(|namespace| is_still_there(sight, namespace))
            .map(|namespace| namespace_report(&seen, namespace))
            .collect();
        let mut everywhere = blind_spots(sight);
        everywhere.extend(names.silent.iter().cloned());
        let mut report = Report {
            version: 1,
            level: Level::Fine,
            processes: 0,
            namespaces,
            not_seen: Vec::new(),
            looked_ms: sight.dwell_ms,
            everywhere,
        };
        report.sum_up();
        report
    }

    /// Takes out what was not asked for.
    pub fn keep(&mut self, wanted: impl Fn(&NamespaceReport) -> bool) {
        self.namespaces.retain(wanted);
        self.sum_up();
    }

    /// What is said of all namespaces together.
    fn sum_up(&mut self) {
        self.level = worst(self.namespaces.iter().map(|one| one.level));
        self.processes = self.namespaces.iter().map(|one| one.processes).sum();
        self.not_seen.clone_from(&self.everywhere);
        let unread = self.namespaces.iter().filter(|one| one.unread).count();
        if unread > 0 {
            self.not_seen.push(format!(
                "system calls and open files of {}: run as root, or verdicts on the stop signal \
                 stay likely ones",
                crate::text::count(unread, "PID 1", "PID 1s")
            ));
        }
    }

    /// How many findings there are of this level.
    pub fn count(&self, level: Level) -> usize {
        let findings = self.namespaces.iter().flat_map(|one| &one.findings);
        findings.filter(|finding| finding.level == level).count()
    }
}

fn is_unread(sight: &Sight, namespace: &Namespace) -> bool {
    let close = sight.stoppable(namespace).and_then(|first| sight.close(first));
    close.is_some_and(|close| close.signalfds.is_none())
}

/// One whose first process went between the two looks is no news: the kernel lets that go last.
fn is_still_there(sight: &Sight, namespace: &Namespace) -> bool {
    let there = |id: Id| sight.table.get(id.pid).is_some_and(|one| one.id == id);
    namespace.pid1.is_none_or(there)
}

/// The containers that the first processes of namespaces and guests of the machine's own are in.
pub fn places(sight: &Sight) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for namespace in sight.namespaces.list() {
        places.extend(own_place(sight, namespace));
        places.extend(other_places(sight, namespace));
    }
    let mut seen = HashSet::new();
    places.retain(|place| seen.insert(place.clone()));
    places
}

/// What the report is made from.
#[derive(Clone, Copy)]
struct Seen<'s> {
    sight: &'s Sight,
    names: &'s Names,
    memory: &'s Memory,
    order: &'s Order,
}

fn namespace_report(seen: &Seen, namespace: &Namespace) -> NamespaceReport {
    let Seen { sight, names, .. } = *seen;
    let place = own_place(sight, namespace);
    let container = place.as_ref().map(|place| names.container(place));
    let members = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let zombies = members.clone().filter(|one| one.is_zombie()).count();
    let stop_signal = place.as_ref().and_then(|place| names.stop_signal(place));
    let mut findings = findings::of(seen, namespace, stop_signal);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    NamespaceReport {
        key: namespace.key,
        inode: match namespace.key {
            Key::Inode(inode) => Some(inode),
            Key::First => namespace.pid1.and_then(|id| sight.table.get(id.pid)?.namespace),
            Key::Of(_) | Key::Unknown => None,
        },
        place: match namespace.key {
            Key::First if sight.first_is_host => Whose::Host,
            Key::First => Whose::Here,
            Key::Unknown => Whose::Unknown,
            Key::Inode(_) | Key::Of(_) => Whose::Inside,
        },
        pid1: namespace.pid1.and_then(|id| sight.who(id.pid)),
        container,
        shared_with: other_places(sight, namespace)
            .iter()
            .map(|place| names.container(place))
            .collect(),
        processes: members.count(),
        unread: is_unread(sight, namespace),
        zombies,
        level: worst(findings.iter().map(|finding| finding.level)),
        findings,
    }
}

/// That of its first process, or of any member, if the first is out of sight.
fn own_place(sight: &Sight, namespace: &Namespace) -> Option<Place> {
    if sight.is_host(namespace) {
        return None;
    }
    let first = namespace.pid1.and_then(|id| sight.table.get(id.pid));
    match first {
        Some(first) => place(&first.cgroup),
        None => namespace.members.iter().find_map(|&pid| place(&sight.table.get(pid)?.cgroup)),
    }
}

/// Of other containers in the same namespace.
fn other_places(sight: &Sight, namespace: &Namespace) -> Vec<Place> {
    let own = own_place(sight, namespace);
    let members = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let mut places: Vec<Place> = members.filter_map(|one| place(&one.cgroup)).collect();
    places.sort();
    places.dedup();
    places.retain(|place| Some(place) != own.as_ref());
    places
}

fn worst(levels: impl Iterator<Item = Level>) -> Level {
    levels.max().unwrap_or(Level::Fine)
}

/// Each kind of blindness once, with what would cure it.
fn blind_spots(sight: &Sight) -> Vec<String> {
    let mut spots = Vec::new();
    if sight.table.unreadable > 0 {
        spots.push(format!(
            "{} of other users: /proc is mounted with hidepid; run as root",
            crate::text::count(sight.table.unreadable, "process", "processes")
        ));
    }
    if sight.everybody_else_is_hidden {
        spots.push(
            "processes of other users: /proc is mounted with hidepid=invisible; run as root".into(),
        );
    }
    if sight.namespaces.get(Key::Unknown).is_some() {
        spots.push("which namespaces some processes are in: run as root".into());
    }
    spots
}
