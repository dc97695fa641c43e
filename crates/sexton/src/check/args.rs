//! What is typed.

use super::exit::{self, FailOn};
use super::run::Watching;
use clap::Parser;
use sexton_core::signal::Signal;
use sexton_core::time::Span;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Runs COMMAND as PID 1 of a fresh PID namespace, or an image in a container, sends the stop
/// signal as `docker stop` does, watches every process end, and judges: does it stop, does it
/// reap, was the stop clean?
#[derive(Debug, Clone, Parser)]
#[command(
    override_usage = "sexton check [OPTIONS] -- COMMAND...\n       \
                      sexton check [OPTIONS] --image NAME [-- CMD...]\n       \
                      sexton check [--probe] --container NAME",
    after_help = exit::help()
)]
pub struct Args {
    /// What to run, and its arguments; with --image instead of the image's CMD
    #[arg(value_name = "COMMAND", last = true)]
    pub command: Vec<OsString>,

    /// Check this image: its own ENTRYPOINT, CMD, USER and STOPSIGNAL
    #[arg(long, value_name = "NAME", conflicts_with = "container")]
    pub image: Option<String>,
    /// Say how this running container would stop, without stopping it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["command", "with_init", "svg"])]
    pub container: Option<String>,
    /// With --container: plant an orphan in it. It stays as a zombie if nobody reaps it
    #[arg(long, requires = "container")]
    pub probe: bool,
    /// The engine's command [default: docker, else podman]
    #[arg(long, value_name = "COMMAND")]
    pub engine: Option<String>,
    /// With --image: an option for the engine's `create`, such as --run-option=-eKEY=VALUE
    #[arg(long, value_name = "OPTION", requires = "image", allow_hyphen_values = true)]
    pub run_option: Vec<String>,

    /// The stop signal [default: the image's STOPSIGNAL, else TERM]
    #[arg(long, short, value_name = "SIGNAL", value_parser = signal)]
    pub signal: Option<i32>,
    /// How long it may take until SIGKILL
    #[arg(long, short, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub grace: Duration,

    /// It is ready after this time [default: when its processes are quiet, at most 10s]
    #[arg(long, value_name = "TIME", value_parser = duration, group = "ready")]
    pub ready_after: Option<Duration>,
    /// It is ready when somebody listens on this TCP port
    #[arg(long, value_name = "PORT", group = "ready")]
    pub ready_port: Option<u16>,
    /// It is ready when a line of its output matches
    #[arg(long, value_name = "REGEX", group = "ready")]
    pub ready_log: Option<regex::bytes::Regex>,
    /// How long --ready-port and --ready-log wait
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub ready_timeout: Duration,

    /// The same again under sexton-init, or the init at PATH, and both side by side
    #[arg(long, value_name = "PATH", require_equals = true, num_args = 0..=1)]
    pub with_init: Option<Option<PathBuf>>,
    /// Plant no orphan
    #[arg(long, conflicts_with = "container")]
    pub no_orphan: bool,
    /// Give the command a terminal
    #[arg(long, short, conflicts_with_all = ["image", "container"])]
    pub tty: bool,
    /// By which means the processes are watched
    #[arg(long, value_name = "HOW", default_value = "auto", hide_possible_values = true)]
    pub watch: Watching,
    /// Show what the command prints, on stderr
    #[arg(long)]
    pub output: bool,

    /// Which faults count for the exit code
    #[arg(
        long,
        value_name = "FAULTS",
        value_delimiter = ',',
        default_value = "deaf,unclean,not-reaping"
    )]
    pub fail_on: Vec<FailOn>,
    /// Draw the stop into this file, too
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

/// 1 to 64, by name or number.
fn signal(word: &str) -> Result<i32, String> {
    let signal =
        Signal::parse(word.as_bytes()).ok_or("no signal has this name: TERM, QUIT, 15 …")?;
    match signal {
        Signal::KILL | Signal::STOP => Err("nobody can handle it: choose another".into()),
        other => Ok(i32::from(other.number())),
    }
}

fn duration(word: &str) -> Result<Duration, String> {
    let span = Span::parse(word.as_bytes()).ok_or("not a time: 500ms, 10s, 2m; 10 is seconds")?;
    Ok(Duration::from_millis(span.as_millis()))
}
