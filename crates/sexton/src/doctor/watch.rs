//! `--watch`: a line a namespace, drawn over the last one on a terminal.

use super::{Args, examine, text};
use anstyle::{AnsiColor, Style};
use sexton_doctor::judge::Level;
use sexton_doctor::judge::reaction::Answer;
use sexton_doctor::look::Memory;
use sexton_doctor::report::{About, NamespaceReport, Report};
use sexton_doctor::text::grouped;
use std::io::{IsTerminal, Write};

const COLUMNS: [&str; 7] = ["", "NAMESPACE", "PID", "PROCS", "ZOMBIES", "LEFT", "STOP"];

/// Looks until nobody reads it any more, or a signal ends it.
pub fn run(args: &Args) -> Result<Level, String> {
    let mut memory = Memory::default();
    let mut lines_before = 0;
    loop {
        let began = std::time::Instant::now();
        let report = examine(args, &mut memory, &mut std::thread::sleep)?;
        let drawn = match args.json {
            true => serde_json::to_string(&report).unwrap_or_default() + "\n",
            false => table(&report, args.all),
        };
        let terminal = std::io::stdout().is_terminal() && !args.json;
        let mut out = anstream::stdout();
        let drawn = if terminal { fit(&drawn) } else { drawn };
        // Back to the first line of the last table, and everything below it away.
        let back = match (terminal, lines_before) {
            (true, lines) if lines > 0 => format!("\x1b[{lines}A\x1b[J"),
            _ => String::new(),
        };
        lines_before = drawn.lines().count();
        let shown = write!(std::io::stdout(), "{back}")
            .and_then(|()| out.write_all(drawn.as_bytes()))
            .and_then(|()| out.flush());
        if shown.is_err() {
            return Ok(report.level);
        }
        std::thread::sleep(args.dwell.max(PAUSE_MIN).saturating_sub(began.elapsed()));
    }
}

/// With `--dwell 0` too there is a rest between two looks.
const PAUSE_MIN: std::time::Duration = std::time::Duration::from_millis(500);

/// As many lines as the terminal can take back, each as long as it is wide.
fn fit(drawn: &str) -> String {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    let rows = size.map_or(24, |size| usize::from(size.ws_row)).max(4);
    let lines: Vec<&str> = drawn.lines().collect();
    if lines.len() < rows {
        return drawn.to_owned();
    }
    let kept = rows - 2;
    format!("{}\n… and {} more\n", lines[..kept].join("\n"), lines.len() - kept)
}

fn table(report: &Report, all: bool) -> String {
    let shown = report.namespaces.iter().filter(|one| {
        all || one.level > Level::Fine
            || one.pid1.as_ref().is_some_and(|who| who.pid == 1)
            || report.namespaces.len() < 20
    });
    let rows: Vec<(Style, [String; 7])> = shown.map(row).collect();
    let mut widths = COLUMNS.map(|name| name.chars().count());
    for (_, cells) in &rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; 7]| {
        let mut line = String::new();
        for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let room = " ".repeat(width - cell.chars().count());
            // Numbers to the right.
            let right = (2..=5).contains(&index);
            line += &if right { format!("{room}{cell}  ") } else { format!("{cell}{room}  ") };
        }
        line.trim_end().to_owned()
    };
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}\n", line(&COLUMNS.map(str::to_owned)));
    for (style, cells) in &rows {
        text += &format!("{style}{}{style:#}\n", line(cells));
    }
    text
}

fn row(one: &NamespaceReport) -> (Style, [String; 7]) {
    let (mark, style) = match one.level {
        Level::Problem => ("✗", AnsiColor::Red.on_default()),
        Level::Note => ("!", AnsiColor::Yellow.on_default()),
        Level::Fine => ("✓", Style::new()),
    };
    let mut left = String::new();
    let mut stop = "-".to_owned();
    for finding in &one.findings {
        match &finding.about {
            About::Headroom(headroom) => left = grouped(headroom.left),
            About::Stop(verdict) => {
                let answer = match verdict.answer {
                    Answer::Reacts => "reacts to",
                    Answer::ReactsUncleanly => "unclean on",
                    Answer::Deferred => "deferred",
                    Answer::Deaf => "deaf to",
                    Answer::Unsure => "unsure of",
                    Answer::Ending => "ending",
                };
                stop = format!("{answer} {}", verdict.signal);
            }
            About::StuckExit(_) => stop = "stuck in its exit".into(),
            About::Zombies(_) | About::SharesHostPids(_) | About::Probe(_) => {}
        }
    }
    let pid = one.pid1.as_ref().map_or("?".into(), |who| who.pid.to_string());
    let cells = [
        mark.to_owned(),
        text::title(one),
        pid,
        grouped(one.processes as u64),
        grouped(one.zombies as u64),
        left,
        stop,
    ];
    (style, cells)
}
