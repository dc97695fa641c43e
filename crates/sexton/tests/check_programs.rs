//! Real programs as PID 1: launchers, inits, runtimes and shells, each with the verdict that
//! `sexton check` must come to.
//!
//! The rows are those of two tables that were measured by hand, without this program: how 46
//! programs react to SIGTERM as PID 1, and what becomes of an application behind a launcher or an
//! init. Programs that Debian does not package are left out (pnpm, tsx, uv, nodemon, honcho).

mod common;

use common::{Folder, can_run, check, faults, find, parse, those};
use serde_json::Value;
use std::path::Path;

/// What must be found.
#[derive(Debug, PartialEq, Eq)]
struct Expected {
    stops: Stops,
    reaps: bool,
    /// Who is SIGKILLed because PID 1 left before them.
    killed: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stops {
    /// By itself, with this end.
    With(&'static str),
    Deaf,
}
use Stops::{Deaf, With};

const REAPS: bool = true;
const LEAVES_ZOMBIES: bool = false;

/// A program, and what must be found of it.
struct Row<'a> {
    command: Vec<&'a str>,
    expected: Expected,
}

fn row<'a>(command: &[&'a str], stops: Stops, reaps: bool) -> Row<'a> {
    Row { command: command.to_vec(), expected: Expected { stops, reaps, killed: vec![] } }
}

impl Row<'_> {
    fn killing(mut self, name: &'static str) -> Self {
        self.expected.killed.push(name);
        self
    }
}

