//! Finds the mistakes that keep a container from stopping cleanly, before it is shipped.
//!
//! Files become containers ([`sources`]), the command of each is followed down to its program
//! ([`effective`]), the [`rules`] look at the result, and [`report`] shows what they found. Start
//! at [`lint`].
#![forbid(unsafe_code)]

pub mod config;
pub mod container;
pub mod doors;
pub mod effective;
pub mod exercise;
pub mod finding;
pub mod fix;
pub mod kind;
pub mod known;
pub mod lint;
pub mod page;
pub mod read;
pub mod report;
pub mod rules;
pub mod shell;
pub mod source;
pub mod sources;
pub mod suppress;
mod time;
pub mod topics;
pub mod walk;
