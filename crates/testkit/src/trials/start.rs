//! The moments between the exec of the init and that of the program, some of them stretched by
//! strace(1); and starts that cannot succeed.

use super::{AWHILE, Answer, code, code_within, for_the_group, pid_of, start};
use crate::{Door, Exam, Init, Place, Run, eventually, init_path, probe_path, questions, scratch};
use std::fs;
use std::os::unix::fs::symlink;

/// In microseconds.
const DELAYS: [&str; 3] = ["500000", "2000000", "8000000"];

/// Asks with these calls of the init and its child delayed by strace; with longer delays where the
/// machine is too busy to look in time.
fn slowly(exam: &Exam, calls: &str, ask: impl Fn(Init) -> Option<Answer>) -> Answer {
    let answer = DELAYS.iter().find_map(|delay| {
        let inject = format!("inject={calls}={delay}");
        ask(exam.wrapped(["strace", "-f", "-qqq", "-o", "/dev/null", "-e", &inject]))
    });
    answer.expect("the test came too late, however long it was waited for")
}

/// The init is strace's child, and the program's process the init's.
fn init_and_child(run: &Run) -> (i32, i32) {
    let mut found = None;
    eventually("the init has a child", || {
        let others = run.others();
        found = others.iter().find_map(|child| {
            let init = others.iter().find(|one| one.pid_inside == child.parent_inside)?;
            Some((init.pid, child.pid))
        });
        found.is_some()
    });
    found.expect("found")
}

/// The group that a process is in.
fn group(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(2)?.parse().ok()
}

/// Whether the program runs, and goes on, after what should have ended it.
fn lost(run: &mut Run) -> Answer {
    let runs = |run: &Run| run.others().iter().any(|one| one.name == "sleep");
    eventually("an end of the program, or its beginning", || {
        run.try_wait().expect("our child").is_some() || runs(run)
    });
    let goes_on = run.wait_within(AWHILE).expect("our child").is_none() && runs(run);
    Answer::wrong_if(goes_on, "loses it")
}

/// kill(2), ESRCH: a signal for a group that is still to be made.
pub fn keeps_signals_for_a_group_to_be(exam: &Exam) -> Answer {
    slowly(exam, "setsid,setpgid:delay_enter", |init| {
        let mut run = for_the_group(exam, init).command(["sleep", "1000"]).spawn();
        let (init, child) = init_and_child(&run);
        crate::signals::send(init, libc::SIGTERM).expect("the init is there");
        let in_time = group(child) != Some(child);
        in_time.then(|| lost(&mut run))
    })
}

/// A handler is in place until exec, and the child is no init whose handler should run.
pub fn keeps_signals_for_a_program_to_be(exam: &Exam) -> Answer {
    slowly(exam, "setsid,setpgid:delay_exit", |init| {
        let mut run = for_the_group(exam, init).command(["sleep", "1000"]).spawn();
        let (init, child) = init_and_child(&run);
        eventually("its group is made", || group(child) == Some(child));
        crate::signals::send(init, libc::SIGTERM).expect("the init is there");
        // Some are ended by it before their exec, and some have not got there yet.
        let in_time = run.others().iter().all(|one| one.name != "sleep");
        in_time.then(|| lost(&mut run))
    })
}

/// Every call before the mask is time in which the kernel drops what is sent to PID 1.
pub fn blocks_first(exam: &Exam) -> Answer {
    let calls = scratch().join("calls");
    let wrapper = ["strace", "-qqq", "-o", calls.to_str().expect("text")];
    // cargo's search path for libraries would have the dynamic loader make many more of them.
    let init = exam.wrapped(wrapper).env_remove("LD_LIBRARY_PATH");
    assert_eq!(init.command(["true"]).spawn().code(), 0);
    let calls = fs::read_to_string(&calls).expect("strace's");
    let mut own = calls.lines().filter(|line| !line.starts_with("execve("));
    let before = own.position(|line| line.starts_with("rt_sigprocmask(SIG_"));
    let before = before.expect("it blocks them at last");
    Answer::wrong_if(before > 0, format!("{before} calls late"))
}

/// execve(2): "The set of pending signals is preserved". A runtime may have blocked TERM, and the
/// TERM may have come.
pub fn forwards_what_was_pending(exam: &Exam) -> Answer {
    let probe = probe_path().to_str().expect("text");
    let init = exam.wrapped([probe, "pending", "TERM"]);
    let mut run = init.command(["probe", "signals", "until", "TERM"]).spawn();
    match code(&mut run) {
        None => Answer::Wrong("loses it".into()),
        code => Answer::by_code(code, 0),
    }
}

