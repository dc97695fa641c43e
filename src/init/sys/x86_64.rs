//! What only this architecture has: the entry point, system calls, the vfork-like clone.

#![allow(unsafe_code, reason = "this is the edge of the kernel; see the module above")]

use core::arch::{asm, naked_asm};

/// Where the kernel starts us; the stack pointer is at `argc` (System V ABI, 3.4.1).
///
/// # Safety
/// Only the kernel calls it.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sexton_start() -> ! {
    naked_asm!(
        "xor ebp, ebp",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {enter}",
        "ud2",
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
    // SAFETY: the caller's; the kernel overwrites rcx and r11, and leaves the stack alone.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") 0, in("r9") 0,
            out("rcx") _, out("r11") _,
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
    // writes lies below our stack pointer (no `nostack`: the red zone is free), or behind
    // `argument`. rcx and r11 are `out`, not `lateout`: `run` and `argument` are read after the
    // call has overwritten them.
    unsafe {
        asm!(
            "syscall",
            "test eax, eax",
            "jnz 2f",
            "mov rdi, {argument}",
            "call {run}",
            "ud2",
            "2:",
            run = in(reg) run,
            argument = in(reg) argument,
            inlateout("rax") super::number::CLONE => result,
            in("rdi") flags, in("rsi") 0, in("rdx") 0, in("r10") 0, in("r8") 0,
            out("rcx") _, out("r11") _,
        );
    }
    result
}

/// Where the type of a file stands in its `struct stat`, in words of 32 bits.
pub const STAT_MODE: usize = 6;

/// The numbers of the system calls: arch/x86/entry/syscalls/syscall_64.tbl.
pub mod number {
    pub const READ: usize = 0;
    pub const WRITE: usize = 1;
    pub const CLOSE: usize = 3;
    pub const LSEEK: usize = 8;
    pub const MMAP: usize = 9;
    pub const MUNMAP: usize = 11;
    pub const RT_SIGACTION: usize = 13;
    pub const RT_SIGPROCMASK: usize = 14;
    pub const MADVISE: usize = 28;
    pub const IOCTL: usize = 16;
    pub const GETPID: usize = 39;
    pub const SENDTO: usize = 44;
    pub const CLONE: usize = 56;
    pub const EXECVE: usize = 59;
    pub const EXIT: usize = 60;
    pub const WAIT4: usize = 61;
    pub const KILL: usize = 62;
    pub const CHDIR: usize = 80;
    pub const GETEUID: usize = 107;
    pub const GETEGID: usize = 108;
    pub const SETPGID: usize = 109;
    pub const GETPPID: usize = 110;
    pub const SETSID: usize = 112;
    pub const SETGROUPS: usize = 116;
    pub const SETRESUID: usize = 117;
    pub const SETRESGID: usize = 119;
    pub const GETPGID: usize = 121;
    pub const GETSID: usize = 124;
    pub const RT_SIGTIMEDWAIT: usize = 128;
    pub const RT_SIGQUEUEINFO: usize = 129;
    pub const PRCTL: usize = 157;
    pub const TKILL: usize = 200;
    pub const GETDENTS64: usize = 217;
    pub const CLOCK_GETTIME: usize = 228;
    pub const EXIT_GROUP: usize = 231;
    pub const OPENAT: usize = 257;
    pub const NEWFSTATAT: usize = 262;
    pub const FACCESSAT: usize = 269;
    pub const PPOLL: usize = 271;
    pub const CLOSE_RANGE: usize = 436;
}
