//! Signals: every one that can be forwarded is, to those whom the options name, once each.

use sexton_testkit::signals::LAST;
use sexton_testkit::{
    Init, Run, Stream, eventually, for_both_places, init_path, libc, namespaces, probe_path,
    real_root, scratch,
};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// What a process cannot catch (signal(7)), and what the kernel tells the init about its children.
const NOT_FORWARDED: [i32; 3] = [libc::SIGKILL, libc::SIGSTOP, libc::SIGCHLD];

/// Stops the init itself; what comes from then on waits for CONT.
fn stop(run: &Run) {
    run.send(libc::SIGSTOP);
    eventually("the init is stopped", || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", run.pid())).expect("it is there");
        stat.contains(") T ")
    });
}

fn signals_until_last(init: Init) -> Run {
    init.command(["probe", "signals", "until", "64"]).spawn().ready()
}

/// The signals that the probe got, up to the last one, but for [`ROUSE`].
fn arrivals(run: &mut Run) -> Vec<String> {
    run.send(LAST);
    let mut end = run.end();
    assert_eq!(end.code, 0, "{end:?}");
    end.stdout.retain(|line| line != ROUSE);
    end.stdout
}

/// What asks for a stop is followed by a CONT: a stopped process hears nothing else.
const ROUSE: &str = "signal 18 value 0";

/// The next signal that the probe got, but for [`ROUSE`] where none is expected.
fn arrival(run: &mut Run, expected: i32) -> Option<String> {
    loop {
        match run.stdout().next_line() {
            Some(line) if line == ROUSE && expected != libc::SIGCONT => {}
            other => return other,
        }
    }
}

/// One at a time: a CONT takes stop signals out of a queue, and they take it out (signal(7)).
#[test]
fn every_signal_that_can_be_forwarded_reaches_the_command_once() {
    for_both_places(|place| {
        let mut run = signals_until_last(Init::new().place(place));
        for signal in (1..LAST).filter(|signal| !NOT_FORWARDED.contains(signal)) {
            run.send(signal);
            let line = arrival(&mut run, signal);
            assert_eq!(line, Some(format!("signal {signal} value 0")), "{place:?}");
        }
        assert_eq!(arrivals(&mut run), ["signal 64 value 0"], "{place:?}");
    });
}

#[test]
fn a_sigchld_from_somebody_is_not_forwarded() {
    for_both_places(|place| {
        let mut run = signals_until_last(Init::new().place(place));
        run.send(libc::SIGCHLD);
        run.send(libc::SIGUSR1);
        assert_eq!(run.stdout().next_line().as_deref(), Some("signal 10 value 0"), "{place:?}");
        assert_eq!(arrivals(&mut run), ["signal 64 value 0"], "{place:?}");
    });
}

/// signal(7): "Real-time signals are delivered in a guaranteed order. Multiple real-time signals of
/// the same type are delivered in the order they were sent", each with its value. The init is
/// stopped while they are sent, so that all of them wait in its queue.
#[test]
fn real_time_signals_keep_their_order_and_their_values() {
    for_both_places(|place| {
        let mut run = signals_until_last(Init::new().place(place));
        let sent = |signal: i32| (0..3).map(move |turn| (signal, signal * 1000 - turn));
        stop(&run);
        for (signal, value) in (34..LAST).rev().flat_map(sent) {
            run.queue(signal, value).expect("room in the queue");
        }
        run.queue(libc::SIGTERM, -7).expect("room in the queue");
        run.send(libc::SIGCONT);
        let mut got: Vec<String> =
            (0..30 * 3 + 1).filter_map(|_| arrival(&mut run, libc::SIGTERM)).collect();
        // The probe reads while the init sends: only the order within a number is certain.
        let number = |line: &String| line.split(' ').nth(1).and_then(|word| word.parse().ok());
        got.sort_by_key(|line| number(line).unwrap_or(0));
        let mut expected = vec!["signal 15 value -7".to_string()];
        let queued = (34..LAST).flat_map(sent);
        expected.extend(queued.map(|(signal, value)| format!("signal {signal} value {value}")));
        assert_eq!(got, expected, "{place:?}");
        assert_eq!(arrivals(&mut run), ["signal 64 value 0"], "{place:?}");
    });
}

