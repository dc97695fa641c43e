//! What a machine says, line by line, and what is to be thought of it. Who says nothing has failed.

use crate::suites::Run;
use std::time::{Duration, Instant};

/// What was heard of one machine.
#[derive(Debug, Default)]
pub struct Record {
    /// The kernel's own word for its version.
    pub release: String,
    suites: Vec<Heard>,
    /// The machine came to its end by itself.
    pub finished: bool,
}

/// What was heard while one test program ran.
#[derive(Debug)]
struct Heard {
    name: String,
    lines: Vec<String>,
    began: Instant,
    ended: Option<(Instant, i32)>,
}

/// How a test program did.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// All of it, in that time.
    Passed { took: Duration },
    /// It came to its end, and not all had passed.
    Failed { passed: usize, lines: Vec<String> },
    /// It did not come to its end, or was never begun.
    Missing { lines: Vec<String> },
}

impl Record {
    /// Takes the line that has just come, and tells the name of a test program that has ended with
    /// it. The machine's own clock is not asked: on a busy machine it is a bad one.
    pub fn hear(&mut self, line: &str) -> Option<&str> {
        let line = line.trim_end_matches('\r');
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("@kernel"), Some(release), None, None) => self.release = release.into(),
            (Some("@finished"), None, None, None) => self.finished = true,
            (Some("@begin"), Some(name), None, None) => {
                let (name, began) = (name.into(), Instant::now());
                self.suites.push(Heard { name, lines: Vec::new(), began, ended: None });
            }
            (Some("@end"), Some(name), Some(status), None) => {
                let last = self.suites.last_mut().filter(|last| last.name == name)?;
                last.ended = status.parse().ok().map(|status| (Instant::now(), status));
                return Some(&last.name);
            }
            _ => self.suites.last_mut().into_iter().for_each(|last| last.lines.push(line.into())),
        }
        None
    }

    /// What to think of this run.
    pub fn verdict(&self, run: &Run) -> Verdict {
        let Some(heard) = self.suites.iter().find(|heard| heard.name == run.name) else {
            return Verdict::Missing { lines: Vec::new() };
        };
        let Some((ended, status)) = heard.ended else {
            return Verdict::Missing { lines: heard.lines.clone() };
        };
        let passed = heard.lines.iter().find_map(|line| passed(line)).unwrap_or(0);
        match status == 0 && passed == run.tests {
            true => Verdict::Passed { took: ended - heard.began },
            false => Verdict::Failed { passed, lines: heard.lines.clone() },
        }
    }
}

/// From `test result: ok. 17 passed; 0 failed; …`.
fn passed(line: &str) -> Option<usize> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    counts.split_once(" passed")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(lines: &str) -> Verdict {
        let mut record = Record::default();
        for line in lines.lines() {
            record.hear(line);
        }
        let (executable, words) = ("/t/drain".into(), Vec::new());
        record.verdict(&Run { name: "drain", executable, words, tests: 2, left_out: 0 })
    }

    const RESULT: &str = "test result: ok. 2 passed; 0 failed; 0 ignored; finished in 1.00s";

    #[test]
    fn all_that_were_expected_have_to_pass_and_the_program_has_to_succeed() {
        let told = format!("@kernel 5.10\n@begin drain\n{RESULT}\r\n@end drain 0");
        assert!(matches!(verdict(&told), Verdict::Passed { .. }));
        for worse in [
            told.replace("2 passed", "1 passed"),
            told.replace("2 passed", "3 passed"),
            told.replace("drain 0", "drain 101"),
            told.replace(RESULT, ""),
        ] {
            assert!(matches!(verdict(&worse), Verdict::Failed { .. }), "{worse}");
        }
    }

    #[test]
    fn who_does_not_come_to_an_end_is_missing() {
        for told in [
            "".to_string(),
            "@kernel 5.10\n@finished".to_string(),
            format!("@begin drain\n{RESULT}"),
            format!("@begin drain\n{RESULT}\n@begin log\n@end log 0\n@finished"),
            format!("@begin drain\n{RESULT}\n@end log 0"),
            format!("@begin drain\n{RESULT}\n@end drain zero"),
        ] {
            assert!(matches!(verdict(&told), Verdict::Missing { .. }), "{told}");
        }
    }

    #[test]
    fn the_lines_in_between_are_kept_to_be_shown() {
        let told = "@begin drain\ntest a ... FAILED\nfailures:\n@end drain 101\nafter";
        let lines = ["test a ... FAILED", "failures:"].map(String::from).to_vec();
        let Verdict::Failed { passed: 0, lines: kept } = verdict(told) else { panic!("{told}") };
        assert_eq!(kept[..2], lines);
    }
}
