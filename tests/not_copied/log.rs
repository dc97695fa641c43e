//! What an init has to say is no reason not to do its work.

use crate::{ALL, AWHILE, TINI, code, judge, start, verbose};
use sexton_testkit::rustix::fs::{OFlags, fcntl_setfl};
use sexton_testkit::rustix::pipe::{PipeFlags, pipe_with};
use sexton_testkit::{Door, Place, Stream, Whose};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

/// A pipe without a reader: a write is answered with EPIPE and SIGPIPE.
fn nobodys() -> Stream {
    let (_, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
    Stream::Fd(writer)
}

/// pipe(7). The signal is the init's own doing, and was forwarded: the program died of it, or,
/// as dumb-init wrote of that too, the init never came to reap it.
#[test]
fn a_log_that_nobody_reads_is_no_signal_for_the_program() {
    judge(ALL, |exam| {
        let init = verbose(exam, exam.init().place(Place::Here));
        let init = init.stdout(nobodys()).stderr(nobodys());
        code(&mut init.command(["sh", "-c", "sleep 0.1; exit 42"]).spawn()) != Some(42)
    });
}

/// tini warns of its PID without being asked.
#[test]
fn a_warning_that_nobody_reads_is_none_either() {
    judge(TINI, |exam| {
        let init = exam.init().place(Place::Here).stderr(nobodys());
        code(&mut init.command(["sh", "-c", "sleep 0.1; exit 42"]).spawn()) != Some(42)
    });
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

#[test]
fn a_log_that_is_full_is_not_waited_for() {
    judge(ALL, |exam| {
        let (_reader, full) = full_pipe();
        let stream = || Stream::Fd(full.try_clone().expect("a descriptor").into());
        let init = verbose(exam, start(exam, Place::Here)).stdout(stream()).stderr(stream());
        // More than tini's own buffer holds: each orphan is worth lines of its.
        let program = ["sh", "-c", "i=0; while [ $i -lt 99 ]; do (sleep 0 &); i=$((i+1)); done"];
        let mut run = init.command(program).spawn();
        let deadline = std::time::Instant::now() + AWHILE * 3;
        while run.try_wait().expect("our child").is_none() {
            if std::time::Instant::now() > deadline {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        false
    });
}

#[test]
fn a_line_can_be_read_when_it_has_been_written() {
    judge(TINI, |exam| {
        let init = verbose(exam, exam.init());
        let mut run = init.command(["probe", "wait"]).spawn();
        let told = match (exam.door(), exam.whose()) {
            (Door::Tini, Whose::Original) => run.stdout(),
            _ => run.stderr(),
        };
        while let Some(line) = told.line_within(AWHILE) {
            if line.to_lowercase().contains("spawned") {
                return false;
            }
        }
        true
    });
}
