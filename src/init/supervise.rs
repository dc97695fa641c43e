//! The loop: wait, reap, ask the supervisor, do what it says. Nothing here decides, and nothing
//! here can fail: there is no error to return.

use sexton_core::course::Stage;
use sexton_core::errno::Errno;
use sexton_core::limits;
use sexton_core::notice::{Phrase, Saying, Value, Whose};
use sexton_core::policy::{OnExit, Policy, Voice};
use sexton_core::process::Pid;
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::status::WaitStatus;
use sexton_core::supervisor::{
    Actions, Audience, Children, Ends, Event, Heard, LastPart, Placement, Supervisor, Sweep,
};
use sexton_core::text::Text;
use sexton_core::time::{Moment, Span};

use crate::audience::{Message, NO_PROC};
use crate::report;
use crate::steps::Steps;
use crate::sys::{self, Arrival, Target};

/// A run under way.
struct Cruise<'c, 'p> {
    supervisor: Supervisor<'p>,
    policy: &'p Policy,
    voice: &'p Voice,
    /// Who was started, and who is to be.
    steps: &'c mut Steps<'p>,
    /// When the clock was read last.
    now: Moment,
    /// What reaping ended with. If it failed for no known reason, there may be no second signal for
    /// who is still there.
    reaped: Result<u32, Errno>,
    /// See [`sys::slept`]: what it was when somebody was told to stop.
    slept: Span,
    /// Reaped besides the main command and the services' supervisor.
    orphans: u32,
    /// How the latter ended, until the supervisor has been told.
    services_ended: Option<WaitStatus>,
    /// The last part began in this wake-up: a stop signal that came with it has been said.
    is_over: bool,
}

/// Sees a run to its end, which is ours. A stack frame of its own keeps that of the start small.
#[inline(never)]
pub fn supervise<'p>(policy: &'p Policy, steps: &mut Steps<'p>) -> ! {
    let supervisor = match steps.has_course() {
        true => Supervisor::of_course(policy),
        false => Supervisor::new(policy, steps.circle.placement),
    };
    let mut cruise = Cruise {
        supervisor,
        policy,
        voice: &policy.voice,
        steps,
        now: sys::now(),
        reaped: Ok(0),
        slept: Span::NONE,
        orphans: 0,
        services_ended: None,
        is_over: false,
    };
    cruise.go_on(cruise.supervisor.begin());
    sys::forget_what_is_rare();
    // Outside of the loop: each wait fills it anew, and to empty it for each orphan takes time.
    let mut arrival = Arrival::none();
    loop {
        cruise.wake_up(&mut arrival);
    }
}

impl Cruise<'_, '_> {
    /// Waits until something happens, and does what follows from it.
    #[inline(never)]
    fn wake_up(&mut self, arrival: &mut Arrival) {
        let mut heard = self.wait(arrival);
        self.hear(heard);
        // INVARIANT(reap-first): whatever woke us, the dead come first: a zombie may be what keeps
        // the application from making processes, and no signal shall be sent to one.
        let sweep = self.reap();
        // Orphans, and nothing that is due: not even the clock is read for them.
        let orphans = sweep.main.is_none()
            && sweep.children == Children::Left
            && self.services_ended.is_none();
        let undue = self.supervisor.deadline() == Moment::NEVER;
        if orphans && undue && arrival.signal() == Some(Signal::CHLD) {
            return;
        }
        (self.now, self.is_over) = (sys::now(), false);
        self.act(Event::Swept(sweep), None);
        if let Some(status) = self.services_ended.take() {
            self.act(Event::ServicesEnded(status), None);
        }
        if let Some(heard) = &mut heard {
            heard.with_the_end = self.is_over;
            self.act(Event::Signal(*heard), Some(arrival));
        }
        self.act(Event::Tick, None);
    }

