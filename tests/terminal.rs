//! The terminal: as the leader of a session (`docker run -it`), and as the job of a shell.

use sexton_testkit::{
    Init, Pid1, Place, Pty, Run, Running, Session, Stream, eventually, init_path, libc, namespaces,
    probe_path, real_root,
};

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";
const CTRL_BACKSLASH: &str = "\x1c";

/// The init as the session's leader, with the terminal for its streams, in a namespace.
fn with_terminal(pty: &Pty, command: &[&str]) -> Run {
    let init = Init::new().session(Session::OwnWithTerminal(pty.user()));
    let init = init.stdin(Stream::Fd(pty.user())).stdout(Stream::Fd(pty.user()));
    let run = init.stderr(Stream::Fd(pty.user())).command(command).spawn();
    pty.watch();
    run
}

/// termios(3), VINTR: "Send a SIGINT signal" to the foreground group. The command gets that one,
/// and not another from the init.
#[test]
fn each_key_reaches_the_command_exactly_once() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["probe", "signals", "until", "64"]);
    pty.shows("ready");
    for turn in 1..=3 {
        for (key, signal) in [(CTRL_C, 2), (CTRL_BACKSLASH, 3), (CTRL_Z, 20)] {
            pty.type_keys(key);
            pty.shows_times(&format!("signal {signal} value"), turn);
        }
        pty.resize(20 + turn as u16, 70);
        pty.shows_times("signal 28 value", turn);
    }
    run.send(64);
    assert_eq!(run.end().code, 0);
    pty.shows("signal 64 value");
    for signal in [2, 3, 20, 28] {
        assert_eq!(pty.times_shown(&format!("signal {signal} value")), 3, "{}", pty.shown());
    }
    // No trace of the change of hands (tty_ioctl(4), TIOCNOTTY: "SIGHUP and SIGCONT").
    for signal in [1, 18] {
        assert_eq!(pty.times_shown(&format!("signal {signal} value")), 0, "{}", pty.shown());
    }
}

/// setpgid(2): a stop by the terminal in an orphaned group has no effect, as nobody could continue
/// it: `docker run -it` must not wedge.
#[test]
fn ctrl_z_does_not_wedge_a_plain_program() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["cat"]);
    pty.type_keys("before\n");
    pty.shows_times("before", 2);
    pty.type_keys(CTRL_Z);
    pty.type_keys("after\n");
    pty.shows_times("after", 2);
    pty.type_keys(CTRL_C);
    assert_eq!(run.end().code, 130);
}

/// The command is where a shell expects to be: leader of the session that owns the terminal.
#[test]
fn the_command_leads_the_session_of_the_terminal() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &["probe", "status"]);
    assert_eq!(run.end().code, 0);
    pty.shows("ready");
    let shown = pty.shown();
    let fact = |key: &str| {
        let line = shown.lines().find_map(|line| line.trim().strip_prefix(key));
        line.map(str::trim).unwrap_or_else(|| panic!("no {key} in {shown}")).to_string()
    };
    let pid = fact("pid ");
    assert_eq!([fact("sid "), fact("pgrp "), fact("foreground ")], [pid.clone(), pid.clone(), pid]);
    assert_ne!(fact("tty "), "0");
}

const BASH: [&str; 4] = ["bash", "--norc", "--noprofile", "-i"];

#[test]
fn a_shell_has_job_control() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &BASH);
    pty.type_keys("PS1='> '\n");
    shell_session(&pty, "sleep 1000", "sleep", &|| run.others());
    assert!(!pty.shown().contains("no job control"), "{}", pty.shown());
    pty.type_keys("exit 42\n");
    assert_eq!(run.end().code, 42);
}

/// termios(3), "SIGTTIN": below the init as without one, a shell's job that reads in the background
/// is stopped.
#[test]
fn a_job_that_reads_in_the_background_is_stopped() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = with_terminal(&pty, &BASH);
    pty.type_keys("PS1='> '\ncat &\n");
    run.process_in_state("cat", 'T');
    pty.type_keys("jobs\n");
    pty.shows("Stopped");
    pty.type_keys("kill -KILL %1; exit 42\n");
    pty.type_keys("exit 42\n");
    assert_eq!(run.end().code, 42);
}

