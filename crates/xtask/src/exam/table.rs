//! The answers as a table: for people at a terminal, and in Markdown.

use super::{Answer, CANDIDATES, Candidate, Row};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

/// The signs, and what they mean.
const LEGEND: &str = "✓ right, ✗ not, = as the original on purpose, - has no such thing";

/// What a column is headed by.
fn heading(candidate: Candidate) -> String {
    match (candidate.whose, candidate.door) {
        ("ours", "sexton-init") => "sexton-init".to_owned(),
        ("ours", door) => format!("as {door}"),
        (_, door) => door.to_owned(),
    }
}

/// A sign, and what there is to say.
fn cell(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else { return "not installed".to_owned() };
    match answer.kind.as_str() {
        "right" => "✓".to_owned(),
        "kept" => format!("= {}", answer.words),
        "wrong" => format!("✗ {}", answer.words),
        "none" => "-".to_owned(),
        _ => "?".to_owned(),
    }
}

/// How many answers of a column are right, of those that there are.
fn score(rows: &[Row], column: usize) -> String {
    let answers = || rows.iter().filter_map(|row| row.answers[column].as_ref());
    let count =
        |kinds: &[&str]| answers().filter(|answer| kinds.contains(&answer.kind.as_str())).count();
    match count(&["right", "wrong", "kept"]) {
        0 => "-".to_owned(),
        asked => format!("{} of {asked}", count(&["right"])),
    }
}

/// All lines of cells: the heading, the rows, the sums.
fn cells(rows: &[Row]) -> Vec<Vec<String>> {
    let line = |first: &str, others: Vec<String>| {
        std::iter::once(first.to_owned()).chain(others).collect::<Vec<_>>()
    };
    let mut lines = vec![line("", CANDIDATES.map(heading).to_vec())];
    for row in rows {
        let answers = row.answers.iter().map(|answer| cell(answer.as_ref())).collect();
        lines.push(line(row.right, answers));
    }
    lines.push(line("right", (0..CANDIDATES.len()).map(|at| score(rows, at)).collect()));
    lines
}

/// For people. Where the terminal is too narrow for the words, the signs stand alone.
pub fn print(rows: &[Row]) {
    let mut lines = cells(rows);
    let room = rustix::termios::tcgetwinsize(std::io::stdout());
    let room = room.map_or(usize::MAX, |size| usize::from(size.ws_col));
    let is_narrow = widths(&lines).iter().map(|width| width + GAP).sum::<usize>() > room;
    if is_narrow {
        narrow(&mut lines);
    }
    let gap = if is_narrow { NARROW_GAP } else { GAP };
    let widths = widths(&lines);
    for line in &lines {
        let mut text = String::new();
        for (cell, &width) in line.iter().zip(&widths) {
            let cell = shown(cell);
            let style = style(&cell);
            let room = " ".repeat(width - cell.chars().count() + gap);
            let _ = write!(text, "{style}{cell}{style:#}{room}");
        }
        anstream::println!("{}", text.trim_end());
    }
    anstream::println!("{LEGEND}");
    if is_narrow {
        anstream::println!("in a wider terminal: what they do instead");
    }
    for row in rows {
        let unasked = row.answers.iter().flatten().find(|answer| answer.kind == "unasked");
        if let Some(answer) = unasked {
            anstream::println!("? {}: {}", row.right, answer.words);
        }
    }
}

/// Between two columns.
const GAP: usize = 2;
const NARROW_GAP: usize = 1;

/// What the columns are headed by where there is little room.
const SHORT: [&str; 1 + CANDIDATES.len()] =
    ["four names of ours, three originals", "own", "tini", "dumb", "cata", "tini", "dumb", "cata"];

/// The signs without the words, the sums without what they are of.
fn narrow(lines: &mut [Vec<String>]) {
    lines[0] = SHORT.map(str::to_owned).to_vec();
    for cell in lines[1..].iter_mut().flat_map(|line| &mut line[1..]) {
        cell.truncate(cell.find(' ').unwrap_or(cell.len()));
    }
}

/// Of each column the widest cell.
fn widths(lines: &[Vec<String>]) -> Vec<usize> {
    let width = |column: usize| lines.iter().map(|line| shown(&line[column]).chars().count()).max();
    (0..=CANDIDATES.len()).map(|column| width(column).unwrap_or(0)).collect()
}

/// Not more than fits beside others; a question that panicked has much to say.
fn shown(cell: &str) -> String {
    const MOST: usize = 45;
    match cell.char_indices().nth(MOST) {
        None => cell.to_owned(),
        Some((end, _)) => format!("{}…", &cell[..end]),
    }
}

fn style(cell: &str) -> Style {
    let colour = match cell.chars().next() {
        Some('✓') => AnsiColor::Green,
        Some('✗') => AnsiColor::Red,
        Some('=' | '?') => AnsiColor::Yellow,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(colour.into()))
}

/// For the documentation.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::new();
    for (number, line) in cells(rows).iter().enumerate() {
        let escaped: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", escaped.join(" | "));
        if number == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(line.len()));
        }
    }
    format!("{text}\n{LEGEND}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, words: &str) -> Option<Answer> {
        Some(Answer { kind: kind.into(), words: words.into() })
    }

    fn row() -> Row {
        let mut answers = vec![answer("right", ""), answer("kept", "2"), answer("wrong", "a|b")];
        answers.extend([answer("none", ""), answer("unasked", "x"), None, answer("right", "")]);
        Row { right: "does it", answers }
    }

    #[test]
    fn each_kind_of_answer_has_its_sign() {
        let line = cells(&[row()])[1].join(",");
        assert_eq!(line, "does it,✓,= 2,✗ a|b,-,?,not installed,✓");
    }

    #[test]
    fn what_was_not_asked_counts_neither_way() {
        let lines = cells(&[row(), row()]);
        assert_eq!(lines[3][1..], ["2 of 2", "0 of 2", "0 of 2", "-", "-", "-", "2 of 2"]);
    }

    #[test]
    fn eighty_columns_are_enough_for_the_signs() {
        let rows = sexton_testkit::trials::TRIALS.iter().map(|trial| Row {
            right: trial.right,
            answers: vec![answer("wrong", "many words"); CANDIDATES.len()],
        });
        let mut lines = cells(&rows.collect::<Vec<_>>());
        narrow(&mut lines);
        assert!(widths(&lines).iter().sum::<usize>() + CANDIDATES.len() * NARROW_GAP <= 80);
    }

    #[test]
    fn markdown_has_as_many_columns_in_each_line() {
        let text = markdown(&[row()]);
        let table: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        assert_eq!(table.len(), 4);
        let bars = |line: &str| line.replace("\\|", "").matches('|').count();
        assert!(table.iter().all(|line| bars(line) == CANDIDATES.len() + 2), "{text}");
    }
}
