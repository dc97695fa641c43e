//! What is run besides the main command: the stages of a run, in their order.
//!
//! Which of them there are is in a [`Course`]; what follows from their ends is decided by the
//! [`supervisor`](crate::supervisor). Without a course a run has two stages: the main command and
//! the drain.

use crate::book::{Chapter, Page};
use crate::notice::Value;

/// A stage of a run, in the order in which they are gone through. Those of a directory run one
/// program after another; the others run one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Stage {
    /// Before everything else: one program.
    Prologue,
    /// The startup files: a directory.
    Startup,
    /// The last of them: one program, if it is there.
    Local,
    /// The supervisor of services is started, by the shell. It stays.
    Services,
    /// The main command; without one the services are what is waited for.
    Main,
    /// The stop hooks: a directory.
    StopHooks,
    /// The services are stopped, by the shell: their supervisor knows how.
    StopServices,
    /// The supervisor of services itself is told to end.
    EndServices,
    /// The services are waited for, by the shell.
    AwaitServices,
    /// The last hooks, when the services have ended: a directory.
    LastHooks,
}

impl Stage {
    /// Whether it is one of hooks: programs of a stop, each of which may fail for itself.
    pub fn is_of_hooks(self) -> bool {
        matches!(self, Stage::StopHooks | Stage::LastHooks)
    }
}

/// How many.
pub const STAGES: usize = Stage::LastHooks as usize + 1;

/// How an environment store is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreUse {
    /// Its variables are added to those that were given to us, which win; again after each startup
    /// file. Nothing is written.
    Added,
    /// From the first startup file on its variables are all there are. At the start all others are
    /// written into it, and each time all of them are written beside it.
    Everything,
}

/// Where the environment store has its place among the texts.
const STORE: usize = STAGES;

/// Where the name of the services' supervisor has its place in the book.
const NAME: usize = STAGES + 1;

/// What is run in each stage: a directory, a file, or the words of a shell; and where the
/// environment is kept. That of my_init is in the book, see [`TEXTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)] // in this order, the large one last: so the code that reaches the others is shorter
pub struct Course<'a> {
    /// For how many seconds the supervisor of services and its services may take to end; the shell
    /// finds it as `$1`.
    pub seconds: u32,
    /// For which stages there is a text, as bits in their order; and whether there is a store.
    there: u16,
    /// The texts that were named; of the others the book has them.
    named: [Option<&'a [u8]>; STORE + 1],
}

impl<'a> Course<'a> {
    /// Nothing but the main command: nothing but zeros, which take no room in the program.
    pub const EMPTY: Course<'static> = Course { seconds: 0, there: 0, named: [None; STORE + 1] };

    /// Becomes that of my_init.
    pub(crate) fn become_my_init(&mut self) {
        *self = Course::EMPTY;
        self.there = OF_MY_INIT;
        self.seconds = 30;
    }

    /// Takes this as the text of a stage; nothing is run in it if that is empty.
    pub fn name(&mut self, stage: Stage, text: &'a [u8]) {
        self.name_at(stage as usize, text);
    }

    /// Takes this as the directory of the store.
    pub fn name_store(&mut self, text: &'a [u8]) {
        self.name_at(STORE, text);
    }

    #[inline(never)]
    fn name_at(&mut self, place: usize, text: &'a [u8]) {
        self.there &= !(1 << place);
        if let Some(named) = self.named.get_mut(place) {
            *named = Some(text);
            self.there |= u16::from(!text.is_empty()) << place;
        }
    }

    /// Takes what the book has for a stage.
    pub(crate) fn add(&mut self, stage: Stage) {
        self.there |= 1 << stage as u16;
    }

    /// Leaves out these stages.
    pub(crate) fn leave_out(&mut self, stages: &[Stage]) {
        for stage in stages {
            self.there &= !(1 << *stage as u16);
        }
    }

    /// Whether there is nothing but the main command.
    pub fn is_empty(&self) -> bool {
        self.there == 0
    }

    /// Whether there is something to run in this stage.
    pub fn has(&self, stage: Stage) -> bool {
        self.there >> stage as u16 & 1 == 1
    }

    /// What is run in this stage; empty if there is nothing.
    pub fn text(&self, stage: Stage) -> Value<'a> {
        self.text_at(stage as usize)
    }

    /// The directory of the store; empty if there is none.
    pub fn store(&self) -> Value<'a> {
        self.text_at(STORE)
    }

    /// How it is used. Only my_init's own is written to.
    pub fn store_use(&self) -> StoreUse {
        match self.store() {
            Value::Foreign(_) => StoreUse::Added,
            _ => StoreUse::Everything,
        }
    }

    #[inline(never)]
    fn text_at(&self, place: usize) -> Value<'a> {
        match self.named.get(place) {
            _ if self.there >> place & 1 == 0 => Value::Foreign(b""),
            Some(Some(named)) => Value::Foreign(named),
            _ => Value::Line(Page::of(Chapter::Course, place), 0),
        }
    }

    /// What the supervisor of services is called in the log.
    pub fn services(&self) -> Value<'a> {
        match self.text(Stage::Services) {
            Value::Line(..) => Value::Line(Page::of(Chapter::Course, NAME), 0),
            named => named,
        }
    }
}

