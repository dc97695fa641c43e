//! What the supervisor is told, and what it answers.

use crate::course::Stage;
use crate::exit::Exit;
use crate::signal::{Signal, SignalSet};
use crate::status::WaitStatus;
use crate::time::Span;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A signal came for the init.
    Signal(Heard),
    /// Every child that had ended was reaped.
    Swept(Sweep),
    /// The supervisor of services was among them.
    ServicesEnded(WaitStatus),
    /// What came of [`Actions::start`].
    Began(Began),
    /// Time has passed: perhaps [`Supervisor::deadline`](super::Supervisor::deadline) has come.
    Tick,
}

/// What came of starting the next program of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Began {
    /// It runs; of the main command, where it was placed.
    UnderWay(Placement),
    /// There is none, or none any more.
    Nothing,
    /// The kernel gave no process.
    Failed,
}

/// A signal that came, as rt_sigtimedwait(2) tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Which.
    pub signal: Signal,
    /// Where from.
    pub source: Source,
    /// It was taken in the wake-up in which the last part began: nobody can say which came first.
    pub with_the_end: bool,
}

impl Heard {
    /// Our own doing, of which nobody else shall hear; nor can it be said, if it is for a log that
    /// nobody reads.
    pub fn is_own_noise(&self) -> bool {
        self.source == Source::Ourselves && OWN_NOISE.contains(self.signal)
    }
}

/// Where a signal comes from, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// kill(2), sigqueue(3) and the like.
    Process,
    /// The kernel itself: the terminal's keys, its size, its hang-up.
    Kernel,
    /// Ourselves. PIPE and XFSZ are then for a log that cannot be written, and HUP and CONT are
    /// what the kernel sends to a group whose terminal we gave back: nobody else shall hear of it.
    Ourselves,
}

/// What reaping found, from the first child that had ended to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// How the main command ended, or that it stopped; if it did. Before and after it: the program
    /// of the stage.
    pub main: Option<WaitStatus>,
    /// Whether any child is left.
    pub children: Children,
}

/// Whether any child is left. Processes from outside (`docker exec`) are nobody's children here:
/// they do not hold the exit up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Children {
    /// Some live, or are zombies whose tracer has to look first.
    Left,
    /// wait4 answered `ECHILD`.
    None,
}

/// What to do, in the order of the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actions {
    /// Find out who is still there so long after they were told to end, and say it: they are
    /// about to get KILL.
    pub call_roll: Option<Span>,
    /// Send a signal.
    pub tell: Option<(Audience, Signal)>,
    /// Send CONT too: who is stopped hears nothing else before it runs again.
    pub rouse: Option<Audience>,
    /// Stop ourselves, as the main command does: a shell wants its terminal back.
    pub suspend: bool,
    /// The end begins, and why.
    pub last_part: Option<LastPart>,
    /// Start the next program of this stage, and say what came of it by [`Event::Began`].
    pub start: Option<Stage>,
    /// End.
    pub exit: Option<Exit>,
}

/// Whose end is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The main command's, or that of the program of another stage.
    OfStage,
    /// That of the supervisor of services.
    Services,
}

/// What begins when nothing is to be run any more: the drain, or what the policy has in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastPart {
    /// As the work is done.
    ByItself,
    /// As we were told to stop, and shall say so.
    Aborted,
}

/// Whom a signal goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// The main command, before and after it the program of the stage; nobody after it was reaped.
    Command,
    /// The supervisor of services; nobody after it was reaped.
    Services,
    /// The main command's process group; after the main command was reaped, those who are in it by
    /// what `/proc` says, as its number may be another's.
    Group,
    /// Everyone there is: as PID 1 the whole namespace, else our descendants.
    Everyone,
    /// Everyone but those who were told already: see [`Supervisor::told`](super::Supervisor::told).
    Untold,
}

/// How the main command was placed when it was started; see `src/init/terminal.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// In a group or session of its own: whatever it shall hear we must pass on.
    Apart,
    /// In the group that we are in too, because a shell made that group a job: the terminal
    /// tells both of us, and the shell wants to see us stop when the command stops.
    WithUs,
}

/// What we do to ourselves: PIPE and XFSZ for a line of the log that could not be written, HUP and
/// CONT for giving up a terminal.
const OWN_NOISE: SignalSet =
    SignalSet::EMPTY.with(Signal::PIPE).with(Signal::XFSZ).with(Signal::HUP).with(Signal::CONT);

impl Actions {
    /// Nothing.
    pub const NONE: Actions = Actions {
        call_roll: None,
        tell: None,
        rouse: None,
        suspend: false,
        last_part: None,
        start: None,
        exit: None,
    };

    pub(super) fn tell_the_rest(&mut self, signal: Signal) {
        self.tell = Some((Audience::Untold, signal));
        self.rouse = Some(Audience::Everyone);
    }
}
