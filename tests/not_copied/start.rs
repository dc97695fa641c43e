//! The moments between the exec of the init and that of the program.

use crate::judge;

#[test]
fn the_mask_is_the_first_call() {
    judge("mask");
}

#[test]
fn a_signal_that_was_pending_is_forwarded() {
    judge("pending");
}

#[test]
fn a_signal_to_a_group_that_is_not_there_yet_is_not_lost() {
    judge("group-to-be");
}

#[test]
fn a_signal_to_the_child_before_its_exec_is_not_lost() {
    judge("program-to-be");
}

#[test]
fn a_parent_that_died_before_it_was_watched_is_dead_all_the_same() {
    judge("dead-parent");
}

#[test]
fn what_cannot_be_run_is_126_or_127() {
    judge("exec-errors");
}

#[test]
fn the_programs_options_are_its_own() {
    judge("options-end");
}

#[test]
fn no_process_to_be_had_is_an_end() {
    judge("no-process");
}

#[test]
fn no_call_of_a_new_kernel_is_needed() {
    judge("no-new-calls");
}

#[test]
fn no_further_descriptor_is_needed() {
    judge("no-descriptors");
}
