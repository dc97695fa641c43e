//! One run: start, wait until it is ready, plant an orphan, send the stop signal, watch everybody
//! end. What comes out is a [`Record`]; what it means is decided elsewhere.

use super::container::{Container, Creation};
use super::output::{Output, Show};
use super::progress::Progress;
use super::ready::{self, When};
use super::record::{EndsBy, Method, Orphan, Record, Watch, Zombie};
use super::subject::{Subject, Waited};
use super::tally::{Member, Tally};
use super::trouble::NoVerdict;
use super::words::{list, seconds, signal_name};
use regex::bytes::Regex;
use sexton_pidns::{Pid1, processes_of};
use sexton_watch::{self as watch, Sighting};
use std::ffi::OsString;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// How it is to be run and stopped.
#[derive(Debug, Clone)]
pub struct Plan {
    pub what: What,
    pub signal: i32,
    pub grace: Duration,
    pub ready: When,
    pub ready_limit: Duration,
    /// What [`When::Log`] waits for.
    pub log: Option<Regex>,
    pub orphan: Planting,
    pub watching: Watching,
    pub streams: Streams,
    pub show: Show,
}

/// What is put into the namespace.
#[derive(Debug, Clone)]
pub enum What {
    /// A command, with the caller's files.
    Command(Vec<OsString>),
    /// A container that is made for the run.
    Container(Creation),
}

/// Whether an orphan is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planting {
    Plant,
    Leave,
}

/// By which means it is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Watching {
    /// ptrace where it is permitted, else proc
    Auto,
    /// Every birth, signal and end; a little slower, and no setuid programs without root
    Ptrace,
    /// Only look at /proc and hold pidfds: no signals, no short lives
    Proc,
}

/// What the command's standard streams are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    Pipes,
    Terminal,
}

/// How long PID 1 may take to reap the orphan.
const REAPED_WITHIN: Duration = Duration::from_secs(1);
/// After SIGKILL the kernel ends everybody; it is not waited for longer than this.
const KILLED_WITHIN: Duration = Duration::from_millis(700);
/// For what is still to be heard of those who have ended.
const NEWS_WITHIN: Duration = Duration::from_millis(100);

/// Runs it, once.
pub fn perform(plan: &Plan, progress: &Progress) -> Result<Record, NoVerdict> {
    progress.say("starting");
    let mut subject = start(plan)?;
    let ready = ready::wait(&mut subject, &plan.ready, plan.ready_limit, progress)?;
    progress.say("planting an orphan");
    let orphan = plant(&mut subject, plan.orphan)?;
    let zombies = zombies(&mut subject)?;
    subject.go_on_until(Instant::now())?;
    subject.tally.begin(plan.signal);

    let start = Instant::now();
    let signalled = subject.signal(plan.signal);
    signalled.map_err(|error| format!("cannot send {}: {error}", signal_name(plan.signal)))?;
    let at_limit = !stops(&mut subject, start, plan, progress)?;
    if at_limit {
        subject.kill(KILLED_WITHIN);
    }
    let gone = subject.tally.first().and_then(|first| first.ended);
    subject.watch_the_rest(NEWS_WITHIN);
    subject.wait_for_statuses(NEWS_WITHIN);

    let since = |at: Instant| at.saturating_duration_since(start);
    let ends = match (subject.tally.pidfds_tell(), subject.method) {
        (true, _) => EndsBy::Pidfd,
        (false, Method::Ptrace) => EndsBy::Ptrace,
        (false, Method::Proc) => EndsBy::Nothing,
    };
    Ok(Record {
        signal: plan.signal,
        grace: plan.grace,
        watch: Watch { births_and_signals: subject.method, ends },
        ready,
        orphan,
        zombies,
        gone: gone.map_or_else(|| start.elapsed(), since),
        at_limit,
        teardown: subject.tally.teardown().map(since),
        lives: subject.tally.lives(start),
        last_words: subject.output.last_words(),
    })
}

/// Whether PID 1 goes within the grace period.
fn stops(
    subject: &mut Subject,
    start: Instant,
    plan: &Plan,
    progress: &Progress,
) -> Result<bool, NoVerdict> {
    let limit = start + plan.grace;
    loop {
        let names: Vec<String> = subject.tally.alive().map(Member::label).collect();
        progress.say(&format!(
            "{} sent {} ago, SIGKILL at {}; still there: {}",
            signal_name(plan.signal),
            seconds(start.elapsed()),
            seconds(plan.grace),
            list(&names)
        ));
        match subject.watch_until(limit.min(Instant::now() + Duration::from_millis(100))) {
            Waited::Gone => return Ok(true),
            Waited::TooMany => return Err(subject.forks_without_end()),
            Waited::InVain if Instant::now() >= limit => return Ok(false),
            Waited::InVain => {}
        }
    }
}

fn start(plan: &Plan) -> Result<Subject, NoVerdict> {
    if let (When::Port(port), What::Command(_)) = (&plan.ready, &plan.what)
        && ready::listens(std::process::id().cast_signed(), *port)
    {
        return Err(format!("port {port} is taken before the command has started").into());
    }
    let started = Instant::now();
    match &plan.what {
        What::Command(words) => start_command(plan, words, started),
        What::Container(creation) => {
            let (container, output) = Container::start(creation, plan.log.clone(), plan.show)?;
            let pid1 = container.pid1().map_err(|trouble| trouble.quoting(&output))?;
            let watched = watch_theirs(pid1, plan.watching).and_then(|(sightings, method)| {
                let pidfd = watch::open(pid1).map_err(|error| format!("the container: {error}"))?;
                Ok((sightings, method, pidfd))
            });
            let (sightings, method, pidfd) = watched.map_err(|trouble| {
                // If it has ended meanwhile, that is the reason.
                container.pid1().err().unwrap_or(trouble).quoting(&output)
            })?;
            Ok(Subject {
                pid1,
                pidfd,
                sightings,
                method,
                tally: Tally::default(),
                output,
                started,
                is_killed: false,
                container: Some(container),
            })
        }
    }
}

