//! File systems with nothing in them, users that do not exist, and others who interfere.

use crate::{LISTENER, by_every_name, by_every_name_in, does_its_work};
use sexton_testkit::{
    Cgroup, Controller, Init, Place, Proc, eventually, libc, namespaces, probe_path, program,
    real_root, scratch,
};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[test]
fn no_proc_is_needed() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| does_its_work(name, init.proc(Proc::None)));
}

/// A root file system that cannot be written and holds nothing but the init and its command: no
/// `/proc`, no `/dev`, no libc.
#[test]
fn a_read_only_root_with_nothing_in_it_is_enough() {
    if !namespaces() || !program("busybox") || !program("chroot") {
        return;
    }
    let script = "mount -t tmpfs none \"$0\" && cp \"$1\" \"$0/init\" && \
        cp \"$(command -v busybox)\" \"$0/busybox\" && mount -o remount,bind,ro \"$0\" && shift && \
        exec chroot \"$0\" /init \"$@\"";
    let root = scratch();
    let wrapper = ["sh", "-c", script, root.to_str().expect("text")];
    let work =
        "echo > /file || trap 'exit 42' TERM; echo ready; while :; do /busybox sleep 0.01; done";
    let init = Init::wrapped(wrapper).options(["-v"]);
    let mut run = init.command(["/busybox", "sh", "-c", work]).spawn().ready();
    run.send(libc::SIGTERM);
    let end = run.end();
    assert_eq!(end.code, 42, "{end:?}");
    assert!(end.stderr.iter().any(|line| line.contains("Read-only file system")), "{end:?}");
}

/// user_namespaces(7): unmapped, we are the overflow user, who has no capability and may still run
/// a command.
#[test]
fn a_user_namespace_without_mapped_ids_is_enough() {
    if !namespaces() || !program("unshare") {
        return;
    }
    by_every_name_in(&["unshare", "--user"], does_its_work);
}

/// kill(2), EPERM: without CAP_KILL a command of another user cannot be told. That is said, and its
/// exit status is still ours to report.
#[test]
fn a_command_that_may_not_be_told_keeps_its_status() {
    if !real_root() || !program("setpriv") {
        return;
    }
    let wrapper = ["setpriv", "--bounding-set", "-kill", "--inh-caps", "-kill"];
    by_every_name_in(&wrapper, |name, init| {
        let command = ["probe", "as-user", "54321", "signals", "until", "TERM"];
        let mut run = init.command(command).spawn().ready();
        run.send(libc::SIGUSR1);
        run.send(libc::SIGTERM);
        run.sleeps();
        let main = run.others()[0].pid;
        assert!(run.try_wait().expect("our child").is_none(), "{name}");
        sexton_testkit::signals::send(main, libc::SIGTERM).expect("it is there");
        let end = run.end();
        // CONT, which a stop brings along, is allowed within a session.
        let mut heard = end.stdout.iter().filter(|line| *line != "signal 18 value 0");
        assert_eq!(end.code, 0, "{name}: {end:?}");
        assert!(heard.all(|line| line == "signal 15 value 0"), "{name}: {end:?}");
    });
}

/// execve(2): a setuid file changes who the command is, and kill(2) still lets those tell it whose
/// real user it has.
#[test]
fn a_setuid_command_hears_and_keeps_its_status() {
    if !real_root() || !program("setpriv") {
        return;
    }
    let file = scratch().join("setuid");
    std::fs::copy(probe_path(), &file).expect("a copy");
    std::os::unix::fs::chown(&file, Some(54_321), None).expect("another's");
    let setuid = std::os::unix::fs::PermissionsExt::from_mode(0o4755);
    std::fs::set_permissions(&file, setuid).expect("a setuid bit");
    by_every_name_in(&["setpriv", "--reuid", "54322", "--clear-groups"], |name, init| {
        let command = [file.to_str().expect("text"), "signals", "until", "TERM"];
        let mut run = init.command(command).spawn().ready();
        let status = std::fs::read_to_string(format!("/proc/{}/status", run.others()[0].pid));
        assert!(status.expect("it is there").contains("\nUid:\t54322\t54321\t"), "{name}");
        run.send(libc::SIGTERM);
        let end = run.end();
        assert_eq!((end.code, end.stdout.concat().as_str()), (0, "signal 15 value 0"), "{name}");
    });
}

