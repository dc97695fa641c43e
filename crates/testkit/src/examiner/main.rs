//! Puts every question of [`TRIALS`] to ours under each of its names and to the originals, and says
//! each answer as a line of JSON: `{"trial", "door", "whose", "answer", "words"}`. Which init is
//! ours: see the library. A program of its own, as it has to survive a question that panics
//! (`cargo xtask exam` builds it with `profile.sim`).

use sexton_testkit::serde_json::json;
use sexton_testkit::trials::{Answer, TRIALS, Trial};
use sexton_testkit::{Door, Exam, Whose};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

/// Who is asked, in this order.
const DOORS: [Door; 4] = [Door::Native, Door::Tini, Door::DumbInit, Door::Catatonit];

fn main() {
    // What a question panics with is its answer.
    set_hook(Box::new(|_| {}));
    let candidates: Vec<Exam> = DOORS
        .iter()
        .map(|door| door.ours())
        .chain(DOORS.iter().filter_map(|door| door.original()))
        .collect();
    for trial in TRIALS {
        let lacks = trial.lacks();
        std::thread::scope(|scope| {
            for candidate in &candidates {
                let lacks = lacks.as_deref();
                scope.spawn(move || say(trial, candidate, answer(trial, candidate, lacks)));
            }
        });
    }
}

/// The word for it, and what there is to say.
fn answer(trial: &Trial, candidate: &Exam, lacks: Option<&str>) -> (&'static str, String) {
    if let Some(lacks) = lacks {
        return ("unasked", lacks.to_owned());
    }
    let answer = catch_unwind(AssertUnwindSafe(|| (trial.ask)(candidate)));
    match answer {
        Ok(Answer::Right) => ("right", String::new()),
        Ok(Answer::HasNone) => ("none", String::new()),
        Ok(Answer::Wrong(words)) => {
            let is_kept =
                candidate.whose() == Whose::Ours && trial.kept_in.contains(&candidate.door());
            (if is_kept { "kept" } else { "wrong" }, words)
        }
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            ("wrong", words.unwrap_or_else(|| "it panics".to_owned()))
        }
    }
}

fn say(trial: &Trial, candidate: &Exam, (answer, words): (&str, String)) {
    let whose = match candidate.whose() {
        Whose::Ours | Whose::OursStrictly => "ours",
        Whose::Original => "original",
    };
    let door = candidate.door().name();
    let line = json!({
        "trial": trial.name, "door": door, "whose": whose, "answer": answer, "words": words,
    });
    println!("{line}");
}
