//! Which kind of file it is, by its name and, for YAML, by what stands in it.

use std::path::Path;

/// The kinds of files that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Dockerfile or Containerfile.
    Dockerfile,
    /// A shell script that is an entrypoint.
    Script,
    /// A compose file.
    Compose,
    /// A manifest, if the text says so.
    Kubernetes,
}

impl Kind {
    /// Every kind, as it is named on the command line.
    pub const NAMES: &[(&str, Kind)] = &[
        ("dockerfile", Kind::Dockerfile),
        ("script", Kind::Script),
        ("compose", Kind::Compose),
        ("kubernetes", Kind::Kubernetes),
    ];

    /// By the file's name; `None` for files that are none of ours.
    pub fn of(path: &Path) -> Option<Kind> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let first = name.split('.').next().unwrap_or("");
        let yaml = matches!(extension, "yml" | "yaml");
        if matches!(first, "dockerfile" | "containerfile") && !OTHER.contains(&extension)
            || matches!(extension, "dockerfile" | "containerfile")
        {
            return Some(Kind::Dockerfile);
        }
        if yaml {
            let compose = ["compose", "docker-compose", "podman-compose"];
            let is_compose = compose.iter().any(|word| {
                first
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
            });
            return Some(if is_compose { Kind::Compose } else { Kind::Kubernetes });
        }
        if extension == "json" {
            return Some(Kind::Kubernetes);
        }
        let script = matches!(extension, "sh" | "bash") || !name.contains('.');
        (script && first.contains("entrypoint")).then_some(Kind::Script)
    }

    /// By the beginning of the text: for a file that was named by hand, whatever it is called.
    pub fn of_text(text: &str) -> Option<Kind> {
        if text.starts_with("#!") {
            let line = text.lines().next()?;
            return line.contains("sh").then_some(Kind::Script);
        }
        let lines = || text.lines().map(str::trim_end);
        let key = |key: &str| lines().any(|line| line.starts_with(key));
        if key("apiVersion:") && text.contains("kind:") || text.trim_start().starts_with('{') {
            return Some(Kind::Kubernetes);
        }
        if key("services:") {
            return Some(Kind::Compose);
        }
        let from = |line: &str| line.trim_start().to_ascii_uppercase().starts_with("FROM ");
        lines().any(from).then_some(Kind::Dockerfile)
    }
}

/// What a Dockerfile's name may end with that is no Dockerfile: templates, ignore lists, prose.
const OTHER: &[&str] = &[
    "dockerignore",
    "md",
    "txt",
    "j2",
    "jinja",
    "jinja2",
    "tmpl",
    "tpl",
    "template",
    "in",
    "erb",
    "mustache",
    "sh",
    "py",
    "rb",
    "go",
    "rs",
    "ts",
    "js",
    "json",
    "yml",
    "yaml",
    "toml",
    "swp",
    "orig",
    "bak",
    "patch",
    "diff",
    "html",
    "lock",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_name_says_its_kind() {
        for (name, kind) in [
            ("Dockerfile", Some(Kind::Dockerfile)),
            ("a/Dockerfile.prod", Some(Kind::Dockerfile)),
            ("web.dockerfile", Some(Kind::Dockerfile)),
            ("Containerfile", Some(Kind::Dockerfile)),
            ("Dockerfile.md", None),
            ("Dockerfile.j2", None),
            (".dockerignore", None),
            ("docker-compose.yml", Some(Kind::Compose)),
            ("compose.override.yaml", Some(Kind::Compose)),
            ("docker-compose-dev.yml", Some(Kind::Compose)),
            ("composer.yml", Some(Kind::Kubernetes)),
            ("deploy.yaml", Some(Kind::Kubernetes)),
            ("docker-entrypoint.sh", Some(Kind::Script)),
            ("entrypoint", Some(Kind::Script)),
            ("build.sh", None),
            ("main.rs", None),
        ] {
            assert_eq!(Kind::of(Path::new(name)), kind, "{name}");
        }
    }
}
