//! For people: the source with the place underlined, what, why, and the good form.

use crate::finding::{Confidence, Finding, Severity};
use crate::lint::Outcome;
use crate::read::Problem;
use crate::source::{Place, Source};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write;

/// How it is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// With colours; what is no terminal has them taken out again.
    pub style: Style,
}

/// With or without colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// With.
    Coloured,
    /// Without.
    Plain,
}

/// How much of a long span is shown.
const LINES_MAX: usize = 6;

/// Everything, findings first, then what could not be read, then one line that sums it up.
pub fn render(outcome: &Outcome, look: Look) -> String {
    let mut text = String::new();
    for finding in &outcome.findings {
        text += &self::finding(finding, look);
        text += "\n\n";
    }
    for problem in &outcome.problems {
        text += &self::problem(problem, look);
        text += "\n\n";
    }
    text + &summary(outcome)
}

/// One finding.
pub fn finding(finding: &Finding, look: Look) -> String {
    let level = level(finding.severity);
    let what = clean(&finding.what);
    let id = format!("{} {}", finding.rule.code, finding.rule.name);
    let mut group = Group::with_title(level.primary_title(what).id(id.as_str()));
    let cuts = cuts(finding);
    for cut in &cuts {
        group = group.element(cut.snippet());
    }
    let why = wrap(&clean(&finding.why), look.width);
    if !why.is_empty() {
        group = group.element(Level::NOTE.with_name("why").message(why));
    }
    if let Some(good) = &finding.instead {
        group = group.element(Level::HELP.with_name("instead").message(clean(good)));
    }
    if finding.confidence != Confidence::Certain {
        let words = match finding.confidence {
            Confidence::Likely => "likely, but it depends on what is not in these files",
            _ => "a hint: it may be meant as it is",
        };
        group = group.element(Level::NOTE.with_name("confidence").message(words));
    }
    if let Some(fix) = &finding.fix {
        let words = format!("--fix {}", fix.words);
        group = group.element(Level::HELP.with_name("fix").message(words));
    }
    renderer(look).render(&[group])
}

/// One file that could not be read.
pub fn problem(problem: &Problem, look: Look) -> String {
    let title = Level::ERROR.with_name("unreadable").primary_title(clean(&problem.words));
    let group = match &problem.place {
        Some(place) => {
            let cut = Cut::around(place, AnnotationKind::Primary, "here");
            return renderer(look).render(&[title.element(cut.snippet())]);
        }
        None => Group::with_title(title).element(Origin::path(clean(&problem.name))),
    };
    renderer(look).render(&[group])
}

/// One line.
pub fn summary(outcome: &Outcome) -> String {
    let mut line = String::new();
    for name in &outcome.templates {
        let _ = writeln!(line, "skipped {}: a template, to be rendered first", clean(name));
    }
    let counts = [
        (Severity::Error, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Info, "remark", "remarks"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (severity, one, many) in counts {
        let count = outcome.count(severity);
        if count > 0 {
            parts.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    }
    let unread = outcome.problems.len();
    if unread > 0 {
        parts.push(format!("{unread} unreadable"));
    }
    let files = match outcome.files {
        0 => "no Dockerfile, entrypoint script, compose file or manifest".to_owned(),
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    let found = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
    let _ = match outcome.files {
        0 if unread > 0 => write!(line, "{found}"),
        _ => write!(line, "{found} in {files}"),
    };
    let fixable = outcome.findings.iter().filter(|finding| finding.fix.is_some()).count();
    if fixable > 0 {
        let _ = write!(line, "; --fix puts {fixable} right");
    }
    if outcome.hidden > 0 {
        let _ = write!(line, "; {} remarks with --level info", outcome.hidden);
    }
    if outcome.allowed > 0 {
        let _ = write!(line, "; {} allowed by comments", outcome.allowed);
    }
    line.push('\n');
    line
}

fn renderer(look: Look) -> Renderer {
    let renderer = match look.style {
        Style::Coloured => Renderer::styled(),
        Style::Plain => Renderer::plain(),
    };
    renderer.term_width(look.width)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// Without what a terminal would take for a command.
fn clean(text: &str) -> String {
    text.chars().map(|c| if is_command(c) && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// Broken into lines that fit behind their name.
fn wrap(text: &str, width: usize) -> String {
    let width = width.clamp(60, 100) - 12;
    let (mut wrapped, mut column) = (String::with_capacity(text.len() + 8), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// Control characters, and those that turn the direction of what follows.
fn is_command(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A few lines of a source, with what is underlined in them.
struct Cut {
    name: String,
    text: String,
    first_line: usize,
    marks: Vec<(AnnotationKind, std::ops::Range<usize>, String)>,
}

impl Cut {
    fn around(place: &Place, kind: AnnotationKind, label: &str) -> Cut {
        let mut cut = Cut::of(&place.source, lines(place));
        cut.mark(place, kind, label);
        cut
    }

    fn of(source: &Source, (first, last): (usize, usize)) -> Cut {
        let span = source.line_span(first).start..source.line_span(last).end;
        let text = source.text.get(span).unwrap_or("");
        // A byte for a byte, as the marks count them.
        let blank = |char: char| is_command(char) && char != '\n' && char != '\t';
        let text = text
            .chars()
            .map(|c| if blank(c) { " ".repeat(c.len_utf8()) } else { c.to_string() })
            .collect();
        Cut { name: clean(&source.name), text, first_line: first, marks: Vec::new() }
    }

    fn mark(&mut self, place: &Place, kind: AnnotationKind, label: &str) {
        let offset = place.source.line_span(self.first_line).start;
        let end = self.text.trim_end().len();
        let start = place.span.start.saturating_sub(offset).min(end);
        let end = place.span.end.saturating_sub(offset).clamp(start, end.max(start));
        self.marks.push((kind, start..end, clean(label)));
    }

    fn snippet(&self) -> Snippet<'_, Annotation<'_>> {
        let marks = self.marks.iter().map(|(kind, span, label)| {
            let annotation = kind.span(span.clone());
            if label.is_empty() { annotation } else { annotation.label(label.as_str()) }
        });
        Snippet::source(self.text.as_str())
            .line_start(self.first_line)
            .path(self.name.as_str())
            .annotations(marks)
    }
}

/// The lines of a place, of a long one the first.
fn lines(place: &Place) -> (usize, usize) {
    let first = place.position().0;
    let last = place.source.position(place.span.end.saturating_sub(1)).0;
    (first, last.clamp(first, first + LINES_MAX))
}

/// The place, and the related one with it, in one piece where they are near each other.
fn cuts(finding: &Finding) -> Vec<Cut> {
    let (first, last) = lines(&finding.place);
    let label = finding.label.as_str();
    let Some((related, words)) = &finding.related else {
        return vec![Cut::around(&finding.place, AnnotationKind::Primary, label)];
    };
    let (other_first, other_last) = lines(related);
    let same = related.source.name == finding.place.source.name;
    let near = first.max(other_first).abs_diff(last.min(other_last)) < 12;
    if !(same && near) {
        return vec![
            Cut::around(&finding.place, AnnotationKind::Primary, label),
            Cut::around(related, AnnotationKind::Context, words),
        ];
    }
    let span = (first.min(other_first), last.max(other_last));
    let mut cut = Cut::of(&finding.place.source, span);
    cut.mark(&finding.place, AnnotationKind::Primary, label);
    cut.mark(related, AnnotationKind::Context, words);
    vec![cut]
}
