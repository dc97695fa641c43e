//! Inits with a command line of their own: which word is the command, and what becomes of signals
//! and of the other processes.
//!
//! Everything above sees [`Peeled`] alone: words go in, the place of the command and the facts
//! come out. The words are read by the front doors of the core, which are those that the init runs.

use sexton_core::door::{Door, Parsed, parse};
use sexton_core::policy::{self, ForwardTo, OnExit, Policy, SignalMap};

/// What an init does, as far as its command line says.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who gets the signals.
    pub forward_to: ForwardTo,
    /// What follows the command's end.
    pub on_exit: OnExit,
    /// Which signal is sent in place of the one that came.
    pub rewrites: SignalMap,
    /// Whether it adopts orphans where it is not PID 1.
    pub subreaper: Subreaper,
}

/// Whether an init adopts orphans where it is not PID 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subreaper {
    /// It makes itself one.
    Yes,
    /// Only PID 1 gets orphans.
    No,
}

/// What is behind an init.
#[derive(Debug, Clone)]
pub struct Peeled {
    /// The command, as a place in the words; equal to their number if there is none.
    pub command: usize,
    /// What the init does.
    pub facts: Facts,
}

/// Reads the command line of an init, its name first; `None`: this is no init that we know.
/// `environment` has entries as `NAME=value`.
pub fn peel(name: &str, words: &[&str], environment: &[String]) -> Option<Peeled> {
    let name = original(name);
    // The one runs nothing, the other is no init.
    Door::named(name.as_bytes()).filter(|door| !matches!(door, Door::Pause | Door::Setuser))?;
    let mut policy = Policy::native();
    let argv = words.iter().enumerate().map(|(at, word)| match at {
        0 => name.as_bytes(),
        _ => word.as_bytes(),
    });
    let environment = environment.iter().map(|entry| entry.as_bytes());
    let command = match parse(&mut policy, argv, environment) {
        Parsed::Run(launch) => launch.command_at,
        Parsed::Print(..) | Parsed::Refuse(_) => words.len(),
    };
    let Policy { forward_to, on_exit, rewrites, subreaper, .. } = policy;
    let subreaper = match subreaper {
        policy::Subreaper::Automatic | policy::Subreaper::Always => Subreaper::Yes,
        policy::Subreaper::No => Subreaper::No,
    };
    Some(Peeled { command, facts: Facts { forward_to, on_exit, rewrites, subreaper } })
}

/// Which program usually has this name. docker-init and podman-init may be ours as well, but in
/// an image that we know nothing of they are Docker's tini and podman's catatonit.
fn original(name: &str) -> &str {
    match name {
        "docker-init" | "tini-amd64" | "tini-arm64" => "tini",
        "podman-init" => "catatonit",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sexton_core::signal::Signal;

    fn command(words: &str) -> String {
        let words: Vec<&str> = words.split(' ').collect();
        let peeled = peel(words[0], &words, &[]).unwrap();
        words[peeled.command..].join(" ")
    }

    #[test]
    fn the_command_is_found_behind_the_options_of_each_init() {
        for (words, expected) in [
            ("tini -- app -s", "app -s"),
            ("tini app", "app"),
            ("tini -s -g -p SIGTERM -- app", "app"),
            ("tini -vvv -e 143 app -e", "app -e"),
            ("dumb-init app", "app"),
            ("dumb-init --rewrite 15:3 -- app", "app"),
            ("dumb-init -r 15:3 -c app", "app"),
            ("catatonit -- app", "app"),
            ("sexton-init --rewrite TERM:QUIT -g app -x", "app -x"),
            ("tini --", ""),
            ("sexton-init --no-such-option app", ""),
        ] {
            assert_eq!(command(words), expected, "{words}");
        }
    }

    #[test]
    fn what_an_init_does_with_signals_and_orphans_is_read_from_its_options() {
        let facts = |words: &str, environment: &[&str]| {
            let words: Vec<&str> = words.split(' ').collect();
            let environment: Vec<String> = environment.iter().map(|e| (*e).into()).collect();
            peel(words[0], &words, &environment).unwrap().facts
        };
        assert_eq!(facts("tini -sg app", &[]).forward_to, ForwardTo::Group);
        assert_eq!(facts("tini -sg app", &[]).subreaper, Subreaper::Yes);
        assert_eq!(facts("tini app", &["TINI_SUBREAPER="]).subreaper, Subreaper::Yes);
        assert_eq!(facts("dumb-init app", &[]).forward_to, ForwardTo::Group);
        assert_eq!(facts("dumb-init app", &["DUMB_INIT_SETSID=0"]).forward_to, ForwardTo::Command);
        let quit = Signal::new(3);
        for words in ["dumb-init --rewrite 15:3 app", "dumb-init -r 15:3 app"] {
            assert_eq!(facts(words, &[]).rewrites.get(Signal::TERM), quit, "{words}");
        }
        let sexton = facts("sexton-init --rewrite TERM:QUIT app", &["SEXTON_ON_EXIT=leave"]);
        assert_eq!(sexton.rewrites.get(Signal::TERM), quit);
        assert_eq!(sexton.on_exit, OnExit::Leave);
    }
}
