//! Records as they are measured, for the tests.

use super::record::{
    Delivered, End, EndsBy, From, Life, Method, Orphan, Ready, ReadyBy, Record, Watch,
};
use super::report::{Report, Run};
use sexton_watch::{Hearing, Reaction};
use std::time::Duration;

pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A life that was there when the signal was sent.
pub fn life(pid: i32, parent: i32, name: &str, end: (u64, End)) -> Life {
    Life {
        pid,
        parent,
        name: name.into(),
        command: vec![name.into()],
        born: None,
        hearing: Hearing::Handler,
        signals: vec![],
        end: Some((ms(end.0), end.1)),
    }
}

/// With this signal delivered to it.
pub fn told(mut life: Life, at: u64, signal: i32, from: From) -> Life {
    let reaction = Reaction::Handler;
    life.signals.push(Delivered { at: ms(at), signal, from, reaction });
    life
}

/// A run under ptrace in which PID 1 begins to exit at `teardown`.
pub fn record(teardown: u64, lives: Vec<Life>) -> Record {
    let gone = lives.first().and_then(|life| life.end).map_or(ms(teardown), |(at, _)| at);
    Record {
        signal: libc::SIGTERM,
        grace: ms(10_000),
        watch: Watch { births_and_signals: Method::Ptrace, ends: EndsBy::Pidfd },
        ready: Ready { by: ReadyBy::Quiet, after: ms(812) },
        orphan: Orphan::Reaped { after: ms(1) },
        zombies: vec![],
        gone,
        at_limit: false,
        teardown: Some(ms(teardown)),
        lives,
        last_words: String::new(),
    }
}

/// `npm start`, as measured: PID 1 passes the signal to its shell, and leaves.
pub fn npm() -> Record {
    let mut record = record(
        570,
        vec![
            told(life(1, 0, "npm start", (571, End::Exited(1))), 0, 15, From::Outside),
            told(life(18, 1, "sh", (3, End::Killed(15))), 2, 15, From::Process(1)),
            life(19, 18, "node", (571, End::Killed(9))),
        ],
    );
    record.orphan = Orphan::LeftAsZombie;
    record
}

/// The same under sexton-init: everybody ends by himself.
pub fn npm_under_init() -> Record {
    record(
        1100,
        vec![
            told(life(1, 0, "sexton-init", (1101, End::Exited(1))), 0, 15, From::Outside),
            told(life(2, 1, "npm start", (560, End::Exited(1))), 1, 15, From::Process(1)),
            told(life(18, 2, "sh", (4, End::Killed(15))), 3, 15, From::Process(2)),
            told(life(19, 18, "node", (1099, End::Exited(0))), 561, 15, From::Process(1)),
        ],
    )
}

/// A server that has no handler.
pub fn deaf() -> Record {
    let mut server = life(1, 0, "python3", (10_001, End::Killed(9)));
    server.hearing = Hearing::Nothing;
    let mut record = record(10_000, vec![server]);
    record.at_limit = true;
    record
}

/// These runs; the first is the command as it is.
pub fn report(records: Vec<Record>) -> Report {
    let init = std::path::Path::new("/usr/bin/sexton-init");
    let inits = [None, Some(init)];
    let runs = records.into_iter().zip(inits).map(|(record, init)| Run::new(init, record));
    Report {
        subject: "npm start".into(),
        signal: libc::SIGTERM,
        grace_ms: 10_000.0,
        runs: runs.collect(),
        exit_code: 3,
    }
}
