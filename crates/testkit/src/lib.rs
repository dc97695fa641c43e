//! What the behaviour tests share: the init started as PID 1 and as an ordinary process
//! ([`Init`]), what it and its command say ([`Run`]), conditions waited for ([`eventually`]),
//! terminals ([`Pty`]), and the `probe`, which plays the commands. [`Exam`] is for the inits whose
//! names ours may be called by.
//!
//! Which init: `INIT_UNDER_TEST`, else the one that cargo built with the test. Which probe:
//! `SEXTON_PROBE`, else the one beside it, which is built where it is missing.

pub mod accounts;
mod cgroup;
mod deviations;
mod docker;
mod exam;
mod fates;
pub mod faults;
mod find;
mod image;
mod init;
mod lease;
mod lines;
mod pty;
pub mod questions;
mod run;
pub mod signals;
mod skip;
pub mod trials;
mod view;
mod wait;

pub use cgroup::{Cgroup, Controller};
pub use deviations::{Deviation, Strict, deviations};
pub use docker::{Docker, find_program, make_image, may_run_engines};
pub use exam::{Door, Exam, Whose};
pub use fates::{Fates, ranges};
pub use find::{init_path, is_ours, probe_path};
pub use image::Image;
pub use init::{Init, for_both_places};
pub use lease::Lease;
pub use lines::Lines;
pub use pty::Pty;
pub use run::{End, Run};
pub use sexton_pidns::{Access, Pid1, Place, Proc, Process, Running, Session, Stream, access};
pub use skip::{namespaces, program, real_root, skip};
pub use view::View;
pub use wait::{eventually, patience, scratch};
pub use {libc, rustix, serde_json};
