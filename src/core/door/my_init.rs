//! my_init of phusion/baseimage-docker: `my_init [OPTIONS] [--] [COMMAND ARG…]`. What differs from
//! the original is in `docs/compat/my_init.md`.

use super::{Key, NEVER, Row, Table, row};
use crate::course::{Course, Stage};
use crate::exit::ExitCode;
use crate::notice::Saying;
use crate::policy::{
    ExecFailure, Faithful, ForwardTo, OnExit, Placing, PlainText, Policy, StopsHeard, Subreaper,
};
use crate::signal::{Signal, SignalSet};
use crate::time::Span;
use crate::words::{pieces, place};

const ROWS: &[Row] = &[
    row(
        Key::InsecureKey,
        0,
        "enable-insecure-key",
        "",
        "  --enable-insecure-key",
        "install the insecure SSH key",
    ),
    row(
        Key::SkipStartup,
        0,
        "skip-startup-files",
        "",
        "  --skip-startup-files",
        "skip /etc/my_init.d/* and /etc/rc.local",
    ),
    row(Key::SkipRunit, 0, "skip-runit", "", "  --skip-runit", "no runit services"),
    row(
        Key::NoKillAll,
        0,
        "no-kill-all-on-exit",
        "",
        "  --no-kill-all-on-exit",
        "leave the other processes alone",
    ),
    row(Key::Quiet, 0, "quiet", "", "  --quiet", "only warnings and errors"),
    row(Key::Help, b'h', "help", "", "  -h, --help", "this page"),
];

/// What the door says, and what its options are called. The lines of the log are an interface of
/// the original: people search for them.
pub const TABLE: Table = Table {
    rows: ROWS,
    column: 25,
    help: [
        "\
usage: my_init [OPTIONS] [--] [COMMAND ARG...]
Runs the startup files, runit, and COMMAND.
",
        "",
    ],
    version: "",
    licence: "",
    sentences: &[
        (
            Saying::NoCommand,
            0,
            "*** When --skip-runit is given, you must also pass a main command.",
        ),
        (Saying::UnknownOption, 0, "{3}\nmy_init: error: unrecognized arguments: {0}"),
        (Saying::UnwantedValue, 0, "{3}\nmy_init: error: no value wanted: {0}"),
        (Saying::BadValue, 0, "*** {0} is no number of seconds"),
        (Saying::ExecFailed, 0, "*** exec {0}: {1}{2}"),
        (Saying::ExecNeeds, 0, "*** exec {0}: {1}: it needs {2}"),
        (Saying::StepFailed, 0, "*** {2} failed with status {3}\n"),
        (Saying::FileFailed, 0, "*** unable to {0} {1}: {2}"),
        (Saying::Running, 1, "*** Running {0}..."),
        (Saying::PrologueRuns, 1, "*** Installing insecure SSH key for user root"),
        (Saying::ServicesStart, 1, "*** Booting runit daemon..."),
        (Saying::ServicesStarted, 1, "*** Runit started as PID {0}"),
        (Saying::ServicesEnded, 1, "*** Runit exited with status {3}"),
        (Saying::MainExited, 1, "*** {2} exited with status {3}."),
        (Saying::MainKilled, 1, "*** {2} exited with status {3}."),
        (Saying::Interrupted, 0, "*** An error occurred. Aborting."),
        (Saying::Asked, 1, "*** Shutting down {0} (PID {1})..."),
        (Saying::Forced, 0, "*** {0} (PID {1}) did not shut down in time. Forcing it to exit."),
        (Saying::Aborted, 0, "*** Init system aborted."),
        (Saying::Draining, 1, "*** Killing all processes..."),
        (Saying::Killing, 0, "*** Not all processes have exited in time. Forcing them to exit."),
        (Saying::Descendants, 0, "*** Not PID 1: only its own descendants are told to end."),
        (Saying::Done, NEVER, "-"),
        (Saying::Started, NEVER, "-"),
    ],
};

/// What `--skip-runit` leaves out.
pub(super) const OF_RUNIT: [Stage; 5] = [
    Stage::Services,
    Stage::StopHooks,
    Stage::StopServices,
    Stage::AwaitServices,
    Stage::LastHooks,
];

