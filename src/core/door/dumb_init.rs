//! dumb-init 1.2.5: `dumb-init [-cv] [-r FROM:TO] [--] COMMAND [ARG…]`. What differs from the
//! original is in `docs/compat/dumb-init.md`.

use super::{Key, Row, Table, row};
use crate::exit::ExitCode;
use crate::notice::Saying;
use crate::policy::{ExecFailure, ForwardTo, OnExit, Placing, Policy};
use crate::signal::{Signal, SignalSet};

const ROWS: &[Row] = &[
    row(
        Key::SingleChild,
        b'c',
        "single-child",
        "setsid",
        "   -c, --single-child",
        "Run in single-child mode.
                        In this mode, signals are only proxied to the
                        direct child and not any of its descendants.",
    ),
    row(
        Key::Rewrite,
        b'r',
        "rewrite",
        "",
        "   -r, --rewrite s:r",
        "Rewrite received signal s to new signal r before proxying.
                        To ignore (not proxy) a signal, rewrite it to 0.
                        This option can be specified multiple times.",
    ),
    row(
        Key::Verbose,
        b'v',
        "verbose",
        "debug",
        "   -v, --verbose",
        "Print debugging information to stderr.",
    ),
    row(Key::Pause, b'P', "", "", "", ""),
    row(Key::Help, b'h', "help", "", "   -h, --help", "Print this help message and exit."),
    row(
        Key::Version,
        b'V',
        "version",
        "",
        "   -V, --version",
        "Print the current version and exit.",
    ),
];

/// What the door says, and what its options are called. The help and the lines of the log are an
/// interface of the original: its users' tests compare them.
pub const TABLE: Table = Table {
    rows: ROWS,
    column: 24,
    help: [
        "\
dumb-init v1.2.5
Usage: dumb-init [option] command [[arg] ...]

dumb-init is a simple process supervisor that forwards signals to children.
It is designed to run as PID1 in minimal container environments.

Optional arguments:",
        "\nFull help is available online at https://github.com/Yelp/dumb-init",
    ],
    version: "dumb-init v1.2.5",
    licence: "",
    sentences: &[
        (Saying::ExecFailed, 0, "[dumb-init] {0}: {1}"),
        (Saying::ExecNeeds, 0, "[dumb-init] {0}: {1}"),
        (Saying::UnknownLetter, 0, "dumb-init: invalid option -- '{0}'"),
        (Saying::UnknownOption, 0, "dumb-init: unrecognized option '{0}'"),
        (Saying::NoValue, 0, "dumb-init: option requires an argument -- '{0}'"),
        (Saying::UnwantedValue, 0, "dumb-init: option '{0}' doesn't allow an argument"),
        (
            Saying::NoCommand,
            0,
            "Usage: dumb-init [option] program [args]\nTry dumb-init --help for full usage.",
        ),
        (
            Saying::BadValue,
            0,
            "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.
This option can be specified multiple times.
Use --help for full usage.",
        ),
        (Saying::Started, 1, "[dumb-init] Child spawned with PID {1}."),
        (Saying::Settled, 1, "[dumb-init] setsid complete."),
        (Saying::Done, 1, "[dumb-init] Child exited with status {0}. Goodbye."),
        (Saying::Told, 1, "[dumb-init] Forwarded signal {#0} to children."),
        (Saying::Heard, 1, "[dumb-init] Received signal {#0}."),
        (Saying::Translated, 1, "[dumb-init] Translating signal {#0} to {#1}."),
        (
            Saying::Dropped,
            1,
            "[dumb-init] Translating signal {#0} to 0.\n\
             [dumb-init] Not forwarding signal 0 to children (ignored).",
        ),
        (Saying::ChildExited, 1, "[dumb-init] A child with PID {0} exited with exit status {1}."),
        (Saying::ChildKilled, 1, "[dumb-init] A child with PID {0} was terminated by signal {#1}."),
        (Saying::Forgotten, 1, "[dumb-init] Ignoring tty hand-off signal {#0}."),
        (Saying::Suspended, 1, "[dumb-init] Suspending self due to TTY signal."),
    ],
};

/// The keys and the accesses for which a shell stops a job.
const JOB_CONTROL: [Signal; 3] = [Signal::TSTP, Signal::TTIN, Signal::TTOU];

pub(super) fn adjust(policy: &mut Policy) {
    policy.forward_to = ForwardTo::Group;
    policy.placing = Placing::Session;
    policy.on_exit = OnExit::Farewell;
    policy.exec_failure = ExecFailure::all(ExitCode(2));
    policy.voice.level = 0;
    policy.suspend_on = const { SignalSet::of(&JOB_CONTROL) };
}

/// No session, and nobody but the child is told.
pub(super) fn single_child(policy: &mut Policy) {
    policy.placing = Placing::Shared;
    policy.forward_to = ForwardTo::Command;
}

/// In a session of its own the child is stopped by nothing but STOP, as its group is orphaned.
pub(super) fn finish(policy: &mut Policy) {
    for signal in JOB_CONTROL {
        if policy.placing == Placing::Session && policy.rewrites.get(signal) == Some(signal) {
            policy.rewrites.set(signal, Some(Signal::STOP));
        }
    }
}

/// A signal from 1 to 31, to be rewritten to another of these or to none.
pub(super) fn rewritable(from: &[u8], to: Option<Signal>) -> Option<Signal> {
    let old = |signal: &Signal| signal.number() < 32;
    Signal::parse(from).filter(|from| old(from) && to.as_ref().is_none_or(old))
}
