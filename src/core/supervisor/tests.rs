//! The rules of the clean stop, each as a small script: what happens, and what follows from it.
//! The language of the scripts is in `tests/script.rs`.

mod script;

use super::*;
use crate::exit::ExitCodes;
use crate::policy::SignalMap;
use script::{check, check_with_us, signal};

#[test]
fn a_signal_goes_to_whom_the_policy_names() {
    for (forward_to, whom) in [
        (ForwardTo::Command, "command"),
        (ForwardTo::Group, "group"),
        (ForwardTo::Everyone, "everyone"),
    ] {
        let policy = Policy { forward_to, ..Policy::NATIVE };
        check(&policy, &format!("HUP => tell {whom} HUP"));
        check(&policy, &format!("RTMIN+3 => tell {whom} RTMIN+3"));
        check(&policy, &format!("TERM => tell {whom} TERM, rouse {whom}"));
    }
}

#[test]
fn every_signal_but_chld_is_forwarded() {
    for signal in (1..=64).filter_map(Signal::new).filter(|signal| *signal != Signal::CHLD) {
        let mut supervisor = Supervisor::new(&Policy::NATIVE, Placement::Apart);
        let heard = Heard { signal, source: Source::Process };
        let actions = supervisor.step(Event::Signal(heard), Moment::new(0, 0));
        assert_eq!(actions.tell, Some((Audience::Command, signal)));
    }
    check(&Policy::NATIVE, "CHLD => nothing");
}

#[test]
fn a_rewritten_signal_is_sent_in_place_of_the_one_that_came() {
    check(&rewriting("HUP", "USR1"), "HUP => tell command USR1");
}

#[test]
fn a_signal_stays_a_stop_signal_whatever_it_is_rewritten_to() {
    check(
        &rewriting("TERM", "USR1"),
        "TERM => tell command USR1, rouse command; deadline in 3s
         main exited 0, children left => tell untold TERM, rouse everyone",
    );
}

#[test]
fn a_signal_rewritten_to_a_stop_signal_is_one() {
    check(&rewriting("HUP", "TERM"), "HUP => tell command TERM, rouse command; deadline in 3s");
}

#[test]
fn a_dropped_signal_is_as_if_it_had_never_come() {
    check(&rewriting("TERM", "0"), "TERM => nothing; no deadline");
    check(
        &rewriting("INT", "0"),
        "main exited 0, children left => tell untold TERM, rouse everyone
         INT => nothing
         INT => nothing",
    );
}

#[test]
fn only_stop_signals_start_the_stop_timeout() {
    let mut policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE };
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
    let policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE };
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
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE },
        "TERM => tell command TERM, rouse command; deadline in 3s
         +2s => nothing
         TERM => tell command TERM, rouse command; deadline in 1s
         INT => tell command INT, rouse command; deadline in 1s",
    );
    check(
        &Policy { stop_timeout: Span::from_secs(60), ..Policy::NATIVE },
        "main exited 0, children left => tell untold TERM, rouse everyone; deadline in 10s
         TERM => tell everyone TERM, rouse everyone; deadline in 10s",
    );
}

#[test]
fn kill_comes_at_the_deadline_and_not_before() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE },
        "TERM => tell command TERM, rouse command; deadline in 3s
         +2999ms => nothing; deadline in 1ms
         +1ms => roll 3s, tell everyone KILL
         main killed by KILL, none left => exit 137",
    );
}

#[test]
fn the_rest_are_drained_when_the_main_command_ends() {
    check(
        &Policy::NATIVE,
        "main exited 3, children left => tell untold TERM, rouse everyone; deadline in 10s
         children left => nothing
         none left => exit 3; no deadline",
    );
}

#[test]
fn the_rest_are_killed_when_the_drain_ends() {
    check(
        &Policy::NATIVE,
        "TERM => tell command TERM, rouse command; no deadline
         +1s => nothing
         main exited 3, children left => tell untold TERM, rouse everyone; deadline in 10s
         +10s => roll 10s, tell everyone KILL
         none left => exit 3",
    );
}

