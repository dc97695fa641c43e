//! The terminal, if there is one: whose it is, and what becomes of it. The three cases:
//!
//! - none: the command gets a process group of its own;
//! - ours: we lead its session, as under `docker run -it`. The command gets the terminal, in a
//!   session of its own. Keys, size and hang-up go to it and its jobs, and not through us; a plain
//!   program cannot be stopped by Ctrl-Z for good, as nobody could continue it;
//! - a shell's: we are one of its jobs, perhaps with others in a pipeline, or in a namespace from
//!   which it cannot be seen. Then the command stays in the job's group: the foreground is the
//!   shell's to give, and is taken from nobody.

use sexton_core::errno::Errno;
use sexton_core::notice::{Saying, Value};
use sexton_core::policy::{Placing, Voice};
use sexton_core::process::Pid;
use sexton_core::signal::Signal;
use sexton_core::supervisor::Placement;

use crate::report;
use crate::sys::{self, Descriptor, Open};

/// Whose it is.
pub enum Terminal {
    /// There is none, or not one that we could give.
    None,
    /// Ours to give.
    Ours(Descriptor),
    /// A shell's.
    Shells,
    /// There is none, and the command gets a session all the same.
    Alone,
}

impl Terminal {
    /// What the policy makes of it.
    pub fn choose(placing: Placing, own: Pid) -> Terminal {
        match placing {
            Placing::Shared => Terminal::Shells,
            Placing::ByTerminal => Terminal::find(own),
            Placing::Session => match Terminal::find(own) {
                Terminal::None => Terminal::Alone,
                found => found,
            },
        }
    }

    /// Finds the controlling terminal.
    fn find(own: Pid) -> Terminal {
        let mut file = match sys::open(c"/dev/tty".into(), Open::Terminal) {
            Ok(sys::STDERR) => {
                // It was closed, and shall be: what we keep there would be the terminal.
                sys::close(sys::STDERR);
                Descriptor(0)
            }
            Ok(file) => file,
            // The kernel's word: this session has no controlling terminal.
            Err(Errno::NXIO) => return Terminal::None,
            // No /dev, or no permission: perhaps it is among what we were given.
            Err(_) => Descriptor(0),
        };
        while sys::foreground(file).is_err() {
            file.0 += 1;
            if file.0 > sys::STDERR.0 {
                return Terminal::None;
            }
        }
        // Children that we were given (`helper & exec sexton-init …`) are in the session too: to
        // give it up would hang up on them.
        if sys::session() != own.number() || sys::wait_child(false, &mut 0) != Err(Errno::CHILD) {
            Terminal::Shells
        } else if sys::foreground(file) == Ok(sys::group()) {
            Terminal::Ours(file)
        } else {
            Terminal::None
        }
    }

    /// Gives it up if it is ours, so that it is free for the command.
    pub fn let_go(&self, voice: &Voice) {
        if let Terminal::Ours(file) = *self
            && sys::release_terminal(file).is_ok()
        {
            // The kernel sends both to the foreground group, which is ours: they mean no hang-up.
            for signal in [Signal::HUP, Signal::CONT] {
                if sys::forget(voice.own, signal) {
                    report::say(voice, Saying::Forgotten, &[Value::Signal(signal)]);
                }
            }
        }
    }

    /// In the child: takes its place. Nothing here is fatal; at worst a shell says that it has no
    /// job control.
    pub fn settle(&self) -> Result<(), Errno> {
        match *self {
            Terminal::None => sys::new_group(),
            Terminal::Ours(file) => sys::new_session().and_then(|()| sys::take_terminal(file)),
            Terminal::Shells => Ok(()),
            Terminal::Alone => sys::new_session(),
        }
    }

    /// Where the command is, seen from us.
    pub fn placement(&self) -> Placement {
        match self {
            Terminal::None | Terminal::Ours(_) | Terminal::Alone => Placement::Apart,
            Terminal::Shells => Placement::WithUs,
        }
    }
}
