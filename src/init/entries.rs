//! The entries of a directory.

use sexton_core::errno::Errno;
use sexton_core::words::piece;

use crate::sys::{self, Descriptor};

/// The names of the entries of a directory, in whatever order they are; one that was opened.
#[repr(C)] // in this order, so that the code that reaches the others is shorter
pub struct Names {
    /// Whether it was read to its end.
    pub end: Result<u32, Errno>,
    directory: Descriptor,
    /// Which part of the buffer is still to be read.
    at: usize,
    len: usize,
    buffer: [u8; 512],
}

impl Names {
    /// Those of this one.
    pub fn of(directory: Descriptor) -> Names {
        Names { directory, buffer: [0; 512], at: 0, len: 0, end: Ok(0) }
    }

    /// The next one.
    #[inline(never)]
    pub fn next(&mut self) -> Option<&[u8]> {
        // struct linux_dirent64: inode and offset, 8 bytes each; 2 of length; 1 of type; the name.
        const LENGTH: usize = 16;
        if self.at >= self.len {
            self.end = sys::read_entries(self.directory, &mut self.buffer);
            (self.at, self.len) = (0, self.end.unwrap_or(0) as usize);
        }
        let entry = self.buffer.get(self.at..self.len)?;
        let &[low, high, _, ref name @ ..] = entry.get(LENGTH..)? else { return None };
        self.at += usize::from(u16::from_le_bytes([low, high]));
        Some(piece(name, 0, 0))
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        sys::close(self.directory);
    }
}
