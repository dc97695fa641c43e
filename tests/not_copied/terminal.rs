//! A shell's terminal is lent, not given.

use crate::{DUMB_INIT, TINI_AND_CATATONIT, judge};
use sexton_testkit::{Door, Exam, Pty, eventually, libc, probe_path, real_root, scratch};

const CTRL_Z: &str = "\x1a";

fn words(exam: &Exam) -> String {
    match exam.door() {
        Door::Tini => format!("{} -s --", exam.program()),
        _ => format!("{} --", exam.program()),
    }
}

/// tini's program stops without it, catatonit's does not stop at all.
#[test]
fn ctrl_z_gives_the_terminal_back_to_the_shell() {
    judge(TINI_AND_CATATONIT, |exam| {
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
        let deadline = std::time::Instant::now() + crate::AWHILE;
        while std::time::Instant::now() < deadline {
            if pty.foreground() == shell.pid() && sleeps('T') {
                return false;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        true
    });
}

#[test]
fn a_background_job_does_not_take_the_terminal() {
    judge(TINI_AND_CATATONIT, |exam| {
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
        pty.foreground() != shell.pid()
    });
}

/// tty_ioctl(4), TIOCNOTTY: "SIGHUP and SIGCONT are sent to the foreground process group", which
/// need not be the init's. Then a hang-up that comes later is a hang-up.
#[test]
fn a_hang_up_is_not_taken_for_that_of_the_terminal() {
    if !real_root() {
        return;
    }
    judge(DUMB_INIT, |exam| {
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
        lost
    });
}
