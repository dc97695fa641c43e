//! What the program is given, and what the init keeps.

use super::{Answer, code, start, within_awhile};
use crate::signals::set_of;
use crate::{Exam, Place, Stream, init_path, questions, scratch};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// As nohup(1) relies on.
pub fn keeps_masks_and_ignores(exam: &Exam) -> Answer {
    let init = start(exam, Place::Here).blocked(&[10, 15, 21]).ignored(&[1]);
    let mut run = init.command(["probe", "status"]).spawn();
    let view = run.view();
    let blocked = view.set("SigBlk") & set_of([10, 15, 21]) == set_of([10, 15, 21]);
    Answer::wrong_if(!(blocked && view.set("SigIgn") == set_of([1])), "resets them")
}

/// signal(7): the mask is inherited.
pub fn blocks_nothing_more(exam: &Exam) -> Answer {
    let mut run = start(exam, Place::Here).command(["probe", "status"]).spawn();
    let blocked = run.view().set("SigBlk");
    let numbers = crate::ranges((1..=64).filter(|n| blocked >> (n - 1) & 1 == 1));
    Answer::wrong_if(blocked != 0, format!("blocks {numbers}"))
}

/// waitpid(2): with SIGCHLD ignored there are no zombies to be waited for, and no statuses.
pub fn sees_the_end_though_sigchld_was_ignored(exam: &Exam) -> Answer {
    let init = start(exam, Place::Here).ignored(&[17]);
    let mut run = init.command(["probe", "exit", "42"]).spawn();
    crate::eventually("the program is gone", || run.others().is_empty());
    Answer::by_code(code(&mut run), 42)
}

/// There is no terminal to be handed over.
pub fn runs_with_stdin_closed(exam: &Exam) -> Answer {
    let init = start(exam, Place::Here).stdin(Stream::Closed);
    Answer::by_code(code(&mut init.command(["probe", "exit", "42"]).spawn()), 42)
}

/// pipe(7): a pipe has its end when the last writer has closed it.
pub fn lets_go_of_stdout(exam: &Exam) -> Answer {
    let init = start(exam, Place::Here);
    let run = init.command(["probe", "close-stdout-and-wait"]).spawn().ready();
    let closed = || !questions::holds(run.pid()).0.contains(&1);
    Answer::wrong_if(!within_awhile(closed), "holds it")
}

/// The same of any other descriptor.
pub fn lets_go_of_descriptors(exam: &Exam) -> Answer {
    let null = File::open("/dev/null").expect("/dev/null").into();
    let init = start(exam, Place::Here).pass_fd(null, 7);
    let run = init.command(["probe", "wait"]).spawn().ready();
    let closed = || !questions::holds(run.pid()).0.contains(&7);
    Answer::wrong_if(!within_awhile(closed), "holds them")
}

/// umount(2), EBUSY.
pub fn leaves_the_working_directory(exam: &Exam) -> Answer {
    let init = start(exam, Place::Here).current_dir(scratch());
    let run = init.command(["probe", "wait"]).spawn().ready();
    let left = || questions::holds(run.pid()).1 == Path::new("/");
    Answer::wrong_if(!within_awhile(left), "stays in it")
}

/// execve(2): strings of any bytes but NUL.
pub fn passes_bytes_on(exam: &Exam) -> Answer {
    let long = vec![b'x'; 100_000];
    let words: [&[u8]; 6] = [b"", b"-g", b"\xff\xfe\x80", b"a b\n\t", &long, b""];
    let mut command = vec![OsString::from("probe"), OsString::from("status")];
    command.extend(words.iter().map(|word| OsStr::from_bytes(word).to_owned()));
    let mut run = start(exam, Place::NewNamespace).command(command).spawn();
    Answer::wrong_if(run.view().bytes("arg")[2..] != words, "changes them")
}

/// ld.so(8). The dynamic loader of the init itself complains of what is missing.
pub fn loads_no_foreign_code(exam: &Exam) -> Answer {
    let ours = init_path().to_str().expect("text");
    let init = start(exam, Place::NewNamespace).env("LD_PRELOAD", "/no/such/library.so");
    let end = init.command([ours, "--version"]).spawn().end();
    let tried = end.stderr.iter().any(|line| line.contains("LD_PRELOAD"));
    Answer::wrong_if(tried, "LD_PRELOAD")
}
