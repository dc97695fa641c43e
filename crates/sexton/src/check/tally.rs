//! Folds what was seen, sighting by sighting, into lives.

use super::record::{Delivered, End, From, Life};
use sexton_pidns::Orphan;
use sexton_watch::{Hearing, Sender, Sighting, Status, What, command, exit_status};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// Everybody that was seen so far.
#[derive(Default)]
pub struct Tally {
    all: Vec<Member>,
    /// By the number in our namespace; of those who live.
    alive: HashMap<i32, usize>,
    /// Births, ends and new names.
    pub changes: usize,
}

/// One process.
pub struct Member {
    /// In our namespace.
    pub pid: i32,
    pub inside: i32,
    /// In our namespace, at its birth.
    parent: i32,
    name: String,
    command: Vec<String>,
    born: Instant,
    pidfd: Option<OwnedFd>,
    pub hearing: Hearing,
    signals: Vec<(Instant, Delivered)>,
    ending: Option<Instant>,
    pub ended: Option<Instant>,
    status: Option<ExitStatus>,
}

impl Tally {
    pub fn add(&mut self, sighting: Sighting) {
        let Sighting { at, pid, what } = sighting;
        match what {
            What::Born { inside, parent, pidfd } => {
                self.changes += 1;
                self.alive.insert(pid, self.all.len());
                self.all.push(Member {
                    pid,
                    inside,
                    parent,
                    name: String::new(),
                    command: Vec::new(),
                    born: at,
                    pidfd,
                    hearing: Hearing::Unknown,
                    signals: Vec::new(),
                    ending: None,
                    ended: None,
                    status: None,
                });
            }
            What::Named { name, command } => {
                self.changes += 1;
                if let Some(member) = self.living(pid) {
                    (member.name, member.command) = (name, command);
                }
            }
            What::Signalled { signal, sender, reaction } => {
                let from = match sender {
                    Sender::Outside => From::Outside,
                    Sender::Kernel => From::Kernel,
                    Sender::Inside(pid) => From::Process(pid),
                    Sender::Unknown => From::Unknown,
                };
                let delivered = Delivered { at: Duration::ZERO, signal, from, reaction };
                if let Some(member) = self.living(pid) {
                    member.signals.push((at, delivered));
                }
            }
            What::Ending => {
                if let Some(member) = self.living(pid) {
                    member.ending = Some(at);
                }
            }
            What::Ended(status) => {
                self.changes += 1;
                if let Some(member) = self.living(pid) {
                    (member.ended, member.status) = (Some(at), status);
                }
                self.alive.remove(&pid);
            }
        }
    }

    fn living(&mut self, pid: i32) -> Option<&mut Member> {
        self.alive.get(&pid).and_then(|&index| self.all.get_mut(index))
    }

    /// Those who live.
    pub fn alive(&self) -> impl Iterator<Item = &Member> {
        self.all.iter().filter(|member| member.ended.is_none())
    }

    pub fn count_alive(&self) -> usize {
        self.alive.len()
    }

    /// PID 1.
    pub fn first(&self) -> Option<&Member> {
        self.all.first()
    }

    /// Forgets who has ended, and what was said so far: from now on it counts. Asks everybody how
    /// they listen for `signal`.
    pub fn begin(&mut self, signal: i32) {
        // Who only looks may not have seen yet that the orphan, which was ours, has gone.
        self.all.retain(|member| member.ended.is_none() && member.name != Orphan::NAME);
        self.alive.clear();
        for (index, member) in self.all.iter_mut().enumerate() {
            self.alive.insert(member.pid, index);
            member.signals.clear();
            member.hearing = Hearing::of(member.pid, signal);
            // Many give themselves a title after they were executed.
            if let Some(status) = Status::read(member.pid) {
                (member.name, member.command) = (status.name, command(member.pid));
            }
        }
    }

    /// When PID 1 began to exit, or was gone where that was not seen.
    pub fn teardown(&self) -> Option<Instant> {
        let first = self.first()?;
        first.ending.or(first.ended)
    }

    /// Everybody, with times counted from `start`. To be called when all have been reaped.
    pub fn lives(&self, start: Instant) -> Vec<Life> {
        let since = |at: Instant| at.saturating_duration_since(start);
        let inside: HashMap<i32, i32> =
            self.all.iter().map(|member| (member.pid, member.inside)).collect();
        let life = |member: &Member| Life {
            pid: member.inside,
            parent: inside.get(&member.parent).copied().unwrap_or(0),
            name: member.name.clone(),
            command: member.command.clone(),
            born: (member.born > start).then(|| since(member.born)),
            hearing: member.hearing,
            signals: member
                .signals
                .iter()
                .map(|&(at, delivered)| Delivered { at: since(at), ..delivered })
                .collect(),
            end: member.ended.map(|at| (since(at), member.end())),
        };
        let mut lives: Vec<Life> = self.all.iter().map(life).collect();
        lives.sort_by_key(|life| (life.born, life.pid));
        lives
    }

