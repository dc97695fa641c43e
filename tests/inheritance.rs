//! What the command inherits is what the init was given, byte for byte; and what the init itself
//! lets go of once the command runs.

use sexton_testkit::rustix::pipe::{PipeFlags, pipe_with};
use sexton_testkit::signals::{ALL, set_of};
use sexton_testkit::{Init, Stream, View, eventually, for_both_places, libc, scratch};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

fn status_of(init: Init) -> View {
    let mut run = init.command(["probe", "status"]).spawn();
    let view = run.view();
    assert_eq!(run.end().code, 0);
    view
}

/// KILL and STOP cannot be blocked; the kernel takes them out of every mask.
const BLOCKABLE: u64 = ALL & !(1 << (libc::SIGKILL - 1)) & !(1 << (libc::SIGSTOP - 1));

/// execve(2): "The signal mask is preserved", and fork(2) copies it.
#[test]
fn the_mask_is_the_one_that_the_init_was_given() {
    let all: Vec<i32> = (1..=64).collect();
    let masks: [&[i32]; 5] = [&[], &[10], &[15, 17], &[20, 21, 22, 32, 33, 64], &all];
    for_both_places(|place| {
        for blocked in masks {
            let view = status_of(Init::new().place(place).blocked(blocked));
            let expected = set_of(blocked.iter().copied()) & BLOCKABLE;
            assert_eq!(view.set("SigBlk"), expected, "{place:?} {blocked:?}");
        }
    });
}

/// signal(7): "the dispositions of ignored signals are left unchanged" by execve(2), as nohup(1)
/// relies on. SIGCHLD is the one that an init has to change for itself.
#[test]
fn ignored_signals_stay_ignored_and_no_others() {
    let catchable: Vec<i32> = (1..=64).filter(|signal| ![9, 19].contains(signal)).collect();
    let sets: [&[i32]; 6] = [&[], &[1], &[13], &[17], &[1, 2, 3, 13, 15, 17, 20, 32], &catchable];
    for_both_places(|place| {
        for ignored in sets {
            let view = status_of(Init::new().place(place).ignored(ignored));
            let expected = set_of(ignored.iter().copied());
            assert_eq!(view.set("SigIgn"), expected, "{place:?} {ignored:?}");
            assert_eq!(view.set("SigCgt"), 0, "{place:?} {ignored:?}");
        }
    });
}

/// waitpid(2): with SIGCHLD ignored, children "do not become zombies and a call to wait will block
/// until all children have terminated, and then fail": the status would be lost.
#[test]
fn the_status_is_known_though_sigchld_was_ignored() {
    for_both_places(|place| {
        let init = Init::new().place(place).ignored(&[17]).command(["probe", "exit", "42"]);
        assert_eq!(init.spawn().end().code, 42, "{place:?}");
    });
}

/// execve(2): arguments are strings of any bytes but NUL.
#[test]
fn arguments_are_passed_on_byte_for_byte() {
    let long = vec![b'x'; 100_000];
    let words: [&[u8]; 8] = [b"", b"-g", b"--", b"\xff\xfe\x80", b"a b\n\t", b"--help", &long, b""];
    for_both_places(|place| {
        let mut command = vec![OsString::from("probe"), OsString::from("status")];
        command.extend(words.iter().map(|word| OsStr::from_bytes(word).to_owned()));
        let mut run = Init::new().place(place).command(command).spawn();
        let seen = run.view().bytes("arg");
        assert_eq!(&seen[2..], words, "{place:?}");
    });
}

/// environ(7). Order, duplicates and what is no NAME=value: the init passes on what it got.
#[test]
fn the_environment_is_passed_on_byte_for_byte() {
    for_both_places(|place| {
        let odd = OsString::from_vec(b"\xff=\xfe=".to_vec());
        let init = Init::new().place(place).env_clear().env("ODD", odd).env("EMPTY", "");
        let init = init.env("SEXTON_VERBOSE", "0").env("SEXTON_PORT", "tcp://10.0.0.1");
        let mut run = init.command(["probe", "close-stdout-and-wait"]).spawn().ready();
        let given = fs::read(format!("/proc/{}/environ", run.pid())).expect("the init's");
        let child = run.others()[0].pid;
        let got = fs::read(format!("/proc/{child}/environ")).expect("the command's");
        assert!(given.len() > 50, "{place:?} {given:?}");
        assert_eq!(got, given, "{place:?}");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 143);
    });
}

