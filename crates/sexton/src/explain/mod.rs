//! `sexton explain`: the pages of the rules and those on topics, without a network.

mod page;

use crate::cannot;
use sexton_lint::config::nearest;
use sexton_lint::page::title;
use sexton_lint::rules::{self, RULES};
use sexton_lint::topics::{self, TOPICS};
use std::io::Write;
use std::process::ExitCode;

/// Explain a rule of lint, or what is behind it: signals, zombies, exec, grace periods
#[derive(clap::Args)]
#[command(after_help = "Exit status: 0 the page was shown, 125 there is no such page.")]
pub struct Args {
    /// A rule by code or name, or a topic; without it, the list of both
    #[arg(value_name = "RULE|TOPIC")]
    name: Option<String>,
}

/// Shows a page, or the list of them.
pub fn run(args: &Args) -> ExitCode {
    let markdown = match &args.name {
        None => list(),
        Some(name) => match find(name) {
            Some(page) => page.to_owned(),
            None => return cannot(&unknown(name)),
        },
    };
    // A closed pipe: nobody reads it.
    let _ = anstream::stdout().write_all(page::render(&markdown, page::width()).as_bytes());
    ExitCode::SUCCESS
}

fn find(name: &str) -> Option<&'static str> {
    let rule = rules::find(name).map(|rule| rule.page);
    rule.or_else(|| topics::find(name).map(|topic| topic.page))
}

fn unknown(name: &str) -> String {
    let codes = RULES.iter().flat_map(|rule| [rule.code, rule.name]);
    let names = codes.chain(TOPICS.iter().map(|topic| topic.name));
    match nearest(name, names) {
        Some(near) => format!("no rule and no topic is called {name}; is {near} meant?"),
        None => format!("no rule and no topic is called {name}; sexton explain lists them"),
    }
}

/// Both lists, as a page.
fn list() -> String {
    let mut page = String::from("# sexton explain\n\n## Topics\n\n");
    for topic in TOPICS {
        let about = title(topic.page);
        let about = about.split_once(": ").map_or(about, |(_, about)| about);
        page += &format!("- `{}`: {about}\n", topic.name);
    }
    page += "\n## Rules of sexton lint\n\n| code | level | name |\n|---|---|---|\n";
    for rule in RULES {
        page += &format!("| {} | {} | {} |\n", rule.code, rule.severity.name(), rule.name);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_listed_and_found_by_its_name() {
        let list = list();
        for rule in RULES {
            assert!(list.contains(rule.code) && find(rule.code).is_some());
        }
        for topic in TOPICS {
            assert!(list.contains(topic.name) && find(topic.name).is_some());
        }
    }

    #[test]
    fn a_mistyped_name_is_answered_with_the_nearest() {
        assert!(unknown("zombie").contains("is zombies meant?"));
        assert!(unknown("qqqqqqqqqq").contains("lists them"));
    }
}
