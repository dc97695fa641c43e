//! Bytes of strangers as text that is safe to print: names and arguments may hold anything.

/// How much of a command line is shown.
const COMMAND_MAX: usize = 80;

/// What cannot be printed is escaped: `\n`, `\x1b`, `\xff`, and what turns the reading direction.
pub fn printable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '\n' | '\t' | '\r' => text.extend(character.escape_default()),
                '\0'..'\x20' | '\x7f' => text.push_str(&format!("\\x{:02x}", u32::from(character))),
                _ if character.is_control() || turns_direction(character) => {
                    text.extend(character.escape_unicode());
                }
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// Unicode's bidirectional controls, and what is invisible at all.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Arguments as a shell would want them, cut where they get too long.
pub fn command(arguments: &[Vec<u8>]) -> String {
    let words = arguments.iter().map(|argument| quoted(&printable(argument)));
    let mut line = words.collect::<Vec<_>>().join(" ");
    // A title that a program wrote over its arguments is one word with spaces: no quotes for it.
    if let [title] = arguments {
        line = printable(title);
    }
    if line.chars().count() > COMMAND_MAX {
        line = line.chars().take(COMMAND_MAX - 1).chain(['…']).collect();
    }
    line
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=,+@%^\\".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// `7 s`, `3 min`, `5 h`, `9 d`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `1 zombie`, `1,024 zombies`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number as u64), if number == 1 { one } else { many })
}

/// `1,048,576`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_can_move_the_cursor_or_begin_a_line() {
        assert_eq!(printable(b"a\nb\x1b[2J\xff\x7f"), "a\\nb\\x1b[2J\\xff\\x7f");
        assert_eq!(printable("é\u{202e}\u{85}".as_bytes()), "é\\u{202e}\\u{85}");
    }

    #[test]
    fn arguments_are_quoted_where_a_shell_needs_it() {
        let words =
            |all: &[&str]| all.iter().map(|one| one.as_bytes().to_vec()).collect::<Vec<_>>();
        assert_eq!(command(&words(&["sh", "-c", "app; true"])), "sh -c 'app; true'");
        assert_eq!(command(&words(&["a", "", "it's"])), "a '' 'it'\\''s'");
        assert_eq!(command(&words(&["npm start"])), "npm start");
        assert_eq!(command(&words(&["x", &"y".repeat(500)])).chars().count(), COMMAND_MAX);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 1_048_576].map(grouped), ["0", "999", "1,000", "1,048,576"]);
    }
}
