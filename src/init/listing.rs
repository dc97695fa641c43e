//! What is in a directory.

use sexton_core::errno::Errno;
use sexton_core::notice::Phrase;
use sexton_core::policy::Voice;
use sexton_core::text::{Path, Text};

use crate::entries::Names;
use crate::report;
use crate::sys::{self, FileType, Open, Shelf, Words};

/// The programs in a directory, in the order of their names' bytes, as it was at one moment. What
/// becomes a program later is none of it, and what is no program any more is left out.
pub struct Listing {
    /// Those that are still to come.
    rest: Words,
    /// Where they are.
    _shelf: Option<Shelf>,
}

impl Listing {
    /// Of no directory.
    pub const EMPTY: Listing = Listing { rest: Words::NONE, _shelf: None };

    /// Of this one; see [`list`].
    pub fn of(directory: &[u8], voice: &Voice) -> Listing {
        let shelf = list(directory, voice);
        Listing { rest: shelf.as_ref().map_or(Words::NONE, Shelf::words), _shelf: shelf }
    }
}

impl Iterator for Listing {
    type Item = Path<'static>;

    /// The next one. Its path stays for as long as the listing.
    fn next(&mut self) -> Option<Path<'static>> {
        loop {
            let path = self.rest.next_path()?;
            if is_program(path) {
                return Some(path);
            }
        }
    }
}

/// Whether it is a file that we may execute, as access(2) has it.
pub fn is_program(path: Path<'_>) -> bool {
    sys::file_type(path) == Ok(FileType::FILE) && sys::may_execute(path)
}

/// The paths of all that is in a directory, in the order of their bytes. If it cannot be read,
/// that is said, unless it is not there, or none is named.
#[inline(never)]
pub fn list(directory: &[u8], voice: &Voice) -> Option<Shelf> {
    if directory.is_empty() {
        return None;
    }
    let listed = try_to_list(directory);
    if let Err(errno) = listed
        && errno != Errno::NOENT
    {
        report::file_failed(voice, Phrase::Read, directory, errno);
    }
    listed.ok()
}

fn try_to_list(directory: &[u8]) -> Result<Shelf, Errno> {
    let mut shelf = Shelf::new()?;
    let mut path = Text::new(shelf.room());
    path.join(directory, b'/', b"");
    let file = sys::open(path.path(), Open::Read)?;
    let mut names = Names::of(file);
    while let Some(name) = names.next() {
        if !matches!(name, b"." | b"..") {
            let mut path = Text::new(shelf.room());
            path.join(directory, b'/', name);
            let len = path.len();
            shelf.keep(len)?;
        }
    }
    names.end?;
    shelf.sort();
    Ok(shelf)
}
