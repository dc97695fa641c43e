//! dumb-init 1.2.5, asked what it does, and ours under its name. `DUMB_INIT_UNDER_TEST` names the
//! program; without it ours sits the exam.

mod environment;
mod exit_status;
mod inheritance;
mod messages;
mod options;
mod reaping;
mod rewriting;
mod signals;
mod terminal;

use sexton_testkit::{Door, Exam, Init, Place};

fn exam() -> Exam {
    Door::DumbInit.under_test()
}

fn start(place: Place) -> Init {
    exam().init().place(place)
}

/// With `-c`.
fn single_child(place: Place) -> Init {
    start(place).options(["-c"])
}
