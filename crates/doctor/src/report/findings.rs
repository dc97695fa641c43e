//! What there is to be said of one namespace.

use super::zombies::{self, Group};
use super::{Seen, advice};
use crate::judge::guests::{self, Guest, Reach};
use crate::judge::headroom::{self, Limit};
use crate::judge::reaction::{self, Answer, Pause, Reaction};
use crate::judge::stuck::{self, Hold};
use crate::judge::{Confidence, Level};
use crate::names::{Container, signal_name};
use crate::namespaces::Namespace;
use crate::probe::Outcome;
use crate::proc::table::Process;
use crate::sight::{Sight, Who};
use serde::Serialize;
use sexton_core::signal::Signal;

/// One thing to be known, in words, and as a program wants it.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What it means.
    pub level: Level,
    /// One line.
    pub title: String,
    /// The evidence, a fact each.
    pub because: Vec<String>,
    /// What to do about it.
    pub advice: Option<String>,
    /// The facts.
    #[serde(flatten)]
    pub about: About,
}

/// The facts of a finding.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum About {
    /// Zombies with the same culprit.
    Zombies(Group),
    /// What the stop signal will do.
    Stop(Stop),
    /// How many processes can still be made.
    Headroom(Headroom),
    /// It has ended, and something holds it.
    StuckExit(Stuck),
    /// A container in a PID namespace that is not its own.
    SharesPids(Shares),
    /// An orphan was planted.
    Probe(Outcome),
}

/// What the stop signal will do.
#[derive(Debug, Serialize)]
pub struct Stop {
    /// Without `SIG`.
    pub signal: String,
    /// Whether the container's engine said that this is the signal; else it is a guess.
    pub signal_known: bool,
    /// What will happen.
    pub answer: Answer,
    /// How sure that is.
    pub confidence: Confidence,
    /// Whether it is held just now.
    pub pause: Option<Pause>,
    /// Not of PID 1, but of the oldest process of this container, which has no PID 1 of its own.
    pub guest: Option<Container>,
}

/// How many processes can still be made.
#[derive(Debug, Serialize)]
pub struct Headroom {
    /// Under the tightest limit.
    pub left: u64,
    /// How many processes of this namespace are zombies, and count as used.
    pub zombies: usize,
    /// All limits.
    pub limits: Vec<Limit>,
}

/// Who holds an ended namespace.
#[derive(Debug, Serialize)]
pub struct Stuck {
    /// In order of blame.
    pub holders: Vec<Held>,
}

/// A process that is not gone.
#[derive(Debug, Serialize)]
pub struct Held {
    /// Which.
    pub member: Who,
    /// Why.
    pub hold: Hold,
    /// Who could let it go.
    pub culprit: Option<Who>,
}

/// A container in a PID namespace that is not its own.
#[derive(Debug, Serialize)]
pub struct Shares {
    /// Which.
    pub container: Container,
    /// Its oldest process.
    pub main: Who,
    /// How many it has.
    pub processes: usize,
    /// By which right it could kill.
    pub reach: Reach,
    /// How many others.
    pub could_kill: usize,
}

/// Everything, what is fine too.
pub fn of(seen: &Seen, namespace: &Namespace, stop_signal: Option<Signal>) -> Vec<Finding> {
    let Seen { sight, names, memory, order } = *seen;
    let first = namespace
        .pid1
        .and_then(|id| sight.table.get(id.pid))
        .filter(|one| Some(one.id) == namespace.pid1);
    let host = sight.is_host(namespace);
    let mut findings = Vec::new();
    let stuck = stuck_exit(sight, namespace);
    let groups = zombies::groups(sight, order, memory, namespace);
    let has_stuck = stuck.is_some();
    findings.extend(stuck);
    findings.extend(groups.into_iter().map(|group| of_zombies(group, host)));
    if let Some(first) = first {
        if !has_stuck && sight.stoppable(namespace).is_some() {
            findings.push(of_stop(sight, first, stop_signal, None));
        }
        findings.extend(of_headroom(sight, namespace, first));
        findings.extend(sight.probes.get(&first.id).map(|outcome| of_probe(*outcome)));
    }
    for guest in guests::guests(sight, namespace) {
        let container = names.container(&guest.place);
        if let Some(main) = sight.table.get(guest.main) {
            let signal = names.stop_signal(&guest.place);
            findings.push(of_stop(sight, main, signal, Some(container.clone())));
        }
        if !guest.same_pod {
            findings.extend(of_guest(sight, container, &guest, host));
        }
    }
    findings
}

