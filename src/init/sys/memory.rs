//! The functions that the compiler calls by itself, and that libc has in other programs.
//!
//! Their bodies go byte by byte through volatile access: without it the compiler recognises the
//! loop of `memcpy` and replaces it by a call of `memcpy`.
//!
//! `tests/memory.rs` has a copy under names of its own, as its program has those of libc already.

#![allow(unsafe_code, reason = "they are defined on raw memory")]

use core::ptr::{read_volatile, write_volatile};

/// memcpy(3).
///
/// # Safety
/// As memcpy(3): both hold `len` bytes and do not overlap.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    for place in 0..len {
        // SAFETY: inside `from`, by the contract.
        let byte = unsafe { read_volatile(from.wrapping_add(place)) };
        // SAFETY: inside `to`, by the contract.
        unsafe { write_volatile(to.wrapping_add(place), byte) };
    }
    to
}

/// memmove(3).
///
/// # Safety
/// As memmove(3): both hold `len` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    if (to as usize) <= from as usize {
        // SAFETY: forwards, a place is read before it is overwritten.
        return unsafe { memcpy(to, from, len) };
    }
    for place in (0..len).rev() {
        // SAFETY: inside `from`, by the contract.
        let byte = unsafe { read_volatile(from.wrapping_add(place)) };
        // SAFETY: inside `to`, by the contract.
        unsafe { write_volatile(to.wrapping_add(place), byte) };
    }
    to
}

/// memset(3).
///
/// # Safety
/// As memset(3): `to` holds `len` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    for place in 0..len {
        // SAFETY: inside `to`, by the contract.
        unsafe { write_volatile(to.wrapping_add(place), byte as u8) };
    }
    to
}

/// memcmp(3).
///
/// # Safety
/// As memcmp(3): both hold `len` bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    for place in 0..len {
        // SAFETY: inside `a`, by the contract.
        let left = unsafe { read_volatile(a.wrapping_add(place)) };
        // SAFETY: inside `b`, by the contract.
        let right = unsafe { read_volatile(b.wrapping_add(place)) };
        if left != right {
            return i32::from(left) - i32::from(right);
        }
    }
    0
}

/// bcmp(3).
///
/// # Safety
/// As [`memcmp`].
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    // SAFETY: the same contract.
    unsafe { memcmp(a, b, len) }
}

/// strlen(3).
///
/// # Safety
/// As strlen(3): there is a NUL.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut len = 0;
    // SAFETY: not past the NUL, by the contract.
    while unsafe { read_volatile(text.wrapping_add(len)) } != 0 {
        len += 1;
    }
    len
}

/// Named by the prebuilt `core`, which was compiled to unwind; nothing here ever does.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn rust_eh_personality() {}
