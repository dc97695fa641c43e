//! Stands in for `src/init/steps.rs`: here the main command runs already, and there is nothing
//! besides it.

use crate::audience::Circle;
use sexton_core::course::Stage;
use sexton_core::door::Launch;
use sexton_core::notice::Value;
use sexton_core::process::Pid;
use sexton_core::signal::SignalSet;
use sexton_core::supervisor::Began;
use std::marker::PhantomData;

/// What the init would start, and who was started.
pub struct Steps<'a> {
    pub launch: Launch<'static>,
    pub circle: Circle,
    pub main: Option<Pid>,
    pub services: Option<Pid>,
    pub services_number: u32,
    pub running: Value<'static>,
    policy: PhantomData<&'a ()>,
}

impl Steps<'_> {
    /// The main command runs, if there is one.
    pub fn of(circle: Circle) -> Self {
        Steps {
            launch: Launch::EMPTY,
            circle,
            main: circle.main,
            services: None,
            services_number: 0,
            running: Value::Foreign(b""),
            policy: PhantomData,
        }
    }

    /// Whether there is more than the main command.
    pub fn has_course(&self) -> bool {
        !self.launch.course.is_empty()
    }

    /// Starts the next program of this stage.
    pub fn start(&mut self, _: Stage, _: SignalSet) -> Began {
        Began::Nothing
    }
}
