//! What happened, as it is kept and as `--json` prints it.

use super::claims::{Outcome, Runner, Scene};
use super::fate::Fate;
use super::records::Saved;
use super::stage::{LIMIT, Stage};
use serde::{Serialize, Serializer};
use std::time::Duration;

/// The end of `sexton demo -h`.
pub const EXIT_CODES: &str = "\
Exit codes: 0 all as claimed, 1 something was not, 125 could not be tried.
--help says what --json prints.";

/// The end of `sexton demo --help`: these keys stay.
pub const JSON_KEYS: &str = "\
Exit codes:
  0    everything happened as each scene claims
  1    something did not; it is named at the end
  125  the demo could not be run, such as when namespaces are refused

Environment:
  SEXTON_INIT  the path of sexton-init, if it is neither beside sexton nor in PATH
  NO_COLOR     no colour

Keys of --json (times in whole milliseconds):
  version     1; changes only if a key changes its meaning
  sexton, kernel, access (root | user-namespace), limit_ms, elapsed_ms
  ok          whether every run matched its claim
  left_out[]  runner, reason
  scenes[]    scene (deaf-server | orphan-maker | unclean-stop) and runs[]:
    runner    app | shell | tini | sexton-init
    claimed, observed, matched
              stopped-in-time | killed-at-the-limit | reaped | left-as-zombies |
              clean-stop | unclean-stop | unexpected
    note      what was unexpected, or null
    stop_ms   from SIGTERM to the end of PID 1, or null where nothing was stopped
    killed_at_limit
              whether SIGKILL had to be sent to PID 1
    processes[]
              pid, parent (inside; 0 is outside), name, zombie, and end, which is how it
              ended: \"exit N\", \"TERM\", \"KILL\", \"signal N\"; \"gone\" where the kernel
              (before 6.15) does not tell; null if it did not end
    kill_0[]  pid of a dead orphan, and answer to kill -0
    file      records, of, whole; or null
    said      what PID 1 and the others wrote to stderr";

/// Everything.
#[derive(Serialize)]
pub struct Report {
    pub version: u32,
    pub sexton: &'static str,
    pub kernel: String,
    pub access: &'static str,
    #[serde(rename = "limit_ms", serialize_with = "milliseconds")]
    pub limit: Duration,
    #[serde(rename = "elapsed_ms", serialize_with = "milliseconds")]
    pub elapsed: Duration,
    pub ok: bool,
    pub left_out: Vec<LeftOut>,
    pub scenes: Vec<SceneReport>,
}

/// A runner that this machine does not have.
#[derive(Serialize)]
pub struct LeftOut {
    pub runner: Runner,
    pub reason: &'static str,
}

/// One scene under every runner there is, in the order of the columns.
#[derive(Serialize)]
pub struct SceneReport {
    pub scene: Scene,
    pub runs: Vec<Run>,
}

/// One scene under one runner.
#[derive(Debug, Serialize)]
pub struct Run {
    pub runner: Runner,
    pub claimed: Outcome,
    pub observed: Outcome,
    pub matched: bool,
    pub note: Option<String>,
    #[serde(rename = "stop_ms", serialize_with = "maybe_milliseconds")]
    pub stop: Option<Duration>,
    pub killed_at_limit: bool,
    pub processes: Vec<Member>,
    pub kill_0: Vec<Kill0>,
    pub file: Option<Saved>,
    pub said: String,
}

/// One process of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    pub pid: i32,
    pub parent: i32,
    pub name: String,
    pub zombie: bool,
    pub end: Option<Fate>,
}

/// What kill(2) with signal 0 said of a dead orphan.
#[derive(Debug, Serialize)]
pub struct Kill0 {
    pub pid: i32,
    pub answer: String,
}

impl Report {
    pub fn new(stage: &Stage) -> Report {
        Report {
            version: 1,
            sexton: env!("CARGO_PKG_VERSION"),
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            access: match stage.access {
                sexton_pidns::Access::Root => "root",
                sexton_pidns::Access::UserNamespace => "user-namespace",
            },
            limit: LIMIT,
            elapsed: Duration::ZERO,
            ok: false,
            left_out: stage.left_out(),
            scenes: Vec::new(),
        }
    }

    pub fn add(&mut self, scene: SceneReport) {
        self.scenes.push(scene);
    }

    /// Only now can it be well.
    pub fn finish(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
        let ok = self.runs().all(|(_, run)| run.matched);
        self.ok = ok;
    }

    pub fn runs(&self) -> impl Iterator<Item = (Scene, &Run)> {
        self.scenes.iter().flat_map(|one| one.runs.iter().map(|run| (one.scene, run)))
    }

    pub fn to_json(&self) -> String {
        // Our own types: no map with keys that are not strings, nothing that can fail.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    maybe_milliseconds(&Some(*time), serializer)
}

#[expect(clippy::ref_option, reason = "serde hands out a reference to the field")]
fn maybe_milliseconds<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
}
