//! Whose fault a zombie is, one by one. They are grouped in `report/zombies.rs`.
//!
//! The kernel tells who owes the wait (the parent), not why it came to be the parent: by a fork or
//! by adoption. What proves an adoption: a list of children in which somebody stands behind a
//! younger one, a session that is neither the parent's nor the child's own, and having been seen
//! with another parent. Nothing proves a fork.

use super::Confidence;
use super::programs::Program;
use crate::proc::table::{Process, State};
use crate::sight::Sight;
use serde::Serialize;
use sexton_core::signal::Signal;
use std::collections::HashMap;
use std::fmt;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// PID 1 adopted it, and does not reap what it did not start.
    OrphanNotReaped,
    /// Its parent started it, and does not wait for it.
    ChildNotWaitedFor,
    /// A subreaper below PID 1 adopted it, and does not reap.
    SubreaperNotReaping,
    /// Its parent is outside of its namespace: the runtime's shim, nsenter, a debugger.
    OwedFromOutside,
    /// PID 1 owes the wait, as its parent or as the one who adopted it.
    Undecided,
    /// A tracer has not let go of it.
    HeldByTracer,
    /// Who owes the wait is stopped, frozen or hung: it may well wait when it goes on.
    ReaperPaused,
    /// Gone when looked at again.
    Transient,
    /// Its first thread has ended and others have not: it cannot be waited for yet.
    LeaderOfLiveThreads,
}

/// One fact that a verdict rests on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// It stands behind this one in its parent's list, and is older.
    BehindYounger(i32),
    /// The same, but the parent has threads, whose children move when they end.
    BehindYoungerOfThreads(i32),
    /// Its session is neither its parent's nor its own.
    StrangeSession(i32),
    /// It was this one's child before.
    EarlierParent(i32),
    /// A copy of its parent's program, in the same session and group.
    Copy,
    /// Nothing tells a fork from an adoption.
    NothingTells,
    /// Others of the same name with the same parent were certainly adopted.
    LikeOthers(usize),
    /// Its parent is in another namespace, or out of sight.
    ParentOutside,
    /// It is the first process of its namespace itself: the container has ended.
    IsPid1,
    /// Its tracer.
    Tracer(i32),
    /// Its parent is stopped (`T`) or held by a tracer (`t`).
    ParentStopped(char),
    /// Its parent's control group is frozen.
    ParentFrozen,
    /// Its parent was in uninterruptible sleep in both looks.
    ParentHung,
    /// Its parent knows, in principle: SIGCHLD is waiting to be taken.
    ChldPending,
    /// Its parent has no way to hear of it: SIGCHLD is neither caught nor awaited.
    ChldNotCaught,
    /// A planted orphan was not reaped.
    PlantedStays,
    /// A planted orphan was reaped after so many milliseconds.
    PlantedReaped(u64),
    /// So many of its threads live.
    LiveThreads(u32),
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Evidence::BehindYounger(pid) => write!(
                f,
                "its parent got it after {pid}, which is younger: it was adopted, not forked there"
            ),
            Evidence::BehindYoungerOfThreads(pid) => write!(
                f,
                "its parent got it after {pid}, which is younger; but its parent has threads, and \
                 they hand children to each other when they end"
            ),
            Evidence::StrangeSession(session) => write!(
                f,
                "its session {session} is neither its parent's nor its own: somebody else forked it"
            ),
            Evidence::EarlierParent(pid) => write!(f, "its parent was {pid} before"),
            Evidence::Copy => f.write_str(
                "a copy of PID 1's program without an exec, in its session and group: most likely \
                 its own child, but a fork of a fork looks the same",
            ),
            Evidence::NothingTells => f.write_str(
                "in its parent's session, and nobody younger was its parent's before: forked there \
                 or adopted, both are possible",
            ),
            Evidence::LikeOthers(count) => {
                write!(f, "{count} of the same name and parent were certainly adopted")
            }
            Evidence::ParentOutside => {
                f.write_str("its parent is not in its PID namespace: it was put there from outside")
            }
            Evidence::IsPid1 => {
                f.write_str("it was PID 1 of its namespace: the container has ended")
            }
            Evidence::Tracer(pid) => write!(f, "traced by {pid}, which must let go of it first"),
            Evidence::ParentStopped(letter) => write!(f, "its parent is stopped (state {letter})"),
            Evidence::ParentFrozen => f.write_str("its parent's control group is frozen"),
            Evidence::ParentHung => {
                f.write_str("its parent was in uninterruptible sleep (D) in both looks")
            }
            Evidence::ChldPending => f.write_str("CHLD is waiting for its parent, and not taken"),
            Evidence::ChldNotCaught => f.write_str("its parent has no handler for CHLD"),
            Evidence::PlantedStays => f.write_str(
                "a planted orphan was not reaped: an init is needed, wherever this one comes from; \
                 if it is PID 1's own child, its code needs a wait too",
            ),
            Evidence::PlantedReaped(ms) => write!(
                f,
                "a planted orphan was reaped after {ms} ms: PID 1 waits for strangers, and yet not \
                 for this one"
            ),
            Evidence::LiveThreads(count) => {
                write!(f, "{} of its threads live on", count.saturating_sub(1))
            }
        }
    }
}