    /// The signal that came before it was time for something else, if one did.
    fn wait(&self, arrival: &mut Arrival) -> Option<Heard> {
        // What shall never be is some 290 years away.
        let mut left = self.supervisor.deadline().since(self.now);
        if !matches!(self.reaped, Ok(_) | Err(Errno::CHILD)) {
            left = left.min(limits::WAIT_AGAIN);
        }
        if sys::wait_signal(SignalSet::ALL, left, arrival).is_err() {
            // It was time, or we were stopped and continued. But should a filter say so again and
            // again, or refuse the call, we go on reaping, without burning the processor.
            sys::sleep(limits::BREATH);
            return None;
        }
        arrival.heard(self.voice.own)
    }

    /// Says what came, and what it becomes.
    fn hear(&self, heard: Option<Heard>) {
        let Some(heard) = heard.filter(|heard| !heard.is_own_noise()) else { return };
        report::say(self.voice, Saying::Heard, &[Value::Signal(heard.signal)]);
        self.rewrite(heard.signal);
    }

    /// Says what this signal becomes, if it does not stay what it is.
    fn rewrite(&self, signal: Signal) {
        let to = self.policy.rewrites.get(signal);
        let saying = if to.is_some() { Saying::Translated } else { Saying::Dropped };
        if to != Some(signal) {
            let values = [Value::Signal(signal), Value::Signal(to.unwrap_or(signal))];
            report::say(self.voice, saying, &values);
        }
    }

    /// Reaps every child that has ended: one SIGCHLD may stand for many.
    fn reap(&mut self) -> Sweep {
        let stops = self.steps.circle.placement == Placement::WithUs;
        let mut sweep = Sweep { main: None, children: Children::Left };
        let mut word = 0;
        loop {
            // Any error but that there is no child cannot be; but if it is, it does not cost us the
            // status.
            self.reaped = sys::wait_child(stops, &mut word);
            match self.reaped {
                Ok(pid @ 1..) => {
                    let status = WaitStatus::decode(word);
                    if self.count(pid, status) {
                        sweep.main = Some(status);
                    }
                    continue;
                }
                Err(Errno::CHILD) => sweep.children = Children::None,
                _ => {}
            }
            return sweep;
        }
    }

    /// Whether it is the main command of which this is said.
    #[inline(never)]
    fn count(&mut self, pid: u32, status: WaitStatus) -> bool {
        let is = |one: Option<Pid>| one.is_some_and(|one| one.number() == pid);
        let (is_main, are_services) = (is(self.steps.main), is(self.steps.services));
        if let Some(how) = Value::of_end(status) {
            let code = self.policy.exit_code(status).map_or(0, |code| code.0.into());
            let running = self.steps.running;
            let values = [Value::Number(pid), how, running, Value::Number(code)];
            report::say(self.voice, Saying::ended(Whose::Child, status), &values);
            let saying = if is_main || are_services {
                self.supervisor.ended(status, if is_main { Ends::OfStage } else { Ends::Services })
            } else {
                self.orphans = self.orphans.wrapping_add(1);
                Some(Saying::ended(Whose::Orphan, status))
            };
            if let Some(saying) = saying {
                report::say(self.voice, saying, &values);
            }
            if is_main {
                self.steps.main = None;
            }
            if are_services {
                (self.steps.services, self.services_ended) = (None, Some(status));
            }
        }
        is_main
    }

    /// One event to the supervisor, and its answer performed. `arrival`: the signal, if that is
    /// the event.
    fn act(&mut self, event: Event, arrival: Option<&Arrival>) {
        let next = self.act_once(event, arrival);
        self.go_on(next);
    }

    /// Starts the next program of this stage, and what the supervisor wants instead of it, until
    /// one runs.
    #[inline(never)]
    fn go_on(&mut self, mut next: Option<Stage>) {
        while let Some(stage) = next {
            // Perhaps there is a child again; but a failure has yet to be made up for.
            if self.reaped == Err(Errno::CHILD) {
                self.reaped = Ok(0);
            }
            let began = self.steps.start(stage, self.supervisor.ignored());
            next = self.act_once(Event::Began(began), None);
            sys::forget_what_is_rare();
        }
    }

