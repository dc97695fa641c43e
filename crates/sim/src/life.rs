//! What the processes of a run do by themselves, and what befalls them from outside.

use crate::kernel::{Code, ForkError, Info, Kernel, Reaps, Sender, State, Task};
use crate::program::{MS, OnStop, Program, SEC, STOPS, Settles};
use crate::scenario::{Act, Place};
use crate::world::{Event, Step, World};
use sexton_core::policy::{Mode, Placing, Subreaper};
use sexton_core::signal::Signal;
use sexton_core::supervisor::Placement;

impl World {
    /// Everybody who is there when the loop begins.
    pub(crate) fn populate(&mut self) {
        let kernel = &mut self.kernel;
        let policy = &self.case.policy;
        kernel.suspended = self.case.suspended;
        kernel.queue_max = self.case.queue_max;
        let first = kernel.enter("first").expect("the table is empty");
        kernel.first = Some(first);
        self.init = first;
        if self.case.place == Place::Host {
            let shell = kernel.fork(first, "shell").expect("room");
            kernel.new_session(shell);
            for _ in 0..2 {
                let stranger = kernel.fork(first, "stranger").expect("room");
                kernel.new_session(stranger);
            }
            self.init = kernel.fork(shell, "init").expect("room");
            kernel.new_group(self.init);
            if self.case.placement == Placement::WithUs {
                let mate = kernel.fork(shell, "mate").expect("room");
                kernel.at_mut(mate).group = kernel.at(self.init).group;
            }
            for task in [first, shell] {
                kernel.at_mut(task).caught = !0;
            }
            kernel.at_mut(self.init).subreaper = policy.subreaper != Subreaper::No;
        } else {
            kernel.at_mut(first).name = "init";
            if self.case.outer_group {
                (kernel.at_mut(first).group, kernel.at_mut(first).session) = (0, 0);
            }
        }
        kernel.init = Some(self.init);
        kernel.at_mut(self.init).blocked = !0;
        (kernel.last_pid, kernel.pid_max) = self.case.numbers;
        self.programs = vec![Program { on_stop: OnStop::Deaf, ..Program::PLAIN }; 8];
        self.programs.truncate(self.kernel.processes.len());
        if policy.mode == Mode::Run && self.case.course.is_none() {
            self.start_family();
        }
        self.kernel.facts.clear();
        self.kernel.awake.clear();
    }

    fn start_family(&mut self) {
        let (init, program) = (self.init, self.case.main);
        let main = self.kernel.fork(init, program.name).expect("room");
        self.start_main(main, program);
    }

    /// The main command has been made; it starts its family.
    pub(crate) fn start_main(&mut self, main: Task, program: Program) {
        if self.case.placement == Placement::Apart && !self.case.unsettled {
            match self.case.policy.placing {
                Placing::Session => self.kernel.new_session(main),
                _ => self.kernel.new_group(main),
            }
        }
        self.main = Some(main);
        self.kernel.at_mut(main).blocked = 0;
        self.starts(main, Program { settles: Settles::Stays, ..program });
        for place in 0..self.case.family.len() {
            let (program, orphan) = self.case.family[place];
            let parent = match orphan {
                true => self.kernel.fork(main, "parent").ok(),
                false => Some(main),
            };
            if let Some(parent) = parent {
                if orphan {
                    self.programs.push(Program::PLAIN);
                }
                if let Ok(child) = self.kernel.fork(parent, program.name) {
                    self.starts(child, program);
                }
                if orphan {
                    self.kernel.exit(parent, 0);
                    self.kernel.release(parent, Some(main));
                }
            }
        }
        if self.case.mains_foreign {
            self.kernel.at_mut(main).foreign = true;
        }
    }

    /// A process has been made, and runs this program.
    pub(crate) fn starts(&mut self, task: Task, program: Program) {
        debug_assert_eq!(task.0, self.programs.len());
        self.programs.push(program);
        self.take_form(task);
        match program.settles {
            Settles::Stays => {}
            Settles::InAGroup => self.kernel.new_group(task),
            Settles::InASession => self.kernel.new_session(task),
        }
        self.kernel.at_mut(task).reaps = program.reaps;
        if let Some(span) = program.lives {
            self.after(span, Event::Step(task, Step::End));
        }
        if program.forks > 0 {
            self.after(program.every, Event::Step(task, Step::Fork));
        }
        if program.on_stop == OnStop::Defers {
            self.after(program.takes, Event::Step(task, Step::Unblock));
        }
        if program.stops {
            self.after(MS, Event::Step(task, Step::Stop));
        }
        if let Some(span) = program.executes {
            self.after(span, Event::Step(task, Step::Execute));
        }
        if self.hurried {
            return;
        }
        if self.case.faults.traced && self.random.percent(20) {
            self.kernel.at_mut(task).traced = true;
            let span = self.random.span(MS, 5 * SEC);
            self.after(span, Event::Step(task, Step::Untrace));
        }
        if self.case.faults.hung && self.random.percent(20) {
            self.kernel.at_mut(task).hung = true;
            let span = self.random.span(MS, 20 * SEC);
            self.after(span, Event::Step(task, Step::Unhang));
        }
    }

