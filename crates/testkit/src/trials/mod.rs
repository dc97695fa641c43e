//! Questions that any init can be asked, and answers with right or wrong: ours under each of its
//! names, and the originals. `tests/not_copied` asserts the answers as [`TRIALS`] lists them;
//! `cargo xtask exam` prints them.

mod ends;
mod inheritance;
mod log;
mod signals;
mod start;
mod table;
mod terminal;

pub use table::TRIALS;

use crate::{Door, Exam, Init, Place, Run, eventually, find_program};
use std::time::{Duration, Instant};

/// One question.
#[derive(Debug)]
pub struct Trial {
    /// By which the tests call it.
    pub name: &'static str,
    /// What is right: the row of the table.
    pub right: &'static str,
    /// The originals of which it is known that they do wrong.
    pub wrong_in: &'static [Door],
    /// The doors by which ours does as the original does, for the sake of those who rely on it.
    pub kept_in: &'static [Door],
    /// What it takes to ask.
    pub needs: &'static [Need],
    /// Asks.
    pub ask: fn(&Exam) -> Answer,
}

/// What a question needs of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// PID namespaces.
    Namespaces,
    /// Root, and not by a user namespace.
    Root,
    /// A program.
    Program(&'static str),
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It does what it should.
    Right,
    /// It does not; what it does instead, in a few words.
    Wrong(String),
    /// This init cannot be asked that, as it has no such thing.
    HasNone,
}

impl Answer {
    /// Wrong if this is so.
    fn wrong_if(is_so: bool, words: impl Into<String>) -> Answer {
        if is_so { Answer::Wrong(words.into()) } else { Answer::Right }
    }

    /// Right if this is the code that a run ended with; `None` if it did not end.
    fn by_code(code: Option<i32>, right: i32) -> Answer {
        match code {
            Some(code) if code == right => Answer::Right,
            Some(code) => Answer::Wrong(format!("ends with {code}")),
            None => Answer::Wrong("hangs".into()),
        }
    }
}

impl Trial {
    /// The one of this name.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn named(name: &str) -> &'static Trial {
        TRIALS.iter().find(|trial| trial.name == name).unwrap_or_else(|| panic!("no trial {name}"))
    }

    /// What it needs and this machine has not.
    pub fn lacks(&self) -> Option<String> {
        let access = crate::access();
        self.needs.iter().find_map(|need| match (need, &access) {
            (Need::Namespaces | Need::Root, Err(refused)) => Some(refused.to_string()),
            (Need::Root, Ok(crate::Access::UserNamespace)) => Some("needs root".into()),
            (Need::Program(name), _) if find_program(name).is_none() => {
                Some(format!("{name} is not installed"))
            }
            _ => None,
        })
    }
}

/// That long nothing may happen before we believe that nothing will. Only who does wrong, or waits
/// for ever as it should, takes so long.
const AWHILE: Duration = Duration::from_millis(1000);

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
        Door::Native | Door::Tini => init.options(["-vvv"]),
        Door::DumbInit => init.options(["-v"]),
        _ => init.env("CATATONIT_DEBUG", "1"),
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
    code_within(run, AWHILE)
}

/// The same, for what takes its time by itself.
fn code_within(run: &mut Run, limit: Duration) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    let status = run.wait_within(limit).expect("our child")?;
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

fn within_awhile(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + AWHILE;
    while !condition() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}
