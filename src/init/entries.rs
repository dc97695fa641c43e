//! The names in a directory, one after the other.

use sexton_core::errno::Errno;
use sexton_core::words::piece;

use crate::sys::{self, Descriptor};

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
