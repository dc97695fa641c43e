//! The two variables, read after the command line, and only by their one value.

use crate::{exam, start};
use sexton_testkit::questions;

/// What is said with this in the environment.
fn lines(options: &[&str], name: &str, value: &str) -> Vec<String> {
    let end = exam().init().options(options).env(name, value).command(["true"]).spawn().end();
    assert_eq!(end.code, 0);
    end.stderr
}

#[test]
fn dumb_init_debug_is_verbose_if_it_is_1() {
    assert!(!lines(&[], "DUMB_INIT_DEBUG", "1").is_empty());
    for value in ["", "0", "2", "yes", "true", "1 ", "01"] {
        assert_eq!(lines(&[], "DUMB_INIT_DEBUG", value), [] as [&str; 0], "{value:?}");
    }
    assert!(!lines(&["-v"], "DUMB_INIT_DEBUG", "0").is_empty());
}

#[test]
fn dumb_init_setsid_makes_for_a_single_child_if_it_is_0() {
    let has_session = |value: &str| {
        let lines = lines(&["-v"], "DUMB_INIT_SETSID", value);
        lines.iter().any(|line| line == "[dumb-init] setsid complete.")
    };
    assert!(!has_session("0"));
    for value in ["", "1", "00", "no", "false", "0 "] {
        assert!(has_session(value), "{value:?}");
    }
}

#[test]
fn the_environment_is_passed_on_byte_for_byte() {
    questions::the_environment_is_passed_on_byte_for_byte(&|place| {
        start(place).env_clear().env("DUMB_INIT_DEBUG", "0").env("DUMB_INIT_SETSID", "0")
    });
}