/// Checks every row, in this folder, and says all that is wrong.
#[track_caller]
fn check_all(folder: &Path, rows: &[Row<'_>]) {
    let wrong: Vec<String> = rows.iter().filter_map(|row| check_one(folder, row)).collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

fn check_one(folder: &Path, row: &Row<'_>) -> Option<String> {
    // Who is deaf is so after one second; who is not may take its time on a busy machine.
    let grace = if row.expected.stops == Deaf { "--grace=1s" } else { "--grace=30s" };
    let program = find(row.command[0]).unwrap_or_else(|| row.command[0].into());
    let mut command = check(&["--json", grace, "--"]);
    command.arg(program).args(&row.command[1..]);
    command.current_dir(folder).env("HOME", folder).env("NO_UPDATE_NOTIFIER", "1");
    let output = command.output().unwrap();
    if output.stdout.is_empty() {
        return Some(format!("{:?}: {}", row.command, common::stderr(&output)));
    }
    let found = measured(&parse(&output));
    let Measured { stops, reaps, killed } = &found;
    let as_expected = match row.expected.stops {
        Deaf => stops == "deaf",
        With(end) => stops == end,
    };
    let killed_as_expected =
        row.expected.stops == Deaf || killed.iter().eq(row.expected.killed.iter());
    (!as_expected || *reaps != row.expected.reaps || !killed_as_expected)
        .then(|| format!("{:?}: expected {:?}, found {found:?}", row.command, row.expected))
}

#[derive(Debug)]
struct Measured {
    stops: String,
    reaps: bool,
    killed: Vec<String>,
}

fn measured(report: &Value) -> Measured {
    let is_deaf = faults(report, 0).contains(&"deaf".to_owned());
    let end = report["runs"][0]["stops"]["end"].as_str().unwrap_or("nothing");
    let reaps = &report["runs"][0]["reaps"]["verdict"];
    assert!(reaps == "yes" || reaps == "no", "{report:#}");
    Measured {
        stops: if is_deaf { "deaf".into() } else { end.to_owned() },
        reaps: reaps == "yes",
        killed: those(report, "killed-by-teardown"),
    }
}

#[test]
fn programs_without_a_handler_are_deaf() {
    if !can_run(&["sleep", "tail", "cat", "perl"]) {
        return;
    }
    let folder = Folder::new();
    let fifo = folder.0.join("fifo").display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    check_all(
        &folder.0,
        &[
            row(&["sleep", "1000"], Deaf, LEAVES_ZOMBIES),
            row(&["tail", "-f", "/dev/null"], Deaf, LEAVES_ZOMBIES),
            row(&["cat", &fifo], Deaf, LEAVES_ZOMBIES),
            row(&["perl", "-e", "sleep"], Deaf, LEAVES_ZOMBIES),
            row(
                &["perl", "-e", "$SIG{TERM} = sub { exit 0 }; sleep"],
                With("exit 0"),
                LEAVES_ZOMBIES,
            ),
        ],
    );
}

#[test]
fn shells_pass_nothing_on_but_reap() {
    if !can_run(&["bash", "dash", "busybox"]) {
        return;
    }
    let folder = Folder::new();
    check_all(
        &folder.0,
        &[
            row(&["bash", "-c", "sleep 1000; true"], Deaf, REAPS),
            row(&["dash", "-c", "sleep 1000; true"], Deaf, REAPS),
            row(&["busybox", "sh", "-c", "sleep 1000; true"], Deaf, REAPS),
            // The last command takes the shell's place: then it is PID 1 itself.
            row(&["bash", "-c", "sleep 1000"], Deaf, LEAVES_ZOMBIES),
            row(&["busybox", "sh", "-c", "exec sleep 1000"], Deaf, LEAVES_ZOMBIES),
            // The trap waits for the foreground.
            row(&["bash", "-c", "trap 'exit 0' TERM; sleep 1000; true"], Deaf, REAPS),
            row(&["dash", "-c", "trap 'exit 0' TERM; sleep 1000; true"], Deaf, REAPS),
            row(
                &["bash", "-c", "trap 'exit 3' TERM; while :; do sleep 0.3; done"],
                With("exit 3"),
                REAPS,
            ),
            row(&["dash", "-c", "trap '' TERM; sleep 1000; true"], Deaf, REAPS),
            row(
                &["bash", "-c", "trap 'kill $!; wait $!; exit 0' TERM; sleep 1000 & wait $!"],
                With("exit 0"),
                REAPS,
            ),
            row(&["bash", "-c", "trap 'exit 0' TERM; sleep 1000 & wait $!"], With("exit 0"), REAPS)
                .killing("sleep"),
            row(&["dash", "-c", "trap 'exit 0' TERM; sleep 1000 & wait $!"], With("exit 0"), REAPS)
                .killing("sleep"),
        ],
    );
}

#[test]
fn inits_leave_with_their_own_child() {
    if !can_run(&["tini", "docker-init", "dumb-init", "catatonit", "bash"]) {
        return;
    }
    let folder = Folder::new();
    let shell = "sleep 1000; true";
    check_all(
        &folder.0,
        &[
            row(&["tini", "--", "sleep", "1000"], With("exit 143"), REAPS),
            row(&["docker-init", "--", "sleep", "1000"], With("exit 143"), REAPS),
            row(&["dumb-init", "sleep", "1000"], With("exit 143"), REAPS),
            row(&["catatonit", "--", "sleep", "1000"], With("exit 143"), REAPS),
            row(&["tini", "--", "bash", "-c", shell], With("exit 143"), REAPS).killing("sleep"),
            row(&["tini", "-g", "--", "bash", "-c", shell], With("exit 143"), REAPS),
            row(&["dumb-init", "bash", "-c", shell], With("exit 143"), REAPS),
            row(&["catatonit", "--", "bash", "-c", shell], With("exit 143"), REAPS)
                .killing("sleep"),
        ],
    );
}

#[test]
fn s6_reacts_through_a_signalfd() {
    if !can_run(&["s6-svscan"]) {
        return;
    }
    let folder = Folder::new();
    std::fs::create_dir(folder.0.join("services")).unwrap();
    let services = folder.0.join("services").display().to_string();
    check_all(&folder.0, &[row(&["s6-svscan", &services], With("exit 0"), REAPS)]);
}

#[test]
fn python_is_deaf_unless_it_listens_and_ends() {
    if !can_run(&["python3"]) {
        return;
    }
    let folder = Folder::new();
    let reraise = "import os, signal, time
def handler(number, frame):
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
signal.signal(15, handler)
while True: time.sleep(1)";
    let codes = [
        "import time; time.sleep(1000)",
        "import signal\nsignal.signal(15, signal.SIG_IGN)\nsignal.pause()",
        "import signal, time\nsignal.pthread_sigmask(0, [15])\ntime.sleep(1000)",
        "import signal\nsignal.signal(15, lambda *_: None)\nwhile True: signal.pause()",
        reraise,
    ];
    let commands = codes.map(|code| ["python3", "-c", code]);
    check_all(&folder.0, &commands.each_ref().map(|one| row(one, Deaf, LEAVES_ZOMBIES)));
}

#[test]
fn python_reacts_by_every_way_to_listen() {
    if !can_run(&["python3"]) {
        return;
    }
    let folder = Folder::new();
    let asyncio = "import asyncio, signal
async def main():
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
asyncio.run(main())";
    let in_a_thread = "import signal, threading, os
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
def wait():
    signal.sigwait([signal.SIGTERM])
    os._exit(7)
threading.Thread(target=wait).start()";
    let signalfd = "import ctypes, os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
fd = ctypes.CDLL(None).signalfd(-1, (ctypes.c_ulong * 16)(1 << 14), 0)
os.read(fd, 128)
os._exit(8)";
    let exits = "import signal, sys
signal.signal(15, lambda *_: sys.exit(5))
while True: signal.pause()";
    // The kernel drops PID 1's own SIGABRT, and libc goes on to an instruction that traps.
    let aborts = exits.replace("sys.exit(5)", "__import__('os').abort()");
    let rows = [
        (exits, "exit 5"),
        (asyncio, "exit 0"),
        ("import signal\nsignal.pthread_sigmask(0, [15])\nsignal.sigwait([15])", "exit 0"),
        (in_a_thread, "exit 7"),
        (signalfd, "exit 8"),
        (&aborts, "SIGSEGV"),
    ];
    let commands = rows.map(|(code, _)| ["python3", "-c", code]);
    let rows = std::iter::zip(&commands, rows);
    let rows = rows.map(|(one, (_, end))| row(one, With(end), LEAVES_ZOMBIES));
    check_all(&folder.0, &rows.collect::<Vec<_>>());
}

const SERVER: &str = "
const server = require('http').createServer((_, answer) => answer.end('x')).listen(0);
process.on('SIGTERM', () => { server.close(); setTimeout(() => process.exit(0), 600); });
";

/// A package whose server needs a moment to close.
fn node_package() -> Folder {
    let folder = Folder::new();
    folder.file("app.js", SERVER);
    folder.file("deaf.js", "require('http').createServer(() => {}).listen(0);");
    folder.file("empty.js", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);");
    let package = r#"{"name": "x", "version": "1.0.0", "scripts": {"start": "node app.js"}}"#;
    folder.file("package.json", package);
    let server = format!("#!/usr/bin/env node\n{SERVER}");
    folder.program("node_modules/.bin/server", &server);
    folder
}

#[test]
fn node_reacts_to_its_listener_alone() {
    if !can_run(&["node", "dash"]) {
        return;
    }
    let folder = node_package();
    check_all(
        &folder.0,
        &[
            row(&["node", "app.js"], With("exit 0"), LEAVES_ZOMBIES),
            row(&["node", "deaf.js"], Deaf, LEAVES_ZOMBIES),
            row(&["node", "empty.js"], Deaf, LEAVES_ZOMBIES),
            row(&["dash", "-c", "node app.js; true"], Deaf, REAPS),
            row(&["dash", "-c", "exec node app.js"], With("exit 0"), LEAVES_ZOMBIES),
        ],
    );
}

#[test]
fn npm_leaves_its_server_to_be_killed_with_and_without_an_init() {
    if !can_run(&["npm", "npx", "node", "tini", "dumb-init"]) {
        return;
    }
    let folder = node_package();
    check_all(
        &folder.0,
        &[
            row(&["npm", "start"], With("exit 1"), LEAVES_ZOMBIES).killing("node"),
            row(&["npx", "server"], With("exit 1"), LEAVES_ZOMBIES).killing("node"),
            row(&["tini", "--", "npm", "start"], With("exit 143"), REAPS).killing("node"),
            row(&["dumb-init", "npm", "start"], With("exit 143"), REAPS).killing("node"),
        ],
    );
}

#[test]
fn servers_of_python_stop_cleanly() {
    if !can_run(&["gunicorn", "uvicorn", "supervisord"]) {
        return;
    }
    let folder = Folder::new();
    folder.file(
        "web.py",
        "def app(environ, start):\n    start('200 OK', [])\n    return [b'x']\n\
         async def asgi(scope, receive, send):\n    pass\n",
    );
    // Its files are in the folder: at its end it removes the pidfile, whatever that is.
    let conf = "[supervisord]\nnodaemon=true\nuser=root\nlogfile=supervisord.log\n\
                pidfile=supervisord.pid\n[program:sleep]\ncommand=sleep 1000\n";
    let conf = folder.file("supervisord.conf", conf);
    let uvicorn = ["uvicorn", "--uds", "socket2", "--lifespan", "off", "web:asgi"];
    check_all(
        &folder.0,
        &[
            row(&["gunicorn", "-b", "unix:socket", "web:app"], With("exit 0"), REAPS),
            row(&uvicorn, With("exit 0"), LEAVES_ZOMBIES),
            row(&["supervisord", "-c", &conf], With("exit 0"), REAPS),
        ],
    );
}

#[test]
fn java_ruby_and_php_have_their_own_ways() {
    if !can_run(&["java", "ruby", "php"]) {
        return;
    }
    let folder = Folder::new();
    let pcntl = "pcntl_async_signals(true); pcntl_signal(SIGTERM, fn() => exit(4)); \
                 while (true) sleep(1);";
    check_all(
        &folder.0,
        &[
            // A server of the runtime's own: no compiler is needed.
            row(
                &["java", "-m", "java.rmi/sun.rmi.registry.RegistryImpl", "0"],
                With("exit 143"),
                LEAVES_ZOMBIES,
            ),
            row(&["ruby", "-e", "sleep"], With("exit 1"), LEAVES_ZOMBIES),
            row(&["ruby", "-e", "trap('TERM') { exit 6 }; sleep"], With("exit 6"), LEAVES_ZOMBIES),
            row(&["php", "-r", pcntl], With("exit 4"), LEAVES_ZOMBIES),
            row(&["php", "-S", "127.0.0.1:0", "-t", "."], Deaf, LEAVES_ZOMBIES),
        ],
    );
}

#[test]
fn go_exits_where_others_are_deaf() {
    if !can_run(&["go"]) {
        return;
    }
    let folder = Folder::new();
    let source = "package main
import (\"os\"; \"os/signal\"; \"syscall\"; \"time\")
func main() {
    told := make(chan os.Signal, 1)
    switch os.Args[1] {
    case \"notify\": signal.Notify(told, syscall.SIGTERM); <-told; os.Exit(3)
    case \"unread\": signal.Notify(told, syscall.SIGTERM)
    case \"ignore\": signal.Ignore(syscall.SIGTERM)
    }
    time.Sleep(time.Hour)
}";
    folder.file("main.go", source);
    let mut build = std::process::Command::new(find("go").unwrap());
    build.args(["build", "-o", "app", "main.go"]).current_dir(&folder.0).env("HOME", &folder.0);
    let cache = folder.0.join("cache");
    let built = build.env("GOCACHE", cache).env("GOFLAGS", "-mod=mod").output().unwrap();
    assert!(built.status.success(), "{built:?}");
    check_all(
        &folder.0,
        &[
            row(&["./app", "plain"], With("exit 2"), LEAVES_ZOMBIES),
            row(&["./app", "notify"], With("exit 3"), LEAVES_ZOMBIES),
            row(&["./app", "unread"], Deaf, LEAVES_ZOMBIES),
            row(&["./app", "ignore"], Deaf, LEAVES_ZOMBIES),
        ],
    );
}
