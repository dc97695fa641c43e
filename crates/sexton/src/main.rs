//! `sexton`: what people use to see whether a container stops cleanly. This file is the table of
//! contents; each command has a module of its own.

mod demo;
mod doctor;
mod init_path;

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
    /// Show on this machine what goes wrong under PID 1, and the cure: no Docker, no root
    Demo(demo::Args),
    /// Say what is wrong with PID 1 in every PID namespace of this machine, and whose fault it is
    Doctor(doctor::Args),
    /// A helper of `doctor --probe`
    #[command(hide = true)]
    Orphan(doctor::Orphan),
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
        Command::Demo(args) => demo::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Orphan(orphan) => doctor::play(&orphan),
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
