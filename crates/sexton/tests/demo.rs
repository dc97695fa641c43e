//! `sexton demo`, run for real.

use serde_json::Value;
use sexton_pidns::{Pid1, Place, Session, Stream};
use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

#[test]
fn every_scene_ends_as_claimed_and_json_says_how() {
    if let Err(refused) = sexton_pidns::access() {
        return skip("every_scene_ends_as_claimed_and_json_says_how", &refused.to_string());
    }
    let report = report();
    assert_eq!((&report["version"], &report["ok"]), (&Value::from(1), &Value::from(true)));
    assert!(report["elapsed_ms"].as_u64().unwrap() < 30_000, "{report}");

    let killed = |run: &Value| {
        let ends = run["processes"].as_array().unwrap().iter().map(|one| one["end"].clone());
        ends.filter(|end| end == "KILL" || end == "gone").count()
    };
    for runner in ["app", "shell", "sexton-init"] {
        let deaf = run(report, "deaf-server", runner);
        let limit = report["limit_ms"].as_u64().unwrap();
        let stop = deaf["stop_ms"].as_u64().unwrap();
        assert_eq!(stop < limit / 2, runner == "sexton-init", "{deaf}");

        let orphans = run(report, "orphan-maker", runner);
        let zombies =
            orphans["processes"].as_array().unwrap().iter().filter(|one| one["zombie"] == true);
        assert_eq!(zombies.count(), if runner == "app" { 3 } else { 0 });
        let answer = if runner == "app" { "success" } else { "no such process" };
        assert_eq!(orphans["kill_0"].as_array().unwrap().len(), 3);
        assert!(orphans["kill_0"].as_array().unwrap().iter().all(|one| one["answer"] == answer));

        let unclean = run(report, "unclean-stop", runner);
        assert_eq!(unclean["file"]["whole"], runner == "sexton-init");
        assert_eq!(unclean["file"]["records"] == 10, runner == "sexton-init");
        assert_eq!(killed(unclean) == 0, runner == "sexton-init", "{unclean}");
    }
    let last = run(report, "unclean-stop", "sexton-init");
    assert_eq!(last["processes"].as_array().unwrap().len(), 3, "init, launcher and server");
}

#[test]
fn in_a_pipe_the_text_is_plain() {
    if let Err(refused) = sexton_pidns::access() {
        return skip("in_a_pipe_the_text_is_plain", &refused.to_string());
    }
    let output = demo(init()).output().unwrap();
    assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(0)));
    let text = String::from_utf8(output.stdout).unwrap();
    let strange = text.chars().find(|&c| !(c == '\n' || c == ' ' || c.is_ascii_graphic()));
    assert_eq!(strange, None, "{text}");
    assert!(text.contains("orphan ZOMBIE") && text.contains("server KILL"), "{text}");
    assert!(text.contains("runs ended as claimed"), "{text}");
}

#[test]
fn on_a_terminal_there_is_colour_unless_no_color_is_set() {
    let this = "on_a_terminal_there_is_colour_unless_no_color_is_set";
    if let Err(refused) = sexton_pidns::access() {
        return skip(this, &refused.to_string());
    }
    let both =
        [None, Some("1")].map(|no_color| std::thread::spawn(move || on_a_terminal(no_color)));
    let [coloured, plain] = both.map(|thread| thread.join().unwrap());
    assert!(coloured.contains("\x1b[31m") && plain.contains("ZOMBIE"), "{coloured}");
    assert!(!plain.contains("\x1b[31m") && !plain.contains("\x1b[1m"), "{plain}");
    for text in [coloured, plain] {
        assert!(text.contains("✓") && text.contains("└ "), "{text}");
        assert!(text.contains("The deaf server 0s: app as PID 1"), "progress: {text}");
    }
}

