//! What a command run as PID 1 sees, and what its starter sees of it. All of it holds as root and
//! in a user namespace: the last test runs the others again as another user.

mod common;

use common::{ended, eventually, field, output, read, shell, skip};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use sexton_pidns::{Access, Error, Orphan, Pid1, Place, Proc, Process, Session, Stream, access};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::process::Command;
use std::time::Duration;

#[test]
fn the_command_is_pid_1_and_its_proc_says_so() {
    let (status, _) = output(Pid1::new("cat").arg("/proc/self/status"));
    assert_eq!((field(&status, "Pid"), field(&status, "PPid")), ("1", "0"));
    assert_eq!(field(&status, "NSsid"), "1", "a session of its own");
}

#[test]
fn a_proc_that_is_the_callers_or_none_is_what_it_says() {
    let script = "[ -e /proc/self/status ] && read -r name </proc/$1/comm && echo $name || echo no";
    let here = std::process::id().to_string();
    let comm = fs::read_to_string("/proc/self/comm").unwrap();
    let (callers, _) = output(shell(script).args(["sh", &here]).proc(Proc::Callers));
    assert_eq!(callers, comm);
    let (none, _) = output(shell(script).args(["sh", &here]).proc(Proc::None));
    assert_eq!(none, "no\n");
    let (left, _) = output(shell("echo >/proc/x && echo written").proc(Proc::None));
    assert_eq!(left, "", "read-only");
    assert!(fs::metadata("/proc/self/status").is_ok(), "ours is untouched");
}

#[test]
fn an_ordinary_child_is_possible_as_well() {
    let (status, _) = output(Pid1::new("cat").arg("/proc/self/status").place(Place::Here));
    assert_eq!(field(&status, "PPid"), std::process::id().to_string());
}

#[test]
fn a_held_command_is_not_executed_before_its_starter_has_looked() {
    let comm = |pid| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
    let mut seen = None;
    let look = |pid| {
        std::thread::sleep(Duration::from_millis(20));
        seen = Some((pid, comm(pid)));
        Ok(())
    };
    let mut running = Pid1::new("sleep").arg("60").spawn_held(look).unwrap();
    assert_eq!(seen, Some((running.pid(), fs::read_to_string("/proc/thread-self/comm").unwrap())));
    assert_eq!(comm(running.pid()), "sleep\n");
    running.signal(libc::SIGKILL).unwrap();
    running.wait().unwrap();

    let refused =
        Pid1::new("sleep").arg("60").spawn_held(|_| Err(std::io::ErrorKind::Other.into()));
    assert!(matches!(refused, Err(Error::Io { step: "look at the child", .. })), "{refused:?}");
}

#[test]
fn an_orphan_is_adopted_by_pid_1_which_reaps_it_or_not() {
    // A shell reaps strangers; sleep waits for nobody.
    for (command, is_reaped) in
        [(shell("while :; do sleep 0.01; done"), true), (Pid1::new("sleep").arg("60"), false)]
    {
        let running = command.spawn().unwrap();
        let mut orphan = Orphan::plant(running.pid()).unwrap();
        let of_orphan = |one: &Process| one.pid == orphan.pid;
        let adopted = running.processes().unwrap().into_iter().find(of_orphan).unwrap();
        assert_eq!((adopted.parent_inside, adopted.pid_inside), (1, orphan.pid_inside));
        assert_eq!(adopted.name, Orphan::NAME);
        assert!(!orphan.is_reaped());
        orphan.end();
        if is_reaped {
            eventually("it is reaped", || orphan.is_reaped().then_some(()));
        } else {
            let zombie =
                || running.processes().unwrap().into_iter().find(|one| one.pid == orphan.pid);
            eventually("it is a zombie", || zombie().filter(|one| one.state == 'Z'));
            assert!(!orphan.is_reaped());
        }
    }
    assert!(Orphan::plant(i32::MAX).is_err());
}

#[test]
fn the_exit_status_comes_through() {
    assert_eq!(ended(&mut shell("exit 7").spawn().unwrap()), "exit 7");
    assert_eq!(ended(&mut shell("exit 0").place(Place::Here).spawn().unwrap()), "exit 0");
}

#[test]
fn a_death_by_signal_comes_through() {
    let mut running = Pid1::new("sleep").arg("60").spawn().unwrap();
    // pid_namespaces(7): PID 1 is safe from what it has no handler for, but not from KILL.
    running.signal(libc::SIGTERM).unwrap();
    assert_eq!(running.wait_within(Duration::from_millis(50)).unwrap(), None);
    running.signal(libc::SIGKILL).unwrap();
    assert_eq!(ended(&mut running), "signal 9");
    assert_eq!(running.signal(0).unwrap_err().raw_os_error(), Some(libc::ESRCH));
    assert_eq!(running.processes().unwrap(), []);

    let mut here = Pid1::new("sleep").arg("60").place(Place::Here).spawn().unwrap();
    here.signal(libc::SIGTERM).unwrap();
    assert_eq!(ended(&mut here), "signal 15");
}

