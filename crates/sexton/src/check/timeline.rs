//! The stop as rows, one a process: what the terminal and the picture both draw.

use super::record::{Delivered, From, Life};
use super::report::Run;
use super::verdict::{How, Judged, Told};
use super::words::{seconds, short_signal};
use std::collections::HashSet;
use std::time::Duration;

/// More rows than this are counted instead of drawn.
const ROWS_MAX: usize = 30;

/// Everybody's stop, on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// What the whole width stands for, from the stop signal on.
    pub span: Duration,
    pub rows: Vec<Row>,
    /// Processes that are not drawn, and how many of them were killed.
    pub left_out: usize,
    pub left_out_killed: usize,
}

/// One process. Times are parts of the span, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// How deep it stands in the tree, and at each depth whether more follow there.
    pub branches: Vec<Branch>,
    pub label: String,
    pub born: f64,
    pub told: Option<f64>,
    pub end: f64,
    pub tone: Tone,
    /// `exit 0`, `SIGKILL`.
    pub ended: String,
    /// `571 ms`.
    pub after: String,
    /// Who told it, or that nobody did.
    pub telling: String,
}

/// A piece of a tree's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    /// More siblings of an ancestor follow below.
    Passing,
    /// No more do.
    Nothing,
    /// This one, with more siblings.
    Fork,
    /// This one, the last.
    Last,
}

/// How its end is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Itself,
    Signal,
    Killed,
    Unknown,
}

/// Lays out one run.
pub fn of(run: &Run) -> Timeline {
    let Run { record, verdict, .. } = run;
    let ends = record.lives.iter().filter_map(|life| life.end.map(|(at, _)| at));
    let span = ends.chain([record.gone]).max().unwrap_or_default().max(Duration::from_millis(1));
    let mut rows = Vec::new();
    let mut drawn = HashSet::new();
    let all: Vec<(&Life, Judged)> = record.lives.iter().zip(verdict.ends.iter().copied()).collect();
    let known: HashSet<i32> = all.iter().map(|(life, _)| life.pid).collect();
    for (index, (life, _)) in all.iter().enumerate() {
        if life.parent == 0 || !known.contains(&life.parent) {
            grow(index, &all, span, &[], &mut drawn, &mut rows);
        }
    }
    let (rows, left_out) = the_most_telling(rows);
    let left_out_killed = left_out.iter().filter(|row| row.tone == Tone::Killed).count();
    Timeline { span, rows, left_out: left_out.len(), left_out_killed }
}

/// At most [`ROWS_MAX`], and of too many rather those who were killed; and the others.
fn the_most_telling(rows: Vec<Row>) -> (Vec<Row>, Vec<Row>) {
    let mut room = ROWS_MAX;
    let too_many = rows.len() > ROWS_MAX;
    let killed = rows.iter().filter(|row| row.tone == Tone::Killed).count();
    let mut room_for_others = ROWS_MAX.saturating_sub(killed);
    rows.into_iter().partition(|row| {
        let is_telling = row.tone == Tone::Killed || room_for_others > 0;
        if !too_many || is_telling && room > 0 {
            room = room.saturating_sub(1);
            room_for_others -= usize::from(row.tone != Tone::Killed && room_for_others > 0);
            return true;
        }
        false
    })
}

/// A process, and below it its children.
fn grow(
    index: usize,
    all: &[(&Life, Judged)],
    scale: Duration,
    branches: &[Branch],
    drawn: &mut HashSet<usize>,
    rows: &mut Vec<Row>,
) {
    let Some((life, judged)) = all.get(index) else { return };
    if !drawn.insert(index) {
        return;
    }
    rows.push(row(life, *judged, scale, branches));
    let is_child = |other: &usize| {
        all.get(*other).is_some_and(|(one, _)| one.parent == life.pid && one.pid != life.pid)
    };
    let children: Vec<usize> = (0..all.len()).filter(is_child).collect();
    for (number, &child) in children.iter().enumerate() {
        let mut below: Vec<Branch> = branches
            .iter()
            .map(|branch| match branch {
                Branch::Passing | Branch::Fork => Branch::Passing,
                Branch::Nothing | Branch::Last => Branch::Nothing,
            })
            .collect();
        below.push(if number + 1 == children.len() { Branch::Last } else { Branch::Fork });
        grow(child, all, scale, &below, drawn, rows);
    }
}

