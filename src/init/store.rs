//! The environment store of my_init; see [`sexton_core::store`] for what stands in its files.
//!
//! What the original dies of is said here, and left out: what is no file, what cannot be read or
//! written, what has no place.

use sexton_core::errno::Errno;
use sexton_core::notice::Phrase;
use sexton_core::policy::Voice;
use sexton_core::store::{ENTRY_MAX, Form, normalise};
use sexton_core::text::{Path, Text};
use sexton_core::words::{has, piece};

use crate::listing::list;
use crate::report;
use crate::sys::{self, FileType, Shelf, Words};

/// The environment of what is started: the one that we were given, until a store was read.
pub struct Environment {
    words: Words,
    /// Where they are, unless the kernel has written them.
    shelf: Option<Shelf>,
    /// What was said last of why they cannot be written: where nothing can be, one line is enough.
    said: Errno,
}

impl Environment {
    /// The one that we were given.
    pub fn inherited(words: Words) -> Environment {
        Environment { words, shelf: None, said: Errno(0) }
    }

    /// All of it, until the store is read again.
    pub fn words(&self) -> Words {
        self.words
    }

    /// Adds what is in the store to the words that are kept, which win, and writes all of it in
    /// these forms, into the store and beside it. Without a store nothing happens. What is kept is
    /// what we were given, or nothing: what was read before is gone.
    #[inline(never)]
    pub fn read(&mut self, store: &[u8], voice: &Voice, kept: Words, forms: &[Form]) {
        let Some(mut shelf) = list(store, voice) else { return };
        let mut files = shelf.words();
        let words = shelf.next_list();
        shelf.share(kept);
        while let Some(path) = files.next_path() {
            let Some(name) = path.bytes().get(store.len() + 1..) else { break };
            if kept.value(name).is_none()
                && let Err(errno) = add(&mut shelf, path, name)
            {
                report::file_failed(voice, Phrase::Read, path.bytes(), errno);
            }
        }
        self.words = words;
        self.shelf = Some(shelf);
        self.write(store, voice, forms);
    }

    /// Writes all of it.
    fn write(&mut self, store: &[u8], voice: &Voice, forms: &[Form]) {
        let room = self.shelf.as_mut().and_then(|shelf| shelf.room().split_at_mut_checked(PATH));
        let Some((path, page)) = room else { return };
        let said = &mut self.said;
        let mut write = |mark, name, content: &[u8]| {
            let mut path = Text::new(path);
            path.join(store, mark, name);
            let path = path.path();
            if let Err(errno) = sys::write_file(path, content)
                && errno != *said
            {
                report::file_failed(voice, Phrase::Write, path.bytes(), errno);
                *said = errno;
            }
        };
        for &form in forms {
            let mut page = Text::new(page);
            for entry in self.words {
                let name = piece(entry, b'=', 0);
                let Some(value) = entry.get(name.len() + 1..) else { continue };
                match form {
                    _ if name.is_empty() || !form.has(name) => {}
                    Form::Files => write(b'/', name, value),
                    _ => form.add(name, value, &mut page),
                }
            }
            if form != Form::Files {
                form.end(&mut page);
                write(b'.', form.extension(), page.bytes());
            }
        }
    }
}

/// Adds the variable in this file.
#[inline(never)]
fn add(shelf: &mut Shelf, path: Path<'_>, name: &[u8]) -> Result<(), Errno> {
    match sys::file_type(path)? {
        FileType::FILE if !has(name, b'=') => {}
        // Where Kubernetes keeps what the links of a mounted ConfigMap lead to.
        FileType::DIRECTORY if matches!(name, [b'.', b'.', ..]) => return Ok(()),
        FileType::DIRECTORY => return Err(Errno::ISDIR),
        _ => return Err(Errno::INVAL),
    }
    let room = shelf.room();
    let mut entry = Text::new(room);
    entry.join(name, b'=', b"");
    let before = entry.len();
    // One byte more than may be, so that it is seen. That of a file is short only at its end.
    let value = room.get_mut(before..=ENTRY_MAX).unwrap_or_default();
    let len = sys::read_file(path, value)? as usize;
    if len == value.len() {
        return Err(Errno::TOOBIG);
    }
    let len = normalise(value.get_mut(..len).unwrap_or_default()).ok_or(Errno::INVAL)?;
    shelf.keep(before + len)
}

/// The longest path that the kernel takes, and what [`Text`] keeps free: a longer one is refused,
/// though it is cut.
const PATH: usize = 4096 + 8;