/// Nothing of ours may sit at a number that was free: the first open(2) takes the lowest.
#[test]
fn standard_streams_are_open_or_closed_as_they_were_given() {
    for_both_places(|place| {
        for open in 0..8_u32 {
            let file = scratch().join("status");
            let stream = |number: u32| match open & (1 << number) {
                0 => Stream::Closed,
                _ => Stream::Null,
            };
            let init = Init::new().place(place).stdin(stream(0)).stdout(stream(1));
            let init = init.stderr(stream(2));
            let words = [OsStr::new("probe"), OsStr::new("status-to"), file.as_os_str()];
            let mut run = init.command(words).spawn();
            assert_eq!(run.end().code, 0, "{place:?} {open:03b}");
            let lines = fs::read_to_string(&file).expect("a report");
            let view = View::of(lines.lines());
            // The report itself has the lowest number that was free.
            let report = (0..).find(|number| open & 1 << number == 0 || *number > 2);
            let mut expected: Vec<u32> = (0..3).filter(|number| open & 1 << number != 0).collect();
            expected.extend(report);
            expected.sort_unstable();
            let numbers: Vec<u32> = view.descriptors().iter().map(|fd| *fd as u32).collect();
            assert_eq!(numbers, expected, "{place:?} {open:03b}\n{lines}");
        }
    });
}

/// execve(2): "By default, file descriptors remain open across an execve()". Socket activation
/// and make's job server count on it.
#[test]
fn further_descriptors_are_passed_on_at_their_numbers() {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let init = Init::new().place(place).pass_fd(null(), 3).pass_fd(null(), 7);
        let view = status_of(init.pass_fd(null(), 100));
        assert_eq!(view.descriptors(), [0, 1, 2, 3, 7, 100], "{place:?}");
    });
}

#[test]
fn the_working_directory_is_kept() {
    for_both_places(|place| {
        let directory = scratch();
        let view = status_of(Init::new().place(place).current_dir(&directory));
        assert_eq!(view.bytes("cwd"), [directory.as_os_str().as_bytes()], "{place:?}");
    });
}

/// umount(2) answers EBUSY while somebody works in the file system, and a pipe has no end while
/// somebody could still write to it.
#[test]
fn the_init_lets_go_of_all_but_its_stderr() {
    for_both_places(|place| {
        let null = || File::open("/dev/null").expect("/dev/null").into();
        let init = Init::new().place(place).current_dir(scratch()).pass_fd(null(), 5);
        let run = init.pass_fd(null(), 700).command(["probe", "wait"]).spawn().ready();
        let proc = format!("/proc/{}", run.pid());
        let open = || -> Vec<_> {
            let entries = fs::read_dir(format!("{proc}/fd")).expect("its descriptors");
            entries.flatten().map(|entry| entry.file_name()).collect()
        };
        eventually("only stderr is open", || open() == ["2"]);
        eventually("it is at the root", || {
            fs::read_link(format!("{proc}/cwd")).is_ok_and(|cwd| cwd == OsStr::new("/"))
        });
        assert_eq!(threads(&proc), 1, "{place:?}");
    });

    fn threads(proc: &str) -> usize {
        fs::read_dir(format!("{proc}/task")).expect("its threads").count()
    }
}

#[test]
fn a_pipe_ends_when_the_command_closes_its_end() {
    for_both_places(|place| {
        let mut run =
            Init::new().place(place).command(["probe", "close-stdout-and-wait"]).spawn().ready();
        assert_eq!(run.stdout().next_line(), None, "{place:?}");
        assert_eq!(run.try_wait().expect("our child"), None, "{place:?}");
    });
}

/// The init reads nothing from stdin: all of it is the command's.
#[test]
fn stdin_is_the_commands_alone() {
    for_both_places(|place| {
        let (stream, keys) = Stream::pipe_in().expect("a pipe");
        let mut run = Init::new().place(place).stdin(stream).command(["cat"]).spawn();
        File::from(keys).write_all(b"to the command\n").expect("cat reads");
        let end = run.end();
        assert_eq!((end.code, end.stdout), (0, vec!["to the command".to_string()]), "{place:?}");
    });
}

/// pipe(7): a write fails with EPIPE once no reader is left. The init must not be a reader.
#[test]
fn the_writer_to_a_closed_stdin_is_told() {
    for_both_places(|place| {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let init = Init::new().place(place).stdin(Stream::Fd(reader));
        let run = init.command(["sh", "-c", "exec <&-; echo ready; exec sleep 1000"]);
        let _run = run.spawn().ready();
        let mut writer = File::from(writer);
        eventually("EPIPE", || writer.write(b"x").is_err());
    });
}

/// The main command is the leader of a group of its own where there is no terminal, so that
/// `--to group` reaches it and its workers alone.
#[test]
fn without_a_terminal_the_command_leads_a_group() {
    for_both_places(|place| {
        let mut run = Init::new().place(place).command(["probe", "status"]).spawn();
        let view = run.view();
        assert_eq!(view.number("pgrp"), view.number("pid"), "{place:?}");
        assert_eq!(view.number("tty"), 0, "{place:?}");
        assert_eq!(run.end().code, 0);
    });
}
