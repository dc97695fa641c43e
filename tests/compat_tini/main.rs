//! tini 0.19.0, asked what it does, and ours under its name. `TINI_UNDER_TEST` names the program;
//! without it ours sits the exam.

mod environment;
mod exit_status;
mod inheritance;
mod messages;
mod options;
mod reaping;
mod signals;
mod terminal;

use sexton_testkit::{Door, End, Exam, Init, Lines, Place, Run};

fn exam() -> Exam {
    Door::Tini.under_test()
}

/// With what it needs not to say that it is not PID 1.
fn quiet(place: Place) -> Init {
    let init = exam().init().place(place);
    match place {
        Place::NewNamespace => init,
        Place::Here => init.options(["-s"]),
    }
}

/// What is said of what happens, but for warnings and errors: on stdout by theirs.
fn log_of(end: &End) -> Vec<String> {
    exam().deviates("log-stream", &end.stdout, &end.stderr).clone()
}

fn log(run: &mut Run) -> &mut Lines {
    match exam().deviates("log-stream", 1, 2) {
        1 => run.stdout(),
        _ => run.stderr(),
    }
}

fn end_of<const N: usize>(init: Init, command: [&str; N]) -> End {
    init.command(command).spawn().end()
}