/// What my_init runs: in the order of [`Stage`], then its store, and what it calls the supervisor
/// of services. The stop is handed to `sv`, as images have control scripts that `sv` knows of.
pub(crate) const TEXTS: &[&str; NAME + 1] = &[
    "/usr/sbin/enable_insecure_key",
    "/etc/my_init.d",
    "/etc/rc.local",
    "/usr/bin/runsvdir -P /etc/service",
    "",
    "/etc/my_init.pre_shutdown.d",
    "/usr/bin/sv -w $1 force-stop /etc/service/* >/dev/null",
    "",
    "while /usr/bin/sv status /etc/service/*|grep -q ^run:;do sleep .1;\
     /usr/bin/sv -w $1 force-stop /etc/service/* >/dev/null;done",
    "/etc/my_init.post_shutdown.d",
    "/etc/container_environment",
    "runit daemon",
];

/// Of which stages my_init has texts, as bits. The first is for those who ask for it.
const OF_MY_INIT: u16 = {
    let (mut there, mut place) = (0, Stage::Prologue as usize + 1);
    while place <= STORE {
        if !TEXTS[place].is_empty() {
            there |= 1 << place;
        }
        place += 1;
    }
    there
};

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::text::Text;

    /// What is run, in words.
    pub(crate) fn text_of(value: Value<'_>) -> String {
        let mut buffer = [0; 256];
        let mut text = Text::new(&mut buffer);
        value.copy(&mut text);
        String::from_utf8(text.bytes().to_vec()).unwrap()
    }

    /// The stages in which something is run.
    fn those_there(course: &Course<'_>) -> Vec<Stage> {
        ALL.into_iter().filter(|stage| course.has(*stage)).collect()
    }

    /// All of them, in their order.
    pub(crate) const ALL: [Stage; STAGES] = [
        Stage::Prologue,
        Stage::Startup,
        Stage::Local,
        Stage::Services,
        Stage::Main,
        Stage::StopHooks,
        Stage::StopServices,
        Stage::EndServices,
        Stage::AwaitServices,
        Stage::LastHooks,
    ];

    #[test]
    fn a_course_is_what_was_named() {
        let mut course = Course::EMPTY;
        assert!(course.is_empty() && those_there(&course).is_empty());
        for stage in ALL {
            assert_eq!(text_of(course.text(stage)), "");
        }
        for stage in ALL {
            course = Course::EMPTY;
            course.name(stage, b"/one");
            assert!(!course.is_empty());
            assert_eq!(those_there(&course), [stage]);
            assert_eq!(text_of(course.text(stage)), "/one");
            course.name(stage, b"");
            assert!(course.is_empty(), "{stage:?}");
            assert_eq!(text_of(course.text(stage)), "");
        }
        course.name_store(b"/env");
        assert!(!course.is_empty() && those_there(&course).is_empty());
        assert_eq!((text_of(course.store()), course.store_use()), ("/env".into(), StoreUse::Added));
        course.name(Stage::Services, b"runsvdir /a");
        assert_eq!(text_of(course.services()), "runsvdir /a");
    }

    #[test]
    fn that_of_my_init_is_in_the_book_and_parts_of_it_can_be_left_out() {
        let mut course = Course::EMPTY;
        course.name(Stage::Prologue, b"/other");
        course.become_my_init();
        let usual =
            |stage: &Stage| !matches!(stage, Stage::Prologue | Stage::Main | Stage::EndServices);
        assert_eq!(those_there(&course), ALL.into_iter().filter(usual).collect::<Vec<_>>());
        for stage in ALL {
            let expected = if usual(&stage) { TEXTS[stage as usize] } else { "" };
            assert_eq!(text_of(course.text(stage)), expected);
        }
        assert_eq!(text_of(course.store()), "/etc/container_environment");
        assert_eq!(course.store_use(), StoreUse::Everything);
        assert_eq!((text_of(course.services()), course.seconds), ("runit daemon".into(), 30));
        course.add(Stage::Prologue);
        assert_eq!(text_of(course.text(Stage::Prologue)), "/usr/sbin/enable_insecure_key");
        course.add(Stage::Prologue);
        assert!(course.has(Stage::Prologue));
        course.leave_out(&[Stage::Startup, Stage::Local]);
        course.leave_out(&[Stage::Startup]);
        assert!(!course.has(Stage::Startup) && !course.has(Stage::Local));
        assert!(course.has(Stage::Services));
        course.add(Stage::Local);
        assert!(course.has(Stage::Local) && !course.has(Stage::Startup));
        course.name(Stage::Startup, b"/mine");
        assert_eq!(text_of(course.text(Stage::Startup)), "/mine");
    }
}
