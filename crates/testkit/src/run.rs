//! A run of the init under way.

use crate::{Lines, Process, Running, View, eventually, patience, probe_path};
use std::ops::{Deref, DerefMut};
use std::os::unix::process::ExitStatusExt;

/// The init and what it and its command say. Killed when dropped.
#[derive(Debug)]
pub struct Run {
    running: Running,
    stdout: Option<Lines>,
    stderr: Option<Lines>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// As a shell tells it: 128+n for a signal.
    pub code: i32,
    /// The lines that had not been read before.
    pub stdout: Vec<String>,
    /// All lines.
    pub stderr: Vec<String>,
}

impl Deref for Run {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.running
    }
}

impl DerefMut for Run {
    fn deref_mut(&mut self) -> &mut Running {
        &mut self.running
    }
}

impl Run {
    pub(crate) fn new(running: Running, stdout: Option<Lines>, stderr: Option<Lines>) -> Run {
        Run { running, stdout, stderr }
    }

    /// Its stdout.
    ///
    /// # Panics
    /// If it was given another than a pipe to the test.
    #[track_caller]
    pub fn stdout(&mut self) -> &mut Lines {
        self.stdout.as_mut().expect("stdout is a pipe to the test")
    }

    /// The lines of its stdout that have been read.
    ///
    /// # Panics
    /// If it was given another than a pipe to the test.
    #[track_caller]
    pub fn stdout_so_far(&self) -> &[String] {
        &self.stdout.as_ref().expect("stdout is a pipe to the test").seen
    }

    /// Its stderr.
    ///
    /// # Panics
    /// If it was given another than a pipe to the test.
    #[track_caller]
    pub fn stderr(&mut self) -> &mut Lines {
        self.stderr.as_mut().expect("stderr is a pipe to the test")
    }

    /// The same run, when the probe says that it is ready.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn ready(mut self) -> Run {
        let lines = self.stdout.as_mut().expect("stdout is a pipe to the test");
        if !std::iter::from_fn(|| lines.next_line()).any(|line| line == "ready") {
            let seen = lines.seen.clone();
            panic!("not ready: {seen:?} {:?}", self.end());
        }
        self
    }

    /// What `probe status` saw.
    ///
    /// # Panics
    /// If it says nothing.
    #[track_caller]
    pub fn view(&mut self) -> View {
        let lines = self.stdout().until("ready", |line| line == "ready");
        View::of(lines.iter().map(String::as_str))
    }

    /// Sends a signal from outside.
    ///
    /// # Panics
    /// If it has been waited for.
    #[track_caller]
    pub fn send(&self, signal: i32) {
        self.running.signal(signal).expect("the init is there");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn end(&mut self) -> End {
        let code = self.code();
        let read = |lines: &mut Option<Lines>| lines.as_mut().map(Lines::rest).unwrap_or_default();
        let stdout = read(&mut self.stdout);
        read(&mut self.stderr);
        let stderr = self.stderr.as_ref().map(|lines| lines.seen.clone()).unwrap_or_default();
        End { code, stdout, stderr }
    }

    /// Waits for its end only: as a shell tells it, 128+n for a signal.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn code(&mut self) -> i32 {
        let status = match self.running.wait_within(patience()).expect("our own child") {
            Some(status) => status,
            None => panic!("still running after {:?}: {:#?}", patience(), self.running.processes()),
        };
        status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
    }

    /// Waits until it has ended, without reaping it: what it has used can still be read.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn has_ended(&self) {
        eventually("the init has ended", || self.stat(0) == "Z");
    }

    /// The processor time that the init itself has used, in ticks of 10 ms (proc(5), `utime` and
    /// `stime`).
    ///
    /// # Panics
    /// If it has been waited for.
    #[track_caller]
    pub fn cpu_ticks(&self) -> u64 {
        [11, 12].map(|field| self.stat(field).parse::<u64>().expect("a number")).iter().sum()
    }

    /// A field of its `/proc/PID/stat`, counted from the state.
    #[track_caller]
    fn stat(&self, field: usize) -> String {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.running.pid()));
        let stat = stat.expect("not reaped");
        let (_, fields) = stat.rsplit_once(") ").expect("proc(5)");
        fields.split(' ').nth(field).expect("proc(5)").into()
    }

    /// Everybody but the init.
    ///
    /// # Panics
    /// If `/proc` cannot be read.
    #[track_caller]
    pub fn others(&self) -> Vec<Process> {
        let all = self.running.processes().expect("/proc");
        all.into_iter().filter(|one| one.pid != self.running.pid()).collect()
    }

    /// The one process of this name, when it is there and in this state.
    ///
    /// # Panics
    /// If it does not come.
    #[track_caller]
    pub fn process_in_state(&self, name: &str, state: char) -> Process {
        let mut found = None;
        eventually(&format!("{name} in state {state}"), || {
            let all = self.others();
            found = all.into_iter().find(|one| one.name == name && one.state == state);
            found.is_some()
        });
        found.expect("found")
    }

    /// Waits until the init sleeps.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn sleeps(&self) {
        eventually("the init sleeps", || {
            let all = self.running.processes().expect("/proc");
            all.iter().any(|one| one.pid == self.running.pid() && one.state == 'S')
        });
    }

    /// Starts the probe in its namespaces from outside, as `docker exec` does.
    ///
    /// # Panics
    /// If nsenter(1) is missing.
    #[track_caller]
    pub fn exec_probe(&self, words: &[&str]) -> std::process::Child {
        let mut command = std::process::Command::new("nsenter");
        command.args(["--target", &self.running.pid().to_string(), "--pid", "--mount"]);
        command.arg(probe_path()).args(words);
        command.stdout(std::process::Stdio::piped()).spawn().expect("nsenter(1)")
    }
}
