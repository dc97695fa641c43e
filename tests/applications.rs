//! Real applications under the init as PID 1, stopped as a container runtime stops them. That they
//! ended cleanly is taken from the applications' own logs and files.
//!
//! They listen on Unix sockets in a folder of the test's own: no port is taken, no two tests meet.

use sexton_testkit::libc::{SIGINT, SIGTERM};
use sexton_testkit::{
    Pid1, Running, Stream, eventually, init_path, namespaces, real_root, scratch, skip,
};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// How long a container may take to end. Only a failing test waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn nginx_completes_the_request_in_flight_when_term_is_rewritten_to_quit() {
    let Some(nginx) = needs("nginx", Rights::Root) else { return };
    let folder = Folder::new();
    let upstream = UnixListener::bind(folder.path("upstream")).unwrap();
    let location = format!("proxy_pass http://unix:{}:/;", folder.text("upstream"));
    let config = nginx_config(&folder, "daemon off;", &location);
    let mut app = folder.start(&["--rewrite", "TERM:QUIT"], &[&nginx, "-c", &config]);

    let mut client = folder.connect("http");
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    // The request has gone through nginx to its upstream, which now takes its time.
    let mut request = None;
    upstream.set_nonblocking(true).unwrap();
    eventually("nginx asks its upstream", || {
        request = upstream.accept().ok();
        request.is_some()
    });
    let (mut request, _) = request.expect("it was waited for");
    app.signal(SIGTERM).unwrap();
    eventually("nginx is told to quit", || {
        folder.read("error.log").contains("gracefully shutting down")
    });
    request.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nwhole").unwrap();
    drop(request);

    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("whole"), "{answer}");
    assert_eq!(ended(&mut app, &folder).code(), Some(0));
    assert!(!folder.path("nginx.pid").exists(), "nginx removes its pid file in a clean end");
}

#[test]
fn nginx_that_daemonises_is_served_and_stopped_under_on_exit_wait() {
    let Some(nginx) = needs("nginx", Rights::Root) else { return };
    let folder = Folder::new();
    let config = nginx_config(&folder, "daemon on;", "return 200 served;");
    let mut app = folder.start(&["--on-exit", "wait"], &[&nginx, "-c", &config]);

    eventually("the command has gone and its daemon is an orphan", || {
        let processes = app.processes().unwrap();
        let is_master = |word: &String| word.contains("master");
        let mut masters = processes.iter().filter(|process| process.command.iter().any(is_master));
        masters.any(|master| master.parent_inside == 1)
    });
    let mut client = folder.connect("http");
    client.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("served"), "{answer}");

    app.signal(SIGTERM).unwrap();
    assert_eq!(ended(&mut app, &folder).code(), Some(0));
    let log = folder.read("error.log");
    assert!(log.contains("signal 15 (SIGTERM) received"), "{log}");
    assert!(!folder.path("nginx.pid").exists(), "nginx removes its pid file in a clean end");
}

#[test]
fn redis_has_saved_its_data_when_the_container_ends() {
    let Some(redis) = needs("redis-server", Rights::Any) else { return };
    let folder = Folder::new();
    let (socket, data) = (folder.text("redis"), folder.text(""));
    let storage = ["--port", "0", "--unixsocket", &socket, "--dir", &data, "--save", "3600 1000"];
    let mut app = folder.start(&[], &[&[redis.as_str()], &storage[..]].concat());

    let mut client = folder.connect("redis");
    client.write_all(b"SET bell tolled-once\r\n").unwrap();
    let mut answer = [0; 5];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"+OK\r\n");
    assert!(!folder.path("dump.rdb").exists(), "nothing is saved before the stop");

    app.signal(SIGTERM).unwrap();
    assert_eq!(ended(&mut app, &folder).code(), Some(0));
    let log = folder.read("output");
    assert!(log.contains("DB saved on disk") && log.contains("bye bye"), "{log}");
    let saved = fs::read(folder.path("dump.rdb")).unwrap();
    assert!(saved.windows(11).any(|window| window == b"tolled-once"), "the key is in the file");
}

