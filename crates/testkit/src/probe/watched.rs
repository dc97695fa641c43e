//! `probe watched NUMBERS PROGRAM…`: executes the program under a seccomp filter that asks the test
//! what shall come of these system calls; see `faults.rs`.

use super::{execute, fail};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use sexton_testkit::{faults::SOCKET, libc, rustix};
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

/// Sets the filter, hands its listener over, and executes.
pub fn watched(numbers: &str, rest: &[&str]) -> ! {
    let numbers: Result<Vec<u32>, _> = numbers.split(',').map(str::parse).collect();
    let Ok(numbers) = numbers else { fail("watch which calls?") };
    // SAFETY: the test has put it there.
    let socket = unsafe { BorrowedFd::borrow_raw(SOCKET) };
    let closing = rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC);
    let listener = set_filter(&filter(&numbers));
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut room);
    let fds = [listener.as_fd()];
    control.push(SendAncillaryMessage::ScmRights(&fds));
    let sent = sendmsg(socket, &[IoSlice::new(b"l")], &mut control, SendFlags::empty());
    if closing.is_err() || sent.is_err() {
        fail("no socket to the test");
    }
    execute(rest)
}

/// Asks for these, and allows all else (bpf(4), seccomp(2)).
fn filter(numbers: &[u32]) -> Vec<libc::sock_filter> {
    let step = |code: u32, k: u32, jf| libc::sock_filter { code: code as u16, jt: 0, jf, k };
    // The number is the first word of struct seccomp_data.
    let mut steps = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0)];
    for &number in numbers {
        steps.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number, 1));
        steps.push(step(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_USER_NOTIF, 0));
    }
    steps.push(step(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW, 0));
    steps
}

fn set_filter(steps: &[libc::sock_filter]) -> OwnedFd {
    let filter = steps.as_ptr().cast_mut();
    let program = libc::sock_fprog { len: steps.len() as u16, filter };
    let (mode, flag) = (libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER);
    // SAFETY: it reads the program, whose steps live.
    let set = || unsafe { libc::syscall(libc::SYS_seccomp, mode, flag, &raw const program) };
    let mut fd = set();
    if fd < 0 {
        // seccomp(2): who has no CAP_SYS_ADMIN has to give up setuid programs.
        // SAFETY: it takes numbers.
        unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        fd = set();
    }
    if fd < 0 {
        fail(&format!("seccomp: {}", std::io::Error::last_os_error()));
    }
    // SAFETY: the kernel has just made it, for us alone.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }
}