fn start_command(plan: &Plan, words: &[OsString], started: Instant) -> Result<Subject, NoVerdict> {
    let mut watching = plan.watching;
    loop {
        let (command, output) = command(plan, words)?;
        let spawned = match watching {
            Watching::Auto | Watching::Ptrace => {
                watch::trace(command).map(|(pid, pidfd, seen)| (pid, pidfd, seen, Method::Ptrace))
            }
            Watching::Proc => watch::spawn_and_look(command)
                .map(|(pid, pidfd, seen)| (pid, pidfd, seen, Method::Proc)),
        };
        let (pid1, pidfd, sightings, method) = match spawned {
            Ok(parts) => parts,
            // ptrace is refused here: nothing was executed yet.
            Err(sexton_pidns::Error::Io { step: "look at the child", .. })
                if watching == Watching::Auto =>
            {
                watching = Watching::Proc;
                continue;
            }
            Err(error) => return Err(in_words(&error)),
        };
        return Ok(Subject {
            pid1,
            pidfd,
            sightings,
            method,
            tally: Tally::default(),
            output,
            started,
            is_killed: false,
            container: None,
        });
    }
}

fn in_words(error: &sexton_pidns::Error) -> NoVerdict {
    match error {
        sexton_pidns::Error::Refused(refused) => {
            format!("a PID namespace is needed, which is refused here: {refused}").into()
        }
        sexton_pidns::Error::Io { step: "look at the child", source } => {
            format!("ptrace is refused here ({source}): try --watch proc").into()
        }
        other => other.to_string().into(),
    }
}

fn command(plan: &Plan, words: &[OsString]) -> Result<(Pid1, Output), NoVerdict> {
    let (program, args) = words.split_first().ok_or("no command".to_owned())?;
    let command = Pid1::new(program).args(args);
    let made = match plan.streams {
        Streams::Pipes => Output::piped(command, plan.log.clone(), plan.show),
        Streams::Terminal => Output::on_terminal(command, plan.log.clone(), plan.show),
    };
    made.map_err(|error| format!("cannot make its standard streams: {error}").into())
}

/// Everybody in a container.
fn watch_theirs(pid1: i32, watching: Watching) -> Result<(Receiver<Sighting>, Method), NoVerdict> {
    if watching != Watching::Proc {
        match watch::attach(pid1) {
            Ok(sightings) => return Ok((sightings, Method::Ptrace)),
            Err(error) if watching == Watching::Ptrace => {
                return Err(format!("ptrace is refused here: {error}").into());
            }
            Err(_) => {}
        }
    }
    let sightings = watch::look(pid1);
    let sightings = sightings.map_err(|error| format!("cannot look at the container: {error}"))?;
    Ok((sightings, Method::Proc))
}

/// Plants an orphan and lets it end: does PID 1 reap it?
fn plant(subject: &mut Subject, planting: Planting) -> Result<Orphan, NoVerdict> {
    if planting == Planting::Leave {
        return Ok(Orphan::NotPlanted { reason: "not wanted".into() });
    }
    let mut orphan = match sexton_pidns::Orphan::plant(subject.pid1) {
        Ok(orphan) => orphan,
        Err(error) => {
            subject.go_on_until(Instant::now())?;
            return Ok(Orphan::NotPlanted { reason: error.to_string() });
        }
    };
    let ended = Instant::now();
    orphan.end();
    while !orphan.is_reaped() {
        if ended.elapsed() >= REAPED_WITHIN {
            return Ok(Orphan::LeftAsZombie);
        }
        subject.go_on_until(Instant::now() + Duration::from_millis(1))?;
    }
    Ok(Orphan::Reaped { after: ended.elapsed() })
}

/// Zombies that stay: a parent may be about to wait, so they are looked at twice.
fn zombies(subject: &mut Subject) -> Result<Vec<Zombie>, NoVerdict> {
    let first = zombies_now(subject);
    if first.is_empty() {
        return Ok(first);
    }
    subject.go_on_until(Instant::now() + REAPED_WITHIN)?;
    let second = zombies_now(subject);
    Ok(first.into_iter().filter(|zombie| second.contains(zombie)).collect())
}

fn zombies_now(subject: &Subject) -> Vec<Zombie> {
    let Ok(all) = processes_of(subject.pid1) else { return Vec::new() };
    let name = |pid| all.iter().find(|one| one.pid_inside == pid).map(|one| one.name.clone());
    // The orphan was ours, and has been judged. It ended under our own program's name.
    all.iter()
        .filter(|one| one.state == 'Z' && one.name != sexton_pidns::Orphan::NAME)
        .map(|one| Zombie {
            pid: one.pid_inside,
            name: one.name.clone(),
            parent: one.parent_inside,
            parent_name: name(one.parent_inside).unwrap_or_default(),
        })
        .collect()
}
