//! What an init has to say is no reason not to do its work.

use crate::judge;

#[test]
fn a_log_that_nobody_reads_is_no_signal_for_the_program() {
    judge("log-closed");
}

#[test]
fn a_warning_that_nobody_reads_is_none_either() {
    judge("warning-closed");
}

#[test]
fn a_log_that_is_full_is_not_waited_for() {
    judge("log-full");
}

#[test]
fn a_log_that_fails_changes_nothing() {
    judge("log-fails");
}

#[test]
fn a_line_can_be_read_when_it_has_been_written() {
    judge("log-at-once");
}
