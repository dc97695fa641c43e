//! The tracer: one thread that attaches to everybody, and then does nothing but wait.
//!
//! It blocks in waitpid(2) without a time-out: whoever wants something ended sends a signal, and
//! the end comes by here.

use crate::pidfd;
use crate::ptrace::{self, Fate, Resume};
use crate::status::{self, Status};
use crate::{Reaction, Sender, Sighting, What};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sexton_pidns::{Error, Pid1, processes_of};
use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, Sender as Channel, channel};
use std::thread;
use std::time::Instant;

/// Starts the command under the eyes of a tracer: everything from its exec on is seen. With the
/// process's PID and pidfd.
///
/// Whatever happens to us, nothing is left behind: the kernel kills the tracees with the tracer.
///
/// # Errors
/// As [`Pid1::spawn`]; [`Error::Io`] with the step "look at the child" if ptrace is not permitted.
pub fn trace(command: Pid1) -> Result<(i32, OwnedFd, Receiver<Sighting>), Error> {
    let (tell, sightings) = channel();
    let (answer, answered) = channel();
    thread::spawn(move || {
        let spawned = command
            .dies_with_thread()
            .spawn_held(|pid| ptrace::seize(pid, Fate::Killed))
            .and_then(|running| {
                let pidfd = running.pidfd().try_clone_to_owned();
                let pidfd =
                    pidfd.map_err(|source| Error::Io { step: "duplicate a pidfd", source })?;
                Ok((running, pidfd))
            });
        let (mut running, pidfd) = match spawned {
            Ok(both) => both,
            Err(error) => return drop(answer.send(Err(error))),
        };
        let mut tracer = Tracer::new(tell);
        tracer.meet(running.pid());
        let _ = answer.send(Ok((running.pid(), pidfd)));
        tracer.run();
        running.was_reaped(tracer.status_of(running.pid()));
    });
    match answered.recv() {
        Ok(Ok((pid, pidfd))) => Ok((pid, pidfd, sightings)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(Error::Io { step: "start a thread", source: io::ErrorKind::Other.into() }),
    }
}

/// Attaches to everybody in the PID namespace of `pid1`, who go on alone if we end before them.
/// It must not be the caller's own child, for whom a tracer's wait is the last there is.
///
/// # Errors
/// ptrace is not permitted, or `pid1` is not there.
pub fn attach(pid1: i32) -> io::Result<Receiver<Sighting>> {
    let (tell, sightings) = channel();
    let (answer, answered) = channel();
    thread::spawn(move || {
        let mut tracer = Tracer::new(tell);
        let attached = tracer.seize_everybody(pid1);
        let is_attached = attached.is_ok();
        let _ = answer.send(attached);
        if is_attached {
            tracer.run();
        }
    });
    answered.recv().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
    Ok(sightings)
}

/// What the tracer knows of a thread that is not gone.
struct Thread {
    process: i32,
    exits: bool,
}

struct Tracer {
    threads: HashMap<i32, Thread>,
    statuses: HashMap<i32, ExitStatus>,
    /// To whom which signal was delivered, in order.
    delivered: Vec<(i32, i32)>,
    /// How many PID namespaces lie between us and the watched one, both included: PIDs inside are
    /// those of that one, also of processes that are in a namespace further in.
    depth: Option<usize>,
    tell: Channel<Sighting>,
}

impl Tracer {
    fn new(tell: Channel<Sighting>) -> Tracer {
        Tracer {
            threads: HashMap::new(),
            statuses: HashMap::new(),
            delivered: vec![],
            depth: None,
            tell,
        }
    }

    /// Until nobody is left. Sleeps in the kernel all the while.
    fn run(&mut self) {
        loop {
            match wait(0) {
                Ok((thread, status)) => self.heard(thread, status),
                Err(libc::EINTR) => {}
                Err(_) => return self.let_go_ends(), // ECHILD: they have all gone.
            }
        }
    }

    /// Whom we had to let go, and is no child of ours, of that we hear nothing more.
    fn let_go_ends(&mut self) {
        for process in self.threads.values().map(|one| one.process).collect::<HashSet<_>>() {
            if let Ok(pidfd) = pidfd::open(process) {
                let second = Timespec { tv_sec: 1, tv_nsec: 0 };
                let _ = poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&second));
            }
            self.tell(process, What::Ended(None));
        }
    }

    fn status_of(&self, process: i32) -> ExitStatus {
        self.statuses.get(&process).copied().unwrap_or_default()
    }

    /// Rounds, until one finds nobody new: they may fork while we attach.
    fn seize_everybody(&mut self, pid1: i32) -> io::Result<()> {
        loop {
            let mut is_news = false;
            for process in processes_of(pid1)?.iter().filter(|process| process.state != 'Z') {
                for thread in status::threads(process.pid) {
                    if self.threads.contains_key(&thread) {
                        continue;
                    }
                    match ptrace::seize(thread, Fate::LetGo) {
                        Ok(()) => {
                            is_news = true;
                            self.meet(thread);
                        }
                        Err(error) if process.pid == pid1 => return Err(error),
                        Err(_) => {} // Gone, or another tracer has it.
                    }
                }
            }
            if !is_news {
                return Ok(());
            }
        }
    }

    fn heard(&mut self, thread: i32, status: ExitStatus) {
        let Some(signal) = status.stopped_signal() else { return self.gone(thread, status) };
        self.meet(thread);
        // ptrace(2): the event is in the third byte of the status.
        let how = match status.into_raw() >> 16 {
            0 => self.delivered(thread, signal),
            libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK | libc::PTRACE_EVENT_CLONE => {
                if let Some(new) = ptrace::event_message(thread) {
                    self.meet(new);
                }
                Resume::Plainly
            }
            libc::PTRACE_EVENT_EXEC => {
                self.executed(thread);
                Resume::Plainly
            }
            libc::PTRACE_EVENT_EXIT => {
                self.exits(thread);
                Resume::Plainly
            }
            libc::PTRACE_EVENT_STOP if is_job_control(signal) => Resume::StillStopped,
            _ => Resume::Plainly,
        };
        ptrace::resume(thread, how);
    }

    /// Its parent tells us of it, and it stops itself: whichever comes first.
    fn meet(&mut self, thread: i32) {
        if self.threads.contains_key(&thread) {
            return;
        }
        let Some(status) = Status::read(thread) else { return };
        self.threads.insert(thread, Thread { process: status.process, exits: false });
        if status.process == thread {
            let depth = *self.depth.get_or_insert(status.numbers.len());
            let inside = status.numbers.get(depth.saturating_sub(1)).copied().unwrap_or(thread);
            self.statuses.remove(&thread);
            let pidfd = pidfd::open(thread).ok();
            self.tell(thread, What::Born { inside, parent: status.parent, pidfd });
            self.tell_name(thread);
        }
    }

    /// A signal is about to be delivered.
    fn delivered(&mut self, thread: i32, signal: i32) -> Resume {
        if is_fault(signal) && self.would_end_pid_1(thread, signal) {
            return Resume::Alone;
        }
        if !is_everyday(signal)
            && let Some(process) = self.threads.get(&thread).map(|one| one.process)
        {
            let sender = ptrace::sender(thread).unwrap_or(Sender::Kernel);
            let status = Status::read(thread);
            let reaction = status.map_or(Reaction::Unknown, |status| status.masks.reaction(signal));
            // Runtimes with a virtual machine catch their own faults: that is no news either.
            if sender != Sender::Kernel || reaction != Reaction::Handler {
                self.tell(process, What::Signalled { signal, sender, reaction });
                self.delivered.push((process, signal));
            }
        }
        Resume::With(signal)
    }

    /// A fault ends even PID 1, but not while it is traced (kernel/signal.c,
    /// `force_sig_info_to_task`): let go, it runs into the same fault again, and ends by it.
    fn would_end_pid_1(&self, thread: i32, signal: i32) -> bool {
        let Some(status) = Status::read(thread) else { return false };
        Status::read(status.process).is_some_and(|process| process.is_pid_1())
            && status.masks.reaction(signal) != Reaction::Handler
            && ptrace::sender(thread) == Some(Sender::Kernel)
    }

    /// execve(2) by any thread leaves one only, which has the process's number.
    fn executed(&mut self, process: i32) {
        self.threads.retain(|&thread, one| one.process != process || thread == process);
        self.tell_name(process);
    }

    fn exits(&mut self, thread: i32) {
        let Some(one) = self.threads.get_mut(&thread) else { return };
        one.exits = true;
        let process = one.process;
        if self.threads.values().all(|one| one.process != process || one.exits) {
            if Status::read(process).is_some_and(|status| status.is_pid_1()) {
                self.hear_the_last();
            }
            self.tell(process, What::Ending);
        }
    }

    /// PID 1 stands still before its exit, and then all the others are killed. What they were sent
    /// until now has been sent, if not delivered: a launcher may have told them and left at once.
    fn hear_the_last(&mut self) {
        // Pending first: what leaves that state after we looked is in the queue of stops next.
        let processes: HashSet<i32> = self.threads.values().map(|one| one.process).collect();
        let statuses = processes.into_iter().filter_map(|one| Some((one, Status::read(one)?)));
        let pending: Vec<(i32, Status)> = statuses.collect();
        let before = self.delivered.len();
        while let Ok((thread, status)) = wait(libc::WNOHANG) {
            self.heard(thread, status);
        }
        for (process, status) in pending {
            let waits = |signal: &i32| status::has(status.masks.pending, *signal);
            for signal in (1..=64).filter(waits).filter(|&signal| !is_everyday(signal)) {
                let (sender, reaction) = (Sender::Unknown, status.masks.reaction(signal));
                let since = self.delivered.get(before..).unwrap_or_default();
                if !since.contains(&(process, signal)) {
                    self.tell(process, What::Signalled { signal, sender, reaction });
                }
            }
        }
    }

    fn gone(&mut self, thread: i32, status: ExitStatus) {
        let known = self.threads.remove(&thread);
        if known.is_some_and(|one| one.process == thread) {
            self.threads.retain(|_, one| one.process != thread);
            self.statuses.insert(thread, status);
            self.tell(thread, What::Ended(Some(status)));
        }
    }

    fn tell_name(&self, process: i32) {
        if let Some(status) = Status::read(process) {
            let command = status::command(process);
            self.tell(process, What::Named { name: status.name, command });
        }
    }

    fn tell(&self, pid: i32, what: What) {
        // Nobody listens any more: then we only see to it that everybody can end.
        let _ = self.tell.send(Sighting { at: Instant::now(), pid, what });
    }
}

