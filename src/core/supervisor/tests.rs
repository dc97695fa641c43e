//! The rules of the clean stop, each as a small script: what happens, and what follows from it.
//! The language of the scripts is in `tests/script.rs`; what is about forwarding and the terminal
//! is in `tests/forwarding.rs`.

mod forwarding;
mod said;
mod script;
mod stages;

use super::*;
use crate::policy::{CodeMap, Mode};
use script::{check, signal};

#[test]
fn only_stop_signals_start_the_stop_timeout() {
    let mut policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::native() };
    check(&policy, "USR1 => tell command USR1; no deadline");
    for signal in ["TERM", "INT", "QUIT"] {
        let line = format!("{signal} => tell command {signal}, rouse command; deadline in 3s");
        check(&policy, &line);
    }
    policy.stop_on = policy.stop_on.with(signal("USR1"));
    check(&policy, "USR1 => tell command USR1, rouse command; deadline in 3s");
}

#[test]
fn the_stop_timeout_bounds_the_whole_stop() {
    let policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::native() };
    check(
        &policy,
        "TERM => tell command TERM, rouse command; deadline in 3s
         +1s => nothing
         main exited 0, children left => tell untold TERM, rouse everyone; deadline in 2s
         +2s => roll 2s, tell everyone KILL
         none left => exit 0",
    );
    check(
        &policy,
        "main exited 0, children left => tell untold TERM, rouse everyone; deadline in 10s
         +1s => nothing
         TERM => tell everyone TERM, rouse everyone; deadline in 3s",
    );
}

#[test]
fn a_deadline_never_moves_back() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::native() },
        "TERM => tell command TERM, rouse command; deadline in 3s
         +2s => nothing
         TERM => tell command TERM, rouse command; deadline in 1s
         INT => tell command INT, rouse command; deadline in 1s",
    );
    check(
        &Policy { stop_timeout: Span::from_secs(60), ..Policy::native() },
        "main exited 0, children left => tell untold TERM, rouse everyone; deadline in 10s
         TERM => tell everyone TERM, rouse everyone; deadline in 10s",
    );
}

// INVARIANT(kill-not-before-its-time)
#[test]
fn kill_comes_at_the_deadline_and_not_before() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::native() },
        "TERM => tell command TERM, rouse command; deadline in 3s
         +2999ms => nothing; deadline in 1ms
         +1ms => roll 3s, tell everyone KILL
         main killed by KILL, none left => exit 137",
    );
}

#[test]
fn the_rest_are_drained_when_the_main_command_ends() {
    check(
        &Policy::native(),
        "main exited 3, children left => tell untold TERM, rouse everyone; deadline in 10s
         children left => nothing
         none left => exit 3; no deadline",
    );
}

#[test]
fn the_rest_are_killed_when_the_drain_ends() {
    check(
        &Policy::native(),
        "TERM => tell command TERM, rouse command; no deadline
         +1s => nothing
         main exited 3, children left => tell untold TERM, rouse everyone; deadline in 10s
         +10s => roll 10s, tell everyone KILL
         none left => exit 3",
    );
}

/// TERM and the main command's death, taken together: the drain's TERM is the same.
#[test]
fn a_stop_signal_that_came_with_the_end_is_told_once() {
    let policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::native() };
    check(
        &policy,
        "main exited 3, children left => tell untold TERM, rouse everyone; deadline in 10s
         USR1 with the end => tell everyone USR1
         TERM with the end => nothing; deadline in 3s
         TERM => tell everyone TERM, rouse everyone; deadline in 3s",
    );
}

#[test]
fn a_drain_without_a_timeout_lasts() {
    check(
        &Policy { drain_timeout: Span::FOREVER, ..Policy::native() },
        "main exited 3, children left => tell untold TERM, rouse everyone; no deadline
         +3600s => nothing
         none left => exit 3",
    );
}

#[test]
fn a_signal_in_the_drain_goes_to_everyone_left() {
    check(
        &Policy { forward_to: ForwardTo::Group, ..Policy::native() },
        "main exited 3, children left => tell untold TERM, rouse everyone
         USR1 => tell everyone USR1
         TERM => tell everyone TERM, rouse everyone",
    );
}

