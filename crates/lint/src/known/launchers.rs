//! Launchers of package managers: they start the application through a shell, and leave on TERM
//! without it. Measured: `npm start` as PID 1 is gone in half a second, node by SIGKILL.

use super::basename;

/// A launcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launcher {
    /// As people type it.
    pub name: String,
    /// Whether its children get the signal.
    pub kind: Kind,
}

/// What a launcher does on TERM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It leaves, and the application is killed.
    Abandons,
    /// The same, but what it starts may be any tool.
    RunsTool,
    /// It passes TERM on and waits: only worth a remark.
    Forwards,
}

/// The launcher that these words call.
pub fn launcher(words: &[&str]) -> Option<Launcher> {
    let mut words = words.to_vec();
    if basename(words.first()?) == "corepack" {
        words.remove(0);
    }
    let name = basename(words.first()?);
    let verb = words.iter().skip(1).find(|word| !word.starts_with('-')).copied();
    let found = |kind| {
        let name = verb.map_or(name.to_owned(), |verb| format!("{name} {verb}"));
        Some(Launcher { name, kind })
    };
    match (name, verb?) {
        ("npm", "start" | "run" | "run-script" | "restart") => found(Kind::Abandons),
        ("npm", "exec" | "x") | ("pnpm", "exec" | "dlx") => found(Kind::RunsTool),
        ("npx" | "pnpx", _) => found(Kind::RunsTool),
        ("yarn", "install" | "add" | "config" | "cache" | "--version") => None,
        ("yarn", _) => found(Kind::Abandons),
        ("pnpm", "start" | "run" | "dev" | "serve") => found(Kind::Abandons),
        ("honcho" | "foreman", "start" | "run") => found(Kind::Forwards),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_starts_something_is_a_launcher() {
        let name = |words: &str| {
            launcher(&words.split(' ').collect::<Vec<_>>()).map(|launcher| launcher.name)
        };
        assert_eq!(name("npm start").as_deref(), Some("npm start"));
        assert_eq!(name("npm --prefix=/app run serve").as_deref(), Some("npm run"));
        assert_eq!(name("/usr/bin/yarn serve").as_deref(), Some("yarn serve"));
        for words in ["npm ci", "npm", "node server.js", "yarn install", "pnpm install"] {
            assert_eq!(name(words), None, "{words}");
        }
    }
}
