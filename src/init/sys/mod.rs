//! The edge of the kernel, and the only unsafe code of the init. What comes out of here has types
//! that cannot be misused: a [`Pid`] is no group, a descriptor closes itself, an error is an
//! [`Errno`]. A function is one system call: no policy, no retry hidden inside.
//!
//! Start with [`enter`], where the kernel's first instruction leads.

#![allow(unsafe_code, reason = "this is the edge of the kernel")]

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod arch;
mod files;
mod memory;
mod processes;
mod shelf;
mod signals;

use core::ffi::CStr;
use core::marker::PhantomData;

use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::limits;
use sexton_core::signal::SignalSet;
use sexton_core::text::Path;
use sexton_core::time::{Moment, Span};
use sexton_core::words::{Likeness, after};

use crate::boot::Inherited;
use arch::number;
pub use files::*;
pub use processes::*;
pub use shelf::Shelf;
pub use signals::*;

/// Called by the entry point with the stack as the kernel left it: `argc`, `argv`, `envp`.
extern "C" fn enter(stack: *const usize) -> ! {
    // INVARIANT(mask-first): a signal that reaches PID 1 before it blocks them is dropped without
    // a trace (kernel/signal.c `sig_task_ignored`). So this is the first system call, and nothing
    // that could take time comes before it.
    let mut before = SignalSet::EMPTY;
    let blocked = mask(&SignalSet::ALL, &mut before);
    // SAFETY: the kernel put argc there, and argv behind it.
    let count = unsafe { *stack };
    let arguments = stack.wrapping_add(1).cast();
    let environment = stack.wrapping_add(count).wrapping_add(2).cast();
    exit(crate::main(&mut Inherited {
        arguments: Words { list: arguments },
        environment: Words { list: environment },
        mask: before,
        blocked,
        chld: Action::DEFAULT,
    }))
}

/// A list of C strings that ends with NULL, as execve(2) takes it: `argv` or `environ`, or what
/// is left of it behind some of its words. The kernel wrote it, and it stays for ever; or it is
/// that of a [`Shelf`].
#[derive(Clone, Copy)]
pub struct Words {
    list: *const *const u8,
}

impl Words {
    /// None.
    pub const NONE: Words = Words { list: (&raw const NULL).cast() };

    /// Of `environ`, the list that the kernel made: puts this entry in the place of the one that
    /// begins so (`NAME=`), or at the end; three at most may be new. It must stay for as long as
    /// the list is used.
    #[inline(never)]
    pub fn put(mut self, name: &[u8], entry: Path<'_>) {
        // SAFETY: the places below are the list's, which is on our stack, writable; or up to three
        // behind it. There is the auxiliary vector, a dozen pairs of words and more
        // (fs/binfmt_elf.c `create_elf_tables`), for the libc that we have not: nobody reads it.
        let write = |place: *const *const u8, word| unsafe { place.cast_mut().write(word) };
        loop {
            let place = self.list;
            let word = self.next();
            if word.is_none() {
                write(place.wrapping_add(1), core::ptr::null());
            }
            if word.is_none_or(|word| after(name, word, Likeness::Exact).is_some()) {
                return write(place, entry.as_ptr());
            }
        }
    }

    /// What the variable of this name is.
    #[inline(never)]
    pub fn value(self, name: &[u8]) -> Option<&'static [u8]> {
        for word in self {
            if let Some([b'=', value @ ..]) = after(name, word, Likeness::Exact) {
                return Some(value);
            }
        }
        None
    }

    /// What is left from this place on; nothing if that is beyond the end.
    #[inline(never)]
    fn behind(self, at: usize) -> Words {
        let mut rest = self;
        for _ in 0..at {
            rest.next();
        }
        rest
    }

    /// Lets it end before this place.
    pub fn cut(self, at: usize) {
        let rest = self.behind(at);
        if !rest.is_over() {
            // SAFETY: there is a word at that place; the list is on our stack, writable.
            unsafe { rest.list.cast_mut().write(core::ptr::null()) };
        }
    }

    /// Takes out the word at this place: those behind it move up.
    pub fn take_out(self, at: usize) {
        let mut rest = self.behind(at);
        while !rest.is_over() {
            let place = rest.list.cast_mut();
            // SAFETY: there is a word at that place, so there is one behind it, or NULL.
            let next = unsafe { *place.wrapping_add(1) };
            // SAFETY: the list is on our stack, writable.
            unsafe { place.write(next) };
            rest.list = place.wrapping_add(1);
        }
    }

    /// Whether no word is left.
    pub fn is_over(self) -> bool {
        // SAFETY: `list` points into the list, at the NULL at most.
        unsafe { *self.list }.is_null()
    }

    /// The command at this place, with its own words behind it; `None` if there is none, or if the
    /// place is 0, where our own name stands.
    pub fn command(self, at: usize) -> Option<Command<'static>> {
        let words = self.behind(at);
        let name = { words }.next().filter(|_| at > 0)?;
        Some(Command { words, name })
    }
}

/// The end of an empty list.
static NULL: usize = 0;

impl Words {
    /// The next word, as a path.
    #[inline(never)]
    pub fn next_path(&mut self) -> Option<Path<'static>> {
        // SAFETY: `list` points into the list, at the NULL at most.
        let word = unsafe { *self.list };
        if word.is_null() {
            return None;
        }
        self.list = self.list.wrapping_add(1);
        // SAFETY: a word of the list is a C string, and stays for as long as the list does.
        Some(unsafe { CStr::from_ptr(word.cast()) }.into())
    }
}

impl Iterator for Words {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        self.next_path().map(Path::bytes)
    }
}

/// A command and its arguments. There is a word before it in its list.
#[derive(Clone, Copy)]
pub struct Command<'a> {
    words: Words,
    /// Its first word.
    pub name: &'a [u8],
}

