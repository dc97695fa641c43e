//! The bridge: the same short scripts on the model and in real PID namespaces with the real init.
//! What every process hears, in which order, who needs KILL and what the init exits with must
//! agree, or the model is fiction.

use sexton_sim::{Act, Case, Ending, MS, OnStop, Outcome, Program, SEC, Settles, Stage, simulate};
use sexton_testkit::{
    Init, Place, Run, eventually, for_both_places, libc, patience, probe_path, scratch,
};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// What is done to an init, one after the other.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A signal is sent to it.
    Send(i32),
    /// These are sent while it is stopped, and then it is continued.
    Burst(&'static [i32]),
}

use Step::{Burst, Send};

/// The options, the family of the probe (see `crates/testkit/src/probe/family.rs`), and the steps.
/// A part that begins with `services` is their supervisor, one that begins with `hook` a stop hook.
struct Script {
    options: &'static [&'static str],
    family: &'static [&'static str],
    steps: &'static [Step],
}

/// Between two steps nothing is under way any more. Within one, what may come in any order must be
/// far apart: who is told with the main command ends much later than it does.
const PAUSE: u64 = 2 * SEC;

const SCRIPTS: &[Script] = &[
    Script {
        options: &[],
        family: &["leaves=7 takes=200", "name=w takes=300", "name=d session orphan takes=300"],
        steps: &[Send(10), Send(28), Send(15)],
    },
    Script {
        options: &["-g"],
        family: &["leaves=7 takes=200", "name=w takes=800", "name=g group takes=800"],
        steps: &[Send(12), Send(2)],
    },
    Script {
        options: &["--to", "all"],
        family: &["leaves=0 takes=200", "name=w takes=800", "name=d session orphan takes=800"],
        steps: &[Send(10), Send(3)],
    },
    Script {
        options: &["--on-exit", "wait"],
        family: &["exits=4", "name=d session orphan takes=200"],
        steps: &[Send(10), Send(15)],
    },
    Script {
        options: &["--drain-timeout", "400ms"],
        family: &["leaves=7 takes=200", "name=deaf ignoring", "name=good takes=100"],
        steps: &[Send(15)],
    },
    Script {
        options: &["--stop-timeout", "400ms", "-g"],
        family: &["ignoring", "name=deaf ignoring session"],
        steps: &[Send(15)],
    },
    Script {
        options: &["--drain-timeout", "none", "--stop-on", "USR1"],
        family: &["exits=7", "name=deaf ignoring orphan"],
        steps: &[Send(10), Send(2), Send(2)],
    },
    Script {
        options: &["--rewrite", "TERM:QUIT", "--rewrite", "USR1:0", "--success", "7"],
        family: &["leaves=7 takes=200", "name=w takes=200"],
        steps: &[Send(10), Send(12), Send(15)],
    },
    Script {
        options: &["--rewrite", "TERM:KILL"],
        family: &["leaves=7", "name=w takes=200"],
        steps: &[Send(15)],
    },
    Script {
        options: &[],
        family: &["leaves=1 takes=200", "name=f stopped takes=200", "name=g stopped group takes=9"],
        steps: &[Send(15)],
    },
    Script {
        options: &["--stop-delay", "300ms"],
        family: &["leaves=2 takes=200", "name=w takes=200"],
        steps: &[Send(15)],
    },
    Script {
        options: &["--as", "tini", "-s", "-g"],
        family: &["leaves=5 takes=200", "name=w takes=300", "name=d session takes=300"],
        steps: &[Send(10), Send(15)],
    },
    Script {
        options: &["--as", "catatonit"],
        family: &["leaves=5 takes=100", "name=w takes=300"],
        steps: &[Send(40), Send(1)],
    },
    Script {
        options: &["-g"],
        family: &["leaves=5 takes=100", "name=w takes=800"],
        steps: &[Burst(&[64, 10, 34, 10, 28, 34]), Burst(&[20, 10]), Send(15)],
    },
    Script {
        options: &[],
        family: &[
            "leaves=7 takes=200",
            "services name=s leaves=4 takes=200",
            "hook name=h exits=3",
            "name=w takes=300",
            "name=d session orphan takes=300",
        ],
        steps: &[Send(10), Send(15)],
    },
    Script {
        options: &["--to", "all", "--on-exit", "wait"],
        family: &["leaves=5 takes=100", "services name=s takes=200", "name=w takes=800"],
        steps: &[Send(12), Send(2)],
    },
];

