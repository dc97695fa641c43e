//! The environment store of my_init: a directory with a file for each variable, of the same name,
//! and beside it all of them for shells and for other programs. What the original's files look
//! like, byte by byte, is Python's doing: text files, `json.dumps`, and quotes where a word needs
//! them.

use crate::text::Text;
use crate::words::{has, is_among};

/// The longest string that execve(2) takes, without its NUL: include/uapi/linux/binfmts.h,
/// `MAX_ARG_STRLEN`. With a longer one nothing could be started.
pub const ENTRY_MAX: usize = 131_071;

/// The most that what is written of an entry takes in the place of each of its bytes, its NUL
/// included: a `\u0001` in JSON. The shortest, `A=`, is in a shell's file `export A=''`.
pub const GROWTH: usize = 6;

/// Makes a value of what a file holds: every kind of line end becomes `\n`, and the last one is no
/// part of it. The result is how long it is then; `None` if there is a NUL, which no value can
/// hold.
pub fn normalise(text: &mut [u8]) -> Option<usize> {
    let (mut from, mut to, mut before, mut last) = (0, 0, 0, 0);
    while let Some(&byte) = text.get(from) {
        from += 1;
        if byte == 0 {
            return None;
        }
        if byte != b'\n' || before != b'\r' {
            last = if byte == b'\r' { b'\n' } else { byte };
            if let Some(place) = text.get_mut(to) {
                *place = last;
            }
            to += 1;
        }
        before = byte;
    }
    Some(to - usize::from(last == b'\n'))
}

/// How the variables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A file for each.
    Files,
    /// Lines that a shell reads with `.`.
    Shell,
    /// One object.
    Json,
}

impl Form {
    /// The end of the name of what is written.
    pub const fn extension(self) -> &'static [u8] {
        match self {
            Form::Files => b"",
            Form::Shell => b"sh",
            Form::Json => b"json",
        }
    }

    /// Whether a variable of this name is written so. What belongs to a user rather than to the
    /// container is in the JSON only.
    pub fn has(self, name: &[u8]) -> bool {
        self == Form::Json
            || !is_among(b"HOME USER GROUP UID GID SHELL", name)
                && !(self == Form::Files && has(name, b'/'))
    }

    /// Adds a variable to a page, which is empty at first.
    pub fn add(self, name: &[u8], value: &[u8], page: &mut Text<'_>) {
        if self == Form::Shell {
            page.text(b"export ");
            write(name, Style::Name, page);
            page.byte(b'=');
            let start = page.len();
            if !write(value, Style::Word, page) || value.is_empty() {
                page.cut(start);
                page.byte(b'\'');
                write(value, Style::Quoted, page);
                page.byte(b'\'');
            }
            return page.byte(b'\n');
        }
        page.text(if page.is_empty() { b"{\"" } else { b", \"" });
        write(name, Style::Json, page);
        page.text(b"\": \"");
        write(value, Style::Json, page);
        page.byte(b'"');
    }

    /// After the last one.
    pub fn end(self, page: &mut Text<'_>) {
        if self == Form::Json {
            page.text(if page.is_empty() { b"{}" } else { b"}" });
        }
    }
}

/// How the letters of a text are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// As what a shell takes for a name, with `_` for any other letter.
    Name,
    /// As what it takes for one word as it is, with `_` for any other letter.
    Word,
    /// Between single quotes.
    Quoted,
    /// Between the quotes of JSON, as `json.dumps` does it: in ASCII.
    Json,
}

/// Whether it could be written without a `_` in the place of something else.
#[inline(never)]
fn write(mut text: &[u8], style: Style, page: &mut Text<'_>) -> bool {
    let mut as_it_is = true;
    while !text.is_empty() {
        let (code, len) = letter(text);
        let (mut letter, rest) = text.split_at_checked(len).unwrap_or_default();
        text = rest;
        match style {
            Style::Json => {
                if !matches!(code, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e) {
                    escape(code, page);
                    letter = b"";
                }
            }
            Style::Quoted => {
                if code == u32::from(b'\'') {
                    letter = br#"'"'"'"#;
                }
            }
            _ => {
                let marks: &[u8] = if style == Style::Name { b"_" } else { b"_@%+=:,./-" };
                if !is_word(code) && !marks.iter().any(|mark| u32::from(*mark) == code) {
                    as_it_is = false;
                    letter = b"_";
                }
            }
        }
        page.text(letter);
    }
    as_it_is
}

/// A letter of JSON that cannot stand for itself.
fn escape(code: u32, page: &mut Text<'_>) {
    let place = b"\"\\\x08\t\n\x0c\r".iter().position(|byte| u32::from(*byte) == code);
    if let Some(letter) = place.and_then(|place| b"\"\\btnfr".get(place)) {
        page.byte(b'\\');
        page.byte(*letter);
    } else if let Some(beyond) = code.checked_sub(0x1_0000) {
        // A letter beyond the first 2^16 takes two units of UTF-16.
        unit(0xd800 | beyond >> 10, page);
        unit(0xdc00 | beyond & 0x3ff, page);
    } else {
        unit(code, page);
    }
}

#[inline(never)]
fn unit(unit: u32, page: &mut Text<'_>) {
    page.text(b"\\u");
    let mut place = 16;
    while place > 0 {
        place -= 4;
        page.hex((unit >> place) as u8 & 15);
    }
}

/// Whether it is a letter or a digit of any script, as Python has it.
///
/// QUIRK(my_init): beyond ASCII they are known by rows of 16 only, as the tables would be larger
/// than all of this. A value that has quotes here and not there is the same to a shell. Where most
/// of a row are signs (arrows, emoji, punctuation), all of it counts as signs.
fn is_word(code: u32) -> bool {
    match u8::try_from(code) {
        Ok(byte @ ..0x80) => byte.is_ascii_alphanumeric(),
        _ => {
            let row = code >> 4;
            WORD_ROWS.iter().filter(|bound| row >= u32::from(**bound)).count() & 1 == 1
        }
    }
}

/// Where rows of words begin, and end: alternately.
static WORD_ROWS: [u16; 20] = [
    0x00c, 0x02c, 0x037, 0x200, 0x2c0, 0x2de, 0x304, 0x31c, 0x340, 0xd80, 0xf90, 0xfe0, 0x1000,
    0x1bca, 0x1d40, 0x1d80, 0x1e03, 0x1eec, 0x2000, 0x3240,
];

/// The first letter of a text in UTF-8, and how many bytes it takes. A byte that is no part of a
/// letter is one by itself, for which Python has the code U+DC80 to U+DCFF (`surrogateescape`).
fn letter(text: &[u8]) -> (u32, usize) {
    let lead = u32::from(text.first().copied().unwrap_or_default());
    if lead < 0x80 {
        return (lead, 1);
    }
    // Those that lead no letter, or one that is longer than need be, or beyond the last.
    if let 0xc2..=0xf4 = lead {
        let ones = (lead as u8).leading_ones();
        let (mut code, mut len) = (lead & 0x7f >> ones, 1);
        while let Some(&byte @ 0x80..0xc0) = text.get(len) {
            code = code << 6 | u32::from(byte & 0x3f);
            len += 1;
            if len as u32 == ones {
                // Two bytes begin with 2^7, three with 2^11, four with 2^16.
                let is_short = code >> ((9 * ones - 4) / 2) > 0;
                if is_short && code >> 11 != 0xd800 >> 11 && code < 0x11_0000 {
                    return (code, len);
                }
                break;
            }
        }
    }
    (0xdc00 | lead, 1)
}

#[cfg(test)]
mod tests;