/// Stops and resumes a foreground job, and ends it.
fn shell_session(
    pty: &Pty,
    command: &str,
    name: &str,
    processes: &dyn Fn() -> Vec<sexton_testkit::Process>,
) {
    let in_state = |state: char| {
        eventually(&format!("{name} in state {state}: {}", pty.shown()), || {
            processes().iter().any(|one| one.name == name && one.state == state)
        });
    };
    pty.type_keys(&format!("{command}\n"));
    in_state('S');
    pty.type_keys(CTRL_Z);
    pty.shows("Stopped");
    in_state('T');
    pty.type_keys("fg\n");
    in_state('S');
    // Typed while the shell still has the terminal, it would be the shell's.
    let shell = processes().iter().find(|one| one.name == "bash").map_or(0, |one| one.pid);
    eventually("the job in the foreground", || pty.foreground() != shell);
    interrupted(pty, shell);
}

/// Interrupts the job. What is typed before the shell has its terminal back may be lost.
fn interrupted(pty: &Pty, shell: i32) {
    pty.type_keys(CTRL_C);
    pty.has_in_foreground(shell);
    pty.type_keys("\necho status=$?\n");
    pty.shows("status=130");
}

/// tty_ioctl(4) and termios(3): a hang-up is a SIGHUP for the session, and for its foreground.
#[test]
fn a_hang_up_reaches_the_command() {
    if !namespaces() {
        return;
    }
    let mut pty = Pty::new();
    let mut run = with_terminal(&pty, &["probe", "wait"]);
    pty.shows("ready");
    pty.hang_up();
    assert_eq!(run.end().code, 128 + libc::SIGHUP);
}

/// `docker run -t` without `-i`, and pipes into a container with a terminal.
#[test]
fn the_terminal_need_not_be_stdin() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let init = Init::new().session(Session::OwnWithTerminal(pty.user()));
    let init = init.stdout(Stream::Fd(pty.user())).stderr(Stream::Null).stdin(Stream::Null);
    let mut run = init.command(["probe", "signals", "until", "64"]).spawn();
    pty.watch();
    pty.shows("ready");
    pty.type_keys(CTRL_C);
    pty.shows("signal 2 value");
    run.send(64);
    assert_eq!(run.end().code, 0);
    assert_eq!(pty.times_shown("signal 2 value"), 1, "{}", pty.shown());
}

/// A shell with job control on a terminal, here and not in a namespace.
fn shell(pty: &Pty) -> Running {
    let stream = || Stream::Fd(pty.user());
    let shell = Pid1::new(BASH[0]).args(&BASH[1..]).place(Place::Here);
    let shell = shell.session(Session::OwnWithTerminal(pty.user()));
    let shell = shell.stdin(stream()).stdout(stream()).stderr(stream()).env("PS1", "> ");
    let running = shell.spawn().expect("bash");
    pty.watch();
    pty.shows("> ");
    running
}

/// The words to be typed for the probe under the init.
fn job(part: &str) -> String {
    format!("{} -- {} {part}", init_path().display(), probe_path().display())
}

/// The init is in the job's group too, and is told by the terminal as the command is.
// INVARIANT(terminal-tells-once)
#[test]
fn a_foreground_job_hears_ctrl_c_once() {
    let pty = Pty::new();
    let shell = shell(&pty);
    pty.type_keys(&format!("{}\n", job("signals until 15")));
    pty.shows("ready");
    for turn in 1..=3 {
        pty.type_keys(CTRL_C);
        pty.shows_times("signal 2 value", turn);
        pty.resize(20 + turn as u16, 70);
        pty.shows_times("signal 28 value", turn);
    }
    let group = pty.foreground();
    sexton_testkit::signals::send(group, libc::SIGTERM).expect("the job's leader is the init");
    pty.has_in_foreground(shell.pid());
    pty.type_keys("\necho status=$?\n");
    pty.shows("status=0");
    assert_eq!(pty.times_shown("signal 2 value"), 3, "{}", pty.shown());
    assert_eq!(pty.times_shown("signal 28 value"), 3, "{}", pty.shown());
    assert_eq!(pty.times_shown("signal 15 value"), 1, "{}", pty.shown());
}

