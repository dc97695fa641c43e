//! Markdown set for a terminal: headings, wrapped paragraphs, lists, tables, code. Colour is
//! always written; `anstream` takes it out again where it is not wanted.

use anstyle::{AnsiColor, Style};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const HEADING: Style = Style::new().bold();
const CODE: Style = AnsiColor::Green.on_default();
const WRONG: Style = AnsiColor::Red.on_default();
const STRONG: Style = Style::new().bold();
const LINK: Style = Style::new().underline();
const PLAIN: Style = Style::new();

/// Longer lines are hard to read.
const WIDTH_MAX: usize = 88;

/// Columns of the terminal, as far as they are of use.
pub fn width() -> usize {
    let columns = rustix::termios::tcgetwinsize(std::io::stdout()).map_or(0, |size| size.ws_col);
    if columns == 0 { WIDTH_MAX } else { usize::from(columns).clamp(40, WIDTH_MAX) }
}

/// The whole page.
pub fn render(markdown: &str, width: usize) -> String {
    let mut setter = Setter { width, ..Setter::default() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        setter.take(event);
    }
    setter.out
}

#[derive(Default)]
struct Setter {
    out: String,
    width: usize,
    /// Words of the paragraph, heading or cell that is open.
    words: Vec<Piece>,
    style: Style,
    /// How the open list item begins: a bullet or a number, and its depth.
    bullet: Option<String>,
    lists: Vec<Option<u64>>,
    /// In a code block: the style of its lines.
    code: Option<Style>,
    section: String,
    table: Vec<Vec<Vec<Piece>>>,
}

/// Some text in one style.
#[derive(Clone)]
struct Piece {
    text: String,
    style: Style,
}

