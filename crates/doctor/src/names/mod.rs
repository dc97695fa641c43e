//! What containers are called: asked where it can be had, never needed.
//!
//! `cgroup` finds the id, `engine` asks Docker and podman over their sockets, `files` reads what
//! Kubernetes leaves lying about and what conmon was told.

pub mod cgroup;
pub mod engine;
pub mod files;

use crate::sight::Sight;
use cgroup::{Engine, Place};
use serde::Serialize;
use sexton_core::signal::Signal;
use std::collections::{HashMap, HashSet};
use std::sync::mpsc::channel;
use std::time::Duration;

/// What is known of one container beside its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Who said so.
    pub engine: Option<Engine>,
    /// Its name, without Docker's `/`.
    pub name: Option<String>,
    /// `namespace/pod`.
    pub pod: Option<String>,
    /// What the engine sends to stop it.
    pub stop_signal: Option<Signal>,
}

/// Names by container id.
#[derive(Debug, Clone, Default)]
pub struct Names {
    known: HashMap<String, Known>,
    asked: HashSet<String>,
    /// What could not be asked, in words.
    pub silent: Vec<String>,
}

/// A container as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Who made it.
    pub engine: Engine,
    /// Its id.
    pub id: String,
    /// Its name, if somebody told.
    pub name: Option<String>,
    /// `namespace/pod` or the pod's UID, if Kubernetes made it.
    pub pod: Option<String>,
    /// What the engine sends to stop it, if it told; without `SIG`.
    pub stop_signal: Option<String>,
}

/// How long the engines have to answer.
const PATIENCE: Duration = Duration::from_millis(1500);

impl Names {
    /// Asks everybody about those of which nobody was asked before. An engine that does not answer
    /// is left behind in its thread.
    pub fn learn(&mut self, places: &[Place], seen: &Sight) {
        let ids = places.iter().map(|place| place.id.clone());
        let ids: Vec<String> = ids.filter(|id| self.asked.insert(id.clone())).collect();
        if ids.is_empty() {
            return;
        }
        for close in seen.close.values() {
            if close.executes("conmon")
                && let Some((id, known)) = files::conmon(&close.arguments)
            {
                self.tell(&id, known);
            }
        }
        files::ask(&ids, self);
        let (send, answers) = channel();
        std::thread::spawn(move || {
            let _ = send.send(engine::ask(&ids)); // Nobody waits any more: too late.
        });
        match answers.recv_timeout(PATIENCE) {
            Ok(told) => {
                told.known.into_iter().for_each(|(id, known)| self.tell(&id, known));
                self.silent = told.silent;
            }
            Err(_) => self.silent = vec!["container engines: no answer in time".to_owned()],
        }
    }

    /// What is told later fills the gaps only.
    pub fn tell(&mut self, id: &str, told: Known) {
        let known = self.known.entry(id.to_owned()).or_default();
        known.engine = known.engine.or(told.engine);
        known.name = known.name.take().or(told.name);
        known.pod = known.pod.take().or(told.pod);
        known.stop_signal = known.stop_signal.or(told.stop_signal);
    }

    /// All about the container at this place.
    pub fn container(&self, place: &Place) -> Container {
        let known = self.known.get(&place.id);
        let engine = match (place.engine, known.and_then(|known| known.engine)) {
            (Engine::Unknown, Some(told)) => told,
            (engine, _) => engine,
        };
        Container {
            engine,
            id: place.id.clone(),
            name: known.and_then(|known| known.name.clone()),
            pod: known.and_then(|known| known.pod.clone()).or_else(|| place.pod.clone()),
            stop_signal: known.and_then(|known| known.stop_signal).map(signal_name),
        }
    }

    /// What the engine sends to stop it, if it told.
    pub fn stop_signal(&self, place: &Place) -> Option<Signal> {
        self.known.get(&place.id)?.stop_signal
    }
}

impl Container {
    /// What fits a line: the name, or the pod's, or as much of the id as engines show.
    pub fn title(&self) -> String {
        let id: String = self.id.chars().take(12).collect();
        match (&self.name, &self.pod) {
            (Some(name), Some(pod)) => format!("{pod}/{name}"),
            (Some(name), None) => name.clone(),
            (None, Some(pod)) => format!("{pod}/{id}"),
            (None, None) => id,
        }
    }

    /// Whether a person who says this word means it: a name, or the beginning of an id.
    pub fn is_meant(&self, word: &str) -> bool {
        let name = self.name.as_deref() == Some(word);
        let pod = self.pod.as_deref().is_some_and(|pod| {
            pod == word || pod.rsplit('/').next() == Some(word) || self.title() == word
        });
        name || pod || (!word.is_empty() && self.id.starts_with(word))
    }
}

/// `TERM`, `RTMIN+3`.
pub fn signal_name(signal: Signal) -> String {
    let mut buffer = [0; 32];
    let mut text = sexton_core::text::Text::new(&mut buffer);
    signal.write(&mut text);
    let name = String::from_utf8_lossy(text.bytes()).into_owned();
    name.strip_prefix("SIG").map_or(name.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_meant_by_its_name_its_pod_or_the_beginning_of_its_id() {
        let place = Place { engine: Engine::Unknown, id: "3f2a77".into(), pod: Some("uid".into()) };
        let mut names = Names::default();
        names.tell("3f2a77", Known { name: Some("web".into()), ..Known::default() });
        names.tell(
            "3f2a77",
            Known {
                engine: Some(Engine::Containerd),
                name: Some("later".into()),
                pod: Some("shop/web-1".into()),
                ..Known::default()
            },
        );
        let container = names.container(&place);
        assert_eq!(container.title(), "shop/web-1/web");
        assert_eq!(container.engine, Engine::Containerd);
        for word in ["web", "shop/web-1", "web-1", "shop/web-1/web", "3f", "3f2a77"] {
            assert!(container.is_meant(word), "{word}");
        }
        for word in ["", "we", "later", "f2a", "shop"] {
            assert!(!container.is_meant(word), "{word}");
        }
    }

    #[test]
    fn signals_are_called_as_people_call_them() {
        let names = [15, 37, 9].map(|number| signal_name(Signal::new(number).unwrap()));
        assert_eq!(names, ["TERM", "RTMIN+3", "KILL"]);
    }
}
