//! The clean stop: when the command has ended, everybody else is told to end and waited for.

use sexton_testkit::{
    End, Init, Place, Proc, Run, eventually, for_both_places, libc, namespaces, patience,
    real_root, scratch,
};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A family whose members write down what they hear.
struct Family {
    run: Run,
    log: PathBuf,
}

impl Family {
    fn start<const N: usize>(init: Init, parts: [&str; N]) -> Family {
        let log = scratch().join("log");
        let mut words = vec!["probe".to_string(), "family".to_string()];
        words.extend(parts.iter().map(|part| format!("{part} log={}", log.display())));
        Family { run: init.command(words).spawn().ready(), log }
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().map(String::from).collect()
    }

    fn times(&self, line: &str) -> usize {
        self.lines().iter().filter(|one| *one == line).count()
    }

    fn eventually_says(&self, line: &str) {
        eventually(line, || self.times(line) > 0);
    }

    fn stop(&mut self) -> End {
        self.run.send(libc::SIGTERM);
        self.run.end()
    }

    /// They got TERM once, and ended by themselves.
    #[track_caller]
    fn ended_cleanly(&self, names: &[&str]) {
        for name in names {
            let heard = self.times(&format!("{name} signal 15"));
            assert_eq!(heard, 1, "TERM for {name}: {:?}", self.lines());
            assert_eq!(self.times(&format!("{name} clean")), 1, "{name}: {:?}", self.lines());
        }
    }
}

/// pid_namespaces(7): when the init ends, "the kernel terminates all of the processes in the
/// namespace via a SIGKILL signal". So it must not end before they have.
#[test]
fn the_rest_is_told_and_waited_for_when_the_command_ends() {
    for_both_places(|place| {
        let parts =
            ["exits=7", "name=slow takes=300", "name=daemon session orphan takes=200 leaves=3"];
        let mut family = Family::start(Init::new().place(place), parts);
        let end = family.run.end();
        assert_eq!((end.code, end.stderr), (7, vec![]), "{place:?}");
        family.ended_cleanly(&["slow", "daemon"]);
    });
}

/// Whoever was told with the group or with everyone is not told again by the drain: for many
/// servers a second TERM means "at once".
#[test]
fn nobody_is_told_to_stop_twice() {
    for options in [&[][..], &["-g"], &["--to", "all"]] {
        for_both_places(|place| {
            let init = Init::new().place(place).options(options);
            let parts = [
                "leaves=7",
                "name=worker takes=300",
                "name=grouped group takes=300",
                "name=daemon session orphan takes=300",
            ];
            let mut family = Family::start(init, parts);
            // Those who were started in the same tick of the kernel's clock (10 ms, proc(5)
            // starttime) as the signal cannot be told from those who came after it.
            std::thread::sleep(Duration::from_millis(30));
            let end = family.stop();
            assert_eq!((end.code, end.stderr), (7, vec![]), "{place:?} {options:?}");
            family.ended_cleanly(&["main", "worker", "grouped", "daemon"]);
        });
    }
}

#[test]
fn who_does_not_end_is_killed_and_named() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--drain-timeout", "100ms"]);
        let parts = ["leaves=7", "name=good takes=10", "name=stubborn ignoring session"];
        let mut family = Family::start(init, parts);
        let stubborn = family.run.process_in_state("stubborn", 'S').pid_inside;
        let before = Instant::now();
        let end = family.stop();
        assert!(before.elapsed() >= Duration::from_millis(100), "{place:?}: too early");
        assert_eq!((end.code, end.stderr.len()), (7, 1), "{place:?} {end:?}");
        let said = &end.stderr[0];
        for word in ["KILL", "stubborn", &stubborn.to_string()] {
            assert!(said.contains(word), "{said} lacks {word}");
        }
        assert!(!said.contains("good"), "{said}");
        family.ended_cleanly(&["main", "good"]);
    });
}

/// signal(7): a signal for a stopped process waits until it is continued.
#[test]
fn stopped_processes_are_woken_up_to_end() {
    for_both_places(|place| {
        let parts = ["leaves=7", "name=frozen stopped", "name=iced stopped session orphan"];
        let mut family = Family::start(Init::new().place(place), parts);
        family.run.process_in_state("frozen", 'T');
        family.run.process_in_state("iced", 'T');
        assert_eq!(family.stop().code, 7, "{place:?}");
        family.ended_cleanly(&["frozen", "iced"]);
    });
}

