//! The report as people see it, scene by scene, in at most 80 columns. The table at the end is in
//! `table.rs`.

use super::claims::{Outcome, Scene};
use super::fate::Fate;
use super::layout::{
    ASIDE, BAD, GOOD, HEADING, Line, Look, PLAIN, Span, paint, side_by_side, span,
};
use super::report::{Member, Report, Run, SceneReport};
use super::stage::LIMIT;
use std::fmt::Write;
use std::time::Duration;

/// How many characters stand for the whole limit.
const BAR: usize = 24;

/// Before the first scene.
pub fn header(report: &Report) -> String {
    let how = match report.access {
        "root" => "as root",
        _ => "without root",
    };
    let mut text = format!("{}\n", paint(&[span("What PID 1 does to your application", HEADING)]));
    let _ = writeln!(text, "Real processes in fresh PID namespaces, as in a container; run {how}.");
    let _ = writeln!(
        text,
        "A container runtime waits 10 s after SIGTERM, then sends SIGKILL; here: {}.",
        seconds(report.limit)
    );
    for LeftOutLine { label, reason } in left_out(report) {
        let _ =
            writeln!(text, "{}", paint(&[span(format!("{label}: {reason}, left out."), ASIDE)]));
    }
    text
}

struct LeftOutLine {
    label: &'static str,
    reason: &'static str,
}

fn left_out(report: &Report) -> impl Iterator<Item = LeftOutLine> {
    report.left_out.iter().map(|one| LeftOutLine { label: one.runner.label(), reason: one.reason })
}

/// One scene, its story first.
pub fn scene(report: &SceneReport, look: &Look) -> String {
    let number = 1 + Scene::ALL.iter().position(|&one| one == report.scene).unwrap_or(0);
    let title = format!("{number}  {}", report.scene.title());
    let mut text = format!("\n{}\n", paint(&[span(title, HEADING)]));
    for line in report.scene.story() {
        let _ = writeln!(text, "{line}");
    }
    text.push('\n');
    match report.scene {
        Scene::DeafServer => text.push_str(&bars(report, look)),
        Scene::OrphanMaker => {
            text.push_str(&columns(report, look, Pids::Shown, |run, _| orphan_lines(run)));
            if report.runs.iter().any(|run| run.observed == Outcome::LeftAsZombies) {
                text.push_str("  `success` for a dead PID: a script that waits for it to go waits");
                text.push_str(" for ever.\n");
            }
        }
        Scene::UncleanStop => {
            text.push_str(&columns(report, look, Pids::Hidden, stop_lines));
            text.push_str(gone_footnote(report));
        }
    }
    for run in &report.runs {
        text.push_str(&mismatch(run));
    }
    text
}

/// Stop times as bars.
fn bars(report: &SceneReport, look: &Look) -> String {
    let mut rows: [Vec<Line>; 4] = Default::default();
    for run in &report.runs {
        let Some(stop) = run.stop else { continue };
        let part = stop.as_secs_f64() / LIMIT.as_secs_f64();
        let filled = ((part * BAR as f64).ceil() as usize).clamp(1, BAR);
        let style = style_of(run);
        let server = run.processes.iter().find(|one| one.name == "server").and_then(|one| one.end);
        let how = match (run.killed_at_limit, server) {
            (true, _) => "SIGKILL at the limit".to_owned(),
            (false, Some(Fate::Killed(libc::SIGTERM))) => "ended by SIGTERM".to_owned(),
            (false, Some(fate)) => format!("server: {fate}"),
            (false, None) => "no server".to_owned(),
        };
        let [labels, bars, times, ends] = &mut rows;
        labels.push(vec![span(run.runner.label(), PLAIN)]);
        bars.push(vec![
            span(look.bar.repeat(filled), style),
            span(look.track.repeat(BAR - filled), ASIDE),
        ]);
        let time = seconds(stop);
        times.push(vec![span(format!("{time:>6}"), PLAIN)]);
        ends.push(vec![mark(run, look), span(format!(" {how}"), style)]);
    }
    side_by_side(&rows, 2, "  ")
}

