//! Processes as `/proc` shows them, and who of them has already been told to stop.

use core::num::NonZeroU32;

use crate::signal::Signal;
use crate::supervisor::Audience;
use crate::time::{Moment, Span};
use crate::words::decimal;

/// A process id: never 0 and never negative, which mean groups to kill(2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pid(NonZeroU32);

impl Pid {
    /// What no process is called: above the kernel's `PID_MAX_LIMIT`.
    pub const NOBODY: Pid = Pid(NonZeroU32::new(i32::MAX as u32).unwrap());

    /// `None` for 0 and for what is no `pid_t`.
    pub const fn new(number: u32) -> Option<Pid> {
        match NonZeroU32::new(number) {
            Some(id) if number <= i32::MAX as u32 => Some(Pid(id)),
            _ => None,
        }
    }

    /// A directory of `/proc`: `None` if the name is no number.
    pub fn parse(name: &[u8]) -> Option<Pid> {
        decimal(name).and_then(Pid::new)
    }

    /// 1 to `i32::MAX`.
    pub const fn number(self) -> u32 {
        self.0.get()
    }

    /// The init's own place in its PID namespace: only the first process may speak to everyone.
    pub const fn is_init(self) -> bool {
        self.0.get() == 1
    }
}

/// What is needed of `/proc/PID/stat` (proc(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat<'a> {
    /// Its number and name, as in `17 (node)`; the name is whatever the process wants.
    pub label: &'a [u8],
    /// Its state: `R`, `S`, `T`, `Z` …
    pub state: u8,
    /// Its parent; 0 where that is outside the namespace.
    pub parent: u32,
    /// Its process group; 0 where that is outside the namespace.
    pub group: u32,
    /// When it was started, in ticks of 10 ms since boot (`CLOCK_BOOTTIME`).
    pub start_ticks: u64,
    /// Which of the signals 1 to 31 it ignores: bit n-1 is signal n.
    pub ignored: u32,
}

impl<'a> Stat<'a> {
    /// Reads the line. The name may hold anything, also `)`: the last one ends it.
    pub fn parse(line: &'a [u8]) -> Option<Stat<'a>> {
        // Fields are counted from the name, which is field 2 of proc(5).
        const FIELDS: usize = 33 - 2 + 1;
        let end = line.iter().rposition(|byte| *byte == b')')? + 1;
        let (label, rest) = line.split_at_checked(end)?;
        let mut fields = [0u64; FIELDS];
        let mut field = 0;
        for byte in rest {
            if *byte == b' ' {
                field += 1;
            } else if let Some(number) = fields.get_mut(field) {
                *number = number.wrapping_mul(10).wrapping_add(byte.wrapping_sub(b'0').into());
            }
        }
        // The state is a letter, read as if it were a digit; no other letter is asked for.
        let [_, state, parent, group, .., ignored] = fields;
        let (state, start_ticks) = ((state as u8).wrapping_add(b'0'), fields[22 - 2]);
        let (parent, group, ignored) = (parent as u32, group as u32, ignored as u32);
        (field >= FIELDS).then_some(Stat { label, state, parent, group, start_ticks, ignored })
    }

    /// Dead already: nothing that is sent to it arrives.
    pub const fn is_dead(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }
}

/// Who has been told to stop already: nobody is told twice if it can be helped, as many servers
/// take a second TERM as "now".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    /// Who.
    pub whom: ToldWhom,
    /// With which signal; who ignores it has heard nothing.
    pub signal: Signal,
    /// When; who was born later has heard nothing.
    pub at: Moment,
}

/// See [`Told`]. One that the [`Audience`] becomes without a detour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToldWhom {
    /// The main command's process group.
    Group = Audience::Group as isize,
    /// Everyone.
    Everyone = Audience::Everyone as isize,
}

impl Told {
    /// Whether this process, if it was among them, was there and listened. `slept`: by how much
    /// the clock that the start of processes is counted by is ahead of that of `self.at`.
    pub fn heard(&self, process: &Stat<'_>, slept: Span) -> bool {
        let bit = u32::from(self.signal.number().wrapping_sub(1));
        let ignores = u64::from(process.ignored).wrapping_shr(bit) & 1 == 1;
        // Of the same tick nobody knows what came first: better told twice than never.
        !ignores && process.start_ticks < self.at.after(slept).ticks()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"42 (a) (b) S 1 40 7 0 -1 4194560 120 0 1 0 3 4 0 0 20 0 1 0 12345 \
        2961408 300 18446744073709551615 1 1 0 0 0 0 6 4096 16386 1 0 0 17 0 0 0 0 0 0 0 0 0 0 \
        0 0 0 0\n";

    #[test]
    fn a_stat_line_is_read_whatever_the_name_holds() {
        let stat = Stat::parse(LINE).unwrap();
        assert_eq!(stat.label, b"42 (a) (b)");
        let rest = (stat.state, stat.parent, stat.group, stat.start_ticks, stat.ignored);
        assert_eq!(rest, (b'S', 1, 40, 12345, 4096));
    }

    #[test]
    fn our_own_stat_line_is_read() {
        let line = std::fs::read("/proc/self/stat").unwrap();
        let stat = Stat::parse(&line).unwrap();
        assert_eq!(stat.parent, std::os::unix::process::parent_id());
        assert!(!stat.is_dead());
    }

    #[test]
    fn a_line_cut_anywhere_is_no_stat_or_a_whole_one() {
        for end in 0..LINE.len() {
            if let Some(stat) = Stat::parse(&LINE[..end]) {
                assert_eq!((stat.parent, stat.group), (1, 40));
            }
        }
    }

    #[test]
    fn only_zombies_and_what_is_being_buried_are_dead() {
        let mut process = Stat::parse(LINE).unwrap();
        for state in 0..=u8::MAX {
            process.state = state;
            assert_eq!(process.is_dead(), matches!(state, b'Z' | b'X'), "{state}");
        }
    }

    #[test]
    fn told_is_who_was_there_and_listened() {
        let mut process = Stat::parse(LINE).unwrap();
        let (whom, signal, at) = (ToldWhom::Group, Signal::TERM, Moment::new(120, 0));
        let (told, slept) = (Told { whom, signal, at }, Span::from_millis(3_460));
        assert!(told.heard(&process, slept));
        assert!(!told.heard(&process, Span::from_millis(3_459)), "born in the same tick");
        process.ignored = 1 << (15 - 1);
        assert!(!told.heard(&process, slept), "it ignores TERM");
        let real_time = Told { signal: Signal::RTMAX, ..told };
        assert!(real_time.heard(&process, slept), "the line does not say");
    }

    #[test]
    fn a_pid_is_never_a_group() {
        assert_eq!(Pid::new(0), None);
        assert_eq!(Pid::new(u32::MAX), None);
        assert_eq!(Pid::parse(b"-1"), None);
        assert_eq!(Pid::parse(b"self"), None);
        assert!(Pid::parse(b"1").unwrap().is_init());
        for number in [2, 3, i32::MAX as u32] {
            let pid = Pid::new(number).unwrap();
            assert_eq!((pid.number(), pid.is_init()), (number, false));
        }
        assert_eq!(Pid::new(i32::MAX as u32 + 1), None);
    }
}
