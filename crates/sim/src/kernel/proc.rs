//! `/proc`, as far as an init reads it.

use super::{Kernel, State, Task};
use std::io::Write;

impl Kernel {
    /// The next number at or above this one: the kernel looks for it anew at each entry
    /// (fs/proc/base.c, `next_tgid`), so that a walk sees who comes and goes meanwhile.
    pub fn next_number(&self, from: u32) -> Option<u32> {
        self.tasks().map(|task| self.at(task).pid).filter(|pid| *pid >= from).min()
    }

    /// `/proc/PID/stat` (proc(5)): 52 fields, of which those are true that an init reads.
    pub fn stat(&self, task: Task, line: &mut Vec<u8>) {
        let one = self.at(task);
        let state = match one.state {
            State::Running if one.hung => 'D',
            State::Running => 'S',
            State::Stopped => 'T',
            State::Zombie(_) | State::Gone => 'Z',
        };
        let parent = one.parent.map_or(0, |parent| self.at(parent).pid);
        let (pid, name, group, session) = (one.pid, one.name, one.group, one.session);
        let ticks = one.born / 10_000_000;
        let old = |set: u64| set & 0x7fff_ffff;
        let (blocked, ignored, caught) = (old(one.blocked), old(one.ignored), old(one.caught));
        let _ = writeln!(
            line,
            "{pid} ({name}) {state} {parent} {group} {session} 0 -1 4194560 120 0 1 0 3 4 0 0 20 0 \
             1 0 {ticks} 2961408 300 18446744073709551615 1 1 0 0 0 0 {blocked} {ignored} {caught} \
             0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
        );
    }
}
