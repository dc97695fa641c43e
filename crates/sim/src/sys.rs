//! Stands in for `src/init/sys/`: the system calls of the init's loop, answered by the model. A
//! planted [`Bug`] sits here too: between an init and its kernel, where it can be seen from
//! neither side.

use crate::bug::Bug;
use crate::fact::Fact;
use crate::kernel::{Code, Info, Outcome, Sender, Task, WaitError};
use crate::machine::call;
use crate::scenario::ProcView;
use crate::world::{Ending, World};
use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::supervisor::{Heard, Source};
use sexton_core::text::Path;
use sexton_core::time::{Moment, Span};

/// A signal that came, with all that came with it.
pub struct Arrival(Option<Info>);

impl Arrival {
    /// None yet.
    pub fn none() -> Arrival {
        Arrival(None)
    }

    /// Which.
    pub fn signal(&self) -> Option<Signal> {
        self.0.map(|info| info.signal)
    }

    /// What the supervisor wants to know of it.
    pub fn heard(&self, own: Pid) -> Option<Heard> {
        let info = self.0?;
        let source = match info.code {
            Code::Kernel => Source::Kernel,
            Code::User if info.pid == own.number() => Source::Ourselves,
            _ => Source::Process,
        };
        let bug = call(|world| world.bug);
        let deaf = match bug {
            Some(Bug::HearsItsOwnEcho) => source == Source::Ourselves,
            Some(Bug::RepeatsTheTerminal) => source == Source::Kernel,
            _ => false,
        };
        let source = if deaf { Source::Process } else { source };
        Some(Heard { signal: info.signal, source, with_the_end: false })
    }

    /// rt_sigqueueinfo(2).
    pub fn pass_on(&self, to: Pid, signal: Signal) -> Result<(), Errno> {
        let Some(info) = self.0.filter(|info| info.code == Code::Queue) else {
            return Err(Errno::INVAL);
        };
        call(|world| {
            if world.bug == Some(Bug::ForgetsValues) {
                return Err(Errno::INVAL);
            }
            world.syscall();
            let to = world.kernel.find(to.number()).ok_or(Errno::SRCH)?;
            match world.kernel.send(Sender::Task(world.init), to, Info { signal, ..info }) {
                Outcome::Refused => Err(Errno::PERM),
                Outcome::Full => Err(Errno::AGAIN),
                _ => Ok(()),
            }
        })
    }
}

/// Whom kill(2) means by its number.
#[derive(Clone, Copy)]
pub struct Target(i32);

impl Target {
    /// Everyone in the PID namespace but ourselves.
    pub const NAMESPACE: Target = Target(-1);

    /// One process.
    pub const fn process(pid: Pid) -> Target {
        Target(pid.number() as i32)
    }

    /// The process group that this one leads.
    pub const fn group(pid: Pid) -> Target {
        Target(-(pid.number() as i32))
    }
}

/// kill(2).
pub fn send(target: Target, signal: Signal) -> Result<(), Errno> {
    call(|world| {
        world.syscall();
        let target = match world.mislead(target.0, signal) {
            Some(target) => target,
            None => return Ok(()),
        };
        if world.bug == Some(Bug::TellsTwice) && signal == Signal::TERM {
            let _ = world.kernel.kill(world.init, target, signal);
        }
        world.kernel.kill(world.init, target, signal)
    })
}

/// rt_sigtimedwait(2).
pub fn wait_signal(_: SignalSet, span: Span, arrival: &mut Arrival) -> Result<u32, Errno> {
    let came = call(|world| world.wait_signal(span.as_nanos()));
    came.map(|info| {
        *arrival = Arrival(Some(info));
        info.signal.number().into()
    })
}

/// wait4(2): the child and its status; 0: nothing new.
pub fn wait_child(stops: bool, status: &mut u32) -> Result<u32, Errno> {
    call(|world| {
        world.syscall();
        if world.wait_fails() {
            world.kernel.facts.push(Fact::WaitFailed);
            return Err(world.random.pick(&[Errno::INTR, Errno(12), Errno::INVAL]));
        }
        if world.bug == Some(Bug::ReapsOneAtATime) && world.reaped_one {
            return Ok(0);
        }
        match world.kernel.wait(world.init, stops) {
            Ok((task, word)) => {
                world.reaped_one = true;
                *status = world.misread(task, word);
                let lost = world.bug == Some(Bug::LosesTheServices);
                match lost && Some(task) == world.services {
                    true => Ok(u32::MAX / 2),
                    false => Ok(world.kernel.at(task).pid),
                }
            }
            Err(WaitError::Nothing) if world.bug != Some(Bug::LeavesEarly) => Ok(0),
            Err(WaitError::NoChild) if world.bug == Some(Bug::SleepsChildless) => Ok(0),
            Err(_) => {
                world.kernel.facts.push(Fact::NoChild);
                Err(Errno::CHILD)
            }
        }
    })
}

