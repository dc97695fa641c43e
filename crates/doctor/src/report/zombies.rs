//! Zombies by culprit: a thousand of them are one line.

use crate::judge::zombie::{Evidence, Judged, Order, Verdict, judge};
use crate::judge::{Confidence, Level};
use crate::look::Memory;
use crate::namespaces::Namespace;
use crate::proc::table::Process;
use crate::sight::{Sight, Who};
use crate::text::printable;
use serde::Serialize;
use std::collections::BTreeMap;

/// So many are named one by one.
const NAMED: usize = 5;

/// Zombies of one verdict that the same process has to answer for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Whose fault it is.
    pub verdict: Verdict,
    /// How sure that is, at best.
    pub confidence: Confidence,
    /// Who has to do something; `None` if out of sight, or if nobody has to.
    pub culprit: Option<Who>,
    /// How many.
    pub count: usize,
    /// What they were called, the most frequent first.
    pub names: Vec<Name>,
    /// PIDs of some of them, as this `/proc` has them.
    pub examples: Vec<i32>,
    /// Seconds since the oldest was started. When it ended is not recorded.
    pub oldest_started_s: u64,
    /// Seconds since the first was seen as a zombie: it has been one for at least so long.
    pub seen_for_s: u64,
    /// Who believes that one of them lives, in words.
    pub believers: Vec<String>,
    /// Of whom the evidence is.
    pub clearest: Option<i32>,
    /// Why, of the clearest case.
    #[serde(skip)]
    pub evidence: Vec<Evidence>,
}

/// A name and how many have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Name {
    /// At most 15 bytes, made printable.
    pub name: String,
    /// How many.
    pub count: usize,
}

impl Group {
    /// What it means.
    pub fn level(&self) -> Level {
        match self.verdict {
            Verdict::Transient | Verdict::LeaderOfLiveThreads => Level::Fine,
            Verdict::ReaperPaused => Level::Note,
            Verdict::OrphanNotReaped
            | Verdict::ChildNotWaitedFor
            | Verdict::SubreaperNotReaping
            | Verdict::OwedFromOutside
            | Verdict::Undecided
            | Verdict::HeldByTracer => Level::Problem,
        }
    }
}

/// A zombie, and what was found of it.
type Case<'s> = (&'s Process, Judged);

/// All zombies of this namespace.
pub fn groups(sight: &Sight, order: &Order, memory: &Memory, namespace: &Namespace) -> Vec<Group> {
    let members = || namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let zombies = members().filter(|one| one.is_zombie() || one.leads_live_threads());
    let mut judged: Vec<Case> =
        zombies.map(|zombie| (zombie, judge(sight, order, zombie))).collect();
    liken(&mut judged);

    let mut groups: BTreeMap<(Verdict, Option<i32>), Vec<Case>> = BTreeMap::new();
    for (zombie, found) in judged {
        groups.entry((found.verdict, found.culprit)).or_default().push((zombie, found));
    }
    let mut groups: Vec<Group> =
        groups.into_values().map(|members| group(sight, memory, &members)).collect();
    groups.extend(transient(sight, memory, namespace));
    groups.sort_by_key(|group| (std::cmp::Reverse(group.level()), std::cmp::Reverse(group.count)));
    groups
}

/// What a parent does to one of its children it does to others of the same name: the undecided
/// ones are judged as those of which there is proof.
fn liken(judged: &mut [Case]) {
    let key = |zombie: &Process, found: &Judged| (zombie.name.clone(), found.culprit);
    let mut proven: BTreeMap<(Vec<u8>, Option<i32>), usize> = BTreeMap::new();
    for (zombie, found) in judged.iter() {
        if found.verdict == Verdict::OrphanNotReaped {
            *proven.entry(key(zombie, found)).or_default() += 1;
        }
    }
    for (zombie, found) in judged {
        let open = found.verdict == Verdict::Undecided || found.confidence == Confidence::Guess;
        if let (true, Some(&count)) = (open, proven.get(&key(zombie, found))) {
            found.verdict = Verdict::OrphanNotReaped;
            found.confidence = Confidence::Likely;
            found.evidence = vec![Evidence::LikeOthers(count)];
        }
    }
}

