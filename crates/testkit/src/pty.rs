//! A terminal, and somebody who types at it.

use crate::rustix::fs::OFlags;
use crate::rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use crate::rustix::termios::{Winsize, tcgetpgrp, tcsetwinsize};
use crate::{Pid1, Place, Running, Session, Stream, eventually};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

/// A new terminal. Dropped, it hangs up.
#[derive(Debug)]
pub struct Pty {
    /// `None` once it was hung up.
    keys: Option<OwnedFd>,
    user_side: std::path::PathBuf,
    screen: Arc<Mutex<String>>,
}

impl Default for Pty {
    fn default() -> Pty {
        Pty::new()
    }
}

impl Pty {
    /// Opens one.
    ///
    /// # Panics
    /// If there is none to be had.
    pub fn new() -> Pty {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC);
        let keys = keys.expect("a terminal");
        grantpt(&keys).expect("grantpt");
        unlockpt(&keys).expect("unlockpt");
        let name = ptsname(&keys, Vec::new()).expect("ptsname");
        let user_side = std::path::PathBuf::from(name.into_string().expect("a path"));
        Pty { keys: Some(keys), user_side, screen: Arc::default() }
    }

    /// The side that programs have for their stdin, stdout and stderr.
    ///
    /// # Panics
    /// If it cannot be opened.
    pub fn user(&self) -> OwnedFd {
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let mode = crate::rustix::fs::Mode::empty();
        crate::rustix::fs::open(&self.user_side, flags, mode).expect("the terminal's user side")
    }

    /// A shell with job control on it, here and not in a namespace. Its prompt is `> `.
    ///
    /// # Panics
    /// If there is no bash.
    pub fn shell(&self) -> Running {
        let stream = || Stream::Fd(self.user());
        let shell = Pid1::new("bash").args(["--norc", "--noprofile", "-i"]).place(Place::Here);
        let shell = shell.session(Session::OwnWithTerminal(self.user()));
        let shell = shell.stdin(stream()).stdout(stream()).stderr(stream()).env("PS1", "> ");
        let running = shell.spawn().expect("bash");
        self.watch();
        self.shows("> ");
        running
    }

    /// Begins to read what is shown, to be called when the first program has the terminal: before
    /// that there is nobody on the other side, and a read fails. It ends when the last one is gone.
    ///
    /// # Panics
    /// If it has been hung up.
    pub fn watch(&self) {
        // Not through a descriptor of the reader's own, which would keep the terminal from being
        // hung up: poll on a duplicate that is dropped with the first.
        let keys = self.keys().try_clone().expect("a descriptor");
        let screen = Arc::downgrade(&self.screen);
        std::thread::spawn(move || {
            let mut keys = File::from(keys);
            let mut bytes = [0; 4096];
            while let Some(screen) = screen.upgrade() {
                if !readable(&keys) {
                    continue;
                }
                match keys.read(&mut bytes) {
                    Ok(count) if count > 0 => {
                        let text = String::from_utf8_lossy(&bytes[..count]);
                        screen.lock().expect("the screen").push_str(&text);
                    }
                    _ => return,
                }
            }
        });
    }

    /// Types these keys.
    ///
    /// # Panics
    /// If it has been hung up.
    pub fn type_keys(&self, keys: &str) {
        let side = self.keys().try_clone().expect("a descriptor");
        File::from(side).write_all(keys.as_bytes()).expect("keys");
    }

    /// All that was shown so far.
    ///
    /// # Panics
    /// If the reader has.
    pub fn shown(&self) -> String {
        self.screen.lock().expect("the screen").clone()
    }

    /// How often this was shown.
    pub fn times_shown(&self, text: &str) -> usize {
        self.shown().matches(text).count()
    }

    /// Waits until it has been shown.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.shows_times(text, 1);
    }

    /// Waits until it has been shown so often.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn shows_times(&self, text: &str, times: usize) {
        let deadline = std::time::Instant::now() + crate::patience();
        while self.times_shown(text) < times {
            let late = std::time::Instant::now() > deadline;
            assert!(!late, "{text:?} not shown {times} times, but {}", self.shown());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// The process group in the foreground.
    ///
    /// # Panics
    /// If it has been hung up.
    pub fn foreground(&self) -> i32 {
        tcgetpgrp(self.keys()).map_or(0, |group| group.as_raw_nonzero().get())
    }

    /// Waits until this group is in the foreground.
    ///
    /// # Panics
    /// If it does not come there.
    #[track_caller]
    pub fn has_in_foreground(&self, group: i32) {
        eventually("the group in the foreground", || self.foreground() == group);
    }

    /// Another size of the window.
    ///
    /// # Panics
    /// If it has been hung up.
    pub fn resize(&self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(self.keys(), size).expect("a new size");
    }

    /// Hangs up, as when the connection is lost. What was shown can still be read.
    pub fn hang_up(&mut self) {
        self.keys = None;
        // The reader's own end goes when it sees that nobody watches any more.
        let shown = self.shown();
        self.screen = Arc::new(Mutex::new(shown));
    }

    fn keys(&self) -> &OwnedFd {
        self.keys.as_ref().expect("not hung up")
    }
}

/// Whether there is something to read, or the end, within a moment.
fn readable(side: &File) -> bool {
    use crate::rustix::event::{PollFd, PollFlags, Timespec, poll};
    let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
    poll(&mut [PollFd::new(side, PollFlags::IN)], Some(&moment)).is_ok_and(|count| count > 0)
}