impl Setter {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match self.code {
                Some(style) => self.code_lines(&text, style),
                None => self.push(&text, self.style),
            },
            Event::Code(text) => self.push(&text, CODE),
            Event::SoftBreak | Event::HardBreak => self.push(" ", PLAIN),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, style: Style) {
        self.words.push(Piece { text: text.to_owned(), style });
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::CodeBlock(_) => {
                // What is an example of the mistake is told from what is right by its colour.
                self.code = Some(if self.section == "Example" { WRONG } else { CODE });
            }
            Tag::List(first) => {
                self.paragraph();
                self.lists.push(first);
            }
            Tag::Item => {
                self.bullet = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                });
            }
            Tag::Strong | Tag::Emphasis => self.style = STRONG,
            Tag::Link { .. } => self.style = LINK,
            Tag::Table(_) => self.table = Vec::new(),
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.heading(level as usize),
            TagEnd::Paragraph => {
                self.paragraph();
                if self.lists.is_empty() {
                    self.out.push('\n');
                }
            }
            TagEnd::Item => self.paragraph(),
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.out.push('\n');
                }
            }
            TagEnd::CodeBlock => {
                self.code = None;
                self.out.push('\n');
            }
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link => self.style = PLAIN,
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.words);
                if let Some(row) = self.table.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.rows(),
            _ => {}
        }
    }

    fn heading(&mut self, level: usize) {
        let text: String = self.words.drain(..).map(|piece| piece.text).collect();
        let style = if level == 1 { TITLE } else { HEADING };
        let _ = write!(self.out, "{style}{text}{style:#}\n\n");
        self.section = text;
    }

    fn code_lines(&mut self, text: &str, style: Style) {
        for line in text.lines() {
            let _ = writeln!(self.out, "    {style}{line}{style:#}");
        }
    }

    /// The open words, wrapped; behind a bullet if one is due.
    fn paragraph(&mut self) {
        if self.words.is_empty() {
            return;
        }
        let bullet = self.bullet.take().unwrap_or_default();
        let depth = self.lists.len();
        let indent = if depth == 0 { 0 } else { 2 * depth };
        let hang = indent + bullet.width();
        let pieces = std::mem::take(&mut self.words);
        let _ = write!(self.out, "{:indent$}{bullet}", "");
        let mut column = hang;
        for (at, word) in split(&pieces).into_iter().enumerate() {
            let length: usize = word.iter().map(|piece| piece.text.width()).sum();
            if at > 0 && column + 1 + length > self.width {
                let _ = write!(self.out, "\n{:hang$}", "");
                column = hang;
            } else if at > 0 {
                self.out.push(' ');
                column += 1;
            }
            for Piece { text, style } in word {
                let _ = write!(self.out, "{style}{text}{style:#}");
            }
            column += length;
        }
        self.out.push('\n');
    }

    /// A table, its last column wrapped into what is left of the line.
    fn rows(&mut self) {
        let table = std::mem::take(&mut self.table);
        let columns = table.iter().map(Vec::len).max().unwrap_or(0);
        let width = |cell: &[Piece]| cell.iter().map(|piece| piece.text.width()).sum::<usize>();
        let widths: Vec<usize> = (0..columns)
            .map(|at| table.iter().filter_map(|row| row.get(at)).map(|c| width(c)).max())
            .map(|widest| widest.unwrap_or(0))
            .collect();
        for (at, row) in table.into_iter().enumerate() {
            self.out.push_str("  ");
            let mut column = 2;
            let last = row.len().saturating_sub(1);
            for (place, cell) in row.into_iter().enumerate() {
                let head = at == 0;
                if place == last {
                    self.wrapped_cell(&cell, column, head);
                } else {
                    let padding = widths[place] - width(&cell) + 2;
                    for Piece { text, style } in cell {
                        let style = if head { HEADING } else { style };
                        let _ = write!(self.out, "{style}{text}{style:#}");
                    }
                    let _ = write!(self.out, "{:padding$}", "");
                    column += widths[place] + 2;
                }
            }
        }
        self.out.push('\n');
    }

    fn wrapped_cell(&mut self, cell: &[Piece], start: usize, head: bool) {
        let mut column = start;
        for (at, word) in split(cell).into_iter().enumerate() {
            let length: usize = word.iter().map(|piece| piece.text.width()).sum();
            if at > 0 && column + 1 + length > self.width {
                let _ = write!(self.out, "\n{:start$}", "");
                column = start;
            } else if at > 0 {
                self.out.push(' ');
                column += 1;
            }
            for Piece { text, style } in word {
                let style = if head { HEADING } else { style };
                let _ = write!(self.out, "{style}{text}{style:#}");
            }
            column += length;
        }
        self.out.push('\n');
    }
}

/// Words, each of pieces with nothing between them: a comma belongs to the code before it. Code
/// keeps its blanks.
fn split(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut words: Vec<Vec<Piece>> = vec![Vec::new()];
    for Piece { text, style } in pieces {
        let whole = *style == CODE && text.width() < 40;
        let parts: Vec<&str> = if whole { vec![text] } else { text.split(' ').collect() };
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut().filter(|_| !part.is_empty()) {
                word.push(Piece { text: part.to_owned(), style: *style });
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(markdown: &str, width: usize) -> String {
        anstream::adapter::strip_str(&render(markdown, width)).to_string()
    }

    #[test]
    fn paragraphs_are_wrapped_and_code_is_kept() {
        let page = "# T\n\none two three four `five six`, seven\n\n```sh\n  a   b\n```\n";
        assert_eq!(plain(page, 16), "T\n\none two three\nfour five six,\nseven\n\n      a   b\n\n");
    }

    #[test]
    fn items_hang_behind_their_bullets() {
        assert_eq!(plain("- one two three\n- four\n", 12), "  - one two\n    three\n  - four\n\n");
        assert_eq!(plain("1. one\n2. two\n", 40), "  1. one\n  2. two\n\n");
    }

    #[test]
    fn columns_of_a_table_stand_below_each_other() {
        let table = "| a | long |\n|---|---|\n| `bbb` | c d e |\n";
        assert_eq!(plain(table, 40), "  a    long\n  bbb  c d e\n\n");
    }
}