/// What came of a script: what each process heard, up to each step; then who was killed, and the
/// status.
#[derive(Debug, PartialEq, Eq)]
struct Played {
    heard: Vec<BTreeMap<String, Vec<i32>>>,
    killed: Vec<String>,
    code: i32,
}

#[test]
fn the_model_and_the_kernel_play_every_script_alike() {
    for_both_places(|place| {
        for script in SCRIPTS {
            // What such an init leaves behind would stay on the machine.
            if place == Place::Here && script.options.contains(&"--as") {
                continue;
            }
            let model = on_the_model(script, place);
            let real = for_real(script, place, &model);
            let (options, family) = (script.options, script.family);
            assert_eq!(model, real, "model and real: {place:?} {options:?} {family:?}");
        }
    });
}

fn on_the_model(script: &Script, place: Place) -> Played {
    let mut words = vec!["sexton-init".to_string()];
    words.extend(script.options.iter().map(|word| word.to_string()));
    let beside = script.family.iter().filter_map(|part| Beside::of(part));
    words.extend(beside.flat_map(|beside| [beside.option(), "there"].map(String::from)));
    words.extend(["--", "probe"].map(String::from));
    let place = match place {
        Place::Here => sexton_sim::Place::Host,
        _ => sexton_sim::Place::FirstProcess,
    };
    let mut case = Case::of(1, &words, place);
    case.numbers.0 = 20;
    (case.main, _) = part(script.family[0]);
    let family = script.family[1..].iter().filter(|words| Beside::of(words).is_none());
    case.family = family.map(|words| part(words)).collect();
    for (stage, program) in case.course.iter_mut().flatten() {
        let is_it =
            |words: &&&str| Beside::of(words).is_some_and(|beside| beside.stage() == *stage);
        if let Some(words) = script.family.iter().find(is_it) {
            *program = part(words).0;
        }
    }
    let mut starts = Vec::new();
    for (place, step) in script.steps.iter().enumerate() {
        let at = (place as u64 + 1) * PAUSE;
        starts.push(case.begins + at);
        let sent: &[i32] = match step {
            Send(signal) => &[*signal],
            Burst(signals) => signals,
        };
        let stopped = matches!(step, Burst(_));
        let stop = stopped.then_some(libc::SIGSTOP).into_iter();
        let all = stop.chain(sent.iter().copied()).chain(stopped.then_some(libc::SIGCONT));
        for (turn, number) in all.enumerate() {
            case.acts.push((at + turn as u64 * MS, Act::Signal(signal(number))));
        }
    }
    case.quiet = PAUSE * 9;
    let Outcome { ending, heard, killed, .. } = simulate(case, None);
    let Ending::Left(code) = ending else { panic!("{words:?}: {ending:?}") };
    let ends = starts.into_iter().skip(1).chain([u64::MAX]);
    let heard = ends.map(|end| {
        let mut all: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        // The shell hears that the init was stopped, and writes nothing down.
        for one in heard.iter().filter(|one| one.at < end && one.name != "shell") {
            let number = i32::from(one.signal.number());
            all.entry(one.name.to_string()).or_default().push(number);
        }
        all
    });
    let mut killed: Vec<String> = killed.into_iter().map(String::from).collect();
    killed.sort();
    Played { heard: heard.collect(), killed, code: code.into() }
}

fn signal(number: i32) -> sexton_sim::Signal {
    sexton_sim::Signal::new(number as u32).expect("a signal")
}

/// Who runs beside the main command, or after it.
#[derive(Clone, Copy)]
enum Beside {
    Services,
    Hook,
}

impl Beside {
    fn of(part: &str) -> Option<Beside> {
        match part.split(' ').next() {
            Some("services") => Some(Beside::Services),
            Some("hook") => Some(Beside::Hook),
            _ => None,
        }
    }

