//! Puts an actor under a runner into a fresh PID namespace, stops it as a container runtime does,
//! and keeps what is seen from outside. What it means is judged in `scenes.rs`.

use super::claims::Runner;
use super::fate::{Fate, Watch};
use super::records::FILE_FD;
use super::report::Member;
use sexton_pidns::{Access, Pid1, Process, Running, SIGKILL, SIGTERM, Stream};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Stands in for the 10 s that `docker stop` waits before it kills.
pub const LIMIT: Duration = Duration::from_secs(2);

/// By then every actor has said that it is ready, on a machine however busy.
const READY_LIMIT: Duration = Duration::from_secs(10);

/// Why the demo cannot go on. One line for people.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// What all runs have in common.
pub struct Stage {
    pub access: Access,
    init: PathBuf,
    tini: Option<PathBuf>,
    own_program: PathBuf,
}

/// A run under way: everybody in it is ready.
pub struct Cast {
    pub running: Running,
    /// What came after the word `ready`.
    pub words: String,
    /// The actors' standard input ends when this is dropped.
    pub input: Option<OwnedFd>,
    errors: File,
}

/// Either everybody is ready, or they ended before they were.
pub enum Start {
    Ready(Cast),
    Ended(String),
}

/// How a stop went.
pub struct Stop {
    pub took: Duration,
    pub killed_at_limit: bool,
    pub members: Vec<Member>,
}

impl Stage {
    pub fn new(access: Access, init: PathBuf) -> Result<Stage, Trouble> {
        Ok(Stage {
            access,
            init,
            tini: crate::init_path::in_path("tini"),
            own_program: std::env::current_exe()?,
        })
    }

    pub fn has(&self, runner: Runner) -> bool {
        runner != Runner::Tini || self.tini.is_some()
    }

    /// Starts `sexton actor ROLE` under `runner`, and waits until it is ready. `file` is open in it
    /// as [`FILE_FD`].
    pub fn start(&self, runner: Runner, role: &str, file: &File) -> Result<Start, Trouble> {
        let (stdin, input) = Stream::pipe_in()?;
        let (stdout, output) = Stream::pipe()?;
        let errors = tempfile::tempfile()?;
        let stderr = Stream::Fd(errors.try_clone()?.into());
        let command = self.command(runner).arg("actor").arg(role);
        let mut running = without_our_variables(command)
            .stdin(stdin)
            .stdout(stdout)
            .stderr(stderr)
            .pass_fd(file.try_clone()?.into(), FILE_FD)
            .dies_with_thread()
            .spawn()
            .map_err(|error| format!("under {}: {error}", runner.label()))?;

        if let Ok(line) = first_line(output).recv_timeout(READY_LIMIT)
            && let Some(words) = line.strip_prefix("ready")
        {
            let words = words.trim().to_owned();
            return Ok(Start::Ready(Cast { running, words, input: Some(input), errors }));
        }
        let end = match running.wait_within(Duration::from_millis(100))? {
            Some(status) => format!("ended before it was ready: {}", Fate::from(status)),
            None => "never became ready".into(),
        };
        Ok(Start::Ended([end, said(&errors)].join(": ").trim_end_matches(": ").to_owned()))
    }

    /// Our own program, which has the actors in it, and what stands in front of it.
    fn command(&self, runner: Runner) -> Pid1 {
        let front = match runner {
            Runner::App => return Pid1::new(&self.own_program),
            // `app; true` with the application's words passed on unharmed. The `true` keeps the
            // shell from becoming the application by a last exec.
            Runner::Shell => Pid1::new("sh").args(["-c", "\"$@\"; true", "sh"]),
            Runner::Tini => Pid1::new(self.tini.clone().unwrap_or_default()).arg("--"),
            Runner::SextonInit => Pid1::new(&self.init).arg("--"),
        };
        front.arg(&self.own_program)
    }
}

impl Cast {
    pub fn processes(&self) -> Result<Vec<Process>, Trouble> {
        Ok(self.running.processes()?)
    }

    /// As a container runtime does: TERM to PID 1, and at the limit KILL.
    pub fn stop(&mut self) -> Result<Stop, Trouble> {
        let table = self.processes()?;
        let mut members: Vec<Member> = table.iter().map(Member::of).collect();
        let watches: Vec<Watch> = table.iter().map(|process| Watch::over(process.pid)).collect();
        let began = Instant::now();
        self.running.signal(SIGTERM)?;
        let in_time = self.running.wait_within(LIMIT)?;
        if in_time.is_none() {
            self.running.signal(SIGKILL)?;
        }
        let status = self.running.wait()?;
        let took = began.elapsed();
        for (member, watch) in members.iter_mut().zip(&watches) {
            // PID 1 is our own child: every kernel tells us of that one.
            let fate = if member.pid == 1 { status.into() } else { watch.fate() };
            member.end = Some(fate);
        }
        Ok(Stop { took, killed_at_limit: in_time.is_none(), members })
    }

    /// What was written to standard error so far.
    pub fn said(&self) -> String {
        said(&self.errors)
    }
}

impl Member {
    pub fn of(process: &Process) -> Member {
        Member {
            pid: process.pid_inside,
            parent: process.parent_inside,
            name: process.name.clone(),
            zombie: process.state == 'Z',
            end: None,
        }
    }
}

/// What is set in the caller's shell must not change what the demo shows.
fn without_our_variables(command: Pid1) -> Pid1 {
    let ours = |key: &OsString| {
        let key = key.to_string_lossy();
        key.starts_with("SEXTON_") || key.starts_with("TINI_")
    };
    std::env::vars_os()
        .map(|(key, _)| key)
        .filter(ours)
        .fold(command, |command, key| command.env_remove(key))
}

/// Read by a thread of its own, which ends with the pipe.
fn first_line(output: OwnedFd) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let mut output = BufReader::new(File::from(output));
        if output.read_line(&mut line).is_ok() {
            let _ = sender.send(line); // Nobody waits any more: then nobody cares.
        }
    });
    receiver
}

/// As much as can be had: it is only shown.
fn said(mut errors: &File) -> String {
    let mut bytes = Vec::new();
    let _ = errors.rewind();
    let _ = errors.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
