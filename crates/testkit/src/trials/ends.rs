//! Ends: of the program, of orphans, of everybody else.

use super::{AWHILE, Answer, code, code_within, start};
use crate::{Exam, Init, Place, Proc, Run, Stream, scratch};
use std::fs::{self, File};
use std::io::Write;

/// Exit statuses and deadly signals, some of each; `tests/compat_*` ask for all.
pub fn reports_how_the_program_ended(exam: &Exam) -> Answer {
    let status = |words: &[&str]| {
        let init = start(exam, Place::NewNamespace);
        init.command(words).spawn().code()
    };
    for right in (0..=255).step_by(17) {
        let code = status(&["probe", "exit", &right.to_string()]);
        if code != right {
            return Answer::Wrong(format!("{code} for {right}"));
        }
    }
    for signal in [1, 2, 6, 9, 11, 15, 31, 34, 64] {
        let code = status(&["probe", "die", &signal.to_string()]);
        if code != 128 + signal {
            return Answer::Wrong(format!("{code} for signal {signal}"));
        }
    }
    Answer::Right
}

/// wait(2), WCOREDUMP: a bit beside the number.
pub fn reports_a_core_dump(exam: &Exam) -> Answer {
    let init = start(exam, Place::NewNamespace).current_dir(scratch());
    let script = "ulimit -c unlimited; kill -SEGV $$";
    Answer::by_code(code(&mut init.command(["sh", "-c", script]).spawn()), 139)
}

/// wait4(2) may fail for reasons of its own, or of a filter's; the program still ends some day.
pub fn waits_again(exam: &Exam) -> Answer {
    for errno in ["EINTR", "EAGAIN", "EINVAL"] {
        let inject = format!("inject=wait4,waitid:error={errno}:when=1");
        let trace = ["strace", "-qqq", "-o", "/dev/null", "-e", &inject];
        let mut run = exam.wrapped(trace).command(["probe", "exit", "7"]).spawn();
        match Answer::by_code(code(&mut run), 7) {
            Answer::Right => {}
            wrong => return wrong,
        }
    }
    Answer::Right
}

/// When the main program ends, PID 1 does, and the kernel kills the others. `SEXTON_ON_EXIT=drain`
/// lets them end; the originals have no such thing.
pub fn gives_the_rest_its_time_on_request(exam: &Exam) -> Answer {
    rest_ends_cleanly(start(exam, Place::NewNamespace).env("SEXTON_ON_EXIT", "drain"))
}

/// The same for who does not know what to ask for.
pub fn gives_the_rest_its_time(exam: &Exam) -> Answer {
    rest_ends_cleanly(start(exam, Place::NewNamespace))
}

fn rest_ends_cleanly(init: Init) -> Answer {
    let log = scratch().join("log");
    let worker = format!("name=worker takes=300 log={}", log.display());
    let mut run = init.command(["probe", "family", "name=main exits=5", &worker]).spawn();
    assert_eq!(run.code(), 5);
    let clean = fs::read_to_string(&log).unwrap_or_default().contains("worker clean");
    Answer::wrong_if(!clean, "none")
}

/// signal(7): "Standard signals do not queue". All of these die while the init is stopped.
pub fn reaps_all_behind_one_signal(exam: &Exam) -> Answer {
    const MANY: usize = 50;
    let (stdin, keys) = Stream::pipe_in().expect("a pipe");
    let script = format!(
        "echo ready; read go; i=0; while [ $i -lt {MANY} ]; do (sleep 0 &); i=$((i+1)); done; \
         read end"
    );
    let init = start(exam, Place::NewNamespace).stdin(stdin);
    let run = init.command(["sh", "-c", &script]).spawn().ready();
    let mut keys = File::from(keys);
    run.send(libc::SIGSTOP);
    keys.write_all(b"go\n").expect("the shell reads");
    let zombies = || run.others().iter().filter(|one| one.state == 'Z').count();
    crate::eventually("all have died", || zombies() == MANY);
    run.send(libc::SIGCONT);
    only_the_program_is_left(&run)
}

/// Only the program is left of those that this part makes.
fn reaps_all(exam: &Exam, words: &[&str]) -> Answer {
    only_the_program_is_left(&start(exam, Place::NewNamespace).command(words).spawn().ready())
}

fn only_the_program_is_left(run: &Run) -> Answer {
    let clean = super::within_awhile(|| run.others().len() == 1);
    Answer::wrong_if(!clean, format!("{} left", run.others().len().saturating_sub(1)))
}

/// A thousand of them.
pub fn reaps_orphans(exam: &Exam) -> Answer {
    reaps_all(exam, &["probe", "orphans", "1000"])
}

/// clone(2): children whose end is told by another signal.
pub fn reaps_strange_children(exam: &Exam) -> Answer {
    reaps_all(exam, &["probe", "strange-children", "5"])
}

/// prctl(2), PR_SET_CHILD_SUBREAPER, without being asked. The orphan says who has adopted it.
pub fn adopts_where_it_is_not_pid_1(exam: &Exam) -> Answer {
    let flag = scratch().join("flag");
    let flag = flag.display();
    let orphan = format!("until [ -e {flag} ]; do sleep 0.01; done; cut -d' ' -f4 /proc/$$/stat");
    let script = format!("(sh -c \"$0\" &); touch {flag}; exec sleep 1000");
    let init = exam.init().place(Place::Here);
    let mut run = init.command(["sh", "-c", &script, &orphan]).spawn();
    let adopter = run.stdout().next_line().and_then(|line| line.parse().ok());
    Answer::wrong_if(adopter != Some(run.pid()), "not by itself")
}

/// kill(2): PID 1 is exempt.
pub fn outlives_who_kills_everybody(exam: &Exam) -> Answer {
    let script = "sleep 1000 & kill -KILL -1; exit 42";
    let init = start(exam, Place::NewNamespace);
    Answer::by_code(code(&mut init.command(["sh", "-c", script]).spawn()), 42)
}

/// It runs a program to its end.
fn runs(init: Init) -> Answer {
    Answer::by_code(code_within(&mut init.command(["sh", "-c", "exit 42"]).spawn(), AWHILE * 3), 42)
}

/// proc(5).
pub fn needs_no_proc(exam: &Exam) -> Answer {
    runs(start(exam, Place::NewNamespace).proc(Proc::None))
}

/// user_namespaces(7).
pub fn needs_no_user(exam: &Exam) -> Answer {
    runs(exam.wrapped(["unshare", "--user"]))
}
