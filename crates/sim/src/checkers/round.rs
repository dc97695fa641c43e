//! What the init did between two waits.

use crate::fact::Began;
use crate::kernel::{Info, Kernel, Outcome, Task};
use sexton_core::course::Stage;
use sexton_core::signal::Signal;

/// Somebody who lived when the round began.
#[derive(Clone, Debug)]
pub struct Member {
    pub task: Task,
    pub group: u32,
    pub descends: bool,
    pub ignored: u64,
}

impl Member {
    pub fn of(task: Task, kernel: &Kernel, init: Task) -> Member {
        let (one, descends) = (kernel.at(task), kernel.descends(task, init));
        Member { task, group: one.group, descends, ignored: one.ignored }
    }
}

/// A signal that the init sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub to: Task,
    pub info: Info,
    pub outcome: Outcome,
    /// Where he was then.
    pub group: u32,
    pub descends: bool,
}

/// From a wake-up to the next wait.
#[derive(Clone, Debug, Default)]
pub struct Round {
    pub members: Vec<Member>,
    /// Who was born in it, as he was then.
    pub born: Vec<Member>,
    /// The signal that was taken.
    pub took: Option<Info>,
    /// With which status the main command was reaped, or what was under way in its place.
    pub main_ended: Option<u32>,
    /// The same of the supervisor of services.
    pub services_ended: Option<u32>,
    /// What was to be started, and what came of it.
    pub begun: Vec<(Stage, Began)>,
    /// By which signal it was stopped, as wait4 said.
    pub main_stopped: Option<Signal>,
    /// wait4 said that there is no child, and that was so.
    pub childless: bool,
    pub wait_failed: bool,
    pub sends: Vec<Sent>,
    /// When the init read the clock, by each of them.
    pub clock: u64,
    pub boottime: u64,
    /// It exited.
    pub left: Option<u8>,
}

impl Round {
    pub fn begin(kernel: &Kernel, init: Task) -> Round {
        let living = kernel.tasks().filter(|task| kernel.at(*task).lives() && *task != init);
        let members = living.map(|task| Member::of(task, kernel, init));
        let (clock, boottime) = (kernel.now, kernel.boottime());
        Round { members: members.collect(), clock, boottime, ..Round::default() }
    }

    /// This one as he was when it began, or when he was born.
    pub fn member(&self, task: Task) -> Option<&Member> {
        self.members.iter().chain(&self.born).find(|member| member.task == task)
    }
}
