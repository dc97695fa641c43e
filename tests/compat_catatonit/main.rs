//! catatonit 0.1.7, asked what it does, and ours under its name. `CATATONIT_UNDER_TEST` names the
//! program; without it ours sits the exam.

mod environment;
mod exit_status;
mod inheritance;
mod options;
mod pausing;
mod reaping;
mod signals;
mod terminal;

use sexton_testkit::{Door, Exam, Init, Place};

fn exam() -> Exam {
    Door::Catatonit.under_test()
}

fn start(place: Place) -> Init {
    exam().init().place(place)
}
