//! The variables: two of catatonit's own, and the one of socket activation.

use crate::{exam, start};
use sexton_testkit::{Place, View, for_both_places, questions};

/// `LEVEL (catatonit:PID): text` on stderr. Two processes write at once, and a line in parts.
#[test]
fn catatonit_debug_is_on_whatever_its_value() {
    for value in ["", "0", "1"] {
        let init = exam().init().env("CATATONIT_DEBUG", value);
        let end = init.command(["sh", "-c", "exit 3"]).spawn().end();
        assert_eq!((end.code, &end.stdout[..]), (3, &[][..]), "{value:?}");
        let text = end.stderr.join("\n");
        for part in ["DEBUG (catatonit:1): ", "pid1 (2) spawned: sh"] {
            assert!(text.contains(part), "{value:?} {end:?}");
        }
    }
}

#[test]
fn nothing_is_said_without_it() {
    for_both_places(|place| {
        let end = start(place).command(["true"]).spawn().end();
        assert_eq!((end.code, end.stdout, end.stderr), (0, vec![], vec![]), "{place:?}");
    });
}

#[test]
fn catatonit_log_is_reserved() {
    for value in ["", "debug"] {
        let end = exam().init().env("CATATONIT_LOG", value).command(["true"]).spawn().end();
        let line = "ERROR (catatonit:1): CATATONIT_LOG is reserved for future use".to_string();
        let expected = exam().deviates("catatonit-log", (1, vec![line]), (0, vec![]));
        assert_eq!((end.code, end.stderr), expected, "{value:?}");
    }
}

/// The program's own variable of this name.
fn listen_pid(view: &View) -> Option<String> {
    let all = view.bytes("env").into_iter();
    let mut found = all.filter_map(|word| {
        String::from_utf8(word).ok()?.strip_prefix("LISTEN_PID=").map(str::to_string)
    });
    found.next()
}

/// sd_listen_fds(3): the descriptors are for the process of that number only.
#[test]
fn listen_pid_becomes_the_programs() {
    let init = start(Place::NewNamespace).env("LISTEN_PID", "1").env("LISTEN_FDS", "0");
    let mut run = init.command(["probe", "status"]).spawn();
    let view = run.view();
    assert_eq!(run.end().code, 0);
    assert_eq!((view.number("pid"), listen_pid(&view).as_deref()), (2, Some("2")));
}

#[test]
fn a_listen_pid_that_is_not_its_own_is_left() {
    for value in ["2", "3", "10", "", "x", "-1"] {
        let init = start(Place::NewNamespace).env("LISTEN_PID", value);
        let mut run = init.command(["probe", "status"]).spawn();
        let view = run.view();
        assert_eq!(run.end().code, 0);
        assert_eq!(listen_pid(&view).as_deref(), Some(value));
    }
}

#[test]
fn elsewhere_listen_pid_is_the_number_outside() {
    let script = "LISTEN_PID=$$ exec \"$0\" \"$@\"";
    let wrapper = ["sh", "-c", script];
    let mut run = exam().wrapped(wrapper).place(Place::Here).command(["probe", "status"]).spawn();
    let view = run.view();
    assert_eq!(run.end().code, 0);
    assert_eq!(listen_pid(&view), Some(view.one("pid").to_string()));
}

#[test]
fn the_environment_is_passed_on_byte_for_byte() {
    questions::the_environment_is_passed_on_byte_for_byte(&|place| {
        start(place).env_clear().env("LISTEN_PID", "4711").env("LISTEN_FDS", "2")
    });
}