#[test]
fn a_queued_signal_arrives_with_its_value() {
    let this = "a_queued_signal_arrives_with_its_value";
    let inner = "SEXTON_TEST_WAITS_FOR_A_SIGNAL";
    if std::env::var_os(inner).is_some() {
        return wait_for_a_signal_and_tell_on(9);
    }
    let (told, ours) = Stream::pipe().unwrap();
    let Stream::Fd(told) = told else { unreachable!("a pipe") };
    let waiting = Pid1::new(std::env::current_exe().unwrap())
        .args(["--exact", this])
        .env(inner, "1")
        .blocked(&[34])
        .stdout(Stream::Null)
        .pass_fd(told, 9)
        .spawn()
        .unwrap();
    waiting.queue(34, -17).unwrap();
    assert_eq!(read(ours), "34 -17");
}

fn wait_for_a_signal_and_tell_on(number: RawFd) {
    let set = 1u64 << 33;
    // SAFETY: all of siginfo_t may be zero.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let (set, size) = (&raw const set, size_of::<u64>());
    // SAFETY: the set has the size we name, and the kernel writes one siginfo_t.
    let signal = unsafe {
        libc::syscall(libc::SYS_rt_sigtimedwait, set, &raw mut info, std::ptr::null::<()>(), size)
    };
    // SAFETY: a queued signal has a value.
    let value = unsafe { info.si_value() }.sival_ptr.addr() as i32;
    // SAFETY: passed to us at this number, for us alone.
    let mut told = unsafe { File::from_raw_fd(number) };
    write!(told, "{signal} {value}").unwrap();
}

#[test]
fn what_cannot_be_executed_is_an_error_with_its_errno() {
    let errno = |program: &str| match Pid1::new(program).env("PATH", "/usr/bin:/bin").spawn() {
        Err(Error::Exec { program: named, errno }) => {
            assert_eq!(named, program);
            errno
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(errno("/no/such/file"), libc::ENOENT);
    assert_eq!(errno("no-such-program-in-path"), libc::ENOENT);
    assert_eq!(errno(""), libc::ENOENT);
    assert_eq!(errno("/etc/passwd"), libc::EACCES);
    assert_eq!(errno("/"), libc::EACCES);
}

#[test]
fn names_arguments_environment_and_directory_are_as_asked() {
    let script = r#"echo "$0 $1 [$KEPT] [${HOME-unset}]"; pwd"#;
    let command = shell(script).argv0("renamed").args(["zero", "a b"]).current_dir("/usr");
    let (text, _) = output(command.env("KEPT", "x=y").env_remove("HOME"));
    assert_eq!(text, "zero a b [x=y] [unset]\n/usr\n");
    let (env, _) = output(Pid1::new("/usr/bin/env").env_clear().env("ONLY", "1"));
    assert_eq!(env, "ONLY=1\n");
    let (cmdline, _) = output(Pid1::new("cat").argv0("renamed").arg("/proc/self/cmdline"));
    assert_eq!(cmdline, "renamed\0/proc/self/cmdline\0");
}

#[test]
fn only_what_was_passed_is_open_and_at_its_number() {
    // Not close-on-exec, as a careless caller's: it must not leak all the same.
    let leaky = rustix::io::dup(File::open("/dev/null").unwrap()).unwrap();
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).unwrap();
    let null = || OwnedFd::from(File::open("/dev/null").unwrap());
    let mut running = Pid1::new("sleep")
        .arg("60")
        .stdin(Stream::Closed)
        .stdout(Stream::Null)
        .stderr(Stream::Null)
        .pass_fd(null(), 7)
        .pass_fd(null(), 3)
        .pass_fd(null(), 100)
        .spawn()
        .unwrap();
    // The dynamic loader has files open for a moment, at the lowest free number.
    eventually("what was passed is open, and nothing else", || {
        let open = fs::read_dir(format!("/proc/{}/fd", running.pid())).unwrap();
        let mut open: Vec<i32> =
            open.map(|fd| fd.unwrap().file_name().to_str().unwrap().parse().unwrap()).collect();
        open.sort_unstable();
        (open == [1, 2, 3, 7, 100]).then_some(())
    });
    running.signal(libc::SIGKILL).unwrap();
    running.wait().unwrap();
}

#[test]
fn the_mask_and_the_ignored_signals_are_as_asked() {
    let bits = |signals: &[i32]| {
        format!("{:016x}", signals.iter().fold(0u64, |set, signal| set | 1 << (signal - 1)))
    };
    let status = |command: Pid1| output(command.arg("/proc/self/status")).0;

    let plain = status(Pid1::new("cat"));
    assert_eq!(field(&plain, "SigBlk"), bits(&[]));
    assert_eq!(field(&plain, "SigIgn"), bits(&[]), "Rust's own SIGPIPE is not passed on");

    // 32 and 33 are those that glibc would not let us touch.
    let asked = status(Pid1::new("cat").blocked(&[1, 32, 64]).ignored(&[13, 33, 2]));
    assert_eq!(field(&asked, "SigBlk"), bits(&[1, 32, 64]));
    assert_eq!(field(&asked, "SigIgn"), bits(&[13, 33, 2]));
    assert!(matches!(Pid1::new("cat").blocked(&[65]).spawn(), Err(Error::Io { .. })));
}

#[test]
fn a_session_can_be_inherited() {
    let session =
        |text: String| text.rsplit_once(')').unwrap().1.split(' ').nth(4).unwrap().to_owned();
    let stat = Pid1::new("cat").arg("/proc/self/stat").place(Place::Here);
    let theirs = session(output(stat.session(Session::Inherit)).0);
    assert_eq!(theirs, session(fs::read_to_string("/proc/self/stat").unwrap()));
}

#[test]
fn a_terminal_becomes_the_controlling_one_and_ctrl_c_arrives() {
    let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&pty).unwrap();
    unlockpt(&pty).unwrap();
    let name = ptsname(&pty, Vec::new()).unwrap().into_string().unwrap();
    let open = || {
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        rustix::fs::open(name.as_str(), flags, rustix::fs::Mode::empty()).unwrap()
    };
    // `ready` goes to /dev/tty, which is the controlling terminal or nothing.
    let mut running = shell("trap 'exit 3' INT; echo ready >/dev/tty; while :; do sleep 0.1; done")
        .stdin(Stream::Fd(open()))
        .stdout(Stream::Null)
        .stderr(Stream::Null)
        .session(Session::OwnWithTerminal(open()))
        .spawn()
        .unwrap();
    let mut terminal = BufReader::new(File::from(pty));
    let mut line = String::new();
    terminal.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), "ready");
    terminal.get_mut().write_all(b"\x03").unwrap();
    assert_eq!(ended(&mut running), "exit 3");
}