#[test]
fn a_bad_init_is_found_out() {
    if let Err(refused) = sexton_pidns::access() {
        return skip("a_bad_init_is_found_out", &refused.to_string());
    }
    // Deaf, and it leaves with its child; but like every shell it reaps strangers.
    let dir = tempfile::tempdir().unwrap();
    let bad = script(dir.path(), "#!/bin/sh\nshift\n\"$@\"\nexit $?\n");
    let output = demo(&bad).arg("--json").output().unwrap();
    assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(1)));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let of = |scene| run(&report, scene, "sexton-init");
    assert_eq!(of("deaf-server")["observed"], "killed-at-the-limit");
    assert_eq!(of("orphan-maker")["observed"], "reaped");
    assert_eq!(of("unclean-stop")["observed"], "unclean-stop");
    let wrong = report["scenes"].as_array().unwrap().iter().flat_map(|one| {
        one["runs"].as_array().unwrap().iter().filter(|run| run["matched"] == false)
    });
    assert!(wrong.clone().all(|run| run["runner"] == "sexton-init"), "{report}");
    assert_eq!(wrong.count(), 2);
}

#[test]
fn an_init_that_ends_at_once_is_found_out() {
    if let Err(refused) = sexton_pidns::access() {
        return skip("an_init_that_ends_at_once_is_found_out", &refused.to_string());
    }
    let dir = tempfile::tempdir().unwrap();
    let bad = script(dir.path(), "#!/bin/sh\necho no service today >&2\nexit 3\n");
    let output = demo(&bad).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ended before it was ready: exit 3: no service today"), "{text}");
    assert!(text.contains("NO 3 of "), "{text}");
}

#[test]
fn it_needs_no_root() {
    if !rustix::process::geteuid().is_root() {
        return assert_eq!(report()["access"], "user-namespace", "the other tests have shown it");
    }
    // Where the build directory lies other users may have no way in.
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    let program = dir.path().join("sexton");
    fs::copy(env!("CARGO_BIN_EXE_sexton"), &program).unwrap();
    fs::copy(init(), dir.path().join("sexton-init")).unwrap();
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let output = Command::new("setpriv")
        .args(nobody)
        .arg(&program)
        .args(["demo", "--json"])
        .env_remove("SEXTON_INIT")
        .current_dir("/")
        .output();
    let Ok(output) = output else { return skip("it_needs_no_root", "no setpriv(1)") };
    if output.status.code() == Some(125) && stderr(&output).contains("refused here") {
        return skip("it_needs_no_root", stderr(&output).trim());
    }
    assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(0)));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["access"], "user-namespace");
}

#[test]
fn refused_namespaces_are_one_clear_line_and_125() {
    let this = "refused_namespaces_are_one_clear_line_and_125";
    // In a user namespace of its own, so that it concerns nobody else.
    let script = "echo 0 >/proc/sys/user/max_pid_namespaces && exec \"$0\" demo";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script, env!("CARGO_BIN_EXE_sexton")])
        .env("SEXTON_INIT", init())
        .output();
    let Ok(output) = output else { return skip(this, "no unshare(1)") };
    let text = stderr(&output);
    if text.starts_with("unshare:") {
        return skip(this, text.trim());
    }
    assert_eq!((output.status.code(), output.stdout.len()), (Some(125), 0), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("sexton: the demo needs namespaces, which are refused"), "{text}");
    assert!(text.contains("user.max_pid_namespaces is 0"), "{text}");
}

#[test]
fn a_missing_init_is_one_clear_line_and_125() {
    if let Err(refused) = sexton_pidns::access() {
        return skip("a_missing_init_is_one_clear_line_and_125", &refused.to_string());
    }
    let output = demo(Path::new("/no/such/init")).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(stderr(&output), "sexton: SEXTON_INIT=/no/such/init: no such executable file\n");
}

#[test]
fn a_usage_error_is_125() {
    let output = Command::new(env!("CARGO_BIN_EXE_sexton")).args(["demo", "--nonsense"]).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert!(stderr(&output).contains("--nonsense"));
}

