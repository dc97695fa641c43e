//! Long histories of a container, judged by the checker of `tests/exhaustive.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sexton_fuzz::histories::check(bytes));
