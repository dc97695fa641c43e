//! The tables of the documentation, made of the tables in the code.

use sexton_core::door::{Door, Key, Row, TABLES};
use sexton_core::exit;
use sexton_testkit::{Door as Peer, Strict};

/// The options of a door in Markdown: as typed, as a variable, what they do.
fn options(door: Door) -> String {
    let mut table = String::from("| option | variable | meaning |\n|---|---|---|\n");
    let code = |words: String| if words.is_empty() { words } else { format!("`{words}`") };
    for row in TABLES[door as usize].rows {
        let (typed, variable) = (code(typed(row)), code(variable(door, row)));
        table += &format!("| {typed} | {variable} | {} |\n", meaning(door, row));
    }
    table
}

/// See [`options`].
pub fn native_options() -> String {
    options(Door::Native)
}

/// See [`options`].
pub fn tini_options() -> String {
    options(Door::Tini)
}

/// See [`options`].
pub fn dumb_init_options() -> String {
    options(Door::DumbInit)
}

/// See [`options`].
pub fn catatonit_options() -> String {
    options(Door::Catatonit)
}

/// See [`options`].
pub fn my_init_options() -> String {
    options(Door::MyInit)
}

/// How an option is typed; the originals' helps do not know of all that their doors take.
pub fn typed(row: &Row) -> String {
    let typed = row.typed.trim().replace(" --", ", --").replace(",, ", ", ");
    match (typed.is_empty(), row.letter) {
        (true, 1..) => format!("-{}", char::from(row.letter)),
        _ => typed,
    }
}

/// What the variable of an option is called; empty if it has none.
pub fn variable(door: Door, row: &Row) -> String {
    let prefix = ["SEXTON_", "TINI_", "DUMB_INIT_", "CATATONIT_", "", ""][door as usize];
    let name = match door {
        Door::Native if row.key < Key::Help => row.name,
        _ => row.variable,
    };
    match name {
        "" => String::new(),
        name => format!("{prefix}{}", name.to_uppercase().replace('-', "_")),
    }
}

/// What an option does.
pub fn meaning(door: Door, row: &Row) -> String {
    let native = TABLES[Door::Native as usize].row(row.key);
    match (row.meaning, native) {
        ("", _) if typed(row).is_empty() => effect(door, row),
        ("", Some(native)) => native.meaning.to_owned(),
        (meaning, _) => meaning.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// What an option's variable does.
pub fn effect(door: Door, row: &Row) -> String {
    let typed = typed(row);
    let option = typed.split([',', ' ']).next().unwrap_or_default();
    match (door, row.key) {
        (Door::Native, _) => {
            let shape = typed.rsplit_once(' ').map_or("a switch", |(_, shape)| shape);
            let shape = if shape.starts_with('-') { "a switch" } else { shape };
            format!("{shape}: as `--{}`", row.name)
        }
        (Door::Tini, Key::Verbose) => format!("N: as `{option}`, N-1 times"),
        (Door::DumbInit, Key::SingleChild) => format!("0: as `{option}`"),
        (Door::DumbInit, _) => format!("1: as `{option}`"),
        (Door::Catatonit, Key::Verbose) => "set to anything: say all that happens".to_owned(),
        _ => format!("set to anything: as `{option}`"),
    }
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
    for row in sexton_testkit::deviations().filter(|row| row.doors.contains(&door)) {
        table += &format!("| {} | {} | {} |\n", row.theirs, row.ours, row.why);
    }
    table
}

/// The same of the one original whose ways can be asked for.
pub fn my_init_deviations() -> String {
    let mut table = String::from("| my_init | ours | why | strictly |\n|---|---|---|---|\n");
    let of_my_init = |row: &&sexton_testkit::Deviation| row.doors.contains(&Peer::MyInit);
    for row in sexton_testkit::deviations().filter(of_my_init) {
        let strictly = match row.strict {
            Strict::Theirs => "as theirs",
            Strict::Ours => "as ours",
        };
        table += &format!("| {} | {} | {} | {strictly} |\n", row.theirs, row.ours, row.why);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_row_with_its_variable() {
        let table = options(Door::Native);
        assert_eq!(table.lines().count(), 2 + TABLES[Door::Native as usize].rows.len());
        assert!(table.contains("| `-g, --group` | `SEXTON_GROUP` | the same as --to group |"));
        assert!(table.contains("| `-h, --help` |  |"), "{table}");
    }

    #[test]
    fn what_a_doors_help_keeps_silent_about_is_told_all_the_same() {
        for door in [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit, Door::Pause] {
            for row in TABLES[door as usize].rows {
                assert!(!meaning(door, row).is_empty(), "{door:?}: {:?}", row.key);
                assert!(!(typed(row) + &variable(door, row)).is_empty(), "{door:?}: {:?}", row.key);
            }
        }
        assert!(options(Door::DumbInit).contains("| `-P` |  | run nothing"));
    }

    #[test]
    fn a_variable_is_told_by_the_values_that_its_door_takes() {
        let effect = |door: Door, key| effect(door, TABLES[door as usize].row(key).expect("a row"));
        assert_eq!(effect(Door::Native, Key::Success), "FROM[:TO]: as `--success`");
        assert_eq!(effect(Door::Native, Key::Group), "a switch: as `--group`");
        assert_eq!(effect(Door::DumbInit, Key::SingleChild), "0: as `-c`");
        assert_eq!(effect(Door::Tini, Key::Group), "set to anything: as `-g`");
    }

    #[test]
    fn every_status_of_our_own_has_a_row() {
        let table = exit_codes();
        for code in ["125", "126", "127"] {
            assert!(table.contains(&format!("| {code} |")), "{table}");
        }
    }
}
