//! The man page: prose of its own in `assets/sexton-init.1`, and the lists that repeat what the
//! code says, each in the place of a line `.\" generated: NAME`.

use crate::tables::{effect, meaning, typed, variable};
use sexton_core::door::{Door, TABLES};
use sexton_core::exit;

const PROSE: &str = include_str!("../assets/sexton-init.1");

/// Above the page: whoever opens the file is to find where it is written.
const ORIGIN: &str = ".\\\" Made by `cargo xtask gen` of crates/xtask/assets/sexton-init.1\n";

/// What a line of the page has at most.
const WIDTH: usize = 80;

/// The whole page.
pub fn page() -> String {
    let mut page = String::from(ORIGIN);
    for line in PROSE.lines() {
        match line.strip_prefix(".\\\" generated: ") {
            None => page += &format!("{line}\n"),
            Some("options") => page += &options(Door::Native),
            Some("environment") => page += &variables(Door::Native),
            Some("exit-status") => page += &exit_statuses(),
            Some("tini") => page += &another(Door::Tini),
            Some("dumb-init") => page += &another(Door::DumbInit),
            Some("catatonit") => page += &another(Door::Catatonit),
            Some("pause") => page += &another(Door::Pause),
            Some(other) => unreachable!("no list is called {other}"),
        }
    }
    page.replace("@VERSION@", env!("CARGO_PKG_VERSION"))
}

fn options(door: Door) -> String {
    let typed_ones = TABLES[door as usize].rows.iter().filter(|row| !typed(row).is_empty());
    typed_ones.map(|row| item(&synopsis(&typed(row)), &meaning(door, row))).collect()
}

fn variables(door: Door) -> String {
    let rows = TABLES[door as usize].rows.iter();
    let named = rows.map(|row| (variable(door, row), row)).filter(|(name, _)| !name.is_empty());
    named.map(|(name, row)| item(&bold(&name), &effect(door, row))).collect()
}

/// A door's options, and its own variables.
fn another(door: Door) -> String {
    options(door) + &variables(door)
}

fn exit_statuses() -> String {
    exit::TABLE.iter().map(|(code, meaning)| item(&bold(code), meaning)).collect()
}

/// An entry of a list: its tag, already in roff, and what is said of it.
fn item(tag: &str, words: &str) -> String {
    format!(".TP\n{tag}\n{}\n", prose(words))
}

/// What is typed as it stands is bold, what stands for something is italic.
fn synopsis(typed: &str) -> String {
    let words = typed.split(' ').map(|word| {
        let (word, comma) = word.strip_suffix(',').map_or((word, ""), |word| (word, ","));
        match word.starts_with('-') {
            true => format!("{}{comma}", bold(word)),
            false => format!("\\fI{}\\fR{comma}", roff(word)),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn bold(words: &str) -> String {
    format!("\\fB{}\\fR", roff(words))
}

/// Words of ours as lines of roff; what stands between backticks is bold.
fn prose(words: &str) -> String {
    let parts = words.split('`').enumerate();
    let text: String =
        parts.map(|(place, part)| if place % 2 == 0 { roff(part) } else { bold(part) }).collect();
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word.to_owned(),
            Some(line) if line.len() + word.len() < WIDTH => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    // At the beginning of a line these make it a request.
    let guarded = lines.iter().map(|line| match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.clone(),
    });
    guarded.collect::<Vec<_>>().join("\n")
}

/// groff_char(7): a bare `-` is a hyphen, which cannot be pasted into a shell.
fn roff(words: &str) -> String {
    words.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_in_its_place_and_no_mark_is_left() {
        let page = page();
        assert!(!page.contains("generated:") && !page.contains('@'), "{page}");
        for tag in [
            r"\fB\-e\fR, \fB\-\-success\fR \fIFROM[:TO]\fR",
            r"\fBSEXTON_STOP_TIMEOUT\fR",
            r"\fB128+n\fR",
            r"\fBTINI_KILL_PROCESS_GROUP\fR",
            r"\fB\-r\fR, \fB\-\-rewrite\fR \fIs:r\fR",
            r"\fBCATATONIT_DEBUG\fR",
        ] {
            assert!(page.contains(&format!(".TP\n{tag}\n")), "{tag}");
        }
    }

    #[test]
    fn every_option_and_variable_of_every_door_is_told() {
        let page = page();
        for door in [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit, Door::Pause] {
            for row in TABLES[door as usize].rows {
                let tag = Some(typed(row)).filter(|typed| !typed.is_empty());
                let tag = tag.map_or(String::new(), |typed| synopsis(&typed));
                assert!(page.contains(&tag), "{door:?}: {:?}", row.key);
                assert!(page.contains(&variable(door, row)), "{door:?}: {:?}", row.key);
            }
        }
    }

    #[test]
    fn what_roff_would_take_for_its_own_is_written_otherwise() {
        assert_eq!(prose(".so it's a \\ `-v`"), r"\&.so it\(aqs a \e \fB\-v\fR");
        assert_eq!(prose("'tis"), r"\(aqtis");
        let long = prose(&"word ".repeat(20)) + "\n" + &prose(&format!("{} .so", "x".repeat(79)));
        assert!(long.lines().all(|line| line.len() <= WIDTH && !line.starts_with('.')), "{long}");
    }
}
