//! Each kind of zombie, made for real, and whose fault the doctor says it is.

mod common;

use common::{Patient, because, groups, has, is_shown, of_pid, only_group, probe, sight};
use sexton_doctor::judge::zombie::Verdict;
use sexton_doctor::judge::{Confidence, Level};
use sexton_doctor::look::Memory;
use sexton_doctor::names::Names;
use sexton_doctor::report::Report;
use sexton_testkit::libc::{SIGCONT, SIGSTOP};
use sexton_testkit::{Pid1, eventually, namespaces, probe_path};

/// The only group of zombies of this probe: verdict, confidence, count, and words of the evidence.
#[track_caller]
fn check(words: &[&str], verdict: Verdict, confidence: Confidence, evidence: &str) -> Patient {
    let patient = probe(words);
    let report = patient.report();
    let (finding, group) = only_group(&report);
    assert_eq!((group.verdict, group.confidence), (verdict, confidence), "{finding:#?}");
    assert_eq!(group.count, words[2].parse::<usize>().unwrap());
    assert!(because(finding).contains(evidence), "{finding:#?}");
    assert!(is_shown(finding) && finding.advice.is_some());
    patient
}

#[test]
fn an_orphan_whose_parent_had_its_own_session_is_pid_1s_to_reap() {
    if namespaces() {
        let evidence = "is neither its parent's nor its own";
        check(&["zombies", "stray", "3"], Verdict::OrphanNotReaped, Confidence::Certain, evidence);
    }
}

#[test]
fn an_orphan_that_was_adopted_after_a_younger_child_was_born_is_known_by_the_order() {
    if namespaces() {
        let words = ["zombies", "overtaken", "3"];
        check(
            &words,
            Verdict::OrphanNotReaped,
            Confidence::Likely,
            "which is younger: it was adopted",
        );
    }
}

#[test]
fn a_parent_that_is_not_pid_1_is_to_blame_for_its_own_children() {
    if namespaces() {
        let words = ["zombies", "below", "3"];
        let evidence = "its parent has no handler for CHLD";
        let patient = check(&words, Verdict::ChildNotWaitedFor, Confidence::Likely, evidence);
        let report = patient.report();
        let culprit = only_group(&report).1.culprit.clone().unwrap();
        assert_ne!(culprit.pid, patient.running.pid());
        assert_eq!(culprit.pid_inside, Some(2));
    }
}

#[test]
fn a_subreaper_below_pid_1_is_told_from_a_parent() {
    if namespaces() {
        let words = ["zombies", "subreaper", "3"];
        check(&words, Verdict::SubreaperNotReaping, Confidence::Certain, "somebody else forked it");
    }
}

#[test]
fn a_child_of_pid_1_in_its_session_is_undecided() {
    if namespaces() {
        let (verdict, guess) = (Verdict::Undecided, Confidence::Guess);
        check(&["zombies", "executed", "3"], verdict, guess, "both are possible");
        let patient = check(&["zombies", "own", "3"], verdict, guess, "most likely its own child");
        let report = patient.report();
        let advice = only_group(&report).0.advice.clone().unwrap();
        let command = format!("sexton doctor --pid {} --probe", patient.running.pid());
        assert!(advice.contains(&command), "{advice}");
    }
}

/// The kernel moves a thread's children to another thread's list when it ends.
#[test]
fn children_of_a_thread_that_has_ended_are_not_taken_for_orphans() {
    if namespaces() {
        let words = ["zombies", "threads", "3"];
        check(&words, Verdict::Undecided, Confidence::Guess, "its parent has threads");
    }
}

#[test]
fn names_with_line_ends_and_bytes_that_are_no_text_are_escaped() {
    if namespaces() {
        let patient = probe(&["zombies", "named", "2"]);
        let report = patient.report();
        let (finding, group) = only_group(&report);
        assert_eq!((group.names[0].name.as_str(), group.names[0].count), ("a)\\n\\xff(", 2));
        assert!(finding.title.contains("2 zombies (a)\\n\\xff()"), "{}", finding.title);
    }
}

#[test]
fn the_leader_of_live_threads_is_no_zombie() {
    if !namespaces() {
        return;
    }
    let patient = probe(&["first-thread-ends"]);
    let report = patient.report();
    let (finding, group) = only_group(&report);
    assert_eq!(group.verdict, Verdict::LeaderOfLiveThreads);
    assert_eq!(because(finding), "1 of its threads live on");
    assert_eq!((finding.level, report.zombies), (Level::Fine, 0));
}

#[test]
fn a_stopped_parent_is_not_blamed_before_it_runs_again() {
    if !namespaces() {
        return;
    }
    let patient = probe(&["zombies", "stray", "2"]);
    patient.running.signal(SIGSTOP).unwrap();
    eventually("it is stopped", || patient.running.processes().unwrap()[0].state == 'T');
    let report = patient.report();
    let (finding, group) = only_group(&report);
    assert_eq!((group.verdict, finding.level), (Verdict::ReaperPaused, Level::Note));
    assert!(because(finding).ends_with("its parent is stopped (state T)"), "{finding:#?}");
    patient.running.signal(SIGCONT).unwrap();
    eventually("it is blamed", || {
        only_group(&patient.report()).1.verdict == Verdict::OrphanNotReaped
    });
}

#[test]
fn ten_thousand_zombies_are_one_line() {
    if !namespaces() {
        return;
    }
    let limit = std::fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
    if limit.trim().parse::<u64>().unwrap() < 20_000 {
        return sexton_testkit::skip("kernel.pid_max is too low for 10,000 zombies");
    }
    let patient = check(
        &["zombies", "stray", "10000"],
        Verdict::OrphanNotReaped,
        Confidence::Certain,
        "somebody else forked it",
    );
    let report = patient.report();
    let (finding, group) = only_group(&report);
    assert!(finding.title.starts_with("10,000 zombies (probe): orphans"), "{}", finding.title);
    assert_eq!((report.zombies, group.examples.len()), (10_000, 5));
}

