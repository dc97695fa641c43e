//! Which PID namespaces there are, and who is in which.

use crate::proc::table::{Id, ProcTable, Process};
use std::collections::{BTreeMap, HashMap};

/// How a namespace is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// The one whose processes this `/proc` shows: the host's, or a container's seen from inside.
    First,
    /// By the inode of `/proc/PID/ns/pid`.
    Inode(u64),
    /// Its inode may not be read; this is its first process.
    Of(i32),
    /// Some namespace within; whose, we have no right to know.
    Unknown,
}

/// One PID namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    /// How it is known.
    pub key: Key,
    /// Its first process, unless that is hidden from us.
    pub pid1: Option<Id>,
    /// Everybody in it, in the order of their PIDs, kernel threads excepted.
    pub members: Vec<i32>,
}

/// All of them: the first one first, the others in the order in which they were made.
#[derive(Debug, Clone, Default)]
pub struct Namespaces {
    list: Vec<Namespace>,
    of: HashMap<i32, Key>,
}

impl Namespaces {
    /// Sorts the table's processes.
    pub fn of_table(table: &ProcTable) -> Namespaces {
        let known = known_by_first_process(table);
        let mut of = HashMap::new();
        let mut groups: BTreeMap<Key, Namespace> = BTreeMap::new();
        for process in table.processes().iter().filter(|one| !one.is_kernel_thread()) {
            let key = match process.depth() {
                1 => Key::First,
                _ => key(table, process, &known),
            };
            of.insert(process.id.pid, key);
            let group = groups.entry(key).or_insert_with(|| Namespace {
                key,
                pid1: None,
                members: Vec::new(),
            });
            group.members.push(process.id.pid);
            if process.is_pid1() {
                group.pid1 = Some(process.id);
            }
        }
        let mut list: Vec<Namespace> = groups.into_values().collect();
        let age = |one: &Namespace| {
            let first = one.members.iter().filter_map(|&pid| table.get(pid)).map(|one| one.id);
            let started = first.map(|id| (id.started, id.pid)).min();
            (one.key != Key::First, one.key == Key::Unknown, started)
        };
        list.sort_by_key(age);
        Namespaces { list, of }
    }

    /// The first one first.
    pub fn list(&self) -> &[Namespace] {
        &self.list
    }

    /// Which one this process is in.
    pub fn of(&self, pid: i32) -> Option<Key> {
        self.of.get(&pid).copied()
    }

    /// One by its key.
    pub fn get(&self, key: Key) -> Option<&Namespace> {
        self.list.iter().find(|one| one.key == key)
    }
}

/// The inodes of namespaces whose first process hides its own, told by other members.
fn known_by_first_process(table: &ProcTable) -> HashMap<i32, u64> {
    let mut known = HashMap::new();
    for process in table.processes().iter().filter(|one| one.depth() > 1) {
        if let (Some(inode), Some(first)) = (process.namespace, first_process(table, process)) {
            known.insert(first, inode);
        }
    }
    known
}

fn key(table: &ProcTable, process: &Process, known: &HashMap<i32, u64>) -> Key {
    if let Some(inode) = process.namespace {
        return Key::Inode(inode);
    }
    match first_process(table, process) {
        Some(first) => known.get(&first).map_or(Key::Of(first), |&inode| Key::Inode(inode)),
        None => Key::Unknown,
    }
}

/// Climbs to the first process of this one's namespace. A parent is in the same one, or, for who
/// came in from outside, in one further out: then nobody above it tells.
fn first_process(table: &ProcTable, process: &Process) -> Option<i32> {
    let depth = process.depth();
    let mut current = process;
    // A ring of parents cannot be, but two reads at two moments may show one.
    for _ in 0..1000 {
        if current.depth() != depth {
            return None;
        }
        if current.is_pid1() {
            return Some(current.id.pid);
        }
        current = table.get(current.parent)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::process;

    fn keys(table: &ProcTable) -> Vec<(Key, Vec<i32>)> {
        let namespaces = Namespaces::of_table(table);
        namespaces.list().iter().map(|one| (one.key, one.members.clone())).collect()
    }

    #[test]
    fn the_first_one_comes_first_and_the_others_by_age() {
        let table = ProcTable::new(
            vec![
                process(1, 0).started(1),
                process(40, 1).started(9).inside(&[40, 1]).namespace(7),
                process(30, 1).started(99).inside(&[30, 1]).namespace(5),
                process(41, 40).started(10).inside(&[41, 2]).namespace(7),
                process(42, 41).started(11).inside(&[42, 3, 1]).namespace(8),
            ],
            0,
            100,
        );
        assert_eq!(
            keys(&table),
            [
                (Key::First, vec![1]),
                (Key::Inode(7), vec![40, 41]),
                (Key::Inode(8), vec![42]),
                (Key::Inode(5), vec![30]),
            ]
        );
    }

    #[test]
    fn without_rights_a_namespace_is_known_by_its_first_process() {
        let table = ProcTable::new(
            vec![
                process(1, 0),
                process(40, 1).inside(&[40, 1]),
                process(41, 40).inside(&[41, 2]),
                process(50, 1).inside(&[50, 3]), // From outside: whose is not to be told.
                process(60, 41).inside(&[60, 4, 1]),
            ],
            0,
            100,
        );
        assert_eq!(
            keys(&table),
            [
                (Key::First, vec![1]),
                (Key::Of(40), vec![40, 41]),
                (Key::Of(60), vec![60]),
                (Key::Unknown, vec![50]),
            ]
        );
    }

    #[test]
    fn one_member_that_may_be_read_names_the_namespace_for_all() {
        let table = ProcTable::new(
            vec![
                process(1, 0),
                process(40, 1).inside(&[40, 1]),
                process(41, 40).inside(&[41, 2]).namespace(7),
                process(50, 1).inside(&[50, 3]).namespace(7),
            ],
            0,
            100,
        );
        assert_eq!(keys(&table), [(Key::First, vec![1]), (Key::Inode(7), vec![40, 41, 50])]);
    }
}
