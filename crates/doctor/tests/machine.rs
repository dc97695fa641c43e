//! What is not a zombie and not a stop signal: namespaces that do not end, limits, frozen groups,
//! and looking while everything changes.

mod common;

use common::{ControlGroup, because, enter, only_group, probe, sight, start, stop};
use sexton_doctor::judge::Level;
use sexton_doctor::judge::reaction::Pause;
use sexton_doctor::judge::stuck::Hold;
use sexton_doctor::judge::zombie::Verdict;
use sexton_doctor::look::{Memory, look};
use sexton_doctor::names::Names;
use sexton_doctor::proc::read::Proc;
use sexton_doctor::report::{About, Finding, NamespaceReport, Report};
use sexton_testkit::libc::SIGKILL;
use sexton_testkit::{Pid1, Running, eventually, namespaces, probe_path, real_root};
use std::path::Path;
use std::process::Command;

#[test]
fn a_namespace_that_cannot_end_names_who_holds_it() {
    if !namespaces() || !common::has("nsenter") {
        return;
    }
    let patient = probe(&["wait"]);
    let mut guest = enter(&patient, "sleep 600 & exec sleep 601");
    let inside =
        |state| move |one: &sexton_testkit::Process| one.name == "sleep" && one.state == state;
    let members = || patient.running.processes().unwrap();
    eventually("it is inside", || members().iter().any(inside('S')));
    eventually("its parent has executed what does not wait", || {
        let name = std::fs::read(format!("/proc/{}/comm", guest.id())).unwrap();
        name == b"sleep\n"
    });
    patient.running.signal(SIGKILL).unwrap();
    eventually("it is killed", || members().iter().any(inside('Z')));

    let report = patient.report();
    let finding = report.findings.first().unwrap();
    let About::StuckExit(stuck) = &finding.about else { panic!("not stuck: {report:#?}") };
    assert_eq!((finding.level, stuck.holders.len()), (Level::Problem, 1));
    assert_eq!(stuck.holders[0].hold, Hold::ParentOutside);
    assert_eq!(stuck.holders[0].culprit.as_ref().unwrap().command, "sleep 601");
    assert!(because(finding).contains("is outside, and does not wait for it"), "{finding:#?}");

    guest.kill().unwrap();
    guest.wait().unwrap();
    eventually("PID 1 is gone", || {
        patient.running.processes().unwrap().iter().all(|one| one.state == 'Z')
    });
}

#[test]
fn room_under_pids_max_is_counted_and_so_are_the_zombies_in_it() {
    if !namespaces() || !real_root() {
        return;
    }
    let Some(group) = ControlGroup::new("pids") else { return };
    group.write("pids.max", "20");
    let fork_too_many = "for i in $(seq 30); do sleep 600 & done 2>/dev/null; exec";
    for (script, level, evidence) in [
        ("exec probe zombies own 10", Level::Fine, "10 of the used are zombies"),
        ("exec probe zombies own 19", Level::Problem, "19 of the used are zombies"),
        (&format!("{fork_too_many} sleep 600"), Level::Problem, "a fork was refused"),
    ] {
        let patient = group.start(script);
        eventually(evidence, || {
            let report = patient.report();
            headroom(&report).is_some_and(|finding| {
                finding.level == level && because(finding).contains(evidence)
            })
        });
    }
}

/// `None` before it is in its group.
fn headroom(report: &NamespaceReport) -> Option<&Finding> {
    report.findings.iter().find(|finding| matches!(finding.about, About::Headroom(_)))
}

#[test]
fn a_frozen_group_excuses_its_processes() {
    if !namespaces() || !real_root() {
        return;
    }
    let Some(group) = ControlGroup::new("freezer") else { return };
    freeze_in(&group);
    // Where the one of above was of version 1, this is the other.
    if let Some(group) = ControlGroup::unified() {
        freeze_in(&group);
    }
}

fn freeze_in(group: &ControlGroup) {
    let mut patient = group.start("exec probe zombies stray 2");
    patient.is_ready();
    patient.awaits_zombies(2);
    assert_eq!(only_group(&patient.report()).1.verdict, Verdict::OrphanNotReaped);
    group.freeze();
    eventually("it is frozen", || stop(&patient.report()).1.pause == Some(Pause::Frozen));
    let report = patient.report();
    let (finding, zombies) = only_group(&report);
    assert_eq!((zombies.verdict, finding.level), (Verdict::ReaperPaused, Level::Note));
    assert!(because(finding).contains("control group is frozen"), "{finding:#?}");
    group.thaw();
}

#[test]
fn processes_that_vanish_while_they_are_read_are_no_error() {
    let mut churn = Command::new("sh");
    let mut churn =
        churn.args(["-c", "while :; do /bin/true & /bin/true; wait; done"]).spawn().unwrap();
    let proc = Proc::open(Path::new("/proc")).unwrap();
    let born = |table: &sexton_doctor::proc::table::ProcTable| {
        table.processes().iter().map(|one| one.id.started).max().unwrap()
    };
    let before = born(&proc.table().unwrap());
    let mut looks = 0;
    eventually("others have come and gone while we looked", || {
        looks += 1;
        let table = proc.table().unwrap();
        assert!(table.get(i32::try_from(std::process::id()).unwrap()).is_some());
        looks > 100 && born(&table) > before
    });
    sight(&mut Memory::default());
    churn.kill().unwrap();
    churn.wait().unwrap();
}

