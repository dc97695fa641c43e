//! Ends: of the program, of orphans, of everybody else. And places where little is to be had.

use crate::judge;

#[test]
fn every_end_is_reported() {
    judge("status");
}

#[test]
fn a_core_dump_is_reported_as_its_signal() {
    judge("core");
}

#[test]
fn a_caller_that_ignores_sigchld_is_told_of_the_end() {
    judge("sigchld-ignored");
}

#[test]
fn a_wait_that_fails_once_is_not_the_last() {
    judge("wait-fails");
}

#[test]
fn orphans_are_reaped() {
    judge("orphans");
}

#[test]
fn strange_children_are_reaped() {
    judge("strange-children");
}

#[test]
fn orphans_are_adopted_without_being_asked_for() {
    judge("subreaper");
}

#[test]
fn deaths_behind_one_sigchld_are_all_seen() {
    judge("one-sigchld");
}

#[test]
fn who_is_left_is_given_time() {
    judge("grace");
}

#[test]
fn who_is_left_is_given_time_on_request() {
    judge("grace-on-request");
}

#[test]
fn who_kills_everybody_does_not_kill_the_init() {
    judge("kill-all");
}

#[test]
fn no_proc_is_needed() {
    judge("no-proc");
}

#[test]
fn no_mapped_user_is_needed() {
    judge("no-user");
}