/// For each runner its process tree, and under it what else was seen.
fn columns(
    report: &SceneReport,
    look: &Look,
    pids: Pids,
    rest: impl Fn(&Run, &Look) -> Vec<Line>,
) -> String {
    let tallest = report.runs.iter().map(|run| run.processes.len()).max().unwrap_or(0);
    let columns: Vec<Vec<Line>> = report
        .runs
        .iter()
        .map(|run| {
            let mut column = vec![vec![span(run.runner.label(), HEADING)]];
            column.extend(tree(&run.processes, look, pids));
            column.resize(1 + tallest, Line::new());
            column.extend(rest(run, look));
            column
        })
        .collect();
    side_by_side(&columns, 2, "  ")
}

/// Beside the names in a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pids {
    Shown,
    Hidden,
}

/// Under the tree of the second scene.
fn orphan_lines(run: &Run) -> Vec<Line> {
    let Some(first) = run.kill_0.first() else { return Vec::new() };
    let style = if first.answer == "success" { BAD } else { GOOD };
    vec![
        vec![span(format!("kill -0 {}:", first.pid), PLAIN)],
        vec![span(format!("  {}", first.answer), style)],
    ]
}

/// Under the tree of the third scene.
fn stop_lines(run: &Run, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(stop) = run.stop {
        lines.push(vec![span(format!("stop: {}", seconds(stop)), PLAIN)]);
    }
    if let Some(file) = &run.file {
        let records = format!("file: {} of {} ", file.records, file.of);
        lines.push(vec![span(records, PLAIN), mark(run, look)]);
    }
    lines
}

/// Only older kernels leave us with no more than this.
fn gone_footnote(report: &SceneReport) -> &'static str {
    let mut ends = report.runs.iter().flat_map(|run| &run.processes).map(|one| one.end);
    match ends.any(|end| end == Some(Fate::Gone)) {
        true => {
            "  `gone`: Linux before 6.15 does not tell how; but when PID 1 leaves, the rest\n  \
               is killed with SIGKILL, and the file shows whether its writer had finished.\n"
        }
        false => "",
    }
}

/// PID 1 at the top; a zombie is marked, and whoever ended has his end beside him.
fn tree(members: &[Member], look: &Look, pids: Pids) -> Vec<Line> {
    let mut lines = Vec::new();
    for root in members.iter().filter(|one| one.parent == 0) {
        branch(root, members, (look, pids), ("", ""), &mut lines);
    }
    lines
}

/// `before`: what this line begins with; `below`: what those of its children begin with.
fn branch(
    one: &Member,
    all: &[Member],
    (look, pids): (&Look, Pids),
    (before, below): (&str, &str),
    lines: &mut Vec<Line>,
) {
    let name = match pids {
        Pids::Shown => format!("{} {}", one.pid, one.name),
        Pids::Hidden => one.name.clone(),
    };
    let mut line = vec![span(before, ASIDE)];
    line.push(span(name, if one.zombie { BAD } else { PLAIN }));
    if one.zombie {
        line.push(span(" ZOMBIE", BAD));
    }
    if let Some(end) = one.end {
        let style = match end {
            Fate::Killed(libc::SIGKILL) => BAD,
            Fate::Exited(_) | Fate::Killed(_) => GOOD,
            Fate::Gone => ASIDE,
        };
        line.push(span(format!(" {end}"), style));
    }
    lines.push(line);
    let children: Vec<&Member> = all.iter().filter(|other| other.parent == one.pid).collect();
    for (number, child) in children.iter().enumerate() {
        let is_last = number + 1 == children.len();
        let (fork, trunk) = if is_last { (look.last, "  ") } else { (look.fork, look.trunk) };
        let (fork, trunk) = (format!("{below}{fork}"), format!("{below}{trunk}"));
        branch(child, all, (look, pids), (&fork, &trunk), lines);
    }
}

/// What did not happen as claimed, in full: this is what one has to look into.
fn mismatch(run: &Run) -> String {
    if run.matched {
        return String::new();
    }
    let note = run.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
    let line = format!(
        "  NOT AS CLAIMED: {}: claimed {}, observed {}{note}",
        run.runner.label(),
        run.claimed.in_words(),
        run.observed.in_words()
    );
    let mut text = format!("{}\n", paint(&[span(line, BAD)]));
    for said in run.said.lines() {
        let _ = writeln!(text, "    {said}");
    }
    text
}

/// Whether this is what one wants.
pub fn mark(run: &Run, look: &Look) -> Span {
    let sign = if run.observed.is_good() { look.good } else { look.bad };
    span(sign, style_of(run))
}

