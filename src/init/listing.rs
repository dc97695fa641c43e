//! What is in a directory.

use sexton_core::errno::Errno;
use sexton_core::notice::Phrase;
use sexton_core::policy::Voice;
use sexton_core::text::{Path, Text};
use sexton_core::words::piece;

use crate::report;
use crate::sys::{self, Descriptor, Kind, Open, Shelf, Words};

/// The programs in a directory, in the order of their names' bytes, as it was at one moment. What
/// becomes a program later is none of it, and what is no program any more is left out.
pub struct Listing {
    shelf: Option<Shelf>,
    /// Those that are still to come.
    rest: Words,
}

impl Listing {
    /// Of no directory.
    pub const EMPTY: Listing = Listing { shelf: None, rest: Words::NONE };

    /// Of this one; if it cannot be read, that is said, and if it is not there, it is empty.
    pub fn of(directory: &[u8], voice: &Voice) -> Listing {
        let (shelf, rest) = match list(directory) {
            Ok(shelf) => {
                let words = shelf.words();
                (Some(shelf), words)
            }
            Err(errno) => {
                if errno != Errno::NOENT {
                    report::file_failed(voice, Phrase::Read, directory, errno);
                }
                (None, Words::NONE)
            }
        };
        Listing { shelf, rest }
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
    sys::kind(path) == Ok(Kind::File) && sys::may_execute(path)
}

/// The paths of all that is in a directory, in the order of their bytes.
#[inline(never)]
pub fn list(directory: &[u8]) -> Result<Shelf, Errno> {
    let mut shelf = Shelf::new()?;
    let mut path = Text::new(shelf.room());
    path.text(directory);
    let file = sys::open(path.path(), Open::Read)?;
    let mut all_kept = true;
    each_name(file, &mut |name| {
        let mut path = Text::new(shelf.room());
        path.text(directory);
        path.byte(b'/');
        path.text(name);
        let len = path.len();
        if !matches!(name, b"." | b"..") {
            all_kept &= shelf.keep(len);
        }
    })?;
    if !all_kept {
        return Err(Errno::TOOBIG);
    }
    shelf.sort();
    Ok(shelf)
}

/// Calls `visit` with the name of each entry of a directory, and closes it. What was not visited
/// could not be read.
#[inline(never)]
pub fn each_name(directory: Descriptor, visit: &mut dyn FnMut(&[u8])) -> Result<(), Errno> {
    // struct linux_dirent64: inode and offset, 8 bytes each; 2 of length; 1 of type; the name.
    const LENGTH: usize = 16;
    let mut buffer = [0; 512];
    let result = loop {
        let entries = match sys::read_entries(directory, &mut buffer) {
            Ok(len) => buffer.get(..len as usize),
            Err(errno) => break Err(errno),
        };
        let Some(mut rest @ &[_, ..]) = entries else { break Ok(()) };
        while let Some(&[low, high, _, ref name @ ..]) = rest.get(LENGTH..) {
            visit(piece(name, 0, 0));
            let len = u16::from_le_bytes([low, high]);
            let Some(next) = rest.get(usize::from(len)..) else { break };
            rest = next;
        }
    };
    sys::close(directory);
    result
}
