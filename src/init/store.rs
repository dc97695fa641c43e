//! The environment store of my_init; see [`sexton_core::store`] for what stands in its files.
//!
//! What the original dies of is said here, and left out: what is no file, what cannot be read or
//! written, what has no place.

use sexton_core::errno::Errno;
use sexton_core::notice::Phrase;
use sexton_core::policy::Voice;
use sexton_core::store::{ENTRY_MAX, Format, has_file, is_name, normalise, split};
use sexton_core::text::{Path, Text};
use sexton_core::words::piece;

use crate::listing::list;
use crate::report;
use crate::sys::{self, Kind, Open, Shelf, Words};

/// The environment of what is started: the one that we were given, until a store was read.
pub struct Environment {
    words: Words,
    /// Where they are, unless the kernel has written them.
    shelf: Option<Shelf>,
}

impl Environment {
    /// The one that we were given.
    pub fn inherited(words: Words) -> Environment {
        Environment { words, shelf: None }
    }

    /// All of it, until the store is read again.
    pub fn words(&self) -> Words {
        self.words
    }

    /// At the start: adds what is only in the store, and writes all of it into the store and beside
    /// it.
    pub fn import(&mut self, store: &[u8], voice: &Voice) {
        self.read(store, voice, Moment::Start);
    }

    /// After a startup file: what is in the store replaces all, and is written beside it.
    pub fn replace(&mut self, store: &[u8], voice: &Voice) {
        self.read(store, voice, Moment::Later);
    }

    /// Without a store nothing happens.
    #[inline(never)]
    fn read(&mut self, store: &[u8], voice: &Voice, moment: Moment) {
        let listed = list(store).and_then(|files| Ok((files, Shelf::new()?)));
        let (mut files, mut shelf) = match listed {
            Ok(shelves) => shelves,
            Err(Errno::NOENT) => return,
            Err(errno) => return report::file_failed(voice, Phrase::Read, store, errno),
        };
        if moment == Moment::Start {
            shelf.share(self.words);
        }
        let mut rest = files.words();
        while let Some(path) = rest.next_path() {
            let name = path.bytes().get(store.len() + 1..).unwrap_or_default();
            if moment == Moment::Start && has(&shelf, name) {
                continue;
            }
            if let Err(errno) = add(&mut shelf, path, name) {
                report::file_failed(voice, Phrase::Read, path.bytes(), errno);
            }
        }
        self.words = shelf.words();
        self.shelf = Some(shelf);
        dump(files.room(), store, voice, self.words, moment);
    }
}

/// When a store is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Start,
    Later,
}

/// Whether there is a variable of this name.
#[inline(never)]
fn has(shelf: &Shelf, name: &[u8]) -> bool {
    shelf.words().any(|entry| piece(entry, b'=', 0) == name)
}

/// Adds the variable in this file.
#[inline(never)]
fn add(shelf: &mut Shelf, path: Path<'_>, name: &[u8]) -> Result<(), Errno> {
    match sys::kind(path)? {
        // Where Kubernetes keeps what the links in a mounted ConfigMap lead to.
        Kind::Directory if name.starts_with(b"..") => return Ok(()),
        Kind::Directory => return Err(Errno::ISDIR),
        Kind::File if is_name(name) => {}
        _ => return Err(Errno::INVAL),
    }
    let room = shelf.room();
    let mut entry = Text::new(room);
    entry.text(name);
    entry.byte(b'=');
    let before = entry.len();
    // In the file an end of line may take twice as much.
    let value = room.get_mut(before..2 * ENTRY_MAX).unwrap_or_default();
    let file = sys::open(path, Open::Read)?;
    let mut len = 0;
    let result = loop {
        match sys::read_more(file, value.get_mut(len..).unwrap_or_default()) {
            Ok(more @ 1..) => len += more as usize,
            result => break result,
        }
    };
    sys::close(file);
    result?;
    let is_whole = len < value.len();
    let len = before + normalise(value.get_mut(..len).unwrap_or_default()).ok_or(Errno::INVAL)?;
    if is_whole && len <= ENTRY_MAX && shelf.keep(len) { Ok(()) } else { Err(Errno::TOOBIG) }
}

/// The longest path that the kernel takes, and what [`Text`] keeps free: a longer one is refused,
/// though it is cut.
const PATH: usize = 4096 + 8;

/// Writes all of it: the files that are the store, and those beside it.
#[inline(never)]
fn dump(room: &mut [u8], store: &[u8], voice: &Voice, words: Words, moment: Moment) {
    let Some((path, page)) = room.split_at_mut_checked(PATH) else { return };
    let mut said = Ok(());
    let mut write = |mark, name, content: &[u8]| {
        let mut path = Text::new(path);
        path.text(store);
        path.byte(mark);
        path.text(name);
        let path = path.path();
        let written = sys::write_file(path, content);
        // Where nothing can be written, one line says enough.
        if let Err(errno) = written
            && written != said
        {
            report::file_failed(voice, Phrase::Write, path.bytes(), errno);
            said = written;
        }
    };
    if moment == Moment::Start {
        for (name, value) in words.filter_map(split) {
            if has_file(name) {
                write(b'/', name, value);
            }
        }
    }
    for format in [Format::Shell, Format::Json] {
        let mut text = Text::new(page);
        format.write(words, &mut text);
        write(b'.', format.extension(), text.bytes());
    }
}
