//! The moments between the exec of the init and that of the program, stretched by strace(1).

use crate::{ALL, AWHILE, DUMB_INIT, for_the_group, judge, pid_of};
use sexton_testkit::{Door, Exam, Init, Run, eventually, libc, program, real_root, scratch};
use std::fs;

/// In microseconds.
const DELAYS: [&str; 3] = ["500000", "2000000", "8000000"];

/// Asks with these calls of the init and its child delayed by strace; with longer delays where the
/// machine is too busy to look in time.
fn slowly(exam: &Exam, calls: &str, ask: impl Fn(Init) -> Option<bool>) -> bool {
    let answer = DELAYS.iter().find_map(|delay| {
        let inject = format!("inject={calls}={delay}");
        ask(exam.wrapped(["strace", "-f", "-qqq", "-o", "/dev/null", "-e", &inject]))
    });
    answer.expect("the test came too late, however long it was waited for")
}

/// The init is strace's child, and the program's process the init's.
fn init_and_child(run: &Run) -> (i32, i32) {
    let mut found = None;
    eventually("the init has a child", || {
        let others = run.others();
        found = others.iter().find_map(|child| {
            let init = others.iter().find(|one| one.pid_inside == child.parent_inside)?;
            Some((init.pid, child.pid))
        });
        found.is_some()
    });
    found.expect("found")
}

/// The group that a process is in.
fn group(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(2)?.parse().ok()
}

/// Whether the program runs, and goes on, after what should have ended it.
fn lost(run: &mut Run) -> bool {
    let runs = |run: &Run| run.others().iter().any(|one| one.name == "sleep");
    eventually("an end of the program, or its beginning", || {
        run.try_wait().expect("our child").is_some() || runs(run)
    });
    run.wait_within(AWHILE).expect("our child").is_none() && runs(run)
}

/// kill(2), ESRCH: a signal for a group that is still to be made.
#[test]
fn a_signal_to_a_group_that_is_not_there_yet_is_not_lost() {
    if !real_root() || !program("strace") {
        return;
    }
    judge(ALL, |exam| {
        slowly(exam, "setsid,setpgid:delay_enter", |init| {
            let mut run = for_the_group(exam, init).command(["sleep", "1000"]).spawn();
            let (init, child) = init_and_child(&run);
            sexton_testkit::signals::send(init, libc::SIGTERM).expect("the init is there");
            let in_time = group(child) != Some(child);
            in_time.then(|| lost(&mut run))
        })
    });
}

/// A handler is in place until exec, and the child is no init whose handler should run.
#[test]
fn a_signal_to_the_child_before_its_exec_is_not_lost() {
    if !real_root() || !program("strace") {
        return;
    }
    judge(DUMB_INIT, |exam| {
        slowly(exam, "setsid,setpgid:delay_exit", |init| {
            let mut run = for_the_group(exam, init).command(["sleep", "1000"]).spawn();
            let (init, child) = init_and_child(&run);
            eventually("its group is made", || group(child) == Some(child));
            sexton_testkit::signals::send(init, libc::SIGTERM).expect("the init is there");
            // Some are ended by it before their exec, and some have not got there yet.
            let in_time = run.others().iter().all(|one| one.name != "sleep");
            in_time.then(|| lost(&mut run))
        })
    });
}

/// Every call before the mask is time in which the kernel drops what is sent to PID 1.
#[test]
fn the_mask_is_the_first_call() {
    if !real_root() || !program("strace") {
        return;
    }
    judge(ALL, |exam| {
        let calls = scratch().join("calls");
        let mut run = exam
            .wrapped(["strace", "-qqq", "-o", calls.to_str().expect("text")])
            .command(["true"])
            .spawn();
        assert_eq!(run.code(), 0);
        let calls = fs::read_to_string(&calls).expect("strace's");
        let first = calls.lines().find(|line| !line.starts_with("execve("));
        !first.is_some_and(|line| line.starts_with("rt_sigprocmask(SIG_"))
    });
}

/// prctl(2), PR_SET_PDEATHSIG: a parent that has died before is not told of. tini alone has the
/// option.
#[test]
fn a_parent_that_died_before_it_was_watched_is_dead_all_the_same() {
    if !real_root() || !program("strace") {
        return;
    }
    let has_the_bug = |exam: &Exam| {
        let answer = DELAYS.iter().find_map(|delay| told_late(exam, delay));
        answer.expect("the test came too late, however long it was waited for")
    };
    assert!(!has_the_bug(&Door::Tini.ours()), "ours has it");
    match Door::Tini.original() {
        Some(original) => assert!(has_the_bug(&original), "tini has it no longer"),
        None => sexton_testkit::skip("tini is not installed: nothing to compare with"),
    }
}

/// Whether the program goes on though the parent of its init has died while the init was about to
/// have itself told of that; `None` if the parent lived longer.
fn told_late(exam: &Exam, delay: &str) -> Option<bool> {
    // The tracer is nobody's parent here (-D), and the outer init adopts the inner one.
    let script = format!(
        "strace -D -f -qqq -o /dev/null -e inject=prctl:delay_enter={delay}:when=1 \
         {} -s -p SIGTERM -- sleep 1000 & wait",
        exam.program(),
    );
    let outer = Init::new().options(["--on-exit", "wait"]).command(["sh", "-c", &script]);
    let mut run = outer.spawn();
    let inner = pid_of(&run, "tini");
    // proc_pid_syscall(5): the number of the call that it stands in.
    let prctl = format!("{} ", libc::SYS_prctl);
    let file = format!("/proc/{inner}/syscall");
    let is_about_to = || fs::read_to_string(&file).is_ok_and(|call| call.starts_with(&prctl));
    eventually("the call, or the program", || {
        is_about_to() || run.others().iter().any(|one| one.name == "sleep")
    });
    sexton_testkit::signals::send(pid_of(&run, "sh"), libc::SIGKILL).expect("the parent is there");
    eventually("it is not", || run.others().iter().all(|one| one.name != "sh"));
    is_about_to().then(|| lost(&mut run))
}
