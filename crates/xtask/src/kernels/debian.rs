//! Debian's kernels, from the mirror that this machine's apt is set to.
//!
//! apt looks into suites that are not this machine's, in folders of our own: nothing of its
//! configuration or its lists is touched, and it checks Debian's signature as ever.

use crate::tools::{self, Failure, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A kernel to be had.
#[derive(Debug)]
pub struct Wanted {
    /// How its version begins; empty for the newest.
    pub series: &'static str,
    /// Where to look for it, one after the other.
    suites: &'static [&'static str],
}

/// The small suites first: their index is loaded in a moment.
pub const WANTED: [Wanted; 4] = [
    Wanted { series: "5.10", suites: &["bullseye-security", "bullseye"] },
    Wanted { series: "6.1", suites: &["bookworm-security", "bookworm"] },
    Wanted { series: "6.12", suites: &["trixie-security", "trixie"] },
    Wanted { series: "", suites: &["trixie-backports", "sid"] },
];

/// The package that depends on the suite's own kernel. This flavour is the one for machines
/// without hardware, and the smallest.
const META: &str = "linux-image-cloud-amd64";

impl Wanted {
    /// What it is called by people.
    pub fn name(&self) -> &'static str {
        if self.series.is_empty() { "newest" } else { self.series }
    }

    /// Whether this is the version that is wanted. The newest is another than the rest.
    pub fn is(&self, version: &str) -> bool {
        let begins = |series: &str| version.starts_with(&format!("{series}."));
        match self.series {
            "" => !WANTED.iter().any(|other| !other.series.is_empty() && begins(other.series)),
            series => begins(series),
        }
    }

    /// The kernel's file, under `folder`: loaded now, or some time before.
    pub fn file(&self, folder: &Path) -> Result<PathBuf> {
        let own = folder.join(self.name());
        let file = own.join("vmlinuz");
        if !file.exists() {
            let name = format!("load Debian's kernel {}", self.name());
            tools::timed(&name, || self.load(&own, &file))?;
        }
        Ok(file)
    }

    fn load(&self, own: &Path, file: &Path) -> Result {
        if tools::find_program("apt-get").is_none() {
            return Err(Failure::new("apt-get is not here"));
        }
        let mut why = Failure::new("no suite");
        // What an attempt has left that was broken off.
        let _ = fs::remove_dir_all(own);
        for suite in self.suites {
            match Apt::with(own, suite).and_then(|apt| self.load_from(&apt, own)) {
                Ok(found) => return fs::rename(found, file).map_err(Failure::new),
                Err(failure) => why = Failure::new(format_args!("{suite}: {}", failure.words)),
            }
        }
        Err(why)
    }

    fn load_from(&self, apt: &Apt, own: &Path) -> Result<PathBuf> {
        let about = apt.output("apt-cache", &["show", META])?;
        let version = version_in(&about)
            .filter(|version| self.is(version))
            .ok_or_else(|| Failure::new(format_args!("has no kernel {}", self.name())))?;
        // Since 7.x the file itself is in a package of its own.
        let binary = format!("linux-binary-{version}");
        let names = apt.output("apt-cache", &["pkgnames", &binary])?;
        let package = match names.lines().any(|name| name == binary) {
            true => binary,
            false => format!("linux-image-{version}"),
        };
        apt.output("apt-get", &["-q", "download", &package])?;
        unpack(own)
    }
}

/// `5.10.0-46-cloud-amd64`, from the dependencies of [`META`].
fn version_in(about: &str) -> Option<&str> {
    let depends = about.lines().find_map(|line| line.strip_prefix("Depends: "))?;
    depends.split(", ").find_map(|one| one.strip_prefix("linux-image-")?.split(' ').next())
}

/// The kernel out of the one package in this folder, and the package removed.
fn unpack(own: &Path) -> Result<PathBuf> {
    let deb = find(own, &|name| name.ends_with(".deb"));
    let deb = deb.ok_or_else(|| Failure::new("apt-get download brought nothing"))?;
    let tree = own.join("tree");
    tools::output(Command::new("dpkg-deb").arg("-x").arg(&deb).arg(&tree))?;
    let kernel = find(&tree, &|name| name.starts_with("vmlinuz"));
    let kernel = kernel.ok_or_else(|| Failure::new(format_args!("no vmlinuz in {deb:?}")))?;
    let kept = own.join("unpacked");
    let tidy = || {
        fs::rename(kernel, &kept)?;
        fs::remove_dir_all(&tree)?;
        fs::remove_file(&deb)
    };
    tidy().map_err(Failure::new)?;
    Ok(kept)
}