    /// Its handlers.
    fn take_form(&mut self, task: Task) {
        let program = self.programs[task.0];
        let one = self.kernel.at_mut(task);
        one.caught = program.caught();
        one.ignored = program.ignored() | program.inherits & !one.caught;
        one.blocked = program.blocked();
    }

    /// A handler runs.
    pub(crate) fn react(&mut self, task: Task, info: Info) {
        let program = self.programs[task.0];
        if !STOPS.contains(&info.signal) {
            return;
        }
        match program.on_stop {
            OnStop::Ends => self.after(program.takes, Event::Step(task, Step::End)),
            OnStop::Breeds => {
                let _ = self.fork_another(task, OnStop::Ignores);
                self.after(program.takes, Event::Step(task, Step::End));
            }
            OnStop::Dies | OnStop::Ignores | OnStop::Deaf | OnStop::Defers => {}
        }
    }

    /// Whether it could be made.
    fn fork_another(&mut self, parent: Task, on_stop: OnStop) -> Result<(), ForkError> {
        if self.barren || self.kernel.processes.len() > 200 {
            return Err(ForkError::Impossible);
        }
        let child = self.kernel.fork(parent, "child")?;
        let faults = self.case.faults;
        let drawn = Program::draw(&mut self.random, &faults, "child");
        let forks = if self.kernel.processes.len() > 40 { 0 } else { drawn.forks / 2 };
        let on_stop = if on_stop == OnStop::Dies { drawn.on_stop } else { on_stop };
        self.starts(child, Program { forks, on_stop, ..drawn });
        Ok(())
    }

