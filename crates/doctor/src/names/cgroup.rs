//! Which container a process belongs to, by the path of its control group.

use crate::proc::cgroups::group;
use serde::Serialize;

/// A container, as far as a path tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Who made it.
    pub engine: Engine,
    /// 64 hex digits, or a name where the engine writes names.
    pub id: String,
    /// The pod's UID, if Kubernetes made it.
    pub pod: Option<String>,
}

/// Who makes containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Docker
    Docker,
    /// podman
    Podman,
    /// containerd, for Kubernetes or alone
    Containerd,
    /// CRI-O
    Crio,
    /// LXC
    Lxc,
    /// systemd-nspawn
    Nspawn,
    /// The path names a container, and not whose
    Unknown,
}

impl Engine {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Docker => "docker",
            Engine::Podman => "podman",
            Engine::Containerd => "containerd",
            Engine::Crio => "cri-o",
            Engine::Lxc => "lxc",
            Engine::Nspawn => "nspawn",
            Engine::Unknown => "container",
        }
    }
}

/// What systemd's scopes of containers are called, before the id.
const SCOPES: [(&str, Engine); 4] = [
    ("docker-", Engine::Docker),
    ("libpod-", Engine::Podman),
    ("cri-containerd-", Engine::Containerd),
    ("crio-", Engine::Crio),
];

/// From `/proc/PID/cgroup`. `None`: in no container, or in one whose path is not known to us.
///
/// The unified hierarchy first, then the others: engines put all of them at the same path.
pub fn place(membership: &[u8]) -> Option<Place> {
    let unified = group(membership, None).into_iter();
    let others = membership.split(|&byte| byte == b'\n');
    let others = others.filter_map(|line| line.splitn(3, |&byte| byte == b':').nth(2));
    unified.chain(others).find_map(of_path)
}

/// The innermost container that the path goes through: there are containers in containers.
fn of_path(path: &[u8]) -> Option<Place> {
    let path = std::str::from_utf8(path).ok()?;
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let found = (0..parts.len()).rev().find_map(|index| {
        let before = index.checked_sub(1).map(|before| parts[before]);
        of_part(parts[index], before)
    });
    let (engine, id) = found?;
    let pod = parts.iter().rev().find_map(|part| pod(part));
    Some(Place { engine, id, pod })
}

fn of_part(part: &str, before: Option<&str>) -> Option<(Engine, String)> {
    let name = part.strip_suffix(".scope").unwrap_or(part);
    for (prefix, engine) in SCOPES {
        if let Some(id) = name.strip_prefix(prefix).filter(|id| is_id(id)) {
            return Some((engine, id.to_owned()));
        }
    }
    if is_id(name) {
        let engine = match before {
            Some("docker") => Engine::Docker,
            Some("libpod_parent" | "machine.slice" | "user.slice") => Engine::Podman,
            // nerdctl and ctr: containerd's own namespace.
            Some("default" | "k8s.io") => Engine::Containerd,
            _ => Engine::Unknown,
        };
        return Some((engine, name.to_owned()));
    }
    if let Some(id) = name.strip_prefix("libpod-").filter(|id| is_id(id)) {
        return Some((Engine::Podman, id.to_owned()));
    }
    if let Some(id) = part.strip_prefix("lxc.payload.") {
        return Some((Engine::Lxc, id.to_owned()));
    }
    let nspawn =
        part.strip_prefix("systemd-nspawn@").and_then(|rest| rest.strip_suffix(".service"));
    nspawn.map(|id| (Engine::Nspawn, id.to_owned()))
}

fn is_id(word: &str) -> bool {
    word.len() == 64
        && word.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// `pod0a1b…` or `kubepods-burstable-pod0a1b_….slice`, with the UID's dashes written either way.
fn pod(part: &str) -> Option<String> {
    let part = part.strip_suffix(".slice").unwrap_or(part);
    let uid = &part[part.rfind("pod")? + "pod".len()..];
    let uid = uid.replace('_', "-");
    let digits = uid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    // Static pods have the hash of their file for a UID.
    (digits && (uid.len() == 36 || uid.len() == 32)).then_some(uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f2a000000000000000000000000000000000000000000000000000000000001";

    #[track_caller]
    fn check(path: &str, engine: Engine, pod: Option<&str>) {
        let path = path.replace("ID", ID);
        let found = place(format!("0::{path}\n").as_bytes()).unwrap();
        assert_eq!(found, Place { engine, id: ID.into(), pod: pod.map(Into::into) }, "{path}");
    }

    #[test]
    fn every_engine_is_known_by_its_path() {
        check("/docker/ID", Engine::Docker, None);
        check("/system.slice/docker-ID.scope", Engine::Docker, None);
        check("/system.slice/docker-ID.scope/init.scope", Engine::Docker, None);
        check("/machine.slice/libpod-ID.scope/container", Engine::Podman, None);
        check("/libpod_parent/libpod-ID", Engine::Podman, None);
        check("/default/ID", Engine::Containerd, None);
        let uid = "0a1b2c3d-0000-1111-2222-333344445555";
        let slice = format!("kubepods-burstable-pod{}.slice", uid.replace('-', "_"));
        let path = format!("/kubepods.slice/{slice}/cri-containerd-ID.scope");
        check(&path, Engine::Containerd, Some(uid));
        check(&format!("/kubepods/besteffort/pod{uid}/ID"), Engine::Unknown, Some(uid));
        check(&format!("/kubepods/pod{uid}/crio-ID"), Engine::Crio, Some(uid));
    }

    #[test]
    fn a_container_in_a_container_is_the_inner_one() {
        let outer = ID.replace("3f2a", "ffff");
        check(&format!("/docker/{outer}/docker/ID"), Engine::Docker, None);
    }

    #[test]
    fn what_is_in_no_container_has_none() {
        for path in ["/", "/user.slice/session-1.scope", "/system.slice/docker.service", ""] {
            assert_eq!(place(format!("0::{path}\n").as_bytes()), None, "{path}");
        }
        let conmon = format!("0::/machine.slice/libpod-conmon-{ID}.scope\n");
        assert_eq!(place(conmon.as_bytes()), None, "podman's own process is outside");
    }

    #[test]
    fn the_old_hierarchies_are_asked_where_the_unified_one_says_nothing() {
        let text = format!("8:pids:/docker/{ID}\n0::/\n");
        assert_eq!(place(text.as_bytes()).unwrap().id, ID);
    }
}
