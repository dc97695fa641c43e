//! Stands in for `src/init/steps.rs`: here the main command runs already, and there is nothing
//! besides it.

use crate::audience::Circle;
use sexton_core::course::Stage;
use sexton_core::errno::Errno;
use sexton_core::notice::Value;
use sexton_core::process::Pid;
use sexton_core::signal::SignalSet;
use std::marker::PhantomData;

/// What the init would start.
pub struct Steps<'a>(PhantomData<&'a ()>);

impl Steps<'_> {
    /// Nothing.
    pub fn none() -> Self {
        Steps(PhantomData)
    }

    /// Whether there is more than the main command.
    pub fn has_course(&self) -> bool {
        false
    }

    /// What is run, for the log.
    pub fn running(&self) -> Value<'static> {
        Value::Foreign(b"")
    }

    /// What the supervisor of services is called.
    pub fn services(&self) -> Value<'static> {
        Value::Foreign(b"")
    }

    /// Starts the next program of this stage.
    pub fn start(&mut self, _: Stage, _: SignalSet, _: &mut Circle) -> Result<Option<Pid>, Errno> {
        Ok(None)
    }
}