    fn option(self) -> &'static str {
        match self {
            Beside::Services => "--supervisor",
            Beside::Hook => "--stop-hook",
        }
    }

    fn stage(self) -> Stage {
        match self {
            Beside::Services => Stage::Services,
            Beside::Hook => Stage::StopHooks,
        }
    }

    /// What the option says: words of a shell, or a directory with a script of them.
    fn value(self, part: &str, log: &Path) -> String {
        let words = part.split_once(' ').map_or("", |(_, words)| words);
        let (probe, log) = (probe_path().display(), log.display());
        let run = format!("exec {probe} family '{words} log={log}' >/dev/null");
        match self {
            Beside::Services => run,
            Beside::Hook => {
                let directory = scratch();
                let script = directory.join("hook");
                fs::write(&script, format!("#!/bin/sh\n{run}\n")).expect("written");
                fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("set");
                directory.display().to_string()
            }
        }
    }
}

/// What the probe's words mean for the model; whether it is an orphan.
fn part(words: &'static str) -> (Program, bool) {
    let (mut program, mut orphan) = (Program { name: "main", ..Program::PLAIN }, false);
    for word in words.split(' ') {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        let number = || value.parse::<u64>().expect("a number");
        match key {
            "name" => program.name = value,
            "leaves" => program.leaves = number() as u8,
            "takes" => program.takes = number() * MS,
            "exits" => (program.leaves, program.lives) = (number() as u8, Some(MS)),
            "ignoring" => program.on_stop = OnStop::Deaf,
            "session" => program.settles = Settles::InASession,
            "group" => program.settles = Settles::InAGroup,
            "stopped" => program.stops = true,
            "orphan" => orphan = true,
            "services" | "hook" => {}
            other => panic!("{other}: no such word"),
        }
    }
    (program, orphan)
}

/// Waits after each step until what the model foretold has happened; what is not, is seen when the
/// patience of the test is at its end.
fn for_real(script: &Script, place: Place, model: &Played) -> Played {
    let log = scratch().join("log");
    let family = script.family.iter().filter(|part| Beside::of(part).is_none());
    let family = family.map(|part| format!("{part} log={}", log.display()));
    let beside = script.family.iter().filter_map(|part| Some((Beside::of(part)?, part)));
    let beside: Vec<String> = beside
        .flat_map(|(beside, part)| [beside.option().to_string(), beside.value(part, &log)])
        .collect();
    let words = ["probe", "family"].map(String::from).into_iter().chain(family);
    let init = Init::new().place(place).options(script.options).options(beside).command(words);
    let mut run = init.spawn().ready();
    for part in script.family.iter().filter(|part| part.contains("stopped")) {
        let name = part.split("name=").nth(1).and_then(|rest| rest.split(' ').next());
        run.process_in_state(name.expect("a name"), 'T');
    }
    for part in script.family.iter().filter(|part| part.starts_with("services")) {
        let name = part.split("name=").nth(1).and_then(|rest| rest.split(' ').next());
        run.process_in_state(name.expect("a name"), 'S');
    }
    if script.family[0].contains("exits=") {
        eventually("the command is gone", || run.others().iter().all(|one| one.name != "main"));
    }
    // In the same tick of the kernel's clock nobody can be told apart.
    std::thread::sleep(Duration::from_millis(30));
    let mut heard = Vec::new();
    for (step, foretold) in script.steps.iter().zip(&model.heard) {
        play(&run, step);
        let last = heard.len() + 1 == script.steps.len();
        if !last {
            let until = Instant::now() + patience();
            while read(&log) != *foretold && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            heard.push(read(&log));
        }
    }
    let end = run.end();
    heard.push(read(&log));
    let names = end.stderr.iter().filter(|line| line.contains("KILL"));
    let mut killed: Vec<String> = names
        .flat_map(|line| line.split('(').skip(1))
        .filter_map(|rest| rest.split_once(')').map(|(name, _)| name.to_string()))
        .collect();
    if script.options.contains(&"TERM:KILL") {
        killed.push("main".to_string());
    }
    killed.sort();
    Played { heard, killed, code: end.code }
}

fn play(run: &Run, step: &Step) {
    match step {
        Send(signal) => run.send(*signal),
        Burst(signals) => {
            run.send(libc::SIGSTOP);
            signals.iter().for_each(|signal| run.send(*signal));
            run.send(libc::SIGCONT);
        }
    }
}

fn read(log: &Path) -> BTreeMap<String, Vec<i32>> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let mut heard: BTreeMap<String, Vec<i32>> = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, number)) = line.split_once(" signal ") {
            heard.entry(name.to_string()).or_default().push(number.parse().expect("a number"));
        }
    }
    heard
}
