//! Installs what the full test needs and this machine lacks, from Debian's packages.
//!
//! Nothing that is already there is touched, and no service is started: Debian asks
//! `/usr/sbin/policy-rc.d` before it starts one (invoke-rc.d(8)), and while we install, it says no.

use crate::tools::{self, Failure, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Debian package, and how to see that what we want of it is here.
struct Package {
    name: &'static str,
    is_here: fn() -> bool,
}

macro_rules! package {
    ($name:literal has $($program:literal),+) => {
        Package { name: $name, is_here: || [$($program),+].iter().all(|p| program(p)) }
    };
}

const PACKAGES: &[Package] = &[
    package!("tini" has "tini", "tini-static"),
    package!("dumb-init" has "dumb-init"),
    package!("catatonit" has "catatonit"),
    package!("strace" has "strace"),
    package!("util-linux" has "unshare", "nsenter", "setpriv"),
    package!("procps" has "ps"),
    package!("bash" has "bash"),
    package!("dash" has "dash"),
    package!("python3" has "python3"),
    package!("nginx-light" has "nginx"),
    package!("redis-server" has "redis-server", "redis-cli"),
    Package { name: "postgresql", is_here: || !postgres_folders().is_empty() },
    package!("nodejs" has "node"),
    package!("npm" has "npm", "npx"),
    package!("runit" has "runsvdir", "runsv", "sv"),
    package!("s6" has "s6-svscan"),
    package!("gunicorn" has "gunicorn"),
    package!("uvicorn" has "uvicorn"),
    package!("supervisor" has "supervisord"),
    package!("default-jre-headless" has "java"),
    package!("ruby" has "ruby"),
    package!("php-cli" has "php"),
    package!("perl" has "perl"),
    package!("golang-go" has "go"),
    Package { name: "busybox-static", is_here: || Path::new(BUSYBOX_DOC).exists() },
    package!("binutils" has "strip"),
    package!("qemu-system-x86" has "qemu-system-x86_64"),
    package!("docker.io" has "docker", "dockerd"),
    package!("docker-compose" has "docker-compose"),
    package!("runc" has "runc"),
    package!("podman" has "podman"),
];

/// The dynamic busybox has the same path, so the program itself does not tell.
const BUSYBOX_DOC: &str = "/usr/share/doc/busybox-static";

/// Installs what is missing. Root only.
pub fn install_missing() -> Result {
    if !rustix::process::geteuid().is_root() {
        return Err(Failure::usage(
            "test --full installs packages and starts Docker: run it as root, \
             or leave --full out to test what this machine permits",
        ));
    }
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if tools::find_program("apt-get").is_none() {
        return Err(Failure::usage(format_args!(
            "missing: {}; --full installs them with apt-get, which is not here",
            missing.join(" ")
        )));
    }
    let _no_services = NoServices::declare()?;
    tools::step("apt-get update", apt_get().arg("update"))?;
    let name = format!("apt-get install {}", missing.join(" "));
    tools::step(&name, apt_get().args(["install", "--no-install-recommends"]).args(&missing))?;
    // Debian 13 has the client in a package of its own.
    if !program("docker") {
        tools::step("apt-get install docker-cli", apt_get().args(["install", "docker-cli"]))?;
    }
    match self::missing() {
        still if still.is_empty() => Ok(()),
        still => Err(Failure::new(format_args!("installed, yet not found: {}", still.join(" ")))),
    }
}

fn missing() -> Vec<&'static str> {
    PACKAGES.iter().filter(|package| !(package.is_here)()).map(|package| package.name).collect()
}

fn program(name: &str) -> bool {
    tools::find_program(name).is_some()
}

/// Debian keeps each version's server programs in a folder of its own, off PATH.
fn postgres_folders() -> Vec<PathBuf> {
    let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("postgres").is_file()).collect()
}

fn apt_get() -> Command {
    let mut apt_get = Command::new("apt-get");
    apt_get.env("DEBIAN_FRONTEND", "noninteractive").args(["-y", "-q"]);
    apt_get.stdin(std::process::Stdio::null());
    apt_get
}

/// 101: "action forbidden by policy", /usr/share/doc/init-system-helpers. The comment tells our
/// file from another's, should we be killed before we remove it.
const POLICY: &str = "#!/bin/sh\n# cargo xtask test --full is installing\nexit 101\n";

/// While this lives no package starts its service. A policy that was there before is kept.
struct NoServices {
    ours: Option<&'static Path>,
}

impl NoServices {
    fn declare() -> Result<NoServices> {
        let policy = Path::new("/usr/sbin/policy-rc.d");
        if std::fs::read(policy).is_ok_and(|there| there != POLICY.as_bytes()) {
            return Ok(NoServices { ours: None });
        }
        let write = || {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(policy, POLICY)?;
            std::fs::set_permissions(policy, PermissionsExt::from_mode(0o755))
        };
        match write() {
            Ok(()) => Ok(NoServices { ours: Some(policy) }),
            Err(error) => Err(Failure::new(format_args!("{}: {error}", policy.display()))),
        }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(policy) = self.ours {
            let _ = std::fs::remove_file(policy);
        }
    }
}