/// What was found of one zombie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whose fault it is.
    pub verdict: Verdict,
    /// How sure that is.
    pub confidence: Confidence,
    /// Who has to do something, if he is in sight.
    pub culprit: Option<i32>,
    /// Why.
    pub evidence: Vec<Evidence>,
}

/// Judges one that was a zombie in both looks, or leads live threads.
pub fn judge(sight: &Sight, order: &Order, zombie: &Process) -> Judged {
    use Confidence::{Certain, Likely};
    let found =
        |verdict, confidence, culprit, evidence| Judged { verdict, confidence, culprit, evidence };
    if zombie.leads_live_threads() {
        let evidence = vec![Evidence::LiveThreads(zombie.threads)];
        return found(Verdict::LeaderOfLiveThreads, Certain, None, evidence);
    }
    let tracer = zombie.status.as_ref().map_or(0, |status| status.tracer);
    if tracer != 0 && tracer != zombie.parent {
        return found(Verdict::HeldByTracer, Certain, Some(tracer), vec![Evidence::Tracer(tracer)]);
    }
    let Some(parent) = sight.table.get(zombie.parent) else {
        let evidence = vec![Evidence::ParentOutside];
        return found(Verdict::OwedFromOutside, Likely, None, evidence);
    };
    let culprit = Some(parent.id.pid);
    if let Some(pause) = pause(sight, parent) {
        return found(Verdict::ReaperPaused, Certain, culprit, vec![pause]);
    }
    if sight.same_namespace(zombie, parent) == Some(false) {
        let mut evidence = vec![Evidence::ParentOutside];
        if zombie.is_pid1() {
            evidence.insert(0, Evidence::IsPid1);
        }
        return found(Verdict::OwedFromOutside, Certain, culprit, evidence);
    }
    let (adoption, mut evidence) = adoption(sight, order, zombie, parent);
    evidence.extend(hearing(sight, parent));
    let (verdict, confidence) = match (adoption, parent.is_pid1()) {
        (Some(confidence), true) => (Verdict::OrphanNotReaped, confidence),
        (Some(confidence), false) => (Verdict::SubreaperNotReaping, confidence),
        (None, true) if sight.probes.contains_key(&parent.id) => {
            let (verdict, fact) = match sight.probes[&parent.id].reaped_after_ms {
                None => (Verdict::OrphanNotReaped, Evidence::PlantedStays),
                Some(ms) => (Verdict::ChildNotWaitedFor, Evidence::PlantedReaped(ms)),
            };
            evidence.insert(0, fact);
            (verdict, Likely)
        }
        (None, true) => {
            let copy = is_copy(zombie, parent);
            evidence.insert(0, if copy { Evidence::Copy } else { Evidence::NothingTells });
            (Verdict::Undecided, Confidence::Guess)
        }
        // Whoever is not PID 1 has to have asked for strangers.
        (None, false) if Program::of(parent, sight.close(parent)).is_subreaper() => {
            (Verdict::SubreaperNotReaping, Likely)
        }
        (None, false) => (Verdict::ChildNotWaitedFor, Likely),
    };
    found(verdict, confidence, culprit, evidence)
}

