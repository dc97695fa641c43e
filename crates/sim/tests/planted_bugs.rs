//! What the judges' silence about the real init is worth: they find every planted bug, by the rule
//! that it breaks, within a bounded number of schedules.

use sexton_sim::{BUGS, Broken, Bug, Case, Ending, RULES, simulate, simulate_and_tell};

/// As many schedules as any of them may take.
const SCHEDULES: u64 = 1000;

/// The rule by which each has to be found; some break others first.
fn rule(bug: Bug) -> &'static str {
    match bug {
        Bug::ReapsOneAtATime => "zombie",
        Bug::LosesTheKilled | Bug::TakesAnOrphansStatus | Bug::LeavesEarly => "exit",
        Bug::LosesSignals => "lost",
        Bug::ForgetsValues => "value",
        Bug::HearsItsOwnEcho | Bug::RepeatsTheTerminal | Bug::TellsStrangers => "stranger",
        Bug::SpeaksToTheDead => "reaped",
        Bug::TellsTheHost | Bug::KillsEarly => "early kill",
        Bug::TellsTwice | Bug::ForgetsWhoWasTold => "twice",
        Bug::SkipsTheDrain => "never told",
        Bug::ForgetsToRouse => "rouse",
        Bug::Oversleeps => "deadline",
        Bug::SleepsChildless => "childless",
        Bug::Spins => "spins",
        Bug::BlocksInItsLog => "liveness",
        Bug::GoesOnAfterAFailure => "start",
        Bug::ForgetsTheHooks | Bug::LosesTheServices => "order",
        Bug::RunsHooksFirst => "end",
        Bug::SparesTheSlow => "lost",
        Bug::KillsAllForOne => "early kill",
    }
}

#[test]
fn every_planted_bug_is_found_by_the_rule_that_it_breaks() {
    for bug in BUGS {
        let found =
            (0..SCHEDULES).find(|seed| match simulate(Case::draw(*seed), Some(bug)).ending {
                Ending::Left(_) => false,
                Ending::Broken(Broken { rule: broken, .. }) => broken == rule(bug),
                Ending::Panicked(words) => panic!("{bug:?}, seed {seed}: {words}"),
            });
        match found {
            Some(seed) => println!("{bug:?}: {} schedules, {}", seed + 1, rule(bug)),
            None => panic!("{bug:?} was not found in {SCHEDULES} schedules"),
        }
    }
}

/// A rule that nothing breaks would say nothing.
#[test]
fn every_rule_is_broken_by_a_planted_bug() {
    for (name, sentence) in RULES {
        assert!(BUGS.iter().any(|bug| rule(*bug) == name), "{name}: {sentence}");
    }
}

#[test]
fn without_a_bug_the_same_schedules_break_no_rule() {
    for seed in 0..SCHEDULES {
        let ending = simulate(Case::draw(seed), None).ending;
        assert!(matches!(ending, Ending::Left(_)), "cargo xtask sim {seed}: {ending:?}");
    }
}

/// Or its seed would mean nothing.
#[test]
fn a_schedule_is_the_same_every_time() {
    for seed in 0..50 {
        let [one, other] = [(); 2].map(|()| simulate_and_tell(Case::draw(seed), None).trace);
        assert_eq!(one, other, "seed {seed}");
    }
}
