//! The pause of a pod, in the places where a command would find itself.

use sexton_testkit::{Door, Init, Proc, Stream, libc, namespaces, program};

/// All that pause: by the name, and any other with the option.
fn every_pause(wrapper: &[&str], ask: impl Fn(&str, Init)) {
    ask("pause", Door::Pause.ours().wrapped(wrapper).without_separator());
    for door in [Door::Tini, Door::DumbInit, Door::Catatonit] {
        ask(door.name(), door.ours().wrapped(wrapper).options(["-P"]));
    }
    ask("sexton-init", Init::wrapped(wrapper).options(["-P"]));
}

/// It waits, nothing else ends it, and TERM does, with 0.
#[track_caller]
fn pauses(name: &str, init: Init) {
    let mut run = init.spawn();
    run.sleeps();
    run.send(libc::SIGUSR1);
    run.send(libc::SIGCHLD);
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 0, "{name}");
}

#[test]
fn a_pause_needs_nothing_around_it() {
    if !namespaces() {
        return;
    }
    let all: Vec<i32> = (1..=64).filter(|&n| n != libc::SIGKILL && n != libc::SIGSTOP).collect();
    every_pause(&[], |name, init| pauses(name, init.env_clear()));
    every_pause(&[], |name, init| pauses(name, init.proc(Proc::None)));
    every_pause(&[], |name, init| {
        let init = init.stdin(Stream::Closed).stdout(Stream::Closed);
        pauses(name, init.stderr(Stream::Closed));
    });
    every_pause(&[], |name, init| pauses(name, init.blocked(&all).ignored(&all)));
}

#[test]
fn a_pause_needs_no_user_and_no_limit_above_nothing() {
    if !namespaces() || !program("unshare") || !program("prlimit") {
        return;
    }
    every_pause(&["unshare", "--user"], pauses);
    let limits = ["--nofile=0", "--as=1048576", "--data=0", "--stack=65536", "--sigpending=0"];
    every_pause(&[&["prlimit"], &limits[..]].concat(), pauses);
}
