//! The verdict in words: one sentence first, then why, then what to do.

use super::record::{Life, Record};
use super::report::Run;
use super::verdict::{Fault, How, Judged, Told};
use super::words::{count, list, seconds, signal_name};
use sexton_watch::Hearing;

/// What is said of one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    pub title: &'static str,
    pub why: String,
    pub what_to_do: Vec<String>,
    /// For `sexton explain`.
    pub topic: &'static str,
}

/// The gravest fault in one word, and all in one sentence.
pub fn verdict(run: &Run) -> (&'static str, String) {
    let Run { record, verdict, .. } = run;
    let took = seconds(record.gone);
    let signal = signal_name(record.signal);
    let first = name_of_first(run);
    let stuck = stuck(run);
    let reaping = match verdict.faults.contains(&Fault::NotReaping) {
        true => format!(" And it leaves orphans as zombies.{stuck}"),
        false => stuck,
    };
    match verdict.faults.first() {
        Some(Fault::Deaf) => {
            let rest = verdict.ends.iter().filter(|end| end.how == How::KilledAtLimit).count();
            let whom = match rest {
                0 | 1 => "had to be killed".to_owned(),
                more => format!("had to be killed, and {} with it", others(more - 1)),
            };
            (
                "DEAF",
                format!(
                    "`{first}` did not stop within {} of {signal}: it {whom}.{reaping}",
                    seconds(record.grace)
                ),
            )
        }
        Some(Fault::Unclean) => {
            ("UNCLEAN", format!("It stopped in {took}, but {}.{reaping}", harm(run)))
        }
        Some(Fault::NotReaping) => {
            ("NOT REAPING", format!("It stops cleanly in {took}, but leaves orphans as zombies."))
        }
        None if !verdict.sees_ends() => (
            "STOPS",
            format!("It stops in {took}; how the others ended this kernel does not tell."),
        ),
        None => {
            ("GOOD", format!("It stops cleanly, in {took}: {}.", everybody(record.lives.len())))
        }
    }
}

fn name_of_first(run: &Run) -> String {
    run.record.pid1().map_or_else(|| "PID 1".into(), Life::label)
}

fn everybody(lives: usize) -> String {
    match lives {
        0 | 1 => "it ended by itself or by the signal, and nobody was killed".into(),
        2 => "both processes ended by themselves or by a signal, and nobody was killed".into(),
        more => format!("all {more} processes ended by themselves or by a signal"),
    }
}

fn others(number: usize) -> String {
    count(number, "other process", "other processes")
}

/// Whom not even SIGKILL has ended.
fn stuck(run: &Run) -> String {
    let stuck = victims(run).into_iter().filter(|(_, judged)| judged.how == How::Remains);
    let names: Vec<String> = stuck.map(|(life, _)| life.named()).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(" Not even SIGKILL ended {}: stuck in the kernel.", list(&names)),
    }
}

/// What happened to whom.
fn harm(run: &Run) -> String {
    let victims = victims(run);
    let crashed = victims.iter().find(|(_, judged)| matches!(judged.how, How::Crashed(_)));
    if let Some((life, Judged { how: How::Crashed(signal), .. })) = crashed {
        return format!("{} crashed ({})", life.named(), signal_name(*signal));
    }
    let names: Vec<String> = victims.iter().map(|(life, _)| life.named()).collect();
    let is_one = names.len() == 1;
    let was = if is_one { "was" } else { "were" };
    format!("{} {was} killed with SIGKILL: {}", list(&names), reason(&victims, is_one))
}

fn reason(victims: &[(&Life, Judged)], is_one: bool) -> String {
    // Who was born in the stop came too late to be told: that is nobody's omission.
    let untold = |(life, one): &&(&Life, Judged)| one.told == Told::Never && life.born.is_none();
    let untold = victims.iter().filter(untold).count();
    let told = victims.iter().filter(|(_, one)| matches!(one.told, Told::By(_))).count();
    let (it, they) = if is_one { ("it", "it was") } else { ("them", "they were") };
    if victims.iter().any(|(_, judged)| judged.how == How::KilledInside) {
        return "somebody inside lost patience".into();
    }
    match (untold, told) {
        (all, _) if all == victims.len() => format!("nobody had told {it} to stop"),
        (_, all) if all == victims.len() => format!("{they} told to stop, but not given the time"),
        (0, _) => "the kernel does so when PID 1 leaves first".into(),
        (1, _) => "one of them was never told to stop".into(),
        (some, _) => format!("{some} of them were never told to stop"),
    }
}

