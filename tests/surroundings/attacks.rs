//! What the command, or somebody else inside, may do to the init.

use crate::by_every_name;
use sexton_testkit::{Init, init_path, libc, namespaces, program, real_root};

/// A shell that answers TERM with 42 after this.
fn after(attack: &str) -> [String; 3] {
    let script = format!("trap 'exit 42' TERM; {attack}; echo ready; while :; do sleep 0.01; done");
    ["sh".into(), "-c".into(), script]
}

/// pid_namespaces(7): "only signals for which the init process has established a signal handler can
/// be sent", KILL and STOP included.
#[test]
fn nobody_inside_can_kill_or_stop_the_init() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| {
        let mut run = init.command(after("kill -KILL 1; kill -STOP 1")).spawn().ready();
        run.sleeps();
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 42, "{name}");
    });
}

/// kill(2): -1 is everybody but PID 1 and who says it.
#[test]
fn who_kills_everybody_inside_keeps_its_own_status() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| {
        let script = "sleep 1000 & (sleep 1000 &); kill -KILL -1; exit 42";
        let end = init.command(["sh", "-c", script]).spawn().end();
        assert_eq!((end.code, end.stderr), (42, vec![]), "{name}");
    });
}

/// kill(2), prlimit(2), ptrace(2) and proc(5) alike: another user needs a capability.
#[test]
fn another_users_command_has_no_power_over_the_init() {
    if !real_root() || !program("setpriv") || !program("prlimit") || !program("strace") {
        return;
    }
    by_every_name(|name, init| {
        let attacks = [
            "kill -TERM 1",
            "kill -KILL 1",
            "prlimit --pid 1 --cpu=0",
            "prlimit --pid 1 --as=1",
            "cat /proc/1/environ",
            "ls /proc/1/fd",
            "strace -o /dev/null -p 1",
        ];
        let tries = attacks.map(|attack| format!("{attack} >/dev/null 2>&1 && echo {attack}"));
        let script = after(&tries.join("; "));
        let other = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];
        let command = other.iter().map(|&word| word.to_string()).chain(script);
        let mut run = init.env("SECRET", "1").command(command.collect::<Vec<_>>()).spawn();
        assert_eq!(run.stdout().next_line().as_deref(), Some("ready"), "{name}: it worked");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 42, "{name}");
    });
}

/// setrlimit(2), RLIMIT_CPU: beyond the hard limit "it receives SIGKILL", which is the kernel's own
/// and reaches PID 1, as soon as a tick of the clock finds it at work. That the same user may set
/// it cannot be helped (SECURITY.md).
#[test]
fn the_same_user_can_end_the_init_by_its_processor_time() {
    if !namespaces() || !program("prlimit") {
        return;
    }
    let attack = "trap '' USR1; prlimit --pid 1 --cpu=0; while :; do kill -USR1 1; done";
    let mut run = Init::new().command(["sh", "-c", attack]).spawn();
    assert_eq!(run.code(), 128 + libc::SIGKILL);
}

/// ld.so(8). There is no dynamic loader, and no libc that could be tuned.
#[test]
fn variables_of_loaders_and_libraries_mean_nothing() {
    if !namespaces() {
        return;
    }
    let ours = init_path().to_str().expect("text");
    by_every_name(|name, init| {
        let init = init.env("LD_PRELOAD", "/no/such/library.so").env("LD_AUDIT", "/no/such.so");
        let init = init.env("LD_LIBRARY_PATH", "/no").env("GLIBC_TUNABLES", "nonsense");
        let end = init.command([ours, "--version"]).spawn().end();
        assert_eq!((end.code, end.stderr), (0, vec![]), "{name}");
    });
}
