//! Single words: signals, lengths of time and numbers, against an independent reading of them.

use sexton_core::process::Pid;
use sexton_core::signal::Signal;
use sexton_core::text::Text;
use sexton_core::time::Span;
use sexton_core::words::{Likeness, decimal, piece, pieces, place, same};

/// The signals 1 to 31, as signal(7) lists them for most architectures.
const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// Its "synonyms".
const SYNONYMS: [(&str, u32); 5] =
    [("IOT", 6), ("CLD", 17), ("POLL", 29), ("RTMIN", 34), ("RTMAX", 64)];

/// What has to hold for a word.
pub fn check(word: &[u8]) {
    let number = digits(word).filter(|number| *number <= u32::MAX.into());
    assert_eq!(decimal(word).map(u64::from), number, "as a number: {word:?}");
    let pid = number.filter(|number| (1..=i32::MAX as u64).contains(number));
    assert_eq!(Pid::parse(word).map(|pid| u64::from(pid.number())), pid, "as a PID: {word:?}");
    check_signal(word);
    check_span(word);
    check_pieces(word);
}

/// As a signal.
pub fn check_signal(word: &[u8]) {
    let signal = Signal::parse(word);
    assert_eq!(signal.map(|signal| signal.number().into()), number_of(word), "{word:?}");
    let Some(signal) = signal else { return };
    let mut buffer = [0; 32];
    let mut text = Text::new(&mut buffer);
    signal.write(&mut text);
    assert_eq!(Signal::parse(text.bytes()), Some(signal), "written and read: {word:?}");
    assert_eq!(Signal::parse(&word.to_ascii_lowercase()), Some(signal), "{word:?}");
}

/// The number of the signal that a word names.
fn number_of(word: &[u8]) -> Option<u32> {
    if let Some(number) = digits(word) {
        return u32::try_from(number).ok().filter(|number| (1..=64).contains(number));
    }
    let word = std::str::from_utf8(word).ok()?.to_ascii_uppercase();
    let word = word.strip_prefix("SIG").unwrap_or(&word);
    if let Some(place) = NAMES.iter().position(|name| *name == word) {
        return Some(place as u32 + 1);
    }
    // The two without a name are called by their number, in a list of names too.
    if matches!(word, "32" | "33") {
        return word.parse().ok();
    }
    if let Some((_, number)) = SYNONYMS.iter().find(|(name, _)| *name == word) {
        return Some(*number);
    }
    let above = |distance: &str| digits(distance.as_bytes())?.checked_add(34);
    let below = |distance: &str| 64u64.checked_sub(digits(distance.as_bytes())?);
    let number = match (word.strip_prefix("RTMIN+"), word.strip_prefix("RTMAX-")) {
        (Some(distance), _) => above(distance),
        (_, Some(distance)) => below(distance),
        _ => None,
    };
    number.filter(|number| (34..=64).contains(number)).map(|number| number as u32)
}

/// As a length of time.
pub fn check_span(word: &[u8]) {
    let millis = Span::parse(word).map(Span::as_millis);
    assert_eq!(millis, millis_of(word), "{:?}", String::from_utf8_lossy(word));
    if let Some(millis) = millis {
        let again = Span::parse(format!("{millis}ms").as_bytes());
        assert_eq!(again.map(Span::as_millis), Some(millis), "written and read: {word:?}");
    }
}

/// The milliseconds that a word means; there is room for 2^32 of them.
fn millis_of(word: &[u8]) -> Option<u64> {
    let end = word.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(word.len());
    let (number, unit) = word.split_at(end);
    let unit = match unit {
        b"ms" => 1,
        b"s" | b"" => 1000,
        b"m" => 60 * 1000,
        b"h" => 60 * 60 * 1000,
        _ => return None,
    };
    digits(number)?.checked_mul(unit).filter(|millis| *millis <= u32::MAX.into())
}

/// A word of digits; those beyond all that is asked for are as large as can be.
fn digits(word: &[u8]) -> Option<u64> {
    let all = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    let word = std::str::from_utf8(word).ok().filter(|_| all)?;
    Some(word.parse().unwrap_or(u64::MAX))
}

fn check_pieces(word: &[u8]) {
    for mark in [b':', b'=', b'-'] {
        let ours: Vec<_> = pieces(word, mark).collect();
        let theirs: Vec<_> = word.split(|byte| *byte == mark).collect();
        assert_eq!(ours, theirs, "{word:?} at {mark}");
        for (number, part) in theirs.iter().enumerate() {
            assert_eq!(piece(word, mark, number), *part, "{word:?} at {mark}");
        }
        assert_eq!(piece(word, mark, theirs.len()), b"", "{word:?} at {mark}");
    }
    let lines: Vec<_> = word.split(|byte| *byte == b'\n').collect();
    for line in &lines {
        let first = lines.iter().position(|other| same(other, line, Likeness::Loose));
        assert_eq!(place(word, line), first, "{line:?} in {word:?}");
    }
}