/// Room for a command of our own making.
pub struct Made<'a> {
    /// The first place is for another word before the command, the last for NULL.
    list: [*const u8; Made::WORDS_MAX + 2],
    count: usize,
    words: PhantomData<Path<'a>>,
}

impl<'a> Made<'a> {
    /// How many words it can have.
    pub const WORDS_MAX: usize = 6;

    /// No words yet.
    pub const fn nothing() -> Made<'a> {
        Made { list: [core::ptr::null(); _], count: 0, words: PhantomData }
    }

    /// Adds a word, if there is room.
    #[inline(never)]
    pub fn with(&mut self, word: Path<'a>) -> &mut Made<'a> {
        if self.count < Made::WORDS_MAX
            && let Some(place) = self.list.get_mut(self.count + 1)
        {
            *place = word.as_ptr();
            self.count += 1;
        }
        self
    }

    /// The command.
    pub fn command(&mut self) -> Command<'_> {
        let words = Words { list: self.list.as_ptr().wrapping_add(1) };
        Command { words, name: { words }.next().unwrap_or_default() }
    }
}

impl Command<'_> {
    /// Its words.
    pub fn words(&self) -> Words {
        self.words
    }

    /// execve(2) of this file as the command. It returns only if it fails.
    #[doc(alias = "execve")]
    pub fn execute(self, file: Path<'_>, environment: Words) -> Errno {
        processes::execute(file, self.words, environment)
    }

    /// The same by a shell: `shell file arguments…`.
    pub fn execute_by(self, shell: &'static CStr, file: Path<'_>, environment: Words) -> Errno {
        let list = self.words.list.wrapping_sub(1).cast_mut();
        let words = [shell.as_ptr().cast(), file.as_ptr()];
        let places = list.cast::<[*const u8; 2]>();
        // SAFETY: the word before ours is there, as ours is; both are on our stack, writable.
        let before = unsafe { places.replace(words) };
        let errno = processes::execute(Path::from(shell), Words { list }, environment);
        // SAFETY: as before; `file` may be gone soon, and must not stay in the list.
        unsafe { places.write(before) };
        errno
    }
}

unsafe extern "C" {
    /// The segment of what is rarely needed, from its page on; see `init.ld`.
    static sexton_rare: u8;
    static sexton_rare_end: u8;
}

/// madvise(2) `MADV_DONTNEED`: gives back the memory of what is rarely needed. It is read from the
/// file again where it is needed after all.
#[doc(alias = "madvise")]
pub fn forget_what_is_rare() {
    const MADV_DONTNEED: usize = 4;
    let start = &raw const sexton_rare as usize;
    let len = (&raw const sexton_rare_end as usize).wrapping_sub(start);
    // SAFETY: nobody writes to these pages, so that they come back as they were.
    let _ = unsafe { call(start, len, MADV_DONTNEED, number::MADVISE) };
}

/// Ends the process. Only a seccomp filter can make that come back; to exit_group(2) there is
/// another way, as we have one thread, and where both are refused we sleep in between.
pub fn exit(code: ExitCode) -> ! {
    loop {
        for number in [number::EXIT_GROUP, number::EXIT] {
            // SAFETY: it takes a number and touches no memory.
            let _ = unsafe { call(code.0.into(), 0, 0, number) };
        }
        sleep(limits::WAIT_AGAIN);
    }
}

/// The time that deadlines are made of: clock_gettime(2) `CLOCK_MONOTONIC`, which stands still
/// while the machine sleeps.
#[doc(alias = "clock_gettime")]
pub fn now() -> Moment {
    const CLOCK_MONOTONIC: usize = 1;
    read_clock(CLOCK_MONOTONIC)
}

/// How long the machine has slept: by so much `CLOCK_BOOTTIME`, which `/proc/PID/stat` counts by,
/// is ahead of [`now`].
pub fn slept() -> Span {
    const CLOCK_BOOTTIME: usize = 7;
    read_clock(CLOCK_BOOTTIME).since(now())
}

/// A clock that cannot be read stands at 0: then deadlines never come, and nothing is killed too
/// early.
#[inline(never)]
fn read_clock(clock: usize) -> Moment {
    let mut time = [0u64; 2];
    let to = time.as_mut_ptr() as usize;
    // SAFETY: it writes a timespec, two words of 64 bits, into `time`.
    let _ = unsafe { call(clock, to, 0, number::CLOCK_GETTIME) };
    Moment::new(time[0], time[1])
}

/// A system call of up to three arguments, and what came of it. The number comes last, so that
/// the arguments are where the kernel wants them.
///
/// # Safety
/// As [`arch::syscall`].
#[inline(never)]
unsafe fn call(a: usize, b: usize, c: usize, number: usize) -> Result<u32, Errno> {
    // SAFETY: the same contract. Whatever stands in the fourth place, nobody looks at it.
    unsafe { call4(a, b, c, number, number) }
}

/// The same of up to four, and 0 as the fifth. A function, not inline: a call is half as long as
/// loading six registers.
///
/// # Safety
/// As [`arch::syscall`].
#[inline(never)]
unsafe fn call4(a: usize, b: usize, c: usize, d: usize, number: usize) -> Result<u32, Errno> {
    // SAFETY: the same contract.
    check(unsafe { arch::syscall(a, b, c, d, number) })
}

/// What a call returned: a number, which for all the calls we make fits, or an error.
fn check(result: isize) -> Result<u32, Errno> {
    let result = result as i32;
    if result < 0 { Err(Errno(result.unsigned_abs())) } else { Ok(result as u32) }
}

/// The code has no path that panics, and the linker drops this; `cargo xtask size` looks.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(ExitCode::OWN_FAILURE)
}
