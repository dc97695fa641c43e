//! Sending a signal to those whom the supervisor means.

use sexton_core::errno::Errno;
use sexton_core::process::{Pid, Stat, Told, ToldWhom};
use sexton_core::signal::Signal;
use sexton_core::supervisor::{Audience, Placement};
use sexton_core::text::Text;
use sexton_core::time::Moment;

use crate::procfs;
use crate::sys::{self, Arrival, Clock, Target};

/// What is needed to find everybody.
#[derive(Clone, Copy)]
pub struct Circle {
    /// Ourselves.
    pub own: Pid,
    /// The main command; its number is nobody's, or somebody else's, once it was reaped.
    pub main: Pid,
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
    /// The main command, if it has not been reaped.
    pub main: Option<Pid>,
    /// Who has been told before.
    pub told: Option<Told>,
    /// The present moment.
    pub now: Moment,
}

/// There is no `/proc` that speaks of our namespace.
pub const NO_PROC: Errno = Errno(0);

impl Circle {
    /// Sends it.
    pub fn tell(&self, message: &Message<'_>) -> Result<(), Errno> {
        let apart = self.placement == Placement::Apart;
        let signal = message.signal;
        let to_group = message.whom == Audience::Group;
        // A group that is not its own has others in it too: a pipeline's, or the script's that
        // called us.
        if message.whom == Audience::Command || to_group && apart {
            let sent = if to_group {
                sys::send(Target::group(self.main), signal)
            } else {
                Err(Errno::SRCH)
            };
            // Perhaps it had no group of its own after all.
            return if sent == Err(Errno::SRCH) { tell_one(self.main, message) } else { sent };
        }
        // All but those of these who heard it.
        let among = message.told.filter(|_| message.whom == Audience::Untold);
        let all = self.own.is_init() && among.is_none() && !to_group;
        let at = among.map_or(0, |told| ticks(told, message.now));
        let mut result = Ok(());
        let mut tell = |pid, stat: &Stat<'_>| {
            let in_group = stat.group == self.group;
            let meant = match among {
                Some(told) => {
                    !(told.heard(stat, at) && (told.whom == ToldWhom::Everyone || in_group))
                }
                None => !to_group || in_group,
            };
            if meant && let Err(errno) = sys::send(Target::process(pid), signal) {
                result = Err(errno);
            }
        };
        if !all && procfs::everyone(self.own, &mut tell) {
            return result;
        }
        // INVARIANT(never-the-host): only the first process of a namespace speaks to all of it.
        if self.own.is_init() {
            // Where nobody can be told apart, twice is better than never.
            return sys::send(Target::NAMESPACE, signal);
        }
        if apart {
            let _ = sys::send(Target::group(self.main), signal);
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

/// When they were told, as `/proc` counts the start of processes.
fn ticks(told: Told, now: Moment) -> u64 {
    told.at.after(sys::now(Clock::Boot).since(now)).ticks()
}
