//! `cargo xtask crowd [PROCESSES]`: what `sexton doctor` costs among so many processes, in PID
//! namespaces of fifty. The promise: 5,000 in under half a second of CPU time.

use crate::tools::{self, Failure, Result};
use sexton_pidns::{Pid1, Running, Stream};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Processes in one namespace, its PID 1 included.
const NAMESPACE: u32 = 50;

/// Runs, of which the median counts.
const RUNS: usize = 7;

/// What 5,000 processes may cost.
const PROMISE: Duration = Duration::from_millis(500);

/// Makes the crowd, and runs the doctor among it.
pub fn run(mut args: lexopt::Parser) -> Result {
    let processes = match args.next()? {
        None => 5000,
        Some(lexopt::Arg::Value(number)) => lexopt::ValueExt::parse::<u32>(&number)?,
        Some(other) => return Err(other.unexpected().into()),
    };
    sexton_pidns::access().map_err(Failure::usage)?;
    let mut release = tools::cargo();
    release.args(["build", "--release", "-p", "sexton", "-p", "sexton-testkit"]);
    tools::step("build sexton and the probe", &mut release)?;
    let folder = tools::target_dir()?.join("release");
    let crowd: Vec<Running> = tools::timed(&format!("start {processes} processes"), || {
        (0..processes.div_ceil(NAMESPACE)).map(|_| namespace(&folder.join("probe"))).collect()
    })?;
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        runs.push(cpu_time(&folder.join("sexton"))?);
    }
    drop(crowd);
    runs.sort_unstable();
    let median = runs[RUNS / 2];
    println!(
        "sexton doctor among {processes} processes: {} ms of CPU time, median of {RUNS} ({} to {})",
        median.as_millis(),
        runs[0].as_millis(),
        runs[RUNS - 1].as_millis()
    );
    match processes <= 5000 && median > PROMISE {
        false => Ok(()),
        true => Err(Failure::new(format_args!("promised are {} ms", PROMISE.as_millis()))),
    }
}

/// One that is complete when this returns.
fn namespace(probe: &Path) -> Result<Running> {
    let fail = |error: &dyn std::fmt::Display| Failure::new(format_args!("the crowd: {error}"));
    let (out, said) = Stream::pipe().map_err(|error| fail(&error))?;
    let children = (NAMESPACE - 1).to_string();
    let pid1 = Pid1::new(probe).args(["crowd", &children]).stdin(Stream::Null).stdout(out);
    let running = pid1.dies_with_thread().spawn().map_err(|error| fail(&error))?;
    let mut line = String::new();
    let read = BufReader::new(std::fs::File::from(said)).read_line(&mut line);
    match read {
        Ok(_) if line == "ready\n" => Ok(running),
        _ => Err(fail(&"a namespace did not get ready")),
    }
}

/// User and system time of one run. It finds something, as nobody in the crowd hears TERM.
fn cpu_time(sexton: &Path) -> Result<Duration> {
    let mut doctor = Command::new(sexton);
    doctor.args(["doctor", "--json"]).stdin(Stdio::null()).stdout(Stdio::null());
    let child = doctor.spawn().map_err(Failure::new)?;
    let pid = i32::try_from(child.id()).map_err(Failure::new)?;
    let mut status = 0;
    // SAFETY: all of its fields are numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to locals, and the PID is our own child's, not yet waited for.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    if waited != pid || !(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 1) {
        return Err(Failure::new(format_args!("sexton doctor: wait status {status}")));
    }
    let time = |time: libc::timeval| {
        let micros = u64::try_from(time.tv_sec * 1_000_000 + time.tv_usec).unwrap_or(u64::MAX);
        Duration::from_micros(micros)
    };
    Ok(time(usage.ru_utime) + time(usage.ru_stime))
}
