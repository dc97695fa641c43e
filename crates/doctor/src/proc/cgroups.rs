//! Control groups: where they are mounted, how many processes they allow, whether they are frozen.

use super::parse;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};

/// The hierarchies that count here, as `/proc/self/mountinfo` has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cgroups {
    unified: Option<Mount>,
    pids: Option<Mount>,
    freezer: Option<Mount>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mount {
    point: PathBuf,
    /// Which group is mounted there: `/` but in a container.
    root: PathBuf,
}

/// One limit on processes, on the way from a process's group to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PidsLimit {
    /// The group, as `/proc/PID/cgroup` would name it.
    pub group: String,
    /// `pids.max`
    pub max: u64,
    /// `pids.current`: threads count, and zombies too.
    pub used: u64,
    /// How often it said no: `max` of `pids.events`.
    pub refused: u64,
}

impl Cgroups {
    /// From mountinfo, as proc_pid_mountinfo(5) describes it.
    pub fn of_mountinfo(text: &[u8]) -> Cgroups {
        let mut cgroups = Cgroups::default();
        for line in text.split(|&byte| byte == b'\n') {
            let words: Vec<&[u8]> = parse::words(line).collect();
            let Some(dash) = words.iter().position(|word| *word == b"-") else { continue };
            let [root, point] = [3, 4].map(|index| path(words.get(index).copied()));
            let mount = || Some(Mount { point: point.clone(), root: root.clone() });
            let options = words.get(dash + 3).copied().unwrap_or_default();
            let has = |name: &[u8]| options.split(|&byte| byte == b',').any(|word| word == name);
            match words.get(dash + 1).copied() {
                Some(b"cgroup2") if cgroups.unified.is_none() => cgroups.unified = mount(),
                Some(b"cgroup") if has(b"pids") => cgroups.pids = mount(),
                Some(b"cgroup") if has(b"freezer") => cgroups.freezer = mount(),
                _ => {}
            }
        }
        cgroups
    }

    /// The limits on this process, its own group's first; groups without one are left out.
    pub fn pids_limits(&self, membership: &[u8]) -> Vec<PidsLimit> {
        let found = match &self.pids {
            Some(mount) => place(mount, membership, Some(b"pids")),
            None => self.unified.as_ref().and_then(|mount| place(mount, membership, None)),
        };
        let Some((top, below)) = found else { return Vec::new() };
        let mut limits = Vec::new();
        for group in below.ancestors() {
            let dir = top.join(group);
            let value = |name: &str| fs::read(dir.join(name)).unwrap_or_default();
            let number = |name: &str| parse::number::<u64>(value(name).trim_ascii());
            // No number: `max`, or no such file at the root.
            let (Some(max), Some(used)) = (number("pids.max"), number("pids.current")) else {
                continue;
            };
            let refused = refusals(&value("pids.events"));
            limits.push(PidsLimit { group: format!("/{}", group.display()), max, used, refused });
        }
        limits
    }

    /// Whether its group, or one above, is frozen: nothing in it runs.
    pub fn is_frozen(&self, membership: &[u8]) -> bool {
        let at = |mount: &Option<Mount>, controller, file: &str| {
            let (top, below) = place(mount.as_ref()?, membership, controller)?;
            fs::read(top.join(below).join(file)).ok()
        };
        let old = at(&self.freezer, Some(&b"freezer"[..]), "freezer.state");
        let new = at(&self.unified, None, "cgroup.events");
        old.is_some_and(|state| state.trim_ascii() == b"FROZEN")
            || new.is_some_and(|events| events.split(|&b| b == b'\n').any(|l| l == b"frozen 1"))
    }
}

fn refusals(events: &[u8]) -> u64 {
    let mut lines = events.split(|&byte| byte == b'\n');
    let count = lines.find_map(|line| line.strip_prefix(b"max "));
    count.and_then(parse::number).unwrap_or(0)
}

/// The mount point, and the group's path below it. `None`: it lies outside of what is mounted.
fn place<'m>(
    mount: &'m Mount,
    membership: &[u8],
    controller: Option<&[u8]>,
) -> Option<(&'m Path, PathBuf)> {
    let group = group(membership, controller)?;
    let group = Path::new(OsStr::from_bytes(group));
    let below = group.strip_prefix(&mount.root).ok()?;
    let inside = below.components().all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| (mount.point.as_path(), below.to_owned()))
}

