//! What is run: drawn from a seed, fault kinds switched on and off as a whole (swarm testing), so
//! that what one kind hides another schedule shows.

use crate::calls::draw_words;
use crate::fact::signal_name;
use crate::program::{MS, Program, SEC};
use crate::random::Random;
use sexton_core::course::Stage;
use sexton_core::door::{self, Launch, Parsed};
use sexton_core::policy::{Mode, Placing, Policy};
use sexton_core::process::Pid;
use sexton_core::signal::Signal;
use sexton_core::supervisor::Placement;
use std::fmt;

/// Where the init runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As the first process of a PID namespace.
    FirstProcess,
    /// Among others who are not its own: on a host, or beside others in a pod.
    Host,
}

/// What the init sees at `/proc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcView {
    /// Its own namespace.
    Ours,
    /// Nothing.
    None,
    /// Another namespace.
    Foreign,
}

/// The kinds of faults; each is there or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    pub stubborn: bool,
    pub forks: bool,
    pub groups: bool,
    pub zombies: bool,
    pub stopped: bool,
    pub executes: bool,
    pub traced: bool,
    pub hung: bool,
    pub outsiders: bool,
    pub foreign: bool,
    pub reuse: bool,
    pub stalls: bool,
    pub suspends: bool,
    pub errors: bool,
    pub broken_log: bool,
    pub small_queue: bool,
    pub strangers: bool,
    pub terminal: bool,
    pub no_process: bool,
}

type Kind = (&'static str, fn(&mut Faults) -> &mut bool);

/// All kinds, and what each brings about.
pub const KINDS: [Kind; 19] = [
    ("stubborn: programs ignore, defer or answer a stop by forking", |f| &mut f.stubborn),
    ("forks: programs fork at any moment", |f| &mut f.forks),
    ("groups: programs leave for groups and sessions of their own", |f| &mut f.groups),
    ("zombies: parents do not reap", |f| &mut f.zombies),
    ("stopped: programs are stopped", |f| &mut f.stopped),
    ("executes: programs lose their handlers for a moment", |f| &mut f.executes),
    ("traced: deaths are seen late", |f| &mut f.traced),
    ("hung: even KILL has to wait", |f| &mut f.hung),
    ("outsiders: processes come in from outside", |f| &mut f.outsiders),
    ("foreign: the main command may not be signalled", |f| &mut f.foreign),
    ("reuse: few numbers, which come again soon", |f| &mut f.reuse),
    ("stalls: the init is slow, stopped or frozen", |f| &mut f.stalls),
    ("suspends: the machine is suspended", |f| &mut f.suspends),
    ("errors: system calls fail without a reason", |f| &mut f.errors),
    ("broken-log: each line of the log raises SIGPIPE", |f| &mut f.broken_log),
    ("small-queue: no room for real-time signals", |f| &mut f.small_queue),
    ("strangers: signals from and to anyone", |f| &mut f.strangers),
    ("terminal: keys are pressed", |f| &mut f.terminal),
    ("no-process: the kernel has no process for a program", |f| &mut f.no_process),
];

/// What befalls the init and its surroundings.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// A signal for the init, from outside.
    Signal(Signal),
    /// One with a value.
    Queue(Signal, u32),
    /// One from somebody below it.
    FromInside(Signal),
    /// A signal for somebody below the init, from outside.
    ToAnyone(Signal),
    /// One for the main command.
    ToMain(Signal),
    /// A key: the kernel tells the init's whole group.
    Terminal(Signal),
    /// Somebody comes in from outside, as by `docker exec`.
    Outsider(Program),
    /// The init does not run for so long.
    Freeze(u64),
    /// The machine was suspended for so long.
    Suspend(u64),
    /// STOP for the init, and later CONT.
    StopInit,
}

impl Act {
    /// In words; nothing if the signal that follows says it all.
    pub fn words(&self) -> Option<String> {
        Some(match self {
            Act::Signal(_) | Act::Queue(..) | Act::FromInside(_) => return None,
            Act::ToAnyone(_) | Act::ToMain(_) => return None,
            Act::Terminal(signal) => format!("a key is pressed for {}", signal_name(*signal)),
            Act::Outsider(program) => format!("a guest comes from outside: {program}"),
            Act::Freeze(span) => format!("the init is frozen for {} ms", span / MS),
            Act::Suspend(span) => format!("the machine was suspended for {} ms", span / MS),
            Act::StopInit => "the init is stopped from outside".to_string(),
        })
    }
}