    /// The answer is what to start next.
    #[inline(never)]
    fn act_once(&mut self, event: Event, arrival: Option<&Arrival>) -> Option<Stage> {
        let mut actions = Actions::NONE;
        let told = self.supervisor.told();
        self.supervisor.step(event, self.now, &mut actions);
        // At once, and not again in this wake-up: it may take long, and others are born meanwhile.
        if self.supervisor.told() != told {
            self.slept = sys::slept();
        }
        if let Some(after) = actions.call_roll {
            self.call_roll(after);
        }
        if let Some(part) = actions.last_part {
            self.is_over = true;
            if part == LastPart::Aborted {
                report::say(self.voice, Saying::Aborted, &[]);
            }
            if self.policy.on_exit != OnExit::Leave {
                report::say(self.voice, Saying::Draining, &[]);
            }
        }
        if actions.exit.is_some() && self.policy.on_exit == OnExit::Farewell {
            self.rewrite(Signal::TERM);
        }
        if let Some((whom, signal)) = actions.tell {
            self.tell(whom, signal, arrival);
        }
        if let Some(whom) = actions.rouse {
            self.tell(whom, Signal::CONT, None);
        }
        if actions.suspend {
            report::say(self.voice, Saying::Suspended, &[]);
            let _ = sys::send(Target::process(self.steps.circle.own), Signal::STOP);
        }
        if let Some(exit) = actions.exit {
            let by = arrival.and_then(Arrival::signal).unwrap_or(Signal::CHLD);
            let code = Value::Number(exit.code.0.into());
            let values = [code, Value::Number(self.orphans), Value::Signal(by)];
            report::say(self.voice, Saying::done(exit.state), &values);
            sys::exit(exit.code);
        }
        actions.start
    }

    /// Says who is still there.
    #[inline(never)]
    fn call_roll(&self, after: Span) {
        let mut buffer = [0; limits::ROLL_MAX];
        let mut roll = Text::new(&mut buffer);
        self.steps.circle.roll(&mut roll);
        let orphans = Value::Number(self.orphans);
        let values =
            [Value::Number(after.as_millis() as u32), Value::Foreign(roll.bytes()), orphans];
        report::say(self.voice, Saying::Killing, &values);
    }

    fn tell(&mut self, whom: Audience, signal: Signal, arrival: Option<&Arrival>) {
        report::say(self.voice, Saying::Told, &[Value::Signal(signal), name(whom).into()]);
        if matches!(whom, Audience::Command | Audience::Services) {
            self.say_stop(whom, signal);
        }
        // A farewell to nobody.
        if self.reaped == Err(Errno::CHILD) {
            return;
        }
        let (told, slept) = (self.supervisor.told(), self.slept);
        let main = if whom == Audience::Services { self.steps.services } else { self.steps.main };
        if let Err(errno) =
            self.steps.circle.tell(&Message { whom, signal, arrival, main, told, slept })
            && self.supervisor.tell_failed(errno)
        {
            let saying = if errno == NO_PROC { Saying::NoProc } else { Saying::TellFailed };
            report::say(self.voice, saying, &[Value::Signal(signal), Value::Errno(errno)]);
        }
    }
}

impl Cruise<'_, '_> {
    /// Says that one program is told to end, for those doors that make something of it.
    #[inline(never)]
    fn say_stop(&mut self, whom: Audience, signal: Signal) {
        let (name, number) = match (whom, self.steps.main) {
            (Audience::Services, _) => {
                (self.steps.launch.course.services(), self.steps.services_number)
            }
            (_, None) => return,
            (_, Some(main)) => (self.steps.running, main.number()),
        };
        let saying = match signal {
            Signal::KILL => Saying::Forced,
            Signal::CONT => return,
            _ => Saying::Asked,
        };
        if saying == Saying::Asked && whom == Audience::Command && self.supervisor.is_aside() {
            report::say(self.voice, Saying::Interrupted, &[]);
        }
        report::say(self.voice, saying, &[name, Value::Number(number)]);
    }
}

fn name(whom: Audience) -> Phrase {
    match whom {
        Audience::Command => Phrase::TheCommand,
        Audience::Services => Phrase::Services,
        Audience::Group => Phrase::ItsGroup,
        Audience::Everyone => Phrase::Everyone,
        Audience::Untold => Phrase::TheUntold,
    }
}