#[test]
fn zombies_of_a_nested_namespace_are_its_own_pid_1s() {
    if !namespaces() {
        return;
    }
    // The outer one starts a namespace within: unshare(1), as a sandbox does.
    let inner = [probe_path().to_str().unwrap(), "zombies", "stray", "2"];
    let outer = Pid1::new("unshare").args(["--pid", "--fork", "--mount-proc"]).args(inner);
    let mut patient = common::start(outer);
    patient.stdout.until("ready", |line| line == "ready");
    // For the outer one the inner ones are in another namespace.
    let below = || sight(&mut Memory::default());
    eventually("they have ended", || {
        let first = below().table.children(patient.running.pid()).next().map(|one| one.id.pid);
        first.is_some_and(|pid| {
            below().table.children(pid).filter(|one| one.is_zombie()).count() == 2
        })
    });

    let mut memory = Memory::default();
    let sight = sight(&mut memory);
    let report = Report::of(&sight, &Names::default(), &memory);
    let inner = patient.running.pid();
    let inner = sight.table.children(inner).next().unwrap().id.pid;
    let below = of_pid(report, inner);
    let (_, group) = only_group(&below);
    assert_eq!((group.verdict, group.count), (Verdict::OrphanNotReaped, 2));
    assert_eq!(group.culprit.as_ref().unwrap().pid_inside, Some(1));

    let report = Report::of(&sight, &Names::default(), &memory);
    assert!(groups(&of_pid(report, patient.running.pid())).is_empty());
}

/// ptrace(2): a tracer is told of the end first, and until it has taken that the parent is not.
#[test]
fn a_zombie_that_a_tracer_holds_is_the_tracers() {
    if namespaces() {
        let words = ["zombies", "traced", "2"];
        let evidence = "which must let go of it first";
        let patient = check(&words, Verdict::HeldByTracer, Confidence::Certain, evidence);
        let report = patient.report();
        let tracer = only_group(&report).1.culprit.clone().unwrap();
        assert_eq!(tracer.pid_inside, Some(4), "after PID 1 and its two children");
    }
}

/// setns(2) puts children into the namespace whose parent stays outside: as `docker exec` does.
#[test]
fn a_zombie_that_came_in_from_outside_is_owed_by_who_brought_it() {
    if !namespaces() || !has("nsenter") {
        return;
    }
    let patient = probe(&["wait"]);
    let mut guest = common::enter(&patient, "sleep 0 & exec sleep 600");
    eventually("its child has ended", || {
        patient.running.processes().unwrap().iter().any(|one| one.state == 'Z')
    });
    eventually("it executes what does not wait", || {
        let outside = i32::try_from(guest.id()).unwrap();
        std::fs::read(format!("/proc/{outside}/comm")).unwrap() == b"sleep\n"
    });
    let report = patient.report();
    let (finding, group) = only_group(&report);
    assert_eq!((group.verdict, group.confidence), (Verdict::OwedFromOutside, Confidence::Certain));
    assert!(because(finding).contains("it was put there from outside"), "{finding:#?}");
    let culprit = group.culprit.clone().unwrap();
    assert_eq!(culprit.command, "sleep 600");
    assert_eq!(culprit.pid, i32::try_from(guest.id()).unwrap());

    guest.kill().unwrap();
    guest.wait().unwrap();
    // Its parent's namespace decides who gets it now, and not its own.
    eventually("somebody else is to blame, or has waited", || {
        let report = patient.report();
        let groups = groups(&report);
        groups.iter().all(|(_, group)| group.culprit.as_ref() != Some(&culprit))
    });
}

#[test]
fn a_child_that_had_another_parent_before_is_an_orphan() {
    if !namespaces() || !has("python3") {
        return;
    }
    let mut patient = common::start(Pid1::new("python3").args([
        "-c",
        // The grandchild executes, so that nothing but the memory tells.
        "import os, signal
middle = os.fork()
if middle == 0:
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '600'])
    signal.pause()
print('ready', flush=True)
signal.pause()",
    ]));
    patient.stdout.until("ready", |line| line == "ready");
    let members = || patient.running.processes().unwrap();
    eventually("the grandchild executes", || members().iter().any(|one| one.name == "sleep"));
    let mut memory = Memory::default();
    assert!(groups(&patient.report_with(&mut memory)).is_empty());
    let all = members();
    let of_name = all.iter().find(|one| one.name == "sleep").unwrap();
    let of_middle = all.iter().find(|one| one.pid_inside == of_name.parent_inside).unwrap();
    let (middle, grandchild) = (of_middle.pid, of_name.pid);
    for pid in [middle, grandchild] {
        sexton_testkit::signals::send(pid, sexton_testkit::libc::SIGKILL).unwrap();
    }
    eventually("both are zombies", || members().iter().filter(|one| one.state == 'Z').count() == 2);
    let report = patient.report_with(&mut memory);
    let groups = groups(&report);
    let orphan = groups.iter().find(|(_, group)| group.examples == [grandchild]);
    let orphan = orphan.unwrap_or_else(|| panic!("no group of {grandchild}: {groups:#?}"));
    assert_eq!(orphan.1.verdict, Verdict::OrphanNotReaped);
    assert_eq!(orphan.1.confidence, Confidence::Certain);
    assert!(because(orphan.0).contains(&format!("its parent was {middle} before")), "{orphan:#?}");
}