fn row(life: &Life, judged: Judged, span: Duration, branches: &[Branch]) -> Row {
    let part = |at: Duration| (at.as_secs_f64() / span.as_secs_f64()).clamp(0.0, 1.0);
    let end = life.end.map_or(span, |(at, _)| at);
    Row {
        branches: branches.to_vec(),
        label: format!("{} {}", life.pid, life.label()),
        born: life.born.map_or(0.0, part),
        told: match judged.told {
            Told::By(one) => Some(part(one.at)),
            Told::Never | Told::NotSeen => None,
        },
        end: part(end),
        tone: match judged.how {
            How::Itself(_) => Tone::Itself,
            How::Signal(_) => Tone::Signal,
            How::Gone => Tone::Unknown,
            How::Crashed(_)
            | How::KilledByTeardown
            | How::KilledInside
            | How::KilledAtLimit
            | How::Remains => Tone::Killed,
        },
        ended: match judged.how {
            How::Itself(code) => format!("exit {code}"),
            How::Signal(signal) | How::Crashed(signal) => format!("SIG{}", short_signal(signal)),
            How::KilledByTeardown | How::KilledInside | How::KilledAtLimit => "SIGKILL".into(),
            How::Gone => "gone".into(),
            How::Remains => "still there".into(),
        },
        after: seconds(end),
        telling: telling(life, judged.told),
    }
}

/// `TERM`, `TERM from 18`, `never told`.
fn telling(life: &Life, told: Told) -> String {
    match told {
        Told::By(one) if life.pid == 1 && one.from == From::Outside => {
            short_signal(one.signal) + reaction(one)
        }
        Told::By(one) => {
            let by = match one.from {
                From::Outside => " from outside".to_owned(),
                // Sent by a terminal; seen in how it ended; or on its way when PID 1 left.
                From::Kernel | From::Unknown => String::new(),
                From::Process(pid) if pid == life.pid => " from itself".to_owned(),
                From::Process(pid) => format!(" from {pid}"),
            };
            format!("{}{by}{}", short_signal(one.signal), reaction(one))
        }
        Told::Never if life.born.is_some() => "born later".into(),
        Told::Never => "never told".into(),
        Told::NotSeen => "not seen".into(),
    }
}

fn reaction(one: Delivered) -> &'static str {
    match one.reaction {
        sexton_watch::Reaction::Ignores => ", ignored",
        sexton_watch::Reaction::Default if one.from == From::Outside => ", dropped",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::End;
    use super::super::samples::{life, record};
    use super::*;

    #[test]
    fn of_many_processes_the_killed_are_drawn_and_the_rest_is_counted() {
        let mut lives = vec![life(1, 0, "app", (100, End::Exited(0)))];
        lives.extend((2..60).map(|pid| life(pid, 1, "worker", (50, End::Exited(0)))));
        lives.extend((60..63).map(|pid| life(pid, 1, "worker", (100, End::Killed(9)))));
        let timeline = of(&Run::new(None, record(99, lives)));
        assert_eq!((timeline.rows.len(), timeline.left_out, timeline.left_out_killed), (30, 32, 0));
        assert_eq!(timeline.rows.iter().filter(|row| row.tone == Tone::Killed).count(), 3);
        assert_eq!(timeline.rows[0].label, "1 app");
    }

    #[test]
    fn who_has_lost_his_parent_is_drawn_nevertheless() {
        let lives = vec![
            life(1, 0, "app", (100, End::Exited(0))),
            life(7, 5, "orphan", (100, End::Killed(9))),
        ];
        let timeline = of(&Run::new(None, record(99, lives)));
        assert_eq!(timeline.rows.len(), 2);
        assert!(timeline.rows.iter().all(|row| row.branches.is_empty()));
    }
}
