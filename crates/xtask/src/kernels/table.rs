//! Kernels × test programs, and what went wrong, for people.

use super::Machine;
use super::taken::{LEFT_OUT, SUITES};
use super::verdict::Verdict;
use crate::suites::{self, Run};

/// How much of a failed test program, and of a kernel's console, is shown.
const LINES_SHOWN: usize = 60;

/// A row for each test program, a column for each kernel; what is left out, and why.
pub fn print(machines: &[Machine], runs: &[Run]) {
    let heading = |machine: &Machine| match machine.record.release.split_once("-cloud") {
        Some((version, _)) => version.to_string(),
        None => machine.wanted.name().to_string(),
    };
    let headings: String = machines.iter().map(|m| format!("{:>18}", heading(m))).collect();
    anstream::println!("{:<18}{:>6}{:>10}{headings}", "", "tests", "left out");
    for run in runs {
        let cells = machines.iter().map(|machine| cell(&machine.record.verdict(run)));
        let cells: String = cells.map(|cell| format!("{cell:>18}")).collect();
        anstream::println!("{:<18}{:>6}{:>10}{cells}", run.name, run.tests, run.left_out);
    }
    suites::tell_left_out(SUITES, LEFT_OUT);
}

fn cell(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed { took } => format!("passed {:.1} s", took.as_secs_f64()),
        Verdict::Failed { passed, .. } => format!("FAILED, {passed} did"),
        Verdict::Missing { .. } => "MISSING".into(),
    }
}

/// Tells all that went wrong, and how much it was.
pub fn complain(machines: &[Machine], runs: &[Run]) -> usize {
    let mut wrong = 0;
    for machine in machines {
        let kernel = machine.wanted.name();
        for run in runs {
            let (word, lines) = match machine.record.verdict(run) {
                Verdict::Passed { .. } => continue,
                Verdict::Failed { lines, .. } => ("failed", lines),
                Verdict::Missing { lines } => ("did not come to an end", lines),
            };
            wrong += 1;
            anstream::eprintln!("kernel {kernel}: {} {word}", run.name);
            show(lines.iter().map(String::as_str));
        }
        if let Some(fault) = machine.fault() {
            wrong += 1;
            anstream::eprintln!("kernel {kernel}: {fault}; {}", machine.console.display());
            let console = std::fs::read(&machine.console).unwrap_or_default();
            show(String::from_utf8_lossy(&console).lines());
        }
    }
    wrong
}

/// The last lines, without what would move the cursor.
fn show<'a>(lines: impl Iterator<Item = &'a str>) {
    let lines: Vec<&str> = lines.collect();
    for line in &lines[lines.len().saturating_sub(LINES_SHOWN)..] {
        let shown: String = line.chars().filter(|letter| !letter.is_control()).collect();
        anstream::eprintln!("    {shown}");
    }
}
