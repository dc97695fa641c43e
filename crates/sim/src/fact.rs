//! What happens in a run, as the judges see it and as a trace tells it.

use crate::kernel::{Code, Info, Kernel, Outcome, Sender, State, Task};
use sexton_core::course::Stage;
use sexton_core::errno::Errno;
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::text::Text;
use std::fmt::Write;

/// One thing that happened. The last ones are only the init's.
#[derive(Clone, Debug)]
pub enum Fact {
    Born {
        task: Task,
        parent: Option<Task>,
    },
    Ended {
        task: Task,
        status: u32,
    },
    Adopted {
        task: Task,
        by: Option<Task>,
    },
    Reaped {
        task: Task,
        by: Option<Task>,
    },
    Stopped {
        task: Task,
        signal: Signal,
    },
    Continued {
        task: Task,
    },
    Sent {
        from: Sender,
        to: Task,
        info: Info,
        outcome: Outcome,
    },
    Heard {
        task: Task,
        info: Info,
    },
    Called {
        by: Task,
        target: i32,
        signal: Signal,
        failed: Option<Errno>,
    },
    /// Its wait for a signal is over.
    Woke,
    /// It took a signal out of its queue.
    Took(Info),
    /// wait4 said that this child was stopped.
    SawStop {
        task: Task,
        signal: Signal,
    },
    /// wait4 said that there is no child.
    NoChild,
    /// wait4 failed for no reason.
    WaitFailed,
    /// It started the next program of a stage, or not.
    Began {
        stage: Stage,
        began: Began,
    },
    /// It read the clock.
    Clock,
    /// It is going to wait for a signal.
    Waits,
    /// There is none: it sleeps until then.
    Sleeps {
        until: u64,
    },
    /// It ended.
    Left {
        code: u8,
    },
    /// It wrote a line to its log.
    Said(String),
    /// Something was done to it or its surroundings.
    Befell(String),
}

/// What came of starting a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    /// It runs.
    UnderWay(Task),
    /// There is none.
    Nothing,
    /// There was no process for it.
    Failed,
}

/// The name of a signal, without `SIG`.
pub fn signal_name(signal: Signal) -> String {
    let mut buffer = [0; 32];
    let mut text = Text::new(&mut buffer);
    signal.write(&mut text);
    let name = String::from_utf8_lossy(text.bytes()).into_owned();
    name.strip_prefix("SIG").map_or(name.clone(), String::from)
}

/// `17 main`.
pub fn process_name(kernel: &Kernel, task: Task) -> String {
    let one = kernel.at(task);
    format!("{} {}", one.pid, one.name)
}

fn info_name(info: &Info) -> String {
    let mut text = signal_name(info.signal);
    if info.code == Code::Queue {
        let _ = write!(text, " with {}", info.value);
    }
    text
}

fn how_it_ended(status: u32) -> String {
    match WaitStatus::decode(status) {
        WaitStatus::Exited(code) => format!("exits with {code}"),
        WaitStatus::Killed(signal) => format!("is killed by {}", signal_name(signal)),
        WaitStatus::Stopped(_) | WaitStatus::Continued => format!("status {status:#x}"),
    }
}

impl Fact {
    /// In words; nothing for what a reader of a trace can do without.
    pub fn tell(&self, kernel: &Kernel) -> Option<String> {
        let name = |task: &Task| process_name(kernel, *task);
        let whom = |task: &Option<Task>| task.as_ref().map_or("nobody here".to_string(), name);
        Some(match self {
            Fact::Born { task, parent } => {
                let one = kernel.at(*task);
                format!("{} is born to {}, group {}", name(task), whom(parent), one.group)
            }
            Fact::Ended { task, status } => format!("{} {}", name(task), how_it_ended(*status)),
            Fact::Adopted { task, by } => format!("{} is adopted by {}", name(task), whom(by)),
            Fact::Reaped { task, by } => format!("{} is reaped by {}", name(task), whom(by)),
            Fact::Stopped { task, signal } => {
                format!("{} is stopped by {}", name(task), signal_name(*signal))
            }
            Fact::Continued { task } => format!("{} runs on", name(task)),
            Fact::Sent { from, to, info, outcome } => {
                let from = match from {
                    Sender::Task(task) => name(task),
                    Sender::Outside => "outside".to_string(),
                    Sender::Kernel => "the kernel".to_string(),
                };
                if info.code == Code::Child {
                    return None;
                }
                let came = match (outcome, kernel.at(*to).state) {
                    (Outcome::Queued, State::Stopped) => ", while it is stopped",
                    (Outcome::Queued, _) => "",
                    (Outcome::Merged, _) => ", of which one waits already",
                    (Outcome::Ignored, _) => ", which hears no such thing",
                    (Outcome::Dead, _) => ", which is a zombie",
                    (Outcome::Refused, _) => ": no permission",
                    (Outcome::Full, _) => ": no room in the queue",
                };
                format!("{from} sends {} to {}{came}", info_name(info), name(to))
            }
            Fact::Heard { task, info } => format!("{} hears {}", name(task), info_name(info)),
            Fact::Called { by, target, signal, failed } => {
                let errno = failed.as_ref()?;
                let (by, signal) = (name(by), signal_name(*signal));
                format!("{by}: kill({target}, {signal}) fails: errno {}", errno.0)
            }
            Fact::Woke => "init wakes up".to_string(),
            Fact::Took(info) => format!("init takes {}", info_name(info)),
            Fact::SawStop { task, signal } => {
                format!("init sees {} stopped by {}", name(task), signal_name(*signal))
            }
            Fact::NoChild => "init has no child".to_string(),
            Fact::WaitFailed => "init: wait4 fails".to_string(),
            Fact::Began { began: Began::Nothing, .. } => return None,
            Fact::Began { stage, began: Began::UnderWay(task) } => {
                format!("init has started {}, of {stage:?}", name(task))
            }
            Fact::Began { stage, began: Began::Failed } => {
                format!("init has no process for {stage:?}")
            }
            Fact::Clock | Fact::Waits => return None,
            Fact::Sleeps { until: u64::MAX } => "init sleeps".to_string(),
            Fact::Sleeps { until } => format!("init sleeps until {}", seconds(*until)),
            Fact::Left { code } => format!("init exits with {code}"),
            Fact::Said(line) => format!("init says: {line}"),
            Fact::Befell(what) => what.clone(),
        })
    }
}

/// `12.345678`.
pub fn seconds(nanos: u64) -> String {
    format!("{}.{:06}", nanos / 1_000_000_000, nanos / 1000 % 1_000_000)
}
