//! What the program is given, and what the init keeps.

use crate::judge;

#[test]
fn what_was_blocked_and_ignored_still_is() {
    judge("inherited");
}

#[test]
fn what_was_not_blocked_is_not() {
    judge("not-blocked");
}

#[test]
fn arguments_are_passed_on_byte_for_byte() {
    judge("bytes");
}

#[test]
fn a_closed_stdin_does_not_keep_the_program_from_running() {
    judge("closed-stdin");
}

#[test]
fn a_pipe_ends_when_the_program_closes_its_end() {
    judge("stdout");
}

#[test]
fn no_other_descriptor_is_held() {
    judge("descriptors");
}

#[test]
fn the_working_directory_is_left() {
    judge("directory");
}

#[test]
fn no_foreign_code_is_loaded() {
    judge("preload");
}
