//! A shell's terminal is lent, not given; and that of a container is the program's.

use crate::judge;

#[test]
fn a_key_arrives_once() {
    judge("key-once");
}

#[test]
fn ctrl_z_does_not_wedge_a_container() {
    judge("wedge");
}

#[test]
fn a_shell_in_a_container_has_jobs() {
    judge("jobs");
}

#[test]
fn ctrl_z_gives_the_terminal_back_to_the_shell() {
    judge("ctrl-z");
}

#[test]
fn a_background_job_does_not_take_the_terminal() {
    judge("background-job");
}

#[test]
fn a_hang_up_is_not_taken_for_that_of_the_terminal() {
    judge("hang-up");
}
