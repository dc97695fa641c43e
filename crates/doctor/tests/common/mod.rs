//! A program as PID 1 of a namespace, and what the doctor says of it.
#![allow(dead_code, reason = "each test file uses its own part of it")]

use sexton_doctor::judge::Level;
use sexton_doctor::look::{Memory, look};
use sexton_doctor::names::Names;
use sexton_doctor::proc::read::Proc;
use sexton_doctor::report::{About, Finding, Group, NamespaceReport, Report, Stop};
use sexton_doctor::sight::Sight;
use sexton_testkit::{Access, Lines, Pid1, Running, Stream, access, eventually, probe_path, skip};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Between the two looks. Zombies here stay for ever, and samples are taken in any case.
pub const DWELL: Duration = Duration::from_millis(50);

/// A program that runs as PID 1.
pub struct Patient {
    pub running: Running,
    pub stdout: Lines,
}

/// The probe in this part, once it is ready.
#[track_caller]
pub fn probe(words: &[&str]) -> Patient {
    let mut patient = start(Pid1::new(probe_path()).args(words));
    patient.is_ready();
    if let ["zombies", _, count] = words {
        patient.awaits_zombies(count.parse().unwrap());
    }
    patient
}

/// Any program, which need not be ready.
#[track_caller]
pub fn start(pid1: Pid1) -> Patient {
    let (out, stdout) = Stream::pipe().unwrap();
    let running = pid1.stdin(Stream::Null).stdout(out).spawn().unwrap();
    Patient { running, stdout: Lines::of(stdout) }
}

impl Patient {
    /// The probe has started whom it starts: before that who goes between can be a zombie, too.
    #[track_caller]
    pub fn is_ready(&mut self) {
        self.stdout.until("ready", |line| line == "ready");
    }

    /// They are told to end, and need a moment for it.
    #[track_caller]
    pub fn awaits_zombies(&self, count: usize) {
        eventually("they have ended", || {
            let all = self.running.processes().unwrap();
            all.iter().filter(|one| one.state == 'Z').count() == count
        });
    }

    /// What is said of its namespace.
    #[track_caller]
    pub fn report(&self) -> NamespaceReport {
        self.report_with(&mut Memory::default())
    }

    /// The same, with what earlier looks remember.
    #[track_caller]
    pub fn report_with(&self, memory: &mut Memory) -> NamespaceReport {
        let sight = sight(memory);
        let report = Report::of(&sight, &Names::default(), memory);
        of_pid(report, self.running.pid())
    }
}

/// All that is to be seen.
pub fn sight(memory: &mut Memory) -> Sight {
    let proc = Proc::open(Path::new("/proc")).unwrap();
    look(&proc, memory, DWELL, &mut std::thread::sleep).unwrap()
}

/// The namespace whose PID 1 is this.
#[track_caller]
pub fn of_pid(report: Report, pid: i32) -> NamespaceReport {
    let mut namespaces = report.namespaces.into_iter();
    let found = namespaces.find(|one| one.pid1.as_ref().is_some_and(|who| who.pid == pid));
    found.unwrap_or_else(|| panic!("no namespace has PID 1 {pid}"))
}

/// Its groups of zombies.
pub fn groups(report: &NamespaceReport) -> Vec<(&Finding, &Group)> {
    let all = report.findings.iter();
    all.filter_map(|finding| match &finding.about {
        About::Zombies(group) => Some((finding, group)),
        _ => None,
    })
    .collect()
}

/// Its only group of zombies.
#[track_caller]
pub fn only_group(report: &NamespaceReport) -> (&Finding, &Group) {
    match groups(report).as_slice() {
        [one] => *one,
        others => panic!("not one group: {others:#?}"),
    }
}

/// What is said of its stop signal.
#[track_caller]
pub fn stop(report: &NamespaceReport) -> (&Finding, &Stop) {
    let mut stops = report.findings.iter().filter_map(|finding| match &finding.about {
        About::Stop(stop) => Some((finding, stop)),
        _ => None,
    });
    stops.next().unwrap_or_else(|| panic!("no verdict on the stop signal: {report:#?}"))
}

/// The evidence in one line.
pub fn because(finding: &Finding) -> String {
    finding.because.join("\n")
}

/// Whether a person would see it without `--all`.
pub fn is_shown(finding: &Finding) -> bool {
    finding.level > Level::Fine
}

/// A shell outside whose children are inside: what `docker exec` has for a parent.
#[track_caller]
pub fn enter(patient: &Patient, script: &str) -> Child {
    let mut nsenter = Command::new("nsenter");
    nsenter.args(["--target", &patient.running.pid().to_string(), "--pid", "--no-fork"]);
    if access() == Ok(Access::UserNamespace) {
        nsenter.args(["--user", "--preserve-credentials"]);
    }
    nsenter.args(["sh", "-c", script]).stdin(Stdio::null()).spawn().unwrap()
}

/// Whether a program is here; if not, the test is skipped.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !here {
        skip(&format!("{program} is not installed"));
    }
    here
}

/// A control group of the test's own, of either version.
pub struct ControlGroup {
    path: PathBuf,
    unified: bool,
}

impl ControlGroup {
    /// With this controller; `None` and a skip where there is none to be had.
    pub fn new(controller: &str) -> Option<ControlGroup> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sexton-test-{}-{number}", std::process::id());
        let top = Path::new("/sys/fs/cgroup");
        let (parent, unified) = match top.join(controller).join("cgroup.procs").exists() {
            true => (top.join(controller), false),
            false => (top.to_owned(), true),
        };
        let path = parent.join(name);
        if let Err(error) = fs::create_dir(&path) {
            skip(&format!("no control group for {controller}: {error}"));
            return None;
        }
        let group = ControlGroup { path, unified };
        let file = if controller == "pids" { "pids.max" } else { "cgroup.procs" };
        if !group.path.join(file).exists() {
            skip(&format!("control groups have no {controller} here"));
            return None;
        }
        Some(group)
    }

    /// Of version 2, beside those of version 1 where both are mounted.
    pub fn unified() -> Option<ControlGroup> {
        let tops = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].map(Path::new);
        let top = tops.into_iter().find(|top| top.join("cgroup.controllers").exists())?;
        let path = top.join(format!("sexton-test-unified-{}", std::process::id()));
        fs::create_dir(&path).ok()?;
        Some(ControlGroup { path, unified: true })
    }

    pub fn write(&self, file: &str, value: &str) {
        fs::write(self.path.join(file), value).unwrap();
    }

    pub fn freeze(&self) {
        match self.unified {
            true => self.write("cgroup.freeze", "1"),
            false => self.write("freezer.state", "FROZEN"),
        }
    }

    pub fn thaw(&self) {
        match self.unified {
            true => self.write("cgroup.freeze", "0"),
            false => self.write("freezer.state", "THAWED"),
        }
    }

    /// A shell in it as PID 1, in which `probe` is the probe.
    pub fn start(&self, script: &str) -> Patient {
        let script = script.replace("probe", probe_path().to_str().unwrap());
        let enter = format!("echo 0 >{}/cgroup.procs; {script}", self.path.display());
        start(Pid1::new("bash").args(["-c", &enter]))
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        self.thaw_if_frozen();
        // It is empty a moment after its last process was killed.
        for _ in 0..200 {
            if fs::remove_dir(&self.path).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl ControlGroup {
    fn thaw_if_frozen(&self) {
        let file = if self.unified { "cgroup.freeze" } else { "freezer.state" };
        if self.path.join(file).exists() {
            self.thaw();
        }
    }
}
