//! The one fact that a verdict on the stop signal rests on, in words.

use crate::sight::Sight;
use crate::text::duration;

/// Why it will react, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// `SigIgn`.
    Ignored,
    /// In rt_sigtimedwait, with the signal in the set.
    Awaited,
    /// In rt_sigtimedwait; the set could not be read.
    AwaitedUnread,
    /// A signalfd takes it, and every thread blocks it.
    Signalfd,
    /// A signalfd is for it, but another thread than the first leaves it unblocked.
    SignalfdOtherThread,
    /// A signalfd is for it, but nobody blocks it.
    SignalfdUnblocked,
    /// `SigCgt`.
    Handler,
    /// `SigCgt`, and blocked by every thread in every sample.
    HandlerBlocked,
    /// node's own, unless the application has one: they look alike.
    NodeHandler,
    /// Blocked, and nobody was seen to take it.
    Blocked,
    /// Blocked; what it waits for could not be read.
    BlockedUnread,
    /// The default action, which PID 1 does not have.
    Default,
    /// The same, of a shell: its command is not told either.
    DefaultOfShell,
    /// The same, but what it waits for could not be read.
    DefaultUnread,
    /// The default action, which ends whoever is not PID 1.
    DefaultEnds,
    /// A known init; its system call could not be read.
    KnownInit,
    /// A shell in `wait`, where traps run.
    ShellWaits,
    /// A shell with a trap and a foreground child.
    Foreground {
        /// The child.
        pid: i32,
        /// How long it has run.
        age_s: u64,
    },
    /// The same, and the child is young: it may end soon.
    ShortForeground {
        /// The child.
        pid: i32,
        /// How long it has run.
        age_s: u64,
    },
    /// A shell with a trap, and its child's masks do not tell foreground from background.
    ForegroundOrNot {
        /// The child.
        pid: i32,
    },
    /// Passes the signal to this one, which takes no notice.
    MainIsDeaf {
        /// The main command.
        main: i32,
    },
    /// Leaves while these live on.
    LeavesBehind {
        /// Whose end makes PID 1 leave; `None`: PID 1 itself leaves.
        leaver: Option<i32>,
        /// Who is killed then.
        behind: Vec<i32>,
    },
    /// systemd, on TERM.
    Reexecutes,
    /// It is ending already.
    Ending,
    /// Nothing could be read.
    Unread,
}

impl Why {
    /// The evidence line. `signal` without `SIG`.
    pub fn words(&self, sight: &Sight, signal: &str) -> String {
        match self {
            Why::Ignored => format!("it ignores {signal} (SigIgn)"),
            Why::Awaited => format!("it sleeps in sigtimedwait, and {signal} is in the set"),
            Why::AwaitedUnread => "it sleeps in sigtimedwait; the set could not be read".into(),
            Why::Signalfd => format!("a signalfd takes {signal}, and every thread blocks it"),
            Why::SignalfdOtherThread => format!(
                "a signalfd is for {signal}, but one of its threads does not block it, and the \
                 kernel may choose that one"
            ),
            Why::SignalfdUnblocked => format!(
                "a signalfd is for {signal}, but the first thread does not block it: the default \
                 action comes first, and PID 1 has none"
            ),
            Why::Handler => {
                format!("it has a handler for {signal} (SigCgt); what that does is not to be seen")
            }
            Why::HandlerBlocked => {
                format!("it has a handler for {signal}, but blocked it in every look")
            }
            Why::NodeHandler => format!(
                "node's own handler for {signal} raises it again, which PID 1 ignores; one of the \
                 application's looks the same from outside"
            ),
            Why::Blocked => format!("it blocks {signal}, and nothing of it takes it"),
            Why::BlockedUnread => {
                format!("it blocks {signal}; what it waits for may not be read without root")
            }
            Why::Default => format!(
                "no handler for {signal}, no signalfd, no sigwait: the kernel drops it for PID 1"
            ),
            Why::DefaultOfShell => format!(
                "a shell without a trap for {signal}: the kernel drops it for PID 1, and a shell \
                 passes nothing on"
            ),
            Why::DefaultUnread => format!(
                "no handler for {signal}: the kernel drops it for PID 1, unless it waits for it, \
                 which may not be read without root"
            ),
            Why::DefaultEnds => format!("the default action of {signal} ends it"),
            Why::KnownInit => {
                "by its name an init that waits for signals; its system call may not \
                               be read without root"
                    .into()
            }
            Why::ShellWaits => format!("a shell with a trap for {signal}, in `wait`"),
            Why::Reexecutes => "systemd executes itself anew on TERM, and stops on RTMIN+3".into(),
            Why::Ending => "it is ending already".into(),
            Why::Unread => "nothing of it could be read".into(),
            Why::Foreground { .. }
            | Why::ShortForeground { .. }
            | Why::ForegroundOrNot { .. }
            | Why::MainIsDeaf { .. }
            | Why::LeavesBehind { .. } => self.words_on_children(sight, signal),
        }
    }

    /// Of those that are about others.
    fn words_on_children(&self, sight: &Sight, signal: &str) -> String {
        let named = |pid: i32| match sight.who(pid) {
            Some(who) => format!("{pid} ({})", who.command),
            None => pid.to_string(),
        };
        let trap = "a shell runs its trap when its foreground child has ended";
        match self {
            Why::Foreground { pid, age_s } => {
                format!("{trap}: {}, started {} ago", named(*pid), duration(*age_s))
            }
            Why::ShortForeground { pid, age_s } => {
                format!("{trap}: {}, started only {} ago", named(*pid), duration(*age_s))
            }
            Why::ForegroundOrNot { pid } => format!(
                "a shell with a trap; it runs at once if {} is in the background, and when that \
                 has ended if not",
                named(*pid)
            ),
            Why::MainIsDeaf { main } => {
                format!("it passes {signal} to {}, which takes no notice", named(*main))
            }
            Why::LeavesBehind { leaver, behind } => {
                let left = behind.iter().map(|&pid| named(pid)).collect::<Vec<_>>().join(", ");
                match leaver {
                    None => format!("it leaves on {signal}; the kernel then kills {left}"),
                    Some(main) => format!(
                        "it leaves when {} has ended on {signal}; the kernel then kills {left}",
                        named(*main)
                    ),
                }
            }
            _ => String::new(),
        }
    }
}
