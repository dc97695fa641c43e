//! `probe orphans` and `probe strange-children`: children whose parent does not wait for them.

use super::{fail, forever, say};
use sexton_testkit::signals;
use std::io::{Read, Write, pipe};

/// Forks; the child gets 0.
pub fn fork() -> i32 {
    // SAFETY: this process has one thread, so the child may do what it likes.
    match unsafe { libc::fork() } {
        -1 => fail(&format!("fork: {}", std::io::Error::last_os_error())),
        pid => pid,
    }
}

/// Ends at once, without what std does at an exit.
pub fn end(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// Waits for a child of one's own.
pub fn reap(pid: i32) {
    // SAFETY: no status is asked for.
    unsafe { libc::waitpid(pid, std::ptr::null_mut(), 0) };
}

/// Waits for all children that have ended, and for no other.
pub fn reap_the_dead() {
    // SAFETY: no status is asked for.
    while unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } > 0 {}
}

/// Double forks: each grandchild loses its parent and ends.
pub fn make(count: u32) -> ! {
    let _ = signals::set_mask(0);
    for _ in 0..count {
        let child = fork();
        if child == 0 {
            if fork() == 0 {
                end(0);
            }
            end(0);
        }
        reap(child);
    }
    say("ready");
    forever()
}

/// The same after a byte on stdin, one orphan after another: the next is made when the init has
/// reaped the one before. So every init has the same work, however the scheduler mixes it with
/// ours. From a session of its own, as each session gets its share of the processor (sched(7),
/// "The autogroup feature"), and one init starts one for its command where another does not.
pub fn make_when_told(count: u32) -> ! {
    let _ = signals::set_mask(0);
    let _ = std::io::stdin().read_exact(&mut [0]);
    let maker = fork();
    if maker == 0 {
        // SAFETY: takes nothing.
        unsafe { libc::setsid() };
        for _ in 0..count {
            until_gone(orphan());
        }
        end(0);
    }
    reap(maker);
    say("ready");
    forever()
}

/// Double forks, and says who the grandchild is.
fn orphan() -> i32 {
    let Ok((mut hear, mut tell)) = pipe() else { fail("no pipe") };
    let child = fork();
    if child == 0 {
        let orphan = fork();
        if orphan != 0 {
            let _ = tell.write_all(&orphan.to_ne_bytes());
        }
        end(0);
    }
    reap(child);
    let mut orphan = [0; 4];
    match hear.read_exact(&mut orphan) {
        Ok(()) => i32::from_ne_bytes(orphan),
        Err(error) => fail(&format!("no orphan: {error}")),
    }
}

/// Gives way to whoever is to reap it.
fn until_gone(pid: i32) {
    while signals::send(pid, 0).is_ok() {
        std::thread::yield_now();
    }
}

/// clone(2): "If any signal other than SIGCHLD is specified, then the parent process must specify
/// the __WALL or __WCLONE options when waiting for the child". Two thirds of them lose their
/// parent, the others are our siblings from the beginning (CLONE_PARENT).
pub fn make_strange(count: u32) -> ! {
    let _ = signals::set_mask(0);
    for _ in 0..count {
        let child = fork();
        if child == 0 {
            clone(libc::SIGUSR1);
            clone(0);
            end(0);
        }
        reap(child);
        clone(libc::CLONE_PARENT | libc::SIGUSR1);
    }
    say("ready");
    forever()
}

/// A child that ends at once, made with these flags.
fn clone(flags: i32) {
    // SAFETY: without CLONE_VM this is fork(2); the stack, the ids and the TLS are the same.
    let answer = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    match answer {
        -1 => fail(&format!("clone: {}", std::io::Error::last_os_error())),
        0 => end(0),
        _ => {}
    }
}
