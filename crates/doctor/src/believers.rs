//! Who believes that a zombie lives, where that is cheap to see: files in a container's `/run` that
//! hold its PID, and processes that were told to wait for it (`tail --pid`). `kill -0` says that it
//! lives, too.

use crate::namespaces::{Key, Namespace};
use crate::proc::close;
use crate::proc::parse;
use crate::proc::read::Proc;
use crate::proc::table::{Id, Process};
use crate::sight::Sight;
use crate::text::command;
use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// So many files are looked into, in one container.
const FILES_MAX: usize = 256;

/// So many processes are asked for their arguments, in one container.
const PROCESSES_MAX: usize = 256;

/// A file with a PID is no longer than this.
const LENGTH_MAX: u64 = 32;

/// For each zombie who believes in it, in words. Containers without zombies are left alone.
pub fn find(proc: &Proc, sight: &Sight) -> HashMap<Id, Vec<String>> {
    let mut found: HashMap<Id, Vec<String>> = HashMap::new();
    for namespace in sight.namespaces.list().iter().filter(|one| one.key != Key::Unknown) {
        let members = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
        let zombies: HashMap<i32, Id> = members
            .filter(|one| one.is_zombie())
            .filter_map(|one| Some((one.pid_inside()?, one.id)))
            .collect();
        if zombies.is_empty() {
            continue;
        }
        let files = files(proc, namespace);
        for (pid, words) in files.into_iter().chain(waiting(proc, sight, namespace)) {
            if let Some(&zombie) = zombies.get(&pid) {
                found.entry(zombie).or_default().push(words);
            }
        }
    }
    found
}

fn files(proc: &Proc, namespace: &Namespace) -> Vec<(i32, String)> {
    let Some(first) = namespace.pid1 else { return Vec::new() };
    let root = proc.path().join(first.pid.to_string()).join("root");
    // Not `/var/run`: it is a link to `/run`, and followed from here it would be ours.
    let all = pidfiles(&root.join("run")).into_iter();
    all.map(|(file, pid)| {
        let inside = file.strip_prefix(&root).unwrap_or(&file);
        (pid, format!("/{} holds its PID", inside.display()))
    })
    .collect()
}

fn waiting(proc: &Proc, sight: &Sight, namespace: &Namespace) -> Vec<(i32, String)> {
    let members = namespace.members.iter().filter_map(|&pid| sight.table.get(pid));
    let alive = members.filter(|one| !one.is_zombie()).take(PROCESSES_MAX);
    let watch = |one: &Process| {
        let arguments = close::name(proc, one.id)?.arguments;
        let words = format!("{} ({}) waits for its end", one.id.pid, command(&arguments));
        Some((waits_for(&arguments)?, words))
    };
    alive.filter_map(watch).collect()
}

/// `--pid=12` or `--pid 12`.
fn waits_for(arguments: &[Vec<u8>]) -> Option<i32> {
    let mut words = arguments.iter().map(Vec::as_slice);
    while let Some(word) = words.next() {
        if let Some(pid) = word.strip_prefix(b"--pid=") {
            return parse::number(pid);
        }
        if word == b"--pid" {
            return words.next().and_then(parse::number);
        }
    }
    None
}

/// `*.pid` in this folder and those in it, with what is in them.
fn pidfiles(folder: &Path) -> Vec<(PathBuf, i32)> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten().take(FILES_MAX) {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && depth == 0 && folders.len() < FILES_MAX {
                folders.push((entry.path(), depth + 1));
            }
            let named = entry.path().extension().is_some_and(|extension| extension == "pid");
            if kind.is_file() && named && files.len() < FILES_MAX {
                files.extend(pid_in(&entry.path()).map(|pid| (entry.path(), pid)));
            }
        }
    }
    files
}

/// Links are not followed: they would lead out of the container.
fn pid_in(file: &Path) -> Option<i32> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).ok()?;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(file).ok()?;
    let mut bytes = Vec::new();
    file.take(LENGTH_MAX).read_to_end(&mut bytes).ok()?;
    parse::number(parse::words(&bytes).next()?)
}

impl Sight {
    /// Who believes that this zombie lives.
    pub fn believers_in(&self, zombie: &Process) -> &[String] {
        self.believers.get(&zombie.id).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_pid_says_so_in_its_arguments() {
        let of = |words: &[&str]| {
            waits_for(&words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["tail", "-f", "--pid=12", "log"]), Some(12));
        assert_eq!(of(&["tail", "--pid", "12"]), Some(12));
        assert_eq!(of(&["nsenter", "--pid"]), None);
        assert_eq!(of(&["app", "--pid=/run/app.pid"]), None);
    }

    #[test]
    fn pids_are_read_from_files_and_not_through_links_or_pipes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("nginx/deeper")).unwrap();
        for (name, text) in [
            ("a.pid", "17\n"),
            ("nginx/b.pid", "18"),
            ("nginx/deeper/c.pid", "19"),
            ("d.txt", "20"),
            ("e.pid", "no number"),
            ("f.pid", ""),
        ] {
            fs::write(at(name), text).unwrap();
        }
        std::os::unix::fs::symlink(at("a.pid"), at("link.pid")).unwrap();
        let mut found: Vec<i32> = pidfiles(folder.path()).into_iter().map(|(_, pid)| pid).collect();
        found.sort_unstable();
        assert_eq!(found, [17, 18]);
    }
}
