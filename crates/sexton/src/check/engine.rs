//! Docker and podman, through their command: what an image says of itself, and where the PID 1 of
//! a container is.

use super::trouble::NoVerdict;
use sexton_core::signal::Signal;
use sexton_watch::Status;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The engine's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine(PathBuf);

/// What an image's configuration says that matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Image {
    pub entrypoint: Vec<String>,
    pub cmd: Vec<String>,
    pub stop_signal: Option<i32>,
}

/// A container that somebody else has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    pub pid1: i32,
    pub stop_signal: Option<i32>,
    pub stop_timeout: Option<Duration>,
}

impl Engine {
    /// The named one, or docker, or podman: whichever is in PATH.
    pub fn find(named: Option<&str>) -> Result<Engine, NoVerdict> {
        let found = match named {
            Some(name) if name.contains('/') => Some(PathBuf::from(name)),
            Some(name) => crate::init_path::in_path(name),
            None => ["docker", "podman"].into_iter().find_map(crate::init_path::in_path),
        };
        let missing = || match named {
            Some(name) => format!("--engine {name}: no such command in PATH"),
            None => "neither docker nor podman is in PATH: install one, or name it with --engine, \
                     or check the command itself: sexton check -- COMMAND"
                .to_owned(),
        };
        found.map(Engine).ok_or_else(|| missing().into())
    }

    pub fn name(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its answer, or its complaint.
    pub fn ask(&self, args: &[&OsStr]) -> Result<String, String> {
        let output = Command::new(&self.0).args(args).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("cannot run {}: {error}", self.0.display()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(self.complaint(&String::from_utf8_lossy(&output.stderr)))
    }

    /// One line of what an engine says at length.
    pub fn complaint(&self, said: &str) -> String {
        let is_news = |line: &&str| !line.trim().is_empty() && !line.contains("--help'");
        let mut lines = said.lines().filter(is_news);
        let line = lines.clone().find(|line| line.to_lowercase().contains("error"));
        let line = line.or_else(|| lines.next()).unwrap_or("no reason given").trim();
        let line = ["Error response from daemon: ", "Error: ", "docker: "]
            .iter()
            .fold(line, |line, prefix| line.strip_prefix(prefix).unwrap_or(line));
        format!("{}: {line}", self.name())
    }

    /// Its command, to be run with these arguments.
    pub fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// What the image says of itself.
    pub fn image(&self, name: &str) -> Result<Image, NoVerdict> {
        let args = ["image", "inspect", "--format", "{{json .Config}}", name].map(OsStr::new);
        let text = self.ask(&args).map_err(|complaint| {
            let lower = complaint.to_lowercase();
            match lower.contains("no such image") || lower.contains("image not known") {
                true => format!(
                    "{} has no image `{name}`: fetch it with `{} pull {name}`",
                    self.name(),
                    self.name()
                ),
                false => complaint,
            }
        })?;
        Ok(Image::parse(&text))
    }

    /// A container that runs.
    pub fn container(&self, name: &str) -> Result<Inspected, NoVerdict> {
        let args = ["container", "inspect", "--format", "{{json .}}", name].map(OsStr::new);
        let text = self.ask(&args)?;
        let json: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", self.name()))?;
        let pid = json["State"]["Pid"].as_i64().and_then(|pid| i32::try_from(pid).ok());
        let pid1 = match pid {
            Some(pid) if pid > 0 => pid,
            _ => return Err(format!("the container `{name}` does not run").into()),
        };
        must_be_here(pid1)?;
        let timeout = json["Config"]["StopTimeout"].as_u64().map(Duration::from_secs);
        let stop_signal = stop_signal(&json["Config"]["StopSignal"]);
        Ok(Inspected { pid1, stop_signal, stop_timeout: timeout })
    }
}

impl Image {
    fn parse(text: &str) -> Image {
        let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let words = |key: &str| {
            let list = json[key].as_array().cloned().unwrap_or_default();
            list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        Image {
            entrypoint: words("Entrypoint"),
            cmd: words("Cmd"),
            stop_signal: stop_signal(&json["StopSignal"]),
        }
    }
}

/// Docker writes a name, podman also a number.
fn stop_signal(json: &serde_json::Value) -> Option<i32> {
    let word = json.as_str().map(str::to_owned).or_else(|| json.as_u64().map(|n| n.to_string()))?;
    Signal::parse(word.as_bytes()).map(|signal| i32::from(signal.number()))
}

/// Docker Desktop and remote engines run their containers on another kernel.
pub fn must_be_here(pid1: i32) -> Result<(), NoVerdict> {
    match Status::read(pid1).is_some_and(|status| status.is_pid_1()) {
        true => Ok(()),
        false => Err(format!(
            "process {pid1} is not PID 1 of a PID namespace here: the engine runs its containers \
             elsewhere (Docker Desktop, DOCKER_HOST), so run sexton there; or this container \
             shares a PID namespace (--pid), and has no PID 1 of its own"
        )
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_images_configuration_is_read() {
        let text = r#"{"Entrypoint":["/app"],"Cmd":null,"StopSignal":"SIGQUIT","User":"7"}"#;
        let expected = Image { entrypoint: vec!["/app".into()], cmd: vec![], stop_signal: Some(3) };
        assert_eq!(Image::parse(text), expected);
        assert_eq!(Image::parse("null"), Image::default());
    }

    #[test]
    fn podmans_number_is_a_signal_too() {
        assert_eq!(stop_signal(&serde_json::json!(15)), Some(15));
        assert_eq!(stop_signal(&serde_json::json!("SIGRTMIN+3")), Some(37));
        assert_eq!(stop_signal(&serde_json::json!(null)), None);
    }

    #[test]
    fn an_engines_complaint_is_one_line() {
        let docker = Engine("docker".into());
        let said = "\nError response from daemon: No such image: x:latest\nSee 'docker --help'.\n";
        assert_eq!(docker.complaint(said), "docker: No such image: x:latest");
        assert_eq!(docker.complaint(""), "docker: no reason given");
    }
}