#[test]
fn everybody_in_the_namespace_is_listed_and_zombies_are_marked() {
    // The inner shell leaves; its child, an orphan, dies later and PID 1 (sleep) reaps nobody.
    let script = "(sleep 0.05 & exec true) & exec sleep 60";
    let running = shell(script).spawn().unwrap();
    let table = eventually("the orphan is a zombie", || {
        let table = running.processes().unwrap();
        let dead = table.iter().filter(|one| one.state == 'Z' && one.parent_inside == 1);
        (dead.count() == 2).then_some(table)
    });
    assert_eq!(table.len(), 3);
    assert_eq!((table[0].pid, table[0].pid_inside, table[0].parent_inside), (running.pid(), 1, 0));
    assert_eq!(table[0].command, ["sleep", "60"]);
    assert!(table[1].command.is_empty(), "a zombie has no arguments left");
    assert_eq!(table.iter().filter(|one| one.name == "sleep").count(), 2);
}

#[test]
fn an_ordinary_childs_descendants_are_listed_even_after_its_end() {
    let mut running = shell("sleep 61 & sleep 62 & wait").place(Place::Here).spawn().unwrap();
    eventually("both are there", || (running.processes().unwrap().len() == 3).then_some(()));
    running.signal(libc::SIGKILL).unwrap();
    assert_eq!(ended(&mut running), "signal 9");
    let left: Vec<i32> = running.processes().unwrap().iter().map(|one| one.pid).collect();
    assert_eq!(left.len(), 2);
    drop(running);
    eventually("dropping killed them", || {
        left.iter().all(|&pid| gone_or_zombie(pid)).then_some(())
    });
}

#[test]
fn a_table_is_read_while_processes_come_and_go() {
    let script = "while :; do /bin/true & /bin/true; done";
    let running = shell(script).stderr(Stream::Null).spawn().unwrap();
    for _ in 0..200 {
        let table = running.processes().unwrap();
        assert_eq!(table.first().map(|one| one.pid_inside), Some(1));
    }
}

#[test]
fn dropping_kills_and_reaps_everybody() {
    let running = shell("sleep 60 & (sleep 60 & sleep 60 & wait) & wait").spawn().unwrap();
    let pids: Vec<i32> = eventually("all are there", || {
        let table = running.processes().unwrap();
        (table.len() == 5).then(|| table.iter().map(|one| one.pid).collect())
    });
    drop(running);
    for pid in pids {
        assert!(fs::metadata(format!("/proc/{pid}")).is_err(), "{pid} is gone at once, no zombie");
    }
}

