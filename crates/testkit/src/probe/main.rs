//! `probe`: plays the main command and its children, and tells what they see, line by line.
//!
//! The lines come before a last one, `ready`, after which the part is being played. What it cannot
//! do it says and exits with 99, which no test expects.
//!
//! It has no Rust `main`: before that, std opens `/dev/null` for closed descriptors and ignores
//! SIGPIPE, and what was inherited could no longer be told.
#![no_main]

mod family;
mod orphans;
mod status;
mod storm;
mod watched;
mod zombies;

use sexton_testkit::signals;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, exit};

/// Where C would begin.
// SAFETY: no other `main` is in this program; its arguments are read by std by itself.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let words: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["status", ..] => status::tell(&mut std::io::stdout()),
        ["status-to", file, ..] => match std::fs::File::create(file) {
            Ok(mut file) => status::tell(&mut file),
            Err(error) => fail(&format!("{file}: {error}")),
        },
        ["signals", "until", signal] => return signals_until(signals::number(signal)),
        ["exit", code] => return code.parse().unwrap_or_else(|_| fail("exit what?")),
        ["die", signal] => die(signals::number(signal)),
        ["wait"] => wait(),
        ["close-stdout-and-wait"] => {
            say("ready");
            // SAFETY: nothing of ours uses it afterwards.
            unsafe { libc::close(1) };
            forever()
        }
        ["until-eof", code] => return until_eof(code.parse().unwrap_or(98)),
        ["as-user", user, rest @ ..] => as_user(user, rest),
        ["foreground-elsewhere", rest @ ..] => foreground_elsewhere(rest),
        ["nameless", program] => nameless(program),
        ["hog", megabytes] => hog(megabytes.parse().unwrap_or(0)),
        ["pending", signal, rest @ ..] => pending(signals::number(signal), rest),
        ["orphans", count] => orphans::make(count.parse().unwrap_or(0)),
        ["orphans-when-told", count] => orphans::make_when_told(count.parse().unwrap_or(0)),
        ["strange-children", count] => orphans::make_strange(count.parse().unwrap_or(0)),
        ["zombies", kind, count] => zombies::make(kind, count.parse().unwrap_or(0)),
        ["crowd", count] => zombies::crowd(count.parse().unwrap_or(0)),
        ["first-thread-ends"] => zombies::first_thread_ends(),
        ["family", rest @ ..] => family::play(rest),
        ["storm", kind, count] => storm::play(kind, count.parse().unwrap_or(0)),
        ["watched", numbers, rest @ ..] => watched::watched(numbers, rest),
        ["confined", numbers, rest @ ..] => watched::confined(numbers, rest),
        _ => fail(&format!("no such part: {words:?}")),
    }
    0
}

/// One line on stdout.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn fail(why: &str) -> ! {
    eprintln!("probe: {why}");
    exit(99)
}

/// Says each signal that arrives, up to and with `last`.
fn signals_until(last: i32) -> i32 {
    if let Err(error) = signals::set_mask(signals::ALL) {
        fail(&format!("mask: {error}"));
    }
    say("ready");
    loop {
        match signals::take(signals::ALL, None) {
            Ok(Some(arrival)) => {
                say(&format!("signal {} value {}", arrival.signal, arrival.value));
                if arrival.signal == last {
                    return 0;
                }
            }
            Ok(None) => {}
            Err(error) => fail(&format!("wait for signals: {error}")),
        }
    }
}

/// Ends by a signal, without a core file.
fn die(signal: i32) -> ! {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads a struct that lives.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    if signal < 32 {
        signals::ignore(signal, false);
    }
    let _ = signals::set_mask(0);
    let _ = signals::send(std::process::id() as i32, signal);
    fail("still alive")
}

/// Executes this program, with these arguments.
fn execute(rest: &[&str]) -> ! {
    let Some((program, words)) = rest.split_first() else { fail("execute what?") };
    let error = Command::new(program).args(words).exec();
    fail(&format!("exec: {error}"))
}

/// A program without handlers.
fn wait() -> ! {
    let _ = signals::set_mask(0);
    say("ready");
    forever()
}

fn forever() -> ! {
    loop {
        std::thread::park();
    }
}

/// Ends with `code` when its stdin does, and takes no notice of signals.
fn until_eof(code: i32) -> i32 {
    let _ = signals::set_mask(signals::ALL);
    say("ready");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    code
}

/// Becomes another user, and then plays another part.
fn as_user(user: &str, rest: &[&str]) -> ! {
    let user = user.parse().unwrap_or_else(|_| fail("no user number"));
    // SAFETY: takes a number; this process has one thread.
    if unsafe { libc::setuid(user) } < 0 {
        fail(&format!("setuid: {}", std::io::Error::last_os_error()));
    }
    let error = Command::new("/proc/self/exe").args(rest).exec();
    fail(&format!("exec: {error}"))
}

/// Executes a program without a single argument, not even its own name.
fn nameless(program: &str) -> ! {
    let Ok(path) = std::ffi::CString::new(program) else { fail("execute what?") };
    let none = [std::ptr::null()];
    // SAFETY: the path is a C string; both lists are empty, and end as they must.
    unsafe { libc::execve(path.as_ptr(), none.as_ptr(), none.as_ptr()) };
    fail(&format!("exec: {}", std::io::Error::last_os_error()))
}

/// Takes and fills so much memory, and then waits.
fn hog(megabytes: usize) -> ! {
    let _ = signals::set_mask(0);
    let mut hoard = Vec::new();
    for _ in 0..megabytes {
        hoard.push(vec![1_u8; 1 << 20]);
    }
    say(&format!("ready with {}", hoard.len()));
    forever()
}

/// Executes `rest` with a signal blocked and already waiting, as a runtime may do.
fn pending(signal: i32, rest: &[&str]) -> ! {
    let _ = signals::set_mask(signals::set_of([signal]));
    // From another process: what an init sends to itself need not be forwarded.
    let own = std::process::id() as i32;
    let sender = orphans::fork();
    if sender == 0 {
        let _ = signals::send(own, signal);
        orphans::end(0);
    }
    orphans::reap(sender);
    execute(rest)
}

/// Executes `rest` as the leader of a session in which another group has the terminal, as a shell
/// does that replaces itself while a job runs.
fn foreground_elsewhere(rest: &[&str]) -> ! {
    let child = orphans::fork();
    if child == 0 {
        let _ = signals::set_mask(0);
        forever();
    }
    signals::ignore(libc::SIGTTOU, true);
    // SAFETY: takes two numbers.
    let grouped = unsafe { libc::setpgid(child, child) };
    // SAFETY: takes two numbers.
    if grouped < 0 || unsafe { libc::tcsetpgrp(0, child) } < 0 {
        fail(&format!("tcsetpgrp: {}", std::io::Error::last_os_error()));
    }
    signals::ignore(libc::SIGTTOU, false);
    execute(rest)
}
