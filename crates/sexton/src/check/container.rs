//! A container made for one run, and removed after it whatever happens.

use super::engine::{Engine, Image, must_be_here};
use super::output::{Output, Show};
use super::record::End;
use super::trouble::NoVerdict;
use super::words::signal_name;
use regex::bytes::Regex;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// A container to be made.
#[derive(Debug, Clone)]
pub struct Creation {
    pub engine: Engine,
    pub image: String,
    pub config: Image,
    /// Passed on to `create`, before the image's name.
    pub options: Vec<String>,
    /// Instead of the image's CMD, unless empty.
    pub command: Vec<OsString>,
    /// An init of the caller's, mounted into it, in front of everything.
    pub init: Option<PathBuf>,
}

/// As long as an engine may take to make a container's process.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// An engine knows of a container's end by then, and has removed it.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// The folder in the container where [`Creation::init`] is, by its own name: inits go by that.
const INIT_FOLDER: &str = "/.sexton-check";

/// A container of ours. Dropped, it is removed.
pub struct Container {
    engine: Engine,
    name: String,
    client: Child,
}

impl Container {
    /// Makes and starts it; what it prints comes through the engine's client.
    pub fn start(
        creation: &Creation,
        wanted: Option<Regex>,
        show: Show,
    ) -> Result<(Container, Output), NoVerdict> {
        let engine = creation.engine.clone();
        let number = Instant::now().elapsed().as_nanos() ^ u128::from(std::process::id());
        let name = format!("sexton-check-{}-{}", std::process::id(), number % 100_000);
        watch_for_interrupts();
        let args = creation.args(&name);
        let args: Vec<&OsStr> = args.iter().map(OsString::as_os_str).collect();
        {
            // Who is interrupted now waits until there is something to remove.
            let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
            engine.ask(&args)?;
            *current = Some((engine.clone(), name.clone()));
        }

        let cannot = |error: io::Error| format!("cannot run {}: {error}", engine.name());
        let (reader, writer) = io::pipe().map_err(cannot)?;
        let client = engine
            .command()
            .args(["start", "--attach", &name])
            .stdin(Stdio::null())
            .stdout(writer.try_clone().map_err(cannot)?)
            .stderr(writer)
            .spawn()
            .map_err(cannot);
        let client = match client {
            Ok(client) => client,
            Err(error) => {
                remove(&engine, &name);
                return Err(error.into());
            }
        };
        Ok((Container { engine, name, client }, Output::of(reader, wanted, show)))
    }

    /// Its PID 1 in our namespace, as soon as there is one.
    pub fn pid1(&self) -> Result<i32, NoVerdict> {
        let format = "{{.State.Pid}} {{.State.Status}} {{.State.ExitCode}} {{.State.Error}}";
        let args = ["container", "inspect", "--format", format, &self.name].map(OsStr::new);
        let start = Instant::now();
        while start.elapsed() < STARTS_WITHIN {
            let answer = self.engine.ask(&args)?;
            let mut words = answer.splitn(4, ' ');
            let pid = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
            if pid > 0 {
                match must_be_here(pid) {
                    Ok(()) => return Ok(pid),
                    // It may just have ended: then the engine's next answer tells.
                    Err(elsewhere) if start.elapsed() > ENDS_WITHIN => return Err(elsewhere),
                    Err(_) => {}
                }
            }
            let (status, code) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let error = words.next().unwrap_or("").trim();
            if !error.is_empty() {
                return Err(self.engine.complaint(error).into());
            }
            if pid == 0 && matches!(status, "exited" | "stopped" | "dead") {
                return Err(NoVerdict::EndedEarly {
                    name: "the container".into(),
                    end: End::Exited(code.parse().unwrap_or(0)),
                    after: start.elapsed(),
                    last_words: String::new(),
                });
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(format!("{} did not start the container", self.engine.name()).into())
    }

    /// To its PID 1, where only the engine may.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        let signal = signal_name(signal);
        let args = ["kill", "--signal", &signal, &self.name].map(OsStr::new);
        self.engine.ask(&args).map(drop).map_err(io::Error::other)
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        leave_if_interrupted();
        remove(&self.engine, &self.name);
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}

impl Creation {
    fn args(&self, name: &str) -> Vec<OsString> {
        let mut args: Vec<OsString> = ["create", "--name", name].map(OsString::from).to_vec();
        args.extend(self.options.iter().map(OsString::from));
        let Some(init) = &self.init else {
            args.push(self.image.clone().into());
            args.extend(self.command.iter().cloned());
            return args;
        };
        let outside = std::path::absolute(init).unwrap_or_else(|_| init.clone());
        let inside = Path::new(INIT_FOLDER).join(init.file_name().unwrap_or_default());
        let mut mount = outside.into_os_string();
        mount.push(":");
        mount.push(&inside);
        mount.push(":ro");
        args.extend(["--volume".into(), mount, "--entrypoint".into(), inside.into()]);
        args.extend([&self.image, "--"].map(OsString::from));
        args.extend(self.config.entrypoint.iter().map(OsString::from));
        match self.command.is_empty() {
            true => args.extend(self.config.cmd.iter().map(OsString::from)),
            false => args.extend(self.command.iter().cloned()),
        }
        args
    }
}

/// Until it is gone: one that is just being started is not removed at the first word.
fn remove(engine: &Engine, name: &str) {
    let start = Instant::now();
    while start.elapsed() < ENDS_WITHIN {
        let _ = engine.ask(&["rm", "--force", "--volumes", name].map(OsStr::new));
        if engine.ask(&["container", "inspect", name].map(OsStr::new)).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The container that there is, or that is being made as long as this is locked.
static CURRENT: Mutex<Option<(Engine, String)>> = Mutex::new(None);
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A container would outlive us: Ctrl-C and TERM remove it first. The second one does not wait.
fn watch_for_interrupts() {
    static IS_WATCHED: Once = Once::new();
    IS_WATCHED.call_once(|| {
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let exit = move || std::process::exit(128 + signal);
                if IS_INTERRUPTED.swap(true, Ordering::SeqCst) {
                    exit();
                }
                std::thread::spawn(move || {
                    let current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some((engine, name)) = &*current {
                        remove(engine, name);
                    }
                    exit();
                });
            }
        });
    });
}

/// After Ctrl-C whatever fails fails because the container is being removed: that is no news, and
/// the one who removes it ends the program.
pub fn leave_if_interrupted() {
    while IS_INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_init_stands_in_front_of_entrypoint_and_command() {
        let creation = Creation {
            engine: Engine::find(Some("/bin/docker")).unwrap(),
            image: "app:1".into(),
            config: Image {
                entrypoint: vec!["/entry".into()],
                cmd: vec!["serve".into()],
                stop_signal: None,
            },
            options: vec!["-eA=1".into()],
            command: vec![],
            init: None,
        };
        assert_eq!(creation.args("n"), ["create", "--name", "n", "-eA=1", "app:1"]);
        let with_init = Creation { init: Some("/my/init".into()), ..creation.clone() };
        let words = ["--volume", "/my/init:/.sexton-check/init:ro", "--entrypoint"];
        let rest = ["/.sexton-check/init", "app:1", "--", "/entry", "serve"];
        let front = ["create", "--name", "n", "-eA=1"];
        assert_eq!(with_init.args("n"), [&front[..], &words, &rest].concat());
        let other = Creation { command: vec!["other".into()], ..with_init };
        assert_eq!(other.args("n").last(), Some(&"other".into()));
    }
}
