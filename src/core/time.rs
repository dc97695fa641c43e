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

    /// The arithmetic wraps: so what no clock shows must stay far from where it would.
    #[test]
    fn no_sum_of_what_clocks_show_and_options_say_comes_early() {
        let (century, longest) = (3_155_760_000, u32::MAX);
        let seconds = [0, 1, 2, 9_999, u64::from(longest), century - 1, century];
        let moments = seconds.into_iter().flat_map(|seconds| {
            [0, 1, 500_000_000, 999_999_999].map(|nanos| Moment::new(seconds, nanos))
        });
        let all = [0, 1, 2, 999, 1000, 1001, 3_600_000, longest - 1, longest];
        let spans = all.map(Span::from_millis).into_iter().chain([Span::FOREVER]);
        for moment in moments {
            for span in spans.clone() {
                let then = moment.after(span);
                let exact = u128::from(moment.0) + u128::from(span.0);
                assert_eq!(u128::from(then.0), exact, "{moment:?} {span:?}");
                assert_eq!(then.since(moment), span);
                assert_eq!(moment.since(then), Span::NONE);
                assert_eq!(then >= Moment::NEVER, span == Span::FOREVER);
                // Twice is the most that is ever added: the clock's lead, and a deadline.
                let later = then.after(Span::from_millis(longest));
                assert!(later >= then && (span == Span::FOREVER || later < Moment::NEVER));
            }
        }
    }

    #[test]
    fn a_length_of_time_is_the_same_in_every_unit() {
        for millis in (0..=70_000).chain(u32::MAX - 1000..=u32::MAX) {
            let span = Span::from_millis(millis);
            assert_eq!(span.as_millis(), u64::from(millis));
            assert_eq!(span.as_nanos(), u64::from(millis) * 1_000_000);
            let moment = Moment::NONE.after(span);
            assert_eq!(moment.ticks(), u64::from(millis / 10));
        }
        assert_eq!(Span::from_secs(u32::MAX).as_nanos(), u64::from(u32::MAX) * 1_000_000_000);
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