/// Those who did not end well.
pub fn victims(run: &Run) -> Vec<(&Life, Judged)> {
    let all = run.record.lives.iter().zip(run.verdict.ends.iter().copied());
    all.filter(|(_, judged)| judged.how.is_unclean()).collect()
}

/// For every fault, the gravest first.
pub fn advice(run: &Run) -> Vec<Advice> {
    let mut all = Vec::new();
    for fault in &run.verdict.faults {
        match fault {
            Fault::Deaf => all.extend(run.record.pid1().map(|first| deaf(run, first))),
            // Who is killed at the limit is a consequence.
            Fault::Unclean if run.record.at_limit => {}
            Fault::Unclean => all.push(unclean(run)),
            Fault::NotReaping => all.push(not_reaping(run)),
        }
    }
    all
}

const UNCLEAN: &str = "Why it is unclean";

const INIT: &str = "or put an init in front: ENTRYPOINT [\"/sexton-init\", \"--\"]; \
                    try it with --with-init";

fn deaf(run: &Run, first: &Life) -> Advice {
    let (name, signal) = (first.label(), signal_name(run.record.signal));
    let child = child_of_shell(&run.record);
    let topic = "sigterm";
    let (why, what_to_do) = match (first.hearing, is_shell(first), child) {
        (Hearing::Nothing, true, Some(child)) => (
            format!(
                "PID 1 is a shell (`{name}`) that waits for `{child}`. It has no handler for \
                 {signal}, so the kernel drops the signal; and a shell passes none on."
            ),
            vec![
                "start the program itself, in exec form: CMD [\"program\", \"argument\"]".into(),
                "in a script: let its last line be `exec program`".into(),
                INIT.into(),
            ],
        ),
        (Hearing::Handler, true, Some(child)) => (
            format!(
                "`{name}` has a trap, but runs it only when the command in the foreground \
                 (`{child}`) has ended."
            ),
            vec![
                format!("`exec {child}` if nothing is left to do after it"),
                format!("or in the background: `{child} & wait $!`, and in the trap: `kill $!`"),
            ],
        ),
        (Hearing::Nothing, ..) => (
            format!(
                "`{name}` has no handler for {signal}. Any other process would be ended by it, but \
                 for PID 1 the kernel drops every signal that has no handler."
            ),
            vec![format!("handle {signal} in the program, and end it there"), INIT.into()],
        ),
        (Hearing::Ignores, ..) => (
            format!("`{name}` ignores {signal} (its own doing, or that of who started it)."),
            vec![
                format!("handle {signal} in the program, and end it there"),
                "or stop it with a signal that it handles: STOPSIGNAL, or --signal here".into(),
            ],
        ),
        (Hearing::Blocks, ..) => (
            format!("`{name}` blocks {signal} and does not fetch it: it waits there for ever."),
            vec![format!("unblock {signal} in the program, or fetch it with sigwait")],
        ),
        (Hearing::Handler | Hearing::Waits | Hearing::Signalfd | Hearing::Unknown, ..) => (
            format!("`{name}` takes {signal}, but went on: {}.", whom_it_waits_for(run)),
            vec![
                "let the program end when it has been told to".into(),
                "or give it more time, here with --grace and in the runtime: \
                 `docker stop --timeout`, terminationGracePeriodSeconds"
                    .into(),
            ],
        ),
    };
    Advice { title: "Why it is deaf", why, what_to_do, topic }
}

/// Who was still there at the limit, but for PID 1.
fn whom_it_waits_for(run: &Run) -> String {
    let left: Vec<String> = victims(run)
        .iter()
        .filter(|(life, _)| life.pid != 1)
        .map(|(life, judged)| match judged.told {
            Told::Never => format!("{}, which was never told", life.named()),
            Told::By(_) | Told::NotSeen => life.named(),
        })
        .collect();
    match left.is_empty() {
        true => "nobody else was left, so it is its own doing".into(),
        false => format!("still there with it: {}", list(&left)),
    }
}

