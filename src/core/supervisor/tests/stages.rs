//! What is run before and after the main command.

use super::script::check_course;
use super::*;
use crate::policy::{Faithful, StopsHeard};

/// All stages but those of a directory are passed over.
const UP_TO_MAIN: &str = "begun not => start Startup
    begun not => start Local
    begun not => start Services
    begun not => start Main
    begun => nothing
    ";

/// After the main command, without hooks and services.
const TO_THE_END: &str = "begun not => start StopServices
    begun not => start AwaitServices
    begun not => start LastHooks
    ";

/// With the services, and no main command.
const SERVICES_IN_CHARGE: &str = "begun not => start Startup
    begun not => start Local
    begun not => start Services
    begun => start Main
    begun not => nothing
    ";

/// The original's policy, as far as it matters here.
pub fn original() -> Policy {
    let mut policy = Policy::native();
    policy.rewrites.set(Signal::INT, Some(Signal::TERM));
    policy.rewrites.set(Signal::HUP, None);
    policy.stop_on = SignalSet::EMPTY.with(Signal::TERM);
    policy.stops_heard = StopsHeard::First;
    policy.stopped = Some(ExitCode(2));
    policy.step_failure = Some(ExitCode(1));
    policy.grace = Span::from_secs(30);
    policy
}

#[track_caller]
fn check(policy: &Policy, parts: &[&str]) {
    check_course(policy, &parts.concat());
}

