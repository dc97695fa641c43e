//! Limits at their lowest, arguments at their largest, signals set against us.

use crate::{LISTENER, by_every_name, by_every_name_in, does_its_work};
use sexton_testkit::{Init, init_path, libc, namespaces, probe_path, program};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

#[test]
fn an_empty_environment_is_enough() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| does_its_work(name, init.env_clear()));
}

/// execve(2): the arguments may take a quarter of the stack's limit, 2 MiB of the usual 8; one of
/// them 128 KiB. None has to be text.
#[test]
fn two_mebibytes_of_arguments_arrive_byte_for_byte() {
    if !namespaces() {
        return;
    }
    by_every_name(|name, init| {
        let word = |byte: u8| vec![byte; 120_000];
        let words: Vec<Vec<u8>> = (0..17).map(|number| word(0xf0 + number % 16)).collect();
        let mut command = vec![OsString::from("probe"), OsString::from("status")];
        command.extend(words.iter().map(|word| OsStr::from_bytes(word).to_owned()));
        let mut run = init.env_clear().command(command).spawn();
        assert_eq!(&run.view().bytes("arg")[2..], words, "{name}");
        assert_eq!(run.end().code, 0, "{name}");
    });
}

/// The init needs no descriptor, no heap and little stack. The command is the init again, the one
/// program that can live with as little.
#[test]
fn limits_at_their_lowest_leave_enough() {
    if !namespaces() || !program("prlimit") {
        return;
    }
    let limits = [
        "prlimit",
        "--nofile=0",
        "--as=1048576",
        "--data=0",
        "--stack=65536",
        "--sigpending=0",
        "--fsize=0",
        "--memlock=0",
        "--core=0",
        "--msgqueue=0",
        "--nice=0",
        "--rtprio=0",
        "--locks=0",
        "--rss=0",
    ];
    let ours = init_path().to_str().expect("text");
    by_every_name_in(&limits, |name, init| {
        let end = init.command([ours, "--version"]).spawn().end();
        assert_eq!(end.code, 0, "{name}: {end:?}");
        assert!(end.stdout.concat().contains("sexton"), "{name}: {end:?}");
    });
}

/// What `cargo xtask size` says of the stack, on the deepest way it knows: a long path to nothing,
/// and a line that says so. Beside it there are the path itself and less than a page of the rest.
#[test]
fn the_stack_that_the_release_gate_allows_is_enough() {
    if !namespaces() || !program("prlimit") {
        return;
    }
    let missing = format!("/missing/{}", "a/".repeat(1900));
    let goes = |stack: u32| {
        let limit = format!("--stack={stack}");
        let init = Init::wrapped(["prlimit", &limit]).env_clear();
        init.options(["-vvvv", "--log", "json"]).command([&missing]).spawn().end()
    };
    let end = goes(36_864 + 2 * 4096);
    assert_eq!(end.code, 127, "{end:?}");
    assert!(end.stderr.concat().contains("/missing/a/a/a"), "{end:?}");
    let end = goes(3 * 4096);
    assert_ne!(end.code, 127, "the limit is none: {end:?}");
}

/// getrlimit(2), RLIMIT_SIGPENDING: kill(2) works without the queue.
#[test]
fn signals_are_forwarded_though_no_queue_is_allowed() {
    if !namespaces() || !program("prlimit") {
        return;
    }
    by_every_name_in(&["prlimit", "--sigpending=0"], does_its_work);
}

/// Blocked and ignored signals survive execve(2).
#[test]
fn signals_blocked_or_ignored_on_entry_are_heard_all_the_same() {
    if !namespaces() {
        return;
    }
    let all: Vec<i32> = (1..=64).filter(|&n| n != libc::SIGKILL && n != libc::SIGSTOP).collect();
    by_every_name(|name, init| does_its_work(name, init.blocked(&all)));
    by_every_name(|name, init| does_its_work(name, init.ignored(&all)));
    by_every_name(|name, init| {
        let end = init.blocked(&all).ignored(&all).command(["probe", "exit", "42"]).spawn().end();
        assert_eq!(end.code, 42, "{name}");
    });
}

/// The init's own limits can be lowered by its own command (prlimit(2)), which changes nothing.
#[test]
fn limits_lowered_on_the_way_change_nothing() {
    if !namespaces() || !program("prlimit") {
        return;
    }
    by_every_name(|name, init| {
        let mut run = init.command(LISTENER).spawn().ready();
        let pid = run.pid().to_string();
        let lower = ["--pid", &pid, "--nofile=0", "--as=1", "--stack=1", "--sigpending=0"];
        let lowered = std::process::Command::new("prlimit").args(lower).status();
        assert!(lowered.is_ok_and(|status| status.success()), "prlimit(1)");
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 0, "{name}");
    });
}

/// seccomp(2): a profile that kills for any call but those that docs/reliability.md lists, which
/// would end PID 1 also where a refusal would not. The command makes no others either: it is the
/// init again.
#[test]
fn the_calls_that_are_listed_are_all_that_are_made() {
    if cfg!(not(target_arch = "x86_64")) || !namespaces() {
        return; // The numbers are those of x86_64.
    }
    const NUMBERS: &str = include_str!("../../src/init/sys/x86_64.rs");
    const PAGE: &str = include_str!("../../docs/reliability.md");
    let calls = NUMBERS.lines().filter_map(|line| {
        let (name, number) = line.strip_prefix("    pub const ")?.split_once(": usize = ")?;
        Some((name.to_lowercase(), number.strip_suffix(';')?))
    });
    let (names, numbers): (Vec<_>, Vec<_>) = calls.unzip();
    for name in &names {
        assert!(PAGE.contains(&format!("`{name}`")), "{name} is not listed");
    }
    let probe = probe_path().to_str().expect("text");
    by_every_name_in(&[probe, "confined", &numbers.join(",")], |name, init| {
        let ours = init_path().to_str().expect("text");
        let end = init.env("SEXTON_VERBOSE", "3").command([ours, "--version"]).spawn().end();
        assert_eq!(end.code, 0, "{name}: {end:?}");
    });
    // The profile has teeth: getuid(2) is not among them.
    let end = Init::wrapped([probe, "confined", &numbers.join(",")]).command(["id"]).spawn().end();
    assert_eq!(end.code, 128 + libc::SIGSYS, "{end:?}");
}
