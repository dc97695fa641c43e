//! Kubernetes' pause, from its specification: there is no package of it, so ours alone sits the
//! exam, by the name `pause`, unless `PAUSE_UNDER_TEST` names one.

use sexton_testkit::{
    Door, Exam, Init, Place, Pty, Run, eventually, for_both_places, libc, namespaces, real_root,
    scratch,
};
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn exam() -> Exam {
    Door::Pause.under_test()
}

fn start(place: Place) -> Init {
    exam().init().place(place).without_separator()
}

/// When it sleeps: it does so only to wait for signals.
fn paused(init: Init) -> Run {
    let run = init.spawn();
    run.sleeps();
    run
}

/// What it says when it is not PID 1.
const NOT_FIRST: &str = "Warning: pause should be the first process";

#[test]
fn int_and_term_end_it_with_0_and_a_line() {
    for_both_places(|place| {
        for (signal, words, name) in
            [(libc::SIGINT, "Interrupt", "SIGINT"), (libc::SIGTERM, "Terminated", "SIGTERM")]
        {
            let words = exam().deviates("signal-words", words, name);
            let mut run = paused(start(place));
            run.send(signal);
            let end = run.end();
            let mut expected = vec![format!("Shutting down, got signal: {words}")];
            if place == Place::Here {
                expected.insert(0, NOT_FIRST.to_string());
            }
            assert_eq!((end.code, end.stdout, end.stderr), (0, vec![], expected), "{place:?}");
        }
    });
}

#[test]
fn the_version_is_told_for_a_v_of_either_case_anywhere() {
    for words in [&["-v"][..], &["-V"], &["x", "-v"], &["--", "-V", "y"], &["-h", "-v"]] {
        let end = start(Place::NewNamespace).options(words).spawn().end();
        assert_eq!((end.code, &end.stderr[..]), (0, &[][..]), "{words:?}");
        let [line] = &end.stdout[..] else { panic!("{end:?}") };
        assert!(line.starts_with("pause.c "), "{line}");
    }
}

#[test]
fn every_other_argument_is_ignored() {
    for words in [
        &["-h"][..],
        &["--version"],
        &["-vv"],
        &["v"],
        &["-P"],
        &["--", "true"],
        &["sh", "-c", "x"],
    ] {
        let mut run = paused(start(Place::NewNamespace).options(words));
        run.send(libc::SIGTERM);
        let end = run.end();
        assert_eq!((end.code, end.stdout.len(), end.stderr.len()), (0, 0, 1), "{words:?}");
    }
}

/// The others have their default action: none for PID 1.
#[test]
fn as_pid_1_no_other_signal_has_an_effect() {
    if !namespaces() {
        return;
    }
    let mut run = paused(start(Place::NewNamespace));
    let without_effect = |signal: &i32| ![2, 9, 15, 19].contains(signal);
    for signal in (1..=64).filter(without_effect) {
        run.send(signal);
    }
    assert_eq!(run.try_wait().expect("our child"), None);
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 0);
}

#[test]
fn elsewhere_a_hang_up_ends_it() {
    let mut run = paused(start(Place::Here));
    run.send(libc::SIGHUP);
    if exam().deviates("other-signals", false, true) {
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 0);
    } else {
        assert_eq!(run.end().code, 129);
    }
}

#[test]
fn orphans_are_reaped() {
    if !real_root() {
        return;
    }
    let run = paused(start(Place::NewNamespace));
    let mut guest = run.exec_probe(&["orphans", "20"]);
    eventually("nobody but the guest is left", || {
        let others = run.others();
        others.len() == 1 && others[0].state == 'S'
    });
    guest.kill().expect("it is there");
    guest.wait().expect("our child");
}

/// The image is this one file.
#[test]
fn it_needs_nothing_but_its_own_file() {
    if !real_root() {
        return;
    }
    let root = scratch();
    fs::copy(exam().path(), root.join("pause")).expect("a copy");
    let enter = format!("exec chroot {} /pause", root.display());
    let mut run = paused(exam().wrapped(["sh", "-c", &enter]).without_separator());
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 0);
}

/// The image's user since 3.5.
#[test]
fn it_needs_no_privilege() {
    if !real_root() {
        return;
    }
    let folder = scratch();
    let file = folder.join("pause");
    fs::copy(exam().path(), &file).expect("a copy");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("its mode");
    let user = "--reuid=65535 --regid=65535 --clear-groups";
    let enter = format!("exec setpriv {user} {}", file.display());
    let mut run = paused(exam().wrapped(["sh", "-c", &enter]).without_separator());
    run.send(libc::SIGTERM);
    assert_eq!(run.end().code, 0);
}

/// It has no use for a terminal, and Ctrl-C ends it as PID 1 too.
#[test]
fn ctrl_c_ends_it() {
    if !namespaces() {
        return;
    }
    let pty = Pty::new();
    let mut run = paused(start(Place::NewNamespace).on_terminal(&pty));
    pty.watch();
    pty.type_keys("\x03");
    assert_eq!(run.end().code, 0);
}
