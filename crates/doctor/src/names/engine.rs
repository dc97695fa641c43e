//! Docker and podman, asked over their sockets: `GET /containers/ID/json`, which both answer.

use super::{Known, Names};
use crate::names::cgroup::Engine;
use serde_json::Value;
use sexton_core::signal::Signal;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// For one answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// The longest answer that is read.
const ANSWER_MAX: u64 = 4 << 20;

/// Asks each engine that is there about each container.
pub fn ask(ids: &[String]) -> Names {
    let mut names = Names::default();
    for (engine, socket) in sockets() {
        for id in ids {
            match inspect(&socket, id) {
                Ok(None) => {} // Not one of its own.
                Ok(Some(container)) => names.tell(id, read(engine, &container)),
                Err(error) => {
                    if let Some(words) = complaint(engine, &socket, &error) {
                        names.silent.push(words);
                    }
                    break;
                }
            }
        }
    }
    names
}

/// Where they usually are, and where the environment says.
fn sockets() -> Vec<(Engine, PathBuf)> {
    let named = |variable: &str| {
        let value = std::env::var(variable).ok()?;
        value.strip_prefix("unix://").map(PathBuf::from)
    };
    let mut sockets = Vec::new();
    let docker = named("DOCKER_HOST").unwrap_or_else(|| "/var/run/docker.sock".into());
    sockets.push((Engine::Docker, docker));
    sockets.extend(named("CONTAINER_HOST").map(|path| (Engine::Podman, path)));
    sockets.push((Engine::Podman, "/run/podman/podman.sock".into()));
    if let Some(dir) = std::env::var_os("XDG_RUNTIME_DIR") {
        sockets.push((Engine::Podman, Path::new(&dir).join("podman/podman.sock")));
    }
    sockets
}

/// No engine is no reason to say anything.
fn complaint(engine: Engine, socket: &Path, error: &io::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => None,
        ErrorKind::PermissionDenied => Some(format!(
            "{} was not asked for names: {}: permission denied",
            engine.name(),
            socket.display()
        )),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Some(format!(
            "{} gave no names: {}: no answer in {} ms",
            engine.name(),
            socket.display(),
            PATIENCE.as_millis()
        )),
        _ => Some(format!("{} gave no names: {}: {error}", engine.name(), socket.display())),
    }
}

/// HTTP/1.0: the answer ends with the connection, and nothing comes in chunks.
fn inspect(socket: &Path, id: &str) -> io::Result<Option<Value>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // In one write: who answers before the question is whole may close under our pen.
    let question = format!("GET /containers/{id}/json HTTP/1.0\r\nHost: localhost\r\n\r\n");
    stream.write_all(question.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
    let strange = || io::Error::new(ErrorKind::InvalidData, "no answer that is understood");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(strange)?;
    let status = answer.split(|&byte| byte == b' ').nth(1).ok_or_else(strange)?;
    match status {
        b"200" => serde_json::from_slice(&answer[end + 4..]).map(Some).map_err(|_| strange()),
        b"404" => Ok(None),
        _ => Err(strange()),
    }
}

fn read(engine: Engine, container: &Value) -> Known {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let labels = &container["Config"]["Labels"];
    let label = |key: &str| text(&labels[key]);
    let pod =
        label("io.kubernetes.pod.name").map(|pod| match label("io.kubernetes.pod.namespace") {
            Some(namespace) => format!("{namespace}/{pod}"),
            None => pod,
        });
    let name = text(&container["Name"]).map(|name| name.trim_start_matches('/').to_owned());
    // podman's libpod gave a number, its Docker-like answer gives a name as Docker does; Docker
    // leaves it out where it is the usual one.
    let stop = match &container["Config"]["StopSignal"] {
        Value::String(word) if !word.is_empty() => Signal::parse(word.as_bytes()),
        Value::Number(number) => number.as_u64().and_then(|n| Signal::new(u32::try_from(n).ok()?)),
        _ => Some(Signal::TERM),
    };
    Known {
        engine: Some(engine),
        name: label("io.kubernetes.container.name").or(name),
        pod,
        stop_signal: stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::os::unix::net::UnixListener;

    #[test]
    fn name_and_stop_signal_are_read_from_the_answer() {
        let known = read(
            Engine::Docker,
            &json!({
                "Name": "/web", "Config": {"StopSignal": "SIGQUIT", "Labels": {}}
            }),
        );
        assert_eq!((known.name.as_deref(), known.stop_signal), (Some("web"), Some(Signal::QUIT)));
        let known = read(
            Engine::Docker,
            &json!({"Name": "/web", "Config": {"Labels": {
                "io.kubernetes.pod.name": "web-1", "io.kubernetes.pod.namespace": "shop",
                "io.kubernetes.container.name": "app",
            }}}),
        );
        assert_eq!(
            (known.name.as_deref(), known.pod.as_deref()),
            (Some("app"), Some("shop/web-1"))
        );
        assert_eq!(known.stop_signal, Some(Signal::TERM), "Docker's own");
    }

    /// An engine that gives one answer.
    fn served(answer: &'static str) -> io::Result<Option<Value>> {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let listener = UnixListener::bind(&socket).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut question = [0; 512];
            let length = stream.read(&mut question).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            question[..length].to_vec()
        });
        let inspected = inspect(&socket, "3f2a");
        let asked = server.join().unwrap();
        assert!(asked.starts_with(b"GET /containers/3f2a/json HTTP/1.0\r\n"));
        inspected
    }

    #[test]
    fn an_engine_may_answer_know_nothing_or_talk_nonsense() {
        let known = served("HTTP/1.0 200 OK\r\nServer: x\r\n\r\n{\"Name\": \"/a\"}").unwrap();
        assert_eq!(known.unwrap()["Name"], "/a");
        assert!(served("HTTP/1.0 404 Not Found\r\n\r\n{}").unwrap().is_none());
        for nonsense in ["", "220 smtp ready\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n{"] {
            assert!(served(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn an_engine_that_is_not_there_is_not_complained_about_and_a_locked_one_is() {
        let missing = inspect(Path::new("/nonexistent/socket"), "3f2a").unwrap_err();
        assert_eq!(complaint(Engine::Docker, Path::new("/s"), &missing), None);
        let silent = complaint(Engine::Podman, Path::new("/s"), &ErrorKind::WouldBlock.into());
        assert_eq!(silent.unwrap(), "podman gave no names: /s: no answer in 500 ms");
        let locked = io::Error::from(ErrorKind::PermissionDenied);
        let words = complaint(Engine::Docker, Path::new("/s"), &locked).unwrap();
        assert_eq!(words, "docker was not asked for names: /s: permission denied");
    }
}
