//! What the tests of this crate share.

use sexton_pidns::{Pid1, Running, Stream};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// No test waits longer than this for anything.
pub const LIMIT: Duration = Duration::from_secs(10);

/// `sh -c script`.
pub fn shell(script: &str) -> Pid1 {
    Pid1::new("sh").arg("-c").arg(script)
}

/// Runs it to its end: its standard output and its status.
pub fn output(command: Pid1) -> (String, ExitStatus) {
    let (stdout, ours) = Stream::pipe().unwrap();
    let mut running = command.stdout(stdout).spawn().unwrap();
    let text = read(ours);
    (text, running.wait_within(LIMIT).unwrap().expect("it ends"))
}

/// Everything up to the end of file.
pub fn read(fd: OwnedFd) -> String {
    let mut text = String::new();
    File::from(fd).read_to_string(&mut text).unwrap();
    text
}

/// Polls until `condition` holds.
pub fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "never came true: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The value of a line such as `SigBlk:` in `/proc/PID/status`.
pub fn field<'a>(status: &'a str, key: &str) -> &'a str {
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {key} in {status}")).trim()
}

/// Asserts an ordinary exit, or a death by signal, in one word.
pub fn ended(running: &mut Running) -> String {
    match running.wait_within(LIMIT).unwrap() {
        None => "still there".into(),
        Some(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit {code}"),
            (_, Some(signal)) => format!("signal {signal}"),
            (None, None) => format!("{status}"),
        },
    }
}

/// A test that cannot run here says so, and fails where nothing may be skipped.
pub fn skip(test: &str, reason: &str) {
    let line = format!("SKIPPED {test}: {reason}\n");
    print!("{line}");
    if let Some(path) = std::env::var_os("SEXTON_SKIPS") {
        let mut file = File::options().create(true).append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    assert!(std::env::var_os("SEXTON_FULL").is_none_or(|full| full != "1"), "{line}");
}
