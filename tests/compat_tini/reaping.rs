//! Orphans and zombies, as PID 1, as a subreaper and as neither; and the end of those who are left.

use crate::{exam, quiet};
use sexton_testkit::{Place, Stream, eventually, libc, namespaces, questions, scratch};

#[test]
fn orphans_are_reaped() {
    questions::orphans_are_reaped(&quiet, &[Place::NewNamespace, Place::Here]);
}

/// prctl(2), PR_SET_CHILD_SUBREAPER. Without `-s` an orphan goes to somebody else.
#[test]
fn only_a_subreaper_adopts_orphans() {
    for (options, adopts) in [(&[][..], false), (&["-s"], true)] {
        let command = ["probe", "family", "name=main", "name=stray orphan until-eof"];
        let (stdin, keys) = Stream::pipe_in().expect("a pipe");
        let init = exam().init().place(Place::Here).options(options).stdin(stdin);
        let mut run = init.command(command).spawn().ready();
        let all = run.processes().expect("/proc");
        let stray = all.iter().find(|one| one.name == "stray");
        let stray = stray.expect("it is of the session");
        let expected = if adopts { run.pid() } else { 0 };
        assert_eq!(stray.parent_inside, expected, "{options:?}");
        run.send(libc::SIGTERM);
        assert_eq!(run.code(), 0);
        drop(keys);
    }
}

/// kernel/pid_namespace.c, `zap_pid_ns_processes`: PID 1 takes everybody along, with KILL.
#[test]
fn who_is_left_hears_nothing_and_is_not_waited_for() {
    if !namespaces() {
        return;
    }
    for options in [&[][..], &["-g"]] {
        let log = scratch().join("log");
        let left = format!("name=left orphan log={}", log.display());
        let worker = format!("name=worker log={}", log.display());
        let command = ["probe", "family", "name=main exits=5", &left, &worker];
        let end = exam().init().options(options).command(command).spawn().end();
        assert_eq!(end.code, 5);
        assert_eq!(std::fs::read_to_string(&log).unwrap_or_default(), "", "{options:?}");
    }
}

#[test]
fn who_is_left_by_a_subreaper_lives_on() {
    let log = scratch().join("log");
    let left = format!("name=left session orphan log={}", log.display());
    let init = exam().init().place(Place::Here).options(["-s"]);
    let mut run = init.command(["probe", "family", "name=main", &left]).spawn().ready();
    let pid = run.process_in_state("left", 'S').pid;
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 0);
    assert_eq!(std::fs::read_to_string(&log).unwrap_or_default(), "");
    sexton_testkit::signals::send(pid, libc::SIGTERM).expect("it lives");
    eventually("it was clean", || {
        std::fs::read_to_string(&log).is_ok_and(|log| log == "left signal 15\nleft clean\n")
    });
}

/// `-p`: the signal comes to tini when its parent dies, and is forwarded as any other.
#[test]
fn the_parent_death_signal_is_forwarded() {
    if !namespaces() {
        return;
    }
    // The outer program starts the inner init and leaves it to an outer one of ours.
    let inner = exam().path().display().to_string();
    let flag = scratch().join("flag");
    let flag = flag.display();
    for (options, told) in [("-p SIGUSR1 -s", "told"), ("-p SIGTERM -p SIGUSR1 -s", "told")] {
        let _ = std::fs::remove_file(flag.to_string());
        let script = format!(
            "{inner} {options} -- sh -c 'trap \"echo told; exit 0\" USR1; touch {flag}; \
             while :; do sleep 0.01; done' & \
             until [ -e {flag} ]; do sleep 0.01; done; kill -KILL $$"
        );
        let outer = sexton_testkit::Init::new().options(["--on-exit", "wait"]);
        let end = outer.command(["sh", "-c", &script]).spawn().end();
        assert_eq!(end.stdout, [told], "{options}");
    }
}
