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
    #[inline(never)]
    pub fn add(self, name: &[u8], value: &[u8], page: &mut Text<'_>) {
        if self == Form::Shell {
            return shell_line(name, value, page);
        }
        page.text(if page.is_empty() { b"{\"" } else { b", \"" });
        string(name, page);
        page.text(b"\": \"");
        string(value, page);
        page.byte(b'"');
    }

    /// After the last one.
    pub fn end(self, page: &mut Text<'_>) {
        if self == Form::Json {
            page.text(if page.is_empty() { b"{}" } else { b"}" });
        }
    }
}

/// A line that makes a shell export it.
fn shell_line(name: &[u8], value: &[u8], page: &mut Text<'_>) {
    page.text(b"export ");
    for byte in name {
        page.byte(if is_word(*byte) { *byte } else { b'_' });
    }
    page.byte(b'=');
    let is_plain = |byte: &u8| is_word(*byte) || b"@%+=:,./-".contains(byte);
    if !value.is_empty() && value.iter().all(is_plain) {
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

/// Whether it is part of a word.
///
/// QUIRK(my_init): the original knows the letters and digits of all scripts, and takes what else is
/// not ASCII (arrows, dashes, emoji) for signs. Its tables would be larger than all of this; here
/// it counts as letters, and so has no quotes, which is the same to a shell.
#[inline(never)]
fn is_word(byte: u8) -> bool {
    byte >= 0x80 || byte == b'_' || byte.is_ascii_alphanumeric()
}

/// What stands between the quotes of a string, as `json.dumps` writes it: in ASCII.
#[inline(never)]
fn string(mut text: &[u8], page: &mut Text<'_>) {
    loop {
        let (code, len) = letter(text);
        let Some((_, rest)) = text.split_at_checked(len) else { return };
        text = rest;
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
