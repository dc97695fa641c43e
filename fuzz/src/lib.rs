//! What has to hold whatever the bytes are: a module for each fuzz target. Most of them judge the
//! short inputs of `tests/short_inputs.rs`, too, and are beside it.

#![forbid(unsafe_code)]

#[path = "../../tests/exhaustive/checker.rs"]
#[allow(dead_code, reason = "the enumeration uses more of it")]
mod checker;
#[path = "../../tests/short_inputs/doors.rs"]
pub mod doors;
#[path = "../../tests/short_inputs/files.rs"]
pub mod files;
pub mod histories;
#[path = "../../tests/short_inputs/line.rs"]
pub mod line;
pub mod notices;
#[path = "../../tests/short_inputs/spelling.rs"]
pub mod spelling;
#[path = "../../tests/short_inputs/store.rs"]
pub mod store;
#[path = "../../tests/short_inputs/words.rs"]
pub mod words;
#[path = "../../tests/exhaustive/world.rs"]
#[allow(dead_code, reason = "the enumeration uses more of it")]
mod world;