/// signal(7): "Standard signals do not queue". How many were sent nobody can know, and so nobody
/// may count them.
#[test]
fn a_burst_of_one_signal_is_one_signal() {
    for_both_places(|place| {
        let mut run = signals_until_last(Init::new().place(place));
        stop(&run);
        for _ in 0..200 {
            run.send(libc::SIGTERM);
            run.send(libc::SIGINT);
        }
        run.send(libc::SIGCONT);
        for signal in [libc::SIGINT, libc::SIGTERM] {
            let line = arrival(&mut run, signal);
            assert_eq!(line, Some(format!("signal {signal} value 0")), "{place:?}");
        }
        assert_eq!(arrivals(&mut run), ["signal 64 value 0"], "{place:?}");
    });
}

/// Many servers take it for "at once", and it is theirs to do so.
#[test]
fn a_second_term_is_forwarded_too() {
    for_both_places(|place| {
        let mut run = signals_until_last(Init::new().place(place));
        for _ in 0..3 {
            run.send(libc::SIGTERM);
            let line = arrival(&mut run, libc::SIGTERM);
            assert_eq!(line.as_deref(), Some("signal 15 value 0"), "{place:?}");
        }
        assert_eq!(arrivals(&mut run), ["signal 64 value 0"], "{place:?}");
    });
}

/// Who of a family heard USR1, by the options.
#[test]
fn the_options_say_who_hears_a_signal() {
    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &["main"]),
        (&["--to", "command"], &["main"]),
        (&["-g"], &["main", "worker"]),
        (&["--to=group"], &["main", "worker"]),
        (&["--to", "all"], &["daemon", "main", "worker"]),
        (&["-g", "--to", "all"], &["daemon", "main", "worker"]),
    ];
    for_both_places(|place| {
        for (options, expected) in cases {
            let log = scratch().join("log");
            let part = |words: &str| format!("{words} log={}", log.display());
            let run = Init::new().place(place).options(options).command([
                "probe",
                "family",
                &part("name=main"),
                &part("name=worker"),
                &part("name=daemon session orphan"),
            ]);
            let mut run = run.spawn().ready();
            run.send(libc::SIGUSR1);
            eventually("all have heard", || heard(&log, 10).len() >= expected.len());
            run.send(libc::SIGTERM);
            assert_eq!(run.end().code, 0);
            assert_eq!(heard(&log, 10), expected, "{place:?} {options:?}");
        }
    });
}

/// The names of those who got the signal, sorted; a name twice if it came twice.
fn heard(log: &Path, signal: i32) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let suffix = format!(" signal {signal}");
    let mut names: Vec<String> =
        text.lines().filter_map(|line| line.strip_suffix(&suffix)).map(String::from).collect();
    names.sort();
    names
}

#[test]
fn a_rewritten_signal_arrives_as_the_other_or_not_at_all() {
    // Options; what is sent, one after the other, and what arrives of each.
    type Pairs = &'static [(i32, Option<i32>)];
    let cases: [(&[&str], Pairs); 7] = [
        (&["--rewrite", "TERM:QUIT"], &[(15, Some(3)), (10, Some(10))]),
        (&["--rewrite", "sigterm:sigusr2"], &[(15, Some(12))]),
        (&["--rewrite=15:10", "--rewrite", "10:15"], &[(15, Some(10)), (10, Some(15))]),
        (&["--rewrite", "USR1:0"], &[(10, None), (12, Some(12))]),
        (&["--rewrite", "USR1:USR2", "--rewrite", "USR1:HUP"], &[(10, Some(1))]),
        (&["--rewrite", "RTMIN+3:TERM"], &[(37, Some(15))]),
        (&["--rewrite", "TSTP:RTMAX-1"], &[(20, Some(63))]),
    ];
    for_both_places(|place| {
        for (options, pairs) in cases {
            let mut run = signals_until_last(Init::new().place(place).options(options));
            for (sent, arrives) in pairs {
                run.send(*sent);
                if let Some(signal) = arrives {
                    let line = arrival(&mut run, *signal);
                    assert_eq!(line, Some(format!("signal {signal} value 0")), "{options:?}");
                }
            }
            assert_eq!(arrivals(&mut run), ["signal 64 value 0"], "{options:?}");
        }
    });
}

#[test]
fn a_signal_can_be_rewritten_to_kill() {
    for_both_places(|place| {
        let init = Init::new().place(place).env("SEXTON_REWRITE", "TERM:KILL");
        let mut run = signals_until_last(init);
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 137, "{place:?}");
    });
}

