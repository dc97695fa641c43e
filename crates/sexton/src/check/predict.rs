//! `--container`: how a container that runs would stop, said without stopping it.
//!
//! What can be read from outside is how its PID 1 listens for the stop signal. What a handler does
//! once it is called nobody can know beforehand: the words say so.

use super::advice::is_shell_name;
use super::args::Args;
use super::engine::{Engine, Inspected};
use super::exit;
use super::report::fault_name;
use super::text::{SIGNAL, wrapped};
use super::trouble::NoVerdict;
use super::verdict::Fault;
use super::words::{list, seconds, signal_name};
use crate::demo::layout::{ASIDE, BAD, GOOD, paint, span};
use serde_json::json;
use sexton_pidns::{Orphan, Process, processes_of};
use sexton_watch::{Hearing, Status};
use std::io::Write;
use std::time::{Duration, Instant};

/// How PID 1 would take the stop signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It listens.
    Reacts,
    /// It listens, but a shell runs its trap only when this command has ended.
    Deferred,
    /// It has a handler, which is its runtime's and does nothing.
    Unsure,
    /// It will be killed at the end of the grace period.
    Deaf,
    /// It cannot be looked at.
    Unknown,
}

/// What is said.
struct Prediction {
    name: String,
    signal: i32,
    grace: Duration,
    first: String,
    hearing: Hearing,
    outlook: Outlook,
    others: Vec<String>,
    zombies: Vec<String>,
    /// `None`: not tried.
    reaps: Option<bool>,
}

/// Looks at the container, and says what it would do.
pub fn run(args: &Args, name: &str) -> Result<u8, NoVerdict> {
    let container = Engine::find(args.engine.as_deref())?.container(name)?;
    let prediction = predict(args, name, &container)?;
    let code = exit::code(&prediction.faults(), &args.fail_on);
    // A closed pipe is no error: the exit code still tells.
    let _ = match args.json {
        true => writeln!(std::io::stdout(), "{}", prediction.to_json(code)),
        false => anstream::stdout().write_all(prediction.draw().as_bytes()),
    };
    Ok(code)
}

fn predict(args: &Args, name: &str, container: &Inspected) -> Result<Prediction, NoVerdict> {
    let pid1 = container.pid1;
    let signal = args.signal.or(container.stop_signal).unwrap_or(libc::SIGTERM);
    let all = processes_of(pid1).map_err(|error| format!("the container: {error}"))?;
    let (first, others): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.pid == pid1);
    let first = first.first().ok_or("the container has just ended".to_owned())?;
    let hearing = listen(pid1, signal);
    let reaps = if args.probe { Some(probe(pid1)?) } else { None };
    let label = |one: &&Process| format!("{} ({})", one.name, one.pid_inside);
    let is_zombie = |one: &&Process| one.state == 'Z' && one.name != Orphan::NAME;
    Ok(Prediction {
        name: name.to_owned(),
        signal,
        grace: container.stop_timeout.unwrap_or(args.grace),
        first: first.name.clone(),
        hearing,
        outlook: outlook(hearing, &first.name, child_in_foreground(&others)),
        others: others
            .iter()
            .copied()
            .filter(|one| one.state != 'Z')
            .map(|one| label(&one))
            .collect(),
        zombies: others.iter().copied().filter(is_zombie).map(|one| label(&one)).collect(),
        reaps,
    })
}

/// Some looks: an init like tini wakes up every second, and is then not seen waiting.
fn listen(pid1: i32, signal: i32) -> Hearing {
    let mut hearing = Hearing::of(pid1, signal);
    for _ in 0..4 {
        match hearing {
            Hearing::Nothing | Hearing::Blocks => {
                std::thread::sleep(Duration::from_millis(50));
                hearing = Hearing::of(pid1, signal);
            }
            _ => break,
        }
    }
    hearing
}

/// A shell's background jobs ignore INT and QUIT (POSIX, sh, "Asynchronous Lists"); what it waits
/// for in the foreground does not.
fn child_in_foreground(others: &[&Process]) -> bool {
    let background = 1 << (libc::SIGINT - 1) | 1 << (libc::SIGQUIT - 1);
    others
        .iter()
        .filter(|one| one.parent_inside == 1 && one.state != 'Z')
        .filter_map(|one| Status::read(one.pid))
        .any(|status| status.masks.ignored & background != background)
}

fn outlook(hearing: Hearing, name: &str, has_foreground_child: bool) -> Outlook {
    match hearing {
        Hearing::Handler if is_shell_name(name) && has_foreground_child => Outlook::Deferred,
        // node's own handler puts the default action back and raises the signal again, which for
        // PID 1 is dropped.
        Hearing::Handler if name == "node" => Outlook::Unsure,
        Hearing::Handler | Hearing::Waits | Hearing::Signalfd => Outlook::Reacts,
        Hearing::Ignores | Hearing::Blocks | Hearing::Nothing => Outlook::Deaf,
        Hearing::Unknown => Outlook::Unknown,
    }
}

