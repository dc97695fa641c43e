//! Odd ways to be started, and starts that take long.

use crate::{LISTENER, by_every_name, by_every_name_in};
use sexton_testkit::{
    Init, Lease, Run, eventually, for_both_places, libc, namespaces, probe_path, program, scratch,
    signals,
};
use std::fs;
use std::path::{Path, PathBuf};

/// execve(2): argv may be empty; Linux 5.18 and later put an empty string there.
#[test]
fn an_init_without_a_name_refuses_in_words() {
    for_both_places(|place| {
        let probe = probe_path().to_str().expect("text");
        let end = Init::wrapped([probe, "nameless"]).place(place).spawn().end();
        assert_eq!((end.code, end.stderr.len()), (125, 1), "{place:?} {end:?}");
    });
}

/// It could steer the terminal that the log is read on.
#[test]
fn our_own_name_is_never_shown() {
    if !program("bash") {
        return;
    }
    for words in [&["--no-such-option"][..], &["--help"], &["--version"], &["/no/command"]] {
        let renamed = ["bash", "-c", r#"exec -a $'\e[2J\nforged' "$@""#, "bash"];
        let end = Init::wrapped(renamed).options(words).spawn().end();
        let shown = [end.stdout, end.stderr].concat();
        assert!(!shown.is_empty(), "{words:?}");
        let odd = |line: &String| line.contains('\x1b') || line.contains("forged");
        assert!(!shown.iter().any(odd), "{shown:?}");
    }
}

/// With all blocked there is no signal that could interrupt clone(2), and none is lost.
#[test]
fn a_flood_of_signals_does_not_keep_the_command_from_starting() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| {
        let run = init.command(LISTENER).spawn();
        let pid = run.pid();
        let (begun, begins) = std::sync::mpsc::channel();
        let flood = std::thread::spawn(move || {
            let mut sent = 0;
            // Until it is gone: it is reaped below.
            while signals::send(pid, libc::SIGWINCH).is_ok() && sent < 1_000_000 {
                sent += 1;
                let _ = begun.send(());
            }
        });
        begins.recv().expect("a signal that could be sent");
        let mut run = run.ready();
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 0, "{name}");
        flood.join().expect("no panic");
    });
}

/// What is inherited by any process, and is no signal and no descriptor (fork(2), execve(2)): the
/// same shell tells of itself, once under the init and once in its place.
#[test]
fn all_else_is_inherited_as_without_an_init() {
    if !namespaces() || !program("setpriv") {
        return;
    }
    let ask = "umask; nice; cat /proc/self/oom_score_adj /proc/self/loginuid /proc/self/cgroup; \
        ulimit -a; grep -E '^(NoNewPrivs|Seccomp|Cap|Uid|Gid|Groups|Cpus)' /proc/self/status";
    let given = "umask 027; echo 500 > /proc/self/oom_score_adj; ulimit -S -n 77; \
        exec nice -n 5 setpriv --no-new-privs \"$@\"";
    let wrapper = ["sh", "-c", given, "sh"];
    // Executed in its place is what steps aside for it.
    let bare = Init::wrapped(wrapper).options(["--step-aside", "always"]);
    let bare = bare.command(["sh", "-c", ask]).spawn().end().stdout;
    assert!(bare.len() > 20 && bare[0] == "0027" && bare[2] == "500", "{bare:?}");
    by_every_name_in(&wrapper, |name, init| {
        assert_eq!(init.command(["sh", "-c", ask]).spawn().end().stdout, bare, "{name}");
    });
}

/// A program that is opened when this is dropped, and not before.
fn slow_to_open() -> Option<(PathBuf, Lease)> {
    let file = scratch().join("slow");
    fs::copy(probe_path(), &file).expect("a copy");
    match Lease::of(&file) {
        Ok(lease) => Some((file, lease)),
        Err(error) => {
            sexton_testkit::skip(&format!("no lease on {}: {error}", file.display()));
            None
        }
    }
}

/// The init, while its child is about to open the program.
fn starting(program: &Path, lease: &Lease) -> Run {
    let words = [program.to_str().expect("text"), "signals", "until", "TERM"];
    let run = Init::new().command(words).spawn();
    eventually("the program is about to be opened", || lease.is_wanted());
    run
}

/// We sleep until execve(2) is over; what comes meanwhile is not lost.
#[test]
fn a_signal_that_comes_while_the_exec_hangs_is_forwarded_after_it() {
    if !namespaces() {
        return;
    }
    let Some((program, lease)) = slow_to_open() else { return };
    let mut run = starting(&program, &lease);
    run.send(libc::SIGUSR1);
    run.send(libc::SIGTERM);
    assert!(run.try_wait().expect("our child").is_none());
    drop(lease);
    // It may be told before it is ready to hear: then it ends by the first.
    assert!([0, 128 + libc::SIGUSR1].contains(&run.end().code));
}

/// The same sleep is one that can be killed (kernel/fork.c, `wait_for_vfork_done`).
#[test]
fn the_runtimes_kill_ends_an_exec_that_hangs() {
    if !namespaces() {
        return;
    }
    let Some((program, lease)) = slow_to_open() else { return };
    let mut run = starting(&program, &lease);
    run.send(libc::SIGKILL);
    assert_eq!(run.code(), 128 + libc::SIGKILL);
}
