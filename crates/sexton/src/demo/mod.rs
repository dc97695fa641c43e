//! `sexton demo`: what goes wrong under PID 1, and the cure, shown with real processes.
//!
//! Three scenes ([`claims::Scene`]), each run in fresh PID namespaces under up to four runners
//! ([`claims::Runner`]). What should happen is data (`claims.rs`), what did happen is measured
//! (`stage.rs`, `fate.rs`) and kept ([`report::Report`]); `text.rs` and `table.rs` draw it. The
//! exit code says whether the two agree.

mod actors;
mod claims;
mod fate;
pub mod layout;
mod progress;
mod records;
mod report;
#[cfg(test)]
mod samples;
mod scenes;
mod stage;
mod table;
mod text;

pub use actors::{Actor, act};

use crate::{cannot, init_path};
use claims::{Runner, Scene};
use report::{LeftOut, Report, SceneReport};
use stage::{Stage, Trouble};
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

/// Exit codes: 0 everything happened as claimed, 1 something did not, 125 it could not be tried.
#[derive(clap::Args)]
#[command(after_help = report::EXIT_CODES, after_long_help = report::JSON_KEYS)]
pub struct Args {
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the whole demo.
pub fn run(args: &Args) -> ExitCode {
    match show(args) {
        Ok(report) if report.ok => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(trouble) => cannot(&trouble),
    }
}

fn show(args: &Args) -> Result<Report, Trouble> {
    let access = sexton_pidns::access().map_err(|refused| {
        format!("the demo needs namespaces, which are refused here: {refused}")
    })?;
    let init = init_path::find().map_err(|missing| missing.to_string())?;
    let stage = Stage::new(access, init)?;
    let mut report = Report::new(&stage);
    let look = layout::Look::of_stdout();
    // A closed pipe is no reason to stop: the exit code still tells.
    let print = |text: String| {
        if !args.json {
            let _ = anstream::stdout().write_all(text.as_bytes());
        }
    };

    print(text::header(&report));
    let began = Instant::now();
    for scene in Scene::ALL {
        let done = perform(&stage, scene)?;
        print(text::scene(&done, &look));
        report.add(done);
    }
    report.finish(began.elapsed());
    print(table::summary(&report, &look));
    if args.json {
        let _ = writeln!(std::io::stdout(), "{}", report.to_json());
    }
    Ok(report)
}

/// All runners at once: they share nothing but the machine, and mostly wait.
fn perform(stage: &Stage, scene: Scene) -> Result<SceneReport, Trouble> {
    let progress = progress::Progress::of(scene, &stage.runners());
    let runs: Result<Vec<_>, Trouble> = std::thread::scope(|scope| {
        let threads: Vec<_> = stage
            .runners()
            .into_iter()
            .map(|runner| {
                let progress = &progress;
                scope.spawn(move || {
                    let run = scenes::perform(stage, scene, runner);
                    progress.done(runner);
                    run
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| Trouble::from("a bug"))?)
            .collect()
    });
    Ok(SceneReport { scene, runs: runs? })
}

impl Stage {
    fn runners(&self) -> Vec<Runner> {
        Runner::ALL.into_iter().filter(|&runner| self.has(runner)).collect()
    }

    fn left_out(&self) -> Vec<LeftOut> {
        let missing = Runner::ALL.into_iter().filter(|&runner| !self.has(runner));
        missing.map(|runner| LeftOut { runner, reason: "not in PATH" }).collect()
    }
}
