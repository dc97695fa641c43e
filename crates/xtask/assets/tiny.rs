//! The smallest static program there is: what the inits start when the inits are measured.
//! Without arguments it succeeds at once; with any it sleeps until it is killed.

#![no_std]
#![no_main]

use core::arch::naked_asm;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// argc lies where the stack pointer points (System V ABI, "process initialization").
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "cmp qword ptr [rsp], 1",
        "jne 2f",
        "mov eax, 231", // exit_group(0)
        "xor edi, edi",
        "syscall",
        "2: mov eax, 34", // pause()
        "syscall",
        "jmp 2b",
    )
}

/// argc lies where the stack pointer points (AAPCS64 process start-up).
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "ldr x1, [sp]",
        "cmp x1, #1",
        "b.ne 2f",
        "mov x8, #94", // exit_group(0)
        "mov x0, #0",
        "svc #0",
        "2: mov x0, #0", // ppoll(NULL, 0, NULL, NULL): there is no pause
        "mov x1, #0",
        "mov x2, #0",
        "mov x3, #0",
        "mov x8, #73",
        "svc #0",
        "b 2b",
    )
}
