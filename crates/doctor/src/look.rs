//! The two looks: everybody once, then, after a while, again those of whom one moment says
//! nothing. Nothing is judged here but who deserves a closer look.

use crate::believers;
use crate::judge::{guests, programs::Program, reaction, stuck, why::Why};
use crate::namespaces::Namespaces;
use crate::proc::cgroups::Cgroups;
use crate::proc::close;
use crate::proc::parse;
use crate::proc::read::{Proc, now};
use crate::proc::table::{Id, Process, State};
use crate::sight::{Sight, SystemLimits};
use rustix::io::Errno;
use sexton_core::signal::Signal;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

/// So many moments of a process that seems deaf are looked at. tini's wait ends each second, and
/// then it is, for a moment, nowhere.
const SAMPLES: usize = 5;

/// Between two of them.
const SAMPLE_PAUSE: Duration = Duration::from_millis(300);

/// So many members of an ending namespace, and children of one process, are looked at.
const MEMBERS_MAX: usize = 64;

/// The inode of the machine's own PID namespace (include/linux/proc_ns.h, `PROC_PID_INIT_INO`).
const HOST_NAMESPACE: u64 = 0xEFFF_FFFC;

/// What is remembered from look to look: by it the second look of `--watch` is the first of the
/// next round.
#[derive(Debug, Default)]
pub struct Memory {
    parents: HashMap<Id, i32>,
    zombie_since: HashMap<Id, u64>,
}

impl Memory {
    /// When it was first seen as a zombie, in clock ticks since boot.
    pub fn zombie_since(&self, id: Id) -> Option<u64> {
        self.zombie_since.get(&id).copied()
    }

    fn remember(&mut self, sight: &Sight) {
        let alive = sight.table.processes();
        let known: std::collections::HashSet<Id> = alive.iter().map(|one| one.id).collect();
        self.parents.retain(|id, _| known.contains(id));
        self.zombie_since.retain(|id, _| known.contains(id));
        for one in alive.iter().filter(|one| !one.is_kernel_thread()) {
            self.parents.entry(one.id).or_insert(one.parent);
            if one.state == State::Zombie {
                self.zombie_since.entry(one.id).or_insert(sight.table.now);
            }
        }
    }
}

/// Looks. Returns at once if nobody has to be looked at again; `pause` does the waiting, so that
/// somebody can show it.
///
/// # Errors
/// `/proc` cannot be listed.
pub fn look(
    proc: &Proc,
    memory: &mut Memory,
    dwell: Duration,
    pause: &mut dyn FnMut(Duration),
) -> Result<Sight, Errno> {
    let began = Instant::now();
    let mut sight = first(proc)?;
    memory.remember(&sight);
    for _ in 1..SAMPLES {
        let unsettled = unsettled(&sight);
        if unsettled.is_empty() {
            break;
        }
        pause(SAMPLE_PAUSE);
        for id in unsettled {
            if let (Some(sample), Some(close)) = (close::sample(proc, id), sight.close.get_mut(&id))
            {
                close.samples.push(sample);
            }
        }
    }
    if deserves_second_look(&sight) {
        pause(dwell.saturating_sub(began.elapsed()));
        second(proc, memory, &mut sight);
    }
    sight.dwell_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    sight.believers = believers::find(proc, &sight);
    Ok(sight)
}

/// Everybody, and a closer look at some.
fn first(proc: &Proc) -> Result<Sight, Errno> {
    let table = proc.table()?;
    let namespaces = Namespaces::of_table(&table);
    let mut sight = Sight {
        first_is_host: is_host(proc, table.get(1)),
        // Every `/proc` has a process 1, unless it is hidden from us.
        everybody_else_is_hidden: table.get(1).is_none() && table.unreadable == 0,
        system: system_limits(proc),
        table,
        namespaces,
        ..Sight::default()
    };
    let suspects = suspects(&sight);
    look_closer(proc, &mut sight, suspects);
    look_at_children(proc, &mut sight);
    let cgroups = cgroups(proc);
    let pid1s: Vec<Id> = sight.namespaces.list().iter().filter_map(|one| one.pid1).collect();
    for id in pid1s {
        let membership = sight.table.get(id.pid).map(|one| one.cgroup.clone()).unwrap_or_default();
        sight.pids_limits.insert(id, cgroups.pids_limits(&membership));
    }
    Ok(sight)
}

/// Whom the verdicts are about.
fn suspects(sight: &Sight) -> BTreeSet<Id> {
    let mut pids = BTreeSet::new();
    for namespace in sight.namespaces.list() {
        let Some(first) = namespace.pid1.and_then(|id| sight.table.get(id.pid)) else { continue };
        pids.insert(first.id.pid);
        let outside = sight.table.get(first.parent);
        pids.extend(outside.filter(|one| one.name == b"conmon").map(|one| one.id.pid));
        if first.is_exiting() {
            pids.extend(namespace.members.iter().take(MEMBERS_MAX));
        }
        pids.extend(guests::guests(sight, namespace).iter().map(|guest| guest.main));
    }
    for zombie in sight.table.processes().iter().filter(|one| one.state == State::Zombie) {
        pids.insert(zombie.parent);
        pids.extend(zombie.status.as_ref().map(|status| status.tracer));
    }
    pids.into_iter().filter_map(|pid| sight.table.get(pid)).map(|one| one.id).collect()
}

/// First processes pass signals on, or wait for others: those count too, and the ones that they
/// would leave behind are named.
fn look_at_children(proc: &Proc, sight: &mut Sight) {
    for first in firsts(sight).map(|first| first.id).collect::<Vec<_>>() {
        let Some(process) = sight.table.get(first.pid) else { continue };
        let program = Program::of(process, sight.close(process));
        if program.forwards() {
            let Some(main) = reaction::main_command(sight, process).map(|main| main.id) else {
                continue;
            };
            look_closer(proc, sight, [main]);
            name_children(proc, sight, main.pid);
        } else if matches!(program, Program::Shell | Program::Launcher) {
            name_children(proc, sight, first.pid);
        }
    }
}

