//! What is seen of real processes.

use sexton_testkit::{Pid1, Stream, eventually, namespaces, skip};
use sexton_watch::{Hearing, Reaction, Sender, Sighting, What, exit_status, look, trace};
use sexton_watch::{attach, send_signal, spawn_and_look};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

const TERM: i32 = 15;

/// A parent that passes the signal on, a child that ends by it, and one that is left behind.
const FAMILY: &str = "sleep 1000 & sleep 2000 & trap 'kill %1; exit 3' TERM; echo ready; wait";

fn bash(script: &str) -> (Pid1, OwnedFd) {
    let (stdout, output) = Stream::pipe().unwrap();
    let command = Pid1::new("bash").args(["-c", script]);
    (command.stdin(Stream::Null).stdout(stdout), output)
}

/// Until the command has said something.
fn is_ready(output: OwnedFd) {
    let mut line = [0; 16];
    assert!(sexton_testkit::rustix::io::read(&output, &mut line).unwrap() > 0);
}

/// All that is seen until the channel closes.
fn all(sightings: &Receiver<Sighting>) -> Vec<Sighting> {
    let mut seen = Vec::new();
    loop {
        match sightings.recv_timeout(Duration::from_secs(20)) {
            Ok(sighting) => seen.push(sighting),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return seen,
            Err(error) => panic!("{error}: {seen:#?}"),
        }
    }
}

fn ends(seen: &[Sighting]) -> HashMap<i32, Option<ExitStatus>> {
    let end = |one: &Sighting| match one.what {
        What::Ended(status) => Some((one.pid, status)),
        _ => None,
    };
    seen.iter().filter_map(end).collect()
}

/// The name by which each process was known last.
fn names(seen: &[Sighting]) -> HashMap<i32, String> {
    let name = |one: &Sighting| match &one.what {
        What::Named { name, .. } => Some((one.pid, name.clone())),
        _ => None,
    };
    seen.iter().filter_map(name).collect()
}

#[test]
fn a_tracer_sees_every_birth_every_signal_and_every_end_in_order() {
    if !namespaces() {
        return;
    }
    let (command, output) = bash(FAMILY);
    let (pid1, pidfd, sightings) = trace(command).unwrap();
    is_ready(output);
    send_signal(&pidfd, TERM).unwrap();
    let seen = all(&sightings);

    let inside = |pid| {
        seen.iter().find_map(|one| match one.what {
            What::Born { inside, .. } if one.pid == pid => Some(inside),
            _ => None,
        })
    };
    assert_eq!(inside(pid1), Some(1));
    assert_eq!(seen.iter().filter(|one| matches!(one.what, What::Born { .. })).count(), 3);
    let place = |wanted: &dyn Fn(&Sighting) -> bool| seen.iter().position(wanted).unwrap();
    let told_first = place(&|one| {
        let from_us = Sender::Outside;
        one.pid == pid1
            && matches!(one.what, What::Signalled { signal: TERM, sender, reaction }
                if sender == from_us && reaction == Reaction::Handler)
    });
    let told_child = place(&|one| {
        matches!(one.what, What::Signalled { signal: TERM, sender: Sender::Inside(1), .. })
            || one.pid != pid1
                && matches!(one.what, What::Signalled { sender: Sender::Unknown, .. })
    });
    let leaves = place(&|one| one.pid == pid1 && matches!(one.what, What::Ending));
    let ended = place(&|one| one.pid == pid1 && matches!(one.what, What::Ended(_)));
    assert!(told_first < told_child && told_child < leaves && leaves < ended, "{seen:#?}");
    assert_eq!(ended, seen.len() - 1, "PID 1 ends last");
    let statuses: Vec<ExitStatus> = ends(&seen).into_values().flatten().collect();
    assert!(statuses.contains(&ExitStatus::from_raw(3 << 8)), "{statuses:?}");
    assert!(statuses.contains(&ExitStatus::from_raw(9)), "{statuses:?}");
    assert_eq!(statuses.len(), 3);
}

#[test]
fn the_tracer_and_the_pidfds_are_two_witnesses_who_agree() {
    if !namespaces() {
        return;
    }
    let (command, output) = bash("for i in 1 2 3 4 5 6 7; do (exit $i) & done; echo; sleep 1000");
    let (_, pidfd, sightings) = trace(command).unwrap();
    is_ready(output);
    std::thread::sleep(Duration::from_millis(100));
    send_signal(&pidfd, 9).unwrap();
    let seen = all(&sightings);
    let by_wait = ends(&seen);
    let mut compared = 0;
    for one in &seen {
        if let What::Born { pidfd: Some(pidfd), .. } = &one.what
            && let Some(status) = exit_status(pidfd)
        {
            assert_eq!(by_wait[&one.pid], Some(status), "{}", one.pid);
            compared += 1;
        }
    }
    if compared == 0 {
        return skip("this kernel tells no exit status through pidfds (Linux 6.15 does)");
    }
    assert_eq!(compared, 8, "seven subshells, and bash, which becomes sleep");
}

