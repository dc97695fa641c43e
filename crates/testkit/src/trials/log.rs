//! What an init has to say is no reason not to do its work.

use super::{AWHILE, Answer, code, code_within, start, verbose};
use crate::rustix::fs::{OFlags, fcntl_setfl};
use crate::rustix::pipe::{PipeFlags, pipe_with};
use crate::{Door, Exam, Place, Stream, Whose};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::fd::OwnedFd;

/// A pipe without a reader: a write is answered with EPIPE and SIGPIPE.
fn nobodys() -> Stream {
    let (_, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
    Stream::Fd(writer)
}

const SOON_42: [&str; 3] = ["sh", "-c", "sleep 0.1; exit 42"];

/// pipe(7). The signal is the init's own doing, and was forwarded: the program died of it, or,
/// as dumb-init wrote of that too, the init never came to reap it.
pub fn survives_a_log_that_nobody_reads(exam: &Exam) -> Answer {
    let init = verbose(exam, exam.init().place(Place::Here));
    let init = init.stdout(nobodys()).stderr(nobodys());
    Answer::by_code(code(&mut init.command(SOON_42).spawn()), 42)
}

/// tini warns of its PID without being asked.
pub fn survives_a_warning_that_nobody_reads(exam: &Exam) -> Answer {
    let init = exam.init().place(Place::Here).stderr(nobodys());
    Answer::by_code(code(&mut init.command(SOON_42).spawn()), 42)
}

/// Its writing end, with not a byte of room left. The reader keeps it from being nobody's.
fn full_pipe() -> (OwnedFd, File) {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
    fcntl_setfl(&writer, OFlags::NONBLOCK).expect("flags");
    let mut writer = File::from(writer);
    while writer.write(&[b'x'; 4096]).is_ok() {}
    while writer.write(b"x").is_ok() {}
    fcntl_setfl(&writer, OFlags::empty()).expect("flags");
    (reader, writer)
}

/// Nobody reads it, and it must not be waited for.
pub fn does_not_wait_for_a_full_log(exam: &Exam) -> Answer {
    let (_reader, full) = full_pipe();
    let stream = || Stream::Fd(full.try_clone().expect("a descriptor").into());
    let init = verbose(exam, start(exam, Place::Here)).stdout(stream()).stderr(stream());
    // More than tini's own buffer holds: each orphan is worth lines of its.
    let program = ["sh", "-c", "i=0; while [ $i -lt 99 ]; do (sleep 0 &); i=$((i+1)); done"];
    Answer::by_code(code_within(&mut init.command(program).spawn(), AWHILE * 3), 0)
}

/// full(4).
pub fn survives_a_log_that_fails(exam: &Exam) -> Answer {
    let full = || -> OwnedFd {
        OpenOptions::new().write(true).open("/dev/full").expect("/dev/full").into()
    };
    let init = verbose(exam, start(exam, Place::NewNamespace));
    let init = init.stdout(Stream::Fd(full())).stderr(Stream::Fd(full()));
    Answer::by_code(code(&mut init.command(SOON_42).spawn()), 42)
}

/// A log is read while something hangs.
pub fn says_it_at_once(exam: &Exam) -> Answer {
    let init = verbose(exam, exam.init());
    let mut run = init.command(["probe", "wait"]).spawn();
    let told = match (exam.door(), exam.whose()) {
        (Door::Tini, Whose::Original) => run.stdout(),
        _ => run.stderr(),
    };
    while let Some(line) = told.line_within(AWHILE) {
        let line = line.to_lowercase();
        if line.contains("spawned") || line.contains("started") {
            return Answer::Right;
        }
    }
    Answer::Wrong("at the end".into())
}
