//! Reading single words: numbers, and places in lists.

/// A whole word of decimal digits, up to `u32::MAX`; no sign, no blanks, not empty.
pub fn decimal(word: &[u8]) -> Option<u32> {
    let mut number: Option<u32> = None;
    for byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
    }
    number
}

/// The pieces of a text between marks, empty ones too; of an empty text one empty piece.
pub fn pieces(text: &[u8], mark: u8) -> Pieces<'_> {
    Pieces { rest: Some(text), mark }
}

/// See [`pieces`]; what `split` of a slice does, in one place instead of one for each closure.
pub struct Pieces<'a> {
    rest: Option<&'a [u8]>,
    mark: u8,
}

impl<'a> Pieces<'a> {
    /// All that has not been taken yet; `None` if the last piece was taken.
    pub fn rest(&self) -> Option<&'a [u8]> {
        self.rest
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    #[inline(never)]
    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest?;
        let (piece, rest) = match text.iter().position(|byte| *byte == self.mark) {
            Some(place) => (text.get(..place)?, text.get(place + 1..)),
            None => (text, None),
        };
        self.rest = rest;
        Some(piece)
    }
}

/// The piece at this place; empty if there is none.
pub fn piece(text: &[u8], mark: u8, place: usize) -> &[u8] {
    let mut pieces = pieces(text, mark);
    for _ in 0..place {
        pieces.next();
    }
    pieces.next().unwrap_or_default()
}

/// An enum whose variants have words each, in a list of lines: shorter than a `match` that names
/// the address and the length of each.
macro_rules! worded {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $words:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// The words of the variant.
            pub fn words(self) -> &'static [u8] {
                const LINES: &str = concat!($($words, "\n"),*);
                $crate::words::piece(LINES.as_bytes(), b'\n', self as usize)
            }
        }
    };
}
pub(crate) use worded;

/// What comes before the first `mark`, and what comes after it.
pub fn split_at_mark(text: &[u8], mark: u8) -> Option<(&[u8], &[u8])> {
    let mut pieces = pieces(text, mark);
    let before = pieces.next()?;
    Some((before, pieces.rest?))
}

/// The place of a word in a list with blanks between, in whatever case.
#[inline(never)]
pub fn place(list: &[u8], word: &[u8]) -> Option<u32> {
    let same = |(a, b): (&u8, &u8)| a.eq_ignore_ascii_case(b);
    let place = pieces(list, b' ')
        .position(|item| item.len() == word.len() && item.iter().zip(word).all(same))?;
    Some(place as u32)
}

/// Whether one begins with the other, but for the case.
pub fn starts(word: &[u8], prefix: &[u8]) -> bool {
    word.get(..prefix.len()).is_some_and(|head| place(prefix, head).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_whole_word() {
        for (word, number) in [("0", 0), ("007", 7), ("4294967295", u32::MAX)] {
            assert_eq!(decimal(word.as_bytes()), Some(number));
        }
        for word in ["", "-1", "+1", " 1", "1 ", "1x", "4294967296", "99999999999999999999"] {
            assert_eq!(decimal(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn a_word_is_found_whole_and_in_any_case() {
        assert_eq!(place(b"one two three", b"TWO"), Some(1));
        for word in ["", "tw", "twoo", "one two"] {
            assert_eq!(place(b"one two three", word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn pieces_are_those_of_split() {
        for text in ["", ":", "a", "a:", ":a", "a:b", "a::b"] {
            let theirs: Vec<_> = text.as_bytes().split(|byte| *byte == b':').collect();
            assert_eq!(pieces(text.as_bytes(), b':').collect::<Vec<_>>(), theirs, "{text:?}");
        }
    }

    #[test]
    fn a_word_is_split_at_the_first_mark() {
        assert_eq!(split_at_mark(b"a=b=c", b'='), Some((&b"a"[..], &b"b=c"[..])));
        assert_eq!(split_at_mark(b"a=", b'='), Some((&b"a"[..], &b""[..])));
        assert_eq!(split_at_mark(b"a", b'='), None);
    }
}