    /// Whether it is known how everybody ended who did.
    pub fn all_is_told(&self) -> bool {
        let mut ended = self.all.iter().filter(|member| member.ended.is_some());
        ended.all(|member| member.end() != End::NotTold)
    }

    /// Whether the kernel told somebody's exit status through its pidfd.
    pub fn pidfds_tell(&self) -> bool {
        self.all.iter().any(|member| member.by_pidfd().is_some())
    }
}

impl Member {
    pub fn label(&self) -> String {
        super::words::label(&self.name, &self.command)
    }

    fn by_pidfd(&self) -> Option<ExitStatus> {
        self.pidfd.as_ref().and_then(exit_status)
    }

    /// Two witnesses: the pidfd, which everybody may ask, and the tracer's or parent's wait.
    fn end(&self) -> End {
        self.by_pidfd().or(self.status).map_or(End::NotTold, End::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sexton_watch::Reaction;
    use std::os::unix::process::ExitStatusExt;

    /// Sightings of one moment after another, a millisecond apart.
    struct Clock {
        tally: Tally,
        now: Instant,
    }

    impl Clock {
        fn new() -> Clock {
            Clock { tally: Tally::default(), now: Instant::now() }
        }

        fn sees(&mut self, pid: i32, what: What) {
            self.now += Duration::from_millis(1);
            self.tally.add(Sighting { at: self.now, pid, what });
        }

        fn born(&mut self, pid: i32, inside: i32, parent: i32, name: &str) {
            self.sees(pid, What::Born { inside, parent, pidfd: None });
            let (name, command) = (name.to_owned(), vec![name.to_owned()]);
            self.sees(pid, What::Named { name, command });
        }

        fn ended(&mut self, pid: i32, status: i32) {
            self.sees(pid, What::Ended(Some(ExitStatus::from_raw(status))));
        }
    }

    /// PIDs that no process can have, so that nobody's status is read.
    const OUTSIDE: i32 = 1 << 30;

    #[test]
    fn without_pidfds_the_tracers_wait_tells_the_end() {
        let mut clock = Clock::new();
        clock.born(OUTSIDE + 1, 1, 77, "app");
        clock.born(OUTSIDE + 2, 2, OUTSIDE + 1, "child");
        clock.tally.begin(15);
        let start = clock.now;
        let (signal, sender, reaction) = (15, Sender::Inside(1), Reaction::Handler);
        clock.sees(OUTSIDE + 2, What::Signalled { signal, sender, reaction });
        clock.ended(OUTSIDE + 2, 9);
        clock.sees(OUTSIDE + 1, What::Ending);
        clock.ended(OUTSIDE + 1, 3 << 8);
        let ms = Duration::from_millis;
        let lives = clock.tally.lives(start);
        let ends: Vec<_> = lives.iter().map(|life| (life.pid, life.parent, life.end)).collect();
        let expected =
            [(1, 0, Some((ms(4), End::Exited(3)))), (2, 1, Some((ms(2), End::Killed(9))))];
        assert_eq!(ends, expected);
        let signals = &lives[1].signals;
        assert_eq!((signals[0].at, signals[0].from), (ms(1), From::Process(1)));
        assert_eq!(clock.tally.teardown(), Some(start + ms(3)));
        assert!(!clock.tally.pidfds_tell());
    }

    #[test]
    fn what_was_before_the_stop_does_not_count() {
        let mut clock = Clock::new();
        clock.born(OUTSIDE + 1, 1, 77, "app");
        clock.born(OUTSIDE + 2, 2, OUTSIDE + 1, "gone before");
        let (signal, sender, reaction) = (15, Sender::Outside, Reaction::Ignores);
        clock.sees(OUTSIDE + 1, What::Signalled { signal, sender, reaction });
        clock.ended(OUTSIDE + 2, 0);
        clock.born(OUTSIDE + 3, 3, OUTSIDE + 1, Orphan::NAME);
        clock.tally.begin(15);
        let start = clock.now;
        // The same number again: another process.
        clock.born(OUTSIDE + 2, 4, OUTSIDE + 1, "born later");
        let lives = clock.tally.lives(start);
        let names: Vec<_> = lives.iter().map(|life| (life.pid, life.name.as_str())).collect();
        assert_eq!(names, [(1, "app"), (4, "born later")]);
        assert!(lives[0].signals.is_empty() && lives[0].born.is_none());
        assert_eq!(lives[1].born, Some(Duration::from_millis(1)));
        assert_eq!(clock.tally.count_alive(), 2);
    }
}
