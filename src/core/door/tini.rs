//! tini 0.19: `tini [-gsvw] [-e CODE] [-p SIG] [--] COMMAND [ARG…]`. What differs from the original
//! is in `docs/compat/tini.md`.

use super::{Key, NEVER, Row, Table, row};
use crate::notice::Saying;
use crate::policy::{OnExit, Policy, Subreaper};

const ROWS: &[Row] = &[
    row(Key::Success, b'e', "", "", "  -e CODE", "exit status CODE, 0 to 255, counts as 0"),
    row(
        Key::ParentDeath,
        b'p',
        "",
        "",
        "  -p SIG",
        "get SIG (WINCH, 28, RTMIN+3) when the parent dies",
    ),
    row(
        Key::Group,
        b'g',
        "",
        "kill-process-group",
        "  -g",
        "send signals to the program's process group",
    ),
    row(Key::Subreaper, b's', "", "subreaper", "  -s", "become a subreaper when not PID 1"),
    row(Key::WarnOrphans, b'w', "", "", "  -w", "say each orphan that is reaped"),
    row(Key::Verbose, b'v', "", "verbosity", "  -v", "be more verbose; thrice: all"),
    row(Key::Pause, b'P', "", "", "  -P", "run nothing: reap until INT or TERM"),
    row(Key::Help, b'h', "", "", "  -h", "this page"),
    row(Key::Version, 0, "version", "", "  --version", "the version"),
    row(Key::Licence, b'l', "", "", "  -l", "the licence"),
];

/// What the door says, and what its options are called.
pub const TABLE: Table = Table {
    rows: ROWS,
    column: 12,
    help: [
        "\
tini (tini version 0.19.0)
Usage: tini [OPTIONS] PROGRAM -- [ARGS] | --version

Runs PROGRAM under the supervision of a valid init process (tini)
",
        "
In the environment:
  TINI_SUBREAPER: as -s
  TINI_KILL_PROCESS_GROUP: as -g
  TINI_VERBOSITY=N (default: 1)",
    ],
    version: "tini version 0.19.0",
    licence: super::LICENCE,
    sentences: &[
        (Saying::ExecFailed, 0, "[FATAL tini (%)] exec {0} failed: {1}{2}"),
        (Saying::ExecNeeds, 0, "[FATAL tini (%)] exec {0} failed: {1}: it needs {2}"),
        (Saying::UnknownLetter, 0, "tini: invalid option -- '{0}'"),
        (Saying::UnknownOption, 0, "tini: unrecognized option '{0}'"),
        (Saying::NoValue, 0, "tini: option requires an argument -- '{0}'"),
        // The usage follows, and is all.
        (Saying::NoCommand, NEVER, "-"),
        (Saying::BadValue, 0, "[FATAL tini (%)] Not a valid option for {2}: {0}"),
        (
            Saying::NotInit,
            1,
            "[WARN  tini (%)] Tini is neither PID 1 nor a child subreaper (-s, TINI_SUBREAPER): \
             zombie reaping won't work",
        ),
        (Saying::Started, 2, "[INFO  tini (%)] Spawned child process '{0}' with pid '{1}'"),
        (Saying::MainExited, 2, "[INFO  tini (%)] Main child exited normally (with status '{1}')"),
        (
            Saying::MainKilled,
            2,
            "[INFO  tini (%)] Main child exited with signal (with signal '{1}')",
        ),
        (
            Saying::Done,
            4,
            "[TRACE tini (%)] No child to wait\n[TRACE tini (%)] Exiting: child has exited",
        ),
        (Saying::OrphanExited, NEVER, "[WARN  tini (%)] Reaped zombie process with pid={0}"),
        (Saying::OrphanKilled, NEVER, "[WARN  tini (%)] Reaped zombie process with pid={0}"),
        (Saying::Told, 3, "[DEBUG tini (%)] Passing signal: '{0}'"),
        (Saying::Heard, 3, "[DEBUG tini (%)] Received {0}"),
        (Saying::ChildExited, 3, "[DEBUG tini (%)] Reaped child with pid: '{0}'"),
        (Saying::ChildKilled, 3, "[DEBUG tini (%)] Reaped child with pid: '{0}'"),
    ],
};

pub(super) fn adjust(policy: &mut Policy) {
    policy.on_exit = OnExit::Leave;
    policy.subreaper = Subreaper::No;
}
