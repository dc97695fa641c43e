//! Titles and advice: every sentence that is not evidence. The evidence words itself.

use super::findings::{Held, Shares};
use super::zombies::Group;
use crate::judge::Confidence;
use crate::judge::guests::Reach;
use crate::judge::headroom::{Kind, Limit};
use crate::judge::reaction::{Answer, Pause};
use crate::judge::stuck::Hold;
use crate::judge::why::Why;
use crate::judge::zombie::Verdict;
use crate::probe::Outcome;
use crate::sight::Who;
use crate::text::{count, duration, grouped};

/// What makes up for a PID 1 that does not reap.
pub const ADD_INIT: &str =
    "put an init in front: `docker run --init`, or ENTRYPOINT [\"/sexton-init\", \"--\"]";

/// `12 (app --serve)`.
fn named(who: &Who) -> String {
    format!("{} ({})", who.pid, who.command)
}

fn culprit(group: &Group) -> String {
    group.culprit.as_ref().map_or("a process out of sight".into(), named)
}

/// `1,024 zombies (git, 7 × sh), …`.
pub fn zombies_title(group: &Group) -> String {
    let names: Vec<String> = group
        .names
        .iter()
        .take(3)
        .map(|one| match one.count {
            count if group.names.len() > 1 && count > 1 => {
                format!("{} × {}", grouped(count as u64), one.name)
            }
            _ => one.name.clone(),
        })
        .collect();
    let more = if group.names.len() > 3 { ", …" } else { "" };
    let what = format!("{} ({}{more})", count(group.count, "zombie", "zombies"), names.join(", "));
    let likely = match group.confidence {
        Confidence::Certain => "",
        Confidence::Likely => "most likely ",
        Confidence::Guess => "perhaps ",
    };
    let whose = match group.verdict {
        Verdict::OrphanNotReaped => format!("{likely}orphans that PID 1 must reap, and does not"),
        Verdict::ChildNotWaitedFor => {
            format!("{likely}children that {} does not wait for", culprit(group))
        }
        Verdict::SubreaperNotReaping => {
            format!("{likely}orphans that {} adopted and does not reap", culprit(group))
        }
        Verdict::OwedFromOutside => {
            format!("{} outside of the namespace owes the wait", culprit(group))
        }
        Verdict::Undecided => "PID 1 owes the wait; whether they are its own is open".into(),
        Verdict::HeldByTracer => format!("held by their tracer {}", culprit(group)),
        Verdict::ReaperPaused => format!("their parent {} is paused", culprit(group)),
        Verdict::Transient => "gone when looked at again".into(),
        Verdict::LeaderOfLiveThreads => "no zombie: its other threads live".into(),
    };
    let age = match group.verdict {
        Verdict::Transient | Verdict::LeaderOfLiveThreads => String::new(),
        _ => format!("; oldest started {} ago", duration(group.oldest_started_s)),
    };
    format!("{what}: {whose}{age}")
}

/// What to do about zombies.
pub fn zombies(group: &Group, host: bool) -> Option<String> {
    let advice = match group.verdict {
        Verdict::OrphanNotReaped if host => {
            "PID 1 of this machine must reap: it needs a real init".to_owned()
        }
        Verdict::OrphanNotReaped => ADD_INIT.to_owned(),
        Verdict::ChildNotWaitedFor => "fix the program: it has to wait for its children, on CHLD \
                                       or at the next turn of its loop; an init does not help"
            .to_owned(),
        Verdict::SubreaperNotReaping => "it asked to be the reaper (PR_SET_CHILD_SUBREAPER): it \
                                         has to wait for strangers, or stop asking"
            .to_owned(),
        Verdict::OwedFromOutside => "nothing in the container can help: who brought it in has to \
                                     wait for it; if that one ends, its own reaper gets it"
            .to_owned(),
        Verdict::Undecided => {
            let pid = group.culprit.as_ref().map_or(0, |who| who.pid);
            format!(
                "`sexton doctor --pid {pid} --probe` plants one orphan: if PID 1 does not reap it, \
                 it needs an init; if it does, its own code does not wait for its children"
            )
        }
        Verdict::HeldByTracer => "detach or end the tracer".to_owned(),
        Verdict::ReaperPaused => "nothing to be blamed for before it runs again".to_owned(),
        Verdict::Transient | Verdict::LeaderOfLiveThreads => return None,
    };
    Some(advice)
}

