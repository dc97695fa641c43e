//! What we promise of each number, and whether it is kept.

use super::{Kind, Results, Subject};
use crate::size::{FILE_BYTES_AIM, FILE_BYTES_AIM_NATIVE_ONLY};

/// One promised number.
struct Target {
    what: &'static str,
    at_most: f64,
    /// None: this run has no such number.
    of: fn(&Results) -> Option<f64>,
}

/// What the released init promises. Ours by another name is to cost what it costs by its own:
/// a page more may be chance, as the names and the environment lie on the stack.
const TARGETS: &[Target] = &[
    Target {
        what: "file with all doors, bytes",
        at_most: FILE_BYTES_AIM as f64,
        of: |results| Some(results.native().file_bytes as f64),
    },
    Target {
        what: "file, as aimed at for the native door alone, bytes",
        at_most: FILE_BYTES_AIM_NATIVE_ONLY as f64,
        of: |results| Some(results.native().file_bytes as f64),
    },
    Target {
        what: "RSS as PID 1, KiB",
        at_most: 24.0,
        of: |results| Some(results.native().memory.rss),
    },
    Target {
        what: "private dirty as PID 1, KiB",
        at_most: 12.0,
        of: |results| Some(results.native().memory.private_dirty),
    },
    Target {
        what: "wake-ups a minute at rest",
        at_most: 0.0,
        of: |results| Some(results.native().wakeups_per_minute),
    },
    Target {
        what: "added start-up, times tini's",
        at_most: 0.2,
        of: |results| {
            let tini = results.of(Kind::Peer).find(|subject| subject.name == "tini")?;
            Some(results.native().startup?.us / tini.startup?.us)
        },
    },
    Target {
        what: "system calls before the command's exec",
        at_most: 6.0,
        of: |results| Some(results.native().calls?.init as f64),
    },
    Target {
        what: "CPU for each orphan, times the best peer's",
        at_most: 1.0,
        of: |results| {
            let peers = results.of(Kind::Peer).filter_map(|peer| peer.orphan_us);
            Some(results.native().orphan_us? / peers.min_by(f64::total_cmp)?)
        },
    },
    Target {
        what: "any door: RSS above the native door's, KiB",
        at_most: PAGE_KIB,
        of: |results| worst(results, |door, native| Some(door.memory.rss - native.memory.rss)),
    },
    Target {
        what: "any door: private dirty above the native door's, KiB",
        at_most: PAGE_KIB,
        of: |results| {
            worst(results, |door, native| {
                Some(door.memory.private_dirty - native.memory.private_dirty)
            })
        },
    },
    Target {
        what: "any door: wake-ups a minute at rest",
        at_most: 0.0,
        of: |results| worst(results, |door, _| Some(door.wakeups_per_minute)),
    },
    Target {
        what: "any door: added start-up, times the native door's",
        at_most: 1.15,
        of: |results| worst(results, |door, _| Some(door.startup?.to_native)),
    },
    Target {
        what: "my_init --skip-runit -- true, times the original's time",
        at_most: 0.1,
        of: |results| Some(results.my_init.ours_us? / results.my_init.theirs_us?),
    },
    Target {
        what: "my_init with a store of 20: RSS while a command runs, KiB",
        at_most: 64.0,
        of: |results| results.my_init.rss,
    },
];

const PAGE_KIB: f64 = 4.0;

/// The highest of our doors, as far as they have the number.
fn worst(results: &Results, of: fn(&Subject, &Subject) -> Option<f64>) -> Option<f64> {
    let doors = results.of(Kind::Door).chain(results.of(Kind::Pause));
    doors.filter_map(|door| of(door, results.native())).max_by(f64::total_cmp)
}

/// What became of a promise.
pub struct Verdict {
    pub what: &'static str,
    pub at_most: f64,
    pub measured: Option<f64>,
}

impl Verdict {
    /// What was not measured is not broken, and the table says that it was not measured.
    pub fn kept(&self) -> bool {
        self.measured.is_none_or(|measured| measured <= self.at_most)
    }