#[test]
fn each_stage_follows_the_one_before_it_and_each_program_of_a_stage_the_other() {
    check(
        &original(),
        &["begun => nothing
           main exited 0, children left => start Prologue
           begun not => start Startup
           begun => nothing
           main exited 0, children left => start Startup
           begun => nothing
           main exited 0, none left => start Startup
           begun not => start Local
           begun => nothing
           main exited 0, none left => start Local
           begun not => start Services
           begun => start Main
           begun => nothing
           main exited 7, children left => start StopHooks
           begun => nothing
           main exited 0, children left => start StopHooks
           begun not => start StopServices
           begun => nothing
           main exited 9, children left => start StopServices
           begun not => tell services TERM, rouse services; deadline in 30s
           services exited 0 => start AwaitServices
           begun => nothing
           main exited 1, none left => start AwaitServices
           begun not => start LastHooks
           begun not => exit 7"],
    );
}

#[test]
fn the_drain_follows_what_is_run_after_the_main_command() {
    check(
        &original(),
        &[
            UP_TO_MAIN,
            "main exited 7, children left => start StopHooks
           ",
            TO_THE_END,
            "begun not => tell untold TERM, rouse everyone; deadline in 10s
           none left => exit 7",
        ],
    );
}

#[test]
fn a_startup_file_that_fails_ends_the_run_before_the_main_command() {
    for (policy, code) in [(original(), 1), (Policy::native(), 3)] {
        let end = format!("main exited 3, none left => exit {code}");
        check(
            &policy,
            &[
                "begun not => start Startup
                          begun => nothing
                          ",
                &end,
            ],
        );
    }
    check(
        &original(),
        &["begun not => start Startup
           begun => nothing
           main killed by KILL, children left => tell untold TERM, rouse everyone
           none left => exit 1"],
    );
}

#[test]
fn a_stop_while_a_startup_file_runs_is_told_to_it_and_no_main_command_follows() {
    let start = "begun not => start Startup
                 begun => nothing
                 ";
    check(
        &original(),
        &[
            start,
            "HUP => nothing
           INT => tell command TERM, rouse command; deadline in 30s
           TERM => nothing
           +30s => tell command KILL; no deadline
           main killed by KILL, none left => abort, exit 2",
        ],
    );
    check(
        &Policy::native(),
        &[
            start,
            "HUP => tell command HUP
           INT => tell command INT, rouse command; no deadline
           main exited 0, none left => exit 130",
        ],
    );
}

#[test]
fn a_key_is_not_told_again_to_what_runs_before_the_main_command() {
    let start = "begun not => start Startup
                 begun => nothing
                 ";
    check(
        &Policy::native(),
        &[
            start,
            "WINCH from the kernel => nothing
           INT from the kernel => nothing
           main killed by INT, none left => exit 130",
        ],
    );
    // The original passes TERM on, whatever it heard.
    check(&original(), &[start, "INT from the kernel => tell command TERM, rouse command"]);
}

#[test]
fn the_main_command_that_does_not_end_in_time_gets_kill_it_alone() {
    check(
        &original(),
        &[
            UP_TO_MAIN,
            "TERM => tell command TERM, rouse command; deadline in 30s
           +29s => nothing
           +1s => tell command KILL; no deadline
           main killed by KILL, children left => start StopHooks
           ",
            TO_THE_END,
            "begun not => tell untold TERM, rouse everyone, abort; deadline in 10s
           TERM => nothing
           none left => exit 2",
        ],
    );
}

#[test]
fn without_a_main_command_the_services_are_what_is_waited_for() {
    check(
        &original(),
        &[
            SERVICES_IN_CHARGE,
            "HUP => nothing
           none left => nothing
           services exited 5 => start StopHooks
           begun not => start StopServices
           begun not => start AwaitServices
           begun not => start LastHooks
           begun not => exit 5",
        ],
    );
    check(
        &Policy::native(),
        &[
            SERVICES_IN_CHARGE,
            "HUP => tell services HUP
           TERM => start StopHooks
           begun not => start StopServices
           begun not => tell services TERM, rouse services; deadline in 10s
           none left => nothing
           services exited 4 => start AwaitServices
           begun not => start LastHooks
           begun not => exit 4",
        ],
    );
}

#[test]
fn the_status_of_services_counts_also_if_a_hook_or_their_stop_ends_them() {
    check(
        &Policy::native(),
        &[
            SERVICES_IN_CHARGE,
            "TERM => start StopHooks
           begun not => start StopServices
           begun => nothing
           services exited 4 => nothing
           main exited 0, none left => start StopServices
           begun not => tell services TERM, rouse services, start AwaitServices
           begun not => start LastHooks
           begun not => exit 4",
        ],
    );
}

#[test]
fn services_that_do_not_end_in_time_get_kill() {
    check(
        &original(),
        &[
            SERVICES_IN_CHARGE,
            "TERM => start StopHooks
           begun not => start StopServices
           begun not => tell services TERM, rouse services; deadline in 30s
           +30s => tell services KILL; no deadline
           services exited 0 => start AwaitServices
           begun not => start LastHooks
           begun not => tell untold TERM, rouse everyone, abort
           none left => exit 2",
        ],
    );
}

#[test]
fn services_that_ended_unnoticed_are_not_waited_for() {
    check(
        &original(),
        &["begun not => start Startup
           begun not => start Local
           begun not => start Services
           begun => start Main
           begun => nothing
           services exited 1 => nothing
           main exited 3, none left => start StopHooks
           begun not => start StopServices
           begun not => tell services TERM, rouse services, start AwaitServices
           begun not => start LastHooks
           begun not => exit 3"],
    );
}

#[test]
fn a_hook_that_fails_changes_the_status_and_stops_nothing() {
    check(
        &original(),
        &[
            UP_TO_MAIN,
            "TERM => tell command TERM, rouse command
           main exited 0, none left => start StopHooks
           begun => nothing
           main exited 3, none left => start StopHooks
           begun in vain => start StopServices
           begun not => start AwaitServices
           begun not => start LastHooks
           begun not => exit 1",
        ],
    );
    check(
        &Policy::native(),
        &[
            UP_TO_MAIN,
            "main exited 5, none left => start StopHooks
           begun => nothing
           main exited 3, none left => start StopHooks
           ",
            TO_THE_END,
            "begun not => exit 5",
        ],
    );
}

#[test]
fn in_the_original_a_hook_that_fails_was_the_last() {
    let policy = Policy { faithful: Faithful::InEverything, ..original() };
    check(
        &policy,
        &[
            UP_TO_MAIN,
            "main exited 0, none left => start StopHooks
           begun => nothing
           main exited 3, none left => exit 1",
        ],
    );
    check(
        &policy,
        &[
            UP_TO_MAIN,
            "main killed by KILL, none left => start StopHooks
           begun => nothing
           TERM => tell command TERM, rouse command
           main exited 3, none left => abort, exit 2",
        ],
    );
}

#[test]
fn a_hook_hears_the_first_stop_signal_and_the_stop_goes_on() {
    check(
        &original(),
        &[
            UP_TO_MAIN,
            "main exited 7, none left => start StopHooks
           begun => nothing
           TERM => tell command TERM, rouse command; deadline in 30s
           TERM => nothing
           main killed by TERM, none left => start StopHooks
           ",
            TO_THE_END,
            "begun not => abort, exit 2",
        ],
    );
    // It was for the main command that it came.
    check(
        &Policy::native(),
        &[
            UP_TO_MAIN,
            "TERM => tell command TERM, rouse command
           main exited 0, none left => start StopHooks
           begun => nothing
           TERM => nothing
           HUP => nothing",
        ],
    );
}

#[test]
fn the_stop_timeout_bounds_the_stages_of_the_end_too() {
    let policy = Policy { stop_timeout: Span::from_secs(5), ..original() };
    check(
        &policy,
        &[
            UP_TO_MAIN,
            "main exited 7, children left => start StopHooks
           begun => deadline
           "
            .replace("deadline", "nothing; deadline in 5s")
            .as_str(),
            "+5s => roll 5s, tell everyone KILL
           main killed by KILL, children left => nothing
           none left => exit 7",
        ],
    );
}

#[test]
fn no_process_for_the_main_command_is_the_end() {
    check(
        &original(),
        &["begun not => start Startup
           begun not => start Local
           begun not => start Services
           begun => start Main
           begun in vain => tell untold TERM, rouse everyone
           services exited 0 => nothing
           none left => exit 125"],
    );
}

#[test]
fn no_process_for_the_first_program_is_the_end_at_once() {
    check(&original(), &["begun in vain => exit 125"]);
}

// INVARIANT(never-sleep-childless)
#[test]
fn a_program_whose_end_was_never_told_does_not_hang_the_run() {
    check(
        &original(),
        &["begun not => start Startup
           begun => nothing
           none left => lost with 125"],
    );
}

#[test]
fn a_signal_that_asks_for_no_stop_reaches_no_hook() {
    let parts = [
        UP_TO_MAIN,
        "main exited 0, children left => start StopHooks
         begun => nothing
         HUP => nothing; no deadline
         TERM => tell command TERM, rouse command",
    ];
    check(&Policy::native(), &parts);
}

#[test]
fn nothing_is_run_any_more_when_everybody_got_kill() {
    let policy = Policy { stop_timeout: Span::from_secs(5), ..original() };
    let parts = [
        UP_TO_MAIN,
        "TERM => tell command TERM, rouse command; deadline in 5s
         +5s => roll 5s, tell everyone KILL
         main killed by KILL, none left => abort, exit 2",
    ];
    check(&policy, &parts);
}

#[test]
fn who_waits_for_services_alone_ends_with_them() {
    let policy = Policy { on_exit: OnExit::Wait, ..Policy::native() };
    check(
        &policy,
        &["begun not => start Startup
           begun not => start Local
           begun not => start Services
           begun => start Main
           begun in vain => nothing
           none left => exit 125"],
    );
}

#[test]
fn strictly_a_hook_that_goes_well_is_not_the_last() {
    let policy = Policy { faithful: Faithful::InEverything, ..original() };
    let parts = [
        UP_TO_MAIN,
        "main exited 0, none left => start StopHooks
         begun => nothing
         main exited 0, none left => start StopHooks
         begun not => start StopServices
         begun => nothing
         main exited 1, none left => start StopServices",
    ];
    check(&policy, &parts);
}

#[test]
fn a_hook_that_got_kill_with_everybody_is_the_end() {
    let policy = Policy { stop_timeout: Span::from_secs(5), ..original() };
    let parts = [
        UP_TO_MAIN,
        "main exited 7, children left => start StopHooks
         begun => nothing
         +5s => roll 5s, tell everyone KILL
         main killed by KILL, none left => exit 7",
    ];
    check(&policy, &parts);
}

#[test]
fn without_a_main_command_and_without_services_there_is_nothing_to_wait_for() {
    check(
        &original(),
        &["begun not => start Startup
           begun not => start Local
           begun not => start Services
           begun not => start Main
           begun not => exit 137"],
    );
}
