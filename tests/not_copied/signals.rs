//! A signal that was sent is a signal that arrives, and nothing else is one.

use crate::judge;

#[test]
fn every_signal_arrives() {
    judge("all-signals");
}

#[test]
fn no_real_time_signal_is_lost_not_even_the_first() {
    judge("real-time");
}

#[test]
fn values_arrive() {
    judge("values");
}

#[test]
fn a_signal_from_inside_is_one() {
    judge("from-inside");
}

#[test]
fn a_second_term_is_one() {
    judge("second-term");
}

#[test]
fn a_stopped_program_is_woken_up_to_end() {
    judge("stopped");
}

#[test]
fn no_signal_but_kill_ends_the_init_before_the_program() {
    judge("faults");
}

#[test]
fn the_signals_of_libc_end_nobody() {
    judge("libcs-signals");
}

#[test]
fn a_program_that_may_not_be_signalled_is_waited_for() {
    judge("eperm");
}

#[test]
fn a_program_that_changes_its_user_at_once_is_none_that_failed() {
    judge("other-user");
}

#[test]
fn who_has_been_reaped_is_not_signalled() {
    judge("reaped");
}

#[test]
fn nothing_wakes_an_init_that_has_nothing_to_do() {
    judge("rest");
}
