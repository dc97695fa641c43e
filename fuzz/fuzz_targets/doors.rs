//! Whatever is typed and set, every door reads it by the same rules.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sexton_fuzz::doors::check(bytes));
