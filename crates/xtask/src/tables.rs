//! The tables of the documentation, made of the tables in the code.

use sexton_core::door::{Door, Key, Row, TABLES};
use sexton_core::exit;
use sexton_testkit::{DEVIATIONS, Door as Peer};

/// The options of the native door: as typed, as a variable, what they do.
pub fn options() -> String {
    door(Door::Native, |row| match row.key < Key::Help {
        true => format!("`SEXTON_{}`", row.name.to_uppercase().replace('-', "_")),
        false => String::new(),
    })
}

/// The options of tini's door, and of the others.
pub fn tini_options() -> String {
    door(Door::Tini, |row| variable("TINI_", row))
}

/// See [`tini_options`].
pub fn dumb_init_options() -> String {
    door(Door::DumbInit, |row| variable("DUMB_INIT_", row))
}

/// See [`tini_options`].
pub fn catatonit_options() -> String {
    door(Door::Catatonit, |row| variable("CATATONIT_", row))
}

fn variable(prefix: &str, row: &Row) -> String {
    match row.variable {
        "" => String::new(),
        name => format!("`{prefix}{}`", name.to_uppercase().replace('-', "_")),
    }
}

fn door(door: Door, variable: impl Fn(&Row) -> String) -> String {
    let mut table = String::from("| option | variable | meaning |\n|---|---|---|\n");
    let shown = |row: &&Row| !row.typed.is_empty() || !row.variable.is_empty();
    for row in TABLES[door as usize].rows.iter().filter(shown) {
        let typed = row.typed.trim().replace(" --", ", --").replace(",, ", ", ");
        let typed = if typed.is_empty() { typed } else { format!("`{typed}`") };
        let meaning: Vec<&str> = row.meaning.split_whitespace().collect();
        table += &format!("| {typed} | {} | {} |\n", variable(row), meaning.join(" "));
    }
    table
}

/// The exit statuses of the init.
pub fn exit_codes() -> String {
    let mut table = String::from("| status | meaning |\n|---|---|\n");
    for (code, meaning) in exit::TABLE {
        table += &format!("| {code} | {meaning} |\n");
    }
    table
}

/// Where ours is not like an original.
pub fn deviations(door: Peer) -> String {
    let mut table = format!("| {} | ours | why |\n|---|---|---|\n", door.name());
    for row in DEVIATIONS.iter().filter(|row| row.doors.contains(&door)) {
        table += &format!("| {} | {} | {} |\n", row.theirs, row.ours, row.why);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_row_with_its_variable() {
        let table = options();
        assert_eq!(table.lines().count(), 2 + TABLES[Door::Native as usize].rows.len());
        assert!(table.contains("| `-g, --group` | `SEXTON_GROUP` | the same as --to group |"));
        assert!(table.contains("| `-h, --help` |  |"), "{table}");
    }

    #[test]
    fn every_status_of_our_own_has_a_row() {
        let table = exit_codes();
        for code in ["125", "126", "127"] {
            assert!(table.contains(&format!("| {code} |")), "{table}");
        }
    }
}
