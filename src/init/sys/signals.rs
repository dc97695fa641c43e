//! System calls about signals.

use sexton_core::errno::Errno;
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::supervisor::{Heard, Source};
use sexton_core::time::Span;

use super::arch::number;
use super::{call, call4};

/// The kernel's sigset_t is 8 bytes, libc's is longer: raw calls name the size.
const SET_SIZE: usize = size_of::<SignalSet>();

/// rt_sigprocmask(2) `SIG_SETMASK`: blocks exactly these; `before`: what was blocked before.
#[doc(alias = "rt_sigprocmask")]
#[inline(never)]
pub fn mask(set: &SignalSet, before: &mut SignalSet) -> Result<u32, Errno> {
    const SIG_SETMASK: usize = 2;
    let (new, old) = (&raw const *set as usize, &raw mut *before as usize);
    // SAFETY: it reads one set and writes the other, both of SET_SIZE.
    unsafe { call4(SIG_SETMASK, new, old, SET_SIZE, number::RT_SIGPROCMASK) }
}

/// What happens when a signal is delivered: the kernel's `struct sigaction`, which is not libc's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Action {
    handler: usize,
    flags: usize,
    restorer: usize,
    mask: SignalSet,
}

impl Action {
    /// What signal(7) says.
    pub const DEFAULT: Action =
        Action { handler: 0, flags: 0, restorer: 0, mask: SignalSet::EMPTY };
    /// Nothing: `SIG_IGN`.
    pub const IGNORE: Action = Action { handler: 1, ..Action::DEFAULT };
}

/// rt_sigaction(2): sets this action, and puts there the one before. It is one of the two that
/// execve(2) keeps, as no handler of ours is ever set.
#[doc(alias = "rt_sigaction")]
pub fn exchange_action(signal: Signal, action: &mut Action) -> Result<u32, Errno> {
    let place = &raw mut *action as usize;
    // SAFETY: it has read the new action before it writes the old one.
    unsafe { call4(signal.number().into(), place, place, SET_SIZE, number::RT_SIGACTION) }
}

/// The kernel's siginfo_t on 64-bit machines, as kill(2), sigqueue(3) and the terminal fill it.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Info {
    signal: u32,
    errno: i32,
    code: i32,
    _padding: u32,
    pid: u32,
    uid: u32,
    value: u64,
    _rest: [u64; 12],
}

const _: () = assert!(size_of::<Info>() == 128);

impl Info {
    const EMPTY: Info = Info {
        signal: 0,
        errno: 0,
        code: 0,
        _padding: 0,
        pid: 0,
        uid: 0,
        value: 0,
        _rest: [0; 12],
    };

    /// kill(2).
    const SI_USER: i32 = 0;
    /// sigqueue(3).
    const SI_QUEUE: i32 = -1;
    /// The terminal's keys, a hang-up, a limit.
    const SI_KERNEL: i32 = 128;
}

/// A signal that came, with all that came with it.
#[repr(transparent)]
pub struct Arrival(Info);

impl Arrival {
    /// None yet.
    #[inline(never)]
    pub fn none() -> Arrival {
        Arrival(Info::EMPTY)
    }

    /// Which.
    pub fn signal(&self) -> Option<Signal> {
        Signal::new(self.0.signal)
    }

    /// What the supervisor wants to know of it.
    pub fn heard(&self, own: Pid) -> Option<Heard> {
        let (signal, source) = (self.signal()?, self.source(own));
        Some(Heard { signal, source, with_the_end: false })
    }

    fn source(&self, own: Pid) -> Source {
        match self.0.code {
            Info::SI_KERNEL => Source::Kernel,
            Info::SI_USER if self.0.pid == own.number() => Source::Ourselves,
            _ => Source::Process,
        }
    }

    /// rt_sigqueueinfo(2): passes it on to one process as this signal, with its value and its
    /// sender, if it came by sigqueue(3). Otherwise, and where the queue is full
    /// (`RLIMIT_SIGPENDING`), it is an error, and kill(2) has to do.
    #[doc(alias = "rt_sigqueueinfo")]
    pub fn pass_on(&self, to: Pid, signal: Signal) -> Result<(), Errno> {
        if self.0.code != Info::SI_QUEUE {
            return Err(Errno::INVAL);
        }
        queue(to, signal, &self.0)
    }
}

/// rt_sigtimedwait(2): the next signal of the set. `span`: how long to wait at most.
/// `EAGAIN`: none came; `EINTR`: a stop and a continuation came between.
#[doc(alias = "rt_sigtimedwait")]
#[inline(never)]
pub fn wait_signal(set: SignalSet, span: Span, arrival: &mut Arrival) -> Result<u32, Errno> {
    let timeout = timespec(span);
    // Not even a timer for what is more than a century away: it would be set up at every wait.
    let timer = span < Span::from_secs(u32::MAX);
    let timeout = if timer { timeout.as_ptr() as usize } else { 0 };
    let (set, to) = (&raw const set as usize, &raw mut *arrival as usize);
    // SAFETY: it reads the set and the timespec, if there is one, and writes the info, which an
    // arrival is.
    unsafe { call4(set, to, timeout, SET_SIZE, number::RT_SIGTIMEDWAIT) }
}

/// Takes this signal out of the pending ones if it is our own doing; somebody else's stays. Whether
/// it was.
pub fn forget(own: Pid, signal: Signal) -> bool {
    let mut arrival = Arrival::none();
    if wait_signal(SignalSet::EMPTY.with(signal), Span::from_secs(0), &mut arrival).is_err() {
        return false;
    }
    let ours = arrival.source(own) == Source::Ourselves;
    if !ours {
        // To oneself any siginfo may be sent again as it was (rt_sigqueueinfo(2)).
        let _ = queue(own, signal, &arrival.0);
    }
    ours
}

/// tkill(2): sends ourselves a signal, in a way that [`Arrival::heard`] does not take for our own
/// doing.
#[doc(alias = "tkill")]
pub fn tell_own(own: Pid, signal: Signal) {
    let (own, signal) = (own.number() as usize, signal.number().into());
    // SAFETY: it touches no memory.
    let _ = unsafe { call(own, signal, 0, number::TKILL) };
}

fn queue(to: Pid, signal: Signal, info: &Info) -> Result<(), Errno> {
    // The kernel takes the number from here, not from the info (kernel/signal.c
    // `__copy_siginfo_from_user`).
    let (to, signal) = (to.number() as usize, signal.number().into());
    // SAFETY: it reads the info.
    unsafe { call(to, signal, &raw const *info as usize, number::RT_SIGQUEUEINFO) }.map(|_| ())
}

/// Whom kill(2) means by its number.
#[derive(Clone, Copy)]
pub struct Target(i32);

impl Target {
    /// Everyone in the PID namespace but ourselves: only for its first process, as elsewhere it
    /// is the whole machine.
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
#[doc(alias = "kill")]
pub fn send(target: Target, signal: Signal) -> Result<(), Errno> {
    // SAFETY: it touches no memory.
    unsafe { call(target.0 as usize, signal.number().into(), 0, number::KILL) }.map(|_| ())
}

pub(super) fn timespec(span: Span) -> [u64; 2] {
    let nanos = span.as_nanos();
    [nanos / 1_000_000_000, nanos % 1_000_000_000]
}