/// What is run.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where all of it comes from, and all that is decided later.
    pub seed: u64,
    /// How the init is called.
    pub words: Vec<String>,
    /// What its front door made of that.
    pub policy: Policy,
    /// Where it runs.
    pub place: Place,
    /// What it sees.
    pub proc: ProcView,
    /// Whose terminal it is: see `src/init/terminal.rs`.
    pub placement: Placement,
    /// The init's own group is outside the namespace.
    pub outer_group: bool,
    /// The kinds of faults.
    pub faults: Faults,
    /// The main command.
    pub main: Program,
    /// What is run besides it, and it, in this order; `None`: nothing is, and it runs already.
    pub course: Option<Vec<(Stage, Program)>>,
    /// Those it starts before the loop begins: orphans, if so said.
    pub family: Vec<(Program, bool)>,
    /// The main command could not get a group of its own.
    pub unsettled: bool,
    /// The init may not signal the main command.
    pub mains_foreign: bool,
    /// The number given last, and the largest.
    pub numbers: (u32, u32),
    /// `RLIMIT_SIGPENDING`.
    pub queue_max: usize,
    /// How long a process takes at most to see what has come for it.
    pub latency: u64,
    /// The clock at the beginning.
    pub begins: u64,
    /// By how much the clock that counts suspends is ahead.
    pub suspended: u64,
    /// What befalls, and when.
    pub acts: Vec<(u64, Act)>,
    /// When nothing goes wrong any more.
    pub quiet: u64,
    /// When the main command ends at the latest.
    pub main_ends: u64,
    /// When everybody does.
    pub all_end: u64,
}

/// What the programs of each stage are called.
const PROGRAMS: [(Stage, &str); 9] = [
    (Stage::Prologue, "prologue"),
    (Stage::Startup, "startup"),
    (Stage::Local, "local"),
    (Stage::Services, "services"),
    (Stage::Main, "main"),
    (Stage::StopHooks, "hook"),
    (Stage::StopServices, "stop"),
    (Stage::AwaitServices, "await"),
    (Stage::LastHooks, "last"),
];

const FAMILY: [&str; 5] = ["a", "b", "c", "d", "e"];

impl Case {
    /// From a seed.
    pub fn draw(seed: u64) -> Case {
        let mut random = Random::new(seed);
        let random = &mut random;
        let mut faults = Faults::default();
        for (_, kind) in KINDS {
            *kind(&mut faults) = random.percent(40);
        }
        let words = draw_words(random);
        let place = if random.percent(70) { Place::FirstProcess } else { Place::Host };
        let mut case = Case::of(seed, &words, place);
        let shared = case.policy.placing == Placing::Shared;
        if shared || random.percent(25) {
            case.placement = Placement::WithUs;
        }
        case.outer_group = random.percent(30);
        case.proc = match random.below(10) {
            0 => ProcView::None,
            1 => ProcView::Foreign,
            _ => ProcView::Ours,
        };
        case.faults = faults;
        case.main = Program::draw(random, &faults, "main");
        let count = random.below(FAMILY.len() as u64 + 1) as usize;
        for name in FAMILY.into_iter().take(count) {
            case.family.push((Program::draw(random, &faults, name), random.percent(30)));
        }
        case.draw_course(random);
        case.unsettled = faults.errors && random.percent(20);
        case.mains_foreign = faults.foreign && random.percent(50);
        if faults.reuse {
            let max = 320 + random.below(30) as u32;
            case.numbers = (300 + random.below(20) as u32, max);
        }
        if faults.small_queue {
            case.queue_max = random.below(3) as usize;
        }
        case.latency = random.span(2000, 10 * MS);
        case.suspended = random.below(1000) * MS;
        case.draw_acts(random);
        case
    }

    /// A quiet one, in which nothing befalls. As with env(1), what has a `=` in front of the door's
    /// name is a variable.
    ///
    /// # Panics
    /// If the words are no command line.
    pub fn of(seed: u64, words: &[String], place: Place) -> Case {
        let mut policy = Policy::native();
        policy.voice.own = Pid::new(1).expect("1");
        let variables = words.iter().take_while(|word| word.contains('=')).count();
        let (variables, line) = words.split_at(variables);
        let [variables, line] =
            [variables, line].map(|part| part.iter().map(|word| word.as_bytes()));
        let launch = match door::parse(&mut policy, line, variables) {
            Parsed::Run(launch) => launch,
            other => panic!("{words:?}: {other:?}"),
        };
        let course = (!launch.course.is_empty()).then(|| Case::plain_course(&launch));
        Case {
            seed,
            words: words.to_vec(),
            policy,
            place,
            proc: ProcView::Ours,
            placement: Placement::Apart,
            outer_group: false,
            faults: Faults::default(),
            main: Program::PLAIN,
            course,
            family: Vec::new(),
            unsettled: false,
            mains_foreign: false,
            numbers: (1, 32768),
            queue_max: usize::MAX,
            latency: 10_000,
            begins: 1000 * SEC,
            suspended: 0,
            acts: Vec::new(),
            quiet: 0,
            main_ends: 40 * SEC,
            all_end: 80 * SEC,
        }
    }