/// httpd stops gracefully on WINCH: then the time to stop counts from there.
#[test]
fn a_signal_of_stop_on_starts_the_time_to_stop() {
    for_both_places(|place| {
        let options = ["--stop-on", "WINCH", "--stop-timeout", "50ms"];
        let run = Init::new().place(place).options(options);
        let mut run = run.command(["probe", "family", "name=main ignoring"]).spawn().ready();
        run.send(libc::SIGWINCH);
        let end = run.end();
        assert_eq!(end.code, 137, "{place:?} {end:?}");
        assert!(end.stderr.iter().any(|line| line.contains("main")), "{end:?}");
    });
}

/// kill(1) from the command itself, as a script in the container does.
#[test]
fn a_signal_from_inside_is_forwarded_too() {
    for_both_places(|place| {
        let script = "trap 'exit 42' TERM; kill -TERM $PPID; while :; do sleep 0.01; done";
        let mut run = Init::new().place(place).command(["sh", "-c", script]).spawn();
        assert_eq!(run.end().code, 42, "{place:?}");
    });
}

/// kill(2): EPERM. The init has no CAP_KILL, and the command has changed its user.
#[test]
fn a_command_that_may_not_be_signalled_ends_by_itself() {
    if !real_root() {
        return;
    }
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let no_kill = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", "--"];
    let init = Init::wrapped(no_kill).stdin(stdin);
    let mut run = init.command(["probe", "as-user", "65534", "until-eof", "7"]).spawn().ready();
    run.send(libc::SIGTERM);
    let line = run.stderr().next_line().expect("a warning");
    assert!(line.contains("TERM") && line.contains("not permitted"), "{line}");
    drop(keys);
    let end = run.end();
    assert_eq!((end.code, end.stderr.len()), (7, 1), "{end:?}");
}

/// execve(2): "The set of pending signals is preserved". A runtime may have blocked TERM, and the
/// TERM may have come. The command inherits the mask and finds the signal waiting.
#[test]
fn a_signal_that_was_pending_at_the_start_is_forwarded() {
    for_both_places(|place| {
        let probe = probe_path().to_str().expect("text");
        let init = Init::wrapped([probe, "pending", "TERM"]).place(place);
        let mut run = init.command(["probe", "signals", "until", "TERM"]).spawn();
        let end = run.end();
        assert_eq!((end.code, end.stdout.join(" ")), (0, "ready signal 15 value 0".into()));
    });
}

/// Whether the init has blocked signals: all but KILL and STOP, which the kernel takes out of every
/// mask. While it waits for them the kernel shows none as blocked; but then it has a child.
fn blocks_signals(pid: i32) -> bool {
    let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    read("status").contains("SigBlk:\tfffffffffffbfeff")
        || !read(&format!("task/{pid}/children")).is_empty()
}

/// The start-up window. A signal sent once the init has blocked signals is never lost, whether the
/// command exists by then, has its group, has been executed, or not.
// INVARIANT(mask-first)
#[test]
fn nothing_is_lost_once_signals_are_blocked() {
    if !namespaces() {
        return;
    }
    for options in [&[][..], &["-g"], &["--to", "all"]] {
        for turn in 0..100_u32 {
            let mut run = Init::new().options(options).command(["sleep", "1000"]).spawn();
            let deadline = Instant::now() + Duration::from_secs(5);
            while !blocks_signals(run.pid()) {
                let late = Instant::now() > deadline;
                assert!(!late, "{} never blocks all signals", init_path().display());
            }
            let at = Instant::now() + Duration::from_micros(20) * turn;
            while Instant::now() < at {
                std::hint::spin_loop();
            }
            run.send(libc::SIGTERM);
            assert_eq!(run.end().code, 143, "{options:?}, {turn}");
        }
    }
}

/// signal(7): SIGSTOP from an ancestor namespace always acts, as `docker pause` without cgroups.
/// Nothing may depend on having been awake.
// INVARIANT(reap-first)
#[test]
fn what_happened_while_the_init_was_stopped_is_made_up_for() {
    for_both_places(|place| {
        let script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done";
        let mut run = Init::new().place(place).command(["sh", "-c", script]).spawn().ready();
        run.send(libc::SIGSTOP);
        run.send(libc::SIGTERM);
        run.send(libc::SIGCONT);
        assert_eq!(run.end().code, 9, "{place:?}");
    });
}
