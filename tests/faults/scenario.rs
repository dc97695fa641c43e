//! One life of a container, from the start to the drain, in which a system call fails.

use crate::table::{Expected, Row, Setting, Way};
use sexton_testkit::accounts::probe_for_everyone;
use sexton_testkit::faults::{Caller, Fault, Faults, Times};
use sexton_testkit::{
    Place, Proc, Pty, Run, Session, Stream, eventually, libc, probe_path, scratch, signals,
};
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// When in its life the fault begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before the first system call.
    Start,
    /// Nothing happens but a CHLD that somebody sent.
    Rest,
    /// A signal is passed on.
    Forward,
    /// An orphan ends.
    Reap,
    /// The command was told to stop, ends with 42, and leaves an orphan that needs its time.
    Drain,
}

impl Phase {
    pub const ALL: [Phase; 5] =
        [Phase::Start, Phase::Rest, Phase::Forward, Phase::Reap, Phase::Drain];
}

/// More processor time than a whole life needs, in ticks of 10 ms.
const TICKS: u64 = 30;

/// A life under way.
pub struct Life {
    pub run: Run,
    pub faults: Faults,
    log: PathBuf,
    /// They must not hang up before the end.
    _terminal: Option<Pty>,
    stdin: Option<OwnedFd>,
}

impl Life {
    /// The init with its command and two orphans, of whom the second is slow to end. It may be that
    /// it cannot be started.
    pub fn start(setting: Setting, calls: &[i64], way: Way, fault: Option<Fault>) -> Life {
        let folder = scratch();
        // Whoever it is who writes there.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("its mode");
        let log = folder.join("log");
        let (init, faults) = Faults::among(&[calls, &[libc::SYS_rt_sigtimedwait]].concat());
        if let Some(fault) = fault {
            faults.arm(fault);
        }
        let init = match way {
            Way::Undrained | Way::Mute => init.options(["--drain-timeout", "50ms"]),
            Way::Unreaped => init.options(["--stop-timeout", "50ms"]),
            _ => init,
        };
        let (stdin, hold) = Stream::pipe_in().expect("a pipe");
        let init = init.stdin(stdin);
        let mut terminal = None;
        let init = match setting {
            Setting::Plain => init,
            Setting::Verbose => init.options(["-vvv"]),
            Setting::VerboseWithoutProc => init.options(["-vvv"]).proc(Proc::None),
            Setting::ByGroup => init.options(["-g"]),
            Setting::NoInit => init.place(Place::Here).options(["-p", "URG"]),
            Setting::Staged => {
                let directory = scratch();
                for part in ["env", "startup"] {
                    fs::create_dir(directory.join(part)).expect("a directory");
                }
                fs::write(directory.join("env/A"), "b").expect("a variable");
                let program = directory.join("startup/10");
                fs::copy("/bin/true", program).expect("a program");
                let option = |name, part| format!("--{name}={}", directory.join(part).display());
                init.options([option("env-dir", "env"), option("startup", "startup")])
            }
            Setting::AsUser => init.options(["--user", "54321"]),
            Setting::OnTerminal => {
                let pty = terminal.insert(Pty::new());
                init.session(Session::OwnWithTerminal(pty.user())).stdin(Stream::Fd(pty.user()))
            }
        };
        // Who is in no namespace ends with the test all the same.
        let all = match setting {
            Setting::NoInit => "until-eof",
            _ => "",
        };
        let parts = ["leaves=42", "name=short orphan session", "name=slow orphan session takes=30"];
        let probe = if setting.needs_root() { probe_for_everyone() } else { probe_path().into() };
        let mut words = vec![probe.display().to_string(), "family".to_string()];
        words.extend(parts.map(|part| format!("{part} log={} {all}", log.display())));
        let run = init.command(words).spawn();
        faults.watch(&run);
        Life { run, faults, log, _terminal: terminal, stdin: Some(hold) }
    }

    /// Whether the command runs, and not only the init.
    pub fn is_started(&mut self) -> bool {
        let lines = self.run.stdout();
        std::iter::from_fn(|| lines.next_line()).any(|line| line == "ready")
    }

    fn heard(&self, line: &str) -> bool {
        fs::read_to_string(&self.log).unwrap_or_default().lines().any(|one| one == line)
    }

