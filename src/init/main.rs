//! The init: system calls and one loop, around the decisions of `sexton_core`.
//!
//! `main` is the table of contents. What may fail is over when [`supervise`] is called: from then
//! on PID 1 does not die of anything but the end of its work.

#![no_std]
#![no_main]
#![deny(unsafe_code)]

mod audience;
mod boot;
mod child;
mod entries;
mod listing;
mod procfs;
mod report;
mod steps;
mod store;
mod supervise;
mod sys;
mod terminal;
mod user;

use sexton_core::accounts::Account;
use sexton_core::door::{self, Launch, Parsed};
use sexton_core::exit::ExitCode;
use sexton_core::policy::Policy;

use boot::Inherited;
use steps::Steps;

/// Called by `sys::enter`, with all signals blocked.
#[inline(never)]
fn main(inherited: &mut Inherited) -> ExitCode {
    let mut policy = Policy::native();
    policy.voice.own = sys::own_pid();
    let (words, environment) = (inherited.arguments, inherited.environment);
    match door::parse(&mut policy, words, environment) {
        Parsed::Print(door, key) => report::page(door, key),
        Parsed::Refuse(refusal) => {
            report::refusal(&policy.voice, &refusal);
            policy.own_failure
        }
        Parsed::Run(launch) => match launch.user {
            None => run(&policy, &launch, inherited, None),
            Some(called) => user::run_as(called, &policy, &launch, inherited),
        },
    }
}

/// Runs it: the main command as this user, if not as who we are. A stack frame of its own, as small
/// as it can be: it stays until the end.
#[inline(never)]
fn run(
    policy: &Policy,
    launch: &Launch<'static>,
    inherited: &mut Inherited,
    user: Option<&Account<'_>>,
) -> ! {
    boot::prepare(policy, inherited);
    let mut steps = Steps::new(policy, launch, inherited, user);
    boot::start(&mut steps);
    supervise::supervise(policy, &mut steps)
}
