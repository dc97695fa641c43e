//! Where `sexton-init` is: at `$SEXTON_INIT`, beside our own executable, or in PATH.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Nowhere, or not where `$SEXTON_INIT` says.
#[derive(Debug, PartialEq, Eq)]
pub enum NotFound {
    /// `$SEXTON_INIT` names no executable file. What else there might be was not what was meant.
    AtVariable(PathBuf),
    /// `$SEXTON_INIT` is not set, and it is neither beside us nor in PATH.
    Anywhere,
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotFound::AtVariable(path) => {
                write!(f, "SEXTON_INIT={}: no such executable file", path.display())
            }
            NotFound::Anywhere => f.write_str(
                "sexton-init not found, neither beside this program nor in PATH: \
                 build it with `cargo build --release`, or set SEXTON_INIT to its path",
            ),
        }
    }
}

/// Finds the init.
///
/// # Errors
/// [`NotFound`] says where it was looked for.
pub fn find() -> Result<PathBuf, NotFound> {
    let variable = std::env::var_os("SEXTON_INIT").filter(|value| !value.is_empty());
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.to_owned()));
    find_in(variable, beside.as_deref(), std::env::var_os("PATH").as_deref())
}

/// The first executable file of this name in PATH.
pub fn in_path(name: &str) -> Option<PathBuf> {
    search(name, std::env::var_os("PATH").as_deref())
}

fn find_in(
    variable: Option<OsString>,
    beside: Option<&Path>,
    path: Option<&OsStr>,
) -> Result<PathBuf, NotFound> {
    if let Some(file) = variable.map(PathBuf::from) {
        return if is_executable(&file) { Ok(file) } else { Err(NotFound::AtVariable(file)) };
    }
    beside
        .map(|dir| dir.join("sexton-init"))
        .filter(|file| is_executable(file))
        .or_else(|| search("sexton-init", path))
        .ok_or(NotFound::Anywhere)
}

fn search(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(path?).map(|dir| dir.join(name)).find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn dir_with_init() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sexton-init");
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        dir
    }

    #[test]
    fn the_variable_comes_before_the_neighbour_and_the_neighbour_before_path() {
        let (a, b, c) = (dir_with_init(), dir_with_init(), dir_with_init());
        let variable = Some(a.path().join("sexton-init").into_os_string());
        let path = Some(c.path().as_os_str());
        let found = |variable, beside| find_in(variable, beside, path).unwrap();
        assert!(found(variable, Some(b.path())).starts_with(a.path()));
        assert!(found(None, Some(b.path())).starts_with(b.path()));
        assert!(found(None, None).starts_with(c.path()));
    }

    #[test]
    fn a_variable_that_names_nothing_is_an_error_and_not_passed_over() {
        let dir = dir_with_init();
        let wrong = find_in(Some("/no/such".into()), Some(dir.path()), None);
        assert_eq!(wrong, Err(NotFound::AtVariable("/no/such".into())));
    }

    #[test]
    fn a_file_that_is_not_executable_does_not_count() {
        let dir = dir_with_init();
        let file = dir.path().join("sexton-init");
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(find_in(None, Some(dir.path()), None), Err(NotFound::Anywhere));
    }
}
