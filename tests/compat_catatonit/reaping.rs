//! Orphans, which are adopted as PID 1 and elsewhere; and the end of those who are left.

use crate::{exam, start};
use sexton_testkit::{Place, Stream, eventually, libc, namespaces, questions, scratch};
use std::fs;

#[test]
fn orphans_are_reaped() {
    questions::orphans_are_reaped(&start, &[Place::Here]);
    if namespaces() {
        questions::orphans_are_reaped(&start, &[Place::NewNamespace]);
    }
}

#[test]
fn elsewhere_orphans_are_adopted_without_a_word() {
    let command = ["probe", "family", "name=main", "name=stray session orphan until-eof"];
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let mut run = start(Place::Here).stdin(stdin).command(command).spawn().ready();
    let all = run.processes().expect("/proc");
    let stray = all.iter().find(|one| one.name == "stray").expect("it is a descendant");
    assert_eq!(stray.parent_inside, run.pid());
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 0);
    drop(keys);
    assert_eq!(run.end().stderr, [] as [&str; 0]);
}

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
        assert_eq!(exam().init().options(options).command(command).spawn().end().code, 5);
        assert_eq!(fs::read_to_string(&log).unwrap_or_default(), "", "{options:?}");
    }
}

#[test]
fn who_is_left_elsewhere_lives_on() {
    let log = scratch().join("log");
    let left = format!("name=left session orphan until-eof log={}", log.display());
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let command = ["probe", "family", "name=main", &left];
    let mut run = start(Place::Here).stdin(stdin).command(command).spawn().ready();
    let pid = run.process_in_state("left", 'S').pid;
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 0);
    assert_eq!(fs::read_to_string(&log).unwrap_or_default(), "");
    sexton_testkit::signals::send(pid, libc::SIGTERM).expect("it lives");
    eventually("it was clean", || {
        fs::read_to_string(&log).is_ok_and(|log| log == "left signal 15\nleft clean\n")
    });
    drop(keys);
}
