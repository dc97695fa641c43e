//! What the init says: it never blocks, never kills, and programs can read it.

use sexton_testkit::rustix::fs::{OFlags, fcntl_getfl};
use sexton_testkit::rustix::pipe::{PipeFlags, pipe_with};
use sexton_testkit::serde_json::{Value, from_slice};
use sexton_testkit::{Init, Stream, eventually, for_both_places, libc, scratch};
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;

/// As much to say as there can be.
const LOUD: [&str; 1] = ["-vvv"];

/// pipe(7): "If a process attempts to write to a full pipe, then write(2) blocks until sufficient
/// data has been read". Nobody reads this one.
#[test]
fn a_full_pipe_costs_the_lines_and_nothing_else() {
    for_both_places(|place| {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let capacity = sexton_testkit::rustix::pipe::fcntl_getpipe_size(&writer).expect("a size");
        let mut filler = File::from(writer.try_clone().expect("a descriptor"));
        filler.write_all(&vec![b'.'; capacity]).expect("room");
        let init = Init::new().place(place).options(LOUD).stderr(Stream::Fd(writer));
        let script = "(true &); (true &); kill -USR1 $PPID; trap 'exit 42' TERM; echo ready; \
            while :; do sleep 0.01; done";
        let script = format!("trap '' USR1; {script}");
        let mut run = init.command(["sh", "-c", &script]).spawn().ready();
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 42, "{place:?}");
        drop(reader);
    });
}

/// pipe(7): a write to a pipe without a reader makes "a SIGPIPE signal" for the writer, which is
/// the init: it is nobody else's, and must not be forwarded.
#[test]
fn a_closed_pipe_sends_the_command_no_sigpipe() {
    for_both_places(|place| {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        drop(reader);
        let init = Init::new().place(place).options(LOUD).stderr(Stream::Fd(writer));
        let mut run = init.command(["probe", "signals", "until", "64"]).spawn().ready();
        for signal in [libc::SIGUSR1, libc::SIGWINCH, libc::SIGUSR2] {
            run.send(signal);
            let line = run.stdout().next_line();
            assert_eq!(line, Some(format!("signal {signal} value 0")), "{place:?}");
        }
        run.send(64);
        let end = run.end();
        assert_eq!((end.code, end.stdout.join(",")), (0, "signal 64 value 0".into()));
    });
}

