//! One word of a script.

use crate::source::Span;

/// A word as it is written, and what it comes to if no expansion is in it.
#[derive(Debug, Clone)]
pub struct Word {
    /// As it is written.
    pub raw: String,
    /// Where, in the script's fragment.
    pub span: Span,
    text: Option<String>,
}

impl Word {
    /// Reads a word.
    pub fn new(raw: impl Into<String>, span: Span) -> Word {
        let raw = raw.into();
        let text = unquote(&raw);
        Word { raw, span, text }
    }

    /// What it comes to, if that does not depend on an expansion.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Whether it is `"$@"` or another way to say "the arguments".
    pub fn is_arguments(&self) -> bool {
        let bare = self.raw.trim_matches('"');
        matches!(bare, "$@" | "$*" | "${@}" | "${*}" | "$1" | "${@:1}" | "${1}")
            || (bare.starts_with("${@:-") || bare.starts_with("${*:-"))
    }

    /// The variable that is all it consists of.
    pub fn variable(&self) -> Option<&str> {
        let bare = self.raw.trim_matches('"').strip_prefix('$')?;
        let name = bare.strip_prefix('{').and_then(|bare| bare.strip_suffix('}')).unwrap_or(bare);
        let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let (head, _) = name.split_once(":-").unwrap_or((name, ""));
        (plain(head) || head == "!").then_some(head)
    }
}

/// Without its quotes; `None` if something in it is expanded.
fn unquote(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\'' => loop {
                match chars.next()? {
                    '\'' => break,
                    other => text.push(other),
                }
            },
            '"' => loop {
                match chars.next()? {
                    '"' => break,
                    '$' | '`' => return None,
                    '\\' => match chars.next()? {
                        '\n' => {}
                        escaped @ ('$' | '`' | '"' | '\\') => text.push(escaped),
                        other => text.extend(['\\', other]),
                    },
                    other => text.push(other),
                }
            },
            '\\' => match chars.next()? {
                '\n' => {}
                escaped => text.push(escaped),
            },
            '$' if chars.peek().is_none() => text.push('$'),
            '$' | '`' => return None,
            '*' | '?' | '[' if raw.len() > 1 => return None,
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_without_expansion_is_a_text() {
        for (raw, text) in [
            ("app", "app"),
            ("'a b'", "a b"),
            ("\"a \\$b\"", "a $b"),
            ("a\\ b", "a b"),
            ("--x='y'z", "--x=yz"),
            ("[", "["),
        ] {
            assert_eq!(Word::new(raw, 0..0).text(), Some(text), "{raw}");
        }
        for raw in ["$x", "\"$x\"", "`x`", "a$(b)", "*.sh", "'open"] {
            assert_eq!(Word::new(raw, 0..0).text(), None, "{raw}");
        }
    }

    #[test]
    fn the_arguments_have_many_spellings() {
        for raw in ["$@", "\"$@\"", "\"${@}\"", "$*", "${@:1}"] {
            assert!(Word::new(raw, 0..0).is_arguments(), "{raw}");
        }
        for raw in ["$2", "\"$x\"", "@"] {
            assert!(!Word::new(raw, 0..0).is_arguments(), "{raw}");
        }
        assert_eq!(Word::new("\"${PID}\"", 0..0).variable(), Some("PID"));
        assert_eq!(Word::new("$!", 0..0).variable(), Some("!"));
    }
}