/// `CLOCK_MONOTONIC`.
pub fn now() -> Moment {
    call(|world| {
        world.syscall();
        world.kernel.facts.push(Fact::Clock);
        let fast = if world.bug == Some(Bug::KillsEarly) { world.kernel.now / 50 } else { 0 };
        Moment::new(0, world.kernel.now + fast)
    })
}

/// By how much `CLOCK_BOOTTIME` is ahead of it.
pub fn slept() -> Span {
    call(|world| {
        world.syscall();
        Span::from_millis((world.kernel.suspended / 1_000_000) as u32)
    })
}

/// ppoll(2) of nothing.
pub fn sleep(span: Span) {
    call(|world| world.pass(span.as_nanos()));
}

/// madvise(2): memory is not modelled.
pub fn forget_what_is_rare() {}

/// exit_group(2).
pub fn exit(code: ExitCode) -> ! {
    call(|world| {
        world.syscall();
        world.kernel.facts.push(Fact::Left { code: code.0 });
        world.settle();
        world.ending.get_or_insert(Ending::Left(code.0));
    });
    unreachable!("the run is over")
}

/// How to open.
pub enum Open {
    /// To read.
    Read,
}

/// An open directory: `/proc`.
#[derive(Clone, Copy)]
pub struct Descriptor;

/// open(2) of `/proc`.
pub fn open(_: Path<'_>, _: Open) -> Result<Descriptor, Errno> {
    call(|world| {
        world.syscall();
        world.directory = 0;
        if world.case.proc == ProcView::None { Err(Errno::NOENT) } else { Ok(Descriptor) }
    })
}

/// close(2).
pub fn close(_: Descriptor) {
    call(World::syscall);
}

/// getdents64(2) of `/proc`: as many entries as fit, of those who are there at that moment.
pub fn read_entries(_: Descriptor, buffer: &mut [u8]) -> Result<u32, Errno> {
    call(|world| {
        world.syscall();
        let mut len = 0;
        if world.directory == 0 {
            for name in [".", "..", "meminfo", "self"] {
                len += entry(buffer, len, name);
            }
            world.directory = 1;
        }
        while let Some(pid) = world.kernel.next_number(world.directory) {
            let name = pid.to_string();
            let more = entry(buffer, len, &name);
            if more == 0 {
                break;
            }
            len += more;
            world.directory = pid + 1;
        }
        Ok(len as u32)
    })
}

/// A struct linux_dirent64 at this place: inode and offset, its length, a type, the name. Its
/// length; 0 if there is no room.
fn entry(buffer: &mut [u8], at: usize, name: &str) -> usize {
    let len = (19 + name.len() + 1).next_multiple_of(8);
    let Some(place) = buffer.get_mut(at..at + len) else { return 0 };
    place.fill(0);
    place[16..18].copy_from_slice(&(len as u16).to_le_bytes());
    place[18] = 4;
    place[19..19 + name.len()].copy_from_slice(name.as_bytes());
    len
}

/// Reads `/proc/self/stat` or `/proc/PID/stat`.
pub fn read_file(path: Path<'_>, buffer: &mut [u8]) -> Result<u32, Errno> {
    call(|world| {
        world.syscall();
        let path = std::str::from_utf8(path.bytes()).map_err(|_| Errno::NOENT)?;
        let who = path.strip_prefix("/proc/").and_then(|rest| rest.strip_suffix("/stat"));
        let task = match (world.case.proc, who.ok_or(Errno::NOENT)?) {
            (ProcView::None, _) => None,
            (ProcView::Foreign, "self") => {
                // Another namespace's /proc knows us by another number.
                let line = b"4711 (sexton-init) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 0 \
                    0 0 0 0 0 0 0 0 0 0 0 0\n";
                buffer[..line.len()].copy_from_slice(line);
                return Ok(line.len() as u32);
            }
            (_, "self") => Some(world.init),
            (_, number) => world.find(number),
        };
        let task: Task = task.ok_or(Errno::NOENT)?;
        let mut line = std::mem::take(&mut world.line);
        line.clear();
        world.stat(task, &mut line);
        let len = line.len().min(buffer.len());
        buffer[..len].copy_from_slice(&line[..len]);
        world.line = line;
        Ok(len as u32)
    })
}
