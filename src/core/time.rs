//! Time as the decisions see it: given from outside, never read here.

use crate::words::decimal;

/// A point of `CLOCK_MONOTONIC`, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// What no clock will ever show, nor anything later: 292 years.
    pub const NEVER: Moment = Moment(u64::MAX / 2);

    /// What every clock has passed.
    pub const NONE: Moment = Moment(0);

    /// From the two halves of a `timespec`; there is room for 292 years.
    pub const fn new(seconds: u64, nanoseconds: u64) -> Moment {
        Moment(seconds.wrapping_mul(1_000_000_000).wrapping_add(nanoseconds))
    }

    /// This much later; after [`Span::FOREVER`], not before [`Moment::NEVER`].
    pub const fn after(self, span: Span) -> Moment {
        Moment(self.0.wrapping_add(span.0))
    }

    /// In the ticks that `/proc` counts in: 10 ms (`USER_HZ` is 100 on every architecture we know).
    pub const fn ticks(self) -> u64 {
        self.0 / 10_000_000
    }

    /// From `earlier` to this; nothing if that is not in the past.
    pub const fn since(self, earlier: Moment) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// A length of time, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No limit. Added to what a clock shows it does not overflow.
    pub const FOREVER: Span = Span(u64::MAX / 2);

    /// No time at all.
    pub const NONE: Span = Span(0);

    /// So many milliseconds.
    pub const fn from_millis(millis: u32) -> Span {
        Span(millis as u64 * 1_000_000)
    }

    /// So many seconds.
    pub const fn from_secs(secs: u32) -> Span {
        Span(secs as u64 * 1_000_000_000)
    }

    /// In whole milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// In nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Reads `500ms`, `10s`, `2m`, `1h`; a bare number is seconds, as with `docker stop -t` and
    /// timeout(1). Anything else, and more than 49 days, is `None`.
    pub fn parse(word: &[u8]) -> Option<Span> {
        let (number, millis) = match word {
            [number @ .., b'm', b's'] => (number, 1),
            [number @ .., b's'] => (number, 1000),
            [number @ .., b'm'] => (number, 60_000),
            [number @ .., b'h'] => (number, 3_600_000),
            number => (number, 1000),
        };
        decimal(number)?.checked_mul(millis).map(Span::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_whole_or_not_at_all() {
        for (word, millis) in
            [("500ms", 500), ("10s", 10_000), ("2m", 120_000), ("1h", 3_600_000), ("3", 3000)]
        {
            assert_eq!(Span::parse(word.as_bytes()), Some(Span::from_millis(millis)), "{word}");
        }
        for word in ["", "s", "ms", "-1s", "+1s", " 1s", "1 s", "1.5s", "10x", "1d", "4294968s"] {
            assert_eq!(Span::parse(word.as_bytes()), None, "{word}");
        }
    }

    #[test]
    fn deadlines_stay_at_the_end_of_time() {
        let late = Moment::NEVER;
        assert!(late.after(Span(5)) >= late);
        assert!(late.after(Span::FOREVER) >= late);
        assert!(Moment::new(1, 0).after(Span::FOREVER) >= late);
        assert_eq!(Moment::new(1, 5).after(Span::from_millis(2)), Moment::new(1, 2_000_005));
        assert_eq!(Moment::new(1, 0).since(Moment::new(2, 0)), Span(0));
        assert_eq!(Moment::new(3, 0).since(Moment::new(1, 1)), Span(1_999_999_999));
    }
}
