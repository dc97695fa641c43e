//! `sexton doctor`: what is wrong with PID 1 on this machine, and whose fault it is.
//!
//! The looking and the judging are the library `sexton-doctor`'s. Here is what was asked for
//! ([`Args`]), the order of things ([`examine`]), and how it is drawn (`text.rs`, `watch.rs`).

mod text;
mod watch;

use crate::cannot;
use indicatif::{ProgressBar, ProgressStyle};
use sexton_doctor::judge::Level;
use sexton_doctor::judge::zombie::Verdict;
use sexton_doctor::look::{Memory, look};
use sexton_doctor::names::Names;
use sexton_doctor::probe::{self, Role};
use sexton_doctor::proc::read::Proc;
use sexton_doctor::report::{About, Finding, NamespaceReport, Report, places};
use sexton_doctor::sight::Sight;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

const EXIT_CODES: &str = "\
Exit codes: 0 nothing wrong, 1 something is, 125 could not look. --help says more.";

const MORE: &str = "\
Exit codes:
  0    nothing wrong; what is marked ! is to be known, or to be found out
  1    something is wrong; it is marked ✗
  125  could not look: no /proc, no such process or container, --probe was refused

Environment:
  DOCKER_HOST     Docker's socket, if it begins with unix://; else /var/run/docker.sock
  CONTAINER_HOST  podman's, likewise; beside its usual places
  NO_COLOR        no colour

Whose fault a zombie is (verdict in --json):
  orphan-not-reaped       PID 1's, which adopted it: put an init in front
  child-not-waited-for    its parent's, which started it: no init helps
  subreaper-not-reaping   a process's that asked for orphans
  owed-from-outside       the shim's, nsenter's or debugger's that brought it in
  undecided               PID 1's; --probe tells whether it reaps strangers
  held-by-tracer, reaper-paused, leader-of-live-threads, transient

What the stop signal will do (answer in --json):
  reacts, reacts-uncleanly, deferred, deaf, unsure, ending

Root sees what processes wait for and have open; for others those verdicts are likely ones.";

/// Exit codes: 0 nothing wrong, 1 something is, 125 could not look.
#[derive(clap::Args)]
#[command(after_help = EXIT_CODES, after_long_help = MORE)]
pub struct Args {
    /// Show what is as it should be, too
    #[arg(long)]
    all: bool,
    /// Only the container of this name, or whose id begins so
    #[arg(long, value_name = "NAME|ID", conflicts_with = "pid")]
    container: Option<String>,
    /// Only the PID namespace that this process is in
    #[arg(long, value_name = "PID")]
    pid: Option<i32>,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Look again and again, and show a table that changes; ends with Ctrl-C
    #[arg(long)]
    watch: bool,
    /// Plant one orphan where zombies are undecided, or where --pid or --container says, and see
    /// whether PID 1 reaps it: the only thing that touches anything
    #[arg(long, conflicts_with = "watch")]
    probe: bool,
    /// Seconds between the two looks: a zombie that is gone by then was none
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    dwell: Duration,
}

fn seconds(word: &str) -> Result<Duration, String> {
    let seconds: f64 = word.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match (0.0..=3600.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("not between 0 and 3600 seconds".to_owned()),
    }
}

/// Looks, and says what is wrong.
pub fn run(args: &Args) -> ExitCode {
    let outcome = match args.watch {
        true => watch::run(args),
        false => once(args),
    };
    match outcome {
        Ok(Level::Problem) => ExitCode::FAILURE,
        Ok(Level::Fine | Level::Note) => ExitCode::SUCCESS,
        Err(reason) => cannot(&reason),
    }
}

fn once(args: &Args) -> Result<Level, String> {
    let mut waiting = Waiting::default();
    let report = examine(args, &mut Known::default(), &mut |time| waiting.pass(time))?;
    drop(waiting);
    // A closed pipe is no reason to stop: the exit code still tells.
    let _ = match args.json {
        true => writeln!(std::io::stdout(), "{}", json(&report)),
        false => {
            let text = text::for_stdout(&text::report(&report, args.all));
            anstream::stdout().write_all(text.as_bytes())
        }
    };
    Ok(report.level)
}

