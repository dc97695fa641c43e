//! The looker: reads the process table every few milliseconds, and waits on pidfds in between.

use crate::{Sighting, What, pidfd};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sexton_pidns::{Error, Pid1, Process, Running, processes_of};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

/// How long the process table is not looked at: who is born and ends in between is missed.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };

/// Looks at everybody in the PID namespace of `pid1`, which is not our child, until it has ended.
///
/// # Errors
/// It is not there, or `/proc` cannot be read.
pub fn look(pid1: i32) -> io::Result<Receiver<Sighting>> {
    let (tell, sightings) = channel();
    let mut looker = Looker { pid1, known: HashMap::new(), tell };
    looker.look()?;
    thread::spawn(move || looker.run(None));
    Ok(sightings)
}

/// As [`trace`](crate::trace), without a tracer: starts the command, and looks.
///
/// # Errors
/// As [`Pid1::spawn`].
pub fn spawn_and_look(command: Pid1) -> Result<(i32, OwnedFd, Receiver<Sighting>), Error> {
    let (answer, answered) = channel();
    // A thread of its own, as the command dies with the thread that starts it.
    thread::spawn(move || {
        let started = command.dies_with_thread().spawn().and_then(|running| {
            let io = |step| move |source| Error::Io { step, source };
            let pid1 = running.pid();
            let pidfd = running.pidfd().try_clone_to_owned().map_err(io("duplicate a pidfd"))?;
            let (tell, sightings) = channel();
            let mut looker = Looker { pid1, known: HashMap::new(), tell };
            looker.look().map_err(io("read /proc"))?;
            Ok((running, looker, (pid1, pidfd, sightings)))
        });
        match started {
            Err(error) => drop(answer.send(Err(error))),
            Ok((running, looker, parts)) => {
                let _ = answer.send(Ok(parts));
                looker.run(Some(running));
            }
        }
    });
    let gone = |_| Error::Io { step: "start a thread", source: io::ErrorKind::Other.into() };
    answered.recv().map_err(gone)?
}

struct Looker {
    pid1: i32,
    known: HashMap<i32, Known>,
    tell: Sender<Sighting>,
}

struct Known {
    pidfd: OwnedFd,
    name: String,
}

impl Looker {
    /// PID 1 is waited for here if it is our child.
    fn run(mut self, child: Option<Running>) {
        while self.known.contains_key(&self.pid1) {
            let ended = self.wait();
            if ended.contains(&self.pid1) {
                break;
            }
            for pid in ended {
                self.ended(pid, None);
            }
            let _ = self.look(); // PID 1 has gone meanwhile: its pidfd is next to say so.
        }
        // The kernel lets PID 1 end as the last.
        let status = child.and_then(|mut running| running.wait().ok());
        let others: Vec<i32> = self.known.keys().copied().filter(|&pid| pid != self.pid1).collect();
        for pid in others {
            self.ended(pid, None);
        }
        self.ended(self.pid1, status);
    }

    /// Who ended, at the latest after [`PAUSE`].
    fn wait(&self) -> Vec<i32> {
        let pids: Vec<i32> = self.known.keys().copied().collect();
        let mut ends: Vec<PollFd<'_>> = pids
            .iter()
            .filter_map(|pid| self.known.get(pid))
            .map(|one| PollFd::new(&one.pidfd, PollFlags::IN))
            .collect();
        if poll(&mut ends, Some(&PAUSE)).is_err() {
            return Vec::new(); // Interrupted.
        }
        let ended = pids.iter().zip(&ends).filter(|(_, end)| !end.revents().is_empty());
        ended.map(|(&pid, _)| pid).collect()
    }

    fn look(&mut self) -> io::Result<()> {
        for process in processes_of(self.pid1)? {
            match self.known.get_mut(&process.pid) {
                Some(known) if known.name == process.name => {}
                Some(known) => {
                    known.name.clone_from(&process.name);
                    self.tell_name(&process);
                }
                // PID 1 is met in any state: it may have been quick.
                None if process.state == 'Z' && process.pid != self.pid1 => {}
                None => self.meet(&process),
            }
        }
        Ok(())
    }

    fn meet(&mut self, process: &Process) {
        let Ok(pidfd) = pidfd::open(process.pid) else { return };
        let copy = pidfd.try_clone().ok();
        self.known.insert(process.pid, Known { pidfd, name: process.name.clone() });
        let parent = crate::Status::read(process.pid).map_or(0, |status| status.parent);
        self.tell(process.pid, What::Born { inside: process.pid_inside, parent, pidfd: copy });
        self.tell_name(process);
    }

    fn ended(&mut self, pid: i32, status: Option<ExitStatus>) {
        if self.known.remove(&pid).is_some() {
            self.tell(pid, What::Ended(status));
        }
    }

    fn tell_name(&self, process: &Process) {
        let (name, command) = (process.name.clone(), process.command.clone());
        self.tell(process.pid, What::Named { name, command });
    }

    fn tell(&self, pid: i32, what: What) {
        let _ = self.tell.send(Sighting { at: Instant::now(), pid, what }); // Nobody listens.
    }
}
