//! Signals, durations and numbers are read as an independent reading does.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sexton_fuzz::words::check(bytes));