fn group(sight: &Sight, memory: &Memory, members: &[Case]) -> Group {
    let clearest = members.iter().max_by_key(|(_, found)| {
        (found.confidence, !matches!(found.evidence.first(), Some(Evidence::LikeOthers(_))))
    });
    let zombies: Vec<&Process> = members.iter().map(|(zombie, _)| *zombie).collect();
    let hertz = sight.table.hertz;
    let since = zombies.iter().filter_map(|one| memory.zombie_since(one.id)).min();
    let mut believers: Vec<String> =
        zombies.iter().flat_map(|one| sight.believers_in(one)).cloned().collect();
    believers.sort();
    believers.dedup();
    Group {
        verdict: members[0].1.verdict,
        confidence: clearest.map_or(Confidence::Guess, |(_, found)| found.confidence),
        culprit: members[0].1.culprit.and_then(|pid| sight.who(pid)),
        count: zombies.len(),
        names: names(&zombies),
        examples: zombies.iter().take(NAMED).map(|one| one.id.pid).collect(),
        oldest_started_s: zombies.iter().map(|one| sight.table.age(one)).max().unwrap_or(0),
        seen_for_s: since.map_or(0, |since| sight.table.now.saturating_sub(since) / hertz),
        believers,
        clearest: clearest.map(|(zombie, _)| zombie.id.pid),
        evidence: clearest.map(|(_, found)| found.evidence.clone()).unwrap_or_default(),
    }
}

fn names(zombies: &[&Process]) -> Vec<Name> {
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for zombie in zombies {
        *counts.entry(&zombie.name).or_default() += 1;
    }
    let mut names: Vec<Name> =
        counts.into_iter().map(|(name, count)| Name { name: printable(name), count }).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.count));
    names
}

/// Zombies of the first look that were gone in the second.
fn transient(sight: &Sight, memory: &Memory, namespace: &Namespace) -> Option<Group> {
    let of_here = |one: &&Process| sight.namespaces.of(one.id.pid) == Some(namespace.key);
    let gone: Vec<&Process> = sight.transient.iter().filter(of_here).collect();
    let found = Judged {
        verdict: Verdict::Transient,
        confidence: Confidence::Certain,
        culprit: None,
        evidence: Vec::new(),
    };
    let members: Vec<Case> = gone.into_iter().map(|one| (one, found.clone())).collect();
    (!members.is_empty()).then(|| group(sight, memory, &members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::namespaces::Key;
    use crate::report::advice;
    use crate::sample::{process, sight};

    fn inside(pid: i32, session: i32, name: &str) -> Process {
        let inside = process(pid, 10).inside(&[pid, pid - 9]).namespace(7).session(session);
        inside.name(name).zombie()
    }

    fn found(zombies: Vec<Process>) -> Vec<Group> {
        let pid1 = process(10, 1).inside(&[10, 1]).namespace(7).session(10).name("app");
        let sight = sight([vec![pid1], zombies].concat());
        let namespace = sight.namespaces.get(Key::Inode(7)).unwrap();
        groups(&sight, &Order::of(&sight), &Memory::default(), namespace)
    }

    #[test]
    fn a_thousand_zombies_of_one_culprit_are_one_line() {
        let names = ["git", "git", "git", "sh", "ssh"];
        let zombies = (0..1000).map(|n| inside(100 + n, 50, names[n as usize % names.len()]));
        let groups = found(zombies.collect());
        assert_eq!(groups.len(), 1);
        let one = &groups[0];
        assert_eq!((one.count, one.examples.len(), one.level()), (1000, 5, Level::Problem));
        assert_eq!(one.culprit.as_ref().unwrap().pid, 10);
        let title = advice::zombies_title(one);
        let wanted = "1,000 zombies (600 × git, 200 × sh, 200 × ssh): orphans that PID 1 must reap";
        assert!(title.starts_with(wanted), "{title}");
    }

    #[test]
    fn what_is_proven_of_one_is_likely_of_others_of_the_same_name_only() {
        let groups =
            found(vec![inside(12, 50, "git"), inside(13, 10, "git"), inside(14, 10, "sh")]);
        let of = |verdict| groups.iter().find(|group| group.verdict == verdict).unwrap();
        let orphans = of(Verdict::OrphanNotReaped);
        assert_eq!((orphans.count, orphans.confidence), (2, Confidence::Certain));
        assert_eq!(orphans.clearest, Some(12), "the evidence is the proof");
        let open = of(Verdict::Undecided);
        assert_eq!((open.count, open.names[0].name.as_str()), (1, "sh"));
    }
}
