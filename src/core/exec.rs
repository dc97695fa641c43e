//! What execve(2) needs from us: where to look for a command, and why it could not be run.

use crate::errno::Errno;
use crate::words::{piece, pieces};

/// Where commands are looked for without `PATH`: what glibc's and musl's `execvp` take.
pub const DEFAULT_PATH: &[u8] = b"/bin:/usr/bin";

/// What runs a text file that does not say who should.
pub const SHELL: &core::ffi::CStr = c"/bin/sh";

/// What follows a failed execve of one directory of `PATH`, as in glibc's `execvpe`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextTry {
    /// It is not here: on to the next directory.
    GoOn,
    /// It is here and not for us; if no other is found, this was the reason.
    GoOnAndRemember,
    /// It is here, and the search is over.
    Stop,
}

impl NextTry {
    /// By the error of this directory.
    pub const fn after(errno: Errno) -> NextTry {
        match errno {
            Errno::NOENT | Errno::NOTDIR => NextTry::GoOn,
            // A file system that is gone or hangs hides only what is on it.
            Errno::NODEV | Errno::STALE | Errno::TIMEDOUT => NextTry::GoOn,
            // Nor can there be anything where no path leads.
            Errno::NAMETOOLONG => NextTry::GoOn,
            Errno::ACCES => NextTry::GoOnAndRemember,
            _ => NextTry::Stop,
        }
    }
}

/// What the first bytes of a file tell of why the kernel would not run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A script that names an interpreter.
    Script,
    /// A program, which may name a loader.
    Program,
    /// Text: a shell may run it.
    Text,
    /// Neither text nor a program.
    Data,
    /// A directory.
    Directory,
    /// It could not be looked at.
    Unknown,
}

impl Kind {
    /// From the head of the file; 1 KiB holds what is needed of every ordinary one. With it the
    /// interpreter or loader, empty if none is named.
    pub fn of(head: &[u8]) -> (Kind, &[u8]) {
        let line = piece(head, b'\n', 0);
        // The first word, as fs/binfmt_script.c finds it. A `\r` at its end belongs to it: that is
        // why a script with Windows line ends does not run.
        if let [b'#', b'!', words @ ..] = line {
            return (Kind::Script, first(words, b' '));
        }
        // The rule of bash and dash: a NUL in the first line is no text.
        if piece(line, 0, 0).len() == line.len() {
            return (Kind::Text, SHELL.to_bytes());
        }
        // Linkers put the path of the loader (elf(5), `PT_INTERP`) right behind the headers, so it
        // is the first thing there that reads like a path. That is good enough for what it is used
        // for: the kernel has said already that something is missing.
        if let Some((magic, headers)) = head.split_first_chunk()
            && *magic == *b"\x7fELF"
        {
            return (Kind::Program, first(headers, 0));
        }
        (Kind::Data, b"")
    }
}

/// The first piece between blanks, or the first between NULs that reads like a path.
fn first(text: &[u8], mark: u8) -> &[u8] {
    for piece in pieces(text, mark) {
        let is_path = matches!(piece, [b'/', _, _, _, _, ..]);
        if is_path || mark != 0 && !piece.is_empty() {
            return piece;
        }
    }
    b""
}

#[cfg(test)]
mod tests {
    use super::*;

    /// glibc's `execvpe` goes on at these, and no others.
    #[test]
    fn the_search_goes_on_where_nothing_is_and_stops_where_something_is() {
        let go_on = [2, 20, 19, 116, 110, 36];
        for number in 1..=4095 {
            let expected = match number {
                13 => NextTry::GoOnAndRemember,
                _ if go_on.contains(&number) => NextTry::GoOn,
                _ => NextTry::Stop,
            };
            assert_eq!(NextTry::after(Errno(number)), expected, "{number}");
        }
    }

    #[test]
    fn an_interpreter_is_the_word_after_the_marks() {
        for (head, name) in [
            ("#!/bin/sh\necho", "/bin/sh"),
            ("#!  /usr/bin/env python3\n", "/usr/bin/env"),
            ("#!/bin/sh", "/bin/sh"),
            ("#!/bin/sh\r\n", "/bin/sh\r"),
            ("#!\n", ""),
        ] {
            assert_eq!(Kind::of(head.as_bytes()), (Kind::Script, name.as_bytes()), "{head:?}");
        }
    }

    #[test]
    fn the_loader_of_a_real_program_is_found() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let (kind, loader) = Kind::of(&own[..1024]);
        assert_eq!(kind, Kind::Program);
        assert!(std::path::Path::new(std::str::from_utf8(loader).unwrap()).exists());
    }

    #[test]
    fn text_is_for_the_shell_and_data_is_not() {
        for (head, kind) in [
            (&b"echo hello\n"[..], Kind::Text),
            (b"", Kind::Text),
            (b"echo\n\0\0", Kind::Text),
            (b"PK\x03\0\n", Kind::Data),
            (b"\x7fELF\0", Kind::Program),
        ] {
            let needs: &[u8] = if kind == Kind::Text { b"/bin/sh" } else { b"" };
            assert_eq!(Kind::of(head), (kind, needs), "{head:?}");
        }
    }

    #[test]
    fn a_program_cut_or_broken_anywhere_is_looked_at_without_harm() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        for end in 0..1024 {
            let mut head = own[..1024].to_vec();
            Kind::of(&head[..end]);
            head[end] ^= 0xff;
            Kind::of(&head);
        }
    }
}
