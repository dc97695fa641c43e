//! What is said, word for word, and from which level on.

use super::*;
use crate::door::KEYS;
use crate::limits::LINE_MAX;

fn voice(door: Door, level: u8) -> Voice {
    let own = Pid::new(7).unwrap();
    Voice { door, own, level, orphans: Orphans::Quiet, format: Format::Text }
}

fn line(saying: Saying, values: &[Value<'_>], voice: &Voice) -> String {
    let mut buffer = [0; LINE_MAX];
    let mut text = Text::new(&mut buffer);
    saying.write(values, voice, &mut text);
    String::from_utf8(text.bytes().to_vec()).unwrap()
}

#[track_caller]
fn says(door: Door, saying: Saying, values: &[Value<'_>], expected: &str) {
    assert_eq!(line(saying, values, &voice(door, 9)), format!("{expected}\n"), "{door:?}");
}

#[track_caller]
fn tells(saying: Saying, values: &[Value<'_>], expected: &str) {
    let voice = Voice { format: Format::Json, ..voice(Door::Native, 9) };
    let start = "{\"init\":\"sexton\",\"level\":";
    assert_eq!(line(saying, values, &voice), format!("{start}{expected}\n"));
}

const TERM: Value<'_> = Value::Signal(Signal::TERM);

#[test]
fn the_native_door_says_what_happened_with_its_values_in_their_order() {
    let app = Value::Foreign(b"app");
    let number = Value::Number;
    let whole = Phrase::Everyone.into();
    for (saying, values, expected) in [
        (Saying::Started, &[app, number(12)][..], "started app as 12"),
        (Saying::MainExited, &[number(12), number(3)], "command 12 exited with 3"),
        (Saying::OrphanKilled, &[number(12), TERM], "orphan 12 ended by SIGTERM"),
        (Saying::Done, &[number(0), number(0), TERM], "exit status 0, orphans reaped: 0"),
        (Saying::Told, &[TERM, whole], "sent SIGTERM to everyone"),
        (
            Saying::Killing,
            &[number(500), Value::Foreign(b"17 (a)"), number(2)],
            "not gone in 500 ms, so SIGKILL: 17 (a); orphans reaped: 2",
        ),
        (
            Saying::TellFailed,
            &[TERM, Value::Errno(Errno::PERM)],
            "unable to send SIGTERM: Operation not permitted",
        ),
        (
            Saying::ExecFailed,
            &[app, Value::Errno(Errno::NOEXEC), Phrase::NoProgram.into()],
            "exec app: Exec format error (no program, no text)",
        ),
        (Saying::NoProc, &[], "no /proc: only the command's group is told"),
    ] {
        says(Door::Native, saying, values, &format!("sexton-init: {expected}"));
    }
}

#[test]
fn the_other_doors_say_it_in_their_words_and_else_in_ours() {
    let (app, number) = (Value::Foreign(b"app"), Value::Number);
    let values = [app, number(12)];
    for (door, expected) in [
        (Door::Tini, "[INFO  tini (7)] Spawned child process 'app' with pid '12'"),
        (Door::DumbInit, "[dumb-init] Child spawned with PID 12."),
        (Door::Catatonit, "DEBUG (catatonit:7): pid1 (12) spawned: app"),
        (Door::Pause, "sexton-init: started app as 12"),
    ] {
        says(door, Saying::Started, &values, expected);
    }
    let (two, int) =
        ([TERM, Value::Signal(Signal::INT)], "[dumb-init] Translating signal 15 to 2.");
    says(Door::DumbInit, Saying::Translated, &two, int);
    let traces = "[TRACE tini (7)] No child to wait\n[TRACE tini (7)] Exiting: child has exited";
    says(Door::Tini, Saying::Done, &[number(3), number(0)], traces);
    let done = [number(0), number(0), TERM];
    says(Door::Pause, Saying::Done, &done, "Shutting down, got signal: SIGTERM");
}

#[test]
fn programs_get_each_value_as_a_field_too() {
    let started = [Value::Foreign(b"a\"p\n"), Value::Number(12)];
    tells(
        Saying::Started,
        &started,
        "\"info\",\"event\":\"started\",\"command\":\"a\\\"p\\\\x0a\",\"pid\":12,\
         \"message\":\"started a\\\"p\\\\x0a as 12\"}",
    );
    let failed = [TERM, Value::Errno(Errno::PERM)];
    tells(
        Saying::TellFailed,
        &failed,
        "\"warning\",\"event\":\"tell-failed\",\"signal\":\"SIGTERM\",\"errno\":1,\
         \"message\":\"unable to send SIGTERM: Operation not permitted\"}",
    );
    let unable = [Phrase::MakeProcess.into(), Value::Errno(Errno::AGAIN)];
    tells(
        Saying::CannotStart,
        &unable,
        "\"error\",\"event\":\"cannot-start\",\"step\":\"make a process\",\"errno\":11,\
         \"message\":\"unable to make a process: Resource temporarily unavailable\"}",
    );
    let told = [TERM, Phrase::Everyone.into()];
    tells(
        Saying::Told,
        &told,
        "\"debug\",\"event\":\"told\",\"signal\":\"SIGTERM\",\"to\":\"everyone\",\
         \"message\":\"sent SIGTERM to everyone\"}",
    );
    tells(
        Saying::Heard,
        &[TERM],
        "\"debug\",\"event\":\"heard\",\"signal\":\"SIGTERM\",\
         \"message\":\"received SIGTERM\"}",
    );
}

/// By the tables, row for row: what a door does not say in its words it says as the native one.
#[test]
fn each_door_says_a_thing_from_its_level_on() {
    for (table, door) in TABLES.into_iter().zip([
        Door::Native,
        Door::Tini,
        Door::DumbInit,
        Door::Catatonit,
        Door::Pause,
    ]) {
        for (saying, native, _) in NATIVE {
            let row = table.sentences.iter().find(|(said, _, _)| said == saying);
            let level = row.filter(|(_, _, words)| !words.is_empty()).map_or(*native, |row| row.1);
            for loud in 0..=u8::MAX {
                let says = level < NEVER && level <= loud;
                assert_eq!(saying.is_for(&voice(door, loud)), says, "{door:?} {saying:?} {loud}");
            }
        }
    }
}

#[test]
fn orphans_are_a_warning_where_that_was_asked_for() {
    for saying in [Saying::OrphanExited, Saying::OrphanKilled, Saying::MainExited] {
        let orphan = saying != Saying::MainExited;
        for (level, said) in [(0, false), (1, orphan)] {
            let voice = Voice { orphans: Orphans::Said, ..voice(Door::Native, level) };
            assert_eq!(saying.is_for(&voice), said, "{saying:?} at {level}");
        }
        assert!(!saying.is_for(&voice(Door::Native, 1)), "{saying:?}");
    }
}

#[test]
fn an_end_is_said_as_what_it_was() {
    let (exited, killed) = (WaitStatus::Exited(3), WaitStatus::Killed(Signal::KILL));
    for (whose, by_itself, by_signal) in [
        (Whose::Main, Saying::MainExited, Saying::MainKilled),
        (Whose::Orphan, Saying::OrphanExited, Saying::OrphanKilled),
        (Whose::Child, Saying::ChildExited, Saying::ChildKilled),
    ] {
        assert_eq!(Saying::ended(whose, exited), by_itself);
        assert_eq!(Saying::ended(whose, killed), by_signal);
    }
    assert!(matches!(Value::of_end(exited), Some(Value::Number(3))));
    assert!(matches!(Value::of_end(killed), Some(Value::Signal(Signal::KILL))));
    assert!(Value::of_end(WaitStatus::Continued).is_none());
    assert!(Value::of_end(WaitStatus::Stopped(Signal::TSTP)).is_none());
    for (state, saying) in [
        (ExitState::Clean, Saying::Done),
        (ExitState::GaveUp, Saying::GaveUp),
        (ExitState::MainLost, Saying::MainLost),
    ] {
        assert_eq!(Saying::done(state), saying);
    }
}

#[test]
fn a_command_that_cannot_be_run_is_said_with_what_may_help() {
    let reason = |errno, kind| {
        let (saying, reason) = Saying::exec_failed(errno, kind, b"/lib/ld.so");
        let values = [Value::Foreign(b"app"), Value::Errno(errno), reason];
        let line = line(saying, &values, &voice(Door::Native, 0));
        line.rsplit_once(": ").unwrap().1.trim_end().to_owned()
    };
    for (errno, kind, expected) in [
        (Errno::NOENT, Kind::Script, "it needs /lib/ld.so"),
        (Errno::NOENT, Kind::Program, "it needs /lib/ld.so"),
        (Errno::NOENT, Kind::Text, "it needs /lib/ld.so"),
        (Errno::LIBBAD, Kind::Program, "it needs /lib/ld.so"),
        (Errno::NOENT, Kind::Unknown, "No such file or directory"),
        (Errno::ACCES, Kind::Directory, "Permission denied (a directory)"),
        (Errno::ACCES, Kind::Script, "Permission denied (needs chmod +x)"),
        (Errno::ACCES, Kind::Unknown, "Permission denied"),
        (Errno::NOEXEC, Kind::Program, "Exec format error (for another machine)"),
        (Errno::NOEXEC, Kind::Data, "Exec format error (no program, no text)"),
        (Errno::NOEXEC, Kind::Text, "Exec format error"),
        (Errno::NAMETOOLONG, Kind::Program, "File name too long"),
    ] {
        assert_eq!(reason(errno, kind), expected, "{errno:?} {kind:?}");
    }
}

#[test]
fn a_refusal_is_said_by_what_is_wrong() {
    for (complaint, expected) in [
        (Complaint::UnknownLetter, "unknown option -x: see --help"),
        (Complaint::UnknownOption, "unknown option x: see --help"),
        (Complaint::NoValue, "no value after option x: see --help"),
        (Complaint::UnwantedValue, "no value wanted in x"),
        (Complaint::NoCommand, "no command to run: see --help"),
        (Complaint::BadValue, "bad value x for usage"),
    ] {
        let values = [Value::Foreign(b"x"), Value::Foreign(b"usage")];
        let expected = format!("sexton-init: {expected}");
        says(Door::Native, Saying::refused(complaint), &values, &expected);
    }
}

/// The help line that a refusal quotes is the option's.
#[test]
fn a_line_of_a_page_is_a_value() {
    for key in KEYS.into_iter().filter(|key| key.takes_value()) {
        let name = crate::door::native::TABLE.row(key).unwrap().name;
        let values = [Value::Foreign(b"x"), Value::Line(Door::Native.help(), key.line())];
        let line = line(Saying::BadValue, &values, &voice(Door::Native, 0));
        assert!(line.contains(&format!("--{name} ")), "{line}");
    }
}
