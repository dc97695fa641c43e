//! Does this PID 1 reap strangers? The one thing that is not only looked at: an orphan is planted.
//!
//! ```text
//! doctor ── planter ═╪═ go-between ── orphan          ═╪═ the namespace's border
//!           joins it  │   leaves at once   waits to be told to end
//! ```
//!
//! The planter and the others are processes of our own program ([`Role`]): joining a namespace
//! needs a process without threads, and a fork of ours would have them. They are not in the
//! container's control group, so that the orphan takes nothing from its room.

use crate::proc::read::Proc;
use crate::proc::table::{Id, Process, State};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long PID 1 has. Inits that look once a second are well within.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// What the orphan is called in `ps`.
const NAME: &str = "sexton-orphan";

/// Between two looks at it.
const PAUSE: Duration = Duration::from_millis(1);

/// What became of the orphan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Its PID in the namespace.
    pub pid_inside: i32,
    /// How long after its end it was reaped, in milliseconds; `None`: it stays as a zombie.
    pub reaped_after_ms: Option<u64>,
}

/// The part that a process of our own program plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Joins the namespace of this process.
    Planter(Id),
    /// Starts the orphan and leaves.
    GoBetween,
    /// Says its PID, waits for the end of its stdin, and ends.
    Orphan,
}

impl Role {
    /// From the words it was started with.
    pub fn parse(words: &[String]) -> Option<Role> {
        match words {
            [role, pid, started] if role == "planter" => {
                Some(Role::Planter(Id { pid: pid.parse().ok()?, started: started.parse().ok()? }))
            }
            [role] if role == "go-between" => Some(Role::GoBetween),
            [role] if role == "orphan" => Some(Role::Orphan),
            _ => None,
        }
    }

    fn words(self) -> Vec<String> {
        match self {
            Role::Planter(id) => {
                vec!["planter".to_owned(), id.pid.to_string(), id.started.to_string()]
            }
            Role::GoBetween => vec!["go-between".to_owned()],
            Role::Orphan => vec!["orphan".to_owned()],
        }
    }
}

/// Plants one orphan below this PID 1, and watches what becomes of it. `ours` starts our own
/// program so that it plays the role whose words are added.
///
/// # Errors
/// In words: the namespace may not be joined, or there is no room for a process.
pub fn plant(proc: &Proc, pid1: &Process, ours: &[&str]) -> Result<Outcome, String> {
    let mut planter = Command::new("/proc/self/exe");
    planter.args(ours).args(Role::Planter(pid1.id).words());
    planter.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut planter = planter.spawn().map_err(|error| format!("no planter: {error}"))?;
    let end_of_orphan = planter.stdin.take();
    let mut line = String::new();
    let said = planter.stdout.take().map(|said| BufReader::new(said).read_line(&mut line));
    let mut complaint = String::new();
    if let Some(mut stderr) = planter.stderr.take() {
        let _ = stderr.read_to_string(&mut complaint); // Whatever there is of it.
    }
    let _ = planter.wait();
    let pid_inside = match (said, line.trim().parse::<i32>()) {
        (Some(Ok(_)), Ok(pid)) => pid,
        _ => return Err(format!("no orphan could be planted: {}", complaint.trim())),
    };
    let orphan = find(proc, pid1, pid_inside).ok_or("the planted orphan is not to be seen")?;
    drop(end_of_orphan);
    Ok(Outcome { pid_inside, reaped_after_ms: watch(proc, orphan) })
}

fn find(proc: &Proc, pid1: &Process, pid_inside: i32) -> Option<Id> {
    let table = proc.table().ok()?;
    let planted = table.processes().iter().find(|one| {
        one.name == NAME.as_bytes()
            && one.pid_inside() == Some(pid_inside)
            && one.depth() == pid1.depth()
            && one.parent == pid1.id.pid
    });
    planted.map(|one| one.id)
}

/// From its end on.
fn watch(proc: &Proc, orphan: Id) -> Option<u64> {
    let state = || proc.process(orphan).and_then(|dir| dir.stat()).map(|now| now.state).ok();
    let deadline = Instant::now() + PATIENCE;
    let mut ended = None;
    loop {
        let now = Instant::now();
        match state() {
            None => {
                let after = now.saturating_duration_since(ended.unwrap_or(now));
                return Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
            }
            Some(State::Zombie) => ended = ended.or(Some(now)),
            Some(_) => {}
        }
        if now > deadline {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Plays a part; `ours` as in [`plant`]. Call it before any thread is started.
///
/// # Errors
/// In words, for stderr.
pub fn play(role: Role, ours: &[&str]) -> Result<(), String> {
    let start = |role: Role, stdout: Stdio| {
        let mut next = Command::new("/proc/self/exe");
        next.args(ours).args(role.words()).stdin(Stdio::inherit()).stdout(stdout);
        next.stderr(Stdio::null());
        next.spawn().map_err(|error| in_words("start a process in the namespace", &error))
    };
    match role {
        Role::Planter(id) => {
            join(id).map_err(|error| in_words("join the namespace", &error))?;
            let mut go_between = start(Role::GoBetween, Stdio::inherit())?;
            let status = go_between.wait().map_err(|error| in_words("wait", &error))?;
            if status.success() { Ok(()) } else { Err(format!("the go-between: {status}")) }
        }
        Role::GoBetween => start(Role::Orphan, Stdio::inherit()).map(|_| ()),
        Role::Orphan => {
            let named = std::fs::write("/proc/self/comm", NAME);
            named.map_err(|error| in_words("take a name", &error))?;
            let said = writeln!(io::stdout(), "{}", std::process::id());
            said.map_err(|error| in_words("say its PID", &error))?;
            let _ = io::stdin().read_to_end(&mut Vec::new());
            Ok(())
        }
    }
}

/// Directly, or by way of its user namespace: without root that is where the right comes from.
fn join(id: Id) -> io::Result<()> {
    let proc = Proc::open(Path::new("/proc"))?;
    let dir = proc.process(id)?;
    let open = |name: &str| dir.open_file(name).map(File::from);
    let (pids, users) = (open("ns/pid")?, open("ns/user")?);
    let enter = |file: &File, kind| move_into_link_name_space(file.as_fd(), Some(kind));
    if enter(&pids, LinkNameSpaceType::ProcessID).is_err() {
        enter(&users, LinkNameSpaceType::User)?;
        enter(&pids, LinkNameSpaceType::ProcessID)?;
    }
    Ok(())
}

fn in_words(step: &str, error: &io::Error) -> String {
    format!("{step}: {error}")
}
