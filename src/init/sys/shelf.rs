//! Memory for words whose number nobody knows beforehand: the names in a directory, an
//! environment. It is taken from the kernel as a whole and given back as a whole; of what it could
//! hold only the pages are there that were written to.

#![allow(unsafe_code, reason = "this is the edge of the kernel; see the module above")]

use core::ptr::NonNull;
use core::slice;

use sexton_core::errno::Errno;
use sexton_core::sorting::sort;
use sexton_core::store::Format;

use super::arch::{self, number};
use super::{Words, call};

/// Bytes for the list, at the start: more words than execve(2) takes, and NULL.
const LIST: usize = 5 << 20;

/// Bytes for the words behind it. execve(2) takes no more than that, however large the stack may
/// be (fs/exec.c, `bprm_stack_limits`).
const WORDS: usize = 6 << 20;

/// Bytes of all. What is left behind the words holds any file that is made of them.
const SIZE: usize = 48 << 20;

const _: () = assert!(LIST + WORDS + Format::GROWTH * WORDS < SIZE - (1 << 16));

/// Words, one behind the other, and the list of them. It is given back to the kernel when it is
/// dropped; whoever still has [`Words`] of it, or one of them, must not look at them any more.
pub struct Shelf {
    start: NonNull<u8>,
    /// How many words there are.
    count: usize,
    /// Where nothing is yet.
    end: usize,
}

impl Shelf {
    /// mmap(2): an empty one.
    #[doc(alias = "mmap")]
    pub fn new() -> Result<Shelf, Errno> {
        const PROT_READ_WRITE: usize = 3;
        // Private, anonymous, and without a reserve for what is never written to.
        const FLAGS: usize = 0x4022;
        const MADV_NOHUGEPAGE: usize = 15;
        // SAFETY: a new mapping, where nothing is.
        let start = unsafe { arch::syscall(0, SIZE, PROT_READ_WRITE, FLAGS, number::MMAP) };
        let mapped = usize::try_from(start).ok().map(|at| at as *mut u8).and_then(NonNull::new);
        let start = mapped.ok_or(Errno(start.unsigned_abs() as u32))?;
        // A single word would take 2 MiB. Where it fails, no page is so huge.
        // SAFETY: it is about how our own mapping is made, not about what is in it.
        let _ = unsafe { call(start.as_ptr() as usize, SIZE, MADV_NOHUGEPAGE, number::MADVISE) };
        Ok(Shelf { start, count: 0, end: LIST })
    }

    /// The memory behind the words, where the next one can be written, or anything else.
    #[inline(never)]
    pub fn room(&mut self) -> &mut [u8] {
        let at = self.start.as_ptr().wrapping_add(self.end);
        // SAFETY: it is ours and all bytes, and nobody else has any of it: words lie before it.
        unsafe { slice::from_raw_parts_mut(at, SIZE - self.end) }
    }

    /// Makes the next word of so many bytes of the room, and a NUL. Whether there was place.
    #[inline(never)]
    pub fn keep(&mut self, len: usize) -> bool {
        let start = self.end;
        let word = self.room();
        let Some(nul) = word.get_mut(len) else { return false };
        *nul = 0;
        let word = word.as_ptr();
        let end = start.wrapping_add(len).wrapping_add(1);
        let kept = end <= LIST + WORDS && self.list(word);
        if kept {
            self.end = end;
        }
        kept
    }

    /// Adds words to the list that stay where they are, for as long as this.
    pub fn share(&mut self, words: Words) {
        for word in words {
            self.list(word.as_ptr());
        }
    }

    fn list(&mut self, word: *const u8) -> bool {
        const MAX: usize = LIST / size_of::<*const u8>() - 1;
        let fits = self.count < MAX;
        if fits {
            let place = self.start.as_ptr().cast::<*const u8>().wrapping_add(self.count);
            // SAFETY: it is in the list, which is aligned as a page is. What follows was never
            // written to, and so is NULL.
            unsafe { place.write(word) };
            self.count += 1;
        }
        fits
    }

    /// All of them.
    pub fn words(&self) -> Words {
        Words { list: self.start.as_ptr().cast() }
    }

    /// Puts them into the order of their bytes.
    pub fn sort(&mut self) {
        let at = self.start.as_ptr().cast::<*const u8>();
        // SAFETY: so many were written to the list, which nobody else looks at now.
        let list = unsafe { slice::from_raw_parts_mut(at, self.count) };
        sort(list, |mut one, mut other| {
            loop {
                // SAFETY: both are C strings, and until here they are the same.
                let (left, right) = unsafe { (*one, *other) };
                if left != right || left == 0 {
                    return left < right;
                }
                (one, other) = (one.wrapping_add(1), other.wrapping_add(1));
            }
        });
    }
}

impl Drop for Shelf {
    #[doc(alias = "munmap")]
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: it is our own mapping, and who may still know of it must not look.
        let _ = unsafe { call(self.start.as_ptr() as usize, SIZE, 0, number::MUNMAP) };
    }
}
