//! Programs as PID 1, and whether the doctor sees that they will react to TERM. Each is then sent
//! TERM, where the verdict is one that a signal can refute.

mod common;

use common::{Patient, because, has, start, stop};
use sexton_doctor::judge::reaction::{Answer, Pause};
use sexton_doctor::judge::{Confidence, Level};
use sexton_testkit::libc::{SIGSTOP, SIGTERM};
use sexton_testkit::{Pid1, eventually, namespaces};
use std::time::Duration;

/// What the doctor says of this program, once that is settled, and words of the evidence.
#[track_caller]
fn check(words: &[&str], answer: Answer, evidence: &str) -> Option<Patient> {
    if !namespaces() || !has(words[0]) || !words.iter().all(|word| *word != "npm" || has("npm")) {
        return None;
    }
    let pid1 = Pid1::new(words[0]).args(&words[1..]);
    // npm writes a log into our home, and a word of farewell to our stderr.
    let quiet = pid1.env("npm_config_logs_max", "0").env("npm_config_loglevel", "silent");
    let patient = start(quiet);
    let mut said = String::new();
    // A program needs a moment to become what it will be, and npm needs many.
    let deadline = std::time::Instant::now() + 3 * sexton_testkit::patience();
    loop {
        let report = patient.report();
        let (finding, verdict) = stop(&report);
        if verdict.answer == answer && because(finding).contains(evidence) {
            assert_eq!(finding.level == Level::Fine, answer == Answer::Reacts);
            assert_eq!(finding.advice.is_some(), answer != Answer::Reacts, "{finding:#?}");
            return Some(patient);
        }
        said.clone_from(&format!("{finding:#?}"));
        assert!(std::time::Instant::now() < deadline, "not {answer:?} {evidence}: {said}");
    }
}

/// As a runtime does: the doctor was right if it ends.
#[track_caller]
fn ends(patient: Option<Patient>) {
    if let Some(mut patient) = patient {
        patient.running.signal(SIGTERM).unwrap();
        let ended = patient.running.wait_within(sexton_testkit::patience()).unwrap();
        assert!(ended.is_some(), "it was said to react");
    }
}

/// The doctor was right if it is still there after a while in which anybody would have ended.
#[track_caller]
fn stays(patient: Option<Patient>) {
    if let Some(mut patient) = patient {
        patient.running.signal(SIGTERM).unwrap();
        let ended = patient.running.wait_within(Duration::from_millis(300)).unwrap();
        assert_eq!(ended, None, "it was said to be deaf");
    }
}

const PYTHON: &str = "import signal, threading, time\nT = {signal.SIGTERM}\n";

fn python(script: &str) -> Vec<String> {
    ["python3".to_owned(), "-c".to_owned(), format!("{PYTHON}{script}")].to_vec()
}

#[track_caller]
fn check_python(script: &str, answer: Answer, evidence: &str) -> Option<Patient> {
    let words = python(script);
    check(&words.iter().map(String::as_str).collect::<Vec<_>>(), answer, evidence)
}

#[test]
fn without_a_handler_pid_1_is_deaf() {
    let deaf = (Answer::Deaf, "the kernel drops it for PID 1");
    stays(check(&["sleep", "600"], deaf.0, deaf.1));
    let shell = "a shell without a trap for TERM";
    stays(check(&["dash", "-c", "sleep 600; true"], deaf.0, shell));
    stays(check(&["bash", "-c", "sleep 600; true"], deaf.0, shell));
    stays(check_python("time.sleep(600)", deaf.0, deaf.1));
}

#[test]
fn an_init_that_sleeps_in_sigtimedwait_reacts_though_its_masks_are_those_of_sleep() {
    let waits = "sleeps in sigtimedwait, and TERM is in the set";
    ends(check(&["tini", "--", "sleep", "600"], Answer::Reacts, waits));
    ends(check(&["dumb-init", "sleep", "600"], Answer::Reacts, waits));
}

#[test]
fn our_own_init_reacts_and_drains() {
    if !namespaces() {
        return;
    }
    let Some(init) = std::env::var_os("INIT_UNDER_TEST") else {
        return sexton_testkit::skip("INIT_UNDER_TEST names no init: `cargo xtask test` does");
    };
    if !sexton_testkit::is_ours() {
        return; // Another init sits the exam; those have their own tests here.
    }
    let patient = start(Pid1::new(init).args(["--", "sh", "-c", "sleep 600; true"]));
    eventually("it is seen to wait for signals", || {
        let report = patient.report();
        let (finding, verdict) = stop(&report);
        verdict.answer == Answer::Reacts && because(finding).contains("sigtimedwait")
    });
    ends(Some(patient));
}

#[test]
fn a_signalfd_reacts_if_the_signal_is_blocked() {
    let takes = "a signalfd takes TERM";
    ends(check(&["catatonit", "--", "sleep", "600"], Answer::Reacts, takes));
    let signalfd = "import ctypes
libc = ctypes.CDLL(None)
mask = (ctypes.c_ulong * 16)(1 << 14)
libc.signalfd(-1, mask, 0)
time.sleep(600)";
    stays(check_python(
        signalfd,
        Answer::Deaf,
        "does not block it: the default action comes first",
    ));
}

