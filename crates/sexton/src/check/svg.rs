//! The timeline as a picture, for web pages: light and dark by the reader's own setting.
//!
//! Plain SVG 1.1 with a style sheet in it: no script, no font that would have to be there.

use super::advice;
use super::report::{Report, Run};
use super::timeline::{self, Branch, Row, Timeline, Tone};
use super::words::{cut, seconds};
use std::fmt::Write;
use std::time::Duration;

const WIDTH: f64 = 920.0;
const MARGIN: f64 = 24.0;
const LABEL: f64 = 190.0;
const BAR: f64 = 400.0;
const ROW: f64 = 30.0;
/// Monospace at 13 pixels: an upper bound of one character's width.
const CHARACTER: f64 = 8.0;

const STYLE: &str = include_str!("svg.css");

/// The whole picture.
pub fn draw(report: &Report) -> String {
    let (mut body, mut y) = (String::new(), MARGIN);
    let widest = report.runs.iter().map(|run| timeline::of(run).span).max().unwrap_or_default();
    for run in &report.runs {
        panel(&mut body, &mut y, report, run, widest);
    }
    legend(&mut body, y);
    let height = y + 22.0 + MARGIN;
    let title = escaped(&report.subject);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n<title>How {title} stops</title>\n\
         <style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\" rx=\"8\"/>\n{body}</svg>\n"
    )
}

/// One run. All runs have one scale, so that they can be compared.
fn panel(body: &mut String, y: &mut f64, report: &Report, run: &Run, span: Duration) {
    let timeline = timeline::of(run);
    let shrink = timeline.span.as_secs_f64() / span.as_secs_f64();
    let (word, sentence) = advice::verdict(run);
    let class = if run.verdict.faults.is_empty() { "itself" } else { "killed" };
    let under = run.init.as_ref().map_or_else(String::new, |init| format!("{init} -- "));
    *y += 14.0;
    let title = cut(&format!("{under}{}", report.subject), 100);
    text(body, MARGIN, *y, "ink title", &title);
    for (number, line) in lines(&format!("{word}  {sentence}"), 108).iter().enumerate() {
        *y += 22.0;
        match line.strip_prefix(word) {
            Some(rest) if number == 0 => {
                let _ = writeln!(
                    body,
                    "<text x=\"{MARGIN}\" y=\"{y}\" class=\"ink\"><tspan class=\"{class}\" \
                     style=\"font-weight:700\">{}</tspan>{}</text>",
                    escaped(word),
                    escaped(rest)
                );
            }
            _ => text(body, MARGIN, *y, "ink", line),
        }
    }
    *y += 30.0;
    axis(body, *y, &timeline, span);
    for one in &timeline.rows {
        *y += ROW;
        row(body, *y, one, shrink);
    }
    if timeline.left_out > 0 {
        *y += ROW;
        let more = format!("… and {} more", timeline.left_out);
        text(body, MARGIN, *y, "aside", &more);
    }
    *y += 34.0;
}

fn x(part: f64) -> f64 {
    MARGIN + LABEL + part * BAR
}

/// Four lines down the bars, with their times.
fn axis(body: &mut String, y: f64, timeline: &Timeline, span: Duration) {
    let rows = timeline.rows.len() as f64;
    for quarter in 0..=4 {
        let part = f64::from(quarter) / 4.0;
        let (x, bottom) = (x(part), y + 8.0 + rows * ROW);
        let _ = writeln!(
            body,
            "<line class=\"grid\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\"/>",
            y + 6.0
        );
        let time = if quarter == 0 { "0".into() } else { seconds(span.mul_f64(part)) };
        let _ = writeln!(
            body,
            "<text x=\"{x}\" y=\"{y}\" class=\"aside\" text-anchor=\"middle\">{time}</text>"
        );
    }
}

fn row(body: &mut String, y: f64, row: &Row, shrink: f64) {
    let middle = y - 4.0;
    let indent = indent(row.branches.len());
    branches(body, middle, row);
    let room = ((LABEL - (indent - MARGIN) - 10.0) / CHARACTER) as usize;
    text(body, indent + 2.0, y, "ink", &cut(&row.label, room));
    let class = class(row.tone);
    let [born, end] = [row.born, row.end].map(|part| x(part * shrink));
    let told = row.told.map(|part| x(part * shrink));
    let line = |body: &mut String, from: f64, to: f64, kind: &str| {
        let _ = writeln!(
            body,
            "<line class=\"{class} {kind}\" x1=\"{from}\" y1=\"{middle}\" x2=\"{to}\" \
             y2=\"{middle}\"/>"
        );
    };
    match told {
        Some(told) => {
            line(body, born, told, "untold");
            line(body, told, end, "running");
            let _ = writeln!(
                body,
                "<path class=\"{class}\" d=\"M{0} {1}h10l-5 9z\"/>",
                told - 5.0,
                middle - 12.0
            );
        }
        None => line(body, born, end, "untold"),
    }
    end_mark(body, row.tone, (end, middle));
    let words = x(1.0) + 18.0;
    text(body, words, y, &format!("{class} strong"), &row.ended);
    let _ = writeln!(
        body,
        "<text x=\"{}\" y=\"{y}\" class=\"ink\" text-anchor=\"end\">{}</text>",
        words + 142.0,
        escaped(&row.after)
    );
    text(body, words + 158.0, y, "aside", &cut(&row.telling, 16));
}

