//! The tables of the bench, and what we promise of each number.

use super::Subject;
use crate::size::FILE_BYTES_AIM;
use serde_json::{Value, json};

/// One promised number.
struct Target {
    what: &'static str,
    at_most: f64,
    /// None: this run has no such number.
    of: fn(&[Subject]) -> Option<f64>,
}

/// What the released init promises; the first subject is ours.
const TARGETS: &[Target] = &[
    Target {
        what: "file, bytes",
        at_most: FILE_BYTES_AIM as f64,
        of: |subjects| Some(subjects[0].file_bytes as f64),
    },
    Target {
        what: "RSS as PID 1, KiB",
        at_most: 24.0,
        of: |subjects| Some(subjects[0].memory.rss),
    },
    Target {
        what: "private dirty as PID 1, KiB",
        at_most: 12.0,
        of: |subjects| Some(subjects[0].memory.private_dirty),
    },
    Target {
        what: "wake-ups a minute at rest",
        at_most: 0.0,
        of: |subjects| Some(subjects[0].wakeups_per_minute),
    },
    Target {
        what: "added start-up, times tini's",
        at_most: 0.2,
        of: |subjects| {
            let tini = subjects.iter().find(|subject| subject.name == "tini")?;
            Some(subjects[0].startup_added_us / tini.startup_added_us)
        },
    },
    Target {
        what: "system calls before the command's exec",
        at_most: 6.0,
        of: |subjects| Some(subjects[0].calls?.init as f64),
    },
];

/// What became of a promise.
pub struct Verdict {
    what: &'static str,
    at_most: f64,
    measured: Option<f64>,
}

impl Verdict {
    /// What was not measured is not broken, and the table says that it was not measured.
    pub fn kept(&self) -> bool {
        self.measured.is_none_or(|measured| measured <= self.at_most)
    }

    fn word(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(_) if self.kept() => "pass",
            Some(_) => "FAIL",
        }
    }
}

/// Ours against each promise.
pub fn judge(subjects: &[Subject]) -> Vec<Verdict> {
    let verdict = |target: &Target| Verdict {
        what: target.what,
        at_most: target.at_most,
        measured: (target.of)(subjects),
    };
    TARGETS.iter().map(verdict).collect()
}

/// For people: all inits, then our promises.
pub fn tables(subjects: &[Subject], bare_us: f64, missing: &[&str], verdicts: &[Verdict]) {
    let heading =
        ["init", "file", "", "RSS", "", "dirty", "", "wake-ups", "start-up", "", "calls", "calls"];
    let units = [
        "", "bytes", "ratio", "KiB", "ratio", "KiB", "ratio", "/min", "+µs", "ratio", "init",
        "child",
    ];
    let bare = ["(bare)", "", "", "", "", "", "", "", &format!("({bare_us:.0})"), "", "", ""];
    let mut rows = vec![heading.map(str::to_owned), units.map(str::to_owned)];
    rows.push(bare.map(str::to_owned));
    rows.extend(subjects.iter().map(|subject| row(subject, &subjects[0])));
    print_aligned(&rows);
    println!("ratio: to sexton-init's; start-up: added to the bare command, median of differences");
    if !missing.is_empty() {
        println!("not installed: {}", missing.join(", "));
    }
    println!();
    let rows: Vec<[String; 4]> = verdicts
        .iter()
        .map(|verdict| {
            let measured = verdict.measured.map_or("-".to_owned(), plain);
            let at_most = format!("at most {}", plain(verdict.at_most));
            [verdict.what.to_owned(), at_most, measured, verdict.word().to_owned()]
        })
        .collect();
    print_aligned(&rows);
}

fn row(subject: &Subject, ours: &Subject) -> [String; 12] {
    let ratio = |theirs: f64, ours: f64| format!("{:.1}", theirs / ours);
    let (memory, our_memory) = (subject.memory, ours.memory);
    let calls = |of: fn(&super::calls::Counts) -> usize| {
        subject.calls.as_ref().map_or("-".to_owned(), |calls| of(calls).to_string())
    };
    [
        subject.name.to_owned(),
        subject.file_bytes.to_string(),
        ratio(subject.file_bytes as f64, ours.file_bytes as f64),
        plain(memory.rss),
        ratio(memory.rss, our_memory.rss),
        plain(memory.private_dirty),
        ratio(memory.private_dirty, our_memory.private_dirty),
        plain(subject.wakeups_per_minute),
        format!("{:.0}", subject.startup_added_us),
        ratio(subject.startup_added_us, ours.startup_added_us),
        calls(|calls| calls.init),
        calls(|calls| calls.child),
    ]
}

/// Whole numbers as such, others with two digits.
fn plain(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The first column to the left, the others to the right.
fn print_aligned<const N: usize>(rows: &[[String; N]]) {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let first = format!("{:<width$}", row[0], width = widths[0]);
        let rest = row.iter().zip(&widths).skip(1);
        let rest: String = rest.map(|(cell, width)| format!("  {cell:>width$}")).collect();
        println!("{first}{rest}");
    }
}

/// For programs: the same numbers under their names.
pub fn json(subjects: &[Subject], bare_us: f64, missing: &[&str], verdicts: &[Verdict]) {
    let inits: Vec<Value> = subjects
        .iter()
        .map(|subject| {
            json!({
                "name": subject.name,
                "file_bytes": subject.file_bytes,
                "rss_kib": subject.memory.rss,
                "private_dirty_kib": subject.memory.private_dirty,
                "wakeups_per_minute": subject.wakeups_per_minute,
                "startup_added_us": subject.startup_added_us,
                "calls_of_init": subject.calls.map(|calls| calls.init),
                "calls_of_child": subject.calls.map(|calls| calls.child),
            })
        })
        .collect();
    let targets: Vec<Value> = verdicts
        .iter()
        .map(|verdict| {
            json!({
                "what": verdict.what,
                "at_most": verdict.at_most,
                "measured": verdict.measured,
                "verdict": verdict.word(),
            })
        })
        .collect();
    let report = json!({
        "inits": inits, "bare_us": bare_us, "not_installed": missing, "targets": targets,
    });
    println!("{report:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(measured: Option<f64>) -> Verdict {
        Verdict { what: "RSS", at_most: 24.0, measured }
    }

    #[test]
    fn a_target_is_kept_up_to_its_limit_and_missed_above() {
        assert!(verdict(Some(24.0)).kept());
        assert!(!verdict(Some(24.5)).kept());
        assert_eq!(verdict(Some(24.5)).word(), "FAIL");
    }

    #[test]
    fn what_was_not_measured_is_said_not_to_be() {
        assert_eq!(verdict(None).word(), "not measured");
    }
}
