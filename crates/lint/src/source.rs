//! Text with a name, places in it, and pieces of text that were written in another notation.

use std::ops::Range;
use std::sync::Arc;

/// A half-open range of bytes.
pub type Span = Range<usize>;

/// One file as it was read, or standard input.
#[derive(Debug)]
pub struct Source {
    /// As the user called it; what reports show.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Source {
    /// Keeps the text, and where its lines begin.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        let text = text.into();
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(starts.map(|(at, _)| at + 1)).collect();
        Arc::new(Source { name: name.into(), text, lines })
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let byte = self.floor(byte);
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        (line, self.text.get(start..byte).map_or(0, |text| text.chars().count()) + 1)
    }

    /// The text of a line, counted from 1, without its end.
    pub fn line(&self, line: usize) -> &str {
        let span = self.line_span(line);
        self.text.get(span).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// Where a line, counted from 1, begins and ends, its end of line included.
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let end = self.lines.get(line).copied().unwrap_or(self.text.len());
        start..end.max(start)
    }

    /// The byte at which a line, counted from 1, and a column of it begin.
    pub fn byte_at(&self, line: usize, column: usize) -> usize {
        let span = self.line_span(line);
        let text = self.text.get(span.clone()).unwrap_or("");
        let within = text.char_indices().nth(column.saturating_sub(1)).map(|(at, _)| at);
        span.start + within.unwrap_or(text.trim_end().len())
    }

    /// The next byte to the left that begins a character.
    fn floor(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}

/// Where something stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// In which text.
    pub source: Arc<Source>,
    /// From where to where.
    pub span: Span,
}

impl Place {
    /// Of that text; a range that does not fit is made to.
    pub fn new(source: &Arc<Source>, span: Span) -> Place {
        let start = source.floor(span.start);
        let end = source.floor(span.end.max(start));
        Place { source: source.clone(), span: start..end }
    }

    /// What stands there.
    pub fn text(&self) -> &str {
        self.source.text.get(self.span.clone()).unwrap_or("")
    }

    /// Line and column, from 1, of its beginning.
    pub fn position(&self) -> (usize, usize) {
        self.source.position(self.span.start)
    }

    /// What results are put in order by, and what makes two places the same.
    pub fn key(&self) -> (&str, usize, usize) {
        (&self.source.name, self.span.start, self.span.end)
    }

    /// From the beginning of this one to the end of another in the same text.
    pub fn to(&self, other: &Place) -> Place {
        match Arc::ptr_eq(&self.source, &other.source) {
            true => Place::new(&self.source, self.span.start..self.span.end.max(other.span.end)),
            false => self.clone(),
        }
    }
}

/// A piece of text as it is meant, which knows where each byte of it stands as it is written: a
/// string with escapes, a YAML block, a here-document.
#[derive(Debug)]
pub struct Fragment {
    /// The text as it is meant.
    pub text: String,
    source: Arc<Source>,
    map: Map,
}

#[derive(Debug)]
enum Map {
    /// As it is written, from there.
    Verbatim(usize),
    /// For each byte the byte where it is written, and the end.
    Each(Vec<usize>),
    /// Somewhere in there.
    Whole(Span),
}

impl Fragment {
    /// A text that stands in the source as it is meant, from that byte.
    pub fn verbatim(source: &Arc<Source>, start: usize, text: impl Into<String>) -> Arc<Fragment> {
        let (source, map) = (source.clone(), Map::Verbatim(start));
        Arc::new(Fragment { text: text.into(), source, map })
    }

    /// The whole of a source.
    pub fn whole(source: &Arc<Source>) -> Arc<Fragment> {
        Fragment::verbatim(source, 0, source.text.clone())
    }

    /// A text that was written in a notation with escapes, quotes or indentation.
    pub fn written(source: &Arc<Source>, span: Span, text: impl Into<String>) -> Arc<Fragment> {
        let text = text.into();
        let raw = source.text.get(span.clone()).unwrap_or("");
        let map = match raw == text {
            true => Map::Verbatim(span.start),
            false => align(&text, raw)
                .map(|map| Map::Each(map.into_iter().map(|at| at + span.start).collect()))
                .unwrap_or(Map::Whole(span)),
        };
        Arc::new(Fragment { text, source: source.clone(), map })
    }

