//! Standard streams that are closed, slow, or a terminal that has hung up.

use crate::{by_every_name, does_its_work};
use sexton_testkit::rustix::fs::{Mode, OFlags, open};
use sexton_testkit::{Init, Pty, Stream, libc, namespaces, scratch};
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What is closed stays closed for the command, and what is open is what it was.
#[test]
fn streams_closed_in_every_combination_are_the_commands_as_they_are() {
    if !namespaces() {
        return;
    }
    for closed in 0..8u32 {
        by_every_name(|name, mut init| {
            let is_closed = |fd: u32| closed >> fd & 1 == 1;
            let file = scratch().join("status");
            if is_closed(0) {
                init = init.stdin(Stream::Closed);
            }
            if is_closed(1) {
                init = init.stdout(Stream::Closed);
            }
            if is_closed(2) {
                init = init.stderr(Stream::Closed);
            }
            let words = ["probe", "status-to", file.to_str().expect("text")];
            let end = init.command(words).spawn().end();
            assert_eq!(end.code, 0, "{name}, closed {closed:03b}: {end:?}");
            let status = fs::read_to_string(&file).expect("the probe's");
            let open: Vec<u32> = (0..3).filter(|&fd| !is_closed(fd)).collect();
            let seen = sexton_testkit::View::of(status.lines()).descriptors();
            // The probe's own file and directory come besides, on the free numbers.
            assert!(open.iter().all(|&fd| seen.contains(&(fd as i32))), "{name} {closed} {seen:?}");
            assert!(seen.len() <= open.len() + 2, "{name}, closed {closed:03b}: {seen:?}");
        });
    }
}

/// A reader that takes a byte now and then. The lines that do not fit are lost, and nothing waits.
#[test]
fn a_slow_reader_of_the_log_slows_nothing() {
    if !namespaces() {
        return;
    }
    let (stream, pipe) = Stream::pipe().expect("a pipe");
    let mut pipe = File::from(pipe);
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let reader = std::thread::spawn(move || {
        let mut byte = [0];
        while !is_over.load(Ordering::Relaxed) && pipe.read(&mut byte).is_ok_and(|n| n > 0) {
            std::thread::sleep(Duration::from_micros(200));
        }
    });
    let init = Init::new().options(["-vvv"]).stderr(stream);
    let mut run = init.command(["probe", "signals", "until", "TERM"]).spawn().ready();
    for _ in 0..500 {
        run.send(libc::SIGUSR1);
        assert_eq!(run.stdout().next_line().as_deref(), Some("signal 10 value 0"));
    }
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 0);
    // What is still in the pipe would take it long.
    over.store(true, Ordering::Relaxed);
    drop(run);
    reader.join().expect("the reader");
}

/// pty(7): writes to the side whose other one is gone fail with EIO.
#[test]
fn a_terminal_that_hung_up_is_a_log_like_any_other() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| {
        let pty = Pty::new();
        let dead = pty.user();
        drop(pty);
        let stdin = dead.try_clone().expect("a descriptor");
        let init = init.env("SEXTON_VERBOSE", "3");
        does_its_work(name, init.stdin(Stream::Fd(stdin)).stderr(Stream::Fd(dead)));
    });
}

/// The reader of a FIFO may come and go.
#[test]
fn a_log_without_a_reader_at_first_is_no_reason_to_wait() {
    if !namespaces() {
        return;
    }
    let path = scratch().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo(1)");
    // Both ways, so that the open does not wait; nobody ever reads.
    let fifo: OwnedFd = open(&path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).expect("fifo");
    does_its_work("sexton-init", Init::new().options(["-vvv"]).stderr(Stream::Fd(fifo)));
}
