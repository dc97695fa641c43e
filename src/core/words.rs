//! Reading single words: numbers, and places in lists.

/// A whole word of decimal digits, up to `u32::MAX`; no sign, no blanks, not empty.
pub fn decimal(word: &[u8]) -> Option<u32> {
    let mut number = None;
    for byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        let longer = u64::from(number.unwrap_or(0)) * 10 + u64::from(digit);
        number = Some(u32::try_from(longer).ok()?);
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

    /// The next one; empty if there is none.
    #[inline(never)]
    pub fn piece(&mut self) -> &'a [u8] {
        self.next().unwrap_or_default()
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
    let mut left = place;
    loop {
        let piece = pieces.piece();
        if left == 0 {
            return piece;
        }
        left -= 1;
    }
}

/// Whether there is a mark in a text.
pub fn has(text: &[u8], mark: u8) -> bool {
    piece(text, mark, 0).len() != text.len()
}

/// Whether a word is one of a list with blanks between.
#[inline(never)]
pub fn is_among(list: &[u8], word: &[u8]) -> bool {
    pieces(list, b' ').any(|known| known == word)
}

/// How closely words are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Byte by byte.
    Exact,
    /// In whatever case, and with `_` for our `-`.
    Loose,
}

/// Whether a word is one of ours.
#[inline(never)]
pub fn same(ours: &[u8], theirs: &[u8], likeness: Likeness) -> bool {
    let alike = |(ours, theirs): (&u8, &u8)| {
        let difference = ours ^ theirs;
        // Capital and small letters differ in the bit that a blank is.
        let loosely = match ours {
            b'-' => difference == b'-' ^ b'_',
            _ => ours.is_ascii_alphabetic() && difference == b' ',
        };
        difference == 0 || (loosely && likeness == Likeness::Loose)
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(alike)
}

/// The place of a word in a list of a line each, in whatever case.
#[inline(never)]
pub fn place(list: &[u8], word: &[u8]) -> Option<usize> {
    pieces(list, b'\n').position(|item| same(item, word, Likeness::Loose))
}

/// What follows a prefix of ours.
pub fn after<'a>(prefix: &[u8], word: &'a [u8], likeness: Likeness) -> Option<&'a [u8]> {
    let (head, rest) = word.split_at_checked(prefix.len())?;
    same(prefix, head, likeness).then_some(rest)
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
        assert_eq!(place(b"one\ntwo\nthree", b"TWO"), Some(1));
        for word in ["", "tw", "twoo", "one\ntwo"] {
            assert_eq!(place(b"one\ntwo\nthree", word.as_bytes()), None, "{word}");
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
    fn what_follows_the_first_mark_is_the_rest() {
        for (word, rest) in [("a=b=c", Some("b=c")), ("a=", Some("")), ("a", None)] {
            let mut parts = pieces(word.as_bytes(), b'=');
            assert_eq!(parts.next(), Some(&b"a"[..]));
            assert_eq!(parts.rest(), rest.map(str::as_bytes));
        }
    }
}
