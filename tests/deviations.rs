//! The list of deviations against the suites that assert them.

use sexton_testkit::{Deviation, deviations};
use std::fs;
use std::path::Path;

/// A row that no suite asks for is a claim that nobody has seen.
#[test]
fn every_deviation_is_asked_for_by_the_suite_of_its_door() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for row in deviations() {
        for door in row.doors {
            let suite = tests.join(format!("compat_{}", door.name().replace('-', "_")));
            let files = fs::read_dir(&suite).expect("the suite").flatten();
            let texts: Vec<String> =
                files.map(|file| fs::read_to_string(file.path()).expect("a text")).collect();
            let asked = format!("deviates(\"{}\"", row.name);
            let found = texts.iter().any(|text| text.replace(['\n', ' '], "").contains(&asked));
            assert!(found, "{} never asks {asked}", suite.display());
        }
    }
}

#[test]
fn a_door_has_one_row_of_a_name() {
    for (place, row) in deviations().enumerate() {
        let same = |other: &&Deviation| {
            other.name == row.name && other.doors.iter().any(|door| row.doors.contains(door))
        };
        assert!(deviations().take(place).find(same).is_none(), "{} stands there twice", row.name);
    }
}
