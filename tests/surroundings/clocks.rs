//! Clocks that were set, and clocks that stood still. That the time of day jumps under a running
//! init cannot be tried: it is the whole machine's. It is never asked for.

use sexton_testkit::{Init, Place, eventually, libc, program, real_root, scratch, signals};
use std::time::{Duration, Instant};

/// clock_gettime(2): CLOCK_REALTIME "is affected by discontinuous jumps in the system time".
#[test]
fn the_time_of_day_is_never_asked_for() {
    if !real_root() || !program("strace") {
        return;
    }
    let calls = scratch().join("calls");
    let trace = "trace=clock_gettime,gettimeofday,time,clock_nanosleep,nanosleep,timerfd_create";
    let strace = ["strace", "-qqq", "-e", "signal=none", "-e", trace, "-o"];
    let wrapper = strace.into_iter().chain([calls.to_str().expect("text")]);
    let init = Init::wrapped(wrapper).options(["-g", "--drain-timeout", "50ms", "-vv"]);
    let family = ["probe", "family", "leaves=42", "name=deaf ignoring session"];
    let mut run = init.command(family).spawn().ready();
    let inits = run.process_in_state("sexton-init", 'S');
    signals::send(inits.pid, libc::SIGTERM).expect("it is there");
    assert_eq!(run.end().code, 42);
    let calls = std::fs::read_to_string(&calls).expect("strace's");
    assert!(calls.lines().count() > 2, "{calls}");
    for call in calls.lines().filter(|line| !line.starts_with('+')) {
        let known = ["clock_gettime(CLOCK_MONOTONIC,", "clock_gettime(CLOCK_BOOTTIME,"];
        assert!(known.iter().any(|known| call.starts_with(known)), "{call}");
    }
}

/// time_namespaces(7), as of a container that was moved to another machine: its clocks began at
/// another time, and one of them far from the other.
#[test]
fn deadlines_and_who_was_told_hold_whatever_the_clocks_began_with() {
    if !real_root() || !program("unshare") {
        return;
    }
    const YEAR: &str = "31536000";
    for (monotonic, boottime) in [(YEAR, YEAR), ("-60", YEAR), (YEAR, "-60")] {
        let log = scratch().join("log");
        let part = |words: &str| format!("{words} log={}", log.display());
        let clocks = ["unshare", "--time", "--monotonic", monotonic, "--boottime", boottime];
        let inside = ["--fork", "--pid", "--mount-proc", "--kill-child"];
        let init = Init::wrapped([&clocks[..], &inside].concat()).place(Place::Here);
        let init = init.options(["-g", "--drain-timeout", "300ms"]);
        let deaf = part("name=deaf ignoring session");
        let family = ["probe", "family", &part("leaves=42"), &part("name=slow takes=100"), &deaf];
        let mut run = init.command(family).spawn().ready();
        // As in the drain's own test: who was started in the same tick would be told twice.
        std::thread::sleep(Duration::from_millis(30));
        let since = Instant::now();
        let inits = run.process_in_state("sexton-init", 'S');
        signals::send(inits.pid, libc::SIGTERM).expect("it is there");
        let end = run.end();
        let what = format!("monotonic {monotonic}, boottime {boottime}: {end:?}");
        assert_eq!((end.code, end.stderr.len()), (42, 1), "{what}");
        assert!(end.stderr[0].contains("deaf"), "{what}");
        assert!(since.elapsed() >= Duration::from_millis(300), "{what}: too early");
        let told = std::fs::read_to_string(&log).expect("the log");
        for name in ["main", "slow", "deaf"] {
            let times = told.matches(&format!("{name} signal 15\n")).count();
            assert_eq!(times, 1, "{name}, {what}: {told}");
        }
        eventually("the family is gone", || run.others().is_empty());
    }
}