#[test]
fn postgres_is_shut_down_and_has_nothing_to_recover_at_its_next_start() {
    let Some(postgres) = needs("postgres", Rights::Root) else { return };
    let Some(setpriv) = needs("setpriv", Rights::Root) else { return };
    let folder = Folder::new();
    fs::set_permissions(folder.path(""), PermissionsExt::from_mode(0o755)).unwrap();
    let as_postgres =
        [&setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups", "--reset-env"];
    let home = folder.path("home");
    let mut install = Command::new("install");
    succeeds(install.args(["-d", "-o", "postgres", "-g", "postgres"]).arg(&home));
    let (data, home) = (folder.text("home/data"), folder.text("home"));
    let mut initdb = Command::new(&setpriv);
    initdb.args(&as_postgres[1..]).arg(Path::new(&postgres).with_file_name("initdb"));
    succeeds(initdb.args(["--pgdata", &data, "--auth", "trust", "--no-sync"]).current_dir("/"));

    let sockets = format!("unix_socket_directories={home}");
    let server = [&postgres, "-D", &data, "-c", &sockets, "-c", "listen_addresses="];
    let command = [&as_postgres[..], &server].concat();
    let ready = || folder.read("output").contains("ready to accept connections");
    let mut app = folder.start(&[], &command);
    eventually("PostgreSQL is ready", ready);
    // INT is the stop signal of PostgreSQL's own image: sessions are not waited for.
    app.signal(SIGINT).unwrap();
    assert_eq!(ended(&mut app, &folder).code(), Some(0));
    let log = folder.read("output");
    assert!(log.contains("received fast shutdown request"), "{log}");
    assert!(log.contains("database system is shut down"), "{log}");

    let mut again = folder.start(&[], &command);
    eventually("PostgreSQL is ready again", ready);
    let log = folder.read("output");
    assert!(log.contains("database system was shut down at"), "{log}");
    assert!(!log.contains("not properly shut down") && !log.contains("recovery"), "{log}");
    again.signal(SIGINT).unwrap();
    assert_eq!(ended(&mut again, &folder).code(), Some(0));
}

#[test]
fn a_node_server_behind_npm_start_runs_its_close_handler_and_under_tini_it_does_not() {
    let Some(npm) = needs("npm", Rights::Any) else { return };
    let Some(tini) = needs("tini", Rights::Any) else { return };
    let Some(_) = needs("node", Rights::Any) else { return };
    let folder = Folder::new();
    folder.write("package.json", r#"{"scripts": {"start": "node server.js"}}"#);
    folder.write("server.js", NODE_SERVER);
    folder.write(".npmrc", "update-notifier=false\ncache=npm-cache\nlogs-max=0\n");

    for (under, closes) in [(Under::Sexton, true), (Under::Other(&tini), false)] {
        let _ = fs::remove_file(folder.path("http"));
        let _ = fs::remove_file(folder.path("closed"));
        let mut app = folder.start_under(under, &[], &[&npm, "start"]);
        drop(folder.connect("http"));
        app.signal(SIGTERM).unwrap();
        match closes {
            true => drop(ended(&mut app, &folder)),
            false => drop(waited(&mut app)),
        }
        assert_eq!(folder.path("closed").exists(), closes, "{}", folder.read("output"));
        if closes {
            assert_eq!(folder.read("closed"), "every connection was served\n");
        }
    }
}

/// Its connections need a second to finish: longer than npm needs to leave.
const NODE_SERVER: &str = r#"
const server = require('http').createServer((_, answer) => answer.end('hello'));
server.listen('http');
process.on('SIGTERM', () => server.close(() => setTimeout(() => {
    require('fs').writeFileSync('closed', 'every connection was served\n');
    process.exit(0);
}, 1000)));
"#;

#[test]
fn the_workers_of_a_python_server_end_cleanly_though_it_leaves_before_them() {
    let Some(python) = needs("python3", Rights::Any) else { return };
    let folder = Folder::new();
    folder.write("server.py", PYTHON_SERVER);
    let mut app = folder.start(&[], &[&python, "server.py"]);

    eventually("both workers are ready", || {
        (0..2).all(|worker| folder.path(&format!("ready-{worker}")).exists())
    });
    let mut client = folder.connect("server");
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "served");

    app.signal(SIGTERM).unwrap();
    assert_eq!(ended(&mut app, &folder).code(), Some(3), "the server's own status");
    for worker in 0..2 {
        assert_eq!(folder.read(&format!("done-{worker}")), "flushed");
    }
}

/// The server forks its workers and leaves at once when told, as many do; a worker that is told
/// finishes first.
const PYTHON_SERVER: &str = r#"
import os, signal, socket, time
server = socket.socket(socket.AF_UNIX)
server.bind("server")
server.listen()
def work(worker):
    def stop(*_):
        time.sleep(0.5)
        with open(f"done-{worker}", "w") as file:
            file.write("flushed")
        os._exit(0)
    signal.signal(signal.SIGTERM, stop)
    open(f"ready-{worker}", "w").close()
    while True:
        connection, _ = server.accept()
        connection.sendall(b"served")
        connection.close()
signal.signal(signal.SIGTERM, lambda *_: os._exit(3))
for worker in range(2):
    if os.fork() == 0:
        work(worker)
while True:
    signal.pause()
"#;

/// Whether root of a user namespace will do: some applications change their user.
enum Rights {
    Root,
    Any,
}

/// Where the application is, or a word on why the test is skipped.
fn needs(application: &str, rights: Rights) -> Option<String> {
    let granted = match rights {
        Rights::Root => real_root(),
        Rights::Any => namespaces(),
    };
    let path = granted.then(|| find(application))?;
    if path.is_none() {
        skip(&format!("{application} is not installed"));
    }
    path.map(|path| path.display().to_string())
}

/// On PATH, or where Debian keeps programs off PATH. Its own python is preferred: another may be
/// a script that looks for the real one.
fn find(application: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    [PathBuf::from("/usr/bin"), PathBuf::from("/usr/sbin")]
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(versions.map(|version| version.path().join("bin")))
        .map(|folder| folder.join(application))
        .find(|file| file.is_file())
}

fn nginx_config(folder: &Folder, daemon: &str, location: &str) -> String {
    let here = folder.text("");
    let config = format!(
        "{daemon} user root; worker_processes 1; pid {here}/nginx.pid;\n\
         error_log {here}/error.log notice; events {{}}\n\
         http {{ access_log off;\n\
         client_body_temp_path {here}/b; proxy_temp_path {here}/p; fastcgi_temp_path {here}/f;\n\
         uwsgi_temp_path {here}/u; scgi_temp_path {here}/s;\n\
         server {{ listen unix:{here}/http; location / {{ {location} }} }} }}\n"
    );
    folder.write("nginx.conf", &config);
    folder.text("nginx.conf")
}

/// A folder of the test's own, removed at its end.
struct Folder(PathBuf);

enum Under<'a> {
    Sexton,
    Other(&'a str),
}

impl Folder {
    fn new() -> Folder {
        Folder(scratch())
    }

    fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.0.clone() } else { self.0.join(name) }
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Empty if it is not there (yet).
    fn read(&self, name: &str) -> String {
        fs::read(self.path(name)).map(|b| String::from_utf8_lossy(&b).into()).unwrap_or_default()
    }

    /// To the application's socket, once it listens.
    fn connect(&self, socket: &str) -> UnixStream {
        let mut stream = None;
        eventually("the application listens", || {
            stream = UnixStream::connect(self.path(socket)).ok();
            stream.is_some()
        });
        let stream = stream.expect("it was waited for");
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Runs the command in this folder, under the init as PID 1; all output goes to `output`.
    fn start(&self, options: &[&str], command: &[&str]) -> Running {
        self.start_under(Under::Sexton, options, command)
    }

    fn start_under(&self, under: Under, options: &[&str], command: &[&str]) -> Running {
        let init = match under {
            Under::Sexton => init_path(),
            Under::Other(init) => Path::new(init),
        };
        let output = File::create(self.path("output")).unwrap();
        let stream = || Stream::Fd(OwnedFd::from(output.try_clone().unwrap()));
        let pid1 = Pid1::new(init).args(options).arg("--").args(command).current_dir(&self.0);
        let pid1 = pid1.stdin(Stream::Null).stdout(stream()).stderr(stream());
        // Ctrl-C at the tests is not to leave servers behind.
        pid1.env("HOME", &self.0).dies_with_thread().spawn().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The end of a clean stop: in time, and the init had nobody to complain of.
fn ended(app: &mut Running, folder: &Folder) -> ExitStatus {
    let status = waited(app);
    let output = folder.read("output");
    let complaints: Vec<_> = output.lines().filter(|line| line.contains("sexton-init: ")).collect();
    assert!(complaints.is_empty(), "{complaints:?}\n{output}");
    status
}

fn waited(app: &mut Running) -> ExitStatus {
    app.wait_within(DEADLINE).unwrap().expect("the container ends in time")
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let output = command.output().expect("the program can be run");
    io::stderr().write_all(&output.stderr).unwrap();
    assert!(output.status.success(), "{command:?}: {}", output.status);
}
