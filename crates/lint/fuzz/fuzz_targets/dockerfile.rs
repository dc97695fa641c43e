//! Whatever the bytes are, they are read without a crash, and what is put right stays readable.
#![no_main]

use sexton_lint::exercise::exercise;
use sexton_lint::kind::Kind;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise(bytes, Kind::Dockerfile));
