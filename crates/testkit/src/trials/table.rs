//! All questions, in the order of the table.

use super::{Need, Trial, ends, inheritance, log, signals, start, terminal};
use crate::Door::{Catatonit, DumbInit, Tini};
use Need::{Namespaces, Program, Root};

const STRACE: Need = Program("strace");

macro_rules! trials {
    ($($name:literal, $right:literal, [$($wrong_in:ident),*], [$($kept_in:ident),*],
        [$($needs:expr),*], $ask:path;)*) => {
        &[$(Trial {
            name: $name,
            right: $right,
            wrong_in: &[$($wrong_in),*],
            kept_in: &[$($kept_in),*],
            needs: &[$($needs),*],
            ask: $ask,
        }),*]
    };
}

/// All of them: by what name, what is right, who does wrong, where ours does as the original, what
/// it takes.
#[rustfmt::skip]
pub const TRIALS: &[Trial] = trials! {
    // The start.
    "mask", "blocks signals by its first system call",
        [Tini, DumbInit, Catatonit], [], [Root, STRACE], start::blocks_first;
    "pending", "forwards what was pending at its exec",
        [DumbInit], [], [Namespaces], start::forwards_what_was_pending;
    "group-to-be", "loses no signal for a group not yet made",
        [Tini, DumbInit, Catatonit], [], [Root, STRACE], start::keeps_signals_for_a_group_to_be;
    "program-to-be", "loses no signal just before the exec",
        [DumbInit], [], [Root, STRACE], start::keeps_signals_for_a_program_to_be;
    "dead-parent", "-p: sees a parent that died before",
        [Tini], [], [Root, STRACE], start::sees_a_parent_that_died_before;
    "exec-errors", "127 not found, 126 not executable",
        [Tini, DumbInit, Catatonit], [DumbInit, Catatonit], [Namespaces],
        start::tells_what_cannot_be_run;
    "options-end", "leaves the program's options alone",
        [Tini, Catatonit], [], [Namespaces], start::ends_its_options_at_the_program;
    "no-process", "ends where no process can be made",
        [], [], [Root, STRACE], start::ends_where_no_process_is_to_be_had;

    // Signals.
    "all-signals", "forwards all signals but KILL, STOP, CHLD",
        [Tini, DumbInit, Catatonit], [DumbInit], [Namespaces], signals::forwards_everything;
    "real-time", "loses no real-time signal",
        [], [], [Namespaces], signals::forwards_real_time_signals;
    "values", "forwards their values",
        [Tini, DumbInit, Catatonit], [DumbInit], [Namespaces], signals::forwards_values;
    "from-inside", "forwards what comes from inside",
        [], [], [Namespaces], signals::forwards_from_inside;
    "second-term", "forwards a second TERM",
        [], [], [Namespaces], signals::forwards_a_second_term;
    "stopped", "wakes a stopped program up to end",
        [Tini, DumbInit, Catatonit], [Tini, DumbInit, Catatonit], [Namespaces],
        signals::wakes_who_is_stopped;
    "faults", "outlives ABRT from outside",
        [Tini, Catatonit], [], [], signals::outlives_faults;
    "libcs-signals", "outlives signal 33",
        [Tini, DumbInit, Catatonit], [], [], signals::outlives_libcs_signals;
    "eperm", "stays with a program it may not signal",
        [Tini], [], [Root, Program("setpriv")], signals::stays_with_another_users;
    "other-user", "starts one that changes its user at once",
        [Catatonit], [], [Root, STRACE, Program("setpriv")],
        signals::takes_no_other_user_for_a_failure;
    "reaped", "signals nobody whom it has reaped",
        [DumbInit], [], [Root, STRACE], signals::signals_nobody_reaped;
    "rest", "sleeps while nothing happens",
        [Tini], [], [Namespaces], signals::sleeps_at_rest;

    // Ends.
    "status", "reports exit statuses and deadly signals",
        [], [], [Namespaces], ends::reports_how_the_program_ended;
    "core", "reports the signal of a core dump",
        [], [], [Namespaces], ends::reports_a_core_dump;
    "sigchld-ignored", "sees the end though CHLD was ignored",
        [Tini, Catatonit], [], [], inheritance::sees_the_end_though_sigchld_was_ignored;
    "wait-fails", "outlives a wait4 that fails once",
        [Tini, DumbInit, Catatonit], [], [Root, STRACE], ends::waits_again;
    "orphans", "reaps 1,000 orphans",
        [], [], [Namespaces], ends::reaps_orphans;
    "strange-children", "reaps children with other exit signals",
        [], [], [Namespaces], ends::reaps_strange_children;
    "subreaper", "adopts orphans where it is not PID 1",
        [Tini, DumbInit], [Tini], [], ends::adopts_where_it_is_not_pid_1;
    "one-sigchld", "reaps all who died behind one CHLD",
        [], [], [Namespaces], ends::reaps_all_behind_one_signal;
    "grace", "gives the rest time to end",
        [Tini, DumbInit, Catatonit], [Tini, DumbInit, Catatonit], [Namespaces],
        ends::gives_the_rest_its_time;
    "grace-on-request", "gives it where it is asked to",
        [Tini, DumbInit, Catatonit], [], [Namespaces], ends::gives_the_rest_its_time_on_request;
    "kill-all", "outlives a program that kills everybody",
        [], [], [Namespaces], ends::outlives_who_kills_everybody;

    // What is inherited, and what is kept.
    "inherited", "passes on blocked and ignored signals",
        [DumbInit], [], [], inheritance::keeps_masks_and_ignores;
    "not-blocked", "blocks nothing more for the program",
        [Catatonit], [], [], inheritance::blocks_nothing_more;
    "bytes", "passes arguments on byte for byte",
        [], [], [Namespaces], inheritance::passes_bytes_on;
    "closed-stdin", "runs with stdin closed",
        [Tini], [], [], inheritance::runs_with_stdin_closed;
    "stdout", "lets go of stdout",
        [Tini, DumbInit, Catatonit], [], [], inheritance::lets_go_of_stdout;
    "descriptors", "lets go of other descriptors",
        [Tini, DumbInit], [], [], inheritance::lets_go_of_descriptors;
    "directory", "leaves the working directory",
        [Tini, Catatonit], [], [], inheritance::leaves_the_working_directory;
    "preload", "loads no foreign code (LD_PRELOAD)",
        [Tini, DumbInit], [], [Namespaces], inheritance::loads_no_foreign_code;

    // The log.
    "log-closed", "-v: outlives a log that nobody reads",
        [Tini, DumbInit, Catatonit], [], [], log::survives_a_log_that_nobody_reads;
    "warning-closed", "the same without -v",
        [Tini], [], [], log::survives_a_warning_that_nobody_reads;
    "log-full", "-v: does not wait for a full log",
        [Tini, DumbInit, Catatonit], [], [], log::does_not_wait_for_a_full_log;
    "log-fails", "-v: outlives a log that fails",
        [], [], [Namespaces], log::survives_a_log_that_fails;
    "log-at-once", "-v: says it at once",
        [Tini], [], [Namespaces], log::says_it_at_once;

    // The terminal.
    "key-once", "a key arrives once (docker run -it)",
        [], [], [Namespaces], terminal::a_key_arrives_once;
    "wedge", "Ctrl-Z does not stop it for good (-it)",
        [Tini], [], [Namespaces], terminal::ctrl_z_does_not_wedge_a_container;
    "jobs", "a shell can stop its jobs (-it)",
        [Catatonit], [], [Namespaces, Program("bash")], terminal::a_containers_shell_has_jobs;
    "ctrl-z", "as a shell's job stops by Ctrl-Z",
        [Tini, Catatonit], [], [Program("bash")], terminal::ctrl_z_gives_the_terminal_back;
    "background-job", "takes no terminal in the background",
        [Tini, Catatonit], [], [Program("bash")], terminal::a_background_job_takes_no_terminal;
    "hang-up", "knows a hang-up from its own doing",
        [DumbInit], [], [Root], terminal::a_hang_up_is_one;

    // Places.
    "no-proc", "needs no /proc",
        [], [], [Namespaces], ends::needs_no_proc;
    "no-user", "needs no mapped user",
        [], [], [Namespaces, Program("unshare")], ends::needs_no_user;
    "no-new-calls", "does without signalfd, epoll, clone3 …",
        [Catatonit], [], [Root, STRACE], start::needs_no_new_calls;
    "no-descriptors", "needs no fourth descriptor (RLIMIT_NOFILE)",
        [Tini, DumbInit, Catatonit], [], [Namespaces, Program("prlimit")],
        start::needs_no_descriptors;
};
