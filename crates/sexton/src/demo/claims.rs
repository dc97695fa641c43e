//! What the demo claims, as data: the scenes, the runners, and what happens in each under each.

use serde::Serialize;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scene {
    /// A server without a handler for TERM is told to stop.
    DeafServer,
    /// A program whose grandchildren outlive their parents, and then die.
    OrphanMaker,
    /// A launcher that leaves at once on TERM while its server has a file to save.
    UncleanStop,
}

/// Who is PID 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// The application itself.
    App,
    /// A shell with the application as its child.
    Shell,
    /// tini, as installed.
    Tini,
    /// Ours.
    SextonInit,
}

/// How one scene can end under one runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// TERM ended the server, before the limit.
    StoppedInTime,
    /// TERM changed nothing: at the limit everybody was killed.
    KilledAtTheLimit,
    /// Every dead orphan was reaped.
    Reaped,
    /// Every dead orphan is still there as a zombie.
    LeftAsZombies,
    /// Nobody was killed, and the file is whole.
    CleanStop,
    /// Somebody was killed, and the file is not whole.
    UncleanStop,
    /// None of these; the run's note says what.
    Unexpected,
}

impl Scene {
    /// In the order in which they are shown.
    pub const ALL: [Scene; 3] = [Scene::DeafServer, Scene::OrphanMaker, Scene::UncleanStop];

    /// What is claimed of it, for each runner.
    pub fn claim(self, runner: Runner) -> Outcome {
        use Outcome::*;
        let [app, shell, tini, sexton_init] = match self {
            // The kernel gives PID 1 no default actions (pid_namespaces(7)): neither the server
            // nor the shell in front of it has a handler. Behind an init the server is not PID 1.
            Scene::DeafServer => [KilledAtTheLimit, KilledAtTheLimit, StoppedInTime, StoppedInTime],
            // A shell that waits for its child takes whatever waitpid(-1) gives it.
            Scene::OrphanMaker => [LeftAsZombies, Reaped, Reaped, Reaped],
            // When PID 1 leaves, the kernel kills everybody else in the namespace.
            Scene::UncleanStop => [UncleanStop, UncleanStop, UncleanStop, CleanStop],
        };
        match runner {
            Runner::App => app,
            Runner::Shell => shell,
            Runner::Tini => tini,
            Runner::SextonInit => sexton_init,
        }
    }

    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Scene::DeafServer => "The deaf server",
            Scene::OrphanMaker => "The orphan maker",
            Scene::UncleanStop => "The unclean stop",
        }
    }

    /// For somebody who has never heard of it; lines of at most 76 characters.
    pub fn story(self) -> [&'static str; 2] {
        match self {
            Scene::DeafServer => [
                "A server without a handler for SIGTERM. Anywhere else the signal ends it; as",
                "PID 1 it never arrives. A shell in front is just as deaf, and passes nothing on.",
            ],
            Scene::OrphanMaker => [
                "Three grandchildren outlive their parents: PID 1 adopts them. When they die",
                "PID 1 must reap them, but the app does not know of them: they stay as zombies.",
            ],
            Scene::UncleanStop => [
                "On SIGTERM a launcher leaves at once; its server needs a second to save a file.",
                "When PID 1 leaves, the kernel kills the rest: a fast stop is not a clean stop.",
            ],
        }
    }
}

impl Runner {
    /// In the order of the columns.
    pub const ALL: [Runner; 4] = [Runner::App, Runner::Shell, Runner::Tini, Runner::SextonInit];

    /// As the heading of a column.
    pub fn label(self) -> &'static str {
        match self {
            Runner::App => "app as PID 1",
            Runner::Shell => "sh -c 'app; true'",
            Runner::Tini => "tini",
            Runner::SextonInit => "sexton-init",
        }
    }
}

impl Outcome {
    /// Is this what one wants of a container?
    pub fn is_good(self) -> bool {
        match self {
            Outcome::StoppedInTime | Outcome::Reaped | Outcome::CleanStop => true,
            Outcome::KilledAtTheLimit
            | Outcome::LeftAsZombies
            | Outcome::UncleanStop
            | Outcome::Unexpected => false,
        }
    }

    /// For the sentence "claimed X, observed Y".
    pub fn in_words(self) -> &'static str {
        match self {
            Outcome::StoppedInTime => "stopped in time",
            Outcome::KilledAtTheLimit => "killed at the limit",
            Outcome::Reaped => "every orphan reaped",
            Outcome::LeftAsZombies => "every orphan left as a zombie",
            Outcome::CleanStop => "nobody killed, file whole",
            Outcome::UncleanStop => "somebody killed, file not whole",
            Outcome::Unexpected => "something else",
        }
    }
}
