//! `cargo xtask window [TRIES]`: stop signals lost in the first moments of PID 1. TERM is sent at
//! a random moment in the first 2 ms after exec; who does not end on it has lost it, and would be
//! killed by the runtime ten seconds later.

use crate::tools::{self, Failure, Result};
use sexton_pidns::{Pid1, Proc, SIGTERM, Stream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How late after exec the signal comes at most.
const LATEST: Duration = Duration::from_micros(2000);

/// Whoever has not ended by then never will: the command ends on TERM at once.
const PATIENCE: Duration = Duration::from_millis(300);

/// One init, and what it lost.
struct Subject {
    name: &'static str,
    path: PathBuf,
    lost: Vec<Duration>,
}

/// So many tries for each init, in turns.
pub fn run(mut args: lexopt::Parser) -> Result {
    let tries = match args.next()? {
        None => 500,
        Some(lexopt::Arg::Value(tries)) => lexopt::ValueExt::parse::<u32>(&tries)?,
        Some(other) => return Err(other.unexpected().into()),
    };
    sexton_pidns::access().map_err(Failure::usage)?;
    let mut release = tools::cargo();
    tools::step("build", release.args(["build", "--release", "-p", "sexton-init"]))?;
    let mut subjects = subjects()?;
    tools::timed(&format!("{tries} tries for each init"), || {
        for number in 0..tries {
            // Spread evenly, in an order that looks random: 0.618… of a turn each time.
            let part = (f64::from(number) * 0.618_033_988_75).fract();
            let after = LATEST.mul_f64(part);
            for subject in &mut subjects {
                subject.lost.extend(lost(&subject.path, after)?);
            }
        }
        Ok(())
    })?;
    println!("TERM within {} us of exec, {tries} tries each", LATEST.as_micros());
    for Subject { name, lost, .. } in &subjects {
        let last = lost.iter().max().map_or(0, Duration::as_micros);
        println!("  {name:12} lost {:4}, the last after {last:4} us", lost.len());
    }
    Ok(())
}

fn subjects() -> Result<Vec<Subject>> {
    let ours = tools::target_dir()?.join("release/sexton-init");
    let others = ["tini", "tini-static", "dumb-init", "catatonit"];
    let others = others.into_iter().filter_map(|name| Some((name, tools::find_program(name)?)));
    let all = std::iter::once(("sexton-init", ours)).chain(others);
    Ok(all.map(|(name, path)| Subject { name, path, lost: Vec::new() }).collect())
}

/// How long after exec the signal was sent, if it was lost.
fn lost(init: &Path, after: Duration) -> Result<Option<Duration>> {
    let error = |error: &dyn std::fmt::Display| Failure::new(error);
    let mut run = Pid1::new(init)
        .args(["--", "sleep", "60"])
        .proc(Proc::Callers)
        .stdin(Stream::Null)
        .stdout(Stream::Null)
        .stderr(Stream::Null)
        .spawn()
        .map_err(|wrong| error(&wrong))?;
    let start = Instant::now();
    // Not a busy loop: it would keep the new process off the processor that both are on.
    std::thread::sleep(after);
    let sent = start.elapsed();
    run.signal(SIGTERM).map_err(|wrong| error(&wrong))?;
    let ended = run.wait_within(PATIENCE).map_err(|wrong| error(&wrong))?;
    Ok(ended.is_none().then_some(sent))
}
