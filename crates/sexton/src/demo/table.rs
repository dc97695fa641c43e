//! The table at the end: every scene under every runner, and whether it all was as claimed.

use super::claims::Runner;
use super::layout::{BAD, GOOD, HEADING, Line, Look, PLAIN, paint, side_by_side, span, width};
use super::report::{Report, Run};
use super::text::{mark, seconds, style_of};

/// The table, and whether it all happened as claimed.
pub fn summary(report: &Report, look: &Look) -> String {
    let labels = ["time to stop", "zombies left", "records saved"];
    let mut columns = vec![vec![vec![], vec![]]];
    columns[0].extend(labels.iter().map(|label| vec![span(*label, PLAIN)]));
    for runner in Runner::ALL {
        let runs: Vec<&Run> =
            report.runs().filter(|(_, run)| run.runner == runner).map(|(_, run)| run).collect();
        if runs.is_empty() {
            continue;
        }
        let mut column = vec![vec![span(runner.label(), HEADING)], vec![]];
        column.extend(runs.iter().map(|run| vec![mark(run, look), span(cell(run), style_of(run))]));
        columns.push(column);
    }
    draw_rule(&mut columns, look);
    let wall = format!(" {} ", look.wall);
    let table = side_by_side(&columns, 1, &wall);
    // Where the rule crosses the walls.
    let crossing = format!("{rule}{}{rule}", look.cross, rule = look.rule);
    let table: String = table
        .lines()
        .map(|line| match line.contains(&look.rule.repeat(8)) {
            true => format!("{}\n", line.replace(&wall, &crossing)),
            false => format!("{line}\n"),
        })
        .collect();
    format!("\n{table}\n{}\n{CURE}\n", verdict(report, look))
}

const CURE: &str =
    "In a Dockerfile: ENTRYPOINT [\"/sexton-init\", \"--\"], and your command as CMD.";

/// The second line of every column, as wide as the column.
fn draw_rule(columns: &mut [Vec<Line>], look: &Look) {
    for column in columns {
        let widest = column.iter().map(|line| width(line)).max().unwrap_or(0);
        if let Some(rule) = column.get_mut(1) {
            *rule = vec![span(look.rule.repeat(widest), PLAIN)];
        }
    }
}

/// One run in a few characters.
fn cell(run: &Run) -> String {
    let stop = run.stop.map_or_else(|| "?".into(), seconds);
    match (&run.file, run.kill_0.is_empty()) {
        (Some(file), _) => format!(" {} of {}", file.records, file.of),
        (None, false) => {
            format!(" {}", run.processes.iter().filter(|one| one.zombie).count())
        }
        (None, true) if run.killed_at_limit => format!(" {stop}, KILL"),
        (None, true) => format!(" {stop}"),
    }
}

fn verdict(report: &Report, look: &Look) -> String {
    let all = report.runs().count();
    let wrong = report.runs().filter(|(_, run)| !run.matched).count();
    let took = seconds(report.elapsed);
    let line = if wrong == 0 {
        span(format!("{} All {all} runs ended as claimed, in {took}.", look.good), GOOD)
    } else {
        let text = format!("{} {wrong} of {all} runs did not end as claimed ({took}).", look.bad);
        span(text, BAD)
    };
    paint(&[line])
}

#[cfg(test)]
mod tests {
    use super::super::claims::Outcome;
    use super::super::samples;
    use super::*;
    use anstream::adapter::strip_str;
    use std::time::Duration;

    #[test]
    fn the_table_has_a_column_for_each_runner_there_was() {
        let text = strip_str(&summary(&samples::report(), &Look::ASCII)).to_string();
        assert_eq!(
            text,
            "
               | app as PID 1   | sh -c 'app; true' | sexton-init
 --------------+----------------+-------------------+------------
 time to stop  | NO 2.0 s, KILL | NO 2.0 s, KILL    | ok 3 ms
 zombies left  | NO 3           | ok 0              | ok 0
 records saved | NO 0 of 10     | NO 0 of 10        | ok 10 of 10

ok All 9 runs ended as claimed, in 4.6 s.
In a Dockerfile: ENTRYPOINT [\"/sexton-init\", \"--\"], and your command as CMD.
"
        );
    }

    #[test]
    fn one_wrong_run_makes_the_whole_wrong() {
        let mut report = samples::report();
        report.scenes[1].runs[1].observed = Outcome::LeftAsZombies;
        report.scenes[1].runs[1].matched = false;
        report.finish(Duration::from_secs(5));
        assert!(!report.ok);
        let text = strip_str(&summary(&report, &Look::ASCII)).to_string();
        assert!(text.contains("NO 1 of 9 runs did not end as claimed (5.0 s).\n"), "{text}");
    }
}
