//! What is said of the end of a program, and what programs ignore, stage by stage.

use super::stages::original;
use super::*;
use crate::notice::Saying;
use crate::policy::Faithful;

/// A run in which the program of each stage up to this one, or none, was started.
fn up_to(policy: &Policy, stage: Stage, services: bool) -> Supervisor<'_> {
    let mut supervisor = Supervisor::of_course(policy);
    assert_eq!(supervisor.begin(), Some(Stage::Prologue));
    let now = Moment::new(1000, 0);
    let ended = Sweep { main: Some(WaitStatus::Exited(0)), children: Children::Left };
    let mut next = supervisor.begin();
    while let Some(at) = next {
        let mut actions = Actions::NONE;
        let runs = at == stage || at == Stage::Main || at == Stage::Services && services;
        let began = if runs { Began::UnderWay(Placement::Apart) } else { Began::Nothing };
        supervisor.step(Event::Began(began), now, &mut actions);
        if at == Stage::Main && stage != Stage::Main {
            supervisor.step(Event::Swept(ended), now, &mut actions);
        }
        next = actions.start.filter(|_| at != stage);
    }
    supervisor
}

#[test]
fn the_end_of_a_program_is_said_where_it_is_news() {
    let (good, bad) = (WaitStatus::Exited(0), WaitStatus::Exited(1));
    let killed = WaitStatus::Killed(Signal::KILL);
    let stop = Heard { signal: Signal::TERM, source: Source::Process, with_the_end: false };
    for (policy, first_only) in [(original(), true), (Policy::native(), false)] {
        for stage in [Stage::Prologue, Stage::Startup, Stage::Local, Stage::StopHooks] {
            let mut run = up_to(&policy, stage, false);
            assert!(run.is_aside());
            assert_eq!(run.ended(good, Ends::OfStage), None);
            assert_eq!(run.ended(bad, Ends::OfStage), Some(Saying::StepFailed));
            assert_eq!(run.ended(killed, Ends::OfStage), Some(Saying::StepFailed));
            run.step(Event::Signal(stop), Moment::new(1000, 0), &mut { Actions::NONE });
            assert_eq!(run.ended(killed, Ends::OfStage), None, "{stage:?}: it was told to");
        }
        let run = up_to(&policy, Stage::StopServices, true);
        assert_eq!(run.ended(bad, Ends::OfStage), None);
        let mut run = up_to(&policy, Stage::Main, true);
        assert!(!run.is_aside());
        assert_eq!(run.ended(good, Ends::OfStage), Some(Saying::MainExited));
        assert_eq!(run.ended(killed, Ends::OfStage), Some(Saying::MainKilled));
        assert_eq!(run.ended(good, Ends::Services), None, "it is not what is waited for");
        run.step(Event::Signal(stop), Moment::new(1000, 0), &mut { Actions::NONE });
        let said = run.ended(killed, Ends::OfStage);
        assert_eq!(said, if first_only { None } else { Some(Saying::MainKilled) });
        let main_alone = Supervisor::new(&policy, Placement::Apart);
        assert_eq!((main_alone.begin(), main_alone.is_aside()), (None, false));
    }
    let policy = original();
    let mut alone = up_to(&policy, Stage::Services, true);
    alone.step(Event::Began(Began::Nothing), Moment::new(1000, 0), &mut { Actions::NONE });
    assert_eq!(alone.ended(bad, Ends::Services), Some(Saying::ServicesEnded));
}

#[test]
fn strictly_what_is_started_after_a_stop_ignores_the_stop_signals() {
    let ignored = SignalSet::EMPTY.with(Signal::PIPE);
    let stop = Heard { signal: Signal::INT, source: Source::Process, with_the_end: false };
    for faithful in [Faithful::InWhatIsRight, Faithful::InEverything] {
        let policy = Policy { faithful, ignored, ..original() };
        let mut run = up_to(&policy, Stage::Main, false);
        assert_eq!(run.ignored(), ignored);
        run.step(Event::Signal(stop), Moment::new(1000, 0), &mut { Actions::NONE });
        let after = match faithful {
            Faithful::InWhatIsRight => ignored,
            Faithful::InEverything => ignored.with(Signal::TERM).with(Signal::INT),
        };
        assert_eq!(run.ignored(), after, "{faithful:?}");
    }
}
