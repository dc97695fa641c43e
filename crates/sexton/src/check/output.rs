//! What the command prints: read as fast as it comes, searched for a line, and the end of it kept.

use regex::bytes::Regex;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use sexton_pidns::{Pid1, Session, Stream};
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How much of it is kept.
const KEPT: usize = 8 * 1024;
/// A line longer than this is searched in pieces.
const LINE: usize = 64 * 1024;

/// What is done with it besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    Nothing,
    /// Copied to our stderr.
    All,
}

/// A command's standard streams, in our hands.
pub struct Output {
    shared: Arc<Shared>,
    reader: JoinHandle<()>,
}

struct Shared {
    tail: Mutex<VecDeque<u8>>,
    wanted: Option<Regex>,
    is_found: AtomicBool,
    show: Show,
}

impl Output {
    /// Without a terminal: nothing on stdin, stdout and stderr in one pipe.
    pub fn piped(command: Pid1, wanted: Option<Regex>, show: Show) -> io::Result<(Pid1, Output)> {
        let (stdout, reader) = Stream::pipe()?;
        let Stream::Fd(writer) = stdout else { return Err(io::ErrorKind::Other.into()) };
        let stderr = Stream::Fd(writer.try_clone()?);
        let command = command.stdin(Stream::Null).stdout(Stream::Fd(writer)).stderr(stderr);
        Ok((command, Output::of(reader, wanted, show)))
    }

    /// With a terminal of its own, as `docker run -t` gives.
    pub fn on_terminal(
        command: Pid1,
        wanted: Option<Regex>,
        show: Show,
    ) -> io::Result<(Pid1, Output)> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let theirs: OwnedFd =
            OpenOptions::new().read(true).write(true).open(name.to_string_lossy().as_ref())?.into();
        let stream = || theirs.try_clone().map(Stream::Fd);
        let command = command.stdin(stream()?).stdout(stream()?).stderr(stream()?);
        let command = command.session(Session::OwnWithTerminal(theirs));
        Ok((command, Output::of(ours, wanted, show)))
    }

    /// Reads whatever comes from `source`.
    pub fn of(source: impl Into<OwnedFd>, wanted: Option<Regex>, show: Show) -> Output {
        let is_found = AtomicBool::new(false);
        let shared = Arc::new(Shared { tail: Mutex::default(), wanted, is_found, show });
        let (source, theirs) = (File::from(source.into()), Arc::clone(&shared));
        let reader = std::thread::spawn(move || theirs.read(source));
        Output { shared, reader }
    }

    /// Whether a line was printed that was waited for.
    pub fn is_found(&self) -> bool {
        self.shared.is_found.load(Ordering::Relaxed)
    }

    /// The last lines, without what moves cursors or colours. Waits a little for the rest of it, as
    /// long as there may be somebody who prints.
    pub fn last_words(&self) -> String {
        let deadline = Instant::now() + Duration::from_millis(100);
        while !self.reader.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
        let tail = self.shared.tail.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let bytes: Vec<u8> = tail.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let plain = anstream::adapter::strip_str(&text).to_string();
        plain.chars().filter(|&c| c == '\n' || c == '\t' || !c.is_control()).collect()
    }
}

impl Shared {
    /// Ends with its last writer; a terminal then answers EIO (pty(7)).
    fn read(&self, mut source: File) {
        let (mut buffer, mut line) = (vec![0; 64 * 1024], Vec::new());
        loop {
            let bytes = match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => buffer.get(..length).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            if self.show == Show::All {
                let _ = io::stderr().write_all(bytes);
            }
            self.search(bytes, &mut line);
            let mut tail = self.tail.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            tail.extend(&bytes[bytes.len().saturating_sub(KEPT)..]);
            let too_much = tail.len().saturating_sub(KEPT);
            tail.drain(..too_much);
        }
    }

    /// Line by line; also in a last one that has no end yet, as prompts have none.
    fn search(&self, bytes: &[u8], line: &mut Vec<u8>) {
        let Some(wanted) = &self.wanted else { return };
        if self.is_found.load(Ordering::Relaxed) {
            return;
        }
        line.extend(bytes);
        let is_found = line.split(|&byte| byte == b'\n').any(|line| wanted.is_match(line));
        self.is_found.store(is_found, Ordering::Relaxed);
        let last = line.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        line.drain(..last);
        if line.len() > LINE {
            line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[&[u8]], wanted: &str) -> Output {
        let (reader, mut writer) = io::pipe().unwrap();
        let output = Output::of(reader, Some(Regex::new(wanted).unwrap()), Show::Nothing);
        for piece in text {
            writer.write_all(piece).unwrap();
        }
        drop(writer);
        output
    }

    #[test]
    fn the_last_words_are_kept_and_plain() {
        let output = read(&[&[b'x'; 100_000], b"\n\x1b[31mred\x1b[0m\rend\n"], "no");
        let words = output.last_words();
        assert!(words.ends_with("x\nredend\n") && words.len() <= KEPT, "{words}");
    }

    #[test]
    fn a_line_is_found_even_if_it_comes_in_pieces_or_has_no_end() {
        for (text, wanted, expected) in [
            (&[&b"a\nlist"[..], b"ening\nb\n"][..], "^listening$", true),
            (&[b"$ "], r"^\$ $", true),
            (&[b"a\nb"], "a.b", false),
        ] {
            let output = read(text, wanted);
            output.last_words();
            assert_eq!(output.is_found(), expected, "{wanted}");
        }
    }
}
