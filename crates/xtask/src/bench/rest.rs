//! At rest as PID 1: memory from `/proc/PID/smaps_rollup`, wake-ups from `/proc/PID/status`.

use super::{Subject, median};
use crate::tools::{self, Failure, Result};
use sexton_pidns::{Pid1, Running, Stream};
use std::path::Path;
use std::time::{Duration, Instant};

/// In KiB, medians.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    pub rss: f64,
    pub private_dirty: f64,
}

/// Starts each init `starts` times, in turns.
pub fn memory(subjects: &mut [Subject], tiny: &Path, starts: usize) -> Result {
    let mut samples = vec![(Vec::new(), Vec::new()); subjects.len()];
    for _ in 0..starts {
        for (subject, (rss, dirty)) in subjects.iter().zip(&mut samples) {
            let init = at_rest(subject, tiny)?;
            rss.push(field(&init, "smaps_rollup", "Rss:")?);
            dirty.push(field(&init, "smaps_rollup", "Private_Dirty:")?);
        }
    }
    for (subject, (rss, dirty)) in subjects.iter_mut().zip(samples) {
        subject.memory = Memory { rss: median(rss), private_dirty: median(dirty) };
    }
    Ok(())
}

/// Every time the kernel gave an init the CPU or took it away, over the same seconds for all.
pub fn wakeups(subjects: &mut [Subject], tiny: &Path, seconds: u64) -> Result {
    let inits =
        subjects.iter().map(|subject| at_rest(subject, tiny)).collect::<Result<Vec<_>>>()?;
    let switches = || inits.iter().map(switches).collect::<Result<Vec<f64>>>();
    let (before, start) = (switches()?, Instant::now());
    std::thread::sleep(Duration::from_secs(seconds));
    let (after, minutes) = (switches()?, start.elapsed().as_secs_f64() / 60.0);
    for ((subject, before), after) in subjects.iter_mut().zip(before).zip(after) {
        subject.wakeups_per_minute = (after - before) / minutes;
    }
    Ok(())
}

/// The init as PID 1 with a sleeping command, if it runs any, once it has nothing left to do.
fn at_rest(subject: &Subject, tiny: &Path) -> Result<Running> {
    let mut pid1 = Pid1::new(&subject.path);
    if subject.runs() {
        pid1 = pid1.arg("--").arg(tiny).arg("sleep");
    }
    let pid1 = pid1.stdin(Stream::Null).stdout(Stream::Null);
    let init = start(pid1, subject)?;
    settle(&init, subject, if subject.runs() { &["tiny"] } else { &[] })?;
    Ok(init)
}

/// Starts it, silent.
pub fn start(pid1: Pid1, subject: &Subject) -> Result<Running> {
    // cargo's search path for libraries would have the dynamic ones look in more places.
    let pid1 = pid1.stderr(Stream::Null).env_remove("LD_LIBRARY_PATH");
    pid1.spawn().map_err(|error| subject.failed(error))
}

/// Waits until it and those named are all there are, and none of them has anything left to do.
pub fn settle(init: &Running, subject: &Subject, others: &[&str]) -> Result {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut last = None;
    loop {
        // Asleep twice with the same count of switches between: it will not move by itself.
        let processes = init.processes().map_err(|error| subject.failed(error))?;
        let sleeping = processes.len() == 1 + others.len()
            && processes.iter().skip(1).all(|process| others.contains(&&*process.name))
            && processes.iter().all(|process| process.state == 'S');
        let now = sleeping.then(|| switches(init)).transpose()?;
        if now.is_some() && now == last {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(subject.failed("not at rest within 20 s"));
        }
        last = now;
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Subject {
    /// What went wrong with it.
    pub fn failed(&self, words: impl std::fmt::Display) -> Failure {
        Failure::new(format_args!("{} as PID 1: {words}", self.title()))
    }
}

fn switches(init: &Running) -> Result<f64> {
    let voluntary = field(init, "status", "voluntary_ctxt_switches:")?;
    Ok(voluntary + field(init, "status", "nonvoluntary_ctxt_switches:")?)
}

/// The number after `name` at the start of a line of `/proc/PID/file`.
pub fn field(init: &Running, file: &str, name: &str) -> Result<f64> {
    let path = format!("/proc/{}/{file}", init.pid());
    let text = tools::read(Path::new(&path))?;
    number(&text, name).ok_or_else(|| Failure::new(format_args!("{path}: no number after {name}")))
}

fn number(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_the_start_of_its_line() {
        let text = "nonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t3\nRss:  16 kB\n";
        assert_eq!(number(text, "voluntary_ctxt_switches:"), Some(3.0));
        assert_eq!(number(text, "Rss:"), Some(16.0));
        assert_eq!(number(text, "Pss:"), None);
    }
}
