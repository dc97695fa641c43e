//! Comments that allow what a rule finds: `# sexton: allow(RULE, …): REASON`, at the end of the
//! line or on the line before, or `allow-file` anywhere.

use crate::config;
use crate::finding::Finding;
use crate::read::Problem;
use crate::rules::{self, Rule};
use crate::source::{Place, Source};
use std::collections::HashMap;
use std::sync::Arc;

/// One allowance.
#[derive(Debug)]
struct Allowance {
    rules: Vec<&'static Rule>,
    reach: Reach,
}

/// What an allowance is for.
#[derive(Debug, PartialEq, Eq)]
enum Reach {
    /// The line with this number.
    Line(usize),
    /// The whole file.
    File,
}

/// The allowances of all the files that findings are in.
#[derive(Debug, Default)]
pub struct Allowances {
    by_file: HashMap<String, Vec<Allowance>>,
}

const MARK: &str = "sexton: allow";

impl Allowances {
    /// Reads those of one file, if it is not known yet; what is wrong with them comes back.
    pub fn add(&mut self, source: &Arc<Source>) -> Vec<Problem> {
        if self.by_file.contains_key(&source.name) {
            return Vec::new();
        }
        let (allowances, problems) = match source.text.contains(MARK) {
            true => read(source),
            false => Default::default(),
        };
        self.by_file.insert(source.name.clone(), allowances);
        problems
    }

    /// Whether a finding is allowed.
    pub fn allow(&self, finding: &Finding) -> bool {
        let place = &finding.place;
        let first = place.position().0;
        let last = place.source.position(place.span.end.saturating_sub(1)).0;
        let allowances = self.by_file.get(&place.source.name);
        allowances.into_iter().flatten().any(|allowance| {
            let reaches = match allowance.reach {
                Reach::File => true,
                Reach::Line(line) => (first..=last.max(first)).contains(&line),
            };
            reaches && allowance.rules.iter().any(|rule| rule.code == finding.rule.code)
        })
    }
}

fn read(source: &Arc<Source>) -> (Vec<Allowance>, Vec<Problem>) {
    let (mut allowances, mut problems) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = source.text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((before, comment)) = line.split_once('#') else { continue };
        let Some(found) = comment.find(MARK) else { continue };
        let start = source.line_span(at + 1).start + before.len();
        let place = Place::new(source, start..start + comment.trim_end().len() + 1);
        let rest = &comment[found + MARK.len()..];
        match allowance(rest) {
            Ok((rules, whole_file)) => {
                // A comment of its own is for the first line behind it that is none.
                let own = before.trim().is_empty();
                let next = lines[at + 1..].iter().position(|l| !l.trim_start().starts_with('#'));
                let line = if own { at + 2 + next.unwrap_or(0) } else { at + 1 };
                let reach = if whole_file { Reach::File } else { Reach::Line(line) };
                allowances.push(Allowance { rules, reach });
            }
            Err(words) => problems.push(Problem::at(place, words)),
        }
    }
    (allowances, problems)
}

/// `(RULE, …): REASON`, with `-file` before it for the whole file.
fn allowance(text: &str) -> Result<(Vec<&'static Rule>, bool), String> {
    let (whole_file, text) = match text.strip_prefix("-file") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let form = "an allowance is written: # sexton: allow(RULE): REASON";
    let (names, rest) =
        text.trim_start().strip_prefix('(').and_then(|t| t.split_once(')')).ok_or(form)?;
    let reason = rest.trim_start().trim_start_matches([':', '-', '–']).trim();
    if reason.is_empty() {
        return Err(format!("no reason is given; {form}"));
    }
    let find = |name: &str| rules::find(name).ok_or_else(|| config::unknown(name));
    let rules = names.split(',').map(|name| find(name.trim()));
    Ok((rules.collect::<Result<_, _>>()?, whole_file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_has_known_rules_and_a_reason() {
        let read = |text| allowance(text).map(|(rules, file)| (rules.len(), file));
        assert_eq!(read("(PID101): bash here"), Ok((1, false)));
        assert_eq!(read("(PID101, shell-wrapper) - because"), Ok((2, false)));
        assert_eq!(read("-file(PID101): all of it"), Ok((1, true)));
        assert!(read("(PID101)").unwrap_err().contains("no reason"));
        assert!(read("(PID1o1): x").unwrap_err().contains("meant?"));
        assert!(read(" PID101: x").unwrap_err().contains("is written"));
    }
}
