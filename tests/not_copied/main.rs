//! The exam that ours sits under each of its names, beside tini, dumb-init and catatonit where they
//! are installed. Each test is a question of `sexton_testkit::trials`, with the answers as they are
//! listed there: ours does right, and the originals have the bugs that they are known for. A
//! question that everybody answers rightly says that ours has no bug of its own.
//!
//! `cargo xtask exam` prints the answers.

mod ends;
mod inheritance;
mod log;
mod signals;
mod start;
mod terminal;

use sexton_testkit::trials::{Answer, TRIALS, Trial};
use sexton_testkit::{Door, Exam, Whose, skip};
use std::path::Path;

/// Puts the question to all at once.
#[track_caller]
fn judge(name: &str) {
    let trial = Trial::named(name);
    if let Some(lacks) = trial.lacks() {
        return skip(&lacks);
    }
    let ask = |exam: &Exam| {
        let door = exam.door();
        let listed = match exam.whose() {
            Whose::Ours | Whose::OursStrictly => trial.kept_in,
            Whose::Original => trial.wrong_in,
        };
        let answer = (trial.ask)(exam);
        let is_wrong = matches!(answer, Answer::Wrong(_));
        let who = format!("{} ({:?})", door.name(), exam.whose());
        assert_eq!(is_wrong, listed.contains(&door), "{who}, {}: {answer:?}", trial.right);
    };
    std::thread::scope(|scope| {
        for door in [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit] {
            let ask = &ask;
            scope.spawn(move || ask(&door.ours()));
            match door.original() {
                Some(original) => {
                    scope.spawn(move || ask(&original));
                }
                None if door == Door::Native => {}
                None => skip(&format!("{} is not installed: nothing to compare with", door.name())),
            }
        }
    });
}

/// An answer that no test asserts is a claim that nobody has seen.
#[test]
fn every_question_of_the_exam_is_asserted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/not_copied");
    let files = std::fs::read_dir(folder).expect("this folder").flatten();
    let texts: String =
        files.map(|file| std::fs::read_to_string(file.path()).expect("a text")).collect();
    for (place, trial) in TRIALS.iter().enumerate() {
        assert!(texts.contains(&format!("judge(\"{}\")", trial.name)), "{}", trial.name);
        let same = TRIALS[..place].iter().find(|other| other.name == trial.name);
        assert!(same.is_none(), "{} is there twice", trial.name);
    }
}
