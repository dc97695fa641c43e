//! `sexton completions` and `sexton man`: made of the same tables as the help.

use crate::{Args as Everything, cannot};
use clap::CommandFactory;
use clap_complete::Shell;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the completions for a shell: sexton completions bash > FOLDER/sexton
#[derive(clap::Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the man pages into a folder
#[derive(clap::Args)]
pub struct Man {
    /// The folder, which has to be there
    folder: PathBuf,
}

/// Prints the completions.
pub fn completions(args: &Completions) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Everything::command(), "sexton", &mut script);
    // A closed pipe: nobody reads it.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), &script);
    ExitCode::SUCCESS
}

/// Writes one page for the program and one for each command.
pub fn man(args: &Man) -> ExitCode {
    match clap_mangen::generate_to(Everything::command(), &args.folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cannot(&format_args!("{}: {error}", args.folder.display())),
    }
}