#[test]
fn a_stopped_command_is_woken_up_to_end() {
    for_both_places(|place| {
        let mut family = Family::start(Init::new().place(place), ["leaves=7"]);
        let main = family.run.process_in_state("main", 'S');
        sexton_testkit::signals::send(main.pid, libc::SIGSTOP).expect("it is there");
        family.run.process_in_state("main", 'T');
        assert_eq!(family.stop().code, 7, "{place:?}");
        family.ended_cleanly(&["main"]);
    });
}

#[test]
fn on_exit_leave_leaves_at_once() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--on-exit", "leave"]);
        let mut family = Family::start(init, ["leaves=7", "name=slow takes=300"]);
        family.run.send(libc::SIGTERM);
        let status = family.run.wait_within(patience()).expect("our child");
        assert_eq!(status.and_then(|status| status.code()), Some(7), "{place:?}");
        assert_eq!(family.times("slow signal 15"), 0, "{place:?}");
    });
}

/// For servers that daemonise: the command leaves, and the daemon is what is run.
#[test]
fn on_exit_wait_stays_with_the_daemon_until_it_is_stopped() {
    for_both_places(|place| {
        let init = Init::new().place(place).env("SEXTON_ON_EXIT", "wait");
        let parts = ["exits=0", "name=daemon session orphan takes=100 leaves=3"];
        let mut family = Family::start(init, parts);
        eventually("the command is gone", || family.run.others().len() == 1);
        family.run.send(libc::SIGUSR1);
        family.eventually_says("daemon signal 10");
        assert_eq!(family.run.try_wait().expect("our child"), None, "{place:?}");
        assert_eq!(family.stop().code, 0, "{place:?}");
        family.ended_cleanly(&["daemon"]);
    });
}

#[test]
fn the_whole_stop_is_bounded_when_asked_for() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--stop-timeout", "100ms"]);
        let parts = ["name=deaf ignoring", "name=too ignoring session"];
        let end = Family::start(init, parts).stop();
        assert_eq!((end.code, end.stderr.len()), (137, 1), "{place:?} {end:?}");
        assert!(end.stderr[0].contains("deaf") && end.stderr[0].contains("too"), "{end:?}");
    });
}

/// The first Ctrl-C asks, the second insists.
#[test]
fn a_second_interrupt_ends_the_drain() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--drain-timeout", "none"]);
        let mut family = Family::start(init, ["exits=7", "name=stubborn ignoring"]);
        family.eventually_says("stubborn signal 15");
        family.run.send(libc::SIGINT);
        family.eventually_says("stubborn signal 2");
        assert_eq!(family.run.try_wait().expect("our child"), None, "{place:?}");
        family.run.send(libc::SIGINT);
        let end = family.run.end();
        assert_eq!((end.code, end.stderr.len()), (7, 1), "{place:?} {end:?}");
    });
}

#[test]
fn a_signal_during_the_drain_goes_to_everyone_left() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--drain-timeout", "none"]);
        let parts = ["exits=7", "name=a takes=0 ignoring", "name=b ignoring session orphan"];
        let mut family = Family::start(init, parts);
        family.eventually_says("b signal 15");
        family.run.send(libc::SIGUSR2);
        family.eventually_says("a signal 12");
        family.eventually_says("b signal 12");
        family.run.send(libc::SIGINT);
        family.run.send(libc::SIGUSR2);
        family.eventually_says("b signal 2");
        family.run.send(libc::SIGINT);
        assert_eq!(family.run.end().code, 7, "{place:?}");
    });
}

/// A process may make others when it is told to end. They are not told a second time together with
/// everybody, and KILL meets them at the deadline and not before.
#[test]
fn who_is_born_of_the_stop_has_until_the_deadline() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(["--drain-timeout", "300ms"]);
        // The one that is born ignores TERM; the one that makes it counts what it hears.
        let born = "trap '' TERM; echo born; exec sleep 1000";
        let script = format!(
            "trap 'echo told; sh -c \"{born}\" & exit' TERM; echo ready; \
             while :; do sleep 0.01; done"
        );
        let main = "trap 'exit 7' TERM; sh -c \"$0\" & while :; do sleep 0.01; done";
        let mut run = init.command(["sh", "-c", main, &script]).spawn().ready();
        let before = Instant::now();
        run.send(libc::SIGTERM);
        let mut end = run.end();
        assert!(before.elapsed() >= Duration::from_millis(300), "{place:?}: too early");
        // Shells may have a word to say of a `sleep` that was told.
        end.stderr.retain(|line| line.contains("SIGKILL"));
        assert_eq!((end.code, end.stderr.len()), (7, 1), "{place:?} {end:?}");
        assert!(end.stderr[0].contains("(sleep)"), "{place:?} {end:?}");
        assert_eq!(end.stdout, ["told", "born"], "{place:?}");
    });
}

