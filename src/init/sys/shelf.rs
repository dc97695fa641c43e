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

/// Words, one behind the other, and lists of them. It is given back to the kernel when it is
/// dropped; whoever still has [`Words`] of it, or one of them, must not look at them any more.
pub struct Shelf(NonNull<Head>);

/// What the memory begins with, zero at first. Behind it are the lists, and behind these the words.
#[repr(C)]
struct Head {
    /// How long the lists are, each with the NULL after it.
    count: usize,
    /// How many bytes the words take, with their NULs.
    len: usize,
}

/// For how many words and NULLs there is place: more than a directory holds whose environment
/// execve(2) takes, and than it takes at all, as each costs 8 bytes besides its own two.
const LIST: usize = 1 << 20;

/// Where words begin.
const WORDS: usize = size_of::<Head>() + LIST * size_of::<*const u8>();

/// How many bytes they can take.
const LEN: usize = 8 << 20;

/// Bytes of all. What is left behind the words holds any file that is made of them, and its path.
const SIZE: usize = 80 << 20;

const _: () = assert!(WORDS + LEN + GROWTH * LEN + (1 << 16) < SIZE);

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
        let place = WORDS + self.head().len;
        let at = self.0.as_ptr().cast::<u8>().wrapping_add(place);
        // SAFETY: it is ours and all bytes, and nobody else has any of it: words lie before it.
        unsafe { slice::from_raw_parts_mut(at, SIZE - place) }
    }

    /// Makes the next word of so many bytes of the room, and a NUL.
    #[inline(never)]
    pub fn keep(&mut self, len: usize) -> Result<(), Errno> {
        let word = self.room().as_mut_ptr();
        let end = self.head().len + len + 1;
        if end > LEN {
            return Err(Errno::TOOBIG);
        }
        // SAFETY: it is in the room, as words take no more than LEN.
        unsafe { word.wrapping_add(len).write(0) };
        self.head().len = end;
        self.list(word);
        Ok(())
    }

    /// Adds words to the list that stay where they are, for as long as this.
    pub fn share(&mut self, words: Words) {
        for word in words {
            self.list(word.as_ptr());
        }
    }

    #[inline(never)]
    fn list(&mut self, word: *const u8) {
        let place = self.end();
        if self.head().count < LIST - 1 {
            // SAFETY: there is a place for it, and behind it one that is still NULL.
            unsafe { place.write(word) };
            self.head().count += 1;
        }
    }

    /// The end of the lists, where there is a NULL.
    fn end(&mut self) -> *mut *const u8 {
        let start = self.0.as_ptr().wrapping_add(1).cast::<*const u8>();
        start.wrapping_add(self.head().count)
    }

    /// Ends the list, and begins a new one.
    pub fn next_list(&mut self) -> Words {
        self.head().count += 1;
        Words { list: self.end() }
    }

    /// The words of the first list.
    pub fn words(&self) -> Words {
        Words { list: self.0.as_ptr().wrapping_add(1).cast() }
    }

    /// Puts the first list into the order of its bytes, while it is the only one.
    pub fn sort(&mut self) {
        let list = self.words().list.cast_mut();
        // SAFETY: so many were written to it, and nobody else looks at it now.
        let list = unsafe { slice::from_raw_parts_mut(list, self.head().count) };
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

impl Drop for Shelf {
    #[doc(alias = "munmap")]
    #[inline(never)]
    fn drop(&mut self) {
        // SAFETY: it is our own mapping, and who may still know of it must not look.
        let _ = unsafe { call(self.0.as_ptr() as usize, SIZE, 0, number::MUNMAP) };
    }
}
