//! The bugs of tini, dumb-init and catatonit that ours, under each of their names, does not have.
//!
//! Each test is a question that is answered by "has the bug". It is put to ours by every name, and
//! to the originals where they are installed: a question that nobody answers with yes proves
//! nothing.

mod inheritance;
mod log;
mod signals;
mod start;
mod terminal;

use sexton_testkit::{Door, Exam, Init, Place, Run, eventually, skip};
use std::time::Duration;

const TINI: &[Door] = &[Door::Tini];
const DUMB_INIT: &[Door] = &[Door::DumbInit];
const CATATONIT: &[Door] = &[Door::Catatonit];
const TINI_AND_CATATONIT: &[Door] = &[Door::Tini, Door::Catatonit];
const ALL: &[Door] = &[Door::Tini, Door::DumbInit, Door::Catatonit];

/// That long nothing may happen before we believe that nothing will. Only who has a bug, or waits
/// for ever as it should, takes so long.
const AWHILE: Duration = Duration::from_millis(1000);

/// Puts the question to all at once. `afflicted` are the originals that have the bug.
#[track_caller]
fn judge(afflicted: &[Door], has_the_bug: impl Fn(&Exam) -> bool + Sync) {
    let ask = |exam: &Exam, expected: bool| {
        let whose = exam.whose();
        assert_eq!(has_the_bug(exam), expected, "{whose:?}: {}", exam.door().name());
    };
    std::thread::scope(|scope| {
        for &door in ALL {
            let ask = &ask;
            scope.spawn(move || ask(&door.ours(), false));
            match door.original() {
                Some(original) => {
                    scope.spawn(move || ask(&original, afflicted.contains(&door)));
                }
                None => skip(&format!("{} is not installed: nothing to compare with", door.name())),
            }
        }
    });
}

/// As PID 1, or elsewhere as a subreaper where that has to be asked for.
fn start(exam: &Exam, place: Place) -> Init {
    let init = exam.init().place(place);
    match (exam.door(), place) {
        (Door::Tini, Place::Here) => init.options(["-s"]),
        _ => init,
    }
}

/// With all that it has to say.
fn verbose(exam: &Exam, init: Init) -> Init {
    match exam.door() {
        Door::Tini => init.options(["-vvv"]),
        Door::DumbInit => init.options(["-v"]),
        Door::Catatonit | Door::Pause | Door::MyInit | Door::Setuser => {
            init.env("CATATONIT_DEBUG", "1")
        }
    }
}

/// With signals for the whole process group.
fn for_the_group(exam: &Exam, init: Init) -> Init {
    match exam.door() {
        Door::DumbInit => init,
        _ => init.options(["-g"]),
    }
}

/// The exit status, if there is one within [`AWHILE`] of what should lead to it.
fn code(run: &mut Run) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    let status = run.wait_within(AWHILE).expect("our child")?;
    status.code().or(status.signal().map(|signal| 128 + signal))
}

/// The PID of the one process of this name among the others.
fn pid_of(run: &Run, name: &str) -> i32 {
    let mut found = None;
    eventually(&format!("a process {name}"), || {
        found = run.others().into_iter().find(|one| one.name == name);
        found.is_some()
    });
    found.expect("found").pid
}
