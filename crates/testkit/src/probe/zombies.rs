//! `probe zombies KIND N`: processes that end and are not waited for, each in its own way; and
//! `probe crowd N`: processes that live.
//!
//! | kind | the zombies are |
//! |---|---|
//! | `own` | children of the part's own |
//! | `executed` | children of the part's own that executed another program (`true`) |
//! | `stray` | orphans whose parent had a session of its own, as a daemon has |
//! | `overtaken` | orphans that were adopted after a younger child was born |
//! | `threads` | children of threads that have ended; another thread lives |
//! | `below` | children of a child that lives |
//! | `subreaper` | orphans that a subreaper below adopted |
//! | `traced` | children held by a tracer, another child, that has not taken their end |
//! | `named` | children whose name has a line end, a parenthesis and a byte that is no text |

use super::orphans::{end, fork, reap};
use super::{fail, forever, say};
use sexton_testkit::signals;
use std::ffi::CStr;
use std::io::{Read, Write, pipe};

/// Makes them, says `ready`, and lives on.
pub fn make(kind: &str, count: u32) -> ! {
    let _ = signals::set_mask(0);
    match kind {
        "own" => (0..count).for_each(|_| born(|| {})),
        "executed" => (0..count).for_each(|_| born(|| execute(c"/bin/true"))),
        "named" => (0..count).for_each(|_| born(|| take_name(b"a)\n\xff("))),
        "stray" => strays(count),
        "overtaken" => (0..count).for_each(|_| overtaken()),
        "threads" => threads(count),
        "traced" => traced(count),
        "below" => below(|| (0..count).for_each(|_| born(|| {}))),
        "subreaper" => below(|| {
            // SAFETY: takes numbers.
            unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
            strays(count);
        }),
        _ => fail(&format!("no such zombies: {kind}")),
    }
    say("ready");
    forever()
}

/// Many that live.
pub fn crowd(count: u32) -> ! {
    let _ = signals::set_mask(0);
    for _ in 0..count {
        if fork() == 0 {
            forever();
        }
    }
    say("ready");
    forever()
}

/// The first thread ends, another lives: the process is no zombie, and looks like one.
pub fn first_thread_ends() -> ! {
    let _ = signals::set_mask(0);
    std::thread::spawn(|| {
        say("ready");
        forever()
    });
    // SAFETY: ends this thread alone. What is on its stack is never used again.
    unsafe { libc::syscall(libc::SYS_exit, 0) };
    forever()
}

fn born(last: impl FnOnce()) {
    if fork() == 0 {
        last();
        end(0);
    }
}

fn execute(program: &CStr) {
    let arguments = [program.as_ptr(), std::ptr::null()];
    // SAFETY: the string and the array live, and the array ends with null.
    unsafe { libc::execv(program.as_ptr(), arguments.as_ptr()) };
}

fn take_name(name: &[u8]) {
    let _ = std::fs::write("/proc/self/comm", name);
}

/// Their parent makes a session of its own, starts them, and ends.
fn strays(count: u32) {
    let parent = fork();
    if parent == 0 {
        // SAFETY: takes nothing.
        unsafe { libc::setsid() };
        (0..count).for_each(|_| born(|| {}));
        end(0);
    }
    reap(parent);
}

/// Older than a sibling that came before it: born first, adopted later.
fn overtaken() {
    let (Ok((mut born_end, born_tell)), Ok((mut live, mut leave))) = (pipe(), pipe()) else {
        fail("no pipe")
    };
    let middle = fork();
    if middle == 0 {
        if fork() == 0 {
            drop(born_tell);
            let _ = live.read(&mut [0]);
            end(0);
        }
        drop(born_tell);
        let _ = live.read(&mut [0]);
        end(0);
    }
    drop(born_tell);
    let _ = born_end.read(&mut [0]); // Both have closed it: the orphan-to-be is born.
    born(|| forever());
    // The middle one ends before, after or with its child: in any case that comes to us later.
    let _ = leave.write_all(b"ab");
    reap(middle);
}

/// Their thread ends, and they become another thread's children: no orphans. By then that one has a
/// younger child.
fn threads(count: u32) {
    std::thread::spawn(|| forever());
    let (Ok((mut live, mut leave)), Ok((mut hear, mut tell))) = (pipe(), pipe()) else {
        fail("no pipe")
    };
    let (born_tell, born_hear) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        for _ in 0..count {
            if fork() == 0 {
                let _ = live.read(&mut [0]);
                end(0);
            }
        }
        let _ = born_tell.send(());
        let _ = hear.read(&mut [0]);
    });
    let _ = born_hear.recv();
    born(|| forever());
    let _ = tell.write_all(b"a");
    let _ = thread.join();
    let _ = leave.write_all(&vec![b'a'; count as usize]);
}

/// A child that another child traces. Killed, it waits for its tracer.
fn traced(count: u32) {
    let mut children = Vec::new();
    for _ in 0..count {
        let child = fork();
        if child == 0 {
            forever();
        }
        children.push(child);
    }
    let tracees = children.clone();
    below(|| {
        for tracee in tracees {
            let (nothing, options) = (std::ptr::null_mut::<u8>(), std::ptr::null_mut::<u8>());
            // SAFETY: no memory of ours is read or written: both pointers are null.
            if unsafe { libc::ptrace(libc::PTRACE_SEIZE, tracee, nothing, options) } < 0 {
                fail(&format!("ptrace: {}", std::io::Error::last_os_error()));
            }
        }
    });
    for child in children {
        let _ = signals::send(child, libc::SIGKILL);
    }
}

/// In a child that lives on.
fn below(make: impl FnOnce()) {
    let Ok((mut hear, tell)) = pipe() else { fail("no pipe") };
    if fork() == 0 {
        make();
        drop(tell);
        forever();
    }
    drop(tell);
    let _ = hear.read(&mut [0]);
}
