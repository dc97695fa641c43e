//! The three scenes: what is done, what is looked at, and what it amounts to.

use super::actors::ORPHANS;
use super::claims::{Outcome, Runner, Scene};
use super::fate::Fate;
use super::records::{self, Saved};
use super::report::{Kill0, Member, Run};
use super::stage::{Cast, Stage, Start, Stop, Trouble};
use rustix::process::{Pid, test_kill_process};
use sexton_pidns::{Process, SIGKILL, SIGTERM};
use std::time::{Duration, Instant};

/// A dead orphan that nobody has reaped after this long is left as a zombie.
const REAPING_LIMIT: Duration = Duration::from_secs(1);

/// How often the process table is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Runs `scene` under `runner`, and judges.
pub fn perform(stage: &Stage, scene: Scene, runner: Runner) -> Result<Run, Trouble> {
    let file = tempfile::tempfile()?;
    let role = match scene {
        Scene::DeafServer => "deaf-server",
        Scene::OrphanMaker => "orphan-maker",
        Scene::UncleanStop => "launcher",
    };
    let mut run = Run::blank(scene, runner);
    match stage.start(runner, role, &file)? {
        Start::Ended(note) => run.note = Some(note),
        Start::Ready(mut cast) => {
            match scene {
                Scene::DeafServer => run.take_stop(cast.stop()?),
                Scene::OrphanMaker => watch_orphans(&mut run, &mut cast)?,
                Scene::UncleanStop => {
                    run.take_stop(cast.stop()?);
                    run.file = Some(records::check(&file)?);
                }
            }
            run.said = cast.said();
            run.observed = match scene {
                Scene::DeafServer => judge_deaf(&run),
                Scene::OrphanMaker => judge_orphans(&run),
                Scene::UncleanStop => judge_stop(&run),
            };
        }
    }
    run.matched = run.claimed == run.observed;
    Ok(run)
}

impl Run {
    /// Nothing seen yet.
    pub fn blank(scene: Scene, runner: Runner) -> Run {
        Run {
            runner,
            claimed: scene.claim(runner),
            observed: Outcome::Unexpected,
            matched: false,
            note: None,
            stop: None,
            killed_at_limit: false,
            processes: Vec::new(),
            kill_0: Vec::new(),
            file: None,
            said: String::new(),
        }
    }

    fn take_stop(&mut self, stop: Stop) {
        self.stop = Some(stop.took);
        self.killed_at_limit = stop.killed_at_limit;
        self.processes = stop.members;
    }
}

/// Lets the orphans die, and looks whether anybody reaps them.
fn watch_orphans(run: &mut Run, cast: &mut Cast) -> Result<(), Trouble> {
    let orphans: Vec<i32> = cast.words.split(' ').filter_map(|pid| pid.parse().ok()).collect();
    let adopted: Vec<Process> = cast
        .processes()?
        .into_iter()
        .filter(|one| orphans.contains(&one.pid_inside) && one.parent_inside == 1)
        .collect();
    if adopted.len() != ORPHANS {
        run.note = Some(format!("PID 1 adopted {} of {ORPHANS} orphans", adopted.len()));
        return Ok(());
    }
    cast.input = None; // Their standard input ends, and so do they.
    let mut deadline = Instant::now() + REAPING_LIMIT;
    loop {
        let table = cast.processes()?;
        let left: Vec<&Process> =
            table.iter().filter(|one| orphans.contains(&one.pid_inside)).collect();
        if left.iter().any(|one| one.state != 'Z') {
            deadline = Instant::now() + REAPING_LIMIT; // Not dead yet: nothing to reap.
        }
        if left.is_empty() || Instant::now() > deadline {
            run.processes = table.iter().map(Member::of).collect();
            run.kill_0 = adopted.iter().map(Kill0::of).collect();
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

impl Kill0 {
    /// From outside, where the PID is another one but the answer is the same.
    fn of(process: &Process) -> Kill0 {
        let answer = match Pid::from_raw(process.pid).map(test_kill_process) {
            Some(Ok(())) => "success",
            Some(Err(rustix::io::Errno::SRCH)) | None => "no such process",
            Some(Err(_)) => "refused",
        };
        Kill0 { pid: process.pid_inside, answer: answer.to_owned() }
    }
}

fn judge_deaf(run: &Run) -> Outcome {
    let server = run.processes.iter().find(|one| one.name == "server").and_then(|one| one.end);
    match (run.killed_at_limit, server) {
        (true, Some(Fate::Killed(SIGKILL) | Fate::Gone)) => Outcome::KilledAtTheLimit,
        (false, Some(Fate::Killed(SIGTERM) | Fate::Gone)) => Outcome::StoppedInTime,
        _ => Outcome::Unexpected,
    }
}

fn judge_orphans(run: &Run) -> Outcome {
    let zombies = run.processes.iter().filter(|one| one.zombie).count();
    let answers_are = |answer| run.kill_0.iter().filter(|one| one.answer == answer).count();
    match (zombies, answers_are("success"), answers_are("no such process")) {
        (0, 0, ORPHANS) => Outcome::Reaped,
        (ORPHANS, ORPHANS, 0) => Outcome::LeftAsZombies,
        _ => Outcome::Unexpected,
    }
}

/// Where the kernel does not say how somebody ended, the file must: its writer is gone, and did
/// not come to the end of it.
fn judge_stop(run: &Run) -> Outcome {
    let ends: Vec<Fate> = run.processes.iter().filter_map(|one| one.end).collect();
    let killed = ends.contains(&Fate::Killed(SIGKILL));
    match &run.file {
        Some(Saved { whole: true, .. }) if !killed => Outcome::CleanStop,
        Some(Saved { whole: false, .. }) if killed || ends.contains(&Fate::Gone) => {
            Outcome::UncleanStop
        }
        _ => Outcome::Unexpected,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_recorded_run_is_judged_as_it_was_claimed() {
        for runner in Runner::ALL {
            let (deaf, orphans) = (samples::deaf(runner), samples::orphans(runner));
            let unclean = samples::unclean(runner);
            if runner != Runner::Tini {
                assert_eq!(judge_deaf(&deaf), deaf.claimed);
            }
            assert_eq!(judge_orphans(&orphans), orphans.claimed);
            assert_eq!(judge_stop(&unclean), unclean.claimed);
        }
    }

    #[test]
    fn an_early_end_for_any_other_reason_is_no_stop_in_time() {
        let mut run = samples::deaf(Runner::SextonInit);
        run.processes[1].end = Some(Fate::Killed(11));
        assert_eq!(judge_deaf(&run), Outcome::Unexpected);
        run.processes.clear();
        assert_eq!(judge_deaf(&run), Outcome::Unexpected);
    }

    #[test]
    fn some_orphans_reaped_is_neither_all_nor_none() {
        let mut run = samples::orphans(Runner::App);
        run.processes[0].zombie = false;
        assert_eq!(judge_orphans(&run), Outcome::Unexpected);
    }

    #[test]
    fn a_whole_file_is_no_clean_stop_if_somebody_was_killed() {
        let mut run = samples::unclean(Runner::SextonInit);
        run.processes[1].end = Some(Fate::Killed(9));
        assert_eq!(judge_stop(&run), Outcome::Unexpected);
    }

    #[test]
    fn where_the_kernel_does_not_tell_the_file_decides() {
        for runner in [Runner::Tini, Runner::SextonInit] {
            let mut run = samples::unclean(runner);
            run.processes[1..].iter_mut().for_each(|one| one.end = Some(Fate::Gone));
            assert_eq!(judge_stop(&run), run.claimed);
        }
    }
}
