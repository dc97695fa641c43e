//! What is being checked: a PID 1 that runs, with everything that is seen of its processes.

use super::container::Container;
use super::output::Output;
use super::record::{End, Method};
use super::tally::Tally;
use super::trouble::NoVerdict;
use sexton_watch::{Sighting, send_signal};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// More than this at once, and it is taken for a fork bomb.
const PROCESSES_MAX: usize = 2000;

/// How long past its time a wait may still take in what was seen.
const SLACK: Duration = Duration::from_millis(20);

/// A PID 1 that runs.
pub struct Subject {
    /// In our namespace.
    pub pid1: i32,
    pub pidfd: OwnedFd,
    pub sightings: Receiver<Sighting>,
    pub method: Method,
    pub tally: Tally,
    pub output: Output,
    pub started: Instant,
    pub is_killed: bool,
    /// Dropped last: it removes the container.
    pub container: Option<Container>,
}

/// What came of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// The time is over, and PID 1 is there.
    InVain,
    /// PID 1 has gone.
    Gone,
    /// There are more processes than anybody wants.
    TooMany,
}

impl Subject {
    /// Takes in what is seen until this moment, or until PID 1 has gone.
    pub fn watch_until(&mut self, until: Instant) -> Waited {
        loop {
            if self.is_gone() {
                return Waited::Gone;
            }
            if self.tally.count_alive() > PROCESSES_MAX {
                return Waited::TooMany;
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.sightings.recv_timeout(left) {
                // There may be more news than can be taken in: the time is over nevertheless.
                Ok(sighting) => {
                    self.tally.add(sighting);
                    if Instant::now() > until + SLACK {
                        return Waited::InVain;
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Waited::InVain,
                Err(RecvTimeoutError::Disconnected) => return Waited::Gone,
            }
        }
    }

    /// As [`Subject::watch_until`], where only an untroubled wait lets us go on.
    pub fn go_on_until(&mut self, until: Instant) -> Result<(), NoVerdict> {
        match self.watch_until(until) {
            Waited::InVain => Ok(()),
            Waited::Gone => Err(self.ended_early()),
            Waited::TooMany => Err(self.forks_without_end()),
        }
    }

    pub fn is_gone(&self) -> bool {
        self.tally.first().is_some_and(|first| first.ended.is_some())
    }

    /// Kills it, and says why there is no verdict.
    pub fn forks_without_end(&mut self) -> NoVerdict {
        self.kill(Duration::from_secs(5));
        self.watch_the_rest(Duration::from_secs(1));
        NoVerdict::ForksWithoutEnd { processes: PROCESSES_MAX }
    }

    /// Says why there is no verdict: how PID 1 ended by itself.
    pub fn ended_early(&mut self) -> NoVerdict {
        let after = self.tally.first().and_then(|first| first.ended).unwrap_or_else(Instant::now);
        self.watch_the_rest(Duration::from_secs(1));
        let lives = self.tally.lives(self.started);
        let first = lives.iter().find(|life| life.pid == 1);
        let end = first.and_then(|life| life.end).map_or(End::NotTold, |(_, end)| end);
        // A container may end before it was seen; its engine knows how.
        if let (End::NotTold, Some(container)) = (end, &self.container)
            && let Err(trouble) = container.pid1()
        {
            return trouble.quoting(&self.output);
        }
        NoVerdict::EndedEarly {
            name: first.map_or_else(String::new, |life| life.name.clone()),
            end,
            after: after.saturating_duration_since(self.started),
            last_words: self.output.last_words(),
        }
    }

    /// The last ends, after PID 1's. Bounded: what the kernel cannot end is not waited for.
    pub fn watch_the_rest(&mut self, limit: Duration) {
        let until = Instant::now() + limit;
        while let Ok(sighting) =
            self.sightings.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.tally.add(sighting);
        }
    }

    /// SIGKILL, and the time the kernel needs for it; with PID 1 everybody goes. Who hangs in the
    /// kernel stays, and is not waited for a second time.
    pub fn kill(&mut self, limit: Duration) {
        self.is_killed = true;
        let _ = self.signal(libc::SIGKILL);
        self.watch_until_gone(Instant::now() + limit);
    }

    fn watch_until_gone(&mut self, until: Instant) {
        while !self.is_gone() {
            let left = until.saturating_duration_since(Instant::now());
            match self.sightings.recv_timeout(left) {
                Ok(sighting) => self.tally.add(sighting),
                Err(_) => return,
            }
        }
    }

    /// A process's exit status is there when its parent has reaped it, which for a container's
    /// PID 1 is its engine's affair. Bounded, as older kernels never tell.
    pub fn wait_for_statuses(&self, limit: Duration) {
        let until = Instant::now() + limit;
        while !self.tally.all_is_told() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// To PID 1, from outside, as a runtime does. Where we may not, the engine does it for us.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        match (send_signal(&self.pidfd, signal), &self.container) {
            (Err(error), Some(container)) if error.kind() == io::ErrorKind::PermissionDenied => {
                container.signal(signal)
            }
            (answer, _) => answer,
        }
    }
}

impl Drop for Subject {
    /// Whatever happened: nothing is left running.
    fn drop(&mut self) {
        if !self.is_gone() && !self.is_killed {
            self.kill(Duration::from_secs(1));
        }
    }
}
