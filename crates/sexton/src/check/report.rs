//! What was found, of one run or of two, and how `--json` prints it.

use super::args::Args;
use super::exit;
use super::record::{Delivered, End, From, Life, Orphan, Record, in_millis};
use super::run::{Plan, What};
use super::verdict::{Fault, How, Judged, Reaps, Told, Verdict, judge};
use super::words::signal_name;
use serde_json::{Value, json};
use sexton_watch::{Hearing, Reaction};
use std::path::Path;

/// Everything that is to be said.
pub struct Report {
    /// What was checked, as it would be typed.
    pub subject: String,
    pub signal: i32,
    pub grace_ms: f64,
    /// As it is, and with `--with-init` under that init.
    pub runs: Vec<Run>,
    pub exit_code: u8,
}

/// One run, judged.
pub struct Run {
    /// The init in front, by its file name.
    pub init: Option<String>,
    pub record: Record,
    pub verdict: Verdict,
}

impl Run {
    pub fn new(init: Option<&Path>, record: Record) -> Run {
        let verdict = judge(&record);
        let name = |init: &Path| init.file_name().unwrap_or_default().to_string_lossy().into();
        Run { init: init.map(name), record, verdict }
    }
}

impl Report {
    /// The exit code is that of the command as it is.
    pub fn new(args: &Args, plan: &Plan, runs: Vec<Run>) -> Report {
        let faults = runs.first().map_or(&[][..], |run| &run.verdict.faults);
        Report {
            subject: subject(plan),
            signal: plan.signal,
            grace_ms: in_millis(plan.grace),
            exit_code: exit::code(faults, &args.fail_on),
            runs,
        }
    }

    /// One object; its keys are documented in `docs/check.md` and stay.
    pub fn to_json(&self) -> Value {
        json!({
            "version": 1,
            "sexton": env!("CARGO_PKG_VERSION"),
            "kernel": rustix::system::uname().release().to_string_lossy(),
            "subject": self.subject,
            "signal": signal_name(self.signal),
            "grace_ms": self.grace_ms,
            "exit_code": self.exit_code,
            "runs": self.runs.iter().map(run).collect::<Vec<_>>(),
        })
    }
}

fn subject(plan: &Plan) -> String {
    let quoted = |word: &str| match word {
        "" => "''".to_owned(),
        word if word.contains(|c: char| c.is_whitespace() || "'\"$;&|<>()*`\\".contains(c)) => {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
        word => word.to_owned(),
    };
    let words = match &plan.what {
        What::Command(words) => words.clone(),
        What::Container(creation) => {
            let mut words = vec![creation.image.clone().into()];
            words.extend(creation.command.iter().cloned());
            words
        }
    };
    words.iter().map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn run(run: &Run) -> Value {
    let Run { init, record, verdict } = run;
    let lives = record.lives.iter().zip(&verdict.ends);
    json!({
        "init": init,
        "faults": verdict.faults.iter().map(|&fault| fault_name(fault)).collect::<Vec<_>>(),
        "watched": record.watch,
        "ready": record.ready,
        "stops": {
            "in_time": !record.at_limit,
            "after_ms": in_millis(record.gone),
            "end": record.pid1().and_then(|life| life.end).map(|(_, end)| end_name(end)),
            "teardown_ms": record.teardown.map(in_millis),
        },
        "reaps": {
            "verdict": match verdict.reaps {
                Reaps::Yes => "yes",
                Reaps::No => "no",
                Reaps::NotTried => "not-tried",
            },
            "after_ms": match &record.orphan {
                Orphan::Reaped { after } => Some(in_millis(*after)),
                Orphan::LeftAsZombie | Orphan::NotPlanted { .. } => None,
            },
            "reason": match &record.orphan {
                Orphan::NotPlanted { reason } => Some(reason),
                Orphan::Reaped { .. } | Orphan::LeftAsZombie => None,
            },
            "zombies": record.zombies,
        },
        "clean": verdict.is_clean(),
        "processes": lives.map(|(life, judged)| process(life, *judged)).collect::<Vec<_>>(),
        "output": record.last_words,
    })
}

fn process(life: &Life, judged: Judged) -> Value {
    let end = life.end.map(|(_, end)| end_name(end));
    let (told, told_ms, told_by) = match judged.told {
        Told::By(one) => ("yes", Some(in_millis(one.at)), Some(sender(one.from))),
        Told::Never => ("never", None, None),
        Told::NotSeen => ("not-seen", None, None),
    };
    json!({
        "pid": life.pid,
        "parent": life.parent,
        "name": life.name,
        "command": life.command,
        "born_ms": life.born.map(in_millis),
        "listened": hearing_name(life.hearing),
        "told": told,
        "told_ms": told_ms,
        "told_by": told_by,
        "signals": life.signals.iter().map(delivered).collect::<Vec<_>>(),
        "end": end,
        "end_ms": life.end.map(|(at, _)| in_millis(at)),
        "how": how_name(judged.how),
    })
}

fn delivered(one: &Delivered) -> Value {
    json!({
        "signal": signal_name(one.signal),
        "at_ms": in_millis(one.at),
        "from": sender(one.from),
        "reaction": match one.reaction {
            Reaction::Handler => "handler",
            Reaction::Ignores => "ignores",
            Reaction::Default => "default",
            Reaction::Unknown => "unknown",
        },
    })
}

/// A PID, or a word.
fn sender(from: From) -> Value {
    match from {
        From::Outside => json!("outside"),
        From::Kernel => json!("kernel"),
        From::Process(pid) => json!(pid),
        From::Unknown => json!("unknown"),
    }
}

pub fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Deaf => "deaf",
        Fault::Unclean => "unclean",
        Fault::NotReaping => "not-reaping",
    }
}

fn hearing_name(hearing: Hearing) -> &'static str {
    match hearing {
        Hearing::Handler => "handler",
        Hearing::Waits => "sigwait",
        Hearing::Signalfd => "signalfd",
        Hearing::Ignores => "ignores",
        Hearing::Blocks => "blocks",
        Hearing::Nothing => "default",
        Hearing::Unknown => "unknown",
    }
}

fn how_name(how: How) -> &'static str {
    match how {
        How::Itself(_) => "itself",
        How::Signal(_) => "signal",
        How::Crashed(_) => "crashed",
        How::KilledByTeardown => "killed-by-teardown",
        How::KilledInside => "killed-from-inside",
        How::KilledAtLimit => "killed-at-the-limit",
        How::Gone => "gone",
        How::Remains => "remains",
    }
}

/// `exit 0`, `SIGKILL`; `gone` where the kernel does not tell.
fn end_name(end: End) -> String {
    end.to_string()
}
