//! The names that ours may be called by, and `--as NAME`.

use sexton_testkit::{Door, Init, init_path, libc, scratch};
use std::os::unix::fs::symlink;

/// An option that each door answers in words of its own.
const ASK: [(Door, &str, &str); 5] = [
    (Door::Tini, "--version", "tini version 0.19.0"),
    (Door::DumbInit, "--version", "dumb-init v1.2.5"),
    (Door::Catatonit, "--version", "tini version 0."),
    (Door::Pause, "-v", "pause.c "),
    (Door::MyInit, "-h", "usage: my_init "),
];

#[test]
fn a_name_and_the_option_as_open_the_same_door() {
    for (door, option, words) in ASK {
        let by_name = door.ours().init().options([option]).spawn().end();
        let said = [&by_name.stdout[..], &by_name.stderr].concat();
        assert!(by_name.code == 0 && said[0].starts_with(words), "{by_name:?}");
        for as_door in [&["--as", door.name()][..], &[&format!("--as={}", door.name())]] {
            let end = Init::new().options(as_door).options([option]).spawn().end();
            assert_eq!(end, by_name, "{as_door:?}");
        }
    }
}

/// Debian's name for the static build, which other packages link to.
#[test]
fn tini_static_is_tini() {
    let link = scratch().join("tini-static");
    symlink(init_path().canonicalize().expect("the init"), &link).expect("a link");
    let script = format!("exec {} --version", link.display());
    let said = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh");
    assert_eq!(said.status.code(), Some(0));
    let line = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(line.starts_with("tini version 0.19.0"), "{line}");
}

#[test]
fn a_door_that_is_not_there_is_refused_by_name() {
    let end = Init::new().options(["--as", "systemd"]).command(["true"]).spawn().end();
    assert_eq!((end.code, end.stderr.len()), (125, 1), "{end:?}");
    assert!(end.stderr[0].contains("systemd"), "{end:?}");
}

/// podman calls whatever it was told of `-P`, under the name that it has there.
#[test]
fn every_name_can_pause() {
    for name in ["podman-init", "docker-init", "init", "anything"] {
        let link = scratch().join(name);
        symlink(init_path().canonicalize().expect("the init"), &link).expect("a link");
        let enter = format!("exec {} -P", link.display());
        let mut run = Init::wrapped(["sh", "-c", &enter]).spawn();
        run.sleeps();
        run.send(libc::SIGTERM);
        assert_eq!(run.end().code, 0, "{name}");
    }
}
