//! Histories much longer than those that can be enumerated, judged by the same checker.

use std::sync::LazyLock;

use sexton_core::supervisor::{Actions, Supervisor};
use sexton_core::time::Moment;

use crate::checker::{Checker, Step};
use crate::world::{ALPHABET, Setting, World, settings};

/// Events of a history; an ordinary stop takes five.
const EVENTS_MAX: usize = 64;

static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(settings);

/// What has to hold for a history: the first byte chooses the setting, each other an event.
pub fn check(bytes: &[u8]) {
    let Some((setting, events)) = bytes.split_first() else { return };
    let setting = &SETTINGS[usize::from(*setting) % SETTINGS.len()];
    let mut machine = Supervisor::new(&setting.policy, setting.placement);
    let mut checker = Checker::new(setting);
    let (mut world, mut now) = (World::Main, Moment::new(1000, 0));
    let mut history = Vec::new();
    for byte in events.iter().take(EVENTS_MAX) {
        let (name, happening) = ALPHABET[usize::from(*byte) % ALPHABET.len()];
        let event = happening.event(now, machine.deadline());
        let Some((event, then)) = event.filter(|_| world.allows(happening)) else { continue };
        history.push(name);
        let mut actions = Actions::NONE;
        machine.step(event, then, &mut actions);
        (now, world) = (then, world.after(event));
        let (deadline, told) = (machine.deadline(), machine.told());
        if let Err(broken) = checker.check(&Step { event, now, actions, deadline, told }) {
            panic!("{broken}: {history:?}\nof {setting:?}");
        }
    }
}
