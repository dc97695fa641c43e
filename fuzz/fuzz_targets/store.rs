//! Hostile environment stores, users and groups are read for what they are.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sexton_fuzz::store::check(bytes));
