//! The environment store of my_init: a directory with a file for each variable, of the same name,
//! and beside it all of them for shells and for other programs. What the original's files look
//! like, byte by byte, is Python's doing: text files, `json.dumps`, and quotes where a word needs
//! them.

use crate::text::Text;
use crate::words::{has, is_among, piece};

/// The longest string that execve(2) takes, without its NUL: include/uapi/linux/binfmts.h,
/// `MAX_ARG_STRLEN`. With a longer one nothing could be started.
pub const ENTRY_MAX: usize = 131_071;

/// The most that what is written of an entry takes in the place of each of its bytes, its NUL
/// included: a `\u0001` in JSON. The shortest, `A=`, is in a shell's file `export A=''`.
pub const GROWTH: usize = 6;

/// The name and the value of an entry of the environment; `None` if it has no name, or no value.
#[inline(never)]
pub fn split(entry: &[u8]) -> Option<(&[u8], &[u8])> {
    let name = piece(entry, b'=', 0);
    let value = entry.get(name.len() + 1..)?;
    if name.is_empty() { None } else { Some((name, value)) }
}

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
            return shell_line(name, value, page);
        }
        page.text(if page.is_empty() { b"{" } else { b", " });
        string(name, page);
        page.text(b": ");
        string(value, page);
    }

    /// After the last one.
    pub fn end(self, page: &mut Text<'_>) {
        if self == Form::Json {
            page.text(if page.is_empty() { b"{}" } else { b"}" });
        }
    }
}

/// A string as `json.dumps` writes it: ASCII.
#[inline(never)]
fn string(mut text: &[u8], page: &mut Text<'_>) {
    page.byte(b'"');
    while !text.is_empty() {
        let (mut code, len) = letter(text);
        text = text.get(len..).unwrap_or_default();
        let place = b"\"\\\x08\t\n\x0c\r".iter().position(|byte| u32::from(*byte) == code);
        if let Some(letter) = place.and_then(|place| b"\"\\btnfr".get(place)) {
            page.byte(b'\\');
            page.byte(*letter);
        } else if let 0x20..=0x7e = code {
            page.byte(code as u8);
        } else {
            // A letter beyond the first 2^16 takes two units of UTF-16.
            if let Some(beyond) = code.checked_sub(0x1_0000) {
                unit(0xd800 | beyond >> 10, page);
                code = 0xdc00 | beyond & 0x3ff;
            }
            unit(code, page);
        }
    }
    page.byte(b'"');
}

#[inline(never)]
fn unit(unit: u32, page: &mut Text<'_>) {
    page.text(b"\\u");
    for place in [12, 8, 4, 0] {
        page.hex((unit >> place) as u8 & 15);
    }
}

/// A line that makes a shell export it.
fn shell_line(name: &[u8], value: &[u8], page: &mut Text<'_>) {
    page.text(b"export ");
    bare(name, b"_", Some(page));
    page.byte(b'=');
    if !value.is_empty() && bare(value, b"_@%+=:,./-", None) {
        page.text(value);
    } else {
        page.byte(b'\'');
        for byte in value {
            match byte {
                b'\'' => page.text(br#"'"'"'"#),
                _ => page.byte(*byte),
            }
        }
        page.byte(b'\'');
    }
    page.byte(b'\n');
}

/// Whether a text has only letters, digits, and these marks; and it is written with `_` in the
/// place of all others.
#[inline(never)]
fn bare(mut text: &[u8], marks: &[u8], mut page: Option<&mut Text<'_>>) -> bool {
    let mut all = true;
    while !text.is_empty() {
        let (code, len) = letter(text);
        let (letter, rest) = text.split_at_checked(len).unwrap_or_default();
        let is_bare = is_word(code) || marks.iter().any(|mark| u32::from(*mark) == code);
        if let Some(page) = &mut page {
            page.text(if is_bare { letter } else { b"_" });
        }
        all &= is_bare;
        text = rest;
    }
    all
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
#[inline(never)]
fn letter(text: &[u8]) -> (u32, usize) {
    let lead = u32::from(text.first().copied().unwrap_or_default());
    if lead < 0x80 {
        return (lead, 1);
    }
    let ones = (lead as u8).leading_ones() as usize;
    let mut code = lead & 0x7f >> ones;
    let mut len = 1;
    for byte in text.iter().skip(1).take(3) {
        if byte >> 6 != 0b10 {
            break;
        }
        code = code << 6 | u32::from(byte & 0x3f);
        len += 1;
        // The shortest form only, and no half of a pair of UTF-16.
        if len == ones && char::from_u32(code).is_some_and(|letter| letter.len_utf8() == len) {
            return (code, len);
        }
    }
    (0xdc00 | lead, 1)
}

#[cfg(test)]
mod tests;
