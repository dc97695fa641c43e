//! Signals: a number from 1 to 64 that cannot be wrong, and sets of them.

use core::num::NonZeroU8;

use crate::book::FRONT;
use crate::notice::Phrase;
use crate::text::Text;
use crate::words::{Likeness, after, decimal, place};

/// A signal of Linux, 1 to 64. The numbers are those of asm-generic/signal.h, which all
/// architectures but MIPS, Alpha, SPARC and PA-RISC share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(NonZeroU8);

const fn signal(number: u32) -> Signal {
    Signal::new(number).expect("the constants below are right")
}

/// What the names in [`Phrase::Signals`] mean that are behind those of the signals 1, 2, 3 …: other
/// names that signal(7) has for some.
const MEANT: [Signal; 4] = [Signal::ABRT, Signal::CHLD, Signal::IO, Signal::RTMAX];

#[expect(missing_docs, reason = "their names are signal(7)'s")]
impl Signal {
    pub const HUP: Signal = signal(1);
    pub const INT: Signal = signal(2);
    pub const QUIT: Signal = signal(3);
    pub const ABRT: Signal = signal(6);
    pub const KILL: Signal = signal(9);
    pub const PIPE: Signal = signal(13);
    pub const TERM: Signal = signal(15);
    pub const CHLD: Signal = signal(17);
    pub const CONT: Signal = signal(18);
    pub const STOP: Signal = signal(19);
    pub const TSTP: Signal = signal(20);
    pub const TTIN: Signal = signal(21);
    pub const TTOU: Signal = signal(22);
    pub const URG: Signal = signal(23);
    pub const XFSZ: Signal = signal(25);
    pub const WINCH: Signal = signal(28);
    pub const IO: Signal = signal(29);
    /// The first real-time signal that programs may use: glibc and musl keep 32 and 33.
    pub const RTMIN: Signal = signal(34);
    pub const RTMAX: Signal = signal(64);
}

impl Signal {
    /// `None` for 0 and for anything above 64.
    pub const fn new(number: u32) -> Option<Signal> {
        match NonZeroU8::new(number as u8) {
            Some(signal) if number <= 64 => Some(Signal(signal)),
            _ => None,
        }
    }

    /// 1 to 64.
    pub const fn number(self) -> u8 {
        self.0.get()
    }

    /// Reads `TERM`, `SIGTERM`, `15`, `RTMIN+3`, `SIGRTMAX-1`, in either case.
    pub fn parse(word: &[u8]) -> Option<Signal> {
        if let Some(number) = decimal(word) {
            return Signal::new(number);
        }
        let sign = word.iter().position(|byte| matches!(byte, b'+' | b'-'));
        let (name, distance) = word.split_at_checked(sign.unwrap_or(word.len()))?;
        let signal = Signal::named(name)?;
        let by = match distance {
            [] => return Some(signal),
            [b'+', digits @ ..] if signal == Signal::RTMIN => decimal(digits)?,
            [b'-', digits @ ..] if signal == Signal::RTMAX => decimal(digits)?.wrapping_neg(),
            _ => return None,
        };
        let moved = u32::from(signal.number()).wrapping_add(by);
        Signal::new(moved).filter(|signal| *signal >= Signal::RTMIN)
    }

    /// With `SIG` before it or without.
    fn named(word: &[u8]) -> Option<Signal> {
        let mut room = [0; FRONT];
        let names = Phrase::Signals.page().read(&mut room);
        let number = place(names, after(b"SIG", word, Likeness::Loose).unwrap_or(word))? + 1;
        match number.checked_sub(usize::from(Signal::RTMIN.number()) + 1) {
            None => Signal::new(number as u32),
            Some(other) => MEANT.get(other).copied(),
        }
    }

    /// Writes `SIGTERM`, `SIGRTMIN+3`, or `32` for the two that have no name.
    pub fn write(self, text: &mut Text<'_>) {
        let (number, first) = (self.number(), Signal::RTMIN.number());
        if !matches!(number, 32 | 33) {
            text.text(b"SIG");
        }
        Phrase::Signals.page().write_line(usize::from(number.min(first) - 1), text);
        if let Some(distance) = number.checked_sub(first) {
            text.byte(b'+');
            text.number(distance.into());
        }
    }
}