fn end_mark(body: &mut String, tone: Tone, (x, y): (f64, f64)) {
    let class = class(tone);
    let _ = match tone {
        Tone::Itself | Tone::Unknown => {
            writeln!(body, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>")
        }
        Tone::Signal => {
            let top = y - 6.0;
            writeln!(body, "<path class=\"{class}\" d=\"M{x} {top}l6 6l-6 6l-6 -6z\"/>")
        }
        Tone::Killed => writeln!(
            body,
            "<path class=\"{class}\" stroke-width=\"3\" d=\"M{} {}l10 10m0 -10l-10 10\"/>",
            x - 5.0,
            y - 5.0
        ),
    };
}

/// Where a label begins, this deep in the tree.
fn indent(depth: usize) -> f64 {
    MARGIN + (depth as f64 * 14.0).min(LABEL / 2.0)
}

/// The lines of the tree that cross this row.
fn branches(body: &mut String, middle: f64, row: &Row) {
    let (top, bottom) = (middle - ROW + 8.0, middle + 8.0);
    for (depth, branch) in row.branches.iter().enumerate() {
        let (x, right) = (indent(depth) + 5.0, indent(depth + 1) - 2.0);
        let path = match branch {
            Branch::Nothing => continue,
            Branch::Passing => format!("M{x} {top}V{bottom}"),
            Branch::Fork => format!("M{x} {top}V{bottom}M{x} {middle}H{right}"),
            Branch::Last => format!("M{x} {top}V{middle}H{right}"),
        };
        let _ = writeln!(body, "<path class=\"grid\" d=\"{path}\"/>");
    }
}

fn legend(body: &mut String, y: f64) {
    let items = [
        ("ink", "▼ told to stop"),
        ("itself", "● ended itself"),
        ("signal", "◆ ended by a signal"),
        ("killed", "✕ killed or crashed"),
        ("aside", "dotted: not told"),
    ];
    let mut x = MARGIN;
    for (class, words) in items {
        let _ =
            writeln!(body, "<text x=\"{x}\" y=\"{}\" class=\"{class}\">{words}</text>", y + 8.0);
        x += (words.chars().count() as f64 + 3.0) * CHARACTER;
    }
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Itself => "itself",
        Tone::Signal => "signal",
        Tone::Killed => "killed",
        Tone::Unknown => "unknown",
    }
}

fn text(body: &mut String, x: f64, y: f64, class: &str, words: &str) {
    let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{}</text>", escaped(words));
}

/// Words in lines of at most this many characters.
fn lines(text: &str, limit: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is one");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= limit {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Names are the checked program's: nothing in them may be read as markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::samples::{deaf, npm, npm_under_init, report};
    use super::*;

    /// All that is written in it, if it is well-formed.
    fn words(picture: &str) -> String {
        let document = roxmltree::Document::parse(picture).expect("well-formed");
        let texts = document.descendants().filter(|node| node.has_tag_name("text"));
        let text = |node: roxmltree::Node<'_, '_>| {
            node.descendants()
                .filter(|one| one.is_text())
                .filter_map(|one| one.text())
                .collect::<String>()
        };
        texts.map(text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn everybody_is_in_the_picture_with_his_end() {
        let words = words(&draw(&report(vec![npm(), npm_under_init()])));
        for wanted in ["19 node", "never told", "SIGKILL", "UNCLEAN  It stopped", "GOOD  It stops"]
        {
            assert!(words.contains(wanted), "no {wanted} in {words}");
        }
    }

    #[test]
    fn a_name_is_no_markup() {
        let mut record = deaf();
        record.lives[0].name = "<a href='x'>&\u{7}\"".into();
        assert!(words(&draw(&report(vec![record]))).contains("1 <a href='x'>&?\""));
    }

    #[test]
    fn two_runs_have_one_scale() {
        let picture = draw(&report(vec![npm(), npm_under_init()]));
        let times = words(&picture).lines().filter(|line| *line == "1.10 s").count();
        assert_eq!(times, 2 + 2, "the end of both axes; the init's and its server's own end");
    }

    #[test]
    fn it_is_readable_in_the_dark() {
        let picture = draw(&report(vec![npm()]));
        let dark = picture.split("prefers-color-scheme: dark").nth(1).unwrap();
        for class in [".paper", ".ink", ".aside", ".grid", ".itself", ".signal", ".killed"] {
            assert!(dark.contains(class), "{class} has no colour in the dark");
        }
    }
}
