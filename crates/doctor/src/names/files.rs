//! Names without an engine: the links that the kubelet makes, and podman's list of containers.

use super::cgroup::Engine;
use super::{Known, Names};
use serde_json::Value;
use sexton_core::signal::Signal;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the kubelet links each container's log.
const LOGS: &str = "/var/log/containers";

/// The largest of these files that is read.
const FILE_MAX: u64 = 16 << 20;

/// Looks up each of these.
pub fn ask(ids: &[String], names: &mut Names) {
    kubelet(Path::new(LOGS), ids, names);
    for storage in storages() {
        podman(&storage, ids, names);
    }
}

/// podman's storage, root's and our own.
fn storages() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = home.map(|home| home.join(".local/share/containers/storage"));
    std::iter::once("/var/lib/containers/storage".into()).chain(own).collect()
}

/// `POD_NAMESPACE_CONTAINER-ID.log`
fn kubelet(logs: &Path, ids: &[String], names: &mut Names) {
    let Ok(entries) = fs::read_dir(logs) else { return };
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let Some((title, id)) = file.strip_suffix(".log").and_then(|rest| rest.rsplit_once('-'))
        else {
            continue;
        };
        let mut parts = title.splitn(3, '_');
        let (Some(pod), Some(namespace), Some(container)) =
            (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if ids.iter().any(|one| one == id) {
            let pod = Some(format!("{namespace}/{pod}"));
            names.tell(id, Known { name: Some(container.to_owned()), pod, ..Known::default() });
        }
    }
}

/// `overlay-containers/containers.json` has the names, the bundle's `config.json` the stop signal
/// (an annotation of the OCI image specification).
fn podman(storage: &Path, ids: &[String], names: &mut Names) {
    for driver in ["overlay", "vfs", "btrfs", "zfs"] {
        let folder = storage.join(format!("{driver}-containers"));
        let Some(Value::Array(list)) = json(&folder.join("containers.json")) else { continue };
        for container in &list {
            let Some(id) = container["id"].as_str().filter(|id| ids.iter().any(|one| one == id))
            else {
                continue;
            };
            let config = json(&folder.join(id).join("userdata/config.json")).unwrap_or_default();
            let stop = config["annotations"]["org.opencontainers.image.stopSignal"].as_str();
            names.tell(
                id,
                Known {
                    engine: Some(Engine::Podman),
                    name: container["names"][0].as_str().map(str::to_owned),
                    pod: None,
                    stop_signal: stop.and_then(|word| Signal::parse(word.as_bytes())),
                },
            );
        }
    }
}

fn json(file: &Path) -> Option<Value> {
    let small = fs::metadata(file).ok().filter(|meta| meta.is_file() && meta.len() < FILE_MAX);
    serde_json::from_slice(&fs::read(small.map(|_| file)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::cgroup::Place;

    fn container(names: &Names, id: &str) -> crate::names::Container {
        names.container(&Place { engine: Engine::Unknown, id: id.into(), pod: None })
    }

    #[test]
    fn the_kubelets_links_name_pod_and_container() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("web-1_shop_app-3f2a.log"), "").unwrap();
        fs::write(folder.path().join("other"), "").unwrap();
        let mut names = Names::default();
        kubelet(folder.path(), &["3f2a".into()], &mut names);
        assert_eq!(container(&names, "3f2a").title(), "shop/web-1/app");
        assert_eq!(container(&names, "ffff").title(), "ffff");
    }

    #[test]
    fn podmans_list_names_containers_and_the_bundle_their_stop_signal() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("vfs-containers");
        fs::create_dir_all(list.join("3f2a/userdata")).unwrap();
        let entries = r#"[{"id": "3f2a", "names": ["web"]}, {"id": "ffff", "names": ["no"]}]"#;
        fs::write(list.join("containers.json"), entries).unwrap();
        let config = r#"{"annotations": {"org.opencontainers.image.stopSignal": "3"}}"#;
        fs::write(list.join("3f2a/userdata/config.json"), config).unwrap();
        let mut names = Names::default();
        podman(folder.path(), &["3f2a".into()], &mut names);
        let container = container(&names, "3f2a");
        assert_eq!((container.name.as_deref(), container.engine), (Some("web"), Engine::Podman));
        assert_eq!(container.stop_signal.as_deref(), Some("QUIT"));
    }
}
