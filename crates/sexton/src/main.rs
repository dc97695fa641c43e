//! `sexton`: what people use to see whether a container stops cleanly. This file is the table of
//! contents; each command has a module of its own.

mod check;
mod demo;
mod doctor;
mod explain;
mod generate;
mod init_path;
mod lint;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// See that a container stops cleanly.
#[derive(Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run it as PID 1, stop it, and prove whether the stop was clean
    Check(Box<check::Args>),
    /// Show on this machine what goes wrong under PID 1, and the cure: no Docker, no root
    Demo(demo::Args),
    /// Say what is wrong with PID 1 in every PID namespace of this machine, and whose fault it is
    Doctor(doctor::Args),
    /// A helper of `doctor --probe`
    #[command(hide = true)]
    Orphan(doctor::Orphan),
    /// Find what keeps a container from stopping cleanly, in the files that describe it
    Lint(lint::Args),
    /// Explain a rule of lint, or what is behind it: signals, zombies, exec, grace periods
    Explain(explain::Args),
    /// Print the completions for a shell
    Completions(generate::Completions),
    /// Write the man pages into a folder
    #[command(hide = true)]
    Man(generate::Man),
    /// One of the programs that the demo runs
    #[command(hide = true)]
    Actor(demo::Actor),
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    match args.command {
        Command::Check(args) => check::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Orphan(orphan) => doctor::play(&orphan),
        Command::Lint(args) => lint::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Completions(args) => generate::completions(&args),
        Command::Man(args) => generate::man(&args),
        Command::Actor(actor) => demo::act(&actor),
    }
}

/// Help and version are answers; anything else is a usage error, which is 125 as for the init.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print(); // A closed pipe: nobody reads it.
    if error.use_stderr() { ExitCode::from(CANNOT) } else { ExitCode::SUCCESS }
}

/// The exit code of every command that could not do its work at all.
const CANNOT: u8 = 125;

/// Says in one line why the work could not be done.
fn cannot(reason: &dyn std::fmt::Display) -> ExitCode {
    anstream::eprintln!("sexton: {reason}");
    ExitCode::from(CANNOT)
}
