//! The tables of the documentation, made of the tables in the code.

use sexton_core::door::native::{Key, OPTIONS};
use sexton_core::exit;

/// The options of the native door: as typed, as a variable, what they do.
pub fn options() -> String {
    let mut table = String::from("| option | variable | meaning |\n|---|---|---|\n");
    for &option in OPTIONS {
        let (typed, meaning) = columns(option);
        table += &format!("| `{typed}` | {} | {meaning} |\n", variable(option));
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

/// What stands left and right in the row of the help.
fn columns(option: Key) -> (String, String) {
    let row = String::from_utf8_lossy(option.row());
    let (typed, meaning) = row.split_once('\t').expect("two columns with tabs between");
    (typed.trim().replace(" --", ", --"), meaning.trim().into())
}

fn variable(option: Key) -> String {
    if !option.has_variable() {
        return String::new();
    }
    let name = String::from_utf8_lossy(option.name()).to_uppercase().replace('-', "_");
    format!("`SEXTON_{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_row_with_its_variable() {
        let table = options();
        assert_eq!(table.lines().count(), 2 + OPTIONS.len());
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
