//! Who hears of a signal, as what, and from whom.

use super::script::{self, check, check_with_us, signal};
use crate::errno::Errno;
use crate::policy::{ForwardTo, OnExit, Policy, SignalMap};
use crate::signal::Signal;
use crate::supervisor::{Actions, Audience, Event, Heard, Placement, Source, Supervisor};
use crate::time::{Moment, Span};

#[test]
fn a_signal_goes_to_whom_the_policy_names() {
    for (forward_to, whom) in [
        (ForwardTo::Command, "command"),
        (ForwardTo::Group, "group"),
        (ForwardTo::Everyone, "everyone"),
    ] {
        let policy = Policy { forward_to, ..Policy::native() };
        check(&policy, &format!("HUP => tell {whom} HUP"));
        check(&policy, &format!("RTMIN+3 => tell {whom} RTMIN+3"));
        check(&policy, &format!("TERM => tell {whom} TERM, rouse {whom}"));
    }
}

#[test]
fn every_signal_but_chld_is_forwarded() {
    for signal in (1..=64).filter_map(Signal::new).filter(|signal| *signal != Signal::CHLD) {
        let policy = Policy::native();
        let mut supervisor = Supervisor::new(&policy, Placement::Apart);
        let heard = Heard { signal, source: Source::Process, with_the_end: false };
        let mut actions = Actions::NONE;
        supervisor.step(Event::Signal(heard), Moment::new(0, 0), &mut actions);
        assert_eq!(actions.tell, Some((Audience::Command, signal)));
    }
    check(&Policy::native(), "CHLD => nothing");
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
fn who_was_told_with_the_last_stop_signal_is_remembered() {
    let group = Policy { forward_to: ForwardTo::Group, ..Policy::native() };
    check(
        &group,
        "USR1 => tell group USR1; told nobody
         QUIT => tell group QUIT, rouse group; told group QUIT
         TERM => tell group TERM, rouse group; told group TERM
         main exited 3, children left => tell untold TERM, rouse everyone; told group TERM",
    );
    let everyone = Policy { forward_to: ForwardTo::Everyone, ..Policy::native() };
    check(&everyone, "TERM => tell everyone TERM, rouse everyone; told everyone TERM");
    check(&Policy::native(), "TERM => tell command TERM, rouse command; told nobody");
}

/// signal(7): the default action of WINCH is "Ign". Who has not asked for it hears nothing, and
/// `/proc` does not show that.
#[test]
fn a_stop_signal_that_most_do_not_hear_is_not_remembered_as_told() {
    for signal in ["CONT", "URG", "WINCH"] {
        let stop_on = Policy::native().stop_on.with(script::signal(signal));
        let policy = Policy { forward_to: ForwardTo::Group, stop_on, ..Policy::native() };
        check(&policy, &format!("{signal} => tell group {signal}, rouse group; told nobody"));
    }
}

#[test]
fn the_echo_of_our_own_doing_is_ignored() {
    let policy = Policy { stop_timeout: Span::from_secs(3), ..Policy::native() };
    check(
        &policy,
        "PIPE of our own => nothing
         HUP of our own => nothing
         CONT of our own => nothing
         TERM of our own => tell command TERM, rouse command; deadline in 3s",
    );
}

/// A prompt answers Ctrl-C with a new line. When it ends an hour later, those who were with it in
/// the group have not been told to end.
#[test]
fn an_interrupt_that_was_survived_for_long_was_no_stop() {
    let group = Policy { forward_to: ForwardTo::Group, ..Policy::native() };
    let ended = "main exited 3, children left => tell untold TERM, rouse everyone";
    for (signal, later, told) in
        [("INT", "9s", "group INT"), ("INT", "10s", "nobody"), ("TERM", "1h", "group TERM")]
    {
        let heard = format!("{signal} => tell group {signal}, rouse group");
        check(&group, &format!("{heard}\n+{later} => nothing\n{ended}; told {told}"));
    }
}

#[test]
fn what_the_terminal_tells_a_command_apart_from_us_is_forwarded() {
    check(&Policy::native(), "INT from the kernel => tell command INT, rouse command");
}

#[test]
fn what_the_terminal_told_the_command_is_not_said_again_but_counts() {
    for forward_to in [ForwardTo::Command, ForwardTo::Group, ForwardTo::Everyone] {
        check_with_us(
            &Policy { forward_to, stop_timeout: Span::from_secs(3), ..Policy::native() },
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
        let policy = Policy { forward_to, ..Policy::native() };
        check_with_us(&policy, "INT from the kernel => nothing; told group INT");
    }
}

#[test]
fn the_terminal_knows_no_rewrites_but_who_hears_it_from_us_does() {
    check_with_us(
        &Policy { on_exit: OnExit::Wait, ..rewriting("INT", "TERM") },
        "INT from the kernel => nothing; told group INT
         main exited 3, children left => tell untold TERM, rouse everyone; told group INT",
    );
}

#[test]
fn what_a_process_sends_to_a_job_is_forwarded() {
    check_with_us(&Policy::native(), "INT => tell command INT, rouse command");
}

#[test]
fn in_a_drain_the_terminals_signals_are_passed_on() {
    check_with_us(
        &Policy::native(),
        "main exited 3, children left => tell untold TERM, rouse everyone
         HUP from the kernel => tell everyone HUP",
    );
}

#[test]
fn a_job_that_the_terminal_stops_takes_us_along() {
    for signal in ["TSTP", "TTIN", "TTOU"] {
        let line = format!("main stopped by {signal}, children left");
        check_with_us(&Policy::native(), &format!("{line} => suspend"));
        check(&Policy::native(), &format!("{line} => nothing"));
    }
    check_with_us(&Policy::native(), "main stopped by STOP, children left => nothing");
}

#[test]
fn a_signal_that_cannot_be_sent_is_said_once() {
    let policy = Policy::native();
    let mut supervisor = Supervisor::new(&policy, Placement::Apart);
    assert!(!supervisor.tell_failed(Errno::SRCH), "nobody there is no failure");
    assert!(supervisor.tell_failed(Errno::PERM));
    assert!(!supervisor.tell_failed(Errno::PERM));
    assert!(!supervisor.tell_failed(Errno::SRCH));
}

fn rewriting(from: &str, to: &str) -> Policy {
    let mut rewrites = SignalMap::IDENTITY;
    rewrites.set(signal(from), Signal::parse(to.as_bytes()));
    Policy { rewrites, stop_timeout: Span::from_secs(3), ..Policy::native() }
}

/// setitimer(2), getrlimit(2): the kernel sends ALRM and XCPU too, but to one process, not to the
/// terminal's group.
#[test]
fn what_the_kernel_sends_to_us_alone_is_forwarded_in_a_shells_job_too() {
    for signal in ["ALRM", "XCPU", "IO"] {
        check_with_us(
            &Policy::native(),
            &format!("{signal} from the kernel => tell command {signal}"),
        );
    }
}
