//! Programs by what they do as PID 1: ignore TERM, leave zombies, hold a place, or end soon.

use super::basename;

/// The name without a version: `python3.12` is `python`.
pub fn family(name: &str) -> &str {
    let name = basename(name);
    let name = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    if name.is_empty() { "" } else { name.trim_end_matches('-') }
}

/// Runtimes whose default for TERM does nothing as PID 1, so that only the application's own
/// handler helps. Measured; ruby, java and go end by themselves.
pub fn is_deaf_runtime(words: &[&str]) -> bool {
    let Some(name) = words.first() else { return false };
    match family(name) {
        "python" | "perl" | "node" | "nodejs" => true,
        "php" => words.contains(&"-S"),
        _ => false,
    }
}

/// Programs that do not wait for strangers. Measured: sleep, python, node, go, java, perl, npm,
/// honcho; redis waits for its own children alone.
pub fn leaves_zombies(words: &[&str]) -> bool {
    let Some(name) = words.first() else { return false };
    matches!(
        family(name),
        "python"
            | "node"
            | "nodejs"
            | "java"
            | "perl"
            | "sleep"
            | "tail"
            | "npm"
            | "npx"
            | "yarn"
            | "pnpm"
            | "honcho"
            | "redis-server"
            | "keydb-server"
            | "valkey-server"
            | "php"
            | "uvicorn"
            | "flask"
            | "next"
            | "dotnet"
    )
}

/// Whether the program does nothing but keep the container alive.
pub fn is_placeholder(words: &[&str]) -> bool {
    let Some(name) = words.first() else { return false };
    match (basename(name), &words[1..]) {
        ("tail", arguments) => {
            let follows = |word: &&str| {
                *word == "--follow" || (word.starts_with('-') && word.contains(['f', 'F']))
            };
            arguments.contains(&"/dev/null") && arguments.iter().any(follows)
        }
        ("sleep", [time]) => lasts(time),
        ("cat", []) => true,
        ("pause", []) => false,
        _ => false,
    }
}

/// Whether sleep(1) would sleep for a day or more.
fn lasts(time: &str) -> bool {
    if matches!(time, "infinity" | "inf") {
        return true;
    }
    let (number, unit) = match time.char_indices().last() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (&time[..at], unit),
        _ => (time, 's'),
    };
    let Ok(number) = number.parse::<f64>() else { return false };
    let seconds = match unit {
        's' => number,
        'm' => number * 60.0,
        'h' => number * 3600.0,
        'd' => number * 86_400.0,
        _ => return false,
    };
    seconds >= 86_400.0
}

/// Tools that do their work and end: a stop in the middle of them is a matter of moments.
pub fn is_short(name: &str) -> bool {
    let name = basename(name);
    SHORT.binary_search(&name).is_ok()
}

/// In order, for the search.
#[rustfmt::skip]
const SHORT: &[&str] = &[
    ".", ":", "[", "addgroup", "adduser", "alias", "apk", "apt", "apt-get", "awk", "aws", "az",
    "base64", "basename", "bc", "break", "bzip2", "cat", "cd", "chgrp", "chmod", "chown", "cmp",
    "continue", "cp", "curl", "cut", "date", "declare", "df", "diff", "dig", "dirname", "du",
    "echo", "envsubst", "eval", "exit", "export", "expr", "false", "find", "gcloud", "getent",
    "getopts", "git", "gpg", "grep", "groupadd", "gsutil", "gunzip", "gzip", "hash", "head", "help",
    "hostname", "id", "install", "ip", "iptables", "jq", "kill", "kubectl", "ldconfig", "let",
    "ln", "local", "locale-gen", "logger", "ls", "mc", "md5sum", "mkdir", "mkfifo", "mktemp",
    "mount", "mv", "nc", "nslookup", "od", "openssl", "pg_dump", "pg_isready", "pg_restore",
    "pgrep", "pidof", "ping", "pkill", "popd", "printenv", "printf", "ps", "psql", "pushd", "pwd",
    "read", "readlink", "readonly", "realpath", "return", "rm", "rmdir", "rsync", "seq", "set",
    "sha256sum", "shift", "shopt", "sleep", "sort", "source", "ssh-keygen", "stat", "stty", "su",
    "sync", "sysctl", "tar", "tee", "test", "touch", "tr", "trap", "true", "type", "ulimit",
    "umask", "umount", "unalias", "uname", "uniq", "unset", "unzip", "update-ca-certificates",
    "useradd", "usermod", "wait", "wc", "wget", "which", "whoami", "xargs", "yq", "zip",
];

/// Words that say that a command does something once: migrations, builds, checks.
pub fn is_chore(words: &[&str]) -> bool {
    const CHORES: &[&str] = &[
        "migrate",
        "collectstatic",
        "upgrade",
        "install",
        "build",
        "test",
        "seed",
        "init",
        "setup",
        "backup",
        "restore",
        "version",
        "--version",
        "-version",
        "help",
        "--help",
        "-V",
        "check",
        "lint",
        "validate",
        "render",
        "generate",
        "compile",
        "sync",
        "createsuperuser",
        "db:migrate",
    ];
    let Some(name) = words.first() else { return true };
    let script = basename(name);
    let hints = ["migrate", "setup", "init-", "backup", "cleanup", "install", "configure", "wait-"];
    is_short(name)
        || hints.iter().any(|hint| script.contains(hint))
        || words.iter().skip(1).any(|word| CHORES.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_short_tools_is_in_order() {
        assert!(SHORT.is_sorted());
        assert!(is_short("/bin/chown") && !is_short("nginx"));
    }

    #[test]
    fn a_placeholder_does_nothing_for_a_long_time() {
        let check = |words: &str| is_placeholder(&words.split(' ').collect::<Vec<_>>());
        for words in ["tail -f /dev/null", "sleep infinity", "sleep 365d", "cat", "sleep 999999"] {
            assert!(check(words), "{words}");
        }
        for words in ["tail -f /var/log/x", "sleep 5", "cat file", "sleep 2h", "nginx"] {
            assert!(!check(words), "{words}");
        }
    }

    #[test]
    fn a_family_has_no_version() {
        for (name, expected) in
            [("/usr/bin/python3.12", "python"), ("node", "node"), ("php8", "php")]
        {
            assert_eq!(family(name), expected);
        }
    }
}
