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
        let is_personal = is_among(b"HOME USER GROUP UID GID SHELL", name);
        match self {
            Form::Files => !is_personal && !has(name, b'/'),
            Form::Shell => !is_personal,
            Form::Json => true,
        }
    }

    /// Adds a variable to a page, which is empty at first.
    pub fn add(self, name: &[u8], value: &[u8], page: &mut Text<'_>) {
        if self == Form::Shell {
            page.text(b"export ");
            write(name, Style::Name, page);
            let start = page.len() + 1;
            page.text(b"='");
            if write(value, Style::Value, page) && !value.is_empty() {
                // The quote goes, too.
                page.cut(start);
                page.text(value);
            } else {
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
    /// As a name of a shell's, with `_` for what is in none.
    Name,
    /// Between the quotes of a shell.
    Value,
    /// Between those of JSON, as `json.dumps` does it: in ASCII.
    Json,
}

/// Whether a shell would take the text for one word as it is.
#[inline(never)]
fn write(mut text: &[u8], style: Style, page: &mut Text<'_>) -> bool {
    let mut is_word = true;
    loop {
        let (code, len) = letter(text);
        let Some((mut letter, rest)) = text.split_at_checked(len) else { return is_word };
        text = rest;
        if style == Style::Json {
            letter = b"";
            json_letter(code, page);
        } else if !is_part_of_word(code, style) {
            is_word = false;
            if style == Style::Name {
                letter = b"_";
            } else if code == u32::from(b'\'') {
                letter = br#"'"'"'"#;
            }
        }
        page.text(letter);
    }
}

/// A letter in a string of JSON.
fn json_letter(code: u32, page: &mut Text<'_>) {
    let special = b"\"\\\x08\t\n\x0c\r".iter().position(|byte| u32::from(*byte) == code);
    if let Some(escape) = special.and_then(|place| b"\"\\btnfr".get(place)) {
        page.byte(b'\\');
        page.byte(*escape);
    } else if (0x20..0x7f).contains(&code) {
        page.byte(code as u8);
    } else if code >> 16 > 0 {
        // A letter beyond the first 2^16 takes two units of UTF-16.
        unit((code - 0x1_0000) >> 10 | 0xd800, page);
        unit(code & 0x3ff | 0xdc00, page);
    } else {
        unit(code, page);
    }
}

/// Whether a letter stands for itself in a name or a value: what Python takes for a part of a word,
/// the letters and digits of all scripts and `_`; and in a value some marks.
///
/// QUIRK(my_init): beyond ASCII these are two blocks, as Python's tables would be larger than all
/// of this: from Latin to Greek Extended, and from kana to Hangul. What is between is punctuation
/// and symbols; beyond are emoji, and scripts that few can read. A value that has quotes here and
/// not there, or there and not here, is the same to a shell.
fn is_part_of_word(code: u32, style: Style) -> bool {
    // Small letters have a bit that capital ones have not.
    let small = code | 0x20;
    let marks: &[u8] = if style == Style::Name { b"_" } else { b"_@%+=:,./-" };
    matches!(code, 0x30..=0x39)
        || matches!(small, 0x61..=0x7a | 0xe0..0x2000 | 0x3060..0xd800)
        || marks.iter().any(|mark| u32::from(*mark) == code)
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

/// The first letter of a text in UTF-8, and how many bytes it takes. A byte that is no part of a
/// letter is one by itself, for which Python has the code U+DC80 to U+DCFF (`surrogateescape`).
/// Of nothing it is a NUL, which takes a byte more than there is.
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
