//! `probe watched NUMBERS PROGRAM…`: executes the program under a seccomp filter that asks the test
//! what shall come of these system calls; see `faults.rs`. `probe confined NUMBERS PROGRAM…`: under
//! one that kills for every other.

use super::{execute, fail};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use sexton_testkit::{faults::SOCKET, libc, rustix};
use std::ffi::CString;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

/// Sets the filter, hands its listener over, and executes.
pub fn watched(numbers: &str, rest: &[&str]) -> ! {
    let numbers = parse(numbers);
    // SAFETY: the test has put it there.
    let socket = unsafe { BorrowedFd::borrow_raw(SOCKET) };
    let closing = rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC);
    let asks = filter(&numbers, libc::SECCOMP_RET_USER_NOTIF, libc::SECCOMP_RET_ALLOW);
    let listener = set_filter(&asks, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER);
    // SAFETY: the kernel has just made it, for us alone.
    let listener = unsafe { OwnedFd::from_raw_fd(listener) };
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

/// Sets the filter, and executes: with all prepared before, as no other call is allowed after it.
pub fn confined(numbers: &str, rest: &[&str]) -> ! {
    let words: Result<Vec<CString>, _> = rest.iter().map(|word| CString::new(*word)).collect();
    let Ok(words) = words else { fail("execute what?") };
    let mut list: Vec<_> = words.iter().map(|word| word.as_ptr()).collect();
    list.push(std::ptr::null());
    let kills = libc::SECCOMP_RET_KILL_PROCESS;
    set_filter(&filter(&parse(numbers), libc::SECCOMP_RET_ALLOW, kills), 0);
    // SAFETY: the list is of C strings that live, and ends with a null.
    unsafe { libc::execv(list[0], list.as_ptr()) };
    fail(&format!("exec: {}", std::io::Error::last_os_error()))
}

fn parse(numbers: &str) -> Vec<u32> {
    let numbers: Result<_, _> = numbers.split(',').map(str::parse).collect();
    numbers.unwrap_or_else(|_| fail("which calls?"))
}

/// One answer for these, and another for all else (bpf(4), seccomp(2)).
fn filter(numbers: &[u32], these: u32, others: u32) -> Vec<libc::sock_filter> {
    let step = |code: u32, k: u32, jf| libc::sock_filter { code: code as u16, jt: 0, jf, k };
    // The number is the first word of struct seccomp_data.
    let mut steps = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0)];
    for &number in numbers {
        steps.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number, 1));
        steps.push(step(libc::BPF_RET | libc::BPF_K, these, 0));
    }
    steps.push(step(libc::BPF_RET | libc::BPF_K, others, 0));
    steps
}

/// Sets it; the answer is the listener's descriptor if the flag asks for one.
fn set_filter(steps: &[libc::sock_filter], flag: libc::c_ulong) -> i32 {
    let filter = steps.as_ptr().cast_mut();
    let program = libc::sock_fprog { len: steps.len() as u16, filter };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: it reads the program, whose steps live.
    let set = || unsafe { libc::syscall(libc::SYS_seccomp, mode, flag, &raw const program) };
    let mut answer = set();
    if answer < 0 {
        // seccomp(2): who has no CAP_SYS_ADMIN has to give up setuid programs.
        // SAFETY: it takes numbers.
        unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        answer = set();
    }
    if answer < 0 {
        fail(&format!("seccomp: {}", std::io::Error::last_os_error()));
    }
    answer as i32
}
