//! What is run before and after the main command: startup files and the supervisor of services,
//! hooks and the stop of the services. One program at a time, the next when it has ended.

use super::{
    Actions, Audience, Began, Children, Ends, Extent, Phase, Placement, Services, Supervisor,
};
use crate::course::Stage;
use crate::notice::{Saying, Whose};
use crate::policy::{Faithful, Policy, StopsHeard};
use crate::signal::{Signal, SignalSet};
use crate::status::WaitStatus;
use crate::time::{Moment, Span};

impl<'p> Supervisor<'p> {
    /// For a run with a course, of which nothing has been started.
    pub fn of_course(policy: &'p Policy) -> Supervisor<'p> {
        Supervisor {
            phase: Phase::Starting,
            stage: Stage::Prologue,
            extent: Extent::Course,
            // Should the kernel have no process for the first program, there is none to wait for.
            children: Children::None,
            ..Supervisor::new(policy, Placement::Apart)
        }
    }

    /// What to start first; nothing if the main command runs already.
    pub fn begin(&self) -> Option<Stage> {
        (self.phase == Phase::Starting).then_some(self.stage)
    }

    /// The signals that what is started ignores. The original ignored its own stop signals from
    /// the first on, and so did all that it started.
    pub fn ignored(&self) -> SignalSet {
        let Policy { ignored, stop_on, faithful, .. } = *self.policy;
        match (faithful, self.stop) {
            (Faithful::InEverything, Some(_)) => ignored.or(stop_on).with(Signal::INT),
            _ => ignored,
        }
    }

    /// Whether what runs is not the main command.
    pub fn is_aside(&self) -> bool {
        self.stage != Stage::Main
    }

    /// How to say that one has ended like this; nothing is said of who was told to.
    pub fn ended(&self, status: WaitStatus, whose: Ends) -> Option<Saying> {
        if whose == Ends::Services {
            return (self.services == Services::InCharge).then_some(Saying::ServicesEnded);
        }
        match self.stage {
            Stage::Main if self.asked && self.policy.stops_heard == StopsHeard::First => None,
            Stage::Main => Some(Saying::ended(Whose::Main, status)),
            _ if self.asked || status == WaitStatus::Exited(0) => None,
            Stage::Prologue | Stage::Startup | Stage::Local => Some(Saying::StepFailed),
            stage if stage.is_of_hooks() => Some(Saying::StepFailed),
            // What the shell was to do for the services is not for us to judge.
            _ => None,
        }
    }

    /// The program of a stage has been started, or not.
    #[inline(never)]
    pub(super) fn began(&mut self, began: Began, now: Moment, actions: &mut Actions) {
        match began {
            Began::UnderWay(placement) => {
                self.children = Children::Left;
                if self.stage == Stage::Main {
                    (self.phase, self.placement) = (Phase::Running, placement);
                } else if self.stage == Stage::Services {
                    self.services = Services::Alive;
                    self.go_on(now, actions);
                }
            }
            Began::Nothing => self.go_on(now, actions),
            Began::Failed if self.phase == Phase::Starting => {
                self.failed = true;
                self.code = Some(self.policy.own_failure);
                self.last_part(now, actions);
            }
            Began::Failed => {
                self.hook_failed();
                self.go_on(now, actions);
            }
        }
    }

    /// To the next stage.
    fn go_on(&mut self, now: Moment, actions: &mut Actions) {
        let next = match self.stage {
            Stage::Prologue => Stage::Startup,
            Stage::Startup => Stage::Local,
            Stage::Local => Stage::Services,
            Stage::Services => Stage::Main,
            // There is no main command: it is the services that are waited for.
            Stage::Main if self.services == Services::Alive => {
                (self.phase, self.services) = (Phase::Running, Services::InCharge);
                return;
            }
            Stage::Main => return self.last_part(now, actions),
            Stage::StopHooks => Stage::StopServices,
            Stage::StopServices if self.services != Services::None => {
                self.stage = Stage::EndServices;
                self.pass_stop_on(Audience::Services, Signal::TERM, now, actions);
                if self.policy.grace == Span::FOREVER {
                    self.grace_until = now.after(self.policy.drain_timeout);
                }
                if self.services == Services::Alive {
                    return;
                }
                Stage::AwaitServices
            }
            Stage::StopServices | Stage::EndServices => Stage::AwaitServices,
            Stage::AwaitServices => Stage::LastHooks,
            Stage::LastHooks => return self.last_part(now, actions),
        };
        self.start(next, actions);
    }

    fn start(&mut self, stage: Stage, actions: &mut Actions) {
        self.stage = stage;
        self.asked = false;
        self.grace_until = Moment::NEVER;
        actions.start = Some(stage);
    }

    /// The main command has ended, or the services that stand for it.
    pub(super) fn enter_end(&mut self, now: Moment, actions: &mut Actions) {
        self.phase = Phase::Ending;
        self.end_within(self.policy.stop_timeout, now);
        self.since = self.since.min(now);
        self.start(Stage::StopHooks, actions);
    }

    /// A program has ended that is not the main command.
    #[inline(never)]
    pub(super) fn step_ended(&mut self, status: WaitStatus, now: Moment, actions: &mut Actions) {
        let Some(code) = self.policy.exit_code(status) else { return };
        let fails = self.ended(status, Ends::OfStage).is_some();
        let is_last = match (self.phase, self.stop) {
            (Phase::Starting, Some(signal)) => {
                self.code = self.policy.exit_code(WaitStatus::Killed(signal));
                true
            }
            (Phase::Starting, None) if fails => {
                self.failed = true;
                self.code = Some(self.policy.step_failure.unwrap_or(code));
                true
            }
            (Phase::Starting, None) => false,
            (Phase::Ending, _) => {
                if fails {
                    self.hook_failed();
                }
                // The original leaves out the rest.
                (fails || self.asked && self.stage.is_of_hooks())
                    && self.policy.faithful == Faithful::InEverything
            }
            _ if self.children == Children::None => return self.all_ended(actions),
            _ => return,
        };
        if is_last {
            self.last_part(now, actions);
        } else {
            self.start(self.stage, actions);
        }
    }

    fn hook_failed(&mut self) {
        if let Some(code) = self.policy.step_failure {
            self.failed = true;
            self.code = Some(code);
        }
    }

    /// The supervisor of services has ended: as it was told to, or by itself.
    #[inline(never)]
    pub(super) fn services_ended(
        &mut self,
        status: WaitStatus,
        now: Moment,
        actions: &mut Actions,
    ) {
        let by_itself = self.services == Services::InCharge;
        self.services = if by_itself { Services::None } else { Services::Ended };
        if by_itself {
            self.code = self.policy.exit_code(status);
            self.enter_end(now, actions);
        } else if self.phase == Phase::Ending {
            // Of a run without a main command there is no other status.
            self.code = self.code.or(self.policy.exit_code(status));
            if self.stage == Stage::EndServices {
                self.go_on(now, actions);
            }
        }
    }

    /// A signal where there is no main command. Services are stopped by the stages that follow, as
    /// their supervisor may not do it by itself.
    pub(super) fn services_told(
        &mut self,
        signal: Signal,
        stops: bool,
        now: Moment,
        actions: &mut Actions,
    ) {
        if stops {
            self.stop_asked_for(signal, now);
            self.services = Services::Alive;
            self.enter_end(now, actions);
        } else {
            actions.tell = Some((Audience::Services, signal));
        }
    }

    /// Who was told to end, and has not.
    pub(super) fn told_to_end(&self) -> Audience {
        match self.stage {
            Stage::EndServices => Audience::Services,
            _ => Audience::Command,
        }
    }

    /// A stop signal while hooks run, or the services are being stopped. A hook is told of it, as
    /// nobody may know how long it would take; but not by the signal that made it run.
    pub(super) fn stop_in_the_end(&mut self, signal: Signal, now: Moment, actions: &mut Actions) {
        let first = self.stop.is_none();
        self.stop_asked_for(signal, now);
        if first && self.stage.is_of_hooks() {
            self.pass_stop_on(Audience::Command, signal, now, actions);
        }
    }
}
