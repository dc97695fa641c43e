//! A program that becomes another one, under an emulator: `SEXTON_EMULATOR` and `SEXTON_EMULATED`
//! name both when this is compiled. By a link of another name, the other is called by that name.
//!
//! It is libc's `main` and nothing of Rust's own, which would change what is inherited: signals,
//! descriptors and environment come through as they are.

#![no_main]

use std::ffi::{c_char, c_int};

const EMULATOR: *const c_char = concat!(env!("SEXTON_EMULATOR"), "\0").as_ptr().cast();
const EMULATED: *const c_char = concat!(env!("SEXTON_EMULATED"), "\0").as_ptr().cast();

/// `-0` is the emulator's option for the first argument.
const ARGV_0: *const c_char = c"-0".as_ptr();

unsafe extern "C" {
    fn execv(path: *const c_char, argv: *const *const c_char) -> c_int;
}

#[unsafe(no_mangle)]
extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: main's arguments are as many pointers as the first says (C11, 5.1.2.2.1).
    let given = unsafe { std::slice::from_raw_parts(argv, argc as usize) };
    let Some((name, arguments)) = given.split_first() else { return 125 };
    let mut words = vec![EMULATOR, ARGV_0, *name, EMULATED];
    words.extend(arguments);
    words.push(std::ptr::null());
    // SAFETY: all strings live, and the list ends with a null pointer.
    unsafe { execv(EMULATOR, words.as_ptr()) };
    125
}
