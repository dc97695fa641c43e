//! The native door: `sexton-init [OPTIONS] [--] COMMAND [ARG…]`, and the door of `docker-init`,
//! `podman-init` and every name that is nobody's. Its letters are those of tini and of catatonit
//! too, so that what was written for these runs.

use super::{Key, Table, row};

/// What the door says, and what its options are called.
pub const TABLE: Table = Table {
    rows: &[
        row(Key::As, 0, "as", "", "--as NAME", "be tini, dumb-init, catatonit, pause or setuser"),
        row(
            Key::To,
            0,
            "to",
            "",
            "--to WHOM",
            "forward signals to: command (default), group or all",
        ),
        row(
            Key::Rewrite,
            0,
            "rewrite",
            "",
            "--rewrite FROM:TO",
            "send TO for FROM, as TERM:QUIT; TERM:0 drops TERM",
        ),
        row(
            Key::StopOn,
            0,
            "stop-on",
            "",
            "--stop-on SIG",
            "SIG (WINCH, 28, RTMIN+3) asks for a stop too",
        ),
        row(
            Key::StopDelay,
            0,
            "stop-delay",
            "",
            "--stop-delay TIME",
            "forward the stop signal TIME (8s, 500ms) later",
        ),
        row(
            Key::StopTimeout,
            0,
            "stop-timeout",
            "",
            "--stop-timeout TIME",
            "KILL everyone TIME (8s, 500ms, none) after the signal",
        ),
        row(
            Key::OnExit,
            0,
            "on-exit",
            "",
            "--on-exit WHAT",
            "after COMMAND: drain (default), wait or leave",
        ),
        row(
            Key::DrainTimeout,
            0,
            "drain-timeout",
            "",
            "--drain-timeout TIME",
            "KILL everyone TIME (8s, 500ms, none) after COMMAND",
        ),
        row(
            Key::Success,
            b'e',
            "success",
            "",
            "-e --success FROM[:TO]",
            "exit status FROM, 0 to 255, counts as TO (0)",
        ),
        row(
            Key::ParentDeath,
            b'p',
            "parent-death",
            "",
            "-p --parent-death SIG",
            "get SIG (WINCH, 28, RTMIN+3) when the parent dies",
        ),
        row(Key::Log, 0, "log", "", "--log FORMAT", "text (default) or json"),
        row(
            Key::StepAside,
            0,
            "step-aside",
            "",
            "--step-aside WHEN",
            "COMMAND is PID 1: auto (as /init), always or never",
        ),
        row(
            Key::User,
            0,
            "user",
            "",
            "--user USER[:GROUP]",
            "COMMAND runs as USER, a name or number",
        ),
        row(Key::Group, b'g', "group", "", "-g --group", "the same as --to group"),
        row(Key::Subreaper, b's', "subreaper", "", "-s --subreaper", "automatic when not PID 1"),
        row(
            Key::WarnOrphans,
            b'w',
            "warn-orphans",
            "",
            "-w --warn-orphans",
            "say each orphan that is reaped",
        ),
        row(Key::Verbose, b'v', "verbose", "", "-v --verbose", "say more; twice: all"),
        row(Key::Pause, b'P', "pause", "", "-P --pause", "run nothing: reap until INT or TERM"),
        row(Key::Help, b'h', "help", "", "-h --help", "this page"),
        row(Key::Version, b'V', "version", "", "-V --version", "the version"),
        row(Key::Licence, b'l', "licence", "", "-l --licence", "the licence"),
    ],
    column: 23,
    help: [
        "\
Usage: sexton-init [OPTIONS] [--] COMMAND [ARG...]
Runs COMMAND: forwards signals, reaps orphans, lets the others end after it.
",
        "\
\nOr as variables: SEXTON_ON_EXIT=wait, SEXTON_REWRITE=TERM:QUIT,HUP:0.
Exit status: COMMAND's, 128+signal, 127 not found, 126 cannot run, 125 own failure.",
    ],
    version: concat!("tini version ", env!("CARGO_PKG_VERSION"), " - git.sexton"),
    licence: super::LICENCE,
    sentences: crate::notice::NATIVE,
};
