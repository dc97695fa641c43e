//! Memory for words whose number nobody knows beforehand: the names in a directory, an
//! environment. It is taken from the kernel as a whole and given back as a whole; of what it could
//! hold only the pages are there that were written to.

#![allow(unsafe_code, reason = "this is the edge of the kernel; see the module above")]

use core::ptr::NonNull;
use core::slice;

use sexton_core::errno::Errno;
use sexton_core::sorting::sort;
use sexton_core::store::GROWTH;

use super::arch::{self, number};
use super::{Words, call};

/// Words, one behind the other, and the list of them. It is given back to the kernel when it is
/// dropped; whoever still has [`Words`] of it, or one of them, must not look at them any more.
pub struct Shelf(NonNull<Head>);

/// What the memory begins with, zero at first.
struct Head {
    /// How many words there are.
    count: usize,
    /// How many bytes they take, with their NULs.
    len: usize,
    /// The words, and NULL.
    list: [*const u8; LIST],
}

/// More words than execve(2) could take, and NULL: each costs 8 bytes besides its own two.
const LIST: usize = 640 << 10;

/// Bytes for words. execve(2) takes no more, however large the stack may be (fs/exec.c,
/// `bprm_stack_limits`).
const WORDS: usize = 6 << 20;

/// Bytes of all. What is left behind the words holds any file that is made of them, and its path.
const SIZE: usize = 48 << 20;

const _: () = assert!(size_of::<Head>() + WORDS + GROWTH * WORDS + (1 << 16) < SIZE);

impl Shelf {
    /// mmap(2): an empty one.
    #[doc(alias = "mmap")]
    #[inline(never)]
    pub fn new() -> Result<Shelf, Errno> {
        const PROT_READ_WRITE: usize = 3;
        // Private, anonymous, and without a reserve for what is never written to.
        const FLAGS: usize = 0x4022;
        const MADV_NOHUGEPAGE: usize = 15;
        // SAFETY: a new mapping, where nothing is.
        let start = unsafe { arch::syscall(0, SIZE, PROT_READ_WRITE, FLAGS, number::MMAP) };
        let errno = Errno(start.unsigned_abs() as u32);
        let start = if start < 0 { 0 } else { start as usize };
        let shelf = Shelf(NonNull::new(start as *mut Head).ok_or(errno)?);
        // A single word would take 2 MiB. Where this fails, no page is so large.
        // SAFETY: it is about how our own mapping is made, not about what is in it.
        let _ = unsafe { call(start, SIZE, MADV_NOHUGEPAGE, number::MADVISE) };
        Ok(shelf)
    }

    fn head(&mut self) -> &mut Head {
        // SAFETY: it is there, aligned as a page is; zeros are a head.
        unsafe { self.0.as_mut() }
    }

    /// The memory behind the words, where the next one can be written, or anything else.
    #[inline(never)]
    pub fn room(&mut self) -> &mut [u8] {
        let place = size_of::<Head>() + self.head().len;
        let at = self.0.as_ptr().cast::<u8>().wrapping_add(place);
        // SAFETY: it is ours and all bytes, and nobody else has any of it: words lie before it.
        unsafe { slice::from_raw_parts_mut(at, SIZE - place) }
    }

    /// Makes the next word of so many bytes of the room, and a NUL.
    #[inline(never)]
    pub fn keep(&mut self, len: usize) -> Result<(), Errno> {
        let word = self.room();
        let nul = word.get_mut(len).ok_or(Errno::TOOBIG)?;
        *nul = 0;
        let word = word.as_ptr();
        let head = self.head();
        let len = head.len + len + 1;
        if len > WORDS {
            return Err(Errno::TOOBIG);
        }
        head.len = len;
        head.list(word);
        Ok(())
    }

    /// Adds words to the list that stay where they are, for as long as this.
    pub fn share(&mut self, words: Words) {
        for word in words {
            self.head().list(word.as_ptr());
        }
    }

    /// All of them.
    pub fn words(&mut self) -> Words {
        Words { list: self.head().list.as_ptr() }
    }

    /// Puts them into the order of their bytes.
    pub fn sort(&mut self) {
        let head = self.head();
        let list = head.list.get_mut(..head.count).unwrap_or_default();
        sort(list, |mut one, mut other| {
            loop {
                // SAFETY: it is a C string, and not yet at its end.
                let left = unsafe { *one };
                // SAFETY: the same, as until here both are the same.
                let right = unsafe { *other };
                if left != right || left == 0 {
                    return left < right;
                }
                (one, other) = (one.wrapping_add(1), other.wrapping_add(1));
            }
        });
    }
}

impl Head {
    /// Adds a word to the list, where there is always place for it.
    fn list(&mut self, word: *const u8) {
        if let Some(place) = self.list.get_mut(self.count).filter(|_| self.count < LIST - 1) {
            *place = word;
            self.count += 1;
        }
    }
}

impl Drop for Shelf {
    #[doc(alias = "munmap")]
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: it is our own mapping, and who may still know of it must not look.
        let _ = unsafe { call(self.0.as_ptr() as usize, SIZE, 0, number::MUNMAP) };
    }
}