#[test]
fn a_second_int_ends_the_drain() {
    check(
        &Policy::native(),
        "main exited 3, children left => tell untold TERM, rouse everyone
         INT => tell everyone INT, rouse everyone
         +1s => nothing
         INT => roll 1s, tell everyone KILL; deadline in 50ms
         none left => exit 3",
    );
}

#[test]
fn the_first_int_may_have_come_before_the_drain() {
    check(
        &Policy::native(),
        "INT => tell command INT, rouse command
         main exited 130, children left => tell untold TERM, rouse everyone
         INT => roll 0ms, tell everyone KILL",
    );
}

#[test]
fn an_int_that_was_survived_for_long_does_not_count() {
    check(
        &Policy::native(),
        "INT => tell command INT, rouse command
         +10s => nothing
         main exited 130, children left => tell untold TERM, rouse everyone
         INT => tell everyone INT, rouse everyone
         INT => roll 0ms, tell everyone KILL",
    );
}

#[test]
fn many_ints_kill_nobody_while_the_main_command_lives() {
    check(
        &Policy::native(),
        "INT => tell command INT, rouse command
         INT => tell command INT, rouse command
         INT => tell command INT, rouse command; no deadline",
    );
}

#[test]
fn kill_is_said_again_until_we_give_up() {
    let mut script = String::from(
        "main exited 3, children left => tell untold TERM, rouse everyone
         +10s => roll 10s, tell everyone KILL; deadline in 50ms
         +49ms => nothing
         USR1 => nothing
         TERM => nothing
         +1ms => tell everyone KILL; deadline in 50ms\n",
    );
    script.push_str(&"+50ms => tell everyone KILL; deadline in 50ms\n".repeat(38));
    script.push_str("+50ms => give up with 3; no deadline");
    check(&Policy::native(), &script);
}

#[test]
fn a_main_command_that_kill_does_not_end_counts_as_killed() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::native() },
        "TERM => tell command TERM, rouse command
         +3s => roll 3s, tell everyone KILL
         +2s => give up with 137",
    );
}

#[test]
fn nobody_is_drained_who_got_kill_together_with_the_main_command() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::native() },
        "TERM => tell command TERM, rouse command
         +3s => roll 3s, tell everyone KILL; deadline in 50ms
         main killed by KILL, children left => nothing; deadline in 50ms
         none left => exit 137",
    );
}

#[test]
fn under_wait_the_others_stay_as_long_as_they_like() {
    check(
        &waiting(),
        "main exited 3, children left => nothing; no deadline
         +3600s => nothing
         USR1 => tell everyone USR1; no deadline
         none left => exit 3",
    );
}

#[test]
fn under_wait_the_daemon_hears_the_stop_signal_that_came_before_it_was_alone() {
    check(
        &waiting(),
        "QUIT => tell command QUIT, rouse command; deadline in 3s
         +1s => nothing
         main exited 3, children left => tell untold QUIT, rouse everyone; deadline in 2s
         +2s => roll 3s, tell everyone KILL
         none left => exit 3",
    );
}

#[test]
fn under_wait_a_stop_signal_starts_the_stop_timeout() {
    check(
        &waiting(),
        "main exited 3, children left => nothing; no deadline
         +3600s => nothing
         TERM => tell everyone TERM, rouse everyone; deadline in 3s
         +3s => roll 3s, tell everyone KILL
         none left => exit 3",
    );
}

#[test]
fn under_leave_the_end_of_the_main_command_is_the_end() {
    let policy = Policy { on_exit: OnExit::Leave, ..Policy::native() };
    check(&policy, "main exited 3, children left => exit 3");
    check(&policy, "main exited 3, none left => exit 3");
}

#[test]
fn the_exit_status_is_the_main_commands() {
    for on_exit in [OnExit::Drain, OnExit::Wait, OnExit::Leave] {
        let policy = Policy { on_exit, ..Policy::native() };
        check(&policy, "main exited 0, none left => exit 0");
        check(&policy, "main exited 255, none left => exit 255");
        check(&policy, "main killed by TERM, none left => exit 143");
    }
}

#[test]
fn a_status_that_counts_as_success_ends_with_0() {
    let mut codes = CodeMap::IDENTITY;
    codes.set(ExitCode(143), ExitCode(0));
    let policy = Policy { codes, ..Policy::native() };
    check(&policy, "main killed by TERM, none left => exit 0");
    check(&policy, "main exited 142, none left => exit 142");
    check(
        &policy,
        "main killed by TERM, children left => tell untold TERM, rouse everyone
         none left => exit 0",
    );
}

