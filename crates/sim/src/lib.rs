//! The simulator: the init's own loop (`src/init/supervise.rs`, `audience.rs`, `procfs.rs` and
//! `entries.rs`, the very files) and the real supervisor, run on a model of the kernel's process
//! table. A seed draws what is run, what goes wrong and when; judges who see only what happens say
//! whether it was right. What is promised: `docs/reliability.md`.
//!
//! Start with [`simulate`]. The init's files find here what they find in the init: `sys`, `steps`
//! and `report`, which are the model's.

#![forbid(unsafe_code)]

#[path = "../../../src/init/audience.rs"]
mod audience;
#[path = "../../../src/init/entries.rs"]
mod entries;
#[path = "../../../src/init/procfs.rs"]
mod procfs;
#[path = "../../../src/init/supervise.rs"]
mod supervise;

mod bug;
mod calls;
mod checkers;
mod fact;
mod kernel;
mod life;
mod machine;
mod program;
mod random;
mod report;
mod scenario;
mod steps;
mod sys;
mod world;

pub use bug::{BUGS, Bug};
pub use checkers::{Broken, RULES};
pub use program::{MS, OnStop, Program, SEC, Settles};
pub use scenario::{Act, Case, Place};
pub use world::{Ending, Heard, World};

use kernel::Process;
pub use sexton_core::course::Stage;
pub use sexton_core::signal::Signal;

/// Runs one case to its end.
pub fn simulate(case: Case, bug: Option<Bug>) -> Outcome {
    Outcome::of(machine::run(World::new(case, bug)))
}

/// The same, and tells what happened.
pub fn simulate_and_tell(case: Case, bug: Option<Bug>) -> Outcome {
    Outcome::of(machine::run(World::new(case, bug).traced()))
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// What happened, line by line, if it was to be told.
    pub trace: Vec<String>,
    /// What each process heard, by its name.
    pub heard: Vec<Heard>,
    /// What those are called whom KILL ended.
    pub killed: Vec<&'static str>,
    /// How many processes there were.
    pub processes: usize,
    /// How many signals the init took.
    pub signals: u64,
    /// How many system calls the init made.
    pub calls: u64,
}

impl Outcome {
    fn of(world: World) -> Outcome {
        let killed = |one: &&Process| matches!(one.ended, Some(9));
        let killed = world.kernel.processes.iter().filter(killed).map(|one| one.name).collect();
        Outcome {
            killed,
            ending: world.ending.expect("every run ends"),
            trace: world.trace.unwrap_or_default(),
            heard: world.heard,
            processes: world.kernel.processes.len(),
            signals: world.taken,
            calls: world.calls,
        }
    }
}
