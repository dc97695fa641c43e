//! One first process, small tables. Real programs are in `tests/reaction.rs`.

use super::*;
use crate::judge::Confidence::{Certain, Guess, Likely};
use crate::proc::close::Thread;
use crate::sample::{process, set, sight};
use sexton_core::signal::SignalSet;

const TERM: Signal = Signal::TERM;

fn pid1(name: &str) -> Process {
    process(10, 1).inside(&[10, 1]).namespace(7).name(name)
}

fn child(pid: i32, parent: i32, name: &str) -> Process {
    process(pid, parent).inside(&[pid, pid - 9]).namespace(7).name(name)
}

#[track_caller]
fn check(sight: &Sight, answer: Answer, confidence: Confidence, why: &Why) {
    let found = judge(sight, sight.at(10), TERM);
    assert_eq!((found.answer, found.confidence, &found.why), (answer, confidence, why));
    assert!(!found.why.words(sight, "TERM").is_empty());
}

#[test]
fn masks_alone_decide_where_nothing_waits() {
    let with = |change: fn(&mut crate::proc::table::Status)| sight(vec![pid1("app").with(change)]);
    check(&with(|_| {}), Answer::Deaf, Certain, &Why::Default);
    let ignoring = with(|status| status.ignored = set(&[TERM]));
    check(&ignoring, Answer::Deaf, Certain, &Why::Ignored);
    let blocking = with(|status| status.blocked = set(&[TERM]));
    check(&blocking, Answer::Deaf, Certain, &Why::Blocked);
    let catching = with(|status| status.caught = set(&[TERM]));
    check(&catching, Answer::Reacts, Likely, &Why::Handler);
    let both = with(|status| {
        status.caught = set(&[TERM]);
        status.blocked = set(&[TERM]);
    });
    check(&both, Answer::Unsure, Guess, &Why::HandlerBlocked);
}

#[test]
fn a_shell_without_a_trap_is_told_to_make_room_for_its_command() {
    check(&sight(vec![pid1("dash")]), Answer::Deaf, Certain, &Why::DefaultOfShell);
}

#[test]
fn who_waits_for_it_reacts_though_its_masks_are_empty() {
    let waits =
        |set| sight(vec![pid1("tini")]).saw(10, |close| close.in_call(Call::SignalWait(set)));
    check(&waits(Some(set(&[TERM]))), Answer::Reacts, Certain, &Why::Awaited);
    check(&waits(Some(set(&[Signal::INT]))), Answer::Deaf, Certain, &Why::Default);
    check(&waits(None), Answer::Reacts, Likely, &Why::AwaitedUnread);
}

#[test]
fn one_sample_in_which_it_waits_is_enough() {
    let sight = sight(vec![pid1("tini")]).saw(10, |close| {
        let mut waiting = close.samples[0].clone();
        waiting.threads[0].call = Call::SignalWait(Some(set(&[TERM])));
        close.samples.insert(1, waiting);
    });
    check(&sight, Answer::Reacts, Certain, &Why::Awaited);
}

#[test]
fn another_threads_wait_counts_only_if_the_first_one_blocks() {
    let with_thread = |blocked: SignalSet| {
        let sight = sight(vec![pid1("app").with(|status| status.blocked = blocked)]);
        sight.saw(10, |close| {
            let call = Call::SignalWait(Some(set(&[TERM])));
            close.samples[0].threads.push(Thread { blocked: SignalSet::EMPTY, call });
        })
    };
    check(&with_thread(set(&[TERM])), Answer::Reacts, Likely, &Why::Awaited);
    check(&with_thread(SignalSet::EMPTY), Answer::Deaf, Certain, &Why::Default);
}

#[test]
fn a_signalfd_takes_it_if_every_thread_blocks_it() {
    let with = |first: &[Signal], second: &[Signal]| {
        let (first, second) = (set(first), set(second));
        let sight = sight(vec![pid1("app").with(|status| status.blocked = first)]);
        sight.saw(10, |close| {
            close.signalfds = Some(vec![set(&[TERM])]);
            close.samples[0].threads.push(Thread { blocked: second, call: Call::Other });
        })
    };
    check(&with(&[TERM], &[TERM]), Answer::Reacts, Certain, &Why::Signalfd);
    check(&with(&[TERM], &[]), Answer::Unsure, Guess, &Why::SignalfdOtherThread);
    check(&with(&[], &[]), Answer::Deaf, Certain, &Why::SignalfdUnblocked);
}

#[test]
fn without_rights_verdicts_are_likely_ones() {
    let unread = |process: Process| {
        sight(vec![process]).saw(10, |close| {
            close.signalfds = None;
            close.in_call(Call::Unreadable);
        })
    };
    check(&unread(pid1("app")), Answer::Deaf, Likely, &Why::DefaultUnread);
    check(&unread(pid1("tini")), Answer::Reacts, Likely, &Why::KnownInit);
    let blocking = pid1("app").with(|status| status.blocked = set(&[TERM]));
    check(&unread(blocking), Answer::Unsure, Guess, &Why::BlockedUnread);
    let ignoring = pid1("app").with(|status| status.ignored = set(&[TERM]));
    check(&unread(ignoring), Answer::Deaf, Certain, &Why::Ignored);
}

