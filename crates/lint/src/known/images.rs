//! Images that people build on: the shell, and what they run if nothing else is said. From their
//! published Dockerfiles.

use super::shells::Shell;

/// What is known of an image.
#[derive(Debug, Clone, Copy)]
pub struct Image {
    /// Its `/bin/sh`.
    pub shell: Shell,
    /// Its ENTRYPOINT; `None` if it has none.
    pub entrypoint: Option<Start>,
    /// Its CMD.
    pub cmd: &'static [&'static str],
    /// Its STOPSIGNAL.
    pub stop_signal: Option<&'static str>,
    /// The init that has to be PID 1 in it.
    pub init: Option<&'static str>,
    /// Whether it runs as another user than root.
    pub user: User,
}

/// What an image's ENTRYPOINT does with the CMD.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The words.
    pub words: &'static [&'static str],
    /// How it ends.
    pub ends: Ends,
}

/// How an image's entrypoint script ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// With `exec "$@"`.
    Exec,
    /// It is no script: an init or a program, to be read like any other words.
    Words,
}

/// Who the image's processes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// root
    Root,
    /// Somebody else.
    Other,
}

const PLAIN: Image = Image {
    shell: Shell::Dash,
    entrypoint: None,
    cmd: &[],
    stop_signal: None,
    init: None,
    user: User::Root,
};

const SCRIPT: Option<Start> = Some(Start { words: &["docker-entrypoint.sh"], ends: Ends::Exec });

const fn script(words: &'static [&'static str]) -> Option<Start> {
    Some(Start { words, ends: Ends::Exec })
}

const fn words(words: &'static [&'static str]) -> Option<Start> {
    Some(Start { words, ends: Ends::Words })
}

/// An image's name without registry, tag and digest, and its tag.
pub fn split(reference: &str) -> (&str, &str) {
    let reference = reference.split('@').next().unwrap_or(reference);
    let slash = reference.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match reference[slash..].split_once(':') {
        Some((name, tag)) => (&reference[..slash + name.len()], tag),
        None => (reference, ""),
    };
    let name = [
        "docker.io/library/",
        "docker.io/",
        "index.docker.io/",
        "library/",
        "mirror.gcr.io/library/",
        "public.ecr.aws/docker/library/",
    ]
    .iter()
    .find_map(|prefix| name.strip_prefix(prefix))
    .unwrap_or(name);
    (name, tag)
}

/// What is known of the image that is called this.
pub fn image(reference: &str) -> Option<Image> {
    let (name, tag) = split(reference);
    let mut image = named(name, tag).or_else(|| database(name)).or_else(|| family(name))?;
    if tag.contains("alpine") && image.shell == Shell::Dash {
        image.shell = Shell::Busybox;
    }
    Some(image)
}

/// Whether it is an image for Windows, where none of this holds.
pub fn is_windows(reference: &str) -> bool {
    let lower = reference.to_ascii_lowercase();
    ["windows", "nanoserver", "servercore"].iter().any(|word| lower.contains(word))
}

