//! The setuser of Baseimage-docker: `setuser USER COMMAND [ARG…]`. It is no init, and has no
//! options: the command takes its place. What differs from the original is in
//! `docs/compat/setuser.md`.

use super::Table;
use crate::exit::ExitCode;
use crate::notice::Saying;
use crate::policy::{ExecFailure, Mode, Policy, Subreaper};

/// What the door says.
pub const TABLE: Table = Table {
    rows: &[],
    column: 0,
    help: ["Usage: setuser USER COMMAND [ARG...]", ""],
    version: "",
    licence: "",
    sentences: &[(Saying::NoCommand, 0, "{3}")],
};

pub(super) fn adjust(policy: &mut Policy) {
    policy.mode = Mode::Become;
    policy.subreaper = Subreaper::No;
    policy.own_failure = ExitCode(1);
    policy.exec_failure = ExecFailure::all(ExitCode(1));
    policy.voice.level = 0;
}
