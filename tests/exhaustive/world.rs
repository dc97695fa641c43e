//! What can happen to an init, and in which order it can.

use sexton_core::policy::{ForwardTo, OnExit, Policy, SignalMap};
use sexton_core::signal::Signal;
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{Children, Event, Heard, Placement, Source, Sweep};
use sexton_core::time::{Moment, Span};

pub const USR1: Signal = Signal::new(10).unwrap();
pub const WINCH: Signal = Signal::new(28).unwrap();

/// One thing that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    Signal(Signal, Source),
    Sweep(Option<WaitStatus>, Children),
    Wait(Wait),
}

/// How long nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    Second,
    /// Until the moment that the machine asks to be woken at, if it does.
    Deadline,
    /// Much longer than that.
    Hour,
}

use Happening::{Signal as Sent, Sweep as Swept};

/// All that happens here, with its name in reports; first what changes most.
pub const ALPHABET: [(&str, Happening); 16] = [
    ("TERM", Sent(Signal::TERM, Source::Process)),
    ("INT", Sent(Signal::INT, Source::Process)),
    ("main exited 3, children left", Swept(Some(WaitStatus::Exited(3)), Children::Left)),
    ("none left", Swept(None, Children::None)),
    ("a second later", Happening::Wait(Wait::Second)),
    ("at the deadline", Happening::Wait(Wait::Deadline)),
    ("an hour later", Happening::Wait(Wait::Hour)),
    ("USR1", Sent(USR1, Source::Process)),
    ("WINCH", Sent(WINCH, Source::Process)),
    ("CHLD", Sent(Signal::CHLD, Source::Kernel)),
    ("HUP of our own", Sent(Signal::HUP, Source::Ourselves)),
    ("INT from the kernel", Sent(Signal::INT, Source::Kernel)),
    ("children left", Swept(None, Children::Left)),
    ("main exited 3, none left", Swept(Some(WaitStatus::Exited(3)), Children::None)),
    ("main stopped by TSTP", Swept(Some(WaitStatus::Stopped(Signal::TSTP)), Children::Left)),
    ("main stopped by STOP", Swept(Some(WaitStatus::Stopped(Signal::STOP)), Children::Left)),
];

/// Who lives, as far as the kernel would show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// The main command; perhaps others.
    Main,
    /// Only others.
    Others,
    /// Nobody.
    Nobody,
}

impl World {
    /// Whether this can happen. That the main command gets lost cannot, but shall not hang us:
    /// "none left" is in the alphabet as long as anybody lives.
    pub fn allows(self, happening: Happening) -> bool {
        match happening {
            Happening::Signal(..) | Happening::Wait(_) => true,
            Happening::Sweep(Some(_), _) => self == World::Main,
            Happening::Sweep(None, _) => self != World::Nobody,
        }
    }

    /// Who lives then.
    pub fn after(self, event: Event) -> World {
        match event {
            Event::Swept(Sweep { children: Children::None, .. }) => World::Nobody,
            Event::Swept(Sweep { main: Some(status), .. }) if ends(status) => World::Others,
            _ => self,
        }
    }
}

impl Happening {
    /// As the loop tells it, and when; nothing for a deadline that there is not.
    pub fn event(self, now: Moment, deadline: Moment) -> Option<(Event, Moment)> {
        Some(match self {
            Happening::Signal(signal, source) => {
                (Event::Signal(Heard { signal, source, with_the_end: false }), now)
            }
            Happening::Sweep(main, children) => (Event::Swept(Sweep { main, children }), now),
            Happening::Wait(Wait::Second) => (Event::Tick, now.after(Span::from_secs(1))),
            Happening::Wait(Wait::Hour) => (Event::Tick, now.after(Span::from_secs(3600))),
            Happening::Wait(Wait::Deadline) if deadline == Moment::NEVER => return None,
            Happening::Wait(Wait::Deadline) => (Event::Tick, now.max(deadline)),
        })
    }
}

/// Whether the main command has ended: it may also have stopped.
pub fn ends(status: WaitStatus) -> bool {
    matches!(status, WaitStatus::Exited(_) | WaitStatus::Killed(_))
}

/// What a run is started with.
#[derive(Clone, Debug)]
pub struct Setting {
    pub policy: Policy,
    pub placement: Placement,
    /// For reports, as the policy's own cannot show it.
    pub rewrites: &'static str,
}

/// Every combination of what makes a difference.
pub fn settings() -> Vec<Setting> {
    let mut rewriting = SignalMap::IDENTITY;
    rewriting.set(Signal::TERM, Some(Signal::QUIT));
    rewriting.set(Signal::INT, Some(Signal::TERM));
    rewriting.set(USR1, None);
    let mut settings = Vec::new();
    for forward_to in [ForwardTo::Command, ForwardTo::Group, ForwardTo::Everyone] {
        for on_exit in [OnExit::Drain, OnExit::Wait, OnExit::Leave, OnExit::Farewell] {
            for stop_timeout in [Span::FOREVER, Span::from_secs(3)] {
                for drain_timeout in [Span::from_secs(10), Span::FOREVER] {
                    let policy = Policy {
                        forward_to,
                        on_exit,
                        stop_timeout,
                        drain_timeout,
                        stop_on: Policy::native().stop_on.with(WINCH),
                        ..Policy::native()
                    };
                    let rewritten = Policy { rewrites: rewriting.clone(), ..policy.clone() };
                    for placement in [Placement::Apart, Placement::WithUs] {
                        let (policy, rewritten) = (policy.clone(), rewritten.clone());
                        settings.push(Setting { policy, placement, rewrites: "none" });
                        let rewrites = "TERM:QUIT,INT:TERM,USR1:0";
                        settings.push(Setting { policy: rewritten, placement, rewrites });
                    }
                }
            }
        }
    }
    settings
}