    fn is_there(&self, name: &str) -> bool {
        self.run.others().iter().any(|one| one.name == name)
    }

    /// What happens in this phase, up to what comes of it.
    fn live(&mut self, phase: Phase, way: Way) {
        let deaf = matches!(way, Way::Deaf | Way::Mute);
        match phase {
            Phase::Start => {}
            Phase::Rest => {
                let waits = || self.faults.times_seen(Caller::Init, libc::SYS_rt_sigtimedwait);
                let before = waits();
                self.run.send(libc::SIGCHLD);
                eventually("it waits again", || waits() > before);
            }
            // With a value, which needs a system call of its own.
            Phase::Forward => {
                self.run.queue(libc::SIGUSR1, 7).expect("the init is there");
                eventually("USR1 is heard", || deaf || self.heard("main signal 10"));
            }
            Phase::Reap if way == Way::NotAdopted => {}
            Phase::Reap => {
                let short = self.run.process_in_state("short", 'S').pid;
                signals::send(short, libc::SIGKILL).expect("it is there");
                let unreaped = way == Way::Unreaped;
                eventually("it is reaped", || unreaped || !self.is_there("short"));
            }
            Phase::Drain => {
                self.run.send(libc::SIGTERM);
                // Perhaps it was one signal only that could not be passed on.
                let main = self.run.others().into_iter().find(|one| one.name == "main");
                if let Some(main) = main.filter(|_| deaf) {
                    let _ = signals::send(main.pid, libc::SIGTERM);
                }
            }
        }
    }

    /// What is wrong with how it ended.
    fn judge(&mut self, expected: Expected) -> Result<(), String> {
        self.run.has_ended();
        let ticks = self.run.cpu_ticks();
        self.stdin = None;
        let end = self.run.end();
        if end.code != expected.code {
            return Err(format!("exit status {}: {:?}", end.code, end.stderr));
        }
        if ticks > TICKS {
            return Err(format!("{ticks} ticks of processor time"));
        }
        if !end.stderr.iter().any(|one| one.contains(expected.line)) && !expected.line.is_empty() {
            return Err(format!("nobody says {:?}: {:?}", expected.line, end.stderr));
        }
        if matches!(expected.way, Way::On | Way::Deaf) && !self.heard("slow clean") {
            return Err("the slow one was not given its time".into());
        }
        Ok(())
    }
}

/// Lives a life in which this call fails from that phase on.
pub fn play(row: &Row, phase: Phase, errno: i32, times: Times) -> Result<(), String> {
    let fault = Fault { call: row.call, caller: row.caller, errno, times };
    let expected = match times {
        Times::Once => row.once,
        Times::Always => row.always,
    };
    let at_start = (phase == Phase::Start).then_some(fault);
    let mut life = Life::start(row.setting, &[row.call], expected.way, at_start);
    let started = life.is_started();
    if started && expected.way == Way::NoStart {
        return Err("it was started after all".into());
    }
    let mut way = if phase == Phase::Start { expected.way } else { Way::On };
    for now in Phase::ALL.into_iter().skip(1).filter(|_| started) {
        if now == phase {
            life.run.sleeps();
            life.faults.arm(fault);
            way = expected.way;
        }
        if way == Way::Lost {
            life.run.send(libc::SIGCHLD);
            break;
        }
        life.live(now, way);
    }
    life.judge(expected)?;
    match life.faults.hits() {
        0 => Err("the call is not made here".to_string()),
        _ => Ok(()),
    }
}

/// Which calls are made in which phase: a census, for the table to be complete.
pub fn census(setting: Setting, calls: &[i64]) -> Vec<(Phase, Caller, i64)> {
    let mut life = Life::start(setting, calls, Way::On, None);
    assert!(life.is_started(), "{:?}", life.run.end());
    let mut before = Default::default();
    let mut rows = Vec::new();
    for phase in Phase::ALL {
        life.run.sleeps();
        life.live(phase, Way::On);
        if phase == Phase::Drain {
            life.run.has_ended();
        }
        let after = life.faults.seen();
        let old: std::collections::BTreeMap<_, u32> = std::mem::replace(&mut before, after.clone());
        let new = after.iter().filter(|(key, count)| old.get(key) != Some(count));
        rows.extend(new.map(|(&(caller, call), _)| (phase, caller, call)));
    }
    rows
}
