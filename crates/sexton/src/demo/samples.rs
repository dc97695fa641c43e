//! A recorded demo, for the tests of what is drawn and judged.

use super::claims::{Runner, Scene};
use super::fate::Fate;
use super::records::{RECORDS, Saved};
use super::report::{Kill0, LeftOut, Member, Report, Run, SceneReport};
use std::time::Duration;

/// Everything as claimed; tini is not installed.
pub fn report() -> Report {
    let runners = [Runner::App, Runner::Shell, Runner::SextonInit];
    let scene = |scene, make: fn(Runner) -> Run| SceneReport {
        scene,
        runs: runners.into_iter().map(make).collect(),
    };
    let mut report = Report {
        version: 1,
        sexton: "0.1.0",
        kernel: "6.18.0".into(),
        access: "user-namespace",
        limit: Duration::from_secs(2),
        elapsed: Duration::ZERO,
        ok: false,
        left_out: vec![LeftOut { runner: Runner::Tini, reason: "not in PATH" }],
        scenes: vec![
            scene(Scene::DeafServer, deaf),
            scene(Scene::OrphanMaker, orphans),
            scene(Scene::UncleanStop, unclean),
        ],
    };
    report.finish(Duration::from_millis(4640));
    report
}

/// The first scene.
pub fn deaf(runner: Runner) -> Run {
    let in_time = runner == Runner::SextonInit;
    let end = Fate::Killed(if in_time { 15 } else { 9 });
    let processes = match runner {
        Runner::App => vec![member(1, 0, "server", Some(end))],
        Runner::Shell => vec![member(1, 0, "sh", Some(end)), member(2, 1, "server", Some(end))],
        Runner::Tini | Runner::SextonInit => vec![
            member(1, 0, runner.label(), Some(Fate::Exited(143))),
            member(2, 1, "server", Some(end)),
        ],
    };
    let stop = Duration::from_millis(if in_time { 3 } else { 2001 });
    let run = run(Scene::DeafServer, runner, processes);
    Run { stop: Some(stop), killed_at_limit: !in_time, ..run }
}

/// The second.
pub fn orphans(runner: Runner) -> Run {
    let name = if runner == Runner::Shell { "sh" } else { runner.label() };
    let processes = match runner {
        Runner::App => [3, 5, 7]
            .into_iter()
            .map(|pid| Member { zombie: true, ..member(pid, 1, "orphan", None) })
            .chain([member(1, 0, "app", None)])
            .collect(),
        _ => vec![member(1, 0, name, None), member(2, 1, "app", None)],
    };
    let answer = if runner == Runner::App { "success" } else { "no such process" };
    let kill_0 = [3, 5, 7].map(|pid| Kill0 { pid, answer: answer.into() }).into();
    Run { kill_0, ..run(Scene::OrphanMaker, runner, processes) }
}

/// The third.
pub fn unclean(runner: Runner) -> Run {
    let left = Some(Fate::Exited(0));
    let killed = Some(Fate::Killed(9));
    let (whole, at_limit) = (runner == Runner::SextonInit, runner == Runner::Shell);
    let processes = match runner {
        Runner::App => vec![member(1, 0, "launcher", left), member(2, 1, "server", killed)],
        Runner::Shell => vec![
            member(1, 0, "sh", killed),
            member(2, 1, "launcher", killed),
            member(3, 2, "server", killed),
        ],
        Runner::Tini | Runner::SextonInit => vec![
            member(1, 0, runner.label(), left),
            member(2, 1, "launcher", left),
            member(3, 2, "server", if whole { left } else { killed }),
        ],
    };
    let took = if whole { 1003 } else { 2000 };
    let stop = Duration::from_millis(if runner == Runner::App { 1 } else { took });
    let file = Saved { records: if whole { RECORDS } else { 0 }, of: RECORDS, whole };
    let run = run(Scene::UncleanStop, runner, processes);
    Run { stop: Some(stop), killed_at_limit: at_limit, file: Some(file), ..run }
}

fn run(scene: Scene, runner: Runner, processes: Vec<Member>) -> Run {
    let claimed = scene.claim(runner);
    Run { observed: claimed, matched: true, processes, ..Run::blank(scene, runner) }
}

fn member(pid: i32, parent: i32, name: &str, end: Option<Fate>) -> Member {
    Member { pid, parent, name: name.into(), zombie: false, end }
}
