//! Text in columns, with colour. Colour is always written; `anstream` takes it out again where it
//! is not wanted (a pipe, NO_COLOR). What characters are drawn with is chosen here ([`Look`]).

use anstyle::{AnsiColor, Style};
use std::io::IsTerminal;

/// What went well.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// What did not.
pub const BAD: Style = AnsiColor::Red.on_default();
/// A heading.
pub const HEADING: Style = Style::new().bold();
/// What may be passed over.
pub const ASIDE: Style = Style::new().dimmed();
/// Everything else.
pub const PLAIN: Style = Style::new();

/// The characters to draw with: ASCII unless a person looks on who can see others.
pub struct Look {
    pub fork: &'static str,
    pub last: &'static str,
    pub trunk: &'static str,
    pub bar: &'static str,
    pub track: &'static str,
    pub good: &'static str,
    pub bad: &'static str,
    pub rule: &'static str,
    pub wall: &'static str,
    pub cross: &'static str,
}

impl Look {
    pub const UNICODE: Look = Look {
        fork: "├ ",
        last: "└ ",
        trunk: "│ ",
        bar: "█",
        track: "░",
        good: "✓",
        bad: "✗",
        rule: "─",
        wall: "│",
        cross: "┼",
    };
    pub const ASCII: Look = Look {
        fork: "|-",
        last: "`-",
        trunk: "| ",
        bar: "#",
        track: ".",
        good: "ok",
        bad: "NO",
        rule: "-",
        wall: "|",
        cross: "+",
    };

    /// By whether stdout is a terminal, and by its locale: unset means nobody said ASCII.
    pub fn of_stdout() -> Look {
        let set = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let utf8 = locale.is_none_or(|name| {
            let name = name.to_ascii_lowercase();
            name.contains("utf-8") || name.contains("utf8")
        });
        if std::io::stdout().is_terminal() && utf8 { Look::UNICODE } else { Look::ASCII }
    }
}

/// Words in one style.
#[derive(Debug, Clone)]
pub struct Span {
    pub text: String,
    pub style: Style,
}

/// One line of a column.
pub type Line = Vec<Span>;

pub fn span(text: impl Into<String>, style: Style) -> Span {
    Span { text: text.into(), style }
}

/// One character of ours is one column wide.
pub fn width(line: &[Span]) -> usize {
    line.iter().map(|span| span.text.chars().count()).sum()
}

/// Colours a line, with nothing after its last word.
pub fn paint(line: &[Span]) -> String {
    let painted = line.iter().map(|Span { text, style }| match *style == PLAIN {
        true => text.clone(),
        false => format!("{style}{text}{style:#}"),
    });
    painted.collect::<String>().trim_end().to_owned()
}

/// Sets columns side by side, each as wide as its widest line.
pub fn side_by_side(columns: &[Vec<Line>], indent: usize, gap: &str) -> String {
    let widths: Vec<usize> = columns
        .iter()
        .map(|column| column.iter().map(|line| width(line)).max().unwrap_or(0))
        .collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for row in 0..height {
        let mut whole = vec![span(" ".repeat(indent), PLAIN)];
        for (number, (column, width_wanted)) in columns.iter().zip(&widths).enumerate() {
            if number > 0 {
                whole.push(span(gap, PLAIN));
            }
            let line = column.get(row).cloned().unwrap_or_default();
            let missing = width_wanted - width(&line);
            whole.extend(line);
            whole.push(span(" ".repeat(missing), PLAIN));
        }
        text.push_str(&paint(&whole));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them_without_its_colour() {
        let plain = |text: &str| vec![span(text, PLAIN)];
        let columns = [
            vec![vec![span("ab", GOOD), span("c", BAD)], plain("d")],
            vec![plain("e"), plain("f"), plain("g")],
        ];
        let text = side_by_side(&columns, 1, " | ");
        let text = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(text, " abc | e\n d   | f\n     | g\n");
    }
}