/// A shell sees a job as stopped when the process that it started has stopped (waitpid(2),
/// WUNTRACED): that is the init.
#[test]
fn ctrl_z_stops_the_whole_job_and_fg_resumes_it() {
    let pty = Pty::new();
    let shell = shell(&pty);
    let processes = || shell.processes().expect("/proc");
    shell_session(&pty, &job("wait"), "probe", &processes);
    eventually("nobody of the job is left", || processes().len() == 1);
}

#[test]
fn a_pipeline_keeps_its_terminal() {
    let pty = Pty::new();
    let shell = shell(&pty);
    pty.type_keys(&format!("{} | cat\n", job("wait")));
    pty.shows("ready");
    pty.type_keys(CTRL_C);
    pty.has_in_foreground(shell.pid());
    pty.type_keys("echo status=${PIPESTATUS[*]}\n");
    pty.shows("status=130 130");
    eventually("nobody is left", || shell.processes().expect("/proc").len() == 1);
}

/// tcsetpgrp(3) is the shell's business.
#[test]
fn a_background_job_never_takes_the_terminal() {
    let pty = Pty::new();
    let shell = shell(&pty);
    pty.has_in_foreground(shell.pid());
    pty.type_keys(&format!("{} &\n", job("signals until 15")));
    pty.shows("ready");
    assert_eq!(pty.foreground(), shell.pid());
    pty.type_keys(CTRL_C);
    pty.type_keys("\necho still here\n");
    pty.shows_times("still here", 2);
    assert_eq!(pty.foreground(), shell.pid());
    assert_eq!(pty.times_shown("signal 2 value"), 0, "{}", pty.shown());
    pty.type_keys("kill -TERM %1; wait %1; echo status=$?\n");
    pty.shows("status=0");
}

/// termios(3), "SIGTTIN": a background process that reads from its terminal is stopped; the job's
/// shell has to see it.
#[test]
fn a_background_job_that_reads_is_stopped_and_can_be_resumed() {
    let pty = Pty::new();
    let shell = shell(&pty);
    pty.type_keys(&format!("{} -- cat &\n", init_path().display()));
    pty.type_keys("while ! jobs | grep -q Stopped; do sleep 0.1; done; echo has stop''ped\n");
    pty.shows("has stopped");
    pty.type_keys("fg\n");
    eventually("cat in the foreground", || pty.foreground() != shell.pid());
    pty.type_keys("to the cat\n");
    pty.shows_times("to the cat", 2);
    interrupted(&pty, shell.pid());
}

/// termios(3), TOSTOP: "Send the SIGTTOU signal to the process group of a background process which
/// tries to write to its controlling terminal." The init's words are no reason to stop the job.
#[test]
fn a_background_jobs_log_does_not_stop_it() {
    let pty = Pty::new();
    let shell = shell(&pty);
    pty.type_keys("stty tostop\n");
    // The command itself is silent.
    pty.type_keys(&format!("{} -vvv -- sleep 0.3 &\n", init_path().display()));
    pty.shows("sexton-init: ");
    pty.type_keys("wait %1; echo status=$?\n");
    pty.shows("status=0");
    eventually("nobody is left", || shell.processes().expect("/proc").len() == 1);
}

/// `unshare --fork --pid` typed at a prompt: PID 1, and yet in the job of a shell that cannot be
/// seen from inside.
#[test]
fn pid_1_in_a_shells_job_hears_ctrl_c_once() {
    if !real_root() {
        return;
    }
    let pty = Pty::new();
    let shell = shell(&pty);
    let unshare = "unshare --fork --pid --mount-proc --kill-child";
    pty.type_keys(&format!("{unshare} {}\n", job("signals until 15")));
    pty.shows("ready");
    for turn in 1..=3 {
        pty.type_keys(CTRL_C);
        pty.shows_times("signal 2 value", turn);
    }
    let all = shell.processes().expect("/proc");
    let init = all.iter().find(|one| init_path().ends_with(&one.name)).expect("the init");
    sexton_testkit::signals::send(init.pid, libc::SIGTERM).expect("it is there");
    pty.has_in_foreground(shell.pid());
    assert_eq!(pty.times_shown("signal 2 value"), 3, "{}", pty.shown());
    assert_eq!(pty.times_shown("signal 15 value"), 1, "{}", pty.shown());
}
