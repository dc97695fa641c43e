//! Surroundings that nobody would wish for. What matters most is asked under every door's name:
//! the command runs, hears TERM, and its exit status is the container's.

mod attacks;
mod clocks;
mod groups;
mod homes;
mod limits;
mod pause;
mod places;
mod start;
mod streams;

use sexton_testkit::{Door, Init, libc};

/// A command that has signals by the names of the lines it says, and ends with 0 on TERM.
const LISTENER: [&str; 4] = ["probe", "signals", "until", "TERM"];

/// Ours under every name that runs a command.
fn by_every_name(ask: impl Fn(&str, Init)) {
    ask("sexton-init", Init::new());
    for door in [Door::Tini, Door::DumbInit, Door::Catatonit] {
        ask(door.name(), door.ours().init());
    }
}

/// The same, started by another program.
fn by_every_name_in(wrapper: &[&str], ask: impl Fn(&str, Init)) {
    ask("sexton-init", Init::wrapped(wrapper));
    for door in [Door::Tini, Door::DumbInit, Door::Catatonit] {
        ask(door.name(), door.ours().wrapped(wrapper));
    }
}

/// The command runs, hears TERM, ends with 0, and the init does so too.
#[track_caller]
fn does_its_work(name: &str, init: Init) {
    let mut run = init.command(LISTENER).spawn().ready();
    run.send(libc::SIGTERM);
    let end = run.end();
    assert_eq!((end.code, end.stdout.concat().as_str()), (0, "signal 15 value 0"), "{name}");
}
