//! What the rules look at: one container, whichever file describes it.

use crate::effective::{Arg, Chain, What};
use crate::known::images::Image;
use crate::source::Place;
use sexton_core::policy::OnExit;

/// A container as it will run.
#[derive(Debug)]
pub struct Container {
    /// As a subject of a sentence: "the image", "service web".
    pub name: String,
    /// What stands for it in its file.
    pub place: Place,
    /// ENTRYPOINT, or what overrides it.
    pub entrypoint: Option<CommandLine>,
    /// CMD, or what overrides it.
    pub cmd: Option<CommandLine>,
    /// What runs.
    pub chain: Chain,
    /// The signal that asks it to stop.
    pub stop_signal: Option<StopSignal>,
    /// Who its processes are.
    pub user: User,
    /// The image that it is made from, where it is known.
    pub image: Option<Image>,
    /// What the runtime puts in front of everything: `init: true`.
    pub runtime_init: Option<Place>,
    /// Health checks, probes and hooks.
    pub probes: Vec<Probe>,
    /// Whether the application's source, where it is at hand, handles the stop signal.
    pub handles_stop: Option<bool>,
    /// What is special to the kind of file.
    pub setting: Setting,
}

/// A command line as it is written.
#[derive(Debug, Clone)]
pub struct CommandLine {
    /// How it is written.
    pub form: Form,
    /// The words; of the shell form the shell, its options and the text.
    pub words: Vec<Arg>,
    /// All of it.
    pub place: Place,
    /// The instruction or key before it.
    pub key: Place,
}

/// How a command line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A list of words.
    Exec,
    /// A text that the image's shell runs.
    Shell,
    /// A text that is split into words, as compose does.
    Split,
}

/// The signal that asks a container to stop.
#[derive(Debug, Clone)]
pub struct StopSignal {
    /// As it is written.
    pub text: String,
    /// Where; `None` if the base image says it.
    pub place: Option<Place>,
}

/// Who a container's processes are.
#[derive(Debug, Clone, Default)]
pub struct User {
    /// As it is written, and where.
    pub said: Option<(String, Place)>,
    /// What is in force.
    pub is: Who,
}

/// Whether processes are root's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Who {
    /// They are.
    Root,
    /// They are not.
    Other,
    /// It depends on an image that we do not know.
    #[default]
    Unknown,
}

/// A command that is run beside the container's own.
#[derive(Debug)]
pub struct Probe {
    /// What it is called: `HEALTHCHECK`, `livenessProbe`.
    pub name: String,
    /// Which kind.
    pub kind: ProbeKind,
    /// What it runs.
    pub chain: Chain,
    /// Its command.
    pub place: Place,
    /// How long it may take, in seconds.
    pub timeout: Option<u64>,
}

/// What kind of command is run beside the container's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// Again and again.
    Repeated,
    /// Once, after the start.
    PostStart,
    /// Once, before the stop signal.
    PreStop,
}

/// What is special to the kind of file.
#[derive(Debug)]
pub enum Setting {
    /// A Dockerfile.
    Image(ImageFacts),
    /// A script on its own.
    Script,
    /// A compose service.
    Service(ServiceFacts),
    /// A container of a pod.
    Pod(PodFacts),
}

/// What only a Dockerfile says.
#[derive(Debug, Default)]
pub struct ImageFacts {
    /// The texts of all RUN instructions that lead to the image.
    pub runs: Vec<(String, Place)>,
    /// The text of the whole file.
    pub text: String,
}

/// What only a compose service says.
#[derive(Debug)]
pub struct ServiceFacts {
    /// `pid:`
    pub pid: Option<(String, Place)>,
    /// Seconds between the stop signal and SIGKILL.
    pub grace: Grace,
    /// Whether the number of processes is limited.
    pub pids_limit: Limit,
    /// The reference of its image, where it is not built.
    pub image: Option<(String, Place)>,
}

/// Whether something is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// It is.
    Set,
    /// It is not.
    None,
}

/// The time between the stop signal and SIGKILL.
#[derive(Debug, Clone)]
pub struct Grace {
    /// Seconds.
    pub seconds: u64,
    /// Where it is said; `None`: it is the default.
    pub place: Option<Place>,
}

/// What only a manifest says.
#[derive(Debug)]
pub struct PodFacts {
    /// `Deployment`, `CronJob`, …
    pub kind: String,
    /// `hostPID: true`
    pub host_pid: Option<Place>,
    /// `shareProcessNamespace: true`
    pub shared: Option<Place>,
    /// `terminationGracePeriodSeconds`
    pub grace: Grace,
    /// `spec.os.name`
    pub os: Option<String>,
    /// `lifecycle.stopSignal`
    pub stop_signal: Option<(String, Place)>,
    /// Its role in the pod.
    pub role: Role,
    /// The reference of its image.
    pub image: Option<(String, Place)>,
    /// Where a line for the pod's spec can be put in, and how it is indented.
    pub spec: Place,
    /// `preStop`'s own sleep, in seconds.
    pub pre_stop_sleep: Option<(u64, Place)>,
    /// Whether it may do everything on its node.
    pub privileged: Option<Place>,
}

/// A container's role in a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is what the pod is for.
    Main,
    /// It runs and ends before the others start.
    Init,
    /// It starts before the others and lives as long: an init container with restartPolicy Always.
    Sidecar,
}

impl Container {
    /// What becomes of the processes that are left when the command ends: the init in front
    /// decides. `None` without an init.
    pub fn on_exit(&self) -> Option<OnExit> {
        if let Some((_, link)) = self.chain.init() {
            return Some(match &link.what {
                What::Init(facts) => facts.on_exit,
                _ => OnExit::Drain,
            });
        }
        // docker-init is tini, podman-init is catatonit: both leave.
        self.runtime_init.is_some().then_some(OnExit::Leave)
    }

    /// Whether an init is in front of everything.
    pub fn has_init(&self) -> bool {
        self.on_exit().is_some() || self.image.is_some_and(|image| image.init.is_some())
    }

    /// Whether this is a pod of the given facts.
    pub fn pod(&self) -> Option<&PodFacts> {
        if let Setting::Pod(pod) = &self.setting { Some(pod) } else { None }
    }

    /// Whether it does its work once and ends.
    pub fn is_job(&self) -> bool {
        self.pod().is_some_and(|pod| {
            matches!(pod.kind.as_str(), "Job" | "CronJob") || pod.role == Role::Init
        })
    }
}
