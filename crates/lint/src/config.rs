//! The configuration: levels of rules, what fails, what is left out.

use crate::finding::Severity;
use crate::rules::{self, RULES, Rule};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a `.sexton.toml` says, and the command line on top of it.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Levels of rules by their codes.
    levels: BTreeMap<&'static str, Level>,
    /// From which severity on the exit status is 1.
    pub fail_on: Option<Severity>,
    /// Patterns, as in `.gitignore`, of paths that are left out of folders.
    pub exclude: Vec<String>,
}

/// The level of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is not asked.
    Off,
    /// Its findings are remarks.
    Info,
    /// Its findings are warnings.
    Warning,
    /// Its findings are errors.
    Error,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    lint: Table,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    #[serde(default)]
    rules: BTreeMap<String, Level>,
    fail_on: Option<Severity>,
    #[serde(default)]
    exclude: Vec<String>,
}

impl Config {
    /// Reads a configuration file.
    pub fn parse(text: &str) -> Result<Config, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut config = Config {
            levels: BTreeMap::new(),
            fail_on: file.lint.fail_on,
            exclude: file.lint.exclude,
        };
        for (name, level) in file.lint.rules {
            config.set(&name, level)?;
        }
        Ok(config)
    }

    /// Gives a rule a level.
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), String> {
        let rule = rules::find(name).ok_or_else(|| unknown(name))?;
        self.levels.insert(rule.code, level);
        Ok(())
    }

    /// The severity of a finding of that rule; `None`: it is not wanted.
    pub fn severity(&self, rule: &Rule, found: Severity) -> Option<Severity> {
        match self.levels.get(rule.code) {
            None => Some(found),
            Some(Level::Off) => None,
            Some(Level::Info) => Some(Severity::Info),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}

/// Says that there is no such rule, and which one may have been meant.
pub fn unknown(name: &str) -> String {
    let names = RULES.iter().flat_map(|rule| [rule.name, rule.code]);
    match nearest(name, names) {
        Some(near) => format!("no rule is called {name}; is {near} meant?"),
        None => format!("no rule is called {name}; sexton explain lists all of them"),
    }
}

/// The name that is most like a mistyped one, if any is.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let typed = typed.to_lowercase();
    let distances = names.into_iter().map(|name| (distance(&typed, &name.to_lowercase()), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= name.len()).then_some(name)
}

/// How many letters have to be changed, put in or taken out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, their) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *their);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_by_name_and_by_code() {
        let text =
            "[lint]\nfail-on = \"error\"\n[lint.rules]\nroot-user = \"off\"\npid101 = \"info\"";
        let config = Config::parse(text).unwrap();
        let level = |name| {
            let rule = rules::find(name).unwrap();
            config.severity(rule, rule.severity)
        };
        assert_eq!(level("PID119"), None);
        assert_eq!(level("shell-form-entrypoint"), Some(Severity::Info));
        assert_eq!(level("PID103"), Some(Severity::Error));
        assert_eq!(config.fail_on, Some(Severity::Error));
    }

    #[test]
    fn what_is_not_known_is_an_error_that_names_it() {
        let error = Config::parse("[lint.rules]\nshell-form-entrypiont = \"off\"").unwrap_err();
        assert!(error.contains("is shell-form-entrypoint meant?"), "{error}");
        assert!(Config::parse("[lint.rules]\nPID999x = \"off\"").is_err());
        assert!(Config::parse("[lint]\nfailon = \"error\"").unwrap_err().contains("failon"));
        assert!(Config::parse("[lint.rules]\nPID101 = \"loud\"").is_err());
    }
}
