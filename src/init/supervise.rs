//! The loop: wait, reap, ask the supervisor, do what it says. Nothing here decides, and nothing
//! here can fail: there is no error to return.

use sexton_core::errno::Errno;
use sexton_core::exit::ExitCode;
use sexton_core::limits;
use sexton_core::notice::{Saying, Value};
use sexton_core::policy::{Policy, Voice};
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{Audience, Children, Event, Placement, Supervisor, Sweep};
use sexton_core::text::Text;
use sexton_core::time::{Moment, Span};
use sexton_core::words::piece;

use crate::audience::{Circle, Message, NO_PROC};
use crate::report;
use crate::sys::{self, Arrival, Clock, Target};

/// A run under way.
struct Cruise<'p> {
    supervisor: Supervisor<'p>,
    circle: &'p Circle,
    voice: &'p Voice,
    /// The main command has been reaped: its number means nothing any more.
    main_reaped: bool,
    /// Reaped besides it.
    orphans: u32,
    /// Reaping failed for no known reason: there may be no second signal for who is still there.
    unreaped: bool,
    /// What to end with, once it is time to.
    code: Option<ExitCode>,
}

/// Sees a run to its end. A stack frame of its own keeps that of the start small.
#[inline(never)]
pub fn supervise(policy: &Policy, circle: &Circle) -> ExitCode {
    let mut cruise = Cruise {
        supervisor: Supervisor::new(policy, circle.placement),
        circle,
        voice: &policy.voice,
        main_reaped: false,
        orphans: 0,
        unreaped: false,
        code: None,
    };
    loop {
        let mut arrival = Arrival::none();
        let came = cruise.wait(&mut arrival);
        // INVARIANT(reap-first): whatever woke us, the dead come first: a zombie may be what keeps
        // the application from making processes, and no signal shall be sent to one.
        let lived = !cruise.main_reaped;
        let sweep = cruise.reap();
        let ended = lived && cruise.main_reaped;
        let now = sys::now(Clock::Monotonic);
        cruise.act(Event::Swept(sweep), None, now);
        if came && let Some(heard) = arrival.heard(circle.own, ended) {
            cruise.act(Event::Signal(heard), Some(&arrival), now);
        }
        cruise.act(Event::Tick, None, now);
        if let Some(code) = cruise.code {
            return code;
        }
    }
}

impl Cruise<'_> {
    /// Whether a signal came before it was time for something else.
    fn wait(&self, arrival: &mut Arrival) -> bool {
        // What shall never be is some 500 years away.
        let now = sys::now(Clock::Monotonic);
        let mut until = self.supervisor.deadline();
        if self.unreaped {
            until = until.min(now.after(limits::WAIT_AGAIN));
        }
        let came = sys::wait_signal(SignalSet::ALL, until.since(now), arrival);
        if !matches!(came, Ok(_) | Err(Errno::AGAIN | Errno::INTR)) {
            // It cannot be; but if it is we go on reaping, without burning the processor.
            sys::sleep(limits::WAIT_AGAIN);
        }
        came.is_ok()
    }

    /// Reaps every child that has ended: one SIGCHLD may stand for many.
    fn reap(&mut self) -> Sweep {
        let stops = self.circle.placement == Placement::WithUs;
        let mut sweep = Sweep { main: None, children: Children::Left };
        let mut word = 0;
        loop {
            let reaped = sys::wait_child(stops, &mut word);
            if reaped == Err(Errno::CHILD) {
                sweep.children = Children::None;
            }
            // Any other error cannot be; but if it is, it does not cost us the status.
            self.unreaped = reaped.is_err();
            let Some(pid) = reaped.ok().and_then(Pid::new) else { return sweep };
            let status = WaitStatus::decode(word);
            if self.count(pid, status) {
                sweep.main = Some(status);
            }
        }
    }

    /// Whether it is the main command of which this is said.
    #[inline(never)]
    fn count(&mut self, pid: Pid, status: WaitStatus) -> bool {
        let is_main = pid == self.circle.main && !self.main_reaped;
        if let Some((saying, how)) = Saying::ended(is_main, status) {
            if is_main {
                self.main_reaped = true;
            } else {
                self.orphans = self.orphans.wrapping_add(1);
            }
            report::say(self.voice, saying, &[pid.into(), how]);
        }
        is_main
    }

    /// One event to the supervisor, and its answer performed. `arrival`: the signal, if that is
    /// the event.
    #[inline(never)]
    fn act(&mut self, event: Event, arrival: Option<&Arrival>, now: Moment) {
        let actions = self.supervisor.step(event, now);
        if let Some(after) = actions.call_roll {
            self.call_roll(after);
        }
        if let Some((whom, signal)) = actions.tell {
            self.tell(whom, signal, arrival, now);
        }
        if let Some(whom) = actions.rouse {
            self.tell(whom, Signal::CONT, None, now);
        }
        if actions.suspend {
            let _ = sys::send(Target::Process(self.circle.own), Signal::STOP);
        }
        if let Some(exit) = actions.exit {
            let values = [Value::Number(exit.code.0.into()), Value::Number(self.orphans)];
            report::say(self.voice, Saying::done(exit.state), &values);
            self.code = Some(exit.code);
        }
    }

    /// Says who is still there.
    #[inline(never)]
    fn call_roll(&self, after: Span) {
        let mut buffer = [0; limits::ROLL_MAX];
        let mut roll = Text::new(&mut buffer);
        self.circle.roll(&mut roll);
        let orphans = Value::Number(self.orphans);
        let values =
            [Value::Number(after.as_millis() as u32), Value::Foreign(roll.bytes()), orphans];
        report::say(self.voice, Saying::Killing, &values);
    }

    fn tell(&mut self, whom: Audience, signal: Signal, arrival: Option<&Arrival>, now: Moment) {
        report::say(self.voice, Saying::Told, &[Value::Signal(signal), Value::Foreign(name(whom))]);
        let (told, main_lives) = (self.supervisor.told(), !self.main_reaped);
        if let Err(errno) =
            self.circle.tell(&Message { whom, signal, arrival, main_lives, told, now })
            && self.supervisor.tell_failed(errno)
        {
            let saying = if errno == NO_PROC { Saying::NoProc } else { Saying::TellFailed };
            report::say(self.voice, saying, &[Value::Signal(signal), Value::Errno(errno)]);
        }
    }
}

fn name(whom: Audience) -> &'static [u8] {
    let names = b"the command/its group/everyone/everyone not told yet";
    piece(names, b'/', whom as usize)
}
