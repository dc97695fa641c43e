//! Text in a buffer of fixed size: what does not fit is cut, nothing fails.

use core::ffi::CStr;

use crate::words::pieces;

/// A path as system calls take it: behind its bytes there is a NUL.
#[derive(Clone, Copy)]
pub struct Path<'a>(&'a [u8]);

impl<'a> Path<'a> {
    /// Its bytes, without the NUL.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Where it begins.
    pub fn as_ptr(self) -> *const u8 {
        self.0.as_ptr()
    }
}

impl<'a> From<&'a CStr> for Path<'a> {
    fn from(text: &'a CStr) -> Path<'a> {
        Path(text.to_bytes())
    }
}

/// Bytes that one name or path from outside may take in a line: two of them always fit.
const FOREIGN_MAX: usize = 300;

/// Bytes kept free: for `"}` and the end of the line, and as an escape takes two bytes at once.
const END: usize = 4;

/// Text being written: a line of the log, or a path.
pub struct Text<'b> {
    buffer: &'b mut [u8],
    len: usize,
    /// Inside a string of JSON, where a quote or a backslash needs a backslash before it.
    in_string: bool,
}

impl<'b> Text<'b> {
    /// Empty, in this buffer.
    #[inline(never)]
    pub fn new(buffer: &'b mut [u8]) -> Text<'b> {
        Text { buffer, len: 0, in_string: false }
    }

    /// What has been written.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or(&[])
    }

