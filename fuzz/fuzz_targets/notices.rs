//! Whatever a line of the log tells, it stays one line, and JSON stays JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sexton_fuzz::notices::check(bytes));
