//! Hostile names in `/proc` and hostile files tell no lies.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sexton_fuzz::files::check(bytes));