/// setns(2) and fork(2), as `docker exec`: they are nobody's children inside, and cannot be reaped.
#[test]
fn outsiders_are_told_but_do_not_hold_the_exit() {
    if !real_root() {
        return;
    }
    let init = Init::new().options(["--drain-timeout", "none"]);
    let mut family = Family::start(init, ["leaves=7", "name=slow takes=500"]);
    let log = format!("name=guest ignoring log={}", family.log.display());
    let mut guest = family.run.exec_probe(&["family", &log]);
    family.run.process_in_state("guest", 'S');
    let end = family.stop();
    assert_eq!(end.code, 7);
    assert_eq!(family.times("guest signal 15"), 1, "{:?}", family.lines());
    family.ended_cleanly(&["main", "slow"]);
    guest.wait().expect("nsenter has ended with its child");
}

/// kill(2) with -1 is "every process for which the calling process has permission": on a host,
/// the host. Not PID 1, only our own descendants are meant.
// INVARIANT(never-the-host)
#[test]
fn nobody_outside_the_tree_is_touched() {
    let mut sentinel = std::process::Command::new("sleep").arg("1000").spawn().expect("sleep");
    for options in [&["--drain-timeout", "50ms"][..], &["--to", "all", "--drain-timeout", "50ms"]] {
        let init = Init::new().place(Place::Here).options(options);
        let parts = ["leaves=7", "name=stubborn ignoring session orphan", "name=x takes=10"];
        let mut family = Family::start(init, parts);
        assert_eq!(family.stop().code, 7);
        assert_eq!(family.run.processes().expect("/proc"), [], "nobody of ours is left");
    }
    assert_eq!(sentinel.try_wait().expect("our child"), None, "the sentinel was hit");
    sentinel.kill().expect("our child");
    sentinel.wait().expect("our child");
}

#[test]
fn a_deep_tree_is_told_down_to_its_last_leaf() {
    for_both_places(|place| {
        let parts = ["leaves=7", "name=d deep=20 session takes=20", "name=e deep=5 orphan"];
        let mut family = Family::start(Init::new().place(place), parts);
        let end = family.stop();
        assert_eq!((end.code, end.stderr), (7, vec![]), "{place:?}");
        for depth in 0..20 {
            family.ended_cleanly(&[&format!("d{}", "-".repeat(depth))]);
        }
        for depth in 0..5 {
            family.ended_cleanly(&[&format!("e{}", "-".repeat(depth))]);
        }
    });
}

/// proc(5) may not be mounted in a container from scratch.
#[test]
fn without_proc_the_rest_is_told_all_the_same() {
    if !namespaces() {
        return;
    }
    let parts = ["leaves=7", "name=worker takes=100", "name=daemon session orphan takes=100"];
    let mut family = Family::start(Init::new().proc(Proc::None), parts);
    assert_eq!(family.stop().code, 7);
    family.ended_cleanly(&["main", "worker", "daemon"]);
    let init = Init::new().proc(Proc::None).options(["--drain-timeout", "50ms"]);
    let mut family = Family::start(init, ["leaves=7", "name=stubborn ignoring session"]);
    let end = family.stop();
    assert_eq!((end.code, end.stderr.len()), (7, 1), "{end:?}");
}

/// A command that dies of a signal leaves as much behind as one that exits.
#[test]
fn the_rest_is_drained_though_the_command_was_killed() {
    for_both_places(|place| {
        let parts = ["name=main", "name=daemon session orphan takes=200"];
        let mut family = Family::start(Init::new().place(place), parts);
        let main = family.run.process_in_state("main", 'S');
        sexton_testkit::signals::send(main.pid, libc::SIGKILL).expect("it is there");
        assert_eq!(family.run.end().code, 137, "{place:?}");
        family.ended_cleanly(&["daemon"]);
    });
}