    /// Something happens.
    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver(task) => self.deliver(task),
            Event::Step(task, step) => self.step(task, step),
            Event::Act(place) => self.befall(self.act(place)),
            Event::Quiet => {
                self.quiet = true;
                self.befell(|| "from now on nothing goes wrong".to_string());
                for task in self.kernel.tasks().collect::<Vec<_>>() {
                    self.step(task, Step::Untrace);
                    self.step(task, Step::Unhang);
                }
            }
            Event::MainEnds => {
                self.hurried = true;
                match (self.main, self.services) {
                    (None, None) => {
                        self.signal_init(Sender::Outside, Signal::TERM, Code::User, 0);
                    }
                    (main, services) => {
                        for task in main.into_iter().chain(services) {
                            self.end_by_force(task);
                        }
                    }
                }
            }
            Event::AllEnd => {
                (self.barren, self.hurried) = (true, true);
                let enough = self.case.begins + self.case.all_end + 60 * SEC;
                if self.case.course.is_some() && self.kernel.now < enough {
                    self.after(100 * MS, Event::AllEnd);
                }
                let init = self.init;
                let all: Vec<Task> = self.kernel.tasks().collect();
                for task in all {
                    let outsider = self.kernel.at(task).parent.is_none();
                    let ours = self.kernel.descends(task, init) || outsider;
                    if ours && task != init && Some(task) != self.kernel.first {
                        self.end_by_force(task);
                    }
                }
            }
        }
    }

    fn end_by_force(&mut self, task: Task) {
        let info = Info { signal: Signal::KILL, code: Code::User, pid: 0, value: 0 };
        self.kernel.send(Sender::Outside, task, info);
    }

    fn step(&mut self, task: Task, step: Step) {
        let state = self.kernel.at(task).state;
        let runs = state == State::Running && !self.kernel.at(task).hung;
        match step {
            Step::End if runs => {
                let code = u32::from(self.programs[task.0].leaves);
                self.kernel.exit(task, code << 8);
                if self.stops_services == Some(task) {
                    self.stop_services(task);
                }
            }
            Step::Fork if runs => {
                let every = self.programs[task.0].every;
                let made = self.fork_another(task, OnStop::Dies);
                let forks = &mut self.programs[task.0].forks;
                *forks -= u32::from(made != Err(ForkError::Interrupted)).min(*forks);
                if *forks > 0 {
                    self.after(every, Event::Step(task, Step::Fork));
                }
            }
            Step::Unblock => {
                self.kernel.at_mut(task).blocked = 0;
                self.deliver(task);
            }
            // execve(2): handlers are reset, and set anew a little later.
            Step::Execute if runs => {
                self.kernel.at_mut(task).caught = 0;
                let span = self.random.span(10_000, 50 * MS);
                self.after(span, Event::Step(task, Step::Executed));
            }
            Step::Executed if runs => self.take_form(task),
            Step::ReapChildren if runs => while let Ok((..)) = self.kernel.wait(task, false) {},
            Step::ReapedOutside if matches!(state, State::Zombie(_)) => {
                self.kernel.release(task, None);
            }
            Step::Stop if runs => {
                let pid = self.kernel.at(task).pid;
                let _ = self.kernel.kill(task, pid as i32, Signal::STOP);
            }
            Step::Untrace if self.kernel.at(task).traced => self.kernel.untrace(task),
            Step::Unhang if state != State::Gone => {
                self.kernel.at_mut(task).hung = false;
                self.kernel.awake.push(task);
            }
            Step::Foreground => self.continue_all(task),
            _ => {}
        }
        if step == Step::Unhang && matches!(state, State::Running | State::Stopped) {
            self.reaps_anew(task);
        }
    }

    /// What was to stop the services has told each of them.
    fn stop_services(&mut self, by: Task) {
        let Some(services) = self.services else { return };
        let pid = self.kernel.at(by).pid;
        for task in self.kernel.at(services).children.clone() {
            let info = Info { signal: Signal::TERM, code: Code::User, pid, value: 0 };
            self.kernel.send(Sender::Outside, task, info);
        }
    }

    /// What it could not do while it hung.
    fn reaps_anew(&mut self, task: Task) {
        if self.kernel.at(task).reaps == Reaps::Soon && task != self.init {
            self.after(MS, Event::Step(task, Step::ReapChildren));
        }
    }

    /// `fg`: CONT for the whole job.
    fn continue_all(&mut self, init: Task) {
        let group = self.kernel.at(init).group;
        let job: Vec<Task> =
            self.kernel.tasks().filter(|task| self.kernel.at(*task).group == group).collect();
        let info = Info { signal: Signal::CONT, code: Code::User, pid: 0, value: 0 };
        for task in job {
            self.kernel.send(Sender::Outside, task, info);
        }
    }

    pub(crate) fn signal_init(&mut self, from: Sender, signal: Signal, code: Code, value: u32) {
        let pid = match from {
            Sender::Task(task) => self.kernel.at(task).pid,
            Sender::Outside | Sender::Kernel => 0,
        };
        self.kernel.send(from, self.init, Info { signal, code, pid, value });
    }

    fn befall(&mut self, act: Act) {
        if let Some(words) = act.words() {
            self.befell(|| words);
        }
        match act {
            Act::Signal(signal) => self.signal_init(Sender::Outside, signal, Code::User, 0),
            Act::Queue(signal, value) => {
                self.signal_init(Sender::Outside, signal, Code::Queue, value);
            }
            Act::FromInside(signal) => {
                if let Some(task) = self.anyone() {
                    self.signal_init(Sender::Task(task), signal, Code::User, 0);
                }
            }
            Act::ToAnyone(signal) => {
                if let Some(task) = self.anyone() {
                    let info = Info { signal, code: Code::User, pid: 0, value: 0 };
                    self.kernel.send(Sender::Outside, task, info);
                }
            }
            Act::ToMain(signal) => {
                if let Some(main) = self.main {
                    let info = Info { signal, code: Code::User, pid: 0, value: 0 };
                    self.kernel.send(Sender::Outside, main, info);
                }
            }
            Act::Terminal(signal) => {
                let group = self.kernel.at(self.init).group;
                for task in self.kernel.tasks().collect::<Vec<_>>() {
                    if self.kernel.at(task).group == group {
                        let info = Info { signal, code: Code::Kernel, pid: 0, value: 0 };
                        self.kernel.send(Sender::Kernel, task, info);
                    }
                }
            }
            Act::Outsider(program) => {
                if self.case.place == Place::FirstProcess
                    && let Some(task) = self.kernel.enter("guest")
                {
                    self.starts(task, program);
                }
            }
            Act::Freeze(_) | Act::StopInit if !self.can_be_held_up() => {}
            Act::Freeze(span) => self.freeze(span),
            Act::Suspend(span) => self.kernel.suspended += span,
            Act::StopInit => {
                self.signal_init(Sender::Outside, Signal::STOP, Code::User, 0);
                self.continues_later();
            }
        }
    }

    /// A living descendant of the init.
    fn anyone(&mut self) -> Option<Task> {
        let kernel: &Kernel = &self.kernel;
        let all = kernel.tasks().filter(|task| {
            kernel.at(*task).lives() && *task != self.init && kernel.descends(*task, self.init)
        });
        let all: Vec<Task> = all.collect();
        (!all.is_empty()).then(|| self.random.pick(&all))
    }
}
