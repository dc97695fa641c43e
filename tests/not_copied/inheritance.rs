//! What the program is given, and what the init keeps.

use crate::{ALL, CATATONIT, DUMB_INIT, TINI, TINI_AND_CATATONIT, code, judge, start};
use sexton_testkit::signals::set_of;
use sexton_testkit::{Place, Stream, eventually, questions};
use std::fs::File;

#[test]
fn what_was_blocked_and_ignored_still_is() {
    judge(DUMB_INIT, |exam| {
        let init = start(exam, Place::Here).blocked(&[10, 15, 21]).ignored(&[1]);
        let mut run = init.command(["probe", "status"]).spawn();
        let view = run.view();
        let blocked = view.set("SigBlk") & set_of([10, 15, 21]) == set_of([10, 15, 21]);
        !(blocked && view.set("SigIgn") == set_of([1]))
    });
}

#[test]
fn what_was_not_blocked_is_not() {
    judge(CATATONIT, |exam| {
        let mut run = start(exam, Place::Here).command(["probe", "status"]).spawn();
        run.view().set("SigBlk") != 0
    });
}

/// waitpid(2): with SIGCHLD ignored there are no zombies to be waited for, and no statuses.
#[test]
fn a_caller_that_ignores_sigchld_is_told_of_the_end() {
    judge(TINI_AND_CATATONIT, |exam| {
        let init = start(exam, Place::Here).ignored(&[17]);
        let mut run = init.command(["probe", "exit", "42"]).spawn();
        eventually("the program is gone", || run.others().is_empty());
        code(&mut run) != Some(42)
    });
}

#[test]
fn a_closed_stdin_does_not_keep_the_program_from_running() {
    judge(TINI, |exam| {
        let init = start(exam, Place::Here).stdin(Stream::Closed);
        init.command(["probe", "exit", "42"]).spawn().code() != 42
    });
}

/// pipe(7): a pipe has its end when the last writer has closed it.
#[test]
fn a_pipe_ends_when_the_program_closes_its_end() {
    judge(ALL, |exam| {
        let init = start(exam, Place::Here);
        let run = init.command(["probe", "close-stdout-and-wait"]).spawn().ready();
        let closed = || !questions::holds(run.pid()).0.contains(&1);
        !within_awhile(closed)
    });
}

#[test]
fn no_other_descriptor_is_held() {
    judge(&[TINI[0], DUMB_INIT[0]], |exam| {
        let null = File::open("/dev/null").expect("/dev/null").into();
        let init = start(exam, Place::Here).pass_fd(null, 7);
        let run = init.command(["probe", "wait"]).spawn().ready();
        !within_awhile(|| !questions::holds(run.pid()).0.contains(&7))
    });
}

/// umount(2), EBUSY.
#[test]
fn the_working_directory_is_left() {
    judge(TINI_AND_CATATONIT, |exam| {
        let init = start(exam, Place::Here).current_dir(sexton_testkit::scratch());
        let run = init.command(["probe", "wait"]).spawn().ready();
        !within_awhile(|| questions::holds(run.pid()).1 == std::path::Path::new("/"))
    });
}

fn within_awhile(condition: impl Fn() -> bool) -> bool {
    let deadline = std::time::Instant::now() + crate::AWHILE;
    while !condition() {
        if std::time::Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    true
}
