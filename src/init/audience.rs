//! Sending a signal to those whom the supervisor means.

use sexton_core::errno::Errno;
use sexton_core::process::{Pid, Stat, Told, ToldWhom};
use sexton_core::signal::Signal;
use sexton_core::supervisor::{Audience, Placement};
use sexton_core::text::Text;
use sexton_core::time::Span;

use crate::procfs;
use crate::sys::{self, Arrival, Target};

/// What is needed to find everybody.
#[derive(Clone, Copy)]
pub struct Circle {
    /// Ourselves.
    pub own: Pid,
    /// The main command, if there is one; its number is nobody's, or somebody else's, once it was
    /// reaped.
    pub main: Option<Pid>,
    /// Whether it has a process group of its own.
    pub placement: Placement,
    /// The process group that it was started in; 0 if that is outside our namespace.
    pub group: u32,
}

/// A signal to be sent, and to whom.
pub struct Message<'a> {
    /// To whom.
    pub whom: Audience,
    /// Which.
    pub signal: Signal,
    /// The one that is being passed on, if it is one.
    pub arrival: Option<&'a Arrival>,
    /// The main command, or who is meant in its place, if it has not been reaped.
    pub main: Option<Pid>,
    /// Who has been told before.
    pub told: Option<Told>,
    /// See [`sys::slept`]: what it was then. A suspend since makes nobody older.
    pub slept: Span,
}

/// There is no `/proc` that speaks of our namespace.
pub const NO_PROC: Errno = Errno(0);

impl Circle {
    /// Ours, before anybody was started.
    pub const fn of(own: Pid) -> Circle {
        Circle { own, main: None, placement: Placement::Apart, group: 0 }
    }

    /// Sends it.
    #[inline(never)]
    pub fn tell(&self, message: &Message<'_>) -> Result<(), Errno> {
        let signal = message.signal;
        let apart = self.placement == Placement::Apart;
        // INVARIANT(never-the-host): only the first process of a namespace speaks to all of it.
        let to_all = || sys::send(Target::NAMESPACE, signal);
        match (message.whom, message.main) {
            (Audience::Command | Audience::Services, None) => return Ok(()),
            (Audience::Command | Audience::Services, Some(one)) => return tell_one(one, message),
            // A group that is not its own has others in it too: a pipeline's, or the script's that
            // called us.
            (Audience::Group, Some(main)) if apart => {
                return match sys::send(Target::group(main), signal) {
                    // Perhaps it had no group of its own after all.
                    Err(Errno::SRCH) => tell_one(main, message),
                    sent => sent,
                };
            }
            (Audience::Group, _) => {}
            (Audience::Untold, _) if message.told.is_some() => {}
            _ if self.own.is_init() => return to_all(),
            _ => {}
        }
        let mut round = Round { circle: self, message, result: Ok(()) };
        if procfs::everyone(self.own, &mut |pid, stat| round.tell(pid, stat)) {
            return round.result;
        }
        // Where nobody can be told apart, twice is better than never.
        if self.own.is_init() {
            return to_all();
        }
        if apart && let Some(main) = self.main {
            let _ = sys::send(Target::group(main), signal);
        } else if let Some(main) = message.main {
            let _ = tell_one(main, message);
        }
        Err(NO_PROC)
    }

    /// Writes down who is there.
    pub fn roll(&self, roll: &mut Text<'_>) {
        procfs::everyone(self.own, &mut |_, stat: &Stat<'_>| {
            if !roll.bytes().is_empty() {
                roll.text(b", ");
            }
            roll.text(stat.label);
        });
    }
}

/// One process, which we have not reaped. A signal without its value is better than none.
fn tell_one(pid: Pid, message: &Message<'_>) -> Result<(), Errno> {
    if let Some(arrival) = message.arrival
        && arrival.pass_on(pid, message.signal).is_ok()
    {
        return Ok(());
    }
    sys::send(Target::process(pid), message.signal)
}

/// A message on its way through everyone there is.
struct Round<'a> {
    circle: &'a Circle,
    message: &'a Message<'a>,
    /// The last failure.
    result: Result<(), Errno>,
}

impl Round<'_> {
    /// Tells this process, if it is meant.
    fn tell(&mut self, pid: Pid, stat: &Stat<'_>) {
        let in_group = stat.group == self.circle.group;
        let meant = match (self.message.whom, self.message.told) {
            (Audience::Group, _) => in_group,
            (Audience::Untold, Some(told)) => {
                !(told.heard(stat, self.message.slept)
                    && (told.whom == ToldWhom::Everyone || in_group))
            }
            _ => true,
        };
        if meant && let Err(errno) = sys::send(Target::process(pid), self.message.signal) {
            self.result = Err(errno);
        }
    }
}
