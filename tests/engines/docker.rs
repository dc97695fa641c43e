//! Docker with our init as its own, and its containers.

use crate::common::{CLEAN, IMAGE, STOP_SECONDS, files};
use sexton_testkit::libc::SIGTERM;
use sexton_testkit::{Docker, eventually, init_path};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The daemon, with our init as its own, and the image; or a word on why the test is skipped.
pub fn docker() -> Option<Arc<Docker>> {
    static IMPORTED: Mutex<()> = Mutex::new(());
    let docker = Docker::get(&["--init-path", &init_path().display().to_string()])?;
    let _one = IMPORTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !docker.run(&["image", "inspect", IMAGE]).status.success() {
        docker.import(IMAGE, &files(), &[]);
    }
    Some(docker)
}

/// A container in the background whose application is ready.
pub fn start<'a>(
    docker: &'a Docker,
    name: &str,
    options: &[&str],
    command: &[&str],
) -> Container<'a> {
    let evidence = docker.folder().join(format!("evidence-{name}"));
    fs::create_dir(&evidence).unwrap();
    let volume = format!("{}:/evidence", evidence.display());
    let run = ["run", "-d", "--name", name, "-v", &volume];
    docker.succeeds(&[&run[..], options, &[IMAGE], command].concat());
    let container = Container { docker, name: name.to_owned(), evidence };
    eventually("the application is ready", || container.evidence("ready"));
    container
}

/// A container.
pub struct Container<'a> {
    docker: &'a Docker,
    pub name: String,
    evidence: PathBuf,
}

impl Container<'_> {
    pub fn evidence(&self, name: &str) -> bool {
        self.evidence.join(name).exists()
    }

    /// Within the time, by its own end and not by Docker's KILL, and the application says so.
    #[track_caller]
    pub fn stops_cleanly(&self) {
        let start = Instant::now();
        self.docker.succeeds(&["stop", "-t", STOP_SECONDS, &self.name]);
        let took = start.elapsed();
        let format = "{{.State.ExitCode}}";
        let status = self.docker.succeeds(&["inspect", "-f", format, &self.name]);
        assert_eq!(status, (128 + SIGTERM).to_string(), "the shell's own status");
        assert!(took < CLEAN, "{took:?}");
        assert_eq!(fs::read_to_string(self.evidence.join("app")).unwrap(), "closed\n");
        let log = self.docker.run(&["logs", &self.name]).stderr;
        let log = String::from_utf8_lossy(&log);
        assert!(!log.contains("sexton-init:"), "the init has nothing to complain of: {log}");
    }
}