#[test]
fn a_continued_main_command_has_not_ended() {
    check(
        &Policy::native(),
        "main continued, children left => nothing
         main exited 3, none left => exit 3",
    );
}

// INVARIANT(never-sleep-childless)
#[test]
fn childless_without_the_main_commands_status_is_no_reason_to_sleep() {
    check(&Policy::native(), "none left => lost with 125; no deadline");
    check(
        &Policy::native(),
        "TERM => tell command TERM, rouse command
         none left => lost with 125",
    );
}

#[test]
fn after_the_end_nothing_follows() {
    check(
        &Policy::native(),
        "main exited 3, none left => exit 3; no deadline
         TERM => nothing
         INT => nothing
         INT => nothing; no deadline
         none left => nothing
         main exited 4, none left => nothing
         +3600s => nothing",
    );
}

#[test]
fn a_farewell_is_said_with_the_exit_and_rewritten() {
    let mut policy =
        Policy { on_exit: OnExit::Farewell, forward_to: ForwardTo::Group, ..Policy::native() };
    check(&policy, "main exited 3, children left => tell group TERM, exit 3");
    policy.rewrites.set(Signal::TERM, Some(Signal::QUIT));
    check(&policy, "main exited 3, none left => tell group QUIT, exit 3");
    policy.rewrites.set(Signal::TERM, None);
    check(&policy, "main exited 3, children left => exit 3");
}

#[test]
fn a_stop_signal_is_held_back_once_and_other_signals_are_not() {
    let policy = Policy {
        stop_delay: Span::from_secs(5),
        stop_timeout: Span::from_secs(60),
        ..Policy::native()
    };
    check(
        &policy,
        "TERM => nothing; deadline in 5s
         USR1 => tell command USR1
         +4s => nothing; deadline in 1s
         +1s => tell command TERM, rouse command; deadline in 55s
         TERM => tell command TERM, rouse command
         +55s => roll 60s, tell everyone KILL
         main killed by KILL, none left => exit 137",
    );
    check(
        &policy,
        "TERM => nothing
         INT => tell command INT, rouse command; deadline in 60s",
    );
    check(
        &policy,
        "TERM => nothing
         main exited 0, children left => tell untold TERM, rouse everyone; told nobody
         none left => exit 0; no deadline",
    );
}

#[test]
fn a_stop_timeout_shorter_than_the_delay_is_kept() {
    let (stop_delay, stop_timeout) = (Span::from_secs(5), Span::from_secs(3));
    let policy = Policy { stop_delay, stop_timeout, ..Policy::native() };
    check(
        &policy,
        "TERM => nothing; deadline in 3s
         +3s => roll 3s, tell everyone KILL",
    );
}

#[test]
fn a_pause_ends_on_int_and_term_and_on_nothing_else() {
    let policy = Policy { mode: Mode::Pause, ..Policy::native() };
    check(
        &policy,
        "none left => nothing; no deadline
         HUP => nothing
         QUIT => nothing
         TERM => exit 0",
    );
    check(&policy, "INT => exit 0");
}

#[test]
fn who_suspends_with_its_child_forwards_first() {
    let mut policy = Policy { suspend_on: SignalSet::EMPTY.with(Signal::TSTP), ..Policy::native() };
    policy.rewrites.set(Signal::TSTP, Some(Signal::STOP));
    check(&policy, "TSTP => tell command STOP, suspend");
    policy.rewrites.set(Signal::TSTP, None);
    check(&policy, "TSTP => suspend");
}

fn waiting() -> Policy {
    Policy { on_exit: OnExit::Wait, stop_timeout: Span::from_secs(3), ..Policy::native() }
}

#[test]
fn after_the_exit_nothing_follows() {
    let suspend_on = SignalSet::EMPTY.with(Signal::TSTP);
    check(
        &Policy { suspend_on, ..Policy::native() },
        "main exited 0, none left => exit 0
         TSTP => nothing
         TERM => nothing
         +10s => nothing
         main exited 1, none left => nothing
         none left => nothing; no deadline",
    );
    check(
        &Policy { mode: Mode::Pause, ..Policy::native() },
        "TERM => exit 0
         INT => nothing
         none left => nothing",
    );
}
