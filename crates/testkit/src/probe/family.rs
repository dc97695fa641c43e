//! `probe family PART…`: the main command (the first part) and its children (the others). A part
//! is words in one argument:
//!
//! | word | meaning |
//! |---|---|
//! | `name=N` | its name, in the log and for the kernel |
//! | `log=FILE` | appends `NAME signal N` for each signal, `NAME clean` before it ends by itself |
//! | `session`, `group` | in a new session, in a process group of its own |
//! | `orphan` | its parent ends before it is ready |
//! | `deep=N` | N processes one below the other, each of which plays the part |
//! | `stopped` | stops itself |
//! | `takes=MS` | needs so long to end when told to |
//! | `ignoring` | takes no notice of being told to end |
//! | `leaves=N` | exits with N when told to end; default 0 |
//! | `until-eof` | ends when its stdin does, so that the test leaves nobody behind |
//! | `exits=N` | exits with N as soon as all are ready |

use super::orphans::{end, fork, reap, reap_the_dead};
use super::{fail, say};
use sexton_testkit::signals;
use std::fs::OpenOptions;
use std::io::{Read, Write, pipe};
use std::time::Duration;

#[derive(Clone, Default)]
struct Part {
    name: String,
    log: Option<String>,
    session: bool,
    group: bool,
    orphan: bool,
    deep: u32,
    stopped: bool,
    takes: Duration,
    ignoring: bool,
    until_eof: bool,
    leaves: i32,
    exits: Option<i32>,
}

/// Starts the children, waits until they are ready, and plays the main part.
pub fn play(parts: &[&str]) -> ! {
    let Some((main, children)) = parts.split_first() else { fail("a family of nobody") };
    let main = Part::parse(main);
    let _ = signals::set_mask(signals::ALL);
    for child in children {
        Part::parse(child).start();
    }
    main.settle();
    say("ready");
    if let Some(code) = main.exits {
        end(code);
    }
    main.live()
}

impl Part {
    fn parse(words: &str) -> Part {
        let mut part = Part { name: "main".into(), ..Part::default() };
        for word in words.split_whitespace() {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            let number = || value.parse().unwrap_or_else(|_| fail(&format!("{word}: no number")));
            match key {
                "name" => part.name = value.into(),
                "log" => part.log = Some(value.into()),
                "session" => part.session = true,
                "group" => part.group = true,
                "orphan" => part.orphan = true,
                "deep" => part.deep = number() as u32,
                "stopped" => part.stopped = true,
                "takes" => part.takes = Duration::from_millis(number() as u64),
                "ignoring" => part.ignoring = true,
                "until-eof" => part.until_eof = true,
                "leaves" => part.leaves = number(),
                "exits" => part.exits = Some(number()),
                _ => fail(&format!("{word}: no such behaviour")),
            }
        }
        part
    }

    /// Returns in the parent, when the child and those below it are ready.
    fn start(mut self) {
        let Ok((mut hear, mut tell)) = pipe() else { fail("no pipe") };
        let child = fork();
        if child != 0 {
            drop(tell);
            if self.orphan {
                reap(child);
            }
            let mut word = [0];
            if hear.read_exact(&mut word).is_err() {
                fail(&format!("{} did not get ready", self.name));
            }
            return;
        }
        drop(hear);
        if self.orphan && fork() != 0 {
            end(0);
        }
        self.settle();
        if self.deep > 1 {
            self.deep -= 1;
            let below = Part { orphan: false, name: format!("{}-", self.name), ..self.clone() };
            below.start();
        }
        let _ = tell.write_all(b"r");
        drop(tell);
        if self.stopped {
            let _ = signals::send(std::process::id() as i32, libc::SIGSTOP);
        }
        self.live()
    }

    fn settle(&self) {
        if self.session {
            // SAFETY: takes nothing.
            unsafe { libc::setsid() };
        }
        if self.group {
            // SAFETY: takes two numbers.
            unsafe { libc::setpgid(0, 0) };
        }
        let name = std::ffi::CString::new(self.name.as_bytes()).unwrap_or_default();
        // SAFETY: it reads a C string.
        unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
    }

    fn live(&self) -> ! {
        if self.until_eof {
            std::thread::spawn(|| {
                let _ = std::io::stdin().read_to_end(&mut Vec::new());
                end(0)
            });
        }
        loop {
            let Ok(Some(arrival)) = signals::take(signals::ALL, None) else { continue };
            if arrival.signal == libc::SIGCHLD {
                reap_the_dead();
                continue;
            }
            self.note(&format!("signal {}", arrival.signal));
            let told_to_end = [libc::SIGTERM, libc::SIGINT, libc::SIGQUIT, libc::SIGHUP];
            if told_to_end.contains(&arrival.signal) && !self.ignoring {
                self.finish();
            }
        }
    }

    /// Takes its time, in which signals are still noted.
    fn finish(&self) -> ! {
        let until = std::time::Instant::now() + self.takes;
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            match signals::take(signals::ALL, Some(left)) {
                Ok(Some(arrival)) if arrival.signal != libc::SIGCHLD => {
                    self.note(&format!("signal {}", arrival.signal));
                }
                Ok(Some(_)) => {}
                _ if left.is_zero() => break,
                _ => {}
            }
        }
        self.note("clean");
        end(self.leaves)
    }

    /// One line, in one write, so that those of others do not mix with it.
    fn note(&self, what: &str) {
        let Some(log) = &self.log else { return };
        if let Ok(mut log) = OpenOptions::new().append(true).create(true).open(log) {
            let _ = log.write_all(format!("{} {what}\n", self.name).as_bytes());
        }
    }
}
