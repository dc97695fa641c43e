//! When the command is ready to be stopped.

use super::progress::Progress;
use super::record::{Ready, ReadyBy};
use super::subject::Subject;
use super::trouble::NoVerdict;
use super::words::seconds;
use std::fs;
use std::time::{Duration, Instant};

/// How readiness is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Quiet,
    After(Duration),
    Port(u16),
    /// The output looks for it.
    Log(String),
}

/// How often it is looked at.
const ROUND: Duration = Duration::from_millis(50);
/// So many rounds in a row nobody was born, ended or renamed, and hardly anything was computed.
const QUIET_ROUNDS: u32 = 10;
/// What a process at rest may use (and wait for) of a processor in a round: a twentieth.
const IDLE: Duration = Duration::from_micros(2500);
/// One that is never quiet is stopped nevertheless.
const QUIET_LIMIT: Duration = Duration::from_secs(10);
/// Many servers listen a moment before they have installed their handlers.
const SETTLE_LIMIT: Duration = Duration::from_secs(2);

/// Waits until it is ready, `limit` at most for a port or a line.
pub fn wait(
    subject: &mut Subject,
    when: &When,
    limit: Duration,
    progress: &Progress,
) -> Result<Ready, NoVerdict> {
    let start = subject.started;
    progress.say("starting");
    let by = match when {
        When::After(time) => {
            subject.go_on_until(start + *time)?;
            ReadyBy::Time
        }
        When::Quiet => match settle(subject, start + QUIET_LIMIT, progress)? {
            Settled::Quiet => ReadyBy::Quiet,
            Settled::Never => ReadyBy::NeverQuiet,
        },
        When::Port(port) => {
            let what = format!("nobody listens on port {port}");
            until(subject, limit, &what, |subject| listens(subject.pid1, *port))?;
            settle(subject, Instant::now() + SETTLE_LIMIT, progress)?;
            ReadyBy::Port
        }
        When::Log(line) => {
            let what = format!("no line that it printed matches {line}");
            until(subject, limit, &what, |subject| subject.output.is_found())?;
            settle(subject, Instant::now() + SETTLE_LIMIT, progress)?;
            ReadyBy::Log
        }
    };
    Ok(Ready { by, after: start.elapsed() })
}

/// Rounds until it holds.
fn until(
    subject: &mut Subject,
    limit: Duration,
    what: &str,
    holds: impl Fn(&Subject) -> bool,
) -> Result<(), NoVerdict> {
    while !holds(subject) {
        if subject.started.elapsed() >= limit {
            let last_words = subject.output.last_words();
            return Err(NoVerdict::NotReady { what: what.into(), after: limit, last_words });
        }
        subject.go_on_until(Instant::now() + ROUND)?;
    }
    Ok(())
}

enum Settled {
    Quiet,
    Never,
}

fn settle(
    subject: &mut Subject,
    until: Instant,
    progress: &Progress,
) -> Result<Settled, NoVerdict> {
    let (mut quiet_rounds, mut before) = (0, pulse(subject));
    while quiet_rounds < QUIET_ROUNDS {
        if Instant::now() >= until {
            return Ok(Settled::Never);
        }
        subject.go_on_until(Instant::now() + ROUND)?;
        let now = pulse(subject);
        quiet_rounds = if now.is_quiet_since(&before) { quiet_rounds + 1 } else { 0 };
        before = now;
        progress.say(&format!(
            "waiting until it is quiet, {}: {} alive",
            seconds(subject.started.elapsed()),
            super::words::count(subject.tally.count_alive(), "process", "processes")
        ));
    }
    Ok(Settled::Quiet)
}

/// Something that stands still while it is quiet.
struct Pulse {
    changes: usize,
    /// The time that all threads have run, or waited for a processor: on a busy machine a program
    /// that starts does little, but it is not at rest.
    worked: Duration,
    /// Somebody waits for a disk, as programs do that are loaded for the first time.
    loads: bool,
}

impl Pulse {
    fn is_quiet_since(&self, before: &Pulse) -> bool {
        let worked = self.worked.checked_sub(before.worked);
        self.changes == before.changes && !self.loads && worked.is_some_and(|time| time < IDLE)
    }
}

fn pulse(subject: &Subject) -> Pulse {
    let mut pulse = Pulse { changes: subject.tally.changes, worked: Duration::ZERO, loads: false };
    for member in subject.tally.alive() {
        let Ok(threads) = fs::read_dir(format!("/proc/{}/task", member.pid)) else { continue };
        for thread in threads.flatten() {
            let read = |file| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            pulse.worked += worked(&read("schedstat"));
            pulse.loads |= is_in_disk_sleep(&read("stat"));
        }
    }
    pulse
}

/// Nanoseconds that ran and that waited (Documentation/scheduler/sched-stats.rst).
fn worked(schedstat: &str) -> Duration {
    let words = schedstat.split_ascii_whitespace().take(2);
    Duration::from_nanos(words.filter_map(|word| word.parse::<u64>().ok()).sum())
}

/// The state follows the name, which may hold anything (proc_pid_stat(5)).
fn is_in_disk_sleep(stat: &str) -> bool {
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('D'))
}

/// Whether somebody listens on this TCP port in the network namespace of `pid`.
pub fn listens(pid: i32, port: u16) -> bool {
    ["tcp", "tcp6"].iter().any(|file| {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{file}")).unwrap_or_default();
        text.lines().skip(1).any(|line| is_listener(line, port))
    })
}

/// `sl local_address rem_address st …`, all in hexadecimal; state 0A is LISTEN (proc_pid_net(5)).
fn is_listener(line: &str, port: u16) -> bool {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let local = fields.next().and_then(|address| address.rsplit_once(':'));
    let local = local.and_then(|(_, port)| u16::from_str_radix(port, 16).ok());
    local == Some(port) && fields.nth(1) == Some("0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_is_told_from_a_connection_and_from_another_port() {
        let line = |local, state| format!("   0: {local} 00000000:0000 {state} 00000000:00000000");
        assert!(is_listener(&line("0100007F:1F90", "0A"), 8080));
        assert!(is_listener(&line("00000000000000000000000000000000:1F90", "0A"), 8080));
        assert!(!is_listener(&line("0100007F:1F90", "01"), 8080));
        assert!(!is_listener(&line("0100007F:1F91", "0A"), 8080));
        assert!(!is_listener("", 8080));
    }

    #[test]
    fn who_computes_loads_or_forks_is_not_quiet() {
        let pulse = |changes, micros, loads| Pulse {
            changes,
            worked: Duration::from_micros(micros),
            loads,
        };
        let before = pulse(3, 10_000, false);
        for (now, expected) in [
            (pulse(3, 10_100, false), true),
            (pulse(3, 14_000, false), false),
            (pulse(4, 10_100, false), false),
            (pulse(3, 10_100, true), false),
            // A thread has ended, and its time with it.
            (pulse(3, 9_000, false), false),
        ] {
            assert_eq!(now.is_quiet_since(&before), expected);
        }
        assert_eq!(worked("1500 500 7\n"), Duration::from_nanos(2000));
        assert!(is_in_disk_sleep("7 (a) D) D 1 7") && !is_in_disk_sleep("7 (a) D) S 1 7"));
    }

    #[test]
    fn our_own_listener_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let own = std::process::id().try_into().unwrap();
        assert!(listens(own, port));
        drop(listener);
        assert!(!listens(own, port));
    }
}
