//! What is wrong with PID 1 on this machine, and whose fault it is, told from `/proc`.
//!
//! ```text
//! proc (read) ─▶ look (twice) ─▶ Sight ─▶ judge ─▶ report ─▶ words
//!                                 a value   pure functions of it
//! ```
//!
//! [`look::look`] reads: everybody once, then again those of whom one moment says nothing. It makes
//! a [`sight::Sight`], and everything after that is a function of it: [`judge`] says what is wrong
//! and why, [`report`] puts it together by namespace and says it in words. Names come from
//! [`names`], and are never needed.
//!
//! Nothing is disturbed: files are opened for reading, no process is stopped, signalled or written
//! to. The one exception is [`probe`], which plants an orphan, and is only done when asked for.

#![forbid(unsafe_code)]

pub mod believers;
pub mod judge;
pub mod look;
pub mod names;
pub mod namespaces;
pub mod probe;
pub mod proc;
pub mod report;
#[cfg(test)]
mod sample;
pub mod sight;
pub mod text;
