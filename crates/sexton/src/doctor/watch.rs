//! `--watch`: a line a namespace, worst first, drawn over the last table on a terminal. In a pipe
//! the tables follow each other.

use super::{Args, Known, examine, text};
use anstyle::{AnsiColor, Style};
use sexton_doctor::judge::Level;
use sexton_doctor::judge::reaction::Answer;
use sexton_doctor::namespaces::Key;
use sexton_doctor::report::{About, NamespaceReport, Report, Stop};
use sexton_doctor::text::grouped;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

const COLUMNS: [&str; 8] =
    ["", "NAMESPACE", "PID", "PROCS", "ZOMBIES", "ROOM", "STOP SIGNAL", "PID 1"];

/// Which columns are numbers, set to the right.
const NUMBERS: std::ops::RangeInclusive<usize> = 2..=5;

/// With `--dwell 0` too there is a rest between two looks.
const PAUSE_MIN: Duration = Duration::from_millis(500);

/// The width of a pipe.
const WIDTH: usize = 120;

/// Looks until nobody reads it any more, or a signal ends it.
pub fn run(args: &Args) -> Result<Level, String> {
    let mut known = Known::default();
    let mut zombies_before = HashMap::new();
    let mut screen = Screen::of_stdout();
    loop {
        let began = Instant::now();
        let report = examine(args, &mut known, &mut std::thread::sleep)?;
        let shown = match args.json {
            true => {
                let line = serde_json::to_string(&report).unwrap_or_default();
                writeln!(std::io::stdout(), "{line}")
            }
            false => screen.draw(&lines(&report, &zombies_before)),
        };
        if shown.is_err() {
            return Ok(report.level); // Nobody reads it.
        }
        zombies_before = report.namespaces.iter().map(|one| (one.key, one.zombies)).collect();
        std::thread::sleep(args.dwell.max(PAUSE_MIN).saturating_sub(began.elapsed()));
    }
}

/// One line, before it is cut to the terminal's width.
struct Line {
    style: Style,
    words: String,
}

/// Where tables go, and how much of it the last one takes.
struct Screen {
    is_terminal: bool,
    height: usize,
}

impl Screen {
    fn of_stdout() -> Screen {
        Screen { is_terminal: std::io::stdout().is_terminal(), height: 0 }
    }

    /// Over the last one. No line may be longer than the terminal is wide, nor the table higher:
    /// the way back up would be miscounted.
    fn draw(&mut self, lines: &[Line]) -> std::io::Result<()> {
        let (columns, rows) = self.size();
        let mut out = anstream::stdout();
        let mut table = String::new();
        let kept = if lines.len() < rows { lines.len() } else { rows.saturating_sub(2) };
        for Line { style, words } in &lines[..kept] {
            let cut: String = words.chars().take(columns).collect();
            table += &format!("{style}{}{style:#}\n", cut.trim_end());
        }
        if kept < lines.len() {
            table += &format!("… and {} more\n", lines.len() - kept);
        }
        if self.is_terminal && self.height > 0 {
            // Not through anstream, which takes movements for colours and away with NO_COLOR.
            write!(std::io::stdout(), "\x1b[{}A\x1b[J", self.height)?;
        }
        self.height = table.lines().count();
        out.write_all(text::for_stdout(&table).as_bytes())?;
        out.flush()
    }

    /// Columns and rows; a terminal that does not know its size has the usual one.
    fn size(&self) -> (usize, usize) {
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        let known = |of: u16, usual: usize| if of == 0 { usual } else { usize::from(of) };
        match (self.is_terminal, size) {
            (false, _) => (WIDTH, usize::MAX),
            (true, Some(size)) => (known(size.ws_col, 80), known(size.ws_row, 24).max(4)),
            (true, None) => (80, 24),
        }
    }
}

/// The summary, the head, and a line a namespace.
fn lines(report: &Report, zombies_before: &HashMap<Key, usize>) -> Vec<Line> {
    let mut namespaces: Vec<&NamespaceReport> = report.namespaces.iter().collect();
    namespaces.sort_by_key(|one| Reverse(one.level));
    let rows: Vec<[String; 8]> =
        namespaces.iter().map(|one| row(one, zombies_before.get(&one.key).copied())).collect();
    let head = COLUMNS.map(str::to_owned);
    let mut widths = [0; 8];
    for cells in rows.iter().chain([&head]) {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let bold = Style::new().bold();
    let mut lines = vec![
        Line {
            style: Style::new(),
            words: anstream::adapter::strip_str(&text::summary(report)).to_string(),
        },
        Line { style: bold, words: aligned(&head, &widths) },
    ];
    for (one, cells) in namespaces.iter().zip(&rows) {
        let style = match one.level {
            Level::Problem => AnsiColor::Red.on_default(),
            Level::Note => AnsiColor::Yellow.on_default(),
            Level::Fine => Style::new(),
        };
        lines.push(Line { style, words: aligned(cells, &widths) });
    }
    lines
}

fn aligned(cells: &[String; 8], widths: &[usize; 8]) -> String {
    let mut line = String::new();
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let room = " ".repeat(width.saturating_sub(cell.chars().count()));
        line += &match NUMBERS.contains(&index) {
            true => format!("{room}{cell}  "),
            false => format!("{cell}{room}  "),
        };
    }
    line
}

fn row(one: &NamespaceReport, zombies_before: Option<usize>) -> [String; 8] {
    let mut room = String::new();
    let mut stop = "-".to_owned();
    for finding in &one.findings {
        match &finding.about {
            About::Headroom(headroom) => room = grouped(headroom.left),
            About::Stop(verdict) if verdict.guest.is_none() => stop = in_short(verdict),
            About::StuckExit(_) => stop = "stuck in its exit".into(),
            About::Stop(_) | About::Zombies(_) | About::SharesPids(_) | About::Probe(_) => {}
        }
    }
    let more = one.zombies.saturating_sub(zombies_before.unwrap_or(one.zombies));
    let more = if more == 0 { String::new() } else { format!("+{} ", grouped(more as u64)) };
    [
        text::mark(one.level).to_owned(),
        text::title(one),
        one.pid1.as_ref().map_or("?".into(), |who| who.pid.to_string()),
        grouped(one.processes as u64),
        format!("{more}{}", grouped(one.zombies as u64)),
        room,
        stop,
        one.pid1.as_ref().map_or(String::new(), |who| who.command.clone()),
    ]
}

fn in_short(stop: &Stop) -> String {
    let answer = match stop.answer {
        Answer::Reacts => "reacts to",
        Answer::ReactsUncleanly => "unclean on",
        Answer::Deferred => "deferred:",
        Answer::Deaf => "deaf to",
        Answer::Unsure => "unsure of",
        Answer::Ending => return "ending".into(),
    };
    format!("{answer} {}", stop.signal)
}