/// A set of signals, laid out as the kernel's `sigset_t`: bit n-1 is signal n.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct SignalSet(u64);

impl SignalSet {
    /// No signal.
    pub const EMPTY: SignalSet = SignalSet(0);
    /// All 64, also 32 and 33, which libc's `sigfillset` leaves out.
    pub const ALL: SignalSet = SignalSet(!0);

    /// As `/proc` shows it: bit n-1 is signal n.
    pub const fn from_bits(bits: u64) -> SignalSet {
        SignalSet(bits)
    }

    /// These.
    pub const fn of(signals: &[Signal]) -> SignalSet {
        let (mut set, mut place) = (SignalSet::EMPTY, 0);
        while place < signals.len() {
            set = set.with(signals[place]);
            place += 1;
        }
        set
    }

    /// The set with this one too.
    #[must_use]
    pub const fn with(self, signal: Signal) -> SignalSet {
        SignalSet(self.0 | 1 << (signal.number().wrapping_sub(1) & 63))
    }

    /// Those of both.
    #[must_use]
    pub const fn or(self, other: SignalSet) -> SignalSet {
        SignalSet(self.0 | other.0)
    }

    /// Whether it is in.
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & SignalSet::EMPTY.with(signal).0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_is_read_back_from_the_name_it_is_written_with() {
        for number in 1..=64 {
            let signal = Signal::new(number).unwrap();
            let mut buffer = [0; 32];
            let mut text = Text::new(&mut buffer);
            signal.write(&mut text);
            assert_eq!(Signal::parse(text.bytes()), Some(signal), "{number}");
        }
    }

    #[test]
    fn names_are_written_in_full() {
        for (number, name) in [
            (1, "SIGHUP"),
            (15, "SIGTERM"),
            (31, "SIGSYS"),
            (32, "32"),
            (33, "33"),
            (34, "SIGRTMIN+0"),
            (64, "SIGRTMIN+30"),
        ] {
            let mut buffer = [0; 32];
            let mut text = Text::new(&mut buffer);
            Signal::new(number).unwrap().write(&mut text);
            assert_eq!(text.bytes(), name.as_bytes());
        }
    }

    #[test]
    fn names_are_those_of_signal_7() {
        for (name, number) in [
            ("HUP", 1),
            ("SIGINT", 2),
            ("term", 15),
            ("SigTerm", 15),
            ("9", 9),
            ("64", 64),
            ("IOT", 6),
            ("CLD", 17),
            ("POLL", 29),
            ("SYS", 31),
            ("RTMIN", 34),
            ("RTMIN+0", 34),
            ("SIGRTMIN+3", 37),
            ("rtmax", 64),
            ("RTMAX-30", 34),
            ("WINCH", 28),
            ("STKFLT", 16),
        ] {
            assert_eq!(Signal::parse(name.as_bytes()), Signal::new(number), "{name}");
        }
        for name in [
            "",
            "SIG",
            "0",
            "65",
            "-9",
            "+9",
            " 9",
            "TERMX",
            "SIGSIGTERM",
            "RTMIN-1",
            "RTMIN+31",
            "RTMIN+",
            "RTMAX+1",
            "RTMAX-31",
            "RTMIN+99999999999",
            "SIG15",
            "HUP+40",
            "TERM-1",
            "RTMIN-0",
            "RTMAX+0",
            "RTMIN+1+1",
        ] {
            assert_eq!(Signal::parse(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = SignalSet::EMPTY.with(Signal::HUP).with(Signal::RTMAX);
        for number in 1..=64 {
            let signal = Signal::new(number).unwrap();
            assert_eq!(set.contains(signal), number == 1 || number == 64);
            assert!(SignalSet::ALL.contains(signal));
            // As the kernel lays it out.
            let alone = SignalSet::from_bits(1 << (number - 1));
            assert_eq!(SignalSet::EMPTY.with(signal), alone);
            assert_eq!(SignalSet::of(&[signal, signal]), alone);
            assert_eq!(alone.or(alone), alone);
            assert_eq!(alone.or(set), set.with(signal));
        }
    }
}
