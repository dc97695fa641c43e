//! `probe storm KIND COUNT`: more than there should be of something. It says `begun`, now and then
//! `on`, and `ready` when it is over.
//!
//! | kind | meaning |
//! |---|---|
//! | `orphans` | so many processes lose their parent and end |
//! | `signals` | the same, by one who takes no notice of signals until it is over |
//! | `tight` | as `orphans`, by one who tries again where no process is to be had |
//! | `bomb` | all that a limit of so many processes permits, who fork again and ignore TERM |
//! | `crowd` | so many children that end on TERM |
//!
//! But for `orphans` and `tight` they exit with 42 on TERM.

use super::orphans::{end, fork, reap, reap_the_dead};
use super::{fail, forever, say};
use sexton_testkit::{libc, signals};

/// Plays it.
pub fn play(kind: &str, count: u32) -> ! {
    match kind {
        "orphans" => {
            let _ = signals::set_mask(0);
            say("begun");
            orphans(count);
            say("ready");
            forever()
        }
        "signals" => {
            let _ = signals::set_mask(signals::ALL);
            say("begun");
            orphans(count);
            say("ready");
            until_term()
        }
        "tight" => {
            let _ = signals::set_mask(0);
            say("begun");
            tight(count);
            say("ready");
            forever()
        }
        "bomb" => bomb(count),
        "crowd" => {
            for _ in 0..count {
                if fork() == 0 {
                    let _ = signals::set_mask(0);
                    // SAFETY: it waits for a signal that ends it.
                    unsafe { libc::pause() };
                    end(0);
                }
            }
            let _ = signals::set_mask(signals::ALL);
            say("ready");
            until_term()
        }
        _ => fail(&format!("{kind}: no such storm")),
    }
}

fn orphans(count: u32) {
    const SOME: u32 = 5000;
    for number in 1..=count {
        let child = fork();
        if child == 0 {
            fork();
            end(0);
        }
        reap(child);
        if number % SOME == 0 {
            say("on");
        }
    }
}

/// Two processes for each: where only a few more are allowed, they are there when the zombies of
/// those before have been reaped.
fn tight(count: u32) {
    for _ in 0..count {
        let child = fork_at_last();
        if child == 0 {
            fork_at_last();
            end(0);
        }
        reap(child);
    }
}

fn fork_at_last() -> i32 {
    loop {
        // SAFETY: this process has one thread, so the child may do what it likes.
        match unsafe { libc::fork() } {
            -1 => std::thread::yield_now(),
            pid => return pid,
        }
    }
}

/// Ends with 42 on the first TERM; whatever else waits is not looked at.
fn until_term() -> ! {
    loop {
        match signals::take(signals::set_of([libc::SIGTERM, libc::SIGCHLD]), None) {
            Ok(Some(arrival)) if arrival.signal == libc::SIGTERM => end(42),
            _ => reap_the_dead(),
        }
    }
}

fn bomb(limit: u32) -> ! {
    let _ = signals::set_mask(signals::ALL);
    if fork() == 0 {
        let limit = libc::rlimit { rlim_cur: limit.into(), rlim_max: limit.into() };
        // The user is nobody else's, and its processes are counted alone.
        const USER: u32 = 54_321;
        // SAFETY: reads a struct that lives.
        let limited = unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const limit) };
        // SAFETY: takes a number; this process has one thread.
        if limited < 0 || unsafe { libc::setuid(USER) } < 0 {
            fail(&format!("no limit: {}", std::io::Error::last_os_error()));
        }
        loop {
            // SAFETY: this process has one thread, and the child goes on as we do.
            if unsafe { libc::fork() } < 0 {
                reap_the_dead();
                std::thread::yield_now();
            }
        }
    }
    say("begun");
    until_term()
}