    /// The same, for as long as the buffer lives.
    pub fn into_bytes(self) -> &'b [u8] {
        self.buffer.get(..self.len).unwrap_or(&[])
    }

    /// Whether nothing has been.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many bytes that is.
    pub fn len(&self) -> usize {
        self.len
    }

    /// What has been written, for the kernel.
    pub fn path(&mut self) -> Path<'_> {
        self.path_from(0)
    }

    /// What has been written from this place on, for the kernel.
    pub fn path_from(&mut self, start: usize) -> Path<'_> {
        // There is always room for it, as for the end of a line. A buffer too small even for the
        // NUL is nobody's; but then it is no path either.
        match self.buffer.get_mut(self.len) {
            Some(nul) => *nul = 0,
            None => return c"".into(),
        }
        Path(self.buffer.get(start..self.len).unwrap_or_default())
    }

    /// The words between these marks, or NULs, for the kernel. The marks are gone.
    pub fn words(&mut self, mark: u8) -> impl Iterator<Item = Path<'_>> {
        self.path();
        for byte in self.buffer.iter_mut().take(self.len) {
            if *byte == mark {
                *byte = 0;
            }
        }
        pieces(self.bytes(), 0).filter(|word| !word.is_empty()).map(Path)
    }

    /// One byte of ours.
    pub fn byte(&mut self, byte: u8) {
        if self.len + END >= self.buffer.len() {
            return;
        }
        if self.in_string && matches!(byte, b'"' | b'\\') {
            self.put(b'\\');
        }
        self.put(byte);
    }

    #[inline(never)]
    fn put(&mut self, byte: u8) {
        if let Some(place) = self.buffer.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    /// Words of ours, which need no escaping.
    pub fn text(&mut self, text: &[u8]) {
        for byte in text {
            self.byte(*byte);
        }
    }

    /// Two parts with a mark between, if there is a first one: a path.
    #[inline(never)]
    pub fn join(&mut self, first: &[u8], mark: u8, second: &[u8]) {
        self.text(first);
        if !first.is_empty() {
            self.byte(mark);
        }
        self.text(second);
    }

    /// Takes back all but so many bytes.
    pub fn cut(&mut self, len: usize) {
        self.len = len.min(self.len);
    }

    /// A number, in decimal.
    pub fn number(&mut self, number: u32) {
        if number > 9 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    /// Bytes from outside: whatever is not printable ASCII is written as `\x1b`, so that no name
    /// can forge a line of the log or steer a terminal.
    pub fn foreign(&mut self, bytes: &[u8]) {
        let end = self.len + FOREIGN_MAX;
        for &byte in bytes {
            if self.len > end {
                return self.text(b"...");
            }
            match byte {
                b' '..=b'[' | b']'..=b'~' => self.byte(byte),
                _ => {
                    self.text(b"\\x");
                    self.hex(byte >> 4);
                    self.hex(byte & 15);
                }
            }
        }
    }

    /// A digit below 16.
    pub fn hex(&mut self, digit: u8) {
        self.byte(if digit < 10 { b'0' + digit } else { b'a' + (digit - 10) });
    }

    /// Opens a string of JSON.
    pub fn open_string(&mut self) {
        self.byte(b'"');
        self.in_string = true;
    }

    /// Closes it.
    pub fn close_string(&mut self) {
        self.in_string = false;
        self.byte(b'"');
    }

    /// Ends the line, and before it an object of JSON whose last string is still open. There is
    /// always room for it.
    pub fn end(&mut self) {
        if self.in_string {
            self.put(b'"');
            self.put(b'}');
        }
        self.put(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_blanks() {
        for (text, words) in [("a bc d", &["a", "bc", "d"][..]), (" a  b ", &["a", "b"]), ("", &[])]
        {
            let mut buffer = [0xff; 32];
            let mut written = Text::new(&mut buffer);
            written.text(text.as_bytes());
            let found: Vec<_> = written.words(b' ').map(|word| word.bytes().to_vec()).collect();
            assert_eq!(found, words.iter().map(|word| word.as_bytes()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_still_ends() {
        let mut buffer = [0; 64];
        let mut line = Text::new(&mut buffer);
        for _ in 0..10 {
            line.text(b"0123456789");
        }
        line.end();
        assert_eq!(line.bytes().len(), 64 - END + 1);
        assert_eq!(line.bytes().last(), Some(&b'\n'));
    }

    #[test]
    fn a_string_that_is_cut_is_still_json() {
        for room in 12..40 {
            let mut buffer = vec![0; room];
            let mut line = Text::new(&mut buffer);
            line.text(b"{\"a\":");
            line.open_string();
            line.foreign(b"\"\"\\\\\x1b\"\"ab\"\"");
            line.end();
            let text = std::str::from_utf8(line.bytes()).unwrap();
            let inner = text.strip_prefix("{\"a\":\"").and_then(|text| text.strip_suffix("\"}\n"));
            let inner = inner.unwrap_or_else(|| panic!("{text:?}"));
            let mut left = inner.chars();
            while let Some(letter) = left.next() {
                assert_ne!(letter, '"', "{text:?}");
                assert!(letter != '\\' || matches!(left.next(), Some('"' | '\\')), "{text:?}");
            }
        }
    }

    #[test]
    fn bytes_from_outside_cannot_leave_the_line() {
        let mut buffer = [0; 64];
        let mut line = Text::new(&mut buffer);
        line.foreign(b"a~\n\\\x1b[2J\xff");
        assert_eq!(line.bytes(), br"a~\x0a\x5c\x1b[2J\xff");
    }

    #[test]
    fn a_long_name_is_cut_short() {
        let mut buffer = [0; 1024];
        let mut line = Text::new(&mut buffer);
        line.foreign(&[b'x'; 5000]);
        assert!(line.bytes().len() < FOREIGN_MAX + 8);
        assert!(line.bytes().ends_with(b"x..."));
    }

    /// The last piece may be an escape of four bytes.
    #[test]
    fn a_name_is_cut_behind_the_first_piece_that_goes_beyond() {
        for (byte, shown) in [(b'x', FOREIGN_MAX + 1), (0x1b, FOREIGN_MAX + 4)] {
            for (len, rest) in [(FOREIGN_MAX / 4, 0), (FOREIGN_MAX * 2, 3)] {
                let mut buffer = [0; 1024];
                let mut line = Text::new(&mut buffer);
                line.foreign(&vec![byte; len]);
                let whole = if byte == b'x' { len } else { len * 4 };
                assert_eq!(line.len(), if rest > 0 { shown + rest } else { whole });
            }
        }
    }

    #[test]
    fn a_string_of_json_ends_where_it_is_closed() {
        let mut buffer = [0; 64];
        let mut line = Text::new(&mut buffer);
        assert!(line.is_empty());
        line.open_string();
        line.byte(b'"');
        line.close_string();
        line.byte(b'"');
        assert!(!line.is_empty());
        line.end();
        assert_eq!(line.into_bytes(), b"\"\\\"\"\"\n");
    }

    #[test]
    fn two_parts_are_joined_by_a_mark_if_there_are_two() {
        for (first, joined) in [("/etc", "/etc/a"), ("", "a")] {
            let mut buffer = [0; 16];
            let mut text = Text::new(&mut buffer);
            text.join(first.as_bytes(), b'/', b"a");
            assert_eq!(text.bytes(), joined.as_bytes());
        }
        let path = Path::from(c"/a");
        assert_eq!(path.as_ptr(), path.bytes().as_ptr());
    }

    #[test]
    fn behind_a_path_there_is_a_nul() {
        let mut buffer = [0xff; 16];
        let mut text = Text::new(&mut buffer);
        text.text(b"/bin");
        let path = text.path();
        assert_eq!(path.bytes(), b"/bin");
        assert_eq!(buffer[..5], *b"/bin\0");
        assert_eq!(Path::from(c"/a").bytes(), b"/a");
        assert_eq!(Text::new(&mut []).path().bytes(), b"");
    }

    #[test]
    fn numbers_are_decimal() {
        let mut buffer = [0; 64];
        let mut line = Text::new(&mut buffer);
        for number in [0, 9, 10, u32::MAX] {
            line.number(number);
            line.byte(b' ');
        }
        assert_eq!(line.bytes(), b"0 9 10 4294967295 ");
        assert_eq!(line.path().bytes(), b"0 9 10 4294967295 ");
        assert_eq!(buffer[18], 0);
    }
}