#[test]
fn it_can_be_made_to_die_with_its_starter() {
    let starter = std::thread::spawn(|| {
        let running = Pid1::new("sleep").arg("60").dies_with_thread().spawn().unwrap();
        let pid = running.pid();
        std::mem::forget(running); // As if we were killed: nothing is dropped.
        pid
    });
    let pid = starter.join().unwrap();
    eventually("it dies", || gone_or_zombie(pid).then_some(()));
}

#[test]
fn many_threads_start_commands_at_once() {
    let threads: Vec<_> = (0..8)
        .map(|number: i32| {
            std::thread::spawn(move || {
                for _ in 0..10 {
                    let (text, status) = output(shell(&format!("echo {number}; exit {number}")));
                    assert_eq!(text, format!("{number}\n"));
                    assert_eq!(status.code(), Some(number));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// In a user namespace of its own `user.max_pid_namespaces` is set to 0, which concerns nobody
/// else: user_namespaces(7), namespaces(7).
#[test]
fn a_refusal_names_the_setting_that_refuses() {
    let this = "a_refusal_names_the_setting_that_refuses";
    let forbidden = "SEXTON_TEST_NAMESPACES_ARE_FORBIDDEN";
    if std::env::var_os(forbidden).is_some() {
        let refused = access().expect_err("no PID namespaces here");
        assert!(refused.to_string().contains("user.max_pid_namespaces is 0"), "{refused}");
        assert!(matches!(Pid1::new("true").spawn(), Err(Error::Refused(_))));
        return;
    }
    let script = "echo 0 >/proc/sys/user/max_pid_namespaces && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", this])
        .env(forbidden, "1")
        .output();
    let Ok(output) = output else { return skip(this, "no unshare(1)") };
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.starts_with("unshare:") {
        return skip(this, stderr.trim());
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains(&format!("test {this} ... ok")), "{stdout}");
}

/// mount_namespaces(7): what is mounted over parts of the old /proc may not be uncovered by a new
/// one. So it is in most containers.
#[test]
fn a_hidden_proc_is_a_refusal_in_words() {
    let this = "a_hidden_proc_is_a_refusal_in_words";
    let inner = "SEXTON_TEST_PROC_IS_HIDDEN";
    if std::env::var_os(inner).is_some() {
        let refused = access().expect_err("no new /proc here").to_string();
        assert!(refused.starts_with("mount a new /proc: Operation not permitted; "), "{refused}");
        assert!(matches!(Pid1::new("true").spawn(), Err(Error::Refused(_))));
        assert_eq!(ended(&mut Pid1::new("true").proc(Proc::Callers).spawn().unwrap()), "exit 0");
        return;
    }
    if access() == Ok(Access::Root) {
        // Root may uncover what it likes. As another user we come here by the last test.
        return;
    }
    let script = "mount -t tmpfs none /proc/irq && exec unshare --user --map-root-user \"$@\"";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", this, "--nocapture"])
        .env(inner, "1")
        .output();
    let Ok(output) = output else { return skip(this, "no unshare(1)") };
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(stdout.contains("test result: ok. 1 passed"), "{stdout}");
}

/// Runs every test of this file once more as a user without any right.
#[test]
fn all_of_this_holds_without_root_too() {
    let this = "all_of_this_holds_without_root_too";
    if !rustix::process::geteuid().is_root() {
        return assert_eq!(access(), Ok(Access::UserNamespace));
    }
    let may = Command::new("setpriv")
        .args(NOBODY)
        .args(["unshare", "--user", "--map-root-user", "--pid", "--fork", "true"])
        .status();
    if !may.is_ok_and(|status| status.success()) {
        return skip(this, "no setpriv, or no user namespaces for users");
    }
    // Where the build directory lies other users may have no way in.
    let copy = std::env::temp_dir().join(format!("sexton-pidns-test-{}", std::process::id()));
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    let output = Command::new("setpriv")
        .args(NOBODY)
        .arg(&copy)
        .arg("--nocapture")
        .current_dir("/")
        .env_remove("SEXTON_SKIPS")
        .output();
    fs::remove_file(&copy).unwrap();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("test the_command_is_pid_1_and_its_proc_says_so ... ok"), "{text}");
    // What the other user had to skip is skipped here: only we can write it down.
    for line in text.lines().filter_map(|line| line.strip_prefix("SKIPPED ")) {
        let (test, reason) = line.split_once(": ").unwrap_or((this, line));
        skip(test, reason);
    }
}

const NOBODY: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];

fn gone_or_zombie(pid: i32) -> bool {
    match OpenOptions::new().read(true).open(format!("/proc/{pid}/stat")) {
        Err(_) => true,
        Ok(file) => std::io::read_to_string(file).is_ok_and(|stat| stat.contains(") Z ")),
    }
}
