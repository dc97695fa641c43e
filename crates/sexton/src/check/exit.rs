//! The exit codes, in one table.

use super::verdict::Fault;
use clap::ValueEnum;

/// It could be judged, and nothing that counts is wrong.
pub const GOOD: u8 = 0;
/// It ended before the stop signal could be sent.
pub const ENDED_EARLY: u8 = 4;

/// The table, for the help and the documentation.
pub const TABLE: [(u8, &str); 6] = [
    (GOOD, "good: nothing is wrong, or nothing that --fail-on names"),
    (1, "deaf: still there at the end of the grace period"),
    (2, "not-reaping: PID 1 leaves orphans as zombies"),
    (3, "unclean: a process was SIGKILLed, or crashed, in the stop"),
    (ENDED_EARLY, "no verdict: it ended by itself before the stop signal"),
    (crate::CANNOT, "no verdict: it could not be run or watched; the line on stderr says why"),
];

/// What `--fail-on` chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Deaf,
    Unclean,
    NotReaping,
    /// Whatever is wrong, the exit code is 0
    Nothing,
}

/// The code of the gravest fault that counts: deaf, then unclean, then not reaping.
pub fn code(faults: &[Fault], counts: &[FailOn]) -> u8 {
    let code = |fault| match fault {
        Fault::Deaf => (FailOn::Deaf, 1),
        Fault::NotReaping => (FailOn::NotReaping, 2),
        Fault::Unclean => (FailOn::Unclean, 3),
    };
    let mut counted = faults.iter().map(|&fault| code(fault));
    counted.find(|(kind, _)| counts.contains(kind)).map_or(GOOD, |(_, code)| code)
}

/// [`TABLE`], for the help.
pub fn help() -> String {
    let rows = TABLE.iter().map(|(code, meaning)| format!("\n  {code:<4} {meaning}"));
    format!(
        "Exit codes (of several faults the gravest: deaf, unclean, not-reaping):{}",
        rows.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [FailOn; 3] = [FailOn::Deaf, FailOn::Unclean, FailOn::NotReaping];

    #[test]
    fn the_gravest_fault_that_counts_is_the_code() {
        use Fault::{Deaf, NotReaping, Unclean};
        for (faults, counts, expected) in [
            (&[][..], &ALL[..], 0),
            (&[Deaf, Unclean, NotReaping], &ALL, 1),
            (&[Unclean, NotReaping], &ALL, 3),
            (&[NotReaping], &ALL, 2),
            (&[Deaf, Unclean, NotReaping], &[FailOn::NotReaping], 2),
            (&[Deaf, Unclean], &[FailOn::Nothing], 0),
        ] {
            assert_eq!(code(faults, counts), expected, "{faults:?} {counts:?}");
        }
    }

    #[test]
    fn every_code_is_in_the_table_once() {
        let codes: Vec<u8> = TABLE.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 125]);
    }
}