pub(super) fn adjust(policy: &mut Policy) {
    // Not `1..=64`, which is much more code.
    for signal in (1..65).filter_map(Signal::new) {
        policy.rewrites.set(signal, None);
    }
    for signal in [Signal::TERM, Signal::INT] {
        policy.rewrites.set(signal, Some(Signal::TERM));
    }
    // Whoever's door was entered before.
    policy.forward_to = ForwardTo::Command;
    policy.on_exit = OnExit::Drain;
    policy.subreaper = Subreaper::Automatic;
    policy.stop_on = SignalSet::EMPTY.with(Signal::TERM);
    policy.stops_heard = StopsHeard::First;
    policy.stopped = Some(ExitCode(2));
    policy.step_failure = Some(ExitCode(1));
    // Of its own options; for all else it is 1.
    policy.own_failure = ExitCode(2);
    policy.exec_failure = ExecFailure::all(ExitCode::NOT_FOUND);
    policy.plain_text = PlainText::Refused;
    policy.placing = Placing::Shared;
    // As Python does, and images may not know.
    policy.ignored = const { SignalSet::of(&[Signal::PIPE, Signal::XFSZ]) };
    (policy.grace, policy.drain_timeout) = (TIMEOUT, TIMEOUT);
}

const TIMEOUT: Span = Span::from_secs(30);

/// The variables that only this door has.
const VARIABLES: &[u8] = b"KILL_PROCESS_TIMEOUT\nKILL_ALL_PROCESSES_TIMEOUT\nENV_INIT_DIRECTORY\n\
    SEXTON_STRICT";

/// What the environment says. `None`: this entry's value is none.
pub(super) fn variable<'a>(
    policy: &mut Policy,
    course: &mut Course<'a>,
    entry: &'a [u8],
) -> Option<()> {
    let mut parts = pieces(entry, b'=');
    let place = place(VARIABLES, parts.piece());
    match (place, parts.rest().unwrap_or_default()) {
        (Some(0 | 1), b"") => {}
        (Some(place @ (0 | 1)), word) => {
            let seconds = seconds(word)?;
            // alarm(2) of 0 seconds never comes.
            let span = if seconds == 0 { Span::FOREVER } else { Span::from_secs(seconds) };
            if place == 0 {
                (course.seconds, policy.grace) = (seconds, span);
            } else {
                policy.drain_timeout = span;
            }
        }
        (Some(2), mut directory) => {
            if let [rest @ .., b'/'] = directory {
                directory = rest;
            }
            if course.has(Stage::Startup) {
                course.name(Stage::Startup, directory);
            }
        }
        (Some(_), b"1") => policy.faithful = Faithful::InEverything,
        _ => {}
    }
    Some(())
}

/// As Python reads a whole number: blanks around it, a sign, `_` between digits. One that is
/// negative or too large stands for a time that nobody sees the end of.
#[inline(never)]
fn seconds(mut word: &[u8]) -> Option<u32> {
    while let [b' ' | b'\t'..=b'\r', rest @ ..] | [rest @ .., b' ' | b'\t'..=b'\r'] = word {
        word = rest;
    }
    let negative = matches!(word, [b'-', ..]);
    if let [b'+' | b'-', rest @ ..] = word {
        word = rest;
    }
    let (mut number, mut in_digits) = (0u32, false);
    for byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            number = number.saturating_mul(10).saturating_add(digit.into());
        } else if *byte != b'_' || !in_digits {
            return None;
        }
        in_digits = digit <= 9;
    }
    in_digits.then_some(if negative && number > 0 { u32::MAX } else { number })
}

/// Whether argparse takes this word for an option.
pub(super) fn is_option(word: &[u8]) -> bool {
    let [b'-', rest @ ..] = word else { return false };
    let mut number = true;
    for byte in rest {
        if *byte == b' ' {
            return false;
        }
        number &= byte.is_ascii_digit() || *byte == b'.';
    }
    !number && !rest.is_empty()
}
