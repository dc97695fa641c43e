//! What people read: the verdict in a sentence, the three answers, why, what to do, the timeline.

use super::advice;
use super::chart;
use super::record::{EndsBy, Method, Orphan, ReadyBy, Record};
use super::report::{Report, Run};
use super::timeline;
use super::verdict::{Fault, Reaps};
use super::words::{cut, list, seconds, signal_name};
use crate::demo::layout::{
    ASIDE, BAD, GOOD, HEADING, Line, Look, PLAIN, paint, side_by_side, span,
};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

/// The width of everything.
pub const COLUMNS: usize = 80;
/// Neither good nor bad.
pub const SIGNAL: Style = AnsiColor::Yellow.on_default();

/// The whole report.
pub fn draw(report: &Report, look: &Look) -> String {
    let mut text = String::new();
    let Some(first) = report.runs.first() else { return text };
    text.push_str(&headline(first));
    text.push('\n');
    match report.runs.get(1) {
        None => text.push_str(&answers(first, look)),
        Some(second) => text.push_str(&compared(first, second, look)),
    }
    for one in advice::advice(first) {
        let _ = writeln!(text, "\n{}", paint(&[span(one.title, HEADING)]));
        text.push_str(&wrapped(&one.why, "  ", "  "));
        let _ = writeln!(text, "{}", paint(&[span("What to do", HEADING)]));
        for item in &one.what_to_do {
            text.push_str(&wrapped(item, "  - ", "    "));
        }
        let more = format!("  sexton explain {}", one.topic);
        let _ = writeln!(text, "{}", paint(&[span(more, ASIDE)]));
    }
    for run in &report.runs {
        let title = match &run.init {
            None => format!("The stop of {}", report.subject),
            Some(init) => format!("The stop under {init}"),
        };
        let _ = writeln!(text, "\n{}", paint(&[span(cut(&title, COLUMNS), HEADING)]));
        text.push_str(&chart::draw(&timeline::of(run), look));
    }
    let _ = writeln!(text, "\n{}", paint(&[span(seen_by(&first.record), ASIDE)]));
    text
}

/// What a command said before it ended, marked as its own.
pub fn last_words(words: &str) -> String {
    let lines: Vec<&str> = words.lines().collect();
    let last = &lines[lines.len().saturating_sub(10)..];
    let quoted = last.iter().map(|line| format!("  | {}", cut(line, COLUMNS)));
    quoted.collect::<Vec<_>>().join("\n")
}

fn headline(run: &Run) -> String {
    let (word, sentence) = advice::verdict(run);
    let style = if run.verdict.faults.is_empty() { GOOD } else { BAD }.bold();
    let text = wrapped(&format!("{word}  {sentence}"), "", "");
    text.replacen(word, &format!("{style}{word}{style:#}"), 1)
}

/// The three answers.
fn answers(run: &Run, look: &Look) -> String {
    let mut columns: [Vec<Line>; 2] = Default::default();
    for (name, (mark, words)) in three(run) {
        columns[0].push(vec![span(name, PLAIN)]);
        columns[1].push(vec![sign(mark, look), span(format!(" {words}"), PLAIN)]);
    }
    side_by_side(&columns, 2, "  ")
}

/// The same for both runs, beside each other.
fn compared(first: &Run, second: &Run, look: &Look) -> String {
    let title = |run: &Run| run.init.clone().unwrap_or_else(|| "as it is".into());
    let mut columns: [Vec<Line>; 3] = [
        vec![Line::new()],
        vec![vec![span(title(first), HEADING)]],
        vec![vec![span(title(second), HEADING)]],
    ];
    for ((name, one), (_, two)) in three(first).into_iter().zip(three(second)) {
        columns[0].push(vec![span(name, PLAIN)]);
        for (column, (mark, words)) in columns[1..].iter_mut().zip([one, two]) {
            column.push(vec![sign(mark, look), span(format!(" {}", short(&words)), PLAIN)]);
        }
    }
    let mut text = side_by_side(&columns, 2, "  ");
    let (_, sentence) = advice::verdict(second);
    let init = title(second);
    text.push('\n');
    text.push_str(&wrapped(&format!("Under {init}: {sentence}"), "", ""));
    text
}