/// In wait4(2) with a trap for TERM, and this child for so many seconds.
fn shell(name: &str, call: Call, child_ignores: &[Signal], age_s: u64) -> Sight {
    let ignored = set(child_ignores);
    let child = child(11, 10, "sleep").with(|status| status.ignored = ignored);
    let child = child.started(100_000 - age_s * 100);
    let shell = pid1(name).with(|status| status.caught = set(&[TERM]));
    sight(vec![shell, child]).saw(10, |close| {
        close.executable = Some(format!("/bin/{name}").into_bytes());
        close.arguments = vec![b"sh".to_vec(), b"-c".to_vec()];
        close.in_call(call);
    })
}

#[test]
fn a_shells_trap_waits_for_its_foreground_child() {
    let background = [Signal::INT, Signal::QUIT];
    let foreground = Why::Foreground { pid: 11, age_s: 60 };
    for name in ["bash", "dash", "busybox"] {
        let sight = shell(name, Call::ChildWait, &[], 60);
        check(&sight, Answer::Deferred, Likely, &foreground);
        let young = Why::ShortForeground { pid: 11, age_s: 3 };
        check(&shell(name, Call::ChildWait, &[], 3), Answer::Unsure, Guess, &young);
    }
    let waits = shell("bash", Call::ChildWait, &background, 60);
    check(&waits, Answer::Reacts, Likely, &Why::ShellWaits);
    let go = shell("bash", Call::ChildWait, &[Signal::INT], 60);
    check(&go, Answer::Reacts, Likely, &Why::ShellWaits);
    let waits = shell("dash", Call::SignalSuspend, &background, 60);
    check(&waits, Answer::Reacts, Likely, &Why::ShellWaits);
    let works = shell("bash", Call::Other, &[], 60);
    check(&works, Answer::Reacts, Likely, &Why::Handler);
}

#[test]
fn node_and_its_launchers_have_a_handler_that_is_none() {
    let with = |name: &str, children: Vec<Process>| {
        let app = pid1(name).with(|status| status.caught = set(&[TERM]));
        sight([vec![app], children].concat())
    };
    check(&with("node", vec![]), Answer::Unsure, Guess, &Why::NodeHandler);
    let npm = with("node", vec![child(11, 10, "sh")])
        .saw(10, |close| close.arguments = vec![b"npm start".to_vec()]);
    let behind = Why::LeavesBehind { leaver: None, behind: vec![11] };
    check(&npm, Answer::ReactsUncleanly, Likely, &behind);
}

/// PID 1 waits for signals, and has this main command, which has a child.
fn init(name: &str, main: Process) -> Sight {
    let sight = sight(vec![pid1(name), main, child(12, 11, "server")]);
    sight.saw(10, |close| close.in_call(Call::SignalWait(Some(set(&[TERM])))))
}

#[test]
fn what_an_init_does_depends_on_its_main_command() {
    let behind = Why::LeavesBehind { leaver: Some(11), behind: vec![12] };
    check(&init("tini", child(11, 10, "sh")), Answer::ReactsUncleanly, Likely, &behind);
    check(&init("sexton-init", child(11, 10, "sh")), Answer::Reacts, Certain, &Why::Awaited);
    check(&init("tini", child(11, 10, "app")), Answer::Reacts, Certain, &Why::Awaited);
    let deaf = child(11, 10, "app").with(|status| status.ignored = set(&[TERM]));
    check(&init("tini", deaf.clone()), Answer::Deaf, Certain, &Why::MainIsDeaf { main: 11 });
    check(&init("sexton-init", deaf), Answer::Deaf, Certain, &Why::MainIsDeaf { main: 11 });
}

/// libc's "all signals" lacks two that are in ours.
#[test]
fn our_init_under_dockers_name_is_known_by_what_it_waits_for() {
    let sight = init("docker-init", child(11, 10, "sh"))
        .saw(10, |close| close.in_call(Call::SignalWait(Some(SignalSet::ALL))));
    check(&sight, Answer::Reacts, Certain, &Why::Awaited);
}

#[test]
fn systemd_does_not_stop_on_term_and_does_on_its_own_signal() {
    let all = set(&[TERM, Signal::new(37).unwrap()]);
    let systemd = pid1("systemd").with(|status| status.blocked = all);
    let sight = sight(vec![systemd]).saw(10, |close| close.signalfds = Some(vec![all]));
    check(&sight, Answer::Deaf, Certain, &Why::Reexecutes);
    let stop = judge(&sight, sight.at(10), Signal::new(37).unwrap());
    assert_eq!((stop.answer, stop.why), (Answer::Reacts, Why::Signalfd));
}

#[test]
fn who_is_not_pid_1_ends_by_default() {
    let found = |process: Process| {
        let sight = sight(vec![pid1("pause"), process]);
        judge(&sight, sight.at(11), TERM)
    };
    let plain = found(child(11, 10, "app"));
    assert_eq!((plain.answer, plain.why), (Answer::Reacts, Why::DefaultEnds));
    let deaf = found(child(11, 10, "app").with(|status| status.ignored = set(&[TERM])));
    assert_eq!((deaf.answer, deaf.why), (Answer::Deaf, Why::Ignored));
}

#[test]
fn paused_is_said_beside_the_verdict() {
    let pause = |process: Process| judge(&sight(vec![process.clone()]), &process, TERM).pause;
    assert_eq!(pause(pid1("app")), None);
    assert_eq!(pause(pid1("app").state(State::Stopped)), Some(Pause::Stopped));
    assert_eq!(pause(pid1("app").state(State::TracingStop)), Some(Pause::Traced));
    let mut frozen = sight(vec![pid1("app")]);
    frozen.frozen.insert(frozen.at(10).id);
    let found = judge(&frozen, frozen.at(10), TERM);
    assert_eq!((found.pause, found.answer), (Some(Pause::Frozen), Answer::Deaf));
}