/// The first file of such a name, in the folder or deeper.
fn find(folder: &Path, is_it: &dyn Fn(&str) -> bool) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut folders = Vec::new();
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => folders.push(entry.path()),
            Ok(kind) if kind.is_file() && is_it(&entry.file_name().to_string_lossy()) => {
                return Some(entry.path());
            }
            _ => {}
        }
    }
    folders.iter().find_map(|folder| find(folder, is_it))
}

/// apt, as it sees one suite.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    /// In folders of its own under `own`, with the suite's index loaded.
    fn with(own: &Path, suite: &str) -> Result<Apt> {
        let apt = Apt { folder: own.into() };
        let write = || {
            fs::create_dir_all(own.join("state"))?;
            fs::create_dir_all(own.join("cache"))?;
            fs::write(own.join("status"), "")?;
            fs::write(own.join("sources.list"), source(suite, &mirrors()))?;
            fs::write(own.join("apt.conf"), configuration(own))
        };
        write().map_err(|error| Failure::new(format_args!("{}: {error}", own.display())))?;
        // Without the last word it would go on with what it has, and succeed.
        apt.output("apt-get", &["-q", "update", "--error-on=any"])?;
        Ok(apt)
    }

    fn output(&self, program: &str, words: &[&str]) -> Result<String> {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).arg("-c").arg(self.folder.join("apt.conf"));
        let output = command.args(words).stdin(Stdio::null()).output().map_err(Failure::new)?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => {
                let said = String::from_utf8_lossy(&output.stderr);
                let reason = said.lines().find(|line| line.starts_with("E: "));
                let reason = reason.or(said.lines().next()).unwrap_or("failed");
                Err(Failure::new(format_args!("{program} {}: {reason}", words.join(" "))))
            }
        }
    }
}

/// Read after this machine's own configuration, so that its proxies hold (apt-get(8), `-c`), and
/// what others have it do after an update does not.
fn configuration(own: &Path) -> String {
    let own = own.display();
    format!(
        "Dir::Etc::sourcelist \"{own}/sources.list\";\n\
         Dir::Etc::sourceparts \"-\";\n\
         Dir::State \"{own}/state\";\n\
         Dir::State::status \"{own}/status\";\n\
         Dir::Cache \"{own}/cache\";\n\
         APT::Architecture \"amd64\";\n\
         APT::Architectures {{ \"amd64\"; }};\n\
         APT::Sandbox::User \"root\";\n\
         #clear APT::Update::Post-Invoke;\n\
         #clear APT::Update::Post-Invoke-Success;\n\
         #clear Acquire::IndexTargets::deb::DEP-11;\n"
    )
}

/// Where this machine's apt has Debian and its security updates from, as far as it says.
fn mirrors() -> String {
    let mut targets = Command::new("apt-get");
    targets.args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
    tools::output(&mut targets).unwrap_or_default()
}

/// The line for the suite in a sources.list(5).
fn source(suite: &str, mirrors: &str) -> String {
    let archive = if suite.ends_with("-security") { "debian-security" } else { "debian" };
    let is_it = |uri: &&str| uri.trim_end_matches('/').ends_with(&format!("/{archive}"));
    let default = format!("http://deb.debian.org/{archive}");
    let uri = mirrors.lines().find(is_it).unwrap_or(&default);
    let keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let signed =
        if Path::new(keys).exists() { format!("[signed-by={keys}] ") } else { String::new() };
    format!("deb {signed}{uri} {suite} main\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_this_machines_own_and_else_debians() {
        let mirrors = "http://other.example/apt/\nhttp://near.example/debian/\n";
        assert!(source("sid", mirrors).ends_with("http://near.example/debian/ sid main\n"));
        let security = source("trixie-security", mirrors);
        let expected = "http://deb.debian.org/debian-security trixie-security main\n";
        assert!(security.ends_with(expected), "{security}");
    }

    #[test]
    fn the_suites_own_kernel_is_the_one_that_it_depends_on() {
        let about = "Package: linux-image-cloud-amd64\nDepends: linux-base-cloud-amd64 (= 7), \
                     linux-image-7.3.4+deb13-cloud-amd64 (= 7), linux-modules-cloud-amd64 (= 7)\n";
        assert_eq!(version_in(about), Some("7.3.4+deb13-cloud-amd64"));
        assert_eq!(version_in("Package: x\nDepends: y\n"), None);
    }

    #[test]
    fn a_series_is_not_another_that_begins_alike_and_the_newest_is_none_of_them() {
        let [_, six_one, _, newest] = &WANTED;
        assert!(six_one.is("6.1.0-56-cloud-amd64") && !six_one.is("6.12.118+deb13-cloud-amd64"));
        assert!(newest.is("7.3.4+deb13-cloud-amd64") && !newest.is("6.12.118+deb13-cloud-amd64"));
    }
}