#[test]
fn a_drain_without_a_timeout_lasts() {
    check(
        &Policy { drain_timeout: Span::FOREVER, ..Policy::NATIVE },
        "main exited 3, children left => tell untold TERM, rouse everyone; no deadline
         +3600s => nothing
         none left => exit 3",
    );
}

#[test]
fn a_signal_in_the_drain_goes_to_everyone_left() {
    check(
        &Policy { forward_to: ForwardTo::Group, ..Policy::NATIVE },
        "main exited 3, children left => tell untold TERM, rouse everyone
         USR1 => tell everyone USR1
         TERM => tell everyone TERM, rouse everyone",
    );
}

#[test]
fn a_second_int_ends_the_drain() {
    check(
        &Policy::NATIVE,
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
        &Policy::NATIVE,
        "INT => tell command INT, rouse command
         main exited 130, children left => tell untold TERM, rouse everyone
         INT => roll 0ms, tell everyone KILL",
    );
}

#[test]
fn many_ints_kill_nobody_while_the_main_command_lives() {
    check(
        &Policy::NATIVE,
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
    check(&Policy::NATIVE, &script);
}

#[test]
fn a_main_command_that_kill_does_not_end_counts_as_killed() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE },
        "TERM => tell command TERM, rouse command
         +3s => roll 3s, tell everyone KILL
         +2s => give up with 137",
    );
}

#[test]
fn nobody_is_drained_who_got_kill_together_with_the_main_command() {
    check(
        &Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE },
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
    let policy = Policy { on_exit: OnExit::Leave, ..Policy::NATIVE };
    check(&policy, "main exited 3, children left => exit 3");
    check(&policy, "main exited 3, none left => exit 3");
}

#[test]
fn the_exit_status_is_the_main_commands() {
    for on_exit in [OnExit::Drain, OnExit::Wait, OnExit::Leave] {
        let policy = Policy { on_exit, ..Policy::NATIVE };
        check(&policy, "main exited 0, none left => exit 0");
        check(&policy, "main exited 255, none left => exit 255");
        check(&policy, "main killed by TERM, none left => exit 143");
    }
}

#[test]
fn a_status_that_counts_as_success_ends_with_0() {
    let mut success = ExitCodes::EMPTY;
    success.insert(ExitCode(143));
    let policy = Policy { success, ..Policy::NATIVE };
    check(&policy, "main killed by TERM, none left => exit 0");
    check(&policy, "main exited 142, none left => exit 142");
    check(
        &policy,
        "main killed by TERM, children left => tell untold TERM, rouse everyone
         none left => exit 0",
    );
}

#[test]
fn who_was_told_with_the_first_stop_signal_is_remembered() {
    let group = Policy { forward_to: ForwardTo::Group, ..Policy::NATIVE };
    check(
        &group,
        "USR1 => tell group USR1; told nobody
         QUIT => tell group QUIT, rouse group; told group QUIT
         TERM => tell group TERM, rouse group; told group QUIT
         main exited 3, children left => tell untold TERM, rouse everyone; told group QUIT",
    );
    let everyone = Policy { forward_to: ForwardTo::Everyone, ..Policy::NATIVE };
    check(&everyone, "TERM => tell everyone TERM, rouse everyone; told everyone TERM");
    check(&Policy::NATIVE, "TERM => tell command TERM, rouse command; told nobody");
}

/// signal(7): the default action of WINCH is "Ign". Who has not asked for it hears nothing, and
/// `/proc` does not show that.
#[test]
fn a_stop_signal_that_most_do_not_hear_is_not_remembered_as_told() {
    for signal in ["CONT", "URG", "WINCH"] {
        let stop_on = Policy::NATIVE.stop_on.with(script::signal(signal));
        let policy = Policy { forward_to: ForwardTo::Group, stop_on, ..Policy::NATIVE };
        check(&policy, &format!("{signal} => tell group {signal}, rouse group; told nobody"));
    }
}