#[test]
fn a_namespace_that_ends_between_the_looks_is_no_news() {
    if !namespaces() {
        return;
    }
    // Deaf, so that there is more than one look.
    let mut patient = Some(probe(&["wait"]));
    let inode = inode_of(patient.as_ref().unwrap().running.pid());
    let proc = Proc::open(Path::new("/proc")).unwrap();
    let mut memory = Memory::default();
    // Somebody's zombie has to be there for the second look.
    let other = probe(&["zombies", "stray", "1"]);
    let sight = look(&proc, &mut memory, common::DWELL, &mut |_| drop(patient.take())).unwrap();
    let report = Report::of(&sight, &Names::default(), &memory);
    let shown = |inode| report.namespaces.iter().any(|one| one.inode == Some(inode));
    assert!(shown(inode_of(other.running.pid())) && !shown(inode), "{report:#?}");
}

/// Of its PID namespace.
fn inode_of(pid: i32) -> u64 {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(format!("/proc/{pid}/ns/pid")).unwrap().ino()
}

/// Between the two looks a zombie is reaped, and its PID given to another, which ends too.
#[test]
fn a_pid_that_is_used_again_between_the_looks_is_another_process() {
    if !namespaces() {
        return;
    }
    let this = std::env::current_exe().unwrap();
    let name = "inside_of_a_namespace_a_pid_is_used_again";
    let inner = Pid1::new(this).args([name, "--exact", "--ignored", "--nocapture"]);
    let mut patient = start(inner);
    let lines = patient.stdout.rest();
    let status = patient.running.wait().unwrap();
    assert!(status.success() && lines.iter().any(|line| line.contains("1 passed")), "{lines:?}");
}

#[test]
#[ignore = "run by the test above, as PID 1 of a namespace"]
fn inside_of_a_namespace_a_pid_is_used_again() {
    let child = || Command::new("/bin/true").spawn().unwrap();
    let ended = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.contains(") Z ")
    };
    #[expect(clippy::zombie_processes, reason = "that it is one is what is tried")]
    let mut first = child();
    let pid = first.id();
    eventually("it has ended", || ended(pid));
    let mut second = None;
    let mut swap = |_| {
        if second.is_none() {
            first.wait().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20)); // Two ticks of start times.
            std::fs::write("/proc/sys/kernel/ns_last_pid", (pid - 1).to_string()).unwrap();
            let next = child();
            assert_eq!(next.id(), pid, "the kernel gives it away again");
            eventually("it has ended too", || ended(pid));
            second = Some(next);
        }
    };
    let proc = Proc::open(Path::new("/proc")).unwrap();
    let mut memory = Memory::default();
    let sight = look(&proc, &mut memory, common::DWELL, &mut swap).unwrap();
    let pid = i32::try_from(pid).unwrap();
    assert_eq!(sight.transient.iter().map(|one| one.id.pid).collect::<Vec<_>>(), [pid]);
    assert!(sight.table.get(pid).is_none(), "the second was not seen twice");
    second.unwrap().wait().unwrap();
}

#[test]
fn who_believes_that_a_zombie_lives_is_named() {
    if !namespaces() {
        return;
    }
    // A `/run` of its own, as every container has.
    let script = format!(
        "mount -t tmpfs none /run; mkdir /run/app; sleep 0 & echo $! >/run/app/app.pid; \
         tail --pid=$! -f /dev/null & exec {} wait",
        probe_path().display()
    );
    let pid1 = Pid1::new("unshare").args(["--mount", "sh", "-c", &script]);
    let mut patient = start(pid1);
    patient.stdout.until("ready", |line| line == "ready");
    patient.awaits_zombies(1);
    eventually("tail waits", || {
        let report = patient.report();
        let (finding, zombies) = only_group(&report);
        let [file, tail] = zombies.believers.as_slice() else { return false };
        assert_eq!(file, "/run/app/app.pid holds its PID");
        assert!(because(finding).contains("app.pid holds its PID: it will think that it lives"));
        tail.contains("(tail --pid=") && tail.ends_with(" waits for its end")
    });
}

#[test]
fn looking_leaves_no_trace() {
    if !namespaces() {
        return;
    }
    let patient = probe(&["zombies", "stray", "2"]);
    let traces = |running: &Running| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
        let of = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key)).unwrap();
            line.to_owned()
        };
        [of("voluntary_ctxt_switches"), of("nonvoluntary_ctxt_switches"), of("ShdPnd"), of("State")]
    };
    eventually("it sleeps", || traces(&patient.running)[3].contains("sleeping"));
    let before = traces(&patient.running);
    for _ in 0..5 {
        patient.report();
    }
    assert_eq!(traces(&patient.running), before, "it was woken");
    assert_eq!(patient.running.processes().unwrap().len(), 3);
}
