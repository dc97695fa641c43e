//! The decisions of the init, and nothing else: no I/O, no clock, no allocation, no unsafe, no
//! panic. The system calls are in the `sexton-init` program beside this library (`src/init`).
//!
//! Start with [`supervisor`]: the state machine that every run goes through. What was typed is
//! turned into a [`policy::Policy`] by [`door`]; below it nobody knows how it was typed.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod accounts;
pub mod book;
pub mod course;
pub mod door;
pub mod errno;
pub mod exec;
pub mod exit;
pub mod limits;
pub mod notice;
mod packing;
pub mod policy;
pub mod process;
pub mod signal;
pub mod sorting;
pub mod status;
pub mod store;
pub mod supervisor;
pub mod text;
pub mod time;
pub mod words;