    /// Where a part of the text is written.
    pub fn place(&self, span: Span) -> Place {
        let span = match &self.map {
            Map::Verbatim(start) => start + span.start..start + span.end,
            Map::Whole(whole) => whole.clone(),
            Map::Each(map) => {
                let at = |index: usize| map.get(index).or(map.last()).copied().unwrap_or(0);
                // The end is behind the last byte, not before the next: quotes may be between.
                let end = if span.end > span.start { at(span.end - 1) + 1 } else { at(span.start) };
                at(span.start)..end
            }
        };
        Place::new(&self.source, span)
    }

    /// Where the whole of it is written.
    pub fn whole_place(&self) -> Place {
        self.place(0..self.text.len())
    }

    /// Whether a text put in at its place would mean what it says: true where no notation is
    /// between.
    pub fn is_exact(&self) -> bool {
        !matches!(self.map, Map::Whole(_))
    }

    /// The source it stands in.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }
}

/// For each byte of a text the byte of its written form, which may have escapes, indentation, and
/// line ends in the place of blanks.
fn align(text: &str, raw: &str) -> Option<Vec<usize>> {
    let (text, raw) = (text.as_bytes(), raw.as_bytes());
    let mut map = Vec::with_capacity(text.len() + 1);
    // The text of a YAML block begins below its mark.
    let is_block = matches!(raw.first(), Some(b'|' | b'>')) && raw.first() != text.first();
    let below = raw.iter().position(|byte| *byte == b'\n').filter(|_| is_block);
    let mut at = below.map_or(0, |end| end + 1);
    for &byte in text {
        // The other bytes of a character that an escape stands for.
        if byte & 0xC0 == 0x80 && raw.get(at) != Some(&byte) {
            map.push(*map.last()?);
            continue;
        }
        loop {
            let written = *raw.get(at)?;
            let next = raw.get(at + 1).copied();
            if written == b'\\' && next.is_some_and(|next| next == b'\n' || next == b'\r') {
                at += 2;
            } else if written == byte && written != b'\\' {
                map.push(at);
                at += 1;
                break;
            } else if written == b'\\' {
                map.push(at);
                at += escape_length(&raw[at..], byte);
                break;
            } else if written.is_ascii_whitespace() && byte.is_ascii_whitespace() {
                map.push(at);
                at += 1;
                break;
            } else if written.is_ascii_whitespace() || matches!(written, b'\'' | b'"') {
                at += 1;
            } else {
                return None;
            }
        }
    }
    map.push(at);
    Some(map)
}

/// How long the escape is that stands for this byte.
fn escape_length(raw: &[u8], byte: u8) -> usize {
    match raw.get(1) {
        // A plain YAML scalar has no escapes: the backslash is itself.
        Some(b'\\') if byte == b'\\' => 2,
        _ if byte == b'\\' => 1,
        Some(b'u') => 6,
        Some(b'x') => 4,
        Some(b'U') => 10,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source = Source::new("a", "ab\nü=x\r\n");
        assert_eq!(source.position(0), (1, 1));
        assert_eq!(source.position(5), (2, 2));
        assert_eq!(source.position(999), (3, 1));
        assert_eq!(source.line(2), "ü=x");
        assert_eq!(source.byte_at(2, 2), 5);
    }

    #[track_caller]
    fn written(raw: &str, text: &str, word: &str, expected: &str) {
        let source = Source::new("a", format!("key: {raw}\n"));
        let fragment = Fragment::written(&source, 5..5 + raw.len(), text);
        let at = text.find(word).unwrap();
        assert_eq!(fragment.place(at..at + word.len()).text(), expected, "{raw}");
    }

    #[test]
    fn a_word_is_found_behind_escapes_quotes_and_indentation() {
        written("plain words", "plain words", "words", "words");
        written(r#""a \"b\" c""#, "a \"b\" c", "c", "c");
        written(r#""a\nb c""#, "a\nb c", "b", "b");
        written(r"'it''s so'", "it's so", "so", "so");
        written("|\n  set -e\n  exec app\n", "set -e\nexec app\n", "app", "app");
        written(">\n  one\n  two\n", "one two\n", "two", "two");
        written("\"one \\\n  two\"", "one two", "two", "two");
        written(r#""a \u00fc b""#, "a ü b", "a", "a");
    }

    #[test]
    fn what_cannot_be_found_is_somewhere_in_the_whole() {
        let source = Source::new("a", "xyz");
        let fragment = Fragment::written(&source, 0..3, "something else");
        assert!(!fragment.is_exact());
        assert_eq!(fragment.place(2..4).text(), "xyz");
    }
}