/// Of `/proc/PID/cgroup` the path in the hierarchy of this controller; `None`: the unified one.
pub fn group<'m>(membership: &'m [u8], controller: Option<&[u8]>) -> Option<&'m [u8]> {
    membership.split(|&byte| byte == b'\n').find_map(|line| {
        let mut parts = line.splitn(3, |&byte| byte == b':');
        let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let wanted = match controller {
            None => number == b"0" && controllers.is_empty(),
            Some(name) => controllers.split(|&byte| byte == b',').any(|one| one == name),
        };
        wanted.then_some(path)
    })
}

/// Spaces and the like are written as three octal digits.
fn path(word: Option<&[u8]>) -> PathBuf {
    let mut bytes = word.unwrap_or_default();
    let mut path = Vec::with_capacity(bytes.len());
    while let Some((&first, rest)) = bytes.split_first() {
        let octal = (first == b'\\').then(|| rest.get(..3)).flatten();
        let byte =
            octal.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        path.push(byte.unwrap_or(first));
        bytes = if byte.is_some() { &rest[3..] } else { rest };
    }
    PathBuf::from(std::ffi::OsString::from_vec(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERSHIP: &[u8] = b"5:cpu,cpuacct:/x\n4:pids:/docker/abc\n1:freezer:/ice\n0::/u\n";

    #[test]
    fn a_group_is_found_by_its_controller() {
        assert_eq!(group(MEMBERSHIP, Some(b"pids")), Some(&b"/docker/abc"[..]));
        assert_eq!(group(MEMBERSHIP, Some(b"cpuacct")), Some(&b"/x"[..]));
        assert_eq!(group(MEMBERSHIP, Some(b"cpua")), None);
        assert_eq!(group(MEMBERSHIP, None), Some(&b"/u"[..]));
    }

    #[test]
    fn mounts_are_told_apart_by_type_and_controllers() {
        let cgroups = Cgroups::of_mountinfo(
            b"39 31 0:36 / /sys/fs/cgroup/p\\040ids rw - cgroup cgroup rw,pids\n\
              37 31 0:34 /a /fr rw,relatime shared:1 - cgroup none rw,freezer,cpu\n\
              41 31 0:38 / /uni rw - cgroup2 cgroup2 rw\n",
        );
        let mount =
            |point: &str, root: &str| Some(Mount { point: point.into(), root: root.into() });
        assert_eq!(cgroups.pids, mount("/sys/fs/cgroup/p ids", "/"));
        assert_eq!(cgroups.freezer, mount("/fr", "/a"));
        assert_eq!(cgroups.unified, mount("/uni", "/"));
    }

    #[test]
    fn limits_are_read_from_the_group_up_and_those_without_a_number_are_none() {
        let top = tempfile::tempdir().unwrap();
        let write = |group: &str, files: &[(&str, &str)]| {
            fs::create_dir_all(top.path().join(group)).unwrap();
            for (name, value) in files {
                fs::write(top.path().join(group).join(name), value).unwrap();
            }
        };
        write("docker/abc", &[("pids.max", "20\n"), ("pids.current", "18\n")]);
        write("docker/abc", &[("pids.events", "max 7\nother 9\n")]);
        write("docker", &[("pids.max", "max\n"), ("pids.current", "18\n")]);
        write("", &[("pids.max", "500\n"), ("pids.current", "90\n")]);
        let mount = Mount { point: top.path().to_owned(), root: "/".into() };
        let cgroups = Cgroups { pids: Some(mount), ..Cgroups::default() };
        let limit =
            |group: &str, max, used, refused| PidsLimit { group: group.into(), max, used, refused };
        assert_eq!(
            cgroups.pids_limits(MEMBERSHIP),
            [limit("/docker/abc", 20, 18, 7), limit("/", 500, 90, 0)]
        );
        assert!(cgroups.pids_limits(b"4:pids:/../outside\n").is_empty(), "not below the mount");
    }

    #[test]
    fn frozen_is_read_in_either_version() {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir_all(top.path().join("ice")).unwrap();
        fs::create_dir_all(top.path().join("u")).unwrap();
        let mount = Mount { point: top.path().to_owned(), root: "/".into() };
        let old = Cgroups { freezer: Some(mount.clone()), ..Cgroups::default() };
        let new = Cgroups { unified: Some(mount), ..Cgroups::default() };
        for (state, events, frozen) in
            [("THAWED\n", "populated 1\nfrozen 0\n", false), ("FROZEN\n", "frozen 1\n", true)]
        {
            fs::write(top.path().join("ice/freezer.state"), state).unwrap();
            fs::write(top.path().join("u/cgroup.events"), events).unwrap();
            assert_eq!(old.is_frozen(MEMBERSHIP), frozen);
            assert_eq!(new.is_frozen(MEMBERSHIP), frozen);
        }
    }
}