/// What will happen.
pub fn stop_title(answer: Answer, confidence: Confidence, signal: &str) -> String {
    let likely = if confidence == Confidence::Likely { "most likely " } else { "" };
    let perhaps = if confidence == Confidence::Guess { "perhaps " } else { likely };
    match answer {
        Answer::Reacts => format!("{perhaps}reacts to {signal}"),
        Answer::ReactsUncleanly => {
            format!("{perhaps}stops on {signal}, but not cleanly: others are killed")
        }
        Answer::Deferred => format!("{perhaps}does not react to {signal} for now"),
        Answer::Deaf => {
            format!("{perhaps}deaf to {signal}: the stop takes the whole grace period, then KILL")
        }
        Answer::Unsure => format!("may not react to {signal}"),
        Answer::Ending => "is ending".into(),
    }
}

/// What to do about it.
pub fn stop(why: &Why, answer: Answer, signal: &str) -> Option<String> {
    let advice = match why {
        _ if matches!(answer, Answer::Reacts | Answer::Ending) => return None,
        Why::NodeHandler => format!(
            "listen in the application: process.on('SIG{signal}', …), or {ADD_INIT}; \
             `sexton check` tries it"
        ),
        Why::Foreground { .. } | Why::ShortForeground { .. } | Why::ForegroundOrNot { .. } => {
            "in the script: `exec` the last command, or run it in the background and `wait`".into()
        }
        Why::DefaultOfShell => "let the command take the shell's place: the exec form in the \
                                Dockerfile, or `exec` before the script's last command"
            .into(),
        Why::LeavesBehind { .. } => "start the server itself, not its launcher or a shell; or use \
                                     sexton-init, which lets the others end before it leaves"
            .into(),
        Why::Reexecutes => "stop it with RTMIN+3: `--stop-signal RTMIN+3`, or STOPSIGNAL".into(),
        Why::MainIsDeaf { .. } => {
            format!("the command has to react to {signal}, or needs another signal: --stop-signal")
        }
        Why::Ignored | Why::Blocked | Why::SignalfdUnblocked | Why::SignalfdOtherThread => {
            format!("the program has to take {signal}, or needs another signal: --stop-signal")
        }
        Why::Unread | Why::BlockedUnread | Why::HandlerBlocked => {
            "`sexton check` tries it".to_owned()
        }
        _ => format!("handle {signal} in the program, or {ADD_INIT}"),
    };
    Some(advice)
}

/// Why nothing happens just now.
pub fn pause(pause: Pause) -> &'static str {
    match pause {
        Pause::Stopped => "it is stopped (state T): nothing happens before CONT",
        Pause::Traced => "a tracer has stopped it (state t): nothing happens before it lets go",
        Pause::Frozen => {
            "its control group is frozen (`docker pause`): nothing happens before that ends"
        }
    }
}

/// What became of the planted orphan.
pub fn probe_title(outcome: Outcome) -> String {
    let planted = format!("planted one orphan (PID {} inside)", outcome.pid_inside);
    match outcome.reaped_after_ms {
        Some(ms) => format!("{planted}: PID 1 reaped it after {ms} ms"),
        None => format!("{planted}: PID 1 does not reap it; it stays as a zombie"),
    }
}

