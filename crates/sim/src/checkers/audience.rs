//! Whom a signal had to go to, and whom it might go to: those in between came, went or moved while
//! it was being sent.

use super::round::{Member, Sent};
use super::telling::Telling;
use super::{Judge, Law};
use crate::kernel::{Kernel, Task};
use crate::scenario::{Place, ProcView};
use sexton_core::supervisor::Placement;

/// Whom a signal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The main command, or who is under way in its place, if it was not reaped.
    One(Task),
    /// Its group; `Late`: after it was reaped.
    Group,
    LateGroup,
    /// Everyone there is.
    Everyone,
    /// Everyone who was not told before.
    Untold,
}

impl Law {
    /// Whether somebody of this group, below the init or not, is among them; whether he was told
    /// before is another question.
    fn meant(&self, whom: Whom, task: Task, group: u32, descends: bool) -> bool {
        let first = self.place == Place::FirstProcess;
        let apart = self.placement == Placement::Apart;
        let walks = self.proc == ProcView::Ours;
        let main = Some(task) == self.main;
        // Where nobody can be told apart.
        let grouped = apart && self.main_number != 0;
        let blind = first || if grouped { group == self.main_number } else { main };
        match whom {
            Whom::One(one) => task == one,
            // It may have failed to get a group of its own.
            Whom::Group if apart => main || group == self.main_number,
            Whom::Group | Whom::LateGroup if walks => (first || descends) && group == self.group,
            Whom::Everyone | Whom::Untold if first => true,
            Whom::Everyone | Whom::Untold if walks => descends,
            _ => blind,
        }
    }
}

impl Judge {
    /// Whether somebody who lived from the beginning of the round to its end had to hear it.
    pub(super) fn must_hear(&self, whom: Whom, member: &Member, kernel: &Kernel) -> bool {
        let (law, one, task) = (&self.law, kernel.at(member.task), member.task);
        let now = kernel.descends(task, law.init);
        let meant = law.meant(whom, task, member.group, member.descends)
            && law.meant(whom, task, one.group, now);
        meant && (whom != Whom::Untold || !self.tellings.heard(self.history.told, task))
    }

    /// Whether the one to whom this was sent might hear it.
    pub(super) fn may_hear(&self, whom: Whom, sent: &Sent, told: Option<Telling>) -> bool {
        let law = &self.law;
        let then = law.meant(whom, sent.to, sent.group, sent.descends);
        let member = self.round.member(sent.to);
        let before = member.is_some_and(|one| law.meant(whom, sent.to, one.group, one.descends));
        if !(then || before) {
            return false;
        }
        let Some(told) = told.filter(|_| whom == Whom::Untold && self.history.told.is_some())
        else {
            return true;
        };
        // Told before, and that can be seen.
        !(self.tellings.heard(Some(told), sent.to)
            && law.proc == ProcView::Ours
            && self.tellings.is_recognised(told, sent, member, law))
    }
}
