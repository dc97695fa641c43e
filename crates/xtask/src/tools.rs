//! What the chores share: running programs as named steps, finding files, failing in one line.

use anstyle::{AnsiColor, Style};
use std::ffi::OsStr;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What every chore comes to.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Why a chore failed, in one line for people, and what the process exits with.
#[derive(Debug)]
pub struct Failure {
    pub words: String,
    pub code: u8,
}

impl Failure {
    /// Something was checked and found wrong.
    pub fn new(words: impl Display) -> Failure {
        Failure { words: words.to_string(), code: 1 }
    }

    /// The chore could not even start.
    pub fn usage(words: impl Display) -> Failure {
        Failure { words: words.to_string(), code: 125 }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Failure {
        Failure::usage(error)
    }
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("xtask is two folders down")
}

/// `cargo`, at the repository's root.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Where cargo puts what it builds.
pub fn target_dir() -> Result<PathBuf> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version=1"]))?;
    serde_json::from_str::<serde_json::Value>(&metadata)
        .ok()
        .and_then(|metadata| Some(PathBuf::from(metadata["target_directory"].as_str()?)))
        .ok_or_else(|| Failure::new("cargo metadata does not say where its target directory is"))
}

/// Runs `command` as a step: its name before, its time behind, its output straight through.
pub fn step(name: &str, command: &mut Command) -> Result {
    timed(name, || {
        let status = command.status().map_err(|error| {
            Failure::new(format_args!("{}: {error}", command.get_program().to_string_lossy()))
        })?;
        match status.success() {
            true => Ok(()),
            false => Err(Failure::new(format_args!("{name}: {status}"))),
        }
    })
}

/// Runs `work` as a step of that name.
pub fn timed<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let heading = Style::new().bold().fg_color(Some(AnsiColor::Cyan.into()));
    anstream::eprintln!("{heading}==>{heading:#} {name}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    let outcome = if result.is_ok() { "done" } else { "failed" };
    anstream::eprintln!("    {outcome} after {seconds:.1} s: {name}");
    result
}

/// What a program writes to its standard output; it has to succeed.
pub fn output(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format_args!("{program}: {error}")))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(Failure::new(format_args!("{program}: {}", output.status))),
    }
}

/// The whole of a text file.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))
}

/// Where a program is: on PATH, or where Debian keeps those that PATH may leave out.
pub fn find_program(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name.as_ref()))
        .find(|file| file.is_file())
}

/// One line on standard error that says what went wrong.
pub fn complain(words: &str) {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    anstream::eprintln!("{red}xtask:{red:#} {words}");
}