/// Whoever has news, and what; the errno if nobody has. `EAGAIN`: nobody now (`WNOHANG`).
fn wait(options: libc::c_int) -> Result<(i32, ExitStatus), libc::c_int> {
    // Of this thread only: other threads of the program have children of their own.
    let options = options | libc::__WALL | libc::__WNOTHREAD;
    let mut status = 0;
    // SAFETY: waitpid(2) writes one int.
    match unsafe { libc::waitpid(-1, &raw mut status, options) } {
        0 => Err(libc::EAGAIN),
        thread if thread > 0 => Ok((thread, ExitStatus::from_raw(status))),
        _ => Err(io::Error::last_os_error().raw_os_error().unwrap_or(libc::ECHILD)),
    }
}

/// The group-stop signals of ptrace(2).
fn is_job_control(signal: i32) -> bool {
    matches!(signal, libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU)
}

/// By which a processor's exceptions are told.
fn is_fault(signal: i32) -> bool {
    matches!(
        signal,
        libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE | libc::SIGTRAP | libc::SIGSYS
    )
}

/// Those that say nothing about a stop: children, timers, the runtimes' own (Go's SIGURG, the two
/// that the libraries keep).
fn is_everyday(signal: i32) -> bool {
    matches!(
        signal,
        libc::SIGCHLD
            | libc::SIGURG
            | libc::SIGALRM
            | libc::SIGVTALRM
            | libc::SIGPROF
            | libc::SIGIO
            | libc::SIGTRAP
            | 32
            | 33
    )
}
