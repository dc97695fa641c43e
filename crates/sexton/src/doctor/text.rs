//! The report as people see it: by namespace, and of it only what is wrong.

use crate::demo::layout::Look;
use anstyle::{AnsiColor, Style};
use sexton_doctor::judge::Level;
use sexton_doctor::report::{About, Finding, NamespaceReport, Report, Whose};
use sexton_doctor::text::count;
use std::fmt::Write;

const PROBLEM: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default();
const FINE: Style = AnsiColor::Green.on_default();
const HEADING: Style = Style::new().bold();
const ASIDE: Style = Style::new().dimmed();

/// Lines are wrapped here, or where the terminal ends.
const WIDTH: usize = 100;

/// As stdout can show it: a person at a terminal sees more than ASCII, if the locale has more.
pub fn for_stdout(text: &str) -> String {
    match Look::of_stdout().good {
        "✓" => text.to_owned(),
        _ => in_ascii(text),
    }
}

/// Our own characters; what strangers' names are made of stays.
fn in_ascii(text: &str) -> String {
    let mut plain = text.replace('…', "...");
    for (character, ascii) in [("✗", "X"), ("✓", "+"), ("→", ">"), ("×", "x")] {
        plain = plain.replace(character, ascii);
    }
    plain
}

/// Everything; `all`: what is fine too.
pub fn report(report: &Report, all: bool) -> String {
    let mut text = String::new();
    let width = width();
    for one in &report.namespaces {
        if all || one.findings.iter().any(is_shown) {
            namespace(&mut text, one, all, width);
        }
    }
    for spot in &report.not_seen {
        wrapped(&mut text, "not seen: ", spot, width, ASIDE);
    }
    text.push_str(&summary(report));
    text.push('\n');
    text
}

fn namespace(text: &mut String, one: &NamespaceReport, all: bool, width: usize) {
    let title = title(one);
    let room = width.saturating_sub(title.chars().count() + 2);
    let aside = cut(&aside(one), room);
    let _ = writeln!(text, "{HEADING}{title}{HEADING:#}  {ASIDE}{aside}{ASIDE:#}");
    for finding in one.findings.iter().filter(|finding| all || is_shown(finding)) {
        self::finding(text, finding, width);
    }
    text.push('\n');
}

/// What is wrong, and what was asked for by `--probe`.
fn is_shown(finding: &Finding) -> bool {
    finding.level > Level::Fine || matches!(finding.about, About::Probe(_))
}

/// Whose namespace it is.
pub fn title(one: &NamespaceReport) -> String {
    match (&one.container, one.place) {
        (_, Whose::Host) => "host".into(),
        (Some(container), _) => container.title(),
        (None, Whose::Here) => "this container".into(),
        (None, Whose::Unknown) => "a namespace that may not be read".into(),
        (None, _) => match (&one.pid1, one.inode) {
            (Some(who), _) => format!("namespace of {}", who.name),
            (None, Some(inode)) => format!("pid:[{inode}]"),
            (None, None) => "a namespace".into(),
        },
    }
}

fn aside(one: &NamespaceReport) -> String {
    let mut parts = Vec::new();
    if let Some(container) = &one.container {
        let id: String = container.id.chars().take(12).collect();
        parts.push(format!("{} {id}", container.engine.name()));
    }
    // Guests are findings of their own.
    let pod = one.container.as_ref().is_some_and(|container| container.pod.is_some());
    if pod && !one.shared_with.is_empty() {
        let others: Vec<String> = one.shared_with.iter().map(|other| other.title()).collect();
        parts.push(format!("shared with {}", others.join(", ")));
    }
    match &one.pid1 {
        Some(who) => {
            let here = if who.pid == 1 { String::new() } else { format!(" is {} here", who.pid) };
            parts.push(format!("PID 1{here}: {}", who.command));
        }
        None => parts.push("its PID 1 is hidden".into()),
    }
    parts.join("  ")
}

/// A heading is one line, however long the command is.
fn cut(words: &str, room: usize) -> String {
    match words.chars().count() <= room {
        true => words.to_owned(),
        false => words.chars().take(room.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The level in one character.
pub fn mark(level: Level) -> &'static str {
    match level {
        Level::Problem => "✗",
        Level::Note => "!",
        Level::Fine => "✓",
    }
}

fn finding(text: &mut String, finding: &Finding, width: usize) {
    let style = match finding.level {
        Level::Problem => PROBLEM,
        Level::Note => NOTE,
        Level::Fine => FINE,
    };
    wrapped(text, &format!("  {} ", mark(finding.level)), &finding.title, width, style);
    for fact in &finding.because {
        wrapped(text, "      ", fact, width, ASIDE);
    }
    if let Some(advice) = &finding.advice {
        wrapped(text, "    → ", advice, width, Style::new());
    }
}

/// The last line: how much is wrong, and how much was looked at.
pub fn summary(report: &Report) -> String {
    let seen = format!(
        "{} in {}",
        count(report.processes, "process", "processes"),
        count(report.namespaces.len(), "PID namespace", "PID namespaces")
    );
    let (problems, notes) = (report.count(Level::Problem), report.count(Level::Note));
    let notes = match notes {
        0 => String::new(),
        notes => format!(", {}", count(notes, "note", "notes")),
    };
    let (wrong, style) = match problems {
        0 => ("nothing wrong".to_owned(), FINE),
        _ => (count(problems, "problem", "problems"), PROBLEM),
    };
    format!("{style}{wrong}{style:#}{notes}: {seen}")
}

/// Words in lines, the later ones below the first's beginning.
fn wrapped(text: &mut String, head: &str, words: &str, width: usize, style: Style) {
    let indent = head.chars().count();
    let mut line = String::new();
    let mut lines = Vec::new();
    for word in words.split(' ') {
        let longer = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && indent + longer > width {
            lines.push(std::mem::take(&mut line));
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    for (index, line) in lines.iter().enumerate() {
        let before = if index == 0 { head.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(text, "{style}{before}{line}{style:#}");
    }
}

fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { WIDTH } else { columns.clamp(40, WIDTH) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_lines_begin_below_the_first_and_none_is_too_long() {
        let mut text = String::new();
        wrapped(&mut text, "  - ", "one two three four", 12, Style::new());
        assert_eq!(text, "  - one two\n    three\n    four\n");
        let mut text = String::new();
        wrapped(&mut text, "- ", "longer-than-all one", 10, Style::new());
        assert_eq!(text, "- longer-than-all\n  one\n");
    }

    #[test]
    fn in_ascii_our_own_characters_have_others() {
        assert_eq!(in_ascii("  ✗ 7 × é… → ✓"), "  X 7 x é... > +");
    }

    #[test]
    fn a_heading_is_cut_and_says_so() {
        assert_eq!((cut("abcdef", 6), cut("abcdef", 5)), ("abcdef".into(), "abcd…".into()));
    }
}