fn name_children(proc: &Proc, sight: &mut Sight, parent: i32) {
    let children: Vec<Id> =
        sight.table.children(parent).take(MEMBERS_MAX).map(|one| one.id).collect();
    for id in children {
        if !sight.close.contains_key(&id)
            && let Some(close) = close::name(proc, id)
        {
            sight.close.insert(id, close);
        }
    }
}

fn look_closer(proc: &Proc, sight: &mut Sight, ids: impl IntoIterator<Item = Id>) {
    let cgroups = cgroups(proc);
    for id in ids {
        let Some(mut close) = close::look(proc, id) else { continue };
        close.samples.extend(close::sample(proc, id));
        sight.close.insert(id, close);
        let Some(process) = sight.table.get(id.pid) else { continue };
        if cgroups.is_frozen(&process.cgroup) {
            sight.frozen.insert(id);
        }
    }
}

/// First processes that somebody may want to stop.
fn firsts(sight: &Sight) -> impl Iterator<Item = &Process> {
    sight.namespaces.list().iter().filter_map(|namespace| sight.stoppable(namespace))
}

/// First processes and main commands that seem deaf: the next moment may show otherwise.
fn unsettled(sight: &Sight) -> Vec<Id> {
    let mut unsettled = Vec::new();
    for first in firsts(sight) {
        let verdict = reaction::judge(sight, first, Signal::TERM);
        if verdict.is_settled() {
            continue;
        }
        unsettled.push(first.id);
        if Program::of(first, sight.close(first)).forwards() {
            unsettled.extend(reaction::main_command(sight, first).map(|main| main.id));
        }
    }
    unsettled.retain(|id| sight.close.contains_key(id));
    unsettled
}

fn deserves_second_look(sight: &Sight) -> bool {
    let zombie = |one: &Process| one.state == State::Zombie;
    let ending = |one: &Process| one.is_pid1() && stuck::is_ending(sight, one);
    // A shell's foreground child may be one of many short ones.
    let mut verdicts = firsts(sight).map(|first| reaction::judge(sight, first, Signal::TERM).why);
    sight.table.processes().iter().any(|one| zombie(one) || ending(one))
        || verdicts.any(|why| matches!(why, Why::ShortForeground { .. }))
}

/// Zombies, and everybody who had a closer look, once more.
fn second(proc: &Proc, memory: &mut Memory, sight: &mut Sight) {
    let zombies: Vec<Process> =
        sight.table.processes().iter().filter(|one| one.state == State::Zombie).cloned().collect();
    let ids = zombies.iter().map(|one| one.id).chain(sight.close.keys().copied());
    let mut seen = proc.again(ids.collect::<BTreeSet<Id>>());
    for zombie in &zombies {
        let still = seen.get(&zombie.id).and_then(Option::as_ref);
        let still = still.filter(|one| one.state == State::Zombie).map(|one| one.parent);
        match still {
            None => sight.transient.push(zombie.clone()),
            Some(parent) if parent != zombie.parent => adopted(proc, sight, &mut seen, parent),
            Some(_) => {}
        }
    }
    let before = |id: Id| sight.table.get(id.pid).map(|one| one.state);
    let hung =
        |one: &&Process| one.state == State::Uninterruptible && before(one.id) == Some(one.state);
    sight.hung = seen.values().flatten().filter(hung).map(|one| one.id).collect();
    sight.table = std::mem::take(&mut sight.table).after(seen, now());
    sight.earlier_parents = memory
        .parents
        .iter()
        .filter(|&(id, &parent)| {
            sight.table.get(id.pid).is_some_and(|one| one.id == *id && one.parent != parent)
        })
        .map(|(&id, &parent)| (id, parent))
        .collect();
    memory.remember(sight);
}

/// A parent that nobody has looked at yet.
fn adopted(proc: &Proc, sight: &mut Sight, seen: &mut HashMap<Id, Option<Process>>, parent: i32) {
    let Some(parent) = proc.whoever(parent) else { return };
    if !sight.close.contains_key(&parent.id) {
        look_closer(proc, sight, [parent.id]);
        seen.insert(parent.id, Some(parent));
    }
}

/// Whether the first namespace is the machine's. Its first process may hide that; then ours tells,
/// if it is in it too.
fn is_host(proc: &Proc, first: Option<&Process>) -> bool {
    let own = || {
        let own = proc.folder("self").ok()?;
        let status = parse::status(&own.contents("status").ok()?)?;
        let inode = own.link("ns/pid").ok().and_then(|link| parse::namespace(&link));
        (status.pids.len() == 1).then_some(inode).flatten()
    };
    first.and_then(|one| one.namespace).or_else(own) == Some(HOST_NAMESPACE)
}

fn cgroups(proc: &Proc) -> Cgroups {
    let own = proc.folder("self").and_then(|own| own.contents("mountinfo"));
    Cgroups::of_mountinfo(&own.unwrap_or_default())
}

fn system_limits(proc: &Proc) -> SystemLimits {
    let read = |name: &str| std::fs::read(proc.path().join(name)).unwrap_or_default();
    let number = |name: &str| parse::number(read(name).trim_ascii());
    let loadavg = read("loadavg");
    let threads = parse::words(&loadavg)
        .nth(3)
        .and_then(|word| parse::number(word.split(|&byte| byte == b'/').nth(1)?));
    SystemLimits {
        threads_max: number("sys/kernel/threads-max"),
        pid_max: number("sys/kernel/pid_max"),
        threads,
    }
}
