//! What can happen to an init that has a course, and which courses there are.

use sexton_core::course::{STAGES, Stage};
use sexton_core::door::{self, Parsed};
use sexton_core::policy::Policy;
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{Began, Children, Event, Heard, Placement, Source, Sweep};

use crate::world::Wait;

/// One thing that can happen; of some the loop tells in two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    Signal(Signal),
    /// In the wake-up in which the program was found to have ended well.
    EndsAndSignal(Signal),
    /// The program that is under way ends.
    Ends(WaitStatus, Children),
    /// The supervisor of services does; the program too, if that is said.
    ServicesEnd(Option<WaitStatus>, Children),
    /// Others do, or are seen to be left.
    Others(Children),
    Wait(Wait),
}

use Happening::{Ends, Others, ServicesEnd, Signal as Sent};
use WaitStatus::{Exited, Killed};

/// All that happens here, with its name in reports.
pub const ALPHABET: [(&str, Happening); 16] = [
    ("TERM", Sent(Signal::TERM)),
    ("INT", Sent(Signal::INT)),
    ("HUP", Sent(Signal::HUP)),
    ("the program exits 0, children left", Ends(Exited(0), Children::Left)),
    ("the program exits 0, none left", Ends(Exited(0), Children::None)),
    ("the program exits 3, children left", Ends(Exited(3), Children::Left)),
    ("the program is killed, none left", Ends(Killed(Signal::KILL), Children::None)),
    ("the services exit 4, children left", ServicesEnd(None, Children::Left)),
    ("the services exit 4, none left", ServicesEnd(None, Children::None)),
    ("the program and the services exit, none left", ServicesEnd(Some(Exited(0)), Children::None)),
    ("children left", Others(Children::Left)),
    ("none left", Others(Children::None)),
    ("a second later", Happening::Wait(Wait::Second)),
    ("at the deadline", Happening::Wait(Wait::Deadline)),
    ("an hour later", Happening::Wait(Wait::Hour)),
    ("the program exits 0, and TERM", Happening::EndsAndSignal(Signal::TERM)),
];

/// With which status services end here.
pub const OF_SERVICES: WaitStatus = Exited(4);

/// How many programs each stage has, and where the kernel has no process for one.
#[derive(Clone, Debug)]
pub struct Plan {
    programs: [u8; STAGES],
    fails: Option<Stage>,
}

impl Plan {
    fn of(stages: &[Stage]) -> Plan {
        let mut programs = [0; STAGES];
        for stage in stages {
            programs[*stage as usize] += 1;
        }
        Plan { programs, fails: None }
    }

    /// What comes of starting the next program of this stage.
    pub fn start(&mut self, stage: Stage) -> Began {
        if self.fails == Some(stage) {
            return Began::Failed;
        }
        match &mut self.programs[stage as usize] {
            0 => Began::Nothing,
            left => {
                *left -= 1;
                Began::UnderWay(Placement::Apart)
            }
        }
    }
}

/// What is run.
pub fn plans() -> Vec<Plan> {
    use Stage::*;
    let all = [Prologue, Startup, Local, Services, Main, StopHooks, StopServices, AwaitServices];
    let mut plans = vec![
        Plan::of(&[Main]),
        Plan::of(&[Startup, Startup, Main]),
        Plan::of(&[Startup, Main, StopHooks, StopHooks]),
        Plan::of(&[Services, Main]),
        Plan::of(&[Services]),
        Plan::of(&[Services, StopHooks, StopServices, LastHooks]),
        Plan::of(&all),
    ];
    for stage in all.into_iter().chain([LastHooks]) {
        plans.push(Plan { fails: Some(stage), ..Plan::of(&[Startup, Services, Main, LastHooks]) });
    }
    plans
}

/// The policies that make a difference: what the doors make of these words, and of the
/// environment.
pub fn policies() -> Vec<(&'static str, Policy)> {
    const ALL: [(&str, &str); 9] = [
        ("my_init true", ""),
        ("my_init true", "SEXTON_STRICT=1"),
        ("my_init true", "KILL_PROCESS_TIMEOUT=0"),
        ("my_init --no-kill-all-on-exit true", "KILL_PROCESS_TIMEOUT=2"),
        ("my_init true", "SEXTON_STOP_TIMEOUT=8"),
        ("sexton-init --startup d true", ""),
        ("sexton-init --startup d --stop-timeout 3s true", ""),
        ("sexton-init --startup d --on-exit wait --to all true", ""),
        ("sexton-init --startup d --on-exit leave --rewrite TERM:QUIT true", ""),
    ];
    let policy = |(words, variable): (&'static str, &'static str)| {
        let mut policy = Policy::native();
        let words_of_it = words.split(' ').map(str::as_bytes);
        let environment = variable.split_whitespace().map(str::as_bytes);
        let parsed = door::parse(&mut policy, words_of_it, environment);
        assert!(matches!(parsed, Parsed::Run(_)), "{words} {variable}: {parsed:?}");
        (words, policy)
    };
    ALL.into_iter().map(policy).collect()
}

impl Happening {
    /// As the loop tells it.
    pub fn events(self) -> Vec<Event> {
        let swept = |main, children| Event::Swept(Sweep { main, children });
        let heard = |signal, with_the_end| {
            Event::Signal(Heard { signal, source: Source::Process, with_the_end })
        };
        match self {
            Sent(signal) => vec![heard(signal, false)],
            Happening::EndsAndSignal(signal) => {
                vec![swept(Some(Exited(0)), Children::Left), heard(signal, true)]
            }
            Ends(status, children) => vec![swept(Some(status), children)],
            ServicesEnd(program, children) => {
                vec![swept(program, children), Event::ServicesEnded(OF_SERVICES)]
            }
            Others(children) => vec![swept(None, children)],
            Happening::Wait(_) => vec![Event::Tick],
        }
    }
}

/// Who lives, as far as the kernel would show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// A program of a stage.
    pub program: bool,
    /// The supervisor of services.
    pub services: bool,
    /// Perhaps others.
    pub others: bool,
}

impl World {
    pub const EMPTY: World = World { program: false, services: false, others: false };

    /// Whether this can happen. That the end of the program got lost cannot, but shall not hang
    /// us: "none left" is in the alphabet while it is under way.
    pub fn allows(self, happening: Happening) -> bool {
        let anybody = self.program || self.services || self.others;
        match happening {
            Sent(_) | Happening::Wait(_) => true,
            Happening::EndsAndSignal(_) => self.program,
            Ends(_, children) => self.program && !(self.services && children == Children::None),
            ServicesEnd(program, children) => {
                self.services
                    && (program.is_none() || self.program)
                    && (program.is_some() || !self.program || children == Children::Left)
            }
            Others(Children::Left) => anybody,
            Others(Children::None) => anybody && !self.services,
        }
    }

    /// Who lives then.
    pub fn after(mut self, event: Event, stage: Option<Stage>) -> World {
        match event {
            Event::Swept(Sweep { main, children }) => {
                self.program &= main.is_none();
                if children == Children::None {
                    self = World { program: false, services: self.services, others: false };
                }
            }
            Event::ServicesEnded(_) => self.services = false,
            Event::Began(Began::UnderWay(_)) => {
                self.others = true;
                match stage {
                    Some(Stage::Services) => self.services = true,
                    _ => self.program = true,
                }
            }
            _ => {}
        }
        self
    }

    /// What happens if nothing else does.
    pub fn course_of_things(self) -> Happening {
        match self {
            World { program: true, .. } => Ends(Exited(0), Children::Left),
            World { services: true, .. } => ServicesEnd(None, Children::Left),
            _ => Others(Children::None),
        }
    }
}