    pub fn word(&self) -> &'static str {
        match self.measured {
            None => "not measured",
            Some(_) if self.kept() => "pass",
            Some(_) => "FAIL",
        }
    }
}

/// Ours against each promise.
pub fn judge(results: &Results) -> Vec<Verdict> {
    let verdict = |target: &Target| Verdict {
        what: target.what,
        at_most: target.at_most,
        measured: (target.of)(results),
    };
    TARGETS.iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{my_init::MyInit, rest::Memory, startup::Added};
    use super::*;

    fn verdict(measured: Option<f64>) -> Verdict {
        Verdict { what: "RSS", at_most: 24.0, measured }
    }

    #[test]
    fn a_target_is_kept_up_to_its_limit_and_missed_above() {
        assert!(verdict(Some(24.0)).kept());
        assert!(!verdict(Some(24.5)).kept());
        assert_eq!(verdict(Some(24.5)).word(), "FAIL");
    }

    #[test]
    fn what_was_not_measured_is_said_not_to_be() {
        assert_eq!(verdict(None).word(), "not measured");
    }

    /// An init of which everything was measured, and nothing is too much.
    fn subject(name: &'static str, kind: Kind) -> Subject {
        let program = std::path::PathBuf::from("/proc/self/exe");
        let mut subject = Subject::new(name, kind, program).expect("this program");
        subject.file_bytes = 14_336;
        subject.memory = Memory { rss: 24.0, private_dirty: 8.0 };
        subject.orphan_us = Some(1.0);
        subject.startup = Some(Added { us: 10.0, to_native: 1.0 });
        subject
    }

    /// Ours as two doors, and two peers, one of them slow.
    fn results() -> Results {
        let mut tini = subject("tini", Kind::Peer);
        (tini.startup, tini.orphan_us) = (Some(Added { us: 100.0, to_native: 10.0 }), Some(5.0));
        let subjects = vec![
            subject("sexton-init", Kind::Native),
            subject("tini", Kind::Door),
            subject("pause", Kind::Pause),
            tini,
            subject("catatonit", Kind::Peer),
        ];
        let my_init = MyInit::default();
        Results { subjects, bare_us: 100.0, my_init, missing: Vec::new() }
    }

    fn missed(results: &Results) -> Vec<&'static str> {
        let verdicts = judge(results);
        verdicts.iter().filter(|verdict| !verdict.kept()).map(|verdict| verdict.what).collect()
    }

    #[test]
    fn orphans_are_measured_by_the_best_peer_and_not_by_the_first() {
        let mut results = results();
        assert_eq!(missed(&results), [""; 0]);
        results.subjects[0].orphan_us = Some(1.5);
        assert_eq!(missed(&results), ["CPU for each orphan, times the best peer's"]);
    }

    #[test]
    fn one_door_that_costs_more_than_the_native_one_breaks_the_promise_for_all() {
        let mut results = results();
        results.subjects[1].startup = Some(Added { us: 12.0, to_native: 1.2 });
        results.subjects[2].memory.rss += 8.0;
        results.subjects[2].wakeups_per_minute = 1.0;
        let words = missed(&results).join("\n");
        assert_eq!(words.lines().count(), 3, "{words}");
        for word in ["RSS above", "wake-ups", "start-up"] {
            assert!(words.contains(word), "{words}");
        }
    }

    #[test]
    fn a_page_more_is_chance_and_a_door_without_a_command_has_no_start_up() {
        let mut results = results();
        results.subjects[1].memory.private_dirty += 4.0;
        results.subjects[2].startup = None;
        assert_eq!(missed(&results), [""; 0]);
    }

    #[test]
    fn my_init_is_measured_by_the_original_where_there_is_one() {
        let mut results = results();
        results.my_init = MyInit { ours_us: Some(500.0), rss: Some(68.0), ..MyInit::default() };
        assert_eq!(missed(&results).len(), 1);
        results.my_init.theirs_us = Some(4000.0);
        assert_eq!(missed(&results).len(), 2);
        (results.my_init.theirs_us, results.my_init.rss) = (Some(5000.0), Some(64.0));
        assert_eq!(missed(&results), [""; 0]);
    }
}
