//! The pause container of Kubernetes: it runs nothing, holds the pod's namespaces, reaps, and
//! exits with 0 on INT and TERM. Of its arguments only `-v` means something.

use super::{Key, Table, row};
use crate::notice::Saying;
use crate::policy::{Mode, Policy, Subreaper};

/// What the door says.
pub const TABLE: Table = Table {
    rows: &[row(Key::Version, b'v', "", "", "  -v", "the version")],
    column: 5,
    help: ["", ""],
    version: concat!("pause.c sexton-", env!("CARGO_PKG_VERSION")),
    licence: "",
    sentences: &[
        (Saying::NotInit, 0, "Warning: pause should be the first process"),
        (Saying::Done, 0, "Shutting down, got signal: {2}"),
    ],
};

pub(super) fn adjust(policy: &mut Policy) {
    policy.mode = Mode::Pause;
    policy.subreaper = Subreaper::No;
}