#[test]
fn the_echo_of_our_own_doing_is_ignored() {
    let policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::NATIVE };
    check(
        &policy,
        "PIPE of our own => nothing
         HUP of our own => nothing
         TERM of our own => nothing; no deadline",
    );
}

#[test]
fn what_the_terminal_tells_a_command_apart_from_us_is_forwarded() {
    check(&Policy::NATIVE, "INT from the kernel => tell command INT, rouse command");
}

#[test]
fn what_the_terminal_told_the_command_is_not_said_again_but_counts() {
    for forward_to in [ForwardTo::Command, ForwardTo::Group, ForwardTo::Everyone] {
        check_with_us(
            &Policy { forward_to, stop_timeout: Span::from_secs(3), ..Policy::NATIVE },
            "WINCH from the kernel => nothing; no deadline
             INT from the kernel => nothing; deadline in 3s
             main exited 3, children left => tell untold TERM, rouse everyone
             INT from the kernel => roll 0ms, tell everyone KILL",
        );
    }
}

/// The terminal tells its foreground process group, whomever the policy would have us tell.
#[test]
fn who_heard_the_terminals_stop_signal_is_the_group() {
    for forward_to in [ForwardTo::Command, ForwardTo::Group, ForwardTo::Everyone] {
        let policy = Policy { forward_to, ..Policy::NATIVE };
        check_with_us(&policy, "INT from the kernel => nothing; told group INT");
    }
}

#[test]
fn what_a_process_sends_to_a_job_is_forwarded() {
    check_with_us(&Policy::NATIVE, "INT => tell command INT, rouse command");
}

#[test]
fn in_a_drain_the_terminals_signals_are_passed_on() {
    check_with_us(
        &Policy::NATIVE,
        "main exited 3, children left => tell untold TERM, rouse everyone
         HUP from the kernel => tell everyone HUP",
    );
}

#[test]
fn a_job_that_the_terminal_stops_takes_us_along() {
    for signal in ["TSTP", "TTIN", "TTOU"] {
        let line = format!("main stopped by {signal}, children left");
        check_with_us(&Policy::NATIVE, &format!("{line} => suspend"));
        check(&Policy::NATIVE, &format!("{line} => nothing"));
    }
    check_with_us(&Policy::NATIVE, "main stopped by STOP, children left => nothing");
}

#[test]
fn a_continued_main_command_has_not_ended() {
    check(
        &Policy::NATIVE,
        "main continued, children left => nothing
         main exited 3, none left => exit 3",
    );
}

#[test]
fn childless_without_the_main_commands_status_is_no_reason_to_sleep() {
    check(&Policy::NATIVE, "none left => lost with 125; no deadline");
    check(
        &Policy::NATIVE,
        "TERM => tell command TERM, rouse command
         none left => lost with 125",
    );
}

#[test]
fn after_the_end_nothing_follows() {
    check(
        &Policy::NATIVE,
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
fn a_signal_that_cannot_be_sent_is_said_once() {
    let mut supervisor = Supervisor::new(&Policy::NATIVE, Placement::Apart);
    assert!(!supervisor.tell_failed(Errno::SRCH), "nobody there is no failure");
    assert!(supervisor.tell_failed(Errno::PERM));
    assert!(!supervisor.tell_failed(Errno::PERM));
    assert!(!supervisor.tell_failed(Errno::SRCH));
}

fn rewriting(from: &str, to: &str) -> Policy {
    let mut rewrites = SignalMap::IDENTITY;
    rewrites.set(signal(from), Signal::parse(to.as_bytes()));
    Policy { rewrites, stop_timeout: Span::from_secs(3), ..Policy::NATIVE }
}

fn waiting() -> Policy {
    Policy { on_exit: OnExit::Wait, stop_timeout: Span::from_secs(3), ..Policy::NATIVE }
}
