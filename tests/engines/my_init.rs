//! Ours as my_init in a container that is laid out as Baseimage-docker lays it out: a store,
//! startup files, the real runit with three services, and hooks.

use crate::docker::docker;
use sexton_testkit::{Docker, eventually, find_program, init_path, skip};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

const IMAGE: &str = "sexton-baseimage";

/// Says who it is, what is in its environment, and what it hears.
const SERVICE: &str = "#!/bin/sh
exec 2>&1
NAME=${PWD##*/}
trap 'echo \"$NAME got TERM\"; exit 3' TERM
trap 'echo \"$NAME got USR1\"; exit 0' USR1
echo \"$NAME up as $(id -u) with $SECRET and ${HOME-no home}\"
: > /evidence/$NAME
while :; do sleep 0.05; done
";

/// Writes to the store what is made at the start.
const STARTUP: &str = "#!/bin/sh
. /etc/container_environment.sh
echo \"started with $SITE\"
echo made-by-$SITE > /etc/container_environment/SECRET
";

const CONTROL: &str = "#!/bin/sh\nkill -USR1 \"$(cat supervise/pid)\"\n";
const FINISH: &str = "#!/bin/sh\necho \"finish $1 $2\"\n";
const FLUSH: &str = "#!/bin/sh\necho flushed\nexit ${FLUSH:-0}\n";
const LAST: &str =
    "#!/bin/sh\necho \"last: $(sv status /etc/service/* | grep -c ^down:) are down\"\n";

/// The program and the libraries that it names.
fn with_libraries(program: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let path = find_program(program)?;
    let listed = Command::new("ldd").arg(&path).output().expect("ldd(1)");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let libraries = text.split_whitespace().filter(|word| word.starts_with('/'));
    let libraries = libraries.map(PathBuf::from).map(|from| (from.display().to_string(), from));
    let own = (format!("usr/bin/{program}"), path);
    let files = std::iter::once(own).chain(libraries);
    let file = |(name, from): (String, PathBuf)| {
        (name.trim_start_matches('/').to_owned(), fs::read(from).expect("a file"))
    };
    Some(files.map(file).collect())
}

/// The image, or a word on why the test is skipped.
fn with_image(docker: &Docker) -> bool {
    static IMPORTED: Mutex<()> = Mutex::new(());
    let _one = IMPORTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if docker.run(&["image", "inspect", IMAGE]).status.success() {
        return true;
    }
    let mut files = Vec::new();
    for program in ["runsvdir", "runsv", "sv"] {
        let Some(found) = with_libraries(program) else {
            skip(&format!("{program} is not installed: it is Debian's runit"));
            return false;
        };
        files.extend(found);
    }
    let init = fs::read(init_path()).expect("the init");
    let mut add = |name: &str, text: &[u8]| files.push((name.to_owned(), text.to_vec()));
    add("sbin/my_init", &init);
    add("sbin/setuser", &init);
    add("etc/passwd", b"root:x:0:0::/root:/bin/sh\nwww:x:4242:4242::/var/www:/bin/sh\n");
    add("etc/group", b"root:x:0:\nwww:x:4242:\n");
    add("etc/container_environment/SITE", b"example\n");
    add("etc/container_environment/HOME", b"/root\n");
    add("etc/my_init.d/10_secrets.sh", STARTUP.as_bytes());
    add("etc/service/asked/run", SERVICE.as_bytes());
    add("srv/polite", SERVICE.as_bytes());
    add("etc/service/polite/run", b"#!/bin/sh\nexec /sbin/setuser www /srv/polite\n");
    add("etc/service/asked/control/t", CONTROL.as_bytes());
    add("etc/service/polite/finish", FINISH.as_bytes());
    let deaf = SERVICE.replace("trap 'echo \"$NAME got TERM\"; exit 3' TERM", "trap '' TERM");
    add("etc/service/stubborn/run", deaf.as_bytes());
    add("etc/my_init.pre_shutdown.d/10_flush", FLUSH.as_bytes());
    add("etc/my_init.post_shutdown.d/10_last", LAST.as_bytes());
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    docker.import(IMAGE, &files, &["CMD [\"/sbin/my_init\"]"]);
    true
}

/// A container whose services are all up.
struct Container<'a> {
    docker: &'a Docker,
    name: &'static str,
}