/// How much room there is.
pub fn headroom_title(limit: &Limit) -> String {
    let what = match limit.kind {
        Kind::Cgroup => format!("pids.max of {}", limit.name),
        Kind::User => format!("RLIMIT_NPROC of {}", limit.name),
        Kind::Threads | Kind::Pids => limit.name.clone(),
    };
    let left = usize::try_from(limit.left()).unwrap_or(usize::MAX);
    let left = count(left, "more process", "more processes");
    format!("room for {left}: {} of {} used ({what})", grouped(limit.used), grouped(limit.max))
}

/// What takes the room.
pub fn headroom_evidence(limit: &Limit, zombies: usize) -> Vec<String> {
    let mut evidence = Vec::new();
    if zombies > 0 {
        let are = if zombies == 1 { "is a zombie" } else { "are zombies" };
        evidence.push(format!("{} of the used {are}", grouped(zombies as u64)));
    }
    if limit.refused > 0 {
        let times = count(usize::try_from(limit.refused).unwrap_or(usize::MAX), "time", "times");
        evidence.push(format!("a fork was refused {times} (pids.events)"));
    }
    evidence
}

/// How to get more room.
pub fn headroom(zombies: usize) -> &'static str {
    match zombies {
        0 => "a fork will fail with EAGAIN (Resource temporarily unavailable): raise the limit",
        _ => "a fork will fail with EAGAIN (Resource temporarily unavailable): the zombies first",
    }
}

/// What is stuck.
pub fn stuck_title(holders: &[Held]) -> String {
    let count = count(holders.len(), "process that is", "processes that are");
    format!("PID 1 has ended, and cannot leave before {count} not gone")
}

/// One holder, and why it is still there.
pub fn held(held: &Held) -> String {
    let member = named(&held.member);
    let culprit = held.culprit.as_ref().map_or("a process out of sight".into(), named);
    match held.hold {
        Hold::ParentOutside => {
            format!(
                "{member} is a zombie; its parent {culprit} is outside, and does not wait for it"
            )
        }
        Hold::Tracer => format!("{member} is traced by {culprit}"),
        Hold::Frozen => format!("{member} is in a frozen control group: it cannot even die"),
        Hold::Hung => format!("{member} is in uninterruptible sleep: a disk, NFS or FUSE hangs"),
        Hold::Dying => format!("{member} is dying; look again"),
    }
}

/// How to let it go.
pub fn stuck(held: &Held) -> Option<String> {
    let culprit = held.culprit.as_ref().map_or("its parent".into(), named);
    match held.hold {
        Hold::ParentOutside => Some(format!("end {culprit}: its child then goes to who waits")),
        Hold::Tracer => Some(format!("detach or end {culprit}")),
        Hold::Frozen => Some("thaw it: `docker unpause`, or write THAWED to freezer.state".into()),
        Hold::Hung => Some("SIGKILL does not help; bring the file system or device back".into()),
        Hold::Dying => None,
    }
}

/// Which container.
pub fn guest_title(shares: &Shares, host: bool) -> String {
    format!(
        "container {} ({}) shares this namespace ({}), {}",
        shares.container.title(),
        shares.main.command,
        if host { "--pid=host" } else { "--pid" },
        count(shares.processes, "process", "processes")
    )
}

/// Whom it could kill.
pub fn reach(shares: &Shares) -> String {
    match shares.reach {
        Reach::Everybody => format!(
            "with CAP_KILL it could kill all {} others: one `kill -1` of an init that believes to \
             be PID 1 is enough",
            grouped(shares.could_kill as u64)
        ),
        Reach::SameUser => format!(
            "it could kill the {} of the same user",
            count(shares.could_kill, "process", "processes")
        ),
        Reach::Unknown => {
            "whom it could kill is not to be seen: its user namespace is another, or \
                           hidden"
                .into()
        }
    }
}

/// What to do about `--pid=host` and its like.
pub const GUEST: &str = "leave --pid out if it is only there to have its zombies reaped; an \
                         init does that";
