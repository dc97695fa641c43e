//! The initramfs: the init, the probe and the tests, and of this machine's own system the programs
//! that they call, with their libraries.

use crate::suites::Run;
use crate::tools::{self, Failure, Result, root};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the tests and `guest.sh` call: programs, and the Debian package that has them.
const PROGRAMS: &[(&str, &[&str])] = &[
    ("bash", &["bash"]),
    ("dash", &["sh"]),
    (
        "coreutils",
        &["cat", "chroot", "cp", "ls", "mkdir", "mkfifo", "seq", "sleep", "touch", "true"],
    ),
    ("grep", &["grep"]),
    ("mount", &["mount"]),
    ("util-linux", &["nsenter", "prlimit", "setpriv", "setsid", "unshare"]),
    ("strace", &["strace"]),
    ("busybox-static", &["busybox"]),
];

/// What makes the image, beside busybox.
const STRIP: (&str, &str) = ("binutils", "strip");

/// What of all that is missing here, by Debian's packages.
pub fn missing() -> Vec<&'static str> {
    let wanted = PROGRAMS.iter().flat_map(|(package, names)| names.iter().map(|n| (*package, *n)));
    let missing = wanted.chain([STRIP]).filter(|(_, name)| tools::find_program(name).is_none());
    BTreeSet::from_iter(missing.map(|(package, _)| package)).into_iter().collect()
}

/// Makes the image in `folder`.
pub fn build(folder: &Path, runs: &[Run]) -> Result<PathBuf> {
    let tree = folder.join("root");
    if tree.exists() {
        fs::remove_dir_all(&tree).map_err(Failure::new)?;
    }
    skeleton(&tree).map_err(Failure::new)?;
    let ours = tree.join("sexton");
    let release = tools::target_dir()?.join("release");
    for name in ["sexton-init", "probe"] {
        install(&release.join(name), &ours.join(name))?;
    }
    install(&root().join("crates/xtask/assets/guest.sh"), &ours.join("guest.sh"))?;
    let mut libraries = BTreeSet::new();
    for run in runs {
        let to = ours.join("tests").join(run.name);
        tools::output(Command::new(STRIP.1).arg("-o").arg(&to).arg(&run.executable))?;
        libraries.append(&mut libraries_of(&to)?);
    }
    for name in PROGRAMS.iter().flat_map(|(_, names)| names.iter()) {
        let from = tools::find_program(name).expect("nothing is missing");
        install(&from, &tree.join("usr/bin").join(name))?;
        libraries.append(&mut libraries_of(&from)?);
    }
    for library in libraries {
        install(&library, &tree.join(under_usr(&library)))?;
    }
    fs::write(ours.join("plan"), plan(runs)).map_err(Failure::new)?;
    pack(&tree, &folder.join("initramfs.cpio"))
}

/// A line for each: its name and its words.
fn plan(runs: &[Run]) -> String {
    let line = |run: &Run| format!("{} {}\n", run.name, run.words.join(" "));
    runs.iter().map(line).collect()
}

/// The folders, and the two users that tests name.
fn skeleton(tree: &Path) -> std::io::Result<()> {
    for folder in ["dev", "etc", "proc", "sexton/tests", "sys", "tmp", "usr/bin", "usr/sbin"] {
        fs::create_dir_all(tree.join(folder))?;
    }
    for folder in ["bin", "sbin", "lib", "lib64"] {
        fs::create_dir_all(tree.join("usr").join(folder))?;
        symlink(Path::new("usr").join(folder), tree.join(folder))?;
    }
    let users = "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n";
    fs::write(tree.join("etc/passwd"), users)?;
    fs::write(tree.join("etc/group"), "root:x:0:\nnogroup:x:65534:\n")
}

/// A program that is there for all to run.
fn install(from: &Path, to: &Path) -> Result {
    let copy = || {
        fs::create_dir_all(to.parent().expect("it has a folder"))?;
        fs::copy(from, to)?;
        fs::set_permissions(to, PermissionsExt::from_mode(0o755))
    };
    copy().map_err(|error| Failure::new(format_args!("{}: {error}", from.display())))
}

/// What the loader would load for a program; nothing for a static one.
fn libraries_of(program: &Path) -> Result<BTreeSet<PathBuf>> {
    let output = Command::new("ldd").arg(program).output();
    let output = output.map_err(|error| Failure::new(format_args!("ldd: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if let Some(line) = text.lines().find(|line| line.contains("not found")) {
        return Err(Failure::new(format_args!("{}: {}", program.display(), line.trim())));
    }
    Ok(loaded(&text))
}

/// The paths in what ldd(1) says: `libc.so.6 => /lib/…/libc.so.6 (0x…)`, `/lib64/ld-… (0x…)`.
fn loaded(text: &str) -> BTreeSet<PathBuf> {
    let words = text.lines().flat_map(|line| line.split_whitespace());
    words.filter(|word| word.starts_with('/')).map(PathBuf::from).collect()
}

/// Where Debian has it since `/lib` is a link into `/usr`.
fn under_usr(path: &Path) -> PathBuf {
    let relative = path.strip_prefix("/").unwrap_or(path);
    match relative.starts_with("usr") {
        true => relative.into(),
        false => Path::new("usr").join(relative),
    }
}

/// The kernel unpacks a cpio archive of the "newc" kind (buffer-format.rst).
fn pack(tree: &Path, image: &Path) -> Result<PathBuf> {
    let file = fs::File::create(image).map_err(Failure::new)?;
    let script = "busybox find . | busybox cpio -o -H newc -R 0:0";
    let mut pack = Command::new("sh");
    pack.args(["-c", script]).current_dir(tree).stdout(file).stderr(Stdio::null());
    match pack.status().map_err(Failure::new)?.success() {
        true => Ok(image.into()),
        false => Err(Failure::new(format_args!("{script}: failed in {}", tree.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_those_that_the_loader_names() {
        let text = "\tlinux-vdso.so.1 (0x00007ffc)\n\tlibc.so.6 => /lib/x/libc.so.6 (0x7f)\n\
                    \t/lib64/ld-linux-x86-64.so.2 (0x7f)\n";
        let found: Vec<PathBuf> = loaded(text).into_iter().collect();
        assert_eq!(found, ["/lib/x/libc.so.6", "/lib64/ld-linux-x86-64.so.2"].map(PathBuf::from));
        assert!(loaded("\tnot a dynamic executable\n").is_empty());
    }

    #[test]
    fn all_is_under_usr_whether_debian_has_moved_it_or_not() {
        for path in ["/lib/x/libc.so.6", "/usr/lib/x/libc.so.6"] {
            assert_eq!(under_usr(Path::new(path)), Path::new("usr/lib/x/libc.so.6"));
        }
    }
}