/// prctl(2), PR_SET_PDEATHSIG: a parent that has died before is not told of.
pub fn sees_a_parent_that_died_before(exam: &Exam) -> Answer {
    if !matches!(exam.door(), Door::Native | Door::Tini) {
        return Answer::HasNone;
    }
    let answer = DELAYS.iter().find_map(|delay| told_late(exam, delay));
    answer.expect("the test came too late, however long it was waited for")
}

/// Whether the program goes on though the parent of its init has died while the init was about to
/// have itself told of that; `None` if the parent lived longer.
fn told_late(exam: &Exam, delay: &str) -> Option<Answer> {
    // The tracer is nobody's parent here (-D), and the outer init adopts the inner one.
    let script = format!(
        "strace -D -f -qqq -o /dev/null -e inject=prctl:delay_enter={delay}:when=1 \
         {} -s -p SIGTERM -- sleep 1000 & wait",
        exam.program(),
    );
    let outer = Init::new().options(["--on-exit", "wait"]).command(["sh", "-c", &script]);
    let mut run = outer.spawn();
    // PID 1 is not among the others, though it may have the same name.
    let inner = pid_of(&run, exam.door().name());
    // proc_pid_syscall(5): the number of the call that it stands in.
    let prctl = format!("{} ", libc::SYS_prctl);
    let file = format!("/proc/{inner}/syscall");
    let is_about_to = || fs::read_to_string(&file).is_ok_and(|call| call.starts_with(&prctl));
    eventually("the call, or the program", || {
        is_about_to() || run.others().iter().any(|one| one.name == "sleep")
    });
    crate::signals::send(pid_of(&run, "sh"), libc::SIGKILL).expect("the parent is there");
    eventually("it is not", || run.others().iter().all(|one| one.name != "sh"));
    is_about_to().then(|| lost(&mut run))
}

/// POSIX, Shell Command Language 2.8.2: 127 not found, 126 found but not executable.
pub fn tells_what_cannot_be_run(exam: &Exam) -> Answer {
    let folder = scratch();
    symlink("loop", folder.join("loop")).expect("a link");
    let file = |name: &str, mode, bytes: &[u8]| questions::file(&folder, name, mode, bytes);
    let path = |name: &str| folder.join(name).to_str().expect("text").to_owned();
    let cases = [
        (path("missing"), 127),
        (file("scriptless", 0o755, b"#!/no/interpreter\n"), 127),
        (file("plain", 0o644, b"text\n"), 126),
        (path(""), 126),
        (path("loop"), 126),
    ];
    let mut wrong = Vec::new();
    for (command, right) in &cases {
        let code = start(exam, Place::NewNamespace).command([command]).spawn().code();
        if code != *right && !wrong.contains(&code) {
            wrong.push(code);
        }
    }
    let words: Vec<String> = wrong.iter().map(i32::to_string).collect();
    Answer::wrong_if(!wrong.is_empty(), format!("ends with {}", words.join(", ")))
}

/// getopt(3) looks for options behind the program, too.
pub fn ends_its_options_at_the_program(exam: &Exam) -> Answer {
    let init = start(exam, Place::NewNamespace).without_separator();
    let mut run = init.command(["sh", "-e", "-c", "exit 42"]).spawn();
    Answer::by_code(code(&mut run), 42)
}

/// clone(2), EAGAIN.
pub fn ends_where_no_process_is_to_be_had(exam: &Exam) -> Answer {
    let inject = "inject=clone,clone3,fork,vfork:error=EAGAIN";
    let strace = ["strace", "-qqq", "-o", "/dev/null", "-e", inject];
    let mut run = exam.wrapped(strace).command(["true"]).spawn();
    match code(&mut run) {
        Some(1..) => Answer::Right,
        code => Answer::by_code(code, 1),
    }
}

/// Whatever is newer than Linux 2.6, refused as by an old kernel or a strict profile.
pub fn needs_no_new_calls(exam: &Exam) -> Answer {
    let new = "signalfd4,epoll_create1,pidfd_open,pidfd_send_signal,clone3,close_range,prctl";
    let inject = format!("inject={new}:error=EPERM");
    let strace = ["strace", "-qqq", "-o", "/dev/null", "-e", &inject];
    let mut run = exam.wrapped(strace).command(["true"]).spawn();
    Answer::by_code(code_within(&mut run, AWHILE * 3), 0)
}

/// getrlimit(2). The command is our init, which can do with as little.
pub fn needs_no_descriptors(exam: &Exam) -> Answer {
    let ours = init_path().to_str().expect("text");
    let init = exam.wrapped(["prlimit", "--nofile=3"]).command([ours, "--version"]);
    Answer::by_code(code(&mut init.spawn()), 0)
}