fn unclean(run: &Run) -> Advice {
    let first = run.record.pid1();
    let name = name_of_first(run);
    let victims = victims(run);
    if victims.iter().any(|(_, judged)| judged.how == How::KilledInside) {
        let names: Vec<String> = victims.iter().map(|(life, _)| life.named()).collect();
        return Advice {
            title: UNCLEAN,
            why: format!(
                "{} did not end in time, and was killed from inside, before PID 1 left: a \
                 supervisor or an init lost patience.",
                list(&names)
            ),
            what_to_do: vec![
                "let it end sooner, or raise that limit (stopwaitsecs, --drain-timeout …)".into(),
            ],
            topic: "docker-stop",
        };
    }
    if let Some((life, _)) =
        victims.iter().find(|(_, judged)| matches!(judged.how, How::Crashed(_)))
    {
        let of_pid1 = match life.pid {
            1 => " For PID 1 abort() looks like this, too: the kernel drops its SIGABRT.",
            _ => "",
        };
        return Advice {
            title: UNCLEAN,
            why: format!(
                "{} ended by a fault of its own while it was stopping.{of_pid1}",
                life.named()
            ),
            what_to_do: vec!["look into its last output, and its core dump".into()],
            topic: "docker-stop",
        };
    }
    let left = run.record.teardown.unwrap_or(run.record.gone);
    let why = format!(
        "`{name}` left after {}. When PID 1 leaves, the kernel kills everybody else at once: a \
         fast stop is not a clean stop.",
        seconds(left)
    );
    let app = application(&victims);
    let form = app.map_or_else(|| "in exec form".into(), exec_form);
    let app = app.map_or_else(|| "program".into(), Life::label);
    let mut what_to_do = match first {
        Some(first) if is_shell(first) => vec![
            format!("let `{name}` pass the signal on and `wait` until `{app}` has ended"),
            format!("or `exec {app}`, so that no shell is in between: {form}"),
        ],
        Some(first) if is_init(first) => {
            vec![format!(
                "`{name}` leaves with its own child: let that be `{app}` itself, or wait for it"
            )]
        }
        _ => vec![format!("start `{app}` itself, without `{name}` in front of it: {form}")],
    };
    what_to_do.push(
        "or put sexton-init in front: it tells everybody who is left, and waits; try it with \
         --with-init"
            .into(),
    );
    Advice { title: UNCLEAN, why, what_to_do, topic: "docker-stop" }
}

fn not_reaping(run: &Run) -> Advice {
    let name = name_of_first(run);
    Advice {
        title: "Why it does not reap",
        why: format!(
            "PID 1 adopts every process whose parent has ended, and `{name}` does not wait for \
             strangers: each of them stays as a zombie and keeps its PID, until none are left."
        ),
        what_to_do: vec![
            "put an init in front: `docker run --init`, or sexton-init; try it with --with-init"
                .into(),
            "if it never starts another program this does no harm: --fail-on deaf,unclean".into(),
        ],
        topic: "zombies",
    }
}

fn is_shell(life: &Life) -> bool {
    is_shell_name(&life.name)
}

/// The one that matters: the first that is no shell and does more than wait.
fn application<'a>(victims: &[(&'a Life, Judged)]) -> Option<&'a Life> {
    let works = |life: &&Life| !is_shell(life) && life.name != "sleep";
    let lives = || victims.iter().map(|(life, _)| *life);
    lives().find(works).or_else(|| lives().find(|life| !is_shell(life))).or_else(|| lives().next())
}

/// As it stands in a Dockerfile, unless it is too long for a line.
fn exec_form(life: &Life) -> String {
    let words = serde_json::to_string(&life.command).unwrap_or_default().replace("\",\"", "\", \"");
    let is_short = !life.command.is_empty() && words.len() < 60;
    if is_short { format!("CMD {words}") } else { "in exec form".into() }
}

/// By the name in the process table: a script started through `#!` has its own.
pub fn is_shell_name(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "dash" | "ash" | "busybox" | "ksh" | "mksh" | "zsh")
}

fn is_init(life: &Life) -> bool {
    matches!(life.name.as_str(), "tini" | "docker-init" | "dumb-init" | "catatonit" | "tini-static")
}

/// The first child of PID 1.
fn child_of_shell(record: &Record) -> Option<String> {
    record.lives.iter().find(|life| life.parent == 1).map(Life::label)
}

#[cfg(test)]
mod tests {
    use super::super::record::{Delivered, End, From};
    use super::super::samples::{deaf, life, ms, npm, record, told};
    use super::*;
    use sexton_watch::Reaction;

