//! On a terminal, as `docker run -it` gives one.

use crate::by_all;
use sexton_testkit::{Image, Pty};

/// The terminal tells the whole group, and the init tells the command once more, by TERM.
#[test]
fn ctrl_c_stops_the_command() {
    by_all(|exam| {
        let pty = Pty::new();
        let script = "trap 'echo got-INT' INT; trap 'echo got-TERM; exit 9' TERM; echo re''ady; \
             while :; do sleep 0.02; done";
        let init = exam.inside(&mut Image::new()).options(["--quiet", "--skip-runit"]);
        let mut run = init.command(["sh", "-c", script]).on_terminal(&pty).spawn();
        pty.watch();
        pty.shows("ready");
        pty.type_keys("\x03");
        pty.shows("got-TERM");
        pty.shows("*** Init system aborted.");
        assert_eq!(run.code(), 2);
        assert_eq!((pty.times_shown("got-INT"), pty.times_shown("got-TERM")), (1, 1));
    });
}

/// The command is asked for what a shell with jobs needs.
#[test]
fn the_terminal_is_the_commands_too() {
    by_all(|exam| {
        let pty = Pty::new();
        let script = "test -t 0 && test -t 1 && : < /dev/tty && echo has-''it; \
             read line; echo \"read: $line\"; exit 5";
        let init = exam.inside(&mut Image::new()).options(["--quiet", "--skip-runit"]);
        let mut run = init.command(["sh", "-c", script]).on_terminal(&pty).spawn();
        pty.watch();
        pty.shows("has-it");
        pty.type_keys("words\n");
        pty.shows("read: words");
        assert_eq!(run.code(), 5);
    });
}
