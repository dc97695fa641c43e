//! What wait4(2) says of a child, as an enum.

use crate::signal::Signal;

/// A wait status, decoded. Every 32-bit value is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitStatus {
    /// It called exit with this status.
    Exited(u8),
    /// This signal ended it; whether it dumped core makes no difference to anybody here.
    Killed(Signal),
    /// This signal stopped it (only asked for with `WUNTRACED`).
    Stopped(Signal),
    /// It runs again; or a value that no kernel writes, which says nothing either.
    Continued,
}

impl WaitStatus {
    /// From the word wait4(2) fills in: the low 7 bits are the signal that killed it, 0 an exit,
    /// 0x7f a stop; bit 7 is the core dump; the next byte is the exit status or the signal that
    /// stopped it (include/uapi/linux/wait.h and `WIFEXITED(3)`).
    pub const fn decode(word: u32) -> WaitStatus {
        let (low, high) = (word & 0x7f, word >> 8 & 0xff);
        if low == 0 {
            return WaitStatus::Exited(high as u8);
        }
        let stopped = word & 0xff == 0x7f;
        match Signal::new(if stopped { high } else { low }) {
            Some(signal) if stopped => WaitStatus::Stopped(signal),
            Some(signal) => WaitStatus::Killed(signal),
            None => WaitStatus::Continued,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// wait(2): `WIFEXITED`, `WIFSIGNALED` and `WIFSTOPPED` exclude each other; all 65,536 words.
    #[test]
    fn every_word_is_decoded_as_the_macros_of_libc_do() {
        use std::os::unix::process::ExitStatusExt;
        for word in 0..=0xffffu32 {
            let theirs = std::process::ExitStatus::from_raw(word as i32);
            let signal = |number: i32| Signal::new(number as u32);
            let expected = if let Some(code) = theirs.code() {
                WaitStatus::Exited(code as u8)
            } else if let Some(killed_by) = theirs.signal().and_then(signal) {
                WaitStatus::Killed(killed_by)
            } else if let Some(stopped_by) = theirs.stopped_signal().and_then(signal) {
                WaitStatus::Stopped(stopped_by)
            } else {
                WaitStatus::Continued
            };
            assert_eq!(WaitStatus::decode(word), expected, "{word:#x}");
        }
        let dumped = WaitStatus::decode(0x8b);
        assert_eq!(dumped, WaitStatus::Killed(Signal::new(11).unwrap()));
    }
}
