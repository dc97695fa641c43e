//! A new control group, of whichever version the machine has.

use crate::{eventually, skip};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a group is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// How many processes there may be.
    Pids,
    /// How much memory they may have.
    Memory,
    /// Their freezer, of version 2.
    Freezer,
}

/// A group. It is removed when dropped, if nobody is in it.
#[derive(Debug)]
pub struct Cgroup {
    folder: PathBuf,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl Cgroup {
    /// A new one; where none can be made, the test is skipped.
    pub fn with(controller: Controller) -> Option<Cgroup> {
        let group = Cgroup::new(controller);
        if group.is_none() {
            skip(&format!("no cgroup with {controller:?} can be made"));
        }
        group
    }

    fn new(controller: Controller) -> Option<Cgroup> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sexton-test-{}-{number}", std::process::id());
        let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
        mounts.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            let &[_, place, kind, options, ..] = &fields[..] else { return None };
            let version = match kind {
                "cgroup" if is_among(controller.name(), options) => Version::One,
                "cgroup2" => Version::Two,
                _ => return None,
            };
            let root = Path::new(place);
            if version == Version::Two {
                // Where it is enabled already this changes nothing.
                let enable = format!("+{}", controller.name());
                let _ = fs::write(root.join("cgroup.subtree_control"), enable);
            }
            let folder = root.join(&name);
            fs::create_dir(&folder).ok()?;
            let group = Cgroup { folder, version };
            group.folder.join(controller.file(version)).exists().then_some(group)
        })
    }

    /// The words of a program that enters the group and executes what follows.
    ///
    /// # Panics
    /// If its path is no text.
    pub fn enter(&self) -> [&str; 4] {
        let script = "echo 0 > \"$0\"/cgroup.procs && exec \"$@\"";
        ["sh", "-c", script, self.folder.to_str().expect("text")]
    }

    /// So many processes, from now on.
    pub fn limit_pids(&self, count: u32) {
        self.write("pids.max", &count.to_string());
    }

    /// So many bytes of memory, from now on, and no swap space.
    pub fn limit_memory(&self, bytes: u64) {
        self.write(Controller::Memory.file(self.version), &bytes.to_string());
        // Not there where there is no swap space.
        let (swap, most) = match self.version {
            Version::One => ("memory.memsw.limit_in_bytes", bytes.to_string()),
            Version::Two => ("memory.swap.max", "0".to_string()),
        };
        let _ = fs::write(self.folder.join(swap), most);
    }

    /// All in it stand still when this returns.
    ///
    /// # Panics
    /// If they do not.
    pub fn freeze(&self) {
        self.write("cgroup.freeze", "1");
        eventually("all are frozen", || {
            let events = fs::read_to_string(self.folder.join("cgroup.events"));
            events.is_ok_and(|text| text.contains("frozen 1"))
        });
    }

    /// They go on.
    pub fn thaw(&self) {
        self.write("cgroup.freeze", "0");
    }

    fn write(&self, file: &str, word: &str) {
        let file = self.folder.join(file);
        fs::write(&file, word).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Whether a mount's options, parted by commas, have this one.
fn is_among(name: &str, options: &str) -> bool {
    options.split(',').any(|option| option == name)
}

impl Controller {
    fn name(self) -> &'static str {
        match self {
            Controller::Pids => "pids",
            Controller::Memory => "memory",
            // Version 1 has one of that name, which cannot do what is needed here.
            Controller::Freezer => "none",
        }
    }

    /// By what it is known to be there.
    fn file(self, version: Version) -> &'static str {
        match (self, version) {
            (Controller::Pids, _) => "pids.max",
            (Controller::Memory, Version::One) => "memory.limit_in_bytes",
            (Controller::Memory, Version::Two) => "memory.max",
            (Controller::Freezer, _) => "cgroup.freeze",
        }
    }
}