/// Whether PID 1 reaps an orphan within a second.
fn probe(pid1: i32) -> Result<bool, NoVerdict> {
    let mut orphan = Orphan::plant(pid1).map_err(|error| format!("--probe: {error}"))?;
    orphan.end();
    let deadline = Instant::now() + Duration::from_secs(1);
    while !orphan.is_reaped() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(orphan.is_reaped())
}

impl Prediction {
    fn faults(&self) -> Vec<Fault> {
        let is_deaf = matches!(self.outlook, Outlook::Deaf | Outlook::Deferred);
        let mut faults = Vec::new();
        faults.extend(is_deaf.then_some(Fault::Deaf));
        faults.extend((self.reaps == Some(false)).then_some(Fault::NotReaping));
        faults
    }

    fn word(&self) -> &'static str {
        match self.outlook {
            Outlook::Reacts => "STOPS",
            Outlook::Deferred | Outlook::Deaf => "DEAF",
            Outlook::Unsure => "UNSURE",
            Outlook::Unknown => "UNKNOWN",
        }
    }

    fn sentence(&self) -> String {
        let (name, signal, grace) = (&self.first, signal_name(self.signal), seconds(self.grace));
        match self.outlook {
            Outlook::Reacts => format!("`{name}` listens for {signal}, and should stop in time."),
            Outlook::Deferred => format!(
                "`{name}` has a trap for {signal}, but waits for a command in the foreground: it \
                 will be killed after {grace}, unless that ends by itself."
            ),
            Outlook::Unsure => format!(
                "`{name}` catches {signal}, but every node does: without a listener of the \
                 program's own it will be killed after {grace}."
            ),
            Outlook::Deaf => {
                let why = match self.hearing {
                    Hearing::Ignores => "ignores",
                    Hearing::Blocks => "blocks, and does not fetch,",
                    _ => "has no handler for",
                };
                format!("`{name}` {why} {signal}: it will be killed after {grace}.")
            }
            Outlook::Unknown => {
                format!("`{name}` cannot be looked at: run this as root, or as its user.")
            }
        }
    }

    fn draw(&self) -> String {
        let style = match self.outlook {
            Outlook::Reacts => GOOD,
            Outlook::Deferred | Outlook::Deaf => BAD,
            Outlook::Unsure | Outlook::Unknown => SIGNAL,
        };
        let word = self.word();
        let text = wrapped(&format!("{word}  {}", self.sentence()), "", "");
        let style = style.bold();
        let mut text = text.replacen(word, &format!("{style}{word}{style:#}"), 1) + "\n";
        let mut say = |words: String| text += &wrapped(&words, "  ", "  ");
        match self.reaps {
            Some(true) => say("It reaps orphans: a planted one was gone at once.".into()),
            Some(false) => say("It leaves orphans as zombies: a planted one stays as one.".into()),
            None => say("Whether it reaps orphans: --probe plants one.".into()),
        }
        if !self.zombies.is_empty() {
            say(format!("Zombies in it now: {}.", list(&self.zombies)));
        }
        if !self.others.is_empty() {
            say(format!(
                "Whether {} would be given the time to end cannot be known without stopping it: \
                 sexton check --image shows it.",
                list(&self.others)
            ));
        }
        if matches!(self.outlook, Outlook::Deaf | Outlook::Deferred) {
            text += &paint(&[span("  sexton explain sigterm", ASIDE)]);
            text.push('\n');
        }
        text
    }

    fn to_json(&self, code: u8) -> serde_json::Value {
        json!({
            "version": 1,
            "container": self.name,
            "signal": signal_name(self.signal),
            "grace_ms": super::record::in_millis(self.grace),
            "exit_code": code,
            "pid1": self.first,
            "outlook": match self.outlook {
                Outlook::Reacts => "reacts",
                Outlook::Deferred => "deferred",
                Outlook::Unsure => "unsure",
                Outlook::Deaf => "deaf",
                Outlook::Unknown => "unknown",
            },
            "reaps": self.reaps,
            "zombies": self.zombies,
            "others": self.others,
            "faults": self.faults().into_iter().map(fault_name).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_pid_1_listens_says_what_it_will_do() {
        for (hearing, name, foreground, expected) in [
            (Hearing::Nothing, "sleep", false, Outlook::Deaf),
            (Hearing::Ignores, "app", false, Outlook::Deaf),
            (Hearing::Blocks, "app", false, Outlook::Deaf),
            (Hearing::Waits, "tini", false, Outlook::Reacts),
            (Hearing::Signalfd, "catatonit", false, Outlook::Reacts),
            (Hearing::Handler, "java", true, Outlook::Reacts),
            (Hearing::Handler, "bash", true, Outlook::Deferred),
            (Hearing::Handler, "bash", false, Outlook::Reacts),
            (Hearing::Handler, "node", false, Outlook::Unsure),
            (Hearing::Unknown, "app", false, Outlook::Unknown),
        ] {
            assert_eq!(outlook(hearing, name, foreground), expected, "{hearing:?} {name}");
        }
    }
}