/// strace(1). Also a test that fails must not leave it stopped: it holds whom it traces.
struct Tracer(Child);

impl Tracer {
    /// When it has attached itself.
    fn of(pid: i32) -> Tracer {
        let strace = Command::new("strace")
            .args(["-qqq", "-o", "/dev/null", "-p", &pid.to_string()])
            .stdin(Stdio::null())
            .spawn()
            .expect("strace(1)");
        eventually("it is traced", || {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status"));
            status.is_ok_and(|text| text.contains(&format!("TracerPid:\t{}", strace.id())))
        });
        Tracer(strace)
    }

    fn send(&self, signal: i32) {
        sexton_testkit::signals::send(self.0.id() as i32, signal).expect("it is there");
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// ptrace(2): the tracer sees a death first, and until it has, the parent does not.
#[test]
fn a_traced_command_keeps_its_status() {
    if !real_root() || !program("strace") {
        return;
    }
    by_every_name(|name, init| {
        let mut run = init.command(LISTENER).spawn().ready();
        let main = run.others()[0].pid;
        let tracer = Tracer::of(main);
        // One that sleeps keeps the death for itself.
        tracer.send(libc::SIGSTOP);
        run.send(libc::SIGTERM);
        std::thread::sleep(Duration::from_millis(50));
        assert!(run.try_wait().expect("our child").is_none(), "{name}");
        tracer.send(libc::SIGCONT);
        assert_eq!(run.end().code, 0, "{name}");
    });
}

/// A tracer that sleeps holds the end of its tracee, also against KILL. The stop has its bound all
/// the same: after it, two more seconds.
#[test]
fn a_tracer_that_sleeps_does_not_hold_the_stop() {
    if !real_root() || !program("strace") {
        return;
    }
    // Not PID 1: there the kernel itself waits for the tracer, before it lets anybody see our end.
    let init = Init::new().place(Place::Here).options(["--stop-timeout", "100ms"]);
    let mut run = init.command(["probe", "family", "name=deaf ignoring"]).spawn().ready();
    let main = run.process_in_state("deaf", 'S').pid;
    let tracer = Tracer::of(main);
    tracer.send(libc::SIGSTOP);
    run.send(libc::SIGTERM);
    assert_eq!(run.code(), 137);
}

/// What was missed while it was stopped is made up for: deaths first, then the rest of the stop,
/// and nobody is killed for the time that nobody had.
#[test]
fn a_stop_in_the_middle_of_the_stop_loses_nothing() {
    if !namespaces() {
        return;
    }
    let log = scratch().join("log");
    let slow = format!("name=slow orphan session takes=300 log={}", log.display());
    let command = ["probe", "family", "leaves=42", &slow];
    let mut run = Init::new().command(command).spawn().ready();
    run.send(libc::SIGTERM);
    eventually("the drain has begun", || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("slow signal 15"))
    });
    run.send(libc::SIGSTOP);
    // It ends meanwhile, and nobody reaps it.
    run.process_in_state("slow", 'Z');
    run.send(libc::SIGTERM);
    run.send(libc::SIGCONT);
    let end = run.end();
    assert_eq!((end.code, end.stderr), (42, vec![]));
    assert!(std::fs::read_to_string(&log).expect("the log").contains("slow clean"));
}

/// cgroup-v2.rst, `cgroup.freeze`, which is what `docker pause` writes: everyone stands still in
/// the middle of the stop, and goes on from there.
#[test]
fn a_freeze_in_the_middle_of_the_stop_loses_nothing() {
    if !real_root() {
        return;
    }
    let Some(group) = Cgroup::with(Controller::Freezer) else { return };
    let log = scratch().join("log");
    let slow = format!("name=slow orphan session takes=300 log={}", log.display());
    let init = Init::wrapped(group.enter());
    let mut run = init.command(["probe", "family", "leaves=42", &slow]).spawn().ready();
    run.send(libc::SIGTERM);
    eventually("the drain has begun", || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("slow signal 15"))
    });
    group.freeze();
    // As long as the slow one would have needed.
    std::thread::sleep(Duration::from_millis(350));
    assert!(run.try_wait().expect("our child").is_none(), "it went on");
    group.thaw();
    let end = run.end();
    assert_eq!((end.code, end.stderr), (42, vec![]));
    assert!(std::fs::read_to_string(&log).expect("the log").contains("slow clean"));
}