#[test]
fn what_the_help_promises_of_json_is_there() {
    if let Err(refused) = sexton_pidns::access() {
        return skip("what_the_help_promises_of_json_is_there", &refused.to_string());
    }
    let help = Command::new(env!("CARGO_BIN_EXE_sexton")).args(["demo", "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let promised = help.split_once("Keys of --json").expect("a list of keys").1;
    let words: HashSet<&str> =
        promised.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let mut keys = HashSet::new();
    collect_keys(report(), &mut keys);
    let missing: Vec<_> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(missing.is_empty() && keys.len() > 20, "{missing:?}");
}

/// What `--json` says of a demo that goes well: one for all tests.
fn report() -> &'static Value {
    static REPORT: OnceLock<Value> = OnceLock::new();
    REPORT.get_or_init(|| {
        let output = demo(init()).arg("--json").output().unwrap();
        assert_eq!((stderr(&output), output.status.code()), (String::new(), Some(0)));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

/// The run of `scene` under `runner`.
fn run<'a>(report: &'a Value, scene: &str, runner: &str) -> &'a Value {
    let scenes = report["scenes"].as_array().unwrap();
    let scene = scenes.iter().find(|one| one["scene"] == scene).unwrap();
    let runs = scene["runs"].as_array().unwrap();
    runs.iter().find(|one| one["runner"] == runner).unwrap()
}

fn demo(init: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sexton"));
    command.arg("demo").env("SEXTON_INIT", init);
    command
}

/// All that the demo writes to a terminal, progress and text.
fn on_a_terminal(no_color: Option<&str>) -> String {
    use rustix::pty::{OpenptFlags, openpt, ptsname, unlockpt};
    let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    unlockpt(&pty).unwrap();
    let name = ptsname(&pty, Vec::new()).unwrap().into_string().unwrap();
    let open = || File::options().read(true).write(true).open(&name).unwrap().into();
    let mut command = Pid1::new(env!("CARGO_BIN_EXE_sexton"))
        .arg("demo")
        .env("SEXTON_INIT", init())
        .env("TERM", "xterm-256color")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("NO_COLOR")
        .place(Place::Here);
    if let Some(value) = no_color {
        command = command.env("NO_COLOR", value);
    }
    let mut running = command
        .stdin(Stream::Fd(open()))
        .stdout(Stream::Fd(open()))
        .stderr(Stream::Fd(open()))
        .session(Session::OwnWithTerminal(open()))
        .spawn()
        .unwrap();
    let mut text = Vec::new();
    // The last writer gone, a pty's other side reads EIO: that is its end of file.
    let _ = File::from(pty).read_to_end(&mut text);
    assert_eq!(running.wait().unwrap().code(), Some(0));
    String::from_utf8_lossy(&text).into_owned()
}

/// `$SEXTON_INIT`, or the one that cargo builds from this workspace.
fn init() -> &'static Path {
    static INIT: OnceLock<PathBuf> = OnceLock::new();
    INIT.get_or_init(|| match std::env::var_os("SEXTON_INIT") {
        Some(path) => path.into(),
        None => {
            let output = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--package", "sexton-init", "--bin", "sexton-init"])
                .arg("--message-format=json")
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", stderr(&output));
            let messages = String::from_utf8(output.stdout).unwrap();
            let built = messages.lines().find_map(|line| {
                let message: Value = serde_json::from_str(line).ok()?;
                message["executable"].as_str().map(PathBuf::from)
            });
            built.expect("cargo names what it built")
        }
    })
}

fn script(dir: &Path, text: &str) -> PathBuf {
    let path = dir.join("bad-init");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    path
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn collect_keys(value: &Value, keys: &mut HashSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                keys.insert(key.clone());
                collect_keys(value, keys);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}

/// A test that cannot run here says so, and fails where nothing may be skipped.
fn skip(test: &str, reason: &str) {
    let line = format!("SKIPPED {test}: {reason}\n");
    print!("{line}");
    if let Some(path) = std::env::var_os("SEXTON_SKIPS") {
        let mut file = File::options().create(true).append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    assert!(std::env::var_os("SEXTON_FULL").is_none_or(|full| full != "1"), "{line}");
}