/// What one examination leaves for the next.
#[derive(Default)]
struct Known {
    memory: Memory,
    names: Names,
}

/// One examination: both looks, the names, the judgement, and of it what was asked for.
fn examine(
    args: &Args,
    known: &mut Known,
    pause: &mut dyn FnMut(Duration),
) -> Result<Report, String> {
    let Known { memory, names } = known;
    let proc = Path::new("/proc");
    let cannot_read =
        |errno: rustix::io::Errno| format!("cannot look at {}: {errno}", proc.display());
    let proc = Proc::open(proc).map_err(cannot_read)?;
    let mut sight = look(&proc, memory, args.dwell, pause).map_err(cannot_read)?;
    if sight.table.processes().is_empty() {
        return Err("cannot look at /proc: nobody is in it; is it mounted?".into());
    }
    names.learn(&places(&sight), &sight);
    let mut report = Report::of(&sight, names, memory);
    select(args, &sight, &mut report)?;
    if args.probe {
        probe(args, &proc, &mut sight, &report)?;
        report = Report::of(&sight, names, memory);
        select(args, &sight, &mut report)?;
    }
    Ok(report)
}

/// Of the report only what was asked for.
fn select(args: &Args, sight: &Sight, report: &mut Report) -> Result<(), String> {
    if let Some(pid) = args.pid {
        let key = sight.namespaces.of(pid).ok_or(format!("no process {pid} is to be seen"))?;
        report.keep(|one| one.key == key);
    }
    if let Some(word) = &args.container {
        select_container(report, word)?;
    }
    Ok(())
}

/// One orphan in each namespace that was asked for, or where it would decide something.
fn probe(args: &Args, proc: &Proc, sight: &mut Sight, report: &Report) -> Result<(), String> {
    let named = args.pid.is_some() || args.container.is_some();
    for one in &report.namespaces {
        let open = |finding: &Finding| match &finding.about {
            About::Zombies(group) => group.verdict == Verdict::Undecided,
            _ => false,
        };
        let Some(who) = one.pid1.as_ref().filter(|_| named || one.findings.iter().any(open)) else {
            continue;
        };
        let Some(pid1) = sight.table.get(who.pid) else { continue };
        let outcome = probe::plant(proc, pid1, &[ORPHAN_COMMAND])
            .map_err(|reason| format!("--probe of PID {}: {reason}", who.pid))?;
        sight.probes.insert(pid1.id, outcome);
    }
    Ok(())
}

/// The hidden command by which `--probe` starts its helpers.
const ORPHAN_COMMAND: &str = "orphan";

/// A part that a helper of `--probe` plays.
#[derive(clap::Args)]
pub struct Orphan {
    role: Vec<String>,
}

/// Plays it.
pub fn play(orphan: &Orphan) -> ExitCode {
    let role = Role::parse(&orphan.role).ok_or("orphan: no such role".to_owned());
    match role.and_then(|role| probe::play(role, &[ORPHAN_COMMAND])) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => cannot(&reason),
    }
}

fn select_container(report: &mut Report, word: &str) -> Result<(), String> {
    let is_meant = |one: &NamespaceReport| {
        let all = one.container.iter().chain(&one.shared_with);
        all.into_iter().any(|container| container.is_meant(word))
    };
    if !report.namespaces.iter().any(is_meant) {
        let containers = report.namespaces.iter().filter_map(|one| one.container.as_ref());
        let known: Vec<String> = containers.map(|one| one.title()).collect();
        let known = if known.is_empty() { "none is to be seen".into() } else { known.join(", ") };
        return Err(format!("no container {word} has a PID namespace of its own here: {known}"));
    }
    report.keep(is_meant);
    Ok(())
}

/// A line on a terminal's stderr while we wait; it is wiped away when dropped. In a pipe: nothing.
#[derive(Default)]
struct Waiting {
    bar: Option<ProgressBar>,
}

impl Waiting {
    fn pass(&mut self, time: Duration) {
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("  {spinner} looking again in a moment");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        bar.enable_steady_tick(Duration::from_millis(100));
        std::thread::sleep(time);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn json(report: &Report) -> String {
    // Our own types: no map with keys that are not strings, nothing that can fail.
    serde_json::to_string_pretty(report).unwrap_or_default()
}