fn of_zombies(group: Group, host: bool) -> Finding {
    // Of many, one stands for all.
    let whose = match (group.count, group.clearest) {
        (0 | 1, _) | (_, None) => String::new(),
        (_, Some(pid)) => format!("{pid}: "),
    };
    let evidence = group.evidence.iter().map(|fact| format!("{whose}{fact}"));
    let mut because: Vec<String> = evidence.collect();
    for believer in &group.believers {
        because.push(format!("{believer}: it will think that it lives"));
    }
    Finding {
        level: group.level(),
        title: advice::zombies_title(&group),
        because,
        advice: advice::zombies(&group, host),
        about: About::Zombies(group),
    }
}

/// Of PID 1, or of the main process of a container that is a guest.
fn of_stop(
    sight: &Sight,
    first: &Process,
    known: Option<Signal>,
    guest: Option<Container>,
) -> Finding {
    let signal = known.unwrap_or(Signal::TERM);
    let name = signal_name(signal);
    let Reaction { answer, confidence, why, pause } = reaction::judge(sight, first, signal);
    let mut because = vec![why.words(sight, &name)];
    because.extend(pause.map(|pause| advice::pause(pause).to_owned()));
    let level = match (answer, confidence) {
        (Answer::Reacts | Answer::Ending, _) => Level::Fine,
        (Answer::Unsure, _) | (_, Confidence::Guess) => Level::Note,
        (Answer::Deaf | Answer::Deferred | Answer::ReactsUncleanly, _) => Level::Problem,
    };
    let level = if pause.is_some() { level.max(Level::Note) } else { level };
    Finding {
        level,
        title: match &guest {
            None => advice::stop_title(answer, confidence, &name),
            Some(container) => {
                let verdict = advice::stop_title(answer, confidence, &name);
                format!("container {}: {verdict}", container.title())
            }
        },
        because,
        advice: advice::stop(&why, answer, &name),
        about: About::Stop(Stop {
            signal: name,
            signal_known: known.is_some(),
            answer,
            confidence,
            pause,
            guest,
        }),
    }
}

fn of_probe(outcome: Outcome) -> Finding {
    Finding {
        level: if outcome.reaped_after_ms.is_some() { Level::Fine } else { Level::Problem },
        title: advice::probe_title(outcome),
        because: Vec::new(),
        advice: outcome.reaped_after_ms.is_none().then(|| advice::ADD_INIT.to_owned()),
        about: About::Probe(outcome),
    }
}

fn of_headroom(sight: &Sight, namespace: &Namespace, first: &Process) -> Option<Finding> {
    let limits = headroom::limits(sight, first);
    let tightest = headroom::tightest(&limits)?;
    let left = tightest.left();
    let members = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let zombies = members.filter(|one| one.is_zombie()).count();
    let level = limits.iter().map(Limit::level).max().unwrap_or(Level::Fine);
    // What is said is said of the limit that is wrong, or else of the tightest.
    let worst = limits.iter().find(|limit| limit.level() == level && level > Level::Fine);
    let worst = worst.unwrap_or(tightest);
    Some(Finding {
        level,
        title: advice::headroom_title(worst),
        because: advice::headroom_evidence(worst, zombies),
        advice: (level == Level::Problem).then(|| advice::headroom(zombies).to_owned()),
        about: About::Headroom(Headroom { left, zombies, limits }),
    })
}

fn stuck_exit(sight: &Sight, namespace: &Namespace) -> Option<Finding> {
    let all = stuck::holders(sight, namespace);
    let first = all.first()?;
    let holders: Vec<Held> = all
        .iter()
        .filter_map(|holder| {
            Some(Held {
                member: sight.who(holder.member)?,
                hold: holder.hold,
                culprit: holder.culprit.and_then(|pid| sight.who(pid)),
            })
        })
        .collect();
    Some(Finding {
        level: if first.hold == Hold::Dying { Level::Note } else { Level::Problem },
        title: advice::stuck_title(&holders),
        because: holders.iter().take(5).map(advice::held).collect(),
        advice: advice::stuck(holders.first()?),
        about: About::StuckExit(Stuck { holders }),
    })
}

fn of_guest(sight: &Sight, container: Container, guest: &Guest, host: bool) -> Option<Finding> {
    let main = sight.who(guest.main)?;
    let shares = Shares {
        container,
        main,
        processes: guest.processes,
        reach: guest.reach,
        could_kill: guest.could_kill,
    };
    Some(Finding {
        level: Level::Note,
        title: advice::guest_title(&shares, host),
        because: vec![advice::reach(&shares)],
        advice: Some(advice::GUEST.to_owned()),
        about: About::SharesPids(shares),
    })
}