#[test]
fn a_sigpipe_from_somebody_else_is_forwarded_though_the_log_is_closed() {
    for_both_places(|place| {
        let (_, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let init = Init::new().place(place).options(LOUD).stderr(Stream::Fd(writer));
        let mut run = init.command(["probe", "signals", "until", "PIPE"]).spawn().ready();
        run.send(libc::SIGPIPE);
        let end = run.end();
        assert_eq!((end.code, end.stdout.join(",")), (0, "signal 13 value 0".into()));
    });
}

/// write(2): EBADF, and ENOSPC for /dev/full (full(4)).
#[test]
fn a_log_that_cannot_be_written_changes_nothing() {
    for_both_places(|place| {
        let full = || -> OwnedFd {
            OpenOptions::new().write(true).open("/dev/full").expect("/dev/full").into()
        };
        for stderr in [Stream::Closed, Stream::Fd(full()), Stream::Null] {
            let what = format!("{place:?} {stderr:?}");
            let init = Init::new().place(place).options(LOUD).stderr(stderr);
            let script = "(true &); exit 42";
            let mut run = init.command(["sh", "-c", script]).spawn();
            assert_eq!(run.end().code, 42, "{what}");
            let init = Init::new().place(place).options(["--bad"]).stderr(Stream::Closed);
            assert_eq!(init.command(["true"]).spawn().end().code, 125, "{what}");
        }
    });
}

/// socket(7), as systemd and inetd give it: a datagram or a stream, read, full, or nobody's.
#[test]
fn a_socket_is_a_log_like_any_other() {
    for_both_places(|place| {
        let socket = || UnixStream::pair().expect("a pair");
        let loud = |stderr: UnixStream| {
            let init = Init::new().place(place).options(LOUD).stderr(Stream::Fd(stderr.into()));
            init.command(["sh", "-c", "(true &); (true &); exit 42"]).spawn().end().code
        };
        let (mut reader, writer) = socket();
        assert_eq!(loud(writer), 42, "{place:?}");
        let mut said = String::new();
        reader.read_to_string(&mut said).expect("text");
        assert!(said.contains("sexton-init: "), "{place:?}: {said}");

        let (reader, writer) = socket();
        writer.set_nonblocking(true).expect("flags");
        while (&writer).write(&[b'.'; 4096]).is_ok() {}
        writer.set_nonblocking(false).expect("flags");
        assert_eq!(loud(writer), 42, "{place:?}: it is full");
        drop(reader);

        let (reader, writer) = socket();
        drop(reader);
        assert_eq!(loud(writer), 42, "{place:?}: nobody reads it");
    });
}

/// open(2): O_NONBLOCK belongs to the open file description, which the command has too: set for
/// our log, its own writes would fail with EAGAIN.
#[test]
fn the_commands_stderr_stays_as_it_was() {
    for_both_places(|place| {
        let (mut reader, writer) =
            pipe_with(PipeFlags::CLOEXEC).map(|(r, w)| (File::from(r), w)).expect("a pipe");
        let ours = writer.try_clone().expect("a descriptor");
        let before = fcntl_getfl(&ours).expect("flags");
        let init = Init::new().place(place).options(LOUD).stderr(Stream::Fd(writer));
        let mut run = init.command(["probe", "signals", "until", "64"]).spawn().ready();
        run.send(libc::SIGUSR1);
        assert!(run.stdout().next_line().is_some());
        assert_eq!(fcntl_getfl(&ours).expect("flags"), before, "{place:?}");
        assert!(!before.contains(OFlags::NONBLOCK));
        run.send(64);
        assert_eq!(run.end().code, 0);
        drop(ours);
        let mut said = String::new();
        reader.read_to_string(&mut said).expect("text");
        assert!(said.contains("USR1"), "{place:?}: the log was on: {said}");
    });
}

/// A run with all there is to say, and the bytes that were said.
fn said(init: Init, command: &OsStr) -> Vec<u8> {
    let (stream, pipe) = Stream::pipe().expect("a pipe");
    let script = OsStr::new("(true &); exit 3");
    let words = [command, OsStr::new("-c"), script];
    let mut run = init.stderr(stream).command(words).spawn();
    run.end();
    let mut bytes = Vec::new();
    File::from(pipe).read_to_end(&mut bytes).expect("all of it");
    bytes
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// RFC 8259. Names are foreign bytes: quotes, control characters and what is no UTF-8.
#[test]
fn every_line_of_the_json_log_is_an_object() {
    let directory = scratch();
    let names: [&[u8]; 4] = [b"plain", b"we\"ird\\", b"line\nbreak\x1b[2J\x07", b"\xff\xfe\xc3"];
    for_both_places(|place| {
        for name in names {
            let path = directory.join(OsStr::from_bytes(name));
            let _ = symlink("/bin/sh", &path);
            let init = Init::new().place(place).options(["--log", "json", "-vvvw"]);
            let bytes = said(init, path.as_os_str());
            assert!(lines(&bytes).count() >= 3, "{}", bytes.escape_ascii());
            for line in lines(&bytes) {
                let parsed: Value = from_slice(line)
                    .unwrap_or_else(|error| panic!("{error}: {}", line.escape_ascii()));
                for key in ["level", "event", "message"] {
                    assert!(parsed[key].is_string(), "no {key} in {parsed}");
                }
            }
        }
    });
}

#[test]
fn a_refusal_is_json_too_when_json_is_asked_for() {
    for_both_places(|place| {
        for option in ["--to=no\"body", "--no\x01such", "-e=\u{e4}"] {
            let init = Init::new().place(place).env("SEXTON_LOG", "json").options([option]);
            let end = init.command(["true"]).spawn().end();
            assert_eq!((end.code, end.stderr.len()), (125, 1), "{option:?} {end:?}");
            let parsed: Value = from_slice(end.stderr[0].as_bytes()).expect("JSON");
            assert_eq!(parsed["level"], "error", "{parsed}");
        }
    });
}

/// What a name contains must not move the cursor or forge a line.
#[test]
fn foreign_names_are_printable_in_the_text_log() {
    let path = scratch().join(OsStr::from_bytes(b"a\nsexton-init: forged\x1b[2J\x7f"));
    symlink("/bin/sh", &path).expect("a link");
    for_both_places(|place| {
        let bytes = said(Init::new().place(place).options(LOUD), path.as_os_str());
        assert!(lines(&bytes).count() >= 3, "{}", bytes.escape_ascii());
        for line in lines(&bytes) {
            let shown = line.escape_ascii();
            assert!(line.starts_with(b"sexton-init: ") && line.ends_with(b"\n"), "{shown}");
            assert!(!line.starts_with(b"sexton-init: forged"), "{shown}");
            let inner = &line[..line.len() - 1];
            assert!(!inner.iter().any(|byte| byte.is_ascii_control()), "{shown}");
        }
    });
}

/// pipe(7): "POSIX.1 says that writes of less than PIPE_BUF bytes must be atomic": a line is one
/// write, so that the lines of others do not mix with it.
#[test]
fn a_line_is_not_longer_than_what_is_written_at_once() {
    let long = scratch().join("x".repeat(200));
    symlink("/bin/sh", &long).expect("a link");
    for_both_places(|place| {
        for format in ["text", "json"] {
            let init = Init::new().place(place).options(["-vv", "--log", format]);
            let bytes = said(init, long.as_os_str());
            assert!(lines(&bytes).all(|line| line.len() <= 4096 && line.ends_with(b"\n")));
            let init = Init::new().place(place).options(["--log", format]);
            let end = init.command(["/no/such/".to_string() + &"y".repeat(3000)]).spawn().end();
            assert_eq!((end.code, end.stderr.len()), (127, 1), "{place:?} {format}");
        }
    });
}

/// Nobody wants a word from an init when all is well.
#[test]
fn nothing_is_said_when_nothing_is_to_be_said() {
    for_both_places(|place| {
        let init = Init::new().place(place).command(["sh", "-c", "(true &); exit 3"]);
        let end = init.spawn().end();
        assert_eq!((end.code, end.stderr), (3, vec![]), "{place:?}");
    });
}

/// The init holds no other descriptor for its log than the stderr that it was given.
#[test]
fn logging_leaves_no_descriptor_behind() {
    for_both_places(|place| {
        let init = Init::new().place(place).options(LOUD);
        let run = init.command(["probe", "wait"]).spawn().ready();
        eventually("only stderr is open", || {
            let entries = fs::read_dir(format!("/proc/{}/fd", run.pid())).expect("descriptors");
            entries.flatten().map(|entry| entry.file_name()).collect::<Vec<_>>() == ["2"]
        });
    });
}

/// setrlimit(2), RLIMIT_FSIZE: "Attempts to extend a file beyond this limit result in delivery of a
/// SIGXFSZ signal", which is the init's own and must not be forwarded.
#[test]
fn a_log_that_may_not_grow_sends_the_command_no_sigxfsz() {
    for_both_places(|place| {
        let log = scratch().join("log");
        let file = File::create(&log).expect("a file");
        let shell = ["/bin/sh", "-c", "ulimit -f 0; exec \"$0\" \"$@\""];
        let init =
            Init::wrapped(shell).place(place).options(["-v"]).stderr(Stream::Fd(file.into()));
        let end = init.command(["sleep", "0.3"]).spawn().end();
        assert_eq!(end.code, 0, "{place:?}");
    });
}
