//! Programs whose habits are known, told by the file they execute and by what they are called.

use crate::proc::close::{CloseUp, base};
use crate::proc::table::Process;

/// What kind of program a process runs, as far as it matters for signals and zombies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// It runs a trap only when its foreground child has ended.
    Shell,
    /// Its own handler for TERM does nothing to PID 1: it resets the signal and raises it again.
    Node,
    /// It leaves on TERM, and its server behind.
    Launcher,
    /// It passes signals to its main command, and leaves when that does.
    Init,
    /// It passes signals on too, but lets the others end before it leaves.
    DrainingInit,
    /// On TERM it executes itself anew; it stops on RTMIN+3.
    Systemd,
    /// What a container engine has outside of the container.
    Shim,
    /// A part of a browser, or of what starts desktop applications, in a namespace of its own.
    Sandbox,
    /// Any other.
    Other,
}

const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];
const LAUNCHERS: [&str; 7] = ["npm", "npx", "yarn", "yarnpkg", "pnpm", "pnpx", "corepack"];
const INITS: [&str; 7] = [
    "tini",
    "tini-static",
    "docker-init",
    "dumb-init",
    "catatonit",
    "podman-init",
    "container-init",
];
const SHIMS: [&str; 7] = [
    "containerd-shim",
    "containerd-shim-runc-v2",
    "containerd-shim-runc-v1",
    "conmon",
    "runc",
    "crun",
    "docker-containerd-shim",
];

const SANDBOXES: [&str; 9] = [
    "chrome",
    "chromium",
    "msedge",
    "brave",
    "electron",
    "nacl_helper",
    "firefox",
    "bwrap",
    "Web Content",
];

impl Program {
    /// Judged by the names the process has.
    pub fn of(process: &Process, close: Option<&CloseUp>) -> Program {
        let names = names(process, close);
        let is = |list: &[&str]| names.iter().any(|name| list.contains(&name.as_str()));
        let arguments = close.map_or(&[][..], |close| &close.arguments);
        match () {
            () if is(&["systemd"]) => Program::Systemd,
            () if is(&["sexton-init"]) => Program::DrainingInit,
            // Under another's name it is told by what it waits for: libc's "all" lacks 32 and 33.
            () if is(&INITS) && close.is_some_and(CloseUp::awaits_all) => Program::DrainingInit,
            () if is(&INITS) => Program::Init,
            () if is_shim(&names) => Program::Shim,
            () if is(&SANDBOXES) => Program::Sandbox,
            () if is_launcher(arguments) => Program::Launcher,
            () if is(&["node", "nodejs"]) => Program::Node,
            () if is(&SHELLS) || is_busybox_shell(arguments) => Program::Shell,
            () => Program::Other,
        }
    }

    /// Whether it asks the kernel for strangers' orphans. That cannot be seen from outside.
    pub fn is_subreaper(self) -> bool {
        matches!(self, Program::Init | Program::DrainingInit | Program::Systemd | Program::Shim)
    }

    /// Whether it passes the stop signal to one main command.
    pub fn forwards(self) -> bool {
        matches!(self, Program::Init | Program::DrainingInit)
    }
}

/// The file's name, the kernel's, and the one it was called by: the file's is missing without
/// rights, and a name may have been changed.
fn names(process: &Process, close: Option<&CloseUp>) -> Vec<String> {
    let mut names = vec![String::from_utf8_lossy(&process.name).into_owned()];
    if let Some(close) = close {
        names.extend(close.executable.as_deref().map(base));
        names.extend(close.arguments.first().map(|first| base(first)));
    }
    names
}

/// `busybox sh`; called `sh` it is known by that name, and called `sleep` it is no shell.
fn is_busybox_shell(arguments: &[Vec<u8>]) -> bool {
    let [first, applet, ..] = arguments else { return false };
    base(first).starts_with("busybox") && ["sh", "ash"].contains(&base(applet).as_str())
}

fn is_shim(names: &[String]) -> bool {
    // The kernel cuts names after 15 bytes.
    names.iter().any(|name| SHIMS.contains(&name.as_str()) || name == "containerd-shim")
}

/// `npm start` as a title, or `node /usr/bin/npm start` as arguments.
fn is_launcher(arguments: &[Vec<u8>]) -> bool {
    let is_one = |word: &[u8]| {
        let name = base(word);
        let name = name.strip_suffix(".js").or(name.strip_suffix(".cjs")).unwrap_or(&name);
        let name = name.strip_suffix("-cli").unwrap_or(name);
        LAUNCHERS.contains(&name)
    };
    let Some(first) = arguments.first() else { return false };
    let title = first.split(|&byte| byte == b' ').next().unwrap_or_default();
    let runs_script = ["node", "nodejs"].contains(&base(first).as_str());
    is_one(title) || (runs_script && arguments.get(1).is_some_and(|script| is_one(script)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::process;

    #[track_caller]
    fn check(executable: &str, arguments: &[&str], expected: Program) {
        let close = CloseUp {
            executable: Some(executable.into()),
            arguments: arguments.iter().map(|one| one.as_bytes().to_vec()).collect(),
            ..CloseUp::default()
        };
        assert_eq!(
            Program::of(&process(2, 1), Some(&close)),
            expected,
            "{executable} {arguments:?}"
        );
    }

    #[test]
    fn programs_are_known_by_any_of_their_names() {
        check("/bin/busybox (deleted)", &["sh", "-c", "x"], Program::Shell);
        check("/bin/busybox", &["busybox", "sh", "-c", "x"], Program::Shell);
        check("/bin/busybox", &["sleep", "600"], Program::Other);
        check("/bin/busybox", &["busybox", "sleep", "600"], Program::Other);
        check("/usr/bin/bash", &["-bash"], Program::Shell);
        check("/usr/bin/node", &["node", "app.js"], Program::Node);
        check("/usr/bin/node", &["npm start"], Program::Launcher);
        check(
            "/usr/bin/node",
            &["node", "/usr/lib/node_modules/npm/bin/npm-cli.js"],
            Program::Launcher,
        );
        check("/usr/bin/node", &["node", "/usr/bin/yarn.js"], Program::Launcher);
        check("/usr/bin/node", &["node", "npm-server.js"], Program::Node);
        check("/sbin/docker-init", &["/sbin/docker-init", "--", "x"], Program::Init);
        check("/opt/google/chrome/chrome", &["--type=zygote"], Program::Sandbox);
        check("/usr/bin/vi", &["vi", "npm"], Program::Other);
        check("/usr/sbin/sshd", &["sshd: npm [priv]"], Program::Other);
    }
}
