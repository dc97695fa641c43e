//! catatonit 0.1.7 and 0.2: `catatonit [-ghLPV] [--] COMMAND [ARG…]`. What differs from the
//! original is in `docs/compat/catatonit.md`.

use super::{Key, Row, Table, row};
use crate::exit::ExitCode;
use crate::notice::Saying;
use crate::policy::{ExecFailure, OnExit, Policy};

const ROWS: &[Row] = &[
    row(Key::Group, b'g', "", "", "  -g", "send signals to the program's process group"),
    row(Key::Verbose, 0, "", "debug", "", ""),
    row(Key::Pause, b'P', "", "", "  -P", "run nothing: reap until INT or TERM"),
    row(Key::Help, b'h', "", "", "  -h", "this page"),
    row(Key::Version, b'V', "version", "", "  -V, --version", "the version"),
    row(Key::Licence, b'l', "", "", "  -L", "the licence"),
];

/// What the door says, and what its options are called.
pub const TABLE: Table = Table {
    rows: ROWS,
    column: 17,
    help: ["usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]", ""],
    version: "tini version 0.1.7_catatonit",
    licence: super::LICENCE,
    sentences: &[
        (Saying::Started, 3, "DEBUG (catatonit:%): pid1 ({1}) spawned: {0}"),
        (Saying::ExecFailed, 0, "ERROR (catatonit:%): failed to exec pid1: {1}: {0}{2}"),
        (Saying::ExecNeeds, 0, "ERROR (catatonit:%): failed to exec pid1: {1}: {0}: {2}"),
        (Saying::UnknownLetter, 0, "catatonit: invalid option -- '{0}'\n{3}"),
        (Saying::UnknownOption, 0, "catatonit: unrecognized option '{0}'\n{3}"),
        (Saying::UnwantedValue, 0, "catatonit: option '{0}' doesn't allow an argument\n{3}"),
        (Saying::NoCommand, 0, "ERROR (catatonit:%): missing program name\n{3}"),
    ],
};

pub(super) fn adjust(policy: &mut Policy) {
    policy.on_exit = OnExit::Leave;
    policy.exec_failure = ExecFailure::all(ExitCode(1));
    policy.voice.level = 0;
}