/// Why the parent cannot wait just now.
fn pause(sight: &Sight, parent: &Process) -> Option<Evidence> {
    match parent.state {
        State::Stopped => Some(Evidence::ParentStopped('T')),
        State::TracingStop => Some(Evidence::ParentStopped('t')),
        _ if sight.frozen.contains(&parent.id) => Some(Evidence::ParentFrozen),
        _ if sight.hung.contains(&parent.id) => Some(Evidence::ParentHung),
        _ => None,
    }
}

/// What proves that the parent adopted it, and how well.
fn adoption(
    sight: &Sight,
    order: &Order,
    zombie: &Process,
    parent: &Process,
) -> (Option<Confidence>, Vec<Evidence>) {
    let mut evidence = Vec::new();
    let mut proof = None;
    if let Some(&earlier) = sight.earlier_parents.get(&zombie.id)
        && earlier != parent.id.pid
    {
        evidence.push(Evidence::EarlierParent(earlier));
        proof = Some(Confidence::Certain);
    }
    // A fork copies the session, and setsid(2) makes it one's own. But a parent that made its own
    // session after the fork leaves its child in the old one.
    if ![zombie.id.pid, parent.session].contains(&zombie.session) {
        evidence.push(Evidence::StrangeSession(zombie.session));
        let left_behind =
            zombie.session == 0 || (!parent.is_pid1() && parent.session == parent.id.pid);
        let confidence = if left_behind { Confidence::Likely } else { Confidence::Certain };
        proof = proof.max(Some(confidence));
    }
    if let Some(&younger) = order.behind.get(&zombie.id.pid) {
        if parent.threads <= 1 {
            evidence.push(Evidence::BehindYounger(younger));
            proof = proof.max(Some(Confidence::Likely)); // It may have had threads before.
        } else {
            evidence.push(Evidence::BehindYoungerOfThreads(younger));
        }
    }
    (proof, evidence)
}

/// Who stands behind a younger one in a list of children. The kernel appends to it at a fork and at
/// an adoption, so that nobody gets there by a fork.
#[derive(Debug, Default)]
pub struct Order {
    behind: HashMap<i32, i32>,
}

impl Order {
    /// One walk through each list, which may be long.
    pub fn of(sight: &Sight) -> Order {
        let mut behind = HashMap::new();
        let lists = sight.close.values().filter_map(|close| close.children.as_ref()).flatten();
        for list in lists {
            let mut youngest: Option<&Process> = None;
            for child in list.iter().filter_map(|&pid| sight.table.get(pid)) {
                match youngest {
                    Some(one) if is_younger(one, child) => {
                        behind.insert(child.id.pid, one.id.pid);
                    }
                    _ => youngest = Some(child),
                }
            }
        }
        Order { behind }
    }
}

/// By start time, and in the same tick of 10 ms by PID: they are given out in order, but for the
/// one wrap-around.
fn is_younger(one: &Process, zombie: &Process) -> bool {
    let [a, b] = [one.id, zombie.id];
    a.started > b.started
        || (a.started == b.started && a.pid > b.pid && a.pid - b.pid < SAME_TICK_PIDS)
}

/// More PIDs than can be given out in one tick.
const SAME_TICK_PIDS: i32 = 4096;

fn is_copy(zombie: &Process, parent: &Process) -> bool {
    zombie.never_executed()
        && zombie.name == parent.name
        && (zombie.session, zombie.group) == (parent.session, parent.group)
}

/// What its parent could know of it.
fn hearing(sight: &Sight, parent: &Process) -> Option<Evidence> {
    let status = parent.status.as_ref()?;
    if status.pending.contains(Signal::CHLD) {
        return Some(Evidence::ChldPending);
    }
    // Blocked it may be awaited, by sigtimedwait or a signalfd.
    let waits = status.blocked.contains(Signal::CHLD) || sight.close(parent)?.awaits(Signal::CHLD);
    (!waits && !status.caught.contains(Signal::CHLD)).then_some(Evidence::ChldNotCaught)
}

#[cfg(test)]
mod tests;