    fn advice_for(record: Record) -> Vec<Advice> {
        let all = advice(&Run::new(None, record));
        for one in &all {
            assert!(sexton_lint::topics::find(one.topic).is_some(), "no page on {}", one.topic);
        }
        all
    }

    /// PID 1 of this name, deaf while it listens so; with a child.
    fn deaf_one(name: &str, hearing: Hearing) -> Record {
        let mut record = deaf();
        record.lives[0].name = name.into();
        record.lives[0].hearing = hearing;
        record.lives.push(life(2, 1, "app", (10_001, End::Killed(9))));
        record
    }

    #[test]
    fn every_kind_of_deafness_has_its_own_reason_and_cure() {
        for (name, hearing, why, what) in [
            (
                "sh",
                Hearing::Nothing,
                "PID 1 is a shell (`sh`) that waits for `app`",
                "exec program",
            ),
            ("bash", Hearing::Handler, "only when the command in the foreground", "`exec app`"),
            ("python3", Hearing::Nothing, "no handler for SIGTERM", "--with-init"),
            ("app", Hearing::Ignores, "ignores SIGTERM", "STOPSIGNAL"),
            ("app", Hearing::Blocks, "blocks SIGTERM", "unblock"),
            ("app", Hearing::Handler, "still there with it: app (2), which was never", "--grace"),
            ("tini", Hearing::Waits, "`tini` takes SIGTERM, but went on", "--grace"),
        ] {
            let all = advice_for(deaf_one(name, hearing));
            assert_eq!(all.len(), 1, "what is killed at the limit is no fault of its own");
            assert!(all[0].why.contains(why), "{name} {hearing:?}: {}", all[0].why);
            assert!(all[0].what_to_do.join(" ").contains(what), "{:?}", all[0].what_to_do);
        }
    }

    #[test]
    fn who_was_killed_is_offered_its_exec_form() {
        let mut record = npm();
        record.lives[2].command = vec!["node".into(), "app.js".into()];
        let all = advice_for(record);
        assert!(all[0].what_to_do[0].contains(r#"CMD ["node", "app.js"]"#), "{:?}", all[0]);
        assert_eq!(all[1].topic, "zombies");
    }

    #[test]
    fn the_sentence_says_whether_the_killed_were_told() {
        let first = || life(1, 0, "app", (100, End::Exited(0)));
        let child = |pid| life(pid, 1, "child", (100, End::Killed(9)));
        let told = |life| told(life, 5, 15, From::Process(1));
        for (lives, expected) in [
            (vec![child(2)], "child (2) was killed with SIGKILL: nobody had told it to stop."),
            (vec![child(2), child(3)], "were killed with SIGKILL: nobody had told them to stop."),
            (vec![told(child(2))], "it was told to stop, but not given the time."),
            (vec![told(child(2)), child(3)], "one of them was never told to stop."),
        ] {
            let lives = std::iter::once(first()).chain(lives).collect();
            let (word, sentence) = verdict(&Run::new(None, record(99, lives)));
            assert!(word == "UNCLEAN" && sentence.ends_with(expected), "{sentence}");
        }
    }

    #[test]
    fn who_cannot_be_killed_is_named() {
        let mut record = deaf();
        record.lives.push(life(2, 1, "nfs", (0, End::NotTold)));
        record.lives[1].end = None;
        let (word, sentence) = verdict(&Run::new(None, record));
        assert!(word == "DEAF" && sentence.contains("SIGKILL ended nfs (2): stuck"), "{sentence}");
    }

    #[test]
    fn a_crash_and_a_lost_patience_are_called_so() {
        let first = || life(1, 0, "app", (100, End::Exited(0)));
        let crashed = record(99, vec![first(), life(2, 1, "child", (50, End::Killed(11)))]);
        assert!(verdict(&Run::new(None, crashed)).1.contains("child (2) crashed (SIGSEGV)"));
        let mut impatient = record(99, vec![first(), life(2, 1, "child", (50, End::Killed(9)))]);
        let (at, signal, from) = (ms(1), 15, From::Process(1));
        let reaction = Reaction::Handler;
        impatient.lives[1].signals.push(Delivered { at, signal, from, reaction });
        assert!(verdict(&Run::new(None, impatient)).1.contains("somebody inside lost patience"));
    }
}