impl Container<'_> {
    fn start<'a>(
        docker: &'a Docker,
        name: &'static str,
        options: &[&str],
        command: &[&str],
    ) -> Container<'a> {
        let evidence = docker.folder().join(format!("evidence-{name}"));
        fs::create_dir(&evidence).expect("a folder");
        // One of the services is not root.
        fs::set_permissions(&evidence, PermissionsExt::from_mode(0o777)).expect("ours");
        let volume = format!("{}:/evidence", evidence.display());
        let run = ["run", "-d", "--name", name, "-v", &volume, "-e", "KILL_PROCESS_TIMEOUT=2"];
        docker.succeeds(&[&run[..], options, &[IMAGE], command].concat());
        let up = |name: &str| evidence.join(name).exists();
        eventually("the services are up", || ["asked", "polite", "stubborn"].into_iter().all(up));
        Container { docker, name }
    }

    /// The status, when it has ended.
    fn status(&self) -> String {
        self.docker.succeeds(&["wait", self.name])
    }

    /// What the container has said, in the order in which it was said.
    fn log(&self) -> Vec<String> {
        let output = self.docker.run(&["logs", self.name]);
        // Docker keeps the streams apart, so one of them has no order among the lines of the other.
        let text = [output.stderr, output.stdout].concat();
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }

    /// Every service was stopped in its own way.
    #[track_caller]
    fn services_were_stopped(&self, log: &[String]) {
        for line in [
            "started with example",
            "asked up as 0 with made-by-example and /root",
            "polite up as 4242 with made-by-example and /var/www",
            "stubborn up as 0 with made-by-example and /root",
            "asked got USR1",
            "polite got TERM",
            "finish 3 0",
            "flushed",
            "last: 3 are down",
        ] {
            assert_eq!(log.iter().filter(|one| *one == line).count(), 1, "{line}: {log:#?}");
        }
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        let _ = self.docker.run(&["rm", "--force", self.name]);
    }
}

/// The init's own lines, with `N` for each PID.
fn own(log: &[String]) -> Vec<String> {
    let own = log.iter().filter(|line| line.starts_with("*** "));
    let word = |word: &str| match word.trim_end_matches(")...") {
        pid if pid.parse::<u32>().is_ok() => word.replacen(pid, "N", 1),
        _ => word.to_owned(),
    };
    own.map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect()
}

const STARTED: [&str; 3] = [
    "*** Running /etc/my_init.d/10_secrets.sh...",
    "*** Booting runit daemon...",
    "*** Runit started as PID N",
];

const STOPPED: [&str; 3] = [
    "*** Running /etc/my_init.pre_shutdown.d/10_flush...",
    "*** Shutting down runit daemon (PID N)...",
    "*** Running /etc/my_init.post_shutdown.d/10_last...",
];

#[test]
fn docker_stop_goes_through_hooks_services_and_runit_in_order() {
    let Some(docker) = docker() else { return };
    if !with_image(&docker) {
        return;
    }
    let container = Container::start(&docker, "baseimage", &[], &[]);
    let dump = docker.succeeds(&["exec", container.name, "cat", "/etc/container_environment.sh"]);
    assert!(dump.contains("export SECRET=made-by-example\nexport SITE=example"), "{dump}");
    docker.succeeds(&["stop", "-t", "50", container.name]);
    assert_eq!(container.status(), "2");
    let log = container.log();
    container.services_were_stopped(&log);
    let end = ["*** Init system aborted.", "*** Killing all processes..."];
    assert_eq!(own(&log), [&STARTED[..], &STOPPED[..], &end[..]].concat());
}

#[test]
fn the_command_of_docker_run_ends_a_baseimage_with_its_status() {
    let Some(docker) = docker() else { return };
    if !with_image(&docker) {
        return;
    }
    let script = "for name in asked polite stubborn; do \
         until [ -e /evidence/$name ]; do sleep 0.05; done; done; exit 6";
    let command = ["/sbin/my_init", "--", "sh", "-c", script];
    let container = Container::start(&docker, "baseimage-command", &[], &command);
    assert_eq!(container.status(), "6");
    let log = container.log();
    container.services_were_stopped(&log);
    let running = format!("*** Running sh -c {script}...");
    let main = [&*running, "*** sh exited with status 6."];
    let end = ["*** Killing all processes..."];
    assert_eq!(own(&log), [&STARTED[..], &main[..], &STOPPED[..], &end[..]].concat());
}

#[test]
fn a_flush_that_fails_is_the_status_of_the_container_and_the_services_are_stopped() {
    let Some(docker) = docker() else { return };
    if !with_image(&docker) {
        return;
    }
    let container = Container::start(&docker, "baseimage-flush", &["-e", "FLUSH=1"], &[]);
    docker.succeeds(&["stop", "-t", "50", container.name]);
    assert_eq!(container.status(), "1");
    let log = container.log();
    container.services_were_stopped(&log);
    let failed = "*** /etc/my_init.pre_shutdown.d/10_flush failed with status 1";
    assert!(log.iter().any(|line| line == failed), "{log:#?}");
}