fn named(name: &str, tag: &str) -> Option<Image> {
    let bash = Image { shell: Shell::Bash, ..PLAIN };
    let ash = Image { shell: Shell::Busybox, ..PLAIN };
    Some(match name {
        "debian" | "ubuntu" | "buildpack-deps" | "rust" | "golang" | "gcc" | "perl" | "julia"
        | "erlang" | "haskell" => PLAIN,
        "alpine" | "busybox" => ash,
        "fedora" | "centos" | "rockylinux" | "almalinux" | "amazonlinux" | "oraclelinux"
        | "archlinux" => bash,
        "python" => Image { cmd: &["python3"], ..PLAIN },
        "ruby" => Image { cmd: &["irb"], ..PLAIN },
        "node" => Image { entrypoint: SCRIPT, cmd: &["node"], ..PLAIN },
        "nginx" | "nginxinc/nginx-unprivileged" => Image {
            entrypoint: script(&["/docker-entrypoint.sh"]),
            cmd: &["nginx", "-g", "daemon off;"],
            stop_signal: Some("SIGQUIT"),
            user: if name == "nginx" { User::Root } else { User::Other },
            ..PLAIN
        },
        "httpd" => Image { cmd: &["httpd-foreground"], stop_signal: Some("SIGWINCH"), ..PLAIN },
        "php" if tag.contains("fpm") => Image {
            entrypoint: script(&["docker-php-entrypoint"]),
            cmd: &["php-fpm"],
            stop_signal: Some("SIGQUIT"),
            ..PLAIN
        },
        "php" if tag.contains("apache") => Image {
            entrypoint: script(&["docker-php-entrypoint"]),
            cmd: &["apache2-foreground"],
            stop_signal: Some("SIGWINCH"),
            ..PLAIN
        },
        "php" => {
            Image { entrypoint: script(&["docker-php-entrypoint"]), cmd: &["php", "-a"], ..PLAIN }
        }
        "caddy" => Image { cmd: &["caddy", "run"], ..ash },
        "traefik" => Image { entrypoint: script(&["/entrypoint.sh"]), cmd: &["traefik"], ..ash },
        "haproxy" => Image {
            entrypoint: SCRIPT,
            cmd: &["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
            stop_signal: Some("SIGUSR1"),
            user: User::Other,
            ..PLAIN
        },
        "eclipse-temurin" => {
            Image { entrypoint: script(&["/__cacert_entrypoint.sh"]), cmd: &["jshell"], ..PLAIN }
        }
        "wordpress" => Image {
            entrypoint: SCRIPT,
            cmd: &["apache2-foreground"],
            stop_signal: Some("SIGWINCH"),
            ..PLAIN
        },
        "jenkins/jenkins" => Image {
            entrypoint: words(&["/usr/bin/tini", "--", "/usr/local/bin/jenkins.sh"]),
            user: User::Other,
            ..PLAIN
        },
        "grafana/grafana" => Image { entrypoint: script(&["/run.sh"]), user: User::Other, ..ash },
        _ => return None,
    })
}

/// Official images of databases, caches and queues.
fn database(name: &str) -> Option<Image> {
    Some(match name {
        "postgres" | "postgis/postgis" | "timescale/timescaledb" => {
            Image { entrypoint: SCRIPT, cmd: &["postgres"], stop_signal: Some("SIGINT"), ..PLAIN }
        }
        "mysql" => Image { shell: Shell::Bash, entrypoint: SCRIPT, cmd: &["mysqld"], ..PLAIN },
        "mariadb" => Image { entrypoint: SCRIPT, cmd: &["mariadbd"], ..PLAIN },
        "redis" => Image { entrypoint: SCRIPT, cmd: &["redis-server"], ..PLAIN },
        "mongo" => Image { entrypoint: SCRIPT, cmd: &["mongod"], ..PLAIN },
        "memcached" => {
            Image { entrypoint: SCRIPT, cmd: &["memcached"], user: User::Other, ..PLAIN }
        }
        "rabbitmq" => Image { entrypoint: SCRIPT, cmd: &["rabbitmq-server"], ..PLAIN },
        _ => return None,
    })
}

/// Images that come in families: by the beginning of their names.
fn family(name: &str) -> Option<Image> {
    let other = Image { user: User::Other, ..PLAIN };
    let s6 = Image { entrypoint: words(&["/init"]), init: Some("s6-overlay"), ..PLAIN };
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    Some(match name {
        _ if has(&["linuxserver/", "s6-overlay", "hassioaddons/"]) => s6,
        _ if name.starts_with("phusion/") => {
            Image { cmd: &["/sbin/my_init"], init: Some("my_init"), ..PLAIN }
        }
        _ if name.ends_with("/systemd")
            || name.ends_with("-systemd")
            || has(&["ubi9/ubi-init", "ubi8/ubi-init"]) =>
        {
            Image { shell: Shell::Bash, cmd: &["/sbin/init"], init: Some("systemd"), ..PLAIN }
        }
        _ if has(&["registry.access.redhat.com/", "registry.redhat.io/"]) => {
            Image { shell: Shell::Bash, ..PLAIN }
        }
        _ if has(&["dotnet/aspnet", "dotnet/runtime", "dotnet/sdk"]) => PLAIN,
        _ if name.starts_with("gcr.io/distroless/") => other,
        _ if name.starts_with("bitnami/") => other,
        _ if name.ends_with("/baseimage-debian") => PLAIN,
        "quay.io/fedora/fedora" | "quay.io/centos/centos" => Image { shell: Shell::Bash, ..PLAIN },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_freed_of_registry_tag_and_digest() {
        assert_eq!(split("docker.io/library/nginx:1.27"), ("nginx", "1.27"));
        assert_eq!(split("localhost:5000/app"), ("localhost:5000/app", ""));
        assert_eq!(split("node@sha256:abc"), ("node", ""));
    }

    #[test]
    fn an_alpine_tag_brings_another_shell() {
        assert_eq!(image("python:3.12-alpine").unwrap().shell, Shell::Busybox);
        assert_eq!(image("python:3.12").unwrap().shell, Shell::Dash);
        assert!(image("example.com/app").is_none());
    }
}
