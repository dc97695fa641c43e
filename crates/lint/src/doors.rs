//! Inits with a command line of their own: which word is the command, and what becomes of signals
//! and of the other processes.
//!
//! Everything above sees [`Peeled`] alone: words go in, the place of the command and the facts
//! come out. What `sexton-init` understands is read by its own front door.

use sexton_core::door::{Parsed, native};
use sexton_core::policy::{ForwardTo, OnExit, Policy, SignalMap};
use sexton_core::signal::Signal;

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
    match name {
        "sexton-init" => Some(sexton(words, environment)),
        "tini" | "tini-static" | "tini-amd64" | "docker-init" | "podman-init" => {
            Some(tini(words, environment))
        }
        "catatonit" => {
            let mut peeled = letters(words, &CATATONIT);
            peeled.facts.subreaper = Subreaper::Yes;
            Some(peeled)
        }
        "dumb-init" => Some(dumb_init(words, environment)),
        _ => None,
    }
}

fn sexton(words: &[&str], environment: &[String]) -> Peeled {
    let mut policy = Policy::NATIVE;
    let argv = words.iter().map(|word| word.as_bytes());
    let environment = environment.iter().map(|entry| entry.as_bytes());
    let command = match native::parse(&mut policy, argv, environment) {
        Parsed::Run(command) => command,
        Parsed::Print(_) | Parsed::Refuse(_) => words.len(),
    };
    let Policy { forward_to, on_exit, rewrites, .. } = policy;
    let facts = Facts { forward_to, on_exit, rewrites, subreaper: Subreaper::Yes };
    Peeled { command, facts }
}

/// What all of them do unless told otherwise.
const LEAVES: Facts = Facts {
    forward_to: ForwardTo::Command,
    on_exit: OnExit::Leave,
    rewrites: SignalMap::IDENTITY,
    subreaper: Subreaper::No,
};

/// Letters that have a value, and long names that have one.
struct Options {
    letters: &'static str,
    names: &'static [&'static str],
}

/// tini(1): `-p SIGNAL` and `-e CODE`.
const TINI: Options = Options { letters: "pe", names: &[] };
/// catatonit(1): none has a value.
const CATATONIT: Options = Options { letters: "", names: &[] };
/// dumb-init(1): `-r SIGNAL:REPLACEMENT`.
const DUMB_INIT: Options = Options { letters: "r", names: &["rewrite"] };

fn tini(words: &[&str], environment: &[String]) -> Peeled {
    let mut peeled = letters(words, &TINI);
    let options = options(words, peeled.command);
    let given = |letter| options.iter().any(|option| option.is_letter(letter));
    let set = |name: &str| environment.iter().any(|entry| entry.starts_with(name));
    if given('g') || set("TINI_KILL_PROCESS_GROUP=") {
        peeled.facts.forward_to = ForwardTo::Group;
    }
    if given('s') || set("TINI_SUBREAPER=") {
        peeled.facts.subreaper = Subreaper::Yes;
    }
    peeled
}

fn dumb_init(words: &[&str], environment: &[String]) -> Peeled {
    let mut peeled = letters(words, &DUMB_INIT);
    let options = options(words, peeled.command);
    let single = options.iter().any(|o| o.is_letter('c') || o.is_name("single-child"));
    let alone = single || environment.iter().any(|entry| entry == "DUMB_INIT_SETSID=0");
    peeled.facts.forward_to = if alone { ForwardTo::Command } else { ForwardTo::Group };
    for option in options.iter().filter(|o| o.is_letter('r') || o.is_name("rewrite")) {
        let Some((from, to)) = option.value.as_deref().and_then(|value| value.split_once(':'))
        else {
            continue;
        };
        if let Some(from) = from.parse().ok().and_then(Signal::new) {
            peeled.facts.rewrites.set(from, to.parse().ok().and_then(Signal::new));
        }
    }
    peeled
}

/// The place of the first word that is no option and no option's value, as getopt(3) finds it
/// when it stops there.
fn letters(words: &[&str], options: &Options) -> Peeled {
    let mut at = 1;
    while let Some(word) = words.get(at) {
        at += 1;
        match word.as_bytes() {
            b"--" => break,
            [b'-', b'-', ..] => {
                let name = word.trim_start_matches('-');
                if options.names.contains(&name) {
                    at += 1;
                }
            }
            [b'-', _, ..] => {
                let valued = word[1..].find(|letter| options.letters.contains(letter));
                if valued.is_some_and(|place| place + 2 == word.len()) {
                    at += 1;
                }
            }
            _ => {
                at -= 1;
                break;
            }
        }
    }
    Peeled { command: at.min(words.len()), facts: LEAVES }
}

/// One option as it was given.
struct Given {
    name: String,
    value: Option<String>,
}

impl Given {
    fn is_letter(&self, letter: char) -> bool {
        !self.name.starts_with('-') && self.name.contains(letter)
    }

    fn is_name(&self, name: &str) -> bool {
        self.name.strip_prefix("--") == Some(name)
    }
}

/// The options before the command.
fn options(words: &[&str], command: usize) -> Vec<Given> {
    let mut given = Vec::new();
    let before = words.get(1..command).unwrap_or_default();
    for (at, word) in before.iter().enumerate() {
        let next = before.get(at + 1).map(|next| (*next).to_owned());
        match word.strip_prefix("--") {
            Some("") => break,
            Some(long) => match long.split_once('=') {
                Some((name, value)) => {
                    given.push(Given { name: format!("--{name}"), value: Some(value.into()) });
                }
                None => given.push(Given { name: (*word).into(), value: next }),
            },
            None => {
                if let Some(letters) = word.strip_prefix('-') {
                    given.push(Given { name: letters.into(), value: next });
                }
            }
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

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
