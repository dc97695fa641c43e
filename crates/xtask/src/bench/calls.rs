//! How many system calls it takes an init to start its command, counted by strace(1).

use super::Subject;
use crate::tools::{self, Result};
use std::path::Path;
use std::process::Command;

/// Up to the moment at which the command's execve begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Of the init, without its own execve.
    pub init: usize,
    /// Of the child that becomes the command, with the execve.
    pub child: usize,
}

/// Fills in the counts, or says why there are none.
pub fn count(subjects: &mut [Subject], tiny: &Path, folder: &Path) -> Result {
    if tools::find_program("strace").is_none() {
        tools::complain("strace is not installed: system calls are not counted");
        return Ok(());
    }
    let log = folder.join("strace");
    for subject in subjects.iter_mut().filter(|subject| subject.runs()) {
        let mut strace = Command::new("strace");
        // cargo's search path for libraries would have the dynamic ones look in more places.
        strace.env_remove("LD_LIBRARY_PATH");
        strace.args(["--follow-forks", "--output"]).arg(&log);
        // strace cannot itself be outside and its first child PID 1: unshare(1) is in between.
        strace.args(["unshare", "--pid", "--fork", "--user", "--map-root-user"]);
        tools::output(strace.arg(&subject.path).arg("--").arg(tiny))?;
        let init = subject.path.to_string_lossy();
        subject.calls = counts(&tools::read(&log)?, &init, &tiny.to_string_lossy());
    }
    Ok(())
}

/// Reads a log of lines `PID call(…`; a line of a call that goes on (`resumed`) is no new call.
fn counts(log: &str, init: &str, command: &str) -> Option<Counts> {
    let calls = log.lines().filter_map(|line| line.split_once(' '));
    let calls: Vec<(&str, &str)> = calls.map(|(pid, call)| (pid, call.trim_start())).collect();
    let executes = |call: &str, path: &str| call.starts_with(&format!("execve(\"{path}\""));
    let start = calls.iter().position(|(_, call)| executes(call, init))?;
    let end = calls.iter().position(|(_, call)| executes(call, command))?;
    let (init_pid, child_pid) = (calls[start].0, calls[end].0);
    let of = |who: &str| {
        let is_call = |call: &str| call.starts_with(|first: char| first.is_ascii_lowercase());
        let between = calls.get(start + 1..=end).unwrap_or_default();
        between.iter().filter(|(pid, call)| *pid == who && is_call(call)).count()
    };
    Some(Counts { init: of(init_pid), child: of(child_pid) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_processes_calls_between_the_two_execs_count() {
        let log = "\
10 execve(\"/usr/bin/unshare\", [\"unshare\"]) = 0
11 getpid() = 1
11 execve(\"/init\", [\"/init\"]) = 0
11 rt_sigprocmask(SIG_SETMASK, ~[], [], 8) = 0
11 clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD <unfinished ...>
10 wait4(11 <unfinished ...>
12 setpgid(0, 0) = 0
11 <... clone resumed>) = 2
12 execve(\"/tiny\", [\"/tiny\"]) = 0
11 wait4(-1) = 2
12 +++ exited with 0 +++
";
        assert_eq!(counts(log, "/init", "/tiny"), Some(Counts { init: 2, child: 2 }));
        assert_eq!(counts(log, "/init", "/other"), None);
    }
}
