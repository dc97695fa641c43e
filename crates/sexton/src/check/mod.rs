//! `sexton check`: run it as PID 1, stop it, and prove whether the stop was clean.
//!
//! [`run::perform`] runs it and keeps what was seen as a [`record::Record`]; [`verdict::judge`]
//! is a pure function of that; [`report::Report`] is both, for one run or two (`--with-init`).
//! What people read is drawn by `text.rs` (with `advice.rs` and `timeline.rs`), the picture by
//! `svg.rs`, and `--json` prints the report itself. `--container` only predicts: `predict.rs`.

#![forbid(unsafe_code)]

mod advice;
mod args;
mod chart;
mod container;
mod engine;
mod exit;
mod output;
mod predict;
mod progress;
mod ready;
mod record;
mod report;
mod run;
#[cfg(test)]
mod samples;
mod subject;
mod svg;
mod tally;
mod text;
mod timeline;
mod trouble;
mod verdict;
mod words;

pub use args::Args;

use crate::demo::layout::Look;
use crate::init_path;
use container::Creation;
use engine::Engine;
use output::Show;
use progress::Progress;
use ready::When;
use report::{Report, Run};
use run::{Plan, Planting, Streams, What};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use trouble::NoVerdict;

/// Checks, and says what was found.
pub fn run(args: &Args) -> ExitCode {
    let done = match &args.container {
        Some(name) => predict::run(args, name),
        None => check(args),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(trouble) => {
            container::leave_if_interrupted();
            let words = trouble.last_words().trim_end();
            if !words.is_empty() && !args.output {
                anstream::eprintln!("{}", text::last_words(words));
            }
            anstream::eprintln!("sexton: {trouble}");
            ExitCode::from(trouble.exit_code())
        }
    }
}

fn check(args: &Args) -> Result<u8, NoVerdict> {
    let init = args.with_init.as_ref().map(|named| find_init(named.as_deref())).transpose()?;
    let plan = plan(args)?;
    let first = perform(&plan, None, if init.is_some() { "1 of 2: " } else { "" })?;
    let mut runs = vec![first];
    let second = init.map(|init| {
        let run = perform(&under(&plan, &init), Some(&init), "2 of 2: ");
        run.map_err(|trouble| format!("under {}: {trouble}", init.display()))
    });
    // What was found of the first is not lost.
    let trouble = match second {
        Some(Ok(run)) => {
            runs.push(run);
            None
        }
        Some(Err(trouble)) => Some(trouble),
        None => None,
    };
    let report = Report::new(args, &plan, runs);
    if let Some(file) = &args.svg {
        std::fs::write(file, svg::draw(&report))
            .map_err(|error| format!("--svg {}: {error}", file.display()))?;
    }
    // A closed pipe is no error: the exit code still tells.
    let _ = match args.json {
        true => writeln!(std::io::stdout(), "{}", report.to_json()),
        false => anstream::stdout().write_all(text::draw(&report, &Look::of_stdout()).as_bytes()),
    };
    trouble.map_or(Ok(report.exit_code), |trouble| Err(trouble.into()))
}

fn perform(plan: &Plan, init: Option<&Path>, label: &str) -> Result<Run, NoVerdict> {
    let progress = Progress::of(label, plan.show);
    let record = run::perform(plan, &progress)?;
    Ok(Run::new(init, record))
}

fn plan(args: &Args) -> Result<Plan, NoVerdict> {
    let (what, stop_signal) = match &args.image {
        Some(image) => {
            let engine = Engine::find(args.engine.as_deref())?;
            let config = engine.image(image)?;
            let stop_signal = config.stop_signal;
            let creation = Creation {
                engine,
                image: image.clone(),
                config,
                options: args.run_option.clone(),
                command: args.command.clone(),
                init: None,
            };
            (What::Container(creation), stop_signal)
        }
        None if args.command.is_empty() => {
            let words = "what is to be checked? sexton check -- COMMAND, --image NAME or \
                         --container NAME";
            return Err(words.to_owned().into());
        }
        None => (What::Command(args.command.clone()), None),
    };
    let ready = match (args.ready_after, args.ready_port, &args.ready_log) {
        (Some(time), ..) => When::After(time),
        (_, Some(port), _) => When::Port(port),
        (_, _, Some(regex)) => When::Log(regex.as_str().to_owned()),
        (None, None, None) => When::Quiet,
    };
    Ok(Plan {
        what,
        signal: args.signal.or(stop_signal).unwrap_or(libc::SIGTERM),
        grace: args.grace,
        ready,
        ready_limit: args.ready_timeout,
        log: args.ready_log.clone(),
        orphan: if args.no_orphan { Planting::Leave } else { Planting::Plant },
        watching: args.watch,
        streams: if args.tty { Streams::Terminal } else { Streams::Pipes },
        show: if args.output { Show::All } else { Show::Nothing },
    })
}

/// The same with an init in front.
fn under(plan: &Plan, init: &Path) -> Plan {
    let what = match &plan.what {
        What::Command(words) => {
            let front = [init.as_os_str().to_owned(), OsString::from("--")];
            What::Command(front.into_iter().chain(words.iter().cloned()).collect())
        }
        What::Container(creation) => {
            What::Container(Creation { init: Some(init.to_owned()), ..creation.clone() })
        }
    };
    Plan { what, ..plan.clone() }
}

/// sexton-init, or the one that is named by its path or found in PATH.
fn find_init(named: Option<&Path>) -> Result<PathBuf, NoVerdict> {
    let Some(named) = named else {
        return init_path::find().map_err(|missing| missing.to_string().into());
    };
    let in_path = || init_path::in_path(&named.to_string_lossy());
    match named.is_file() {
        true => Ok(std::path::absolute(named).unwrap_or_else(|_| named.to_owned())),
        false => in_path()
            .ok_or_else(|| format!("--with-init={}: no such program", named.display()).into()),
    }
}
