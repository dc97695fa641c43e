//! Which files there are: those named, and those of ours in folders that are named.

use crate::kind::Kind;
use crate::read::{self, Problem};
use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use std::path::{Path, PathBuf};

/// A file to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its path.
    pub path: PathBuf,
    /// Its kind; `None`: to be told from the text.
    pub kind: Option<Kind>,
    /// Whether somebody named it: then it is an error if it is nothing of ours.
    pub named: Named,
}

/// Whether a file was named by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// It was.
    Yes,
    /// It was found in a folder.
    No,
}

/// All the files, in the order of their paths, each once; and what could not be looked at.
pub fn inputs(paths: &[PathBuf], exclude: &[String]) -> (Vec<Input>, Vec<Problem>) {
    let (mut inputs, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                folder(path, exclude, &mut inputs, &mut problems);
            }
            Ok(_) => {
                let kind = Kind::of(path);
                inputs.push(Input { path: path.clone(), kind, named: Named::Yes });
            }
            Err(error) => problems.push(Problem::file(read::name(path), read::reason(&error))),
        }
    }
    inputs.sort_by(|a, b| a.path.cmp(&b.path).then(named(a).cmp(&named(b))));
    inputs.dedup_by(|later, first| later.path == first.path);
    (inputs, problems)
}

fn named(input: &Input) -> u8 {
    u8::from(input.named == Named::No)
}

fn folder(path: &Path, exclude: &[String], inputs: &mut Vec<Input>, problems: &mut Vec<Problem>) {
    let mut overrides = OverrideBuilder::new(path);
    for pattern in exclude {
        if let Err(error) = overrides.add(&format!("!{pattern}")) {
            problems.push(Problem::file(pattern.clone(), format!("no pattern: {error}")));
        }
    }
    let mut walk = WalkBuilder::new(path);
    // Hidden folders have Dockerfiles too: .devcontainer, .github.
    walk.hidden(false).require_git(false).filter_entry(|entry| {
        !matches!(entry.file_name().to_str(), Some(".git" | "node_modules" | ".hg" | ".svn"))
    });
    if let Ok(overrides) = overrides.build() {
        walk.overrides(overrides);
    }
    for entry in walk.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(unreadable(path, &error));
                continue;
            }
        };
        let is_folder = entry.file_type().is_none_or(|kind| kind.is_dir());
        // A link to a folder may lead back to where we are; one to a file is a file.
        let linked =
            entry.path_is_symlink() && std::fs::metadata(entry.path()).is_ok_and(|m| m.is_dir());
        if is_folder || linked {
            continue;
        }
        if let Some(kind) = Kind::of(entry.path()) {
            inputs.push(Input { path: entry.into_path(), kind: Some(kind), named: Named::No });
        }
    }
}

fn unreadable(root: &Path, error: &ignore::Error) -> Problem {
    let name = match error {
        ignore::Error::WithPath { path, .. } => read::name(path),
        ignore::Error::WithDepth { err, .. } => match &**err {
            ignore::Error::WithPath { path, .. } => read::name(path),
            _ => read::name(root),
        },
        _ => read::name(root),
    };
    let words = match error.io_error() {
        Some(error) => read::reason(error),
        None => error.to_string(),
    };
    Problem::file(name, words)
}
