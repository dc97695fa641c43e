//! Names without an engine: the links that the kubelet makes, and the arguments of conmon.

use super::{Known, Names};
use serde_json::Value;
use sexton_core::signal::Signal;
use std::fs;
use std::path::Path;

/// Where the kubelet links each container's log.
const LOGS: &str = "/var/log/containers";

/// The largest of these files that is read.
const FILE_MAX: u64 = 16 << 20;

/// Looks up each of these in what the kubelet leaves.
pub fn ask(ids: &[String], names: &mut Names) {
    kubelet(Path::new(LOGS), ids, names);
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

/// podman's and CRI-O's monitor outside of each container is told in its arguments which that is:
/// `conmon … -c ID … -n NAME … -b BUNDLE …`. The bundle's `config.json` has the stop signal, as an
/// annotation of the OCI image specification.
pub fn conmon(arguments: &[Vec<u8>]) -> Option<(String, Known)> {
    let behind = |option: &str| {
        let at = arguments.iter().position(|word| word == option.as_bytes())?;
        Some(String::from_utf8_lossy(arguments.get(at + 1)?).into_owned())
    };
    let config = behind("-b").and_then(|bundle| json(&Path::new(&bundle).join("config.json")));
    let stop = config.as_ref().and_then(|config| {
        let word = config["annotations"]["org.opencontainers.image.stopSignal"].as_str()?;
        Signal::parse(word.as_bytes())
    });
    Some((behind("-c")?, Known { name: behind("-n"), stop_signal: stop, ..Known::default() }))
}

fn json(file: &Path) -> Option<Value> {
    let small = fs::metadata(file).ok().filter(|meta| meta.is_file() && meta.len() < FILE_MAX);
    serde_json::from_slice(&fs::read(small.map(|_| file)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::cgroup::{Engine, Place};

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
    fn conmons_arguments_name_the_container_and_its_bundle_the_stop_signal() {
        let folder = tempfile::tempdir().unwrap();
        let config = r#"{"annotations": {"org.opencontainers.image.stopSignal": "3"}}"#;
        fs::write(folder.path().join("config.json"), config).unwrap();
        let bundle = folder.path().to_str().unwrap();
        let words = ["/usr/bin/conmon", "-s", "-c", "3f2a", "-b", bundle, "-n", "web", "--", "-n"];
        let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        let (id, known) = conmon(&words).unwrap();
        assert_eq!((id.as_str(), known.name.as_deref()), ("3f2a", Some("web")));
        assert_eq!(known.stop_signal, Some(Signal::QUIT));
        assert_eq!(conmon(&words[..2]), None);
    }
}
