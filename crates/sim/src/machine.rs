//! The machine that the init runs on: its system calls (`sys.rs`) come here, to the world of the
//! run that is under way on this thread. The init never returns; its end is an unwinding.

use crate::steps::Steps;
use crate::supervise::supervise;
use crate::world::{Ending, World};
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// What unwinds the init when its run is over.
struct Over;

/// One system call of the init. Does not return if the run is over.
pub fn call<T>(work: impl FnOnce(&mut World) -> T) -> T {
    let answer = WORLD.with_borrow_mut(|place| {
        let world = place.as_mut().expect("a run is under way");
        let answer = work(world);
        world.settle();
        world.ending.is_none().then_some(answer)
    });
    answer.unwrap_or_else(|| panic::resume_unwind(Box::new(Over)))
}

/// Runs the init in this world to its end.
pub fn run(world: World) -> World {
    if cfg!(panic = "abort") {
        panic!("the init's end is an unwinding: build with --profile sim");
    }
    let (mut policy, circle) = (world.case.policy.clone(), world.circle());
    policy.voice.own = circle.own;
    let course = world.case.course.is_some();
    WORLD.set(Some(world));
    let ended = panic::catch_unwind(AssertUnwindSafe(|| {
        supervise(&policy, &mut Steps::of(circle, course));
    }));
    let mut world = WORLD.take().expect("the run has ended");
    if let Err(payload) = ended
        && !payload.is::<Over>()
    {
        let words = payload.downcast_ref::<String>().cloned();
        let words = words.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string()));
        world.ending = Some(Ending::Panicked(words.unwrap_or_default()));
    }
    world
}
