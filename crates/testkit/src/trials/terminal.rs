//! A shell's terminal is lent, not given; and that of `docker run -it` is the program's.

use super::{AWHILE, Answer};
use crate::{Door, Exam, Pty, eventually, probe_path, scratch};
use std::time::{Duration, Instant};

const CTRL_C: &str = "\x03";
const CTRL_Z: &str = "\x1a";

fn words(exam: &Exam) -> String {
    match exam.door() {
        Door::Tini => format!("{} -s --", exam.program()),
        _ => format!("{} --", exam.program()),
    }
}

/// tini's program stops without it, catatonit's does not stop at all.
pub fn ctrl_z_gives_the_terminal_back(exam: &Exam) -> Answer {
    let pty = Pty::new();
    let shell = pty.shell();
    pty.type_keys(&format!("{} sleep 1000\n", words(exam)));
    let sleeps = |state: char| {
        let all = shell.processes().expect("/proc");
        all.iter().any(|one| one.name == "sleep" && one.state == state)
    };
    eventually("it runs", || sleeps('S'));
    eventually("in the foreground", || pty.foreground() != shell.pid());
    pty.type_keys(CTRL_Z);
    let back = || pty.foreground() == shell.pid() && sleeps('T');
    let came_back = super::within_awhile(back);
    Answer::wrong_if(!came_back, if sleeps('T') { "keeps it" } else { "no stop" })
}

/// tcsetpgrp(3) is the shell's business.
pub fn a_background_job_takes_no_terminal(exam: &Exam) -> Answer {
    let pty = Pty::new();
    let shell = pty.shell();
    // Not before the shell waits for keys again: it would take the terminal back.
    let flag = scratch().join("flag");
    let wait = format!("until [ -e {} ]; do sleep 0.01; done", flag.display());
    let probe = probe_path().display();
    pty.type_keys(&format!("({wait}; exec {} {probe} wait) &\n", words(exam)));
    pty.shows_times("> ", 2);
    std::fs::write(flag, "").expect("written");
    eventually("it runs, or was stopped", || {
        let all = shell.processes().expect("/proc");
        all.iter().any(|one| one.name == "probe")
    });
    pty.shows("ready");
    Answer::wrong_if(pty.foreground() != shell.pid(), "takes it")
}

/// tty_ioctl(4), TIOCNOTTY: "SIGHUP and SIGCONT are sent to the foreground process group", which
/// need not be the init's. Then a hang-up that comes later is a hang-up.
pub fn a_hang_up_is_one(exam: &Exam) -> Answer {
    let pty = Pty::new();
    let probe = probe_path().to_str().expect("text");
    let init = exam.wrapped([probe, "foreground-elsewhere"]).on_terminal(&pty);
    let mut run = init.command(["probe", "signals", "until", "64"]).spawn();
    pty.watch();
    pty.shows("ready");
    // The lower number is taken first: when TERM has come, HUP has, or will not.
    run.send(libc::SIGHUP);
    run.send(libc::SIGTERM);
    pty.shows("signal 15 value");
    let lost = pty.times_shown("signal 1 value") == 0;
    run.send(64);
    assert_eq!(run.end().code, 0);
    Answer::wrong_if(lost, "loses it")
}

/// As under `docker run -it`: once from the terminal, and not again from the init.
pub fn a_key_arrives_once(exam: &Exam) -> Answer {
    let pty = Pty::new();
    let init = exam.init().on_terminal(&pty);
    let mut run = init.command(["probe", "signals", "until", "64"]).spawn();
    pty.watch();
    pty.shows("ready");
    pty.type_keys(CTRL_C);
    pty.shows("signal 2 value");
    run.send(64);
    run.end();
    let times = pty.times_shown("signal 2 value");
    Answer::wrong_if(times != 1, format!("{times} times"))
}

/// setpgid(2): who cannot be continued is not stopped, as where there is no init.
pub fn ctrl_z_does_not_wedge_a_container(exam: &Exam) -> Answer {
    let pty = Pty::new();
    let mut run = exam.init().on_terminal(&pty).command(["cat"]).spawn();
    pty.watch();
    pty.type_keys("before\n");
    pty.shows_times("before", 2);
    pty.type_keys(CTRL_Z);
    pty.type_keys("after\n");
    let deadline = Instant::now() + AWHILE;
    while pty.times_shown("after") < 2 {
        if Instant::now() > deadline {
            return Answer::Wrong("stops for good".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    pty.type_keys(CTRL_C);
    Answer::by_code(Some(run.code()), 130)
}

/// `docker run -it … bash`: a job can be stopped.
pub fn a_containers_shell_has_jobs(exam: &Exam) -> Answer {
    let pty = Pty::new();
    let bash = ["bash", "--norc", "--noprofile", "-i"];
    let run = exam.init().on_terminal(&pty).command(bash).spawn();
    pty.watch();
    pty.type_keys("PS1='> '; sleep 1000\n");
    let sleep = run.process_in_state("sleep", 'S').pid;
    pty.has_in_foreground(sleep);
    pty.type_keys(CTRL_Z);
    let stopped = || run.others().iter().any(|one| one.name == "sleep" && one.state == 'T');
    Answer::wrong_if(!super::within_awhile(stopped), "Ctrl-Z is dead")
}