#[test]
fn a_thread_that_waits_for_signals_reacts_only_if_the_first_one_blocks_them() {
    let wait = "threading.Thread(target=signal.sigwait, args=(T,), daemon=True).start()";
    let blocked = "signal.pthread_sigmask(signal.SIG_BLOCK, T)
def leave():
    signal.sigwait(T)
    import os
    os._exit(0)
threading.Thread(target=leave).start()
time.sleep(600)";
    ends(check_python(blocked, Answer::Reacts, "sigtimedwait"));
    let unblocked = format!("{wait}\ntime.sleep(600)");
    stays(check_python(&unblocked, Answer::Deaf, "the kernel drops it"));
}

#[test]
fn a_wait_without_a_block_before_it_is_only_likely() {
    let script = "signal.sigwait(T)";
    if let Some(patient) = check_python(script, Answer::Reacts, "sigtimedwait") {
        let report = patient.report();
        assert_eq!(stop(&report).1.confidence, Confidence::Likely);
        stays(Some(patient)); // The kernel dropped it: this is why.
    }
}

#[test]
fn who_ignores_or_blocks_the_signal_is_deaf() {
    let ignoring = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(600)";
    stays(check_python(ignoring, Answer::Deaf, "it ignores TERM (SigIgn)"));
    let blocking = "signal.pthread_sigmask(signal.SIG_BLOCK, T)\ntime.sleep(600)";
    stays(check_python(blocking, Answer::Deaf, "it blocks TERM, and nothing of it takes it"));
}

#[test]
fn a_handler_reacts_most_likely() {
    let handler = "signal.signal(signal.SIGTERM, lambda *_: exit(0))\ntime.sleep(600)";
    if let Some(patient) = check_python(handler, Answer::Reacts, "it has a handler for TERM") {
        assert_eq!(stop(&patient.report()).1.confidence, Confidence::Likely);
        ends(Some(patient));
    }
}

#[test]
fn node_is_unsure_until_its_first_term_and_deaf_after_it() {
    let patient =
        check(&["node", "-e", "setInterval(() => {}, 1000)"], Answer::Unsure, "node's own handler");
    let Some(patient) = patient else { return };
    assert_eq!(stop(&patient.report()).0.level, Level::Note);
    patient.running.signal(SIGTERM).unwrap();
    eventually("its handler is gone", || stop(&patient.report()).1.answer == Answer::Deaf);
}

#[test]
fn a_shell_with_a_trap_reacts_in_wait_and_not_behind_a_foreground_child() {
    let trap = "trap 'exit 0' TERM;";
    let background = format!("{trap} sleep 600 & wait");
    let foreground = format!("{trap} sleep 600; true");
    let judge = &|shell: &[&str]| {
        let with = |script| [shell, &["-c", script]].concat();
        ends(check(&with(&background), Answer::Reacts, "in `wait`"));
        // Younger than a grace period it may be one of many; then it is not.
        stays(check(&with(&foreground), Answer::Unsure, "started only"));
        stays(check(&with(&foreground), Answer::Deferred, "when its foreground child has ended"));
    };
    // All at once, as each has to wait for the grace period.
    std::thread::scope(|scope| {
        for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
            scope.spawn(move || judge(shell));
        }
    });
}

#[test]
fn a_loop_of_short_commands_in_a_shell_with_a_trap_reacts() {
    let script = "trap 'exit 0' TERM; while :; do sleep 0.02; done";
    ends(check(&["bash", "-c", script], Answer::Reacts, "in `wait`"));
}

#[test]
fn an_init_over_a_shell_without_exec_leaves_the_server_behind() {
    let words = ["tini", "--", "dash", "-c", "sleep 600; true"];
    let evidence = "has ended on TERM; the kernel then kills";
    ends(check(&words, Answer::ReactsUncleanly, evidence));
}

#[test]
fn an_init_over_a_command_that_ignores_the_signal_is_deaf() {
    let words = ["tini", "--", "dash", "-c", "trap '' TERM; sleep 600; true"];
    stays(check(&words, Answer::Deaf, "which takes no notice"));
}

#[test]
fn npm_leaves_its_server_behind() {
    let words = ["npm", "exec", "-c", "sleep 600; true"];
    ends(check(&words, Answer::ReactsUncleanly, "it leaves on TERM; the kernel then kills"));
}

#[test]
fn a_stopped_process_is_judged_and_said_to_be_stopped() {
    let Some(patient) = check(&["sleep", "600"], Answer::Deaf, "the kernel drops it") else {
        return;
    };
    patient.running.signal(SIGSTOP).unwrap();
    eventually("it is stopped", || stop(&patient.report()).1.pause == Some(Pause::Stopped));
    let report = patient.report();
    let (finding, verdict) = stop(&report);
    assert_eq!(verdict.answer, Answer::Deaf);
    assert!(because(finding).contains("it is stopped (state T)"), "{finding:#?}");
}
