//! Users and groups that are there for one run only.

use crate::{probe_path, scratch};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// An `/etc` with nothing in it but these.
#[derive(Debug)]
pub struct Accounts {
    folder: PathBuf,
}

/// What is to stand in the place of a file.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A file with this text.
    Text(&'a str),
    /// A folder, which cannot be read.
    Folder,
    /// Nothing.
    Nothing,
}

impl Accounts {
    /// With these two files.
    ///
    /// # Panics
    /// If they cannot be written.
    pub fn new(passwd: Entry<'_>, group: Entry<'_>) -> Accounts {
        let folder = scratch();
        for (name, entry) in [("passwd", passwd), ("group", group)] {
            let place = folder.join(name);
            match entry {
                Entry::Text(text) => fs::write(place, text).expect("a file"),
                Entry::Folder => fs::create_dir(place).expect("a folder"),
                Entry::Nothing => {}
            }
        }
        Accounts { folder }
    }

    /// For [`Init::wrapped`](crate::Init::wrapped): executes what follows in a mount namespace of
    /// its own in which this is `/etc`. Only root can do that.
    pub fn wrapper(&self) -> [&str; 6] {
        let script = "mount --bind \"$0\" /etc && exec \"$@\"";
        ["unshare", "--mount", "sh", "-c", script, self.folder.to_str().expect("text")]
    }
}

/// A copy of a program that every user can reach and run, in a folder that every user can write.
///
/// # Panics
/// If there is none to be made.
pub fn for_everyone(program: &Path) -> PathBuf {
    let folder = scratch();
    let copy = folder.join(program.file_name().expect("a program"));
    fs::copy(program, &copy).expect("a copy");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("its mode");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("its mode");
    copy
}

/// The probe, see [`for_everyone`].
pub fn probe_for_everyone() -> PathBuf {
    for_everyone(probe_path())
}