/// An answer without its explanation.
fn short(words: &str) -> String {
    cut(words.split(": ").next().unwrap_or(words), 33)
}

/// How an answer is marked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Good,
    Bad,
    Unknown,
}

fn sign(mark: Mark, look: &Look) -> crate::demo::layout::Span {
    match mark {
        Mark::Good => span(look.good, GOOD),
        Mark::Bad => span(look.bad, BAD),
        Mark::Unknown => span("?", SIGNAL),
    }
}

fn three(run: &Run) -> [(&'static str, (Mark, String)); 3] {
    [("stops", stops(run)), ("reaps", reaps(run)), ("clean", clean(run))]
}

fn stops(run: &Run) -> (Mark, String) {
    let Run { record, verdict, .. } = run;
    if verdict.faults.contains(&Fault::Deaf) {
        return (Mark::Bad, format!("no: killed after {} (exit 137)", seconds(record.gone)));
    }
    let end = record.pid1().and_then(|life| life.end).map(|(_, end)| end);
    let status = end.map_or_else(|| "gone".to_owned(), super::words::meaning);
    (Mark::Good, format!("{}, {status}", seconds(record.gone)))
}

fn reaps(run: &Run) -> (Mark, String) {
    let Run { record, verdict, .. } = run;
    let own: Vec<String> =
        record.zombies.iter().map(|one| format!("{} ({})", one.name, one.pid)).collect();
    match (&record.orphan, verdict.reaps) {
        (Orphan::Reaped { after }, _) if own.is_empty() => {
            (Mark::Good, format!("an orphan was reaped in {}", seconds(*after)))
        }
        (Orphan::Reaped { .. }, _) => {
            let mark =
                if verdict.faults.contains(&Fault::NotReaping) { Mark::Bad } else { Mark::Good };
            (mark, format!("orphans yes; zombies nobody waits for: {}", list(&own)))
        }
        (Orphan::NotPlanted { reason }, Reaps::NotTried) if own.is_empty() => {
            (Mark::Unknown, format!("not tried: {reason}"))
        }
        (_, Reaps::NotTried) => (Mark::Unknown, format!("not tried; zombies: {}", list(&own))),
        (_, Reaps::Yes | Reaps::No) => (Mark::Bad, "an orphan stayed as a zombie".into()),
    }
}

fn clean(run: &Run) -> (Mark, String) {
    let victims = advice::victims(run);
    let lives = run.record.lives.len();
    match run.verdict.is_clean() {
        Some(true) => (
            Mark::Good,
            match lives {
                1 => "nobody was killed".into(),
                _ => format!("nobody of {lives} was killed"),
            },
        ),
        Some(false) => {
            let names: Vec<String> = victims.iter().map(|(life, _)| life.named()).collect();
            (Mark::Bad, format!("killed, {} of {lives}: {}", names.len(), list(&names)))
        }
        None => (Mark::Unknown, "this kernel tells a process's end to its parent only".into()),
    }
}

/// How all this is known, and what is not.
fn seen_by(record: &Record) -> String {
    let ready = match record.ready.by {
        ReadyBy::Quiet => "quiet".to_owned(),
        ReadyBy::NeverQuiet => "never quiet, stopped nevertheless".to_owned(),
        ReadyBy::Time => "by time".to_owned(),
        ReadyBy::Port => "listening".to_owned(),
        ReadyBy::Log => "as its output said".to_owned(),
    };
    let watched = match record.watch.births_and_signals {
        Method::Ptrace => "Every birth and delivered signal by ptrace",
        Method::Proc => "Processes by /proc (short lives and signals are not seen)",
    };
    let ends = match record.watch.ends {
        EndsBy::Pidfd => "exit statuses by pidfd",
        EndsBy::Ptrace => "exit statuses by ptrace",
        EndsBy::Nothing => "exit statuses are not told by this kernel",
    };
    let text = format!(
        "{} sent after {} ({ready}). {watched}, {ends}. A message, a closed pipe or sigwait is not \
         seen as telling.",
        signal_name(record.signal),
        seconds(record.ready.after)
    );
    wrapped(&text, "", "").trim_end().to_owned()
}

/// Words in lines of at most [`COLUMNS`].
pub fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut is_empty = true;
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is one");
        let fits = last.chars().count() + 1 + word.chars().count() <= COLUMNS;
        if is_empty || fits {
            if !is_empty {
                last.push(' ');
            }
            last.push_str(word);
        } else {
            lines.push(format!("{rest}{word}"));
        }
        is_empty = false;
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::samples::{deaf, npm, npm_under_init, report};
    use super::*;
    use anstream::adapter::strip_str;

    fn drawn(records: Vec<Record>, look: &Look) -> String {
        strip_str(&draw(&report(records), look)).to_string()
    }

    #[test]
    fn the_verdict_comes_first_then_the_answers_then_why_then_what_to_do_then_the_timeline() {
        let text = drawn(vec![npm()], &Look::ASCII);
        let parts = [
            "UNCLEAN  It stopped in 571 ms, but node (19) was killed with SIGKILL",
            "stops  ok 571 ms, exit 1: a failure to the runtime",
            "reaps  NO an orphan stayed as a zombie",
            "clean  NO killed, 1 of 3: node (19)",
            "Why it is unclean",
            "What to do",
            "sexton explain docker-stop",
            "Why it does not reap",
            "The stop of npm start",
            "never told",
            "Every birth and delivered signal",
        ];
        let places = parts.map(|part| text.find(part).unwrap_or_else(|| panic!("{part}: {text}")));
        assert!(places.is_sorted(), "{text}");
    }

    #[test]
    fn bars_show_when_who_was_told_and_how_he_ended() {
        let text = drawn(vec![npm()], &Look::UNICODE);
        let rows: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("ms  TERM") || line.ends_with("ms  never told"))
            .collect();
        assert_eq!(
            rows,
            [
                "  1 npm start  ▼━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━●  exit 1    571 ms  TERM",
                "  └ 18 sh      ◆                                   SIGTERM     3 ms  TERM from 1",
                "    └ 19 node  ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄✖  SIGKILL   571 ms  never told",
            ]
        );
    }

    #[test]
    fn two_runs_stand_side_by_side() {
        let text = drawn(vec![npm(), npm_under_init()], &Look::ASCII);
        assert!(
            text.contains("clean  NO killed, 1 of 3                ok nobody of 4 was killed"),
            "{text}"
        );
        assert!(text.contains("Under sexton-init: It stops cleanly, in 1.10 s"), "{text}");
    }

    #[test]
    fn everything_fits_eighty_columns() {
        for records in [vec![npm(), npm_under_init()], vec![deaf()]] {
            for look in [Look::ASCII, Look::UNICODE] {
                for line in drawn(records.clone(), &look).lines() {
                    assert!(line.chars().count() <= COLUMNS, "{line}");
                }
            }
        }
    }

    #[test]
    fn what_the_kernel_does_not_tell_is_not_claimed() {
        let mut record = npm_under_init();
        for life in &mut record.lives[1..] {
            life.end = life.end.map(|(at, _)| (at, super::super::record::End::NotTold));
        }
        let text = drawn(vec![record], &Look::ASCII);
        assert!(text.starts_with("STOPS  It stops in 1.10 s; how the others ended"), "{text}");
        assert!(text.contains("clean  ? this kernel tells"), "{text}");
    }
}
