//! Stands in for `src/init/steps.rs`: what a run has besides its main command is the case's, and a
//! program is started when the supervisor says so. Where there is nothing besides, the main command
//! runs already.

use crate::audience::Circle;
use crate::bug::Bug;
use crate::fact::{Began, Fact};
use crate::kernel::{Task, bit};
use crate::machine::call;
use crate::world::World;
use sexton_core::course::Stage;
use sexton_core::door::Launch;
use sexton_core::notice::Value;
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::supervisor::{self, Placement};
use std::marker::PhantomData;

/// What the init would start, and who was started.
pub struct Steps<'a> {
    pub launch: Launch<'static>,
    pub circle: Circle,
    pub main: Option<Pid>,
    pub services: Option<Pid>,
    pub services_number: u32,
    pub running: Value<'static>,
    course: bool,
    policy: PhantomData<&'a ()>,
}

impl Steps<'_> {
    /// With a course, or with a main command that runs, if there is one.
    pub fn of(circle: Circle, course: bool) -> Self {
        Steps {
            launch: Launch::EMPTY,
            circle,
            main: circle.main,
            services: None,
            services_number: 0,
            running: Value::Foreign(b""),
            course,
            policy: PhantomData,
        }
    }

    /// Whether there is more than the main command.
    pub fn has_course(&self) -> bool {
        self.course
    }

    /// Starts the next program of this stage.
    pub fn start(&mut self, stage: Stage, ignored: SignalSet) -> supervisor::Began {
        let began = call(|world| match world.bug {
            Some(Bug::ForgetsTheHooks) if stage == Stage::StopHooks => Began::Nothing,
            Some(Bug::RunsHooksFirst) if stage == Stage::Main && world.starting => {
                let hook = world.start(Stage::StopHooks, ignored);
                world.starting = false;
                hook
            }
            _ => world.start(stage, ignored),
        });
        let task = match began {
            Began::UnderWay(task) => task,
            Began::Nothing => return supervisor::Began::Nothing,
            Began::Failed => return supervisor::Began::Failed,
        };
        let (pid, name, placement, group) = call(|world| {
            let (one, placement) = (world.kernel.at(task), world.case.placement);
            (Pid::new(one.pid).expect("a number"), one.name, placement, one.group)
        });
        self.running = Value::Foreign(name.as_bytes());
        match stage {
            Stage::Services => (self.services, self.services_number) = (Some(pid), pid.number()),
            _ => self.main = Some(pid),
        }
        if stage == Stage::Main {
            self.circle.main = self.main;
            self.circle.placement = placement;
            self.circle.group = match placement {
                Placement::Apart => pid.number(),
                Placement::WithUs => group,
            };
        }
        supervisor::Began::UnderWay(self.circle.placement)
    }
}

impl World {
    /// The next program of a stage, if there is one and a process for it.
    fn start(&mut self, stage: Stage, ignored: SignalSet) -> Began {
        self.syscall();
        let began = self.try_to_start(stage, ignored);
        self.kernel.facts.push(Fact::Began { stage, began });
        began
    }

    fn try_to_start(&mut self, stage: Stage, ignored: SignalSet) -> Began {
        let course = self.case.course.as_mut().expect("a course");
        let place = course.iter().position(|(of, _)| *of == stage);
        let Some((_, mut program)) = place.map(|place| course.remove(place)) else {
            return Began::Nothing;
        };
        if stage == Stage::Main {
            program = self.case.main;
        }
        if self.case.faults.no_process && !self.quiet && self.random.percent(15) {
            return Began::Failed;
        }
        let Ok(task) = self.kernel.fork(self.init, program.name) else { return Began::Failed };
        self.kernel.at_mut(task).blocked = 0;
        self.place(stage, task);
        if self.hurried {
            program = program.soon();
        }
        program.inherits = (1..=64)
            .filter_map(Signal::new)
            .filter(|one| ignored.contains(*one))
            .fold(0, |set, signal| set | bit(signal));
        if stage == Stage::Main {
            self.starting = false;
            self.start_main(task, program);
        } else {
            self.starts(task, program);
        }
        Began::UnderWay(task)
    }

    fn place(&mut self, stage: Stage, task: Task) {
        match stage {
            Stage::Services => self.services = Some(task),
            _ => self.main = Some(task),
        }
        if stage == Stage::StopServices {
            self.stops_services = Some(task);
        }
    }
}
