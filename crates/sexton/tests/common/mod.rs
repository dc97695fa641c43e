//! Runs `sexton check` for the tests, and holds its report against what is expected.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use serde_json::Value;
use sexton_testkit::{namespaces, skip};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of the test's own, removed at its end.
pub struct Folder(pub PathBuf, tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        Folder(folder.path().to_owned(), folder)
    }

    /// A file in it; its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// An executable one.
    pub fn program(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.file(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

/// Where a program is: Debian's own before a version manager's.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]
        .map(PathBuf::from)
        .into_iter()
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether all of these are here and namespaces can be made; if not, the test is skipped.
pub fn can_run(programs: &[&str]) -> bool {
    match programs.iter().find(|program| find(program).is_none()) {
        Some(missing) => {
            skip(&format!("{missing} is not installed"));
            false
        }
        None => namespaces(),
    }
}

/// `sexton check`, with these words after it.
pub fn check(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sexton"));
    command.arg("check").args(words).stdin(Stdio::null()).env("SEXTON_INIT", init());
    command
}

/// The init that is built along with the tests.
pub fn init() -> PathBuf {
    if let Some(named) = std::env::var_os("SEXTON_INIT") {
        return named.into();
    }
    let beside = Path::new(env!("CARGO_BIN_EXE_sexton")).with_file_name("sexton-init");
    if !beside.exists() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo).args(["build", "-q", "-p", "sexton-init"]).status();
        assert!(built.is_ok_and(|status| status.success()), "cannot build sexton-init");
    }
    beside
}

/// The report of `sexton check --json`.
#[track_caller]
pub fn report(words: &[&str]) -> Value {
    let output = check(&[&["--json"], words].concat()).output().unwrap();
    parse(&output)
}

#[track_caller]
pub fn parse(output: &Output) -> Value {
    let said = stderr(output);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {:?}\n{said}", output.status));
    assert_eq!(said, "", "nothing on stderr beside a report");
    assert_eq!(output.status.code().map(i64::from), report["exit_code"].as_i64(), "{report:#}");
    report
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The faults of one of its runs.
pub fn faults(report: &Value, run: usize) -> Vec<String> {
    let faults = report["runs"][run]["faults"].as_array().unwrap();
    faults.iter().map(|fault| fault.as_str().unwrap().to_owned()).collect()
}

/// The names of those of the first run whose end is judged so.
pub fn those(report: &Value, how: &str) -> Vec<String> {
    processes(report, 0)
        .filter(|process| process["how"] == how)
        .map(|process| process["name"].as_str().unwrap().to_owned())
        .collect()
}

pub fn processes(report: &Value, run: usize) -> impl Iterator<Item = &Value> {
    report["runs"][run]["processes"].as_array().unwrap().iter()
}

/// The only process of this name in the first run.
#[track_caller]
pub fn process<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut found = processes(report, 0).filter(|process| process["name"] == name);
    let first = found.next().unwrap_or_else(|| panic!("no {name} in {report:#}"));
    assert!(found.next().is_none(), "more than one {name} in {report:#}");
    first
}

/// Processes of this machine that have this word among their arguments.
pub fn with_argument(word: &str) -> Vec<String> {
    let Ok(all) = std::fs::read_dir("/proc") else { return Vec::new() };
    let commands = all.flatten().filter_map(|one| std::fs::read(one.path().join("cmdline")).ok());
    commands
        .filter(|command| command.split(|&byte| byte == 0).any(|arg| arg == word.as_bytes()))
        .map(|command| String::from_utf8_lossy(&command).replace('\0', " "))
        .collect()
}
