//! Man pages and completions as `sexton` makes them of its own options, and the init's man page:
//! files for packagers, kept up to date by `cargo xtask gen`.

use crate::generate::Mode;
use crate::tools::{self, Failure, Result};
use std::path::Path;

/// Where they are, under the root.
const MAN: &str = "docs/man";
const COMPLETIONS: &str = "docs/completions";

const SHELLS: &[(&str, &str)] =
    &[("bash", "sexton.bash"), ("zsh", "_sexton"), ("fish", "sexton.fish")];

/// Brings them up to date, or says which are not.
pub fn run(mode: Mode) -> Result<Vec<String>> {
    let fresh = tempfile::tempdir().map_err(Failure::new)?;
    let sexton = |args: &[&str]| {
        let mut run = tools::cargo();
        run.args(["run", "--quiet", "--package", "sexton", "--"]).args(args);
        tools::output(&mut run)
    };
    let man = fresh.path().join("man");
    let completions = fresh.path().join("completions");
    for folder in [&man, &completions] {
        std::fs::create_dir(folder).map_err(Failure::new)?;
    }
    sexton(&["man", &man.to_string_lossy()])?;
    write(&man.join("sexton-init.1"), &crate::man::page())?;
    for (shell, file) in SHELLS {
        write(&completions.join(file), &sexton(&["completions", shell])?)?;
    }
    let mut stale = compare(&man, MAN, mode)?;
    stale.extend(compare(&completions, COMPLETIONS, mode)?);
    Ok(stale)
}

/// Makes a folder of ours the same as a fresh one; with `--check` says what differs.
fn compare(fresh: &Path, ours: &str, mode: Mode) -> Result<Vec<String>> {
    let folder = tools::root().join(ours);
    std::fs::create_dir_all(&folder).map_err(Failure::new)?;
    let (new, old) = (names(fresh)?, names(&folder)?);
    let mut stale = Vec::new();
    for name in new.iter().chain(old.iter().filter(|name| !new.contains(name))) {
        let wanted = std::fs::read_to_string(fresh.join(name)).ok();
        if wanted == std::fs::read_to_string(folder.join(name)).ok() {
            continue;
        }
        match (mode, wanted) {
            (Mode::Check, _) => stale.push(format!("{ours}/{name}")),
            (Mode::Write, Some(text)) => write(&folder.join(name), &text)?,
            (Mode::Write, None) => {
                std::fs::remove_file(folder.join(name)).map_err(Failure::new)?;
            }
        }
    }
    Ok(stale)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure::new(format_args!("{}: {error}", folder.display())))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

fn write(path: &Path, text: &str) -> Result {
    std::fs::write(path, text)
        .map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_missing_or_too_much_is_stale() {
        let fresh = tempfile::tempdir().unwrap();
        write(&fresh.path().join("a"), "1").unwrap();
        // A folder of ours that is not there yet has nothing of it.
        let ours = "target/packaging-test";
        let folder = tools::root().join(ours);
        std::fs::create_dir_all(&folder).unwrap();
        write(&folder.join("b"), "2").unwrap();
        let stale = compare(fresh.path(), ours, Mode::Check).unwrap();
        assert_eq!(stale, [format!("{ours}/a"), format!("{ours}/b")]);
        compare(fresh.path(), ours, Mode::Write).unwrap();
        assert_eq!(compare(fresh.path(), ours, Mode::Check).unwrap(), [""; 0]);
        assert_eq!(names(&folder).unwrap(), ["a"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