    /// One program for each stage that has something to run.
    fn plain_course(launch: &Launch<'_>) -> Vec<(Stage, Program)> {
        let mut course = Vec::new();
        for (stage, name) in PROGRAMS {
            let there = match stage {
                Stage::Main => launch.command_at > 0,
                _ => launch.course.has(stage),
            };
            if there {
                course.push((stage, Program { name, ..Program::PLAIN }));
            }
        }
        course
    }

    /// What is run in each stage that there is; of a directory some programs.
    fn draw_course(&mut self, random: &mut Random) {
        let Some(plain) = self.course.take() else { return };
        let mut course = Vec::new();
        for (stage, Program { name, .. }) in plain {
            let count = match stage {
                Stage::Startup | Stage::StopHooks | Stage::LastHooks => random.below(4),
                Stage::Local => random.below(2),
                _ => 1,
            };
            for _ in 0..count {
                let drawn = Program::draw(random, &self.faults, name);
                course.push((
                    stage,
                    match stage {
                        Stage::Services if random.percent(80) => Program { lives: None, ..drawn },
                        Stage::Services => drawn,
                        _ => drawn.step(random),
                    },
                ));
            }
        }
        self.course = Some(course);
    }

    fn draw_acts(&mut self, random: &mut Random) {
        self.quiet = random.span(MS, 30 * SEC);
        let (signals, count) = (draw_signals(random), random.below(14));
        for _ in 0..count {
            let at = random.span(10_000, self.quiet);
            let signal = random.pick(&signals);
            let act = self.draw_act(random, signal);
            // Some of them come together.
            let burst = if random.percent(15) { 1 + random.below(4) } else { 1 };
            self.acts.extend((0..burst).map(|_| (at, act)));
        }
        if random.percent(70) {
            let at = random.span(MS, self.quiet);
            self.acts
                .push((at, Act::Signal(random.pick(&[Signal::TERM, Signal::TERM, Signal::INT]))));
        }
        self.main_ends = self.quiet + 20 * SEC;
        self.all_end = self.main_ends + 30 * SEC;
    }

    fn draw_act(&self, random: &mut Random, signal: Signal) -> Act {
        let faults = &self.faults;
        let mut acts = vec![Act::Signal(signal); 3];
        acts.push(Act::Queue(signal, random.next() as u32 | 1));
        if faults.strangers {
            acts.extend([Act::FromInside(signal), Act::ToAnyone(signal), Act::ToMain(signal)]);
        }
        if faults.stopped {
            let stop = random.pick(&[Signal::STOP, Signal::TSTP, Signal::CONT]);
            acts.extend([Act::ToAnyone(stop), Act::ToMain(stop)]);
        }
        if faults.terminal && self.placement == Placement::WithUs && !self.outer_group {
            let key = random.pick(&[Signal::INT, Signal::QUIT, Signal::TSTP, Signal::WINCH]);
            acts.extend([Act::Terminal(key); 3]);
        }
        if faults.outsiders {
            acts.push(Act::Outsider(Program::draw(random, faults, "guest")));
        }
        if faults.stalls {
            acts.extend([Act::Freeze(random.span(MS, 5 * SEC)), Act::StopInit]);
        }
        if faults.suspends {
            acts.push(Act::Suspend(random.span(1, 100_000) * MS));
        }
        random.pick(&acts)
    }
}

/// What is sent in a run: a few signals of all there are.
fn draw_signals(random: &mut Random) -> Vec<Signal> {
    let common =
        [Signal::TERM, Signal::TERM, Signal::INT, Signal::QUIT, Signal::HUP, Signal::WINCH];
    let mut signals = vec![random.pick(&common), random.pick(&common)];
    for _ in 0..random.below(4) {
        let any = Signal::new(1 + random.below(64) as u32).unwrap_or(Signal::TERM);
        if !matches!(any, Signal::KILL | Signal::STOP) {
            signals.push(any);
        }
    }
    signals
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "seed {}: {}", self.seed, self.words.join(" "))?;
        let (place, proc, placement) = (self.place, self.proc, self.placement);
        writeln!(out, "  init: {place:?}, /proc {proc:?}, main command {placement:?}")?;
        if self.policy.mode == Mode::Run {
            writeln!(out, "  main: {}", self.main)?;
        }
        for (stage, program) in self.course.iter().flatten() {
            if *stage != Stage::Main {
                writeln!(out, "  {stage:?}: {program}")?;
            }
        }
        for (program, orphan) in &self.family {
            let orphan = if *orphan { ", an orphan" } else { "" };
            writeln!(out, "  {}{orphan}: {program}", program.name)?;
        }
        let mut faults = self.faults;
        for (name, kind) in KINDS {
            writeln!(out, "  {} {name}", if *kind(&mut faults) { "on " } else { "off" })?;
        }
        let times = [self.quiet, self.main_ends, self.all_end];
        let [quiet, main, all] = times.map(|nanos| nanos as f64 / SEC as f64);
        writeln!(
            out,
            "  quiet after {quiet:.3} s; main is ended after {main:.3} s, all after {all:.3} s"
        )
    }
}
