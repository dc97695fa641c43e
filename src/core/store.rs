//! The environment store of my_init: a directory with a file for each variable, of the same name,
//! and beside it all of them for shells and for other programs. What the original's files look
//! like, byte by byte, is Python's doing: text files, `json.dumps`, and quotes where a word needs
//! them.

use crate::text::Text;
use crate::words::{piece, pieces};

/// The longest string that execve(2) takes, without its NUL: include/uapi/linux/binfmts.h,
/// `MAX_ARG_STRLEN`. With a longer one nothing could be started.
pub const ENTRY_MAX: usize = 131_071;

/// The name and the value of an entry of the environment; `None` if it has no name, or no value.
pub fn split(entry: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = pieces(entry, b'=');
    let name = parts.next()?;
    Some((name, parts.rest()?)).filter(|_| !name.is_empty())
}

/// Whether a file of this name can be a variable.
pub fn is_name(name: &[u8]) -> bool {
    piece(name, b'=', 0).len() == name.len()
}

/// Whether it belongs to a user rather than to the container: such variables are in the JSON only.
fn is_personal(name: &[u8]) -> bool {
    pieces(b"HOME USER GROUP UID GID SHELL", b' ').any(|known| known == name)
}

/// Whether it gets a file of its own.
pub fn has_file(name: &[u8]) -> bool {
    !is_personal(name) && piece(name, b'/', 0).len() == name.len()
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

/// A file in which all variables stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines that a shell reads with `.`.
    Shell,
    /// One object.
    Json,
}

impl Format {
    /// The end of its name.
    pub const fn extension(self) -> &'static [u8] {
        match self {
            Format::Shell => b"sh",
            Format::Json => b"json",
        }
    }

    /// Writes it, with these entries. One takes at most [`Format::GROWTH`] times its own room.
    pub fn write<'e>(self, entries: impl Iterator<Item = &'e [u8]>, to: &mut Text<'_>) {
        let mut mark = b'{';
        for (name, value) in entries.filter_map(split) {
            if self == Format::Json {
                to.byte(mark);
                if mark == b',' {
                    to.byte(b' ');
                }
                mark = b',';
                string(name, to);
                to.text(b": ");
                string(value, to);
            } else if !is_personal(name) {
                shell_line(name, value, to);
            }
        }
        if self == Format::Json {
            // Of nothing an empty object.
            if mark == b'{' {
                to.byte(mark);
            }
            to.byte(b'}');
        }
    }

    /// A byte is at most a `\u0001` in JSON, and the shortest entry, `A=` and its NUL, in a shell's
    /// file `export A=''` and the end of the line.
    pub const GROWTH: usize = 6;
}

/// A string as `json.dumps` writes it: ASCII.
#[inline(never)]
fn string(text: &[u8], to: &mut Text<'_>) {
    to.byte(b'"');
    for (mut code, _) in Letters(text) {
        let letter = b"\"\\\x08\t\n\x0c\r".iter().position(|special| u32::from(*special) == code);
        if let Some(letter) = letter.and_then(|place| b"\"\\btnfr".get(place)) {
            to.byte(b'\\');
            to.byte(*letter);
        } else if let 0x20..=0x7e = code {
            to.byte(code as u8);
        } else {
            // A letter beyond the first 2^16 takes two units of UTF-16.
            if let Some(beyond) = code.checked_sub(0x1_0000) {
                unit(0xd800 | beyond >> 10, to);
                code = 0xdc00 | beyond & 0x3ff;
            }
            unit(code, to);
        }
    }
    to.byte(b'"');
}

#[inline(never)]
fn unit(unit: u32, to: &mut Text<'_>) {
    to.text(b"\\u");
    for place in [12, 8, 4, 0] {
        to.hex((unit >> place) as u8 & 15);
    }
}

/// A line that makes a shell export it.
fn shell_line(name: &[u8], value: &[u8], to: &mut Text<'_>) {
    to.text(b"export ");
    for (code, letter) in Letters(name) {
        to.text(if is_word(code) { letter } else { b"_" });
    }
    to.byte(b'=');
    let is_plain = |code| is_word(code) || b"@%+=:,./-".iter().any(|mark| u32::from(*mark) == code);
    if !value.is_empty() && Letters(value).all(|(code, _)| is_plain(code)) {
        to.text(value);
    } else {
        to.byte(b'\'');
        for byte in value {
            match byte {
                b'\'' => to.text(br#"'"'"'"#),
                _ => to.byte(*byte),
            }
        }
        to.byte(b'\'');
    }
    to.byte(b'\n');
}

/// Whether Python's `\w` takes it for a part of a word: letters and digits of all scripts, and `_`.
///
/// QUIRK(my_init): beyond ASCII it is known by rows of 16 only, as the tables would be larger than
/// all of this. A value that has quotes here and not there is the same to a shell. Where most of a
/// row are signs (arrows, emoji, punctuation), all of it counts as signs.
fn is_word(code: u32) -> bool {
    match code {
        0x80.. => {
            let row = code >> 4;
            WORD_ROWS.iter().filter(|bound| row >= u32::from(**bound)).count() & 1 == 1
        }
        _ => code == u32::from(b'_') || (code as u8).is_ascii_alphanumeric(),
    }
}

/// Where rows of words begin, and end: alternately.
static WORD_ROWS: [u16; 20] = [
    0x00c, 0x02c, 0x037, 0x200, 0x2c0, 0x2de, 0x304, 0x31c, 0x340, 0xd80, 0xf90, 0xfe0, 0x1000,
    0x1bca, 0x1d40, 0x1d80, 0x1e03, 0x1eec, 0x2000, 0x3240,
];

/// The letters of a text in UTF-8, with the bytes that they are. A byte that is no part of a
/// letter is one by itself, for which Python has the code U+DC80 to U+DCFF (`surrogateescape`).
struct Letters<'a>(&'a [u8]);

impl<'a> Iterator for Letters<'a> {
    type Item = (u32, &'a [u8]);

    #[inline(never)]
    fn next(&mut self) -> Option<(u32, &'a [u8])> {
        let lead = *self.0.first()?;
        let (mut code, mut len) = (u32::from(lead), 1);
        if lead >= 0x80 {
            let ones = lead.leading_ones() as usize;
            let mut letter = u32::from(lead & 0x7f >> (ones & 7));
            let mut is_letter = self.0.len() >= ones;
            for byte in self.0.iter().take(ones).skip(1) {
                letter = letter << 6 | u32::from(byte & 0x3f);
                is_letter &= byte >> 6 == 0b10;
            }
            // The shortest form only, and no half of a pair of UTF-16.
            is_letter &= char::from_u32(letter).is_some_and(|letter| letter.len_utf8() == ones);
            (code, len) =
                if is_letter && letter >= 0x80 { (letter, ones) } else { (0xdc00 | code, 1) };
        }
        let (letter, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some((code, letter))
    }
}

#[cfg(test)]
mod tests;
