//! The tables of the bench.

use super::targets::Verdict;
use super::{Kind, Results, Subject};
use serde_json::{Value, json};

/// The columns of the first table: what stands over each, and its cell.
const COLUMNS: &[(&str, &str, Cell)] = &[
    ("init", "", |subject, _| indented(subject)),
    ("file", "bytes", |subject, _| subject.file_bytes.to_string()),
    ("", "ratio", |subject, ours| ratio(subject, ours, |init| Some(init.file_bytes as f64))),
    ("RSS", "KiB", |subject, _| plain(subject.memory.rss)),
    ("", "ratio", |subject, ours| ratio(subject, ours, |init| Some(init.memory.rss))),
    ("dirty", "KiB", |subject, _| plain(subject.memory.private_dirty)),
    ("", "ratio", |subject, ours| ratio(subject, ours, |init| Some(init.memory.private_dirty))),
    ("wake-ups", "/min", |subject, _| plain(subject.wakeups_per_minute)),
    ("start-up", "+µs", |subject, _| or_dash(subject.startup, |added| format!("{:.0}", added.us))),
    ("", "ratio", |subject, _| or_dash(subject.startup, |added| format!("{:.2}", added.to_native))),
    ("orphan", "µs", |subject, _| or_dash(subject.orphan_us, |us| format!("{us:.2}"))),
    ("", "ratio", |subject, ours| ratio(subject, ours, |init| init.orphan_us)),
    ("calls", "init", |subject, _| or_dash(subject.calls, |calls| calls.init.to_string())),
    ("calls", "child", |subject, _| or_dash(subject.calls, |calls| calls.child.to_string())),
];

/// Of an init; the other is ours.
type Cell = fn(&Subject, &Subject) -> String;

/// For people: all inits, then our promises.
pub fn tables(results: &Results, verdicts: &[Verdict]) {
    let mut rows = vec![
        COLUMNS.iter().map(|(heading, _, _)| (*heading).to_owned()).collect(),
        COLUMNS.iter().map(|(_, unit, _)| (*unit).to_owned()).collect::<Vec<String>>(),
    ];
    for subject in &results.subjects {
        rows.push(COLUMNS.iter().map(|(_, _, cell)| cell(subject, results.native())).collect());
    }
    print_aligned(&rows);
    println!(
        "ratio: to sexton-init's. start-up: added to the bare command's {:.0} µs, by medians of",
        results.bare_us
    );
    println!("the differences. orphan: the init's own CPU time for each. calls: before the exec.");
    if !results.missing.is_empty() {
        println!("not installed: {}", results.missing.join(", "));
    }
    if let Some(us) = results.my_init.ours_us {
        let theirs = or_dash(results.my_init.theirs_us, |us| format!("{us:.0}"));
        println!(
            "my_init --skip-runit -- true: {us:.0} µs from the clone on; the original {theirs}."
        );
    }
    if let Some(words) = &results.my_init.missing {
        println!("not measured: {words}");
    }
    println!();
    let row = |verdict: &Verdict| {
        let measured = verdict.measured.map_or("-".to_owned(), plain);
        let at_most = format!("at most {}", plain(verdict.at_most));
        vec![verdict.what.to_owned(), at_most, measured, verdict.word().to_owned()]
    };
    print_aligned(&verdicts.iter().map(row).collect::<Vec<_>>());
}

/// Ours under other names stands below ours.
fn indented(subject: &Subject) -> String {
    match subject.kind {
        Kind::Native | Kind::Peer => subject.title(),
        Kind::Door | Kind::Pause => format!("  {}", subject.title()),
    }
}

fn ratio(subject: &Subject, ours: &Subject, of: fn(&Subject) -> Option<f64>) -> String {
    or_dash(of(subject).zip(of(ours)), |(theirs, ours)| format!("{:.1}", theirs / ours))
}

fn or_dash<T>(measured: Option<T>, words: impl FnOnce(T) -> String) -> String {
    measured.map_or("-".to_owned(), words)
}

/// Whole numbers as such, others with two digits.
fn plain(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The first column to the left, the others to the right.
fn print_aligned(rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let first = format!("{:<width$}", row[0], width = widths[0]);
        let rest = row.iter().zip(&widths).skip(1);
        let rest: String = rest.map(|(cell, width)| format!("  {cell:>width$}")).collect();
        println!("{}", format!("{first}{rest}").trim_end());
    }
}

/// For programs: the same numbers under their names.
pub fn json(results: &Results, verdicts: &[Verdict]) {
    let inits: Vec<Value> = results
        .subjects
        .iter()
        .map(|subject| {
            json!({
                "name": subject.title(),
                "file_bytes": subject.file_bytes,
                "rss_kib": subject.memory.rss,
                "private_dirty_kib": subject.memory.private_dirty,
                "wakeups_per_minute": subject.wakeups_per_minute,
                "startup_added_us": subject.startup.map(|added| added.us),
                "startup_to_native": subject.startup.map(|added| added.to_native),
                "cpu_us_per_orphan": subject.orphan_us,
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
        "inits": inits,
        "bare_us": results.bare_us,
        "not_installed": results.missing,
        "my_init": {
            "us": results.my_init.ours_us,
            "original_us": results.my_init.theirs_us,
            "rss_kib": results.my_init.rss,
            "not_measured": results.my_init.missing,
        },
        "targets": targets,
    });
    println!("{report:#}");
}
