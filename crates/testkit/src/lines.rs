//! Lines of a pipe, read as they come.

use crate::patience;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// The lines of one pipe.
#[derive(Debug)]
pub struct Lines {
    coming: Receiver<String>,
    /// All so far, to be shown when a test fails.
    pub seen: Vec<String>,
}

impl Lines {
    /// Reads until the last writer has closed it.
    pub fn of(pipe: OwnedFd) -> Lines {
        let (send, coming) = channel();
        std::thread::spawn(move || read(pipe, &send));
        Lines { coming, seen: Vec::new() }
    }

    /// The next line; `None` at the end of the pipe.
    ///
    /// # Panics
    /// If nothing comes for long.
    #[track_caller]
    pub fn next_line(&mut self) -> Option<String> {
        match self.coming.recv_timeout(patience()) {
            Ok(line) => {
                self.seen.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                panic!("no line for {:?}, after {:?}", patience(), self.seen)
            }
        }
    }

    /// The next line, if it comes within `limit`.
    pub fn line_within(&mut self, limit: Duration) -> Option<String> {
        let line = self.coming.recv_timeout(limit).ok()?;
        self.seen.push(line.clone());
        Some(line)
    }

    /// The lines before the first that `is_last`, and this one.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_last: impl Fn(&str) -> bool) -> Vec<String> {
        let deadline = Instant::now() + patience();
        let mut lines = Vec::new();
        while let Some(line) = self.next_line() {
            let done = is_last(&line);
            lines.push(line);
            if done {
                return lines;
            }
            assert!(Instant::now() < deadline, "no {what}, but {lines:?}");
        }
        panic!("the pipe ended without {what}, after {:?}", self.seen)
    }

    /// All that is still to come.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next_line()).collect()
    }
}

fn read(pipe: OwnedFd, send: &Sender<String>) {
    let mut pipe = BufReader::new(File::from(pipe));
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&line);
        if send.send(text.trim_end_matches('\n').to_string()).is_err() {
            return;
        }
        line.clear();
    }
}
