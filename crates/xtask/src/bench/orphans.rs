//! What it costs an init to reap an orphan: its own CPU time, as the scheduler counts it, from
//! before the first orphan is made until it is at rest after the last.

use super::fair::{Pinned, Shuffle};
use super::rest::{settle, start};
use super::{Subject, median};
use crate::tools::{self, Failure, Result};
use sexton_pidns::{Pid1, Running, Stream};
use std::io::{Read, Write};
use std::path::Path;

/// Every init reaps `count` orphans a round, in an order of the round's own. On one CPU, so that
/// whoever makes the orphans and who reaps them take turns in the same way for all.
pub fn measure(subjects: &mut [Subject], probe: &Path, rounds: usize, count: u32) -> Result {
    let mut subjects: Vec<&mut Subject> =
        subjects.iter_mut().filter(|subject| subject.runs()).collect();
    let _pinned = Pinned::to_one_cpu()?;
    let mut samples = vec![Vec::with_capacity(rounds); subjects.len()];
    let mut shuffle = Shuffle::new();
    let mut order: Vec<usize> = (0..subjects.len()).collect();
    for _ in 0..rounds {
        shuffle.shuffle(&mut order);
        for &which in &order {
            samples[which].push(us_per_orphan(subjects[which], probe, count)?);
        }
    }
    for (subject, samples) in subjects.iter_mut().zip(samples) {
        subject.orphan_us = Some(median(samples));
    }
    Ok(())
}

fn us_per_orphan(subject: &Subject, probe: &Path, count: u32) -> Result<f64> {
    let (stdin, tell) = Stream::pipe_in().map_err(Failure::new)?;
    let (stdout, hear) = Stream::pipe().map_err(Failure::new)?;
    let pid1 = Pid1::new(&subject.path).arg("--").arg(probe);
    let pid1 = pid1.args(["orphans-when-told", &count.to_string()]).stdin(stdin).stdout(stdout);
    let init = start(pid1, subject)?;
    settle(&init, subject, &["probe"])?;
    let before = cpu_ns(&init)?;
    std::fs::File::from(tell).write_all(b"\n").map_err(|error| subject.failed(error))?;
    let mut ready = [0; 6];
    let heard = std::fs::File::from(hear).read_exact(&mut ready);
    heard.map_err(|error| subject.failed(format_args!("no orphans: {error}")))?;
    settle(&init, subject, &["probe"])?;
    Ok((cpu_ns(&init)? - before) / 1e3 / f64::from(count))
}

fn cpu_ns(init: &Running) -> Result<f64> {
    let path = format!("/proc/{}/schedstat", init.pid());
    let text = tools::read(Path::new(&path))?;
    run_time(&text).ok_or_else(|| Failure::new(format_args!("{path}: {text:?}: no run time")))
}

/// Documentation/scheduler/sched-stats.rst: "time spent on the cpu (in nanoseconds)" comes first.
fn run_time(schedstat: &str) -> Option<f64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_on_the_cpu_is_the_first_of_the_three_numbers() {
        assert_eq!(run_time("1304287 83092 12\n"), Some(1_304_287.0));
        assert_eq!(run_time(""), None);
    }
}