/// Green or red.
pub fn style_of(run: &Run) -> anstyle::Style {
    if run.observed.is_good() { GOOD } else { BAD }
}

/// `<1 ms`, `3 ms`, `2.0 s`.
pub fn seconds(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        return "<1 ms".into();
    }
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::super::claims::Runner;
    use super::super::samples;
    use super::*;
    use anstream::adapter::strip_str;

    fn drawn(scene_number: usize, look: &Look) -> String {
        strip_str(&scene(&samples::report().scenes[scene_number], look)).to_string()
    }

    #[test]
    fn stop_times_are_bars_as_long_as_their_part_of_the_limit() {
        let text = drawn(0, &Look::ASCII);
        let bars: Vec<&str> = text.lines().skip(5).collect();
        assert_eq!(
            bars,
            [
                "  app as PID 1       ########################   2.0 s  NO SIGKILL at the limit",
                "  sh -c 'app; true'  ########################   2.0 s  NO SIGKILL at the limit",
                "  sexton-init        #.......................    3 ms  ok ended by SIGTERM",
            ]
        );
    }

    #[test]
    fn zombies_are_marked_in_the_tree() {
        let text = drawn(1, &Look::UNICODE);
        let tree: Vec<&str> = text.lines().skip(5).collect();
        assert_eq!(
            tree,
            [
                "  app as PID 1       sh -c 'app; true'  sexton-init",
                "  1 app              1 sh               1 sexton-init",
                "  ├ 3 orphan ZOMBIE  └ 2 app            └ 2 app",
                "  ├ 5 orphan ZOMBIE",
                "  └ 7 orphan ZOMBIE",
                "  kill -0 3:         kill -0 3:         kill -0 3:",
                "    success            no such process    no such process",
                "  `success` for a dead PID: a script that waits for it to go waits for ever.",
            ]
        );
    }

    #[test]
    fn how_each_process_ended_stands_beside_it() {
        let text = drawn(2, &Look::ASCII);
        let tree: Vec<&str> = text.lines().skip(5).collect();
        assert_eq!(
            tree,
            [
                "  app as PID 1      sh -c 'app; true'  sexton-init",
                "  launcher exit 0   sh KILL            sexton-init exit 0",
                "  `-server KILL     `-launcher KILL    `-launcher exit 0",
                "                      `-server KILL      `-server exit 0",
                "  stop: 1 ms        stop: 2.0 s        stop: 1.0 s",
                "  file: 0 of 10 NO  file: 0 of 10 NO   file: 10 of 10 ok",
            ]
        );
    }

    #[test]
    fn an_end_that_is_not_known_is_explained() {
        let mut report = samples::report();
        report.scenes[2].runs[0].processes[1].end = Some(Fate::Gone);
        let text = scene(&report.scenes[2], &Look::ASCII);
        assert!(text.contains("`gone`: Linux before 6.15"), "{text}");
    }

    #[test]
    fn what_was_not_as_claimed_is_named() {
        let mut report = samples::report();
        let run = &mut report.scenes[2].runs[2];
        run.observed = Outcome::UncleanStop;
        run.matched = false;
        run.said = "words from PID 1".into();
        let text = strip_str(&scene(&report.scenes[2], &Look::ASCII)).to_string();
        let wanted = "NOT AS CLAIMED: sexton-init: claimed nobody killed, file whole, observed";
        assert!(text.contains(wanted) && text.contains("    words from PID 1"), "{text}");
    }

    #[test]
    fn everything_fits_eighty_columns() {
        let mut report = samples::report();
        report.scenes[0].runs.insert(2, samples::deaf(Runner::Tini));
        report.scenes[1].runs.insert(2, samples::orphans(Runner::Tini));
        report.scenes[2].runs.insert(2, samples::unclean(Runner::Tini));
        let mut text = header(&report);
        for one in &report.scenes {
            text.push_str(&scene(one, &Look::UNICODE));
        }
        text.push_str(&super::super::table::summary(&report, &Look::UNICODE));
        for line in strip_str(&text).to_string().lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn times_are_short() {
        let texts = [0, 999, 1000, 2049].map(|ms| seconds(Duration::from_millis(ms)));
        assert_eq!(texts, ["<1 ms", "999 ms", "1.0 s", "2.0 s"]);
    }
}
