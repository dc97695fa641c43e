//! The timeline on a terminal, or in plain characters: one bar a process.

use super::text::{COLUMNS, SIGNAL};
use super::timeline::{Branch, Row, Timeline, Tone};
use super::words::{count, seconds};
use crate::demo::layout::{ASIDE, BAD, GOOD, Line, Look, PLAIN, paint, side_by_side, span, width};
use anstyle::Style;
use std::fmt::Write;

/// The width of a timeline's bars: what the words leave.
const BAR_MIN: usize = 12;
const BAR_MAX: usize = 40;

/// The timeline, with what its signs mean.
pub fn draw(timeline: &Timeline, look: &Look) -> String {
    let width_of = |text: fn(&Row) -> &str| {
        timeline.rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0).max(5)
    };
    let widest = timeline.rows.iter().map(|row| label_width(row, look)).max().unwrap_or(0);
    let taken = widest + width_of(|row| &row.ended) + width_of(|row| &row.telling) + 7 + 5 * 2;
    let bar_width = COLUMNS.saturating_sub(taken).clamp(BAR_MIN, BAR_MAX);
    let mut columns: [Vec<Line>; 5] = Default::default();
    columns[0].push(Line::new());
    columns[1].push(scale(timeline, bar_width));
    for (column, title) in columns[2..].iter_mut().zip(["ended", "after", "told"]) {
        column.push(vec![span(title, ASIDE)]);
    }
    for row in &timeline.rows {
        let style = style(row.tone);
        let mut label = vec![span(tree(row, look), ASIDE), span(row.label.clone(), PLAIN)];
        label.push(span(" ".repeat(widest.saturating_sub(width(&label))), PLAIN));
        columns[0].push(label);
        columns[1].push(bar(row, bar_width, look));
        columns[2].push(vec![span(row.ended.clone(), style)]);
        columns[3].push(vec![span(format!("{:>7}", row.after), PLAIN)]);
        let telling = if row.told.is_none() { style } else { ASIDE };
        columns[4].push(vec![span(row.telling.clone(), telling)]);
    }
    let mut text = side_by_side(&columns, 2, "  ");
    if timeline.left_out > 0 {
        let more = format!(
            "  … and {}, {} of them killed (--json has all)",
            count(timeline.left_out, "more process", "more processes"),
            timeline.left_out_killed
        );
        let _ = writeln!(text, "{}", paint(&[span(more, ASIDE)]));
    }
    let signs = Signs::of(look);
    let legend = format!(
        "  {} told   {} ended itself   {} by a signal   {} killed or crashed",
        signs.told, signs.itself, signs.signal, signs.killed
    );
    let _ = writeln!(text, "{}", paint(&[span(legend, ASIDE)]));
    text
}

/// `0` at the left, the whole span at the right.
fn scale(timeline: &Timeline, bar: usize) -> Line {
    let right = seconds(timeline.span);
    let gap = bar.saturating_sub(1 + right.chars().count());
    vec![span(format!("0{}{right}", " ".repeat(gap)), ASIDE)]
}

fn tree(row: &Row, look: &Look) -> String {
    let pieces = row.branches.iter().map(|branch| match branch {
        Branch::Passing => look.trunk,
        Branch::Nothing => "  ",
        Branch::Fork => look.fork,
        Branch::Last => look.last,
    });
    pieces.collect()
}

fn label_width(row: &Row, look: &Look) -> usize {
    tree(row, look).chars().count() + row.label.chars().count()
}

/// What bars are drawn with.
struct Signs {
    untold: char,
    running: char,
    told: char,
    itself: char,
    signal: char,
    killed: char,
    unknown: char,
}

impl Signs {
    fn of(look: &Look) -> Signs {
        match look.good {
            "ok" => Signs {
                untold: '.',
                running: '=',
                told: 'v',
                itself: 'o',
                signal: '*',
                killed: 'X',
                unknown: '?',
            },
            _ => Signs {
                untold: '┄',
                running: '━',
                told: '▼',
                itself: '●',
                signal: '◆',
                killed: '✖',
                unknown: '?',
            },
        }
    }
}

/// Thin until it is told, thick from then on, and a sign at its end.
fn bar(row: &Row, bar: usize, look: &Look) -> Line {
    let signs = Signs::of(look);
    let cell = |part: f64| ((part * (bar - 1) as f64).round() as usize).min(bar - 1);
    let (born, end) = (cell(row.born), cell(row.end));
    let told = row.told.map(cell);
    let mut cells = vec![(' ', PLAIN); bar];
    let color = style(row.tone);
    for (index, one) in cells.iter_mut().enumerate().take(end + 1).skip(born) {
        *one = match told {
            Some(told) if index >= told => (signs.running, color),
            _ => (signs.untold, ASIDE),
        };
    }
    if let Some(one) = told.and_then(|told| cells.get_mut(told)) {
        *one = (signs.told, color);
    }
    if let Some(one) = cells.get_mut(end) {
        let sign = match row.tone {
            Tone::Itself => signs.itself,
            Tone::Signal => signs.signal,
            Tone::Killed => signs.killed,
            Tone::Unknown => signs.unknown,
        };
        *one = (sign, color);
    }
    let mut line = Line::new();
    for (sign, style) in cells {
        match line.last_mut() {
            Some(last) if last.style == style => last.text.push(sign),
            _ => line.push(span(sign, style)),
        }
    }
    line
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Itself => GOOD,
        Tone::Signal => SIGNAL,
        Tone::Killed => BAD,
        Tone::Unknown => ASIDE,
    }
}
