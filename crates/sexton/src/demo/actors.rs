//! The small programs that the demo runs, so that nothing else need be installed: hidden commands
//! of `sexton` itself. They behave like many real programs do; that is the point.

use super::records::RecordFile;
use clap::ValueEnum;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::parent_id;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// How many orphans the orphan maker makes.
pub const ORPHANS: usize = 3;

#[derive(clap::Args)]
pub struct Actor {
    role: Role,
    /// Whose end the orphan waits for
    #[arg(long)]
    parent: Option<u32>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Role {
    /// Has no handler for TERM
    DeafServer,
    /// Starts jobs whose own children outlive them
    OrphanMaker,
    /// Starts an orphan, and leaves
    Job,
    /// Lives until its standard input ends
    Orphan,
    /// Starts a server, and leaves at once on TERM
    Launcher,
    /// On TERM needs a second to write its file
    Server,
}

/// Plays a part. The exit code is the program's.
pub fn act(actor: &Actor) -> ExitCode {
    let played = match actor.role {
        Role::DeafServer => deaf_server(),
        Role::OrphanMaker => orphan_maker(),
        Role::Job => job(),
        Role::Orphan => orphan(actor.parent.unwrap_or(0)),
        Role::Launcher => launcher(),
        Role::Server => server(),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => crate::cannot(&format_args!("actor: {error}")),
    }
}

/// What most programs are: no handler for TERM, and none is needed unless one is PID 1.
fn deaf_server() -> io::Result<()> {
    call_me(c"server");
    ready("")?;
    serve()
}

/// It waits for its own children, as it should; its grandchildren it does not even know of.
fn orphan_maker() -> io::Result<()> {
    call_me(c"app");
    let mut orphans = String::new();
    for _ in 0..ORPHANS {
        let mut job = myself(Role::Job)?.stdout(Stdio::piped()).spawn()?;
        if let Some(told) = &mut job.stdout {
            let mut line = String::new();
            BufReader::new(told).read_line(&mut line)?;
            orphans.push_str(line.trim_end());
            orphans.push(' ');
        }
        job.wait()?;
    }
    ready(&orphans)?;
    serve()
}

fn job() -> io::Result<()> {
    call_me(c"job");
    let parent = std::process::id().to_string();
    let orphan = myself(Role::Orphan)?.args(["--parent", &parent]).stdout(Stdio::null()).spawn()?;
    println!("{}", orphan.id());
    Ok(()) // The orphan goes on without us.
}

fn orphan(parent: u32) -> io::Result<()> {
    call_me(c"orphan");
    // Standard input is the demo's, held open until it has seen everybody alive.
    io::stdin().read_to_end(&mut Vec::new())?;
    while parent_id() == parent {
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn serve() -> ! {
    loop {
        std::thread::park();
    }
}

/// Like many a start script or package manager: TERM ends it, and its server is not its concern.
fn launcher() -> io::Result<()> {
    call_me(c"launcher");
    let mut signals = Signals::new([SIGTERM])?;
    myself(Role::Server)?.spawn()?;
    signals.forever().next();
    Ok(())
}

/// A server with something to save: on TERM it writes what it has in memory, and that takes time.
fn server() -> io::Result<()> {
    call_me(c"server");
    let mut signals = Signals::new([SIGTERM])?;
    let mut records = RecordFile::passed()?;
    ready("")?;
    signals.forever().next();
    records.write_slowly()
}

/// The demo reads this line: now the stop may come.
fn ready(words: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    writeln!(stdout, "ready {words}")?;
    stdout.flush()
}

fn myself(role: Role) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("actor").args(role.to_possible_value().map(|value| value.get_name().to_owned()));
    Ok(command)
}

/// The name in the process table: all of us are called `sexton` otherwise.
fn call_me(name: &std::ffi::CStr) {
    let _ = rustix::thread::set_name(name); // Only how it looks.
}