#[test]
fn a_looker_sees_who_lives_for_a_while_and_no_signals() {
    if !namespaces() {
        return;
    }
    let (command, output) = bash(FAMILY);
    let (pid1, pidfd, sightings) = spawn_and_look(command).unwrap();
    is_ready(output);
    std::thread::sleep(Duration::from_millis(100));
    send_signal(&pidfd, TERM).unwrap();
    let seen = all(&sightings);
    let mut names: Vec<String> = names(&seen).into_values().collect();
    names.sort();
    assert_eq!(names, ["bash", "sleep", "sleep"]);
    assert_eq!(ends(&seen).len(), 3);
    assert_eq!(ends(&seen)[&pid1], Some(ExitStatus::from_raw(3 << 8)));
    assert!(!seen.iter().any(|one| matches!(one.what, What::Signalled { .. })));
}

#[test]
fn a_quick_end_is_seen_by_both() {
    if !namespaces() {
        return;
    }
    for start in [trace, spawn_and_look] {
        let (command, _output) = bash("exit 4");
        let (pid1, _, sightings) = start(command).unwrap();
        assert_eq!(ends(&all(&sightings))[&pid1], Some(ExitStatus::from_raw(4 << 8)));
    }
}

/// A PID 1 that is somebody else's child, as a container's is.
struct Foreign {
    unshare: Child,
    pid1: i32,
}

impl Foreign {
    fn bash(script: &str) -> Foreign {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--pid", "--fork", "--kill-child"]);
        unshare.args(["bash", "-c", script]).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut unshare = unshare.spawn().unwrap();
        is_ready(OwnedFd::from(unshare.stdout.take().unwrap()));
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let pid1 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        Foreign { unshare, pid1 }
    }

    fn term(&self) {
        send_signal(sexton_watch::open(self.pid1).unwrap(), TERM).unwrap();
    }

    /// unshare(1) ends as its child did.
    fn ended(&mut self) -> Option<i32> {
        self.unshare.wait().unwrap().code()
    }
}

#[test]
fn who_runs_already_can_be_attached_to_and_looked_at() {
    if !namespaces() {
        return;
    }
    for watch in [attach, look] {
        let mut foreign = Foreign::bash(FAMILY);
        let sightings = watch(foreign.pid1).unwrap();
        foreign.term();
        let seen = all(&sightings);
        assert_eq!(names(&seen).len(), 3, "{seen:#?}");
        assert!(ends(&seen).contains_key(&foreign.pid1));
        assert_eq!(foreign.ended(), Some(3));
    }
}

#[test]
fn what_was_attached_to_lives_on_though_nobody_listens_any_more() {
    if !namespaces() {
        return;
    }
    let mut foreign = Foreign::bash("trap 'exit 5' TERM; echo; while :; do sleep 0.1; done");
    drop(attach(foreign.pid1).unwrap());
    std::thread::sleep(Duration::from_millis(300));
    assert!(foreign.unshare.try_wait().unwrap().is_none());
    foreign.term();
    assert_eq!(foreign.ended(), Some(5));
}

#[test]
fn how_a_process_listens_is_read_from_outside() {
    if !namespaces() {
        return;
    }
    for (script, expected) in [
        ("trap : TERM; echo; while :; do sleep 0.1; done", Hearing::Handler),
        ("trap '' TERM; echo; while :; do sleep 0.1; done", Hearing::Ignores),
        ("echo; while :; do sleep 0.1; done", Hearing::Nothing),
    ] {
        let (command, output) = bash(script);
        let running = command.spawn().unwrap();
        is_ready(output);
        // While bash forks it blocks all signals for a moment.
        eventually(script, || Hearing::of(running.pid(), TERM) == expected);
    }
    let asleep = Pid1::new("sleep").arg("1000").blocked(&[TERM]).spawn().unwrap();
    assert_eq!(Hearing::of(asleep.pid(), TERM), Hearing::Blocks);
    let Ok(tini) = Pid1::new("tini").args(["--", "sleep", "1000"]).spawn() else {
        return skip("tini is not installed");
    };
    eventually("tini waits in rt_sigtimedwait", || Hearing::of(tini.pid(), TERM) == Hearing::Waits);
    let Ok(catatonit) = Pid1::new("catatonit").args(["--", "sleep", "1000"]).spawn() else {
        return skip("catatonit is not installed");
    };
    eventually("catatonit has its signalfd", || {
        Hearing::of(catatonit.pid(), TERM) == Hearing::Signalfd
    });
}
