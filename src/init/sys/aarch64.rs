//! What only this architecture has: the entry point, system calls, the vfork-like clone.

#![allow(unsafe_code, reason = "this is the edge of the kernel; see the module above")]

use core::arch::{asm, naked_asm};

/// Where the kernel starts us; the stack pointer is at `argc`.
///
/// # Safety
/// Only the kernel calls it.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sexton_start() -> ! {
    naked_asm!(
        "mov x29, #0",
        "mov x30, #0",
        "mov x0, sp",
        "and sp, x0, #-16",
        "bl {enter}",
        "brk #1",
        enter = sym super::enter,
    )
}

/// A system call of up to four arguments, and 0 as the fifth and sixth; what it does not take it
/// does not look at. The result is negative for an error.
///
/// # Safety
/// The arguments are what this call takes, and whatever it writes through them is ours.
#[inline(always)]
pub unsafe fn syscall(a: usize, b: usize, c: usize, d: usize, number: usize) -> isize {
    let result;
    // SAFETY: the caller's; the kernel keeps all other registers, and leaves the stack alone.
    unsafe {
        asm!(
            "svc #0",
            inlateout("x0") a => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") 0, in("x5") 0, in("x8") number,
            options(nostack),
        );
    }
    result
}

/// clone(2) with these flags and no stack of its own; in the child `run(argument)` is called, on
/// our stack below everything in use. The result is the child's pid, or negative for an error.
///
/// # Safety
/// The flags say `CLONE_VM | CLONE_VFORK`, so that we sleep while the child uses our stack; `run`
/// takes `argument` and never returns.
pub unsafe fn clone(flags: usize, run: extern "C" fn(*mut ()) -> !, argument: *mut ()) -> isize {
    let result;
    // SAFETY: nothing returns twice: the child calls, and what it calls never comes back. What it
    // writes lies below our stack pointer, or behind `argument`.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x0, {argument}",
            "blr {run}",
            "brk #1",
            "2:",
            run = in(reg) run,
            argument = in(reg) argument,
            in("x8") super::number::CLONE,
            inlateout("x0") flags => result,
            in("x1") 0, in("x2") 0, in("x3") 0, in("x4") 0,
            // The child's call writes its return address there; ours is to be saved.
            out("x30") _,
        );
    }
    result
}

/// Where the type of a file stands in its `struct stat`, in words of 32 bits.
pub const STAT_MODE: usize = 4;

/// The numbers of the system calls: include/uapi/asm-generic/unistd.h.
pub mod number {
    pub const MADVISE: usize = 233;
    pub const IOCTL: usize = 29;
    pub const FACCESSAT: usize = 48;
    pub const CHDIR: usize = 49;
    pub const OPENAT: usize = 56;
    pub const CLOSE: usize = 57;
    pub const GETDENTS64: usize = 61;
    pub const LSEEK: usize = 62;
    pub const READ: usize = 63;
    pub const WRITE: usize = 64;
    pub const PPOLL: usize = 73;
    pub const NEWFSTATAT: usize = 79;
    pub const EXIT: usize = 93;
    pub const EXIT_GROUP: usize = 94;
    pub const CLOCK_GETTIME: usize = 113;
    pub const KILL: usize = 129;
    pub const TKILL: usize = 130;
    pub const RT_SIGACTION: usize = 134;
    pub const RT_SIGPROCMASK: usize = 135;
    pub const RT_SIGTIMEDWAIT: usize = 137;
    pub const RT_SIGQUEUEINFO: usize = 138;
    pub const SETRESUID: usize = 147;
    pub const SETRESGID: usize = 149;
    pub const SETPGID: usize = 154;
    pub const GETPGID: usize = 155;
    pub const GETSID: usize = 156;
    pub const SETSID: usize = 157;
    pub const SETGROUPS: usize = 159;
    pub const PRCTL: usize = 167;
    pub const GETPID: usize = 172;
    pub const GETPPID: usize = 173;
    pub const GETEUID: usize = 175;
    pub const GETEGID: usize = 177;
    pub const SENDTO: usize = 206;
    pub const CLONE: usize = 220;
    pub const MUNMAP: usize = 215;
    pub const EXECVE: usize = 221;
    pub const MMAP: usize = 222;
    pub const WAIT4: usize = 260;
    pub const CLOSE_RANGE: usize = 436;
}
