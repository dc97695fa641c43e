//! Servers: which of them put themselves into the background, which signal ends them well, and
//! how long they take.

use super::basename;
use sexton_core::signal::Signal;

/// A server that goes into the background, so that PID 1 ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemon {
    /// What it is called.
    pub name: &'static str,
    /// The command line that stays in the foreground.
    pub instead: &'static str,
}

impl Daemon {
    /// Whether the command line asks for it; otherwise it is the server's default, which its
    /// configuration may change.
    pub fn asked(&self) -> bool {
        !matches!(self.name, "nginx" | "rsyslogd")
    }
}

/// Whether these words start a server that goes into the background.
pub fn daemon(words: &[&str]) -> Option<Daemon> {
    let name = basename(words.first()?);
    let arguments = &words[1..];
    let has = |wanted: &[&str]| arguments.iter().any(|word| wanted.contains(word));
    let says = |part: &str| arguments.iter().any(|word| word.contains(part));
    let letter = |letter: char| {
        arguments.iter().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(letter))
    };
    let found = |name, instead| Some(Daemon { name, instead });
    match name {
        "nginx" if !says("daemon off") && !has(&["-t", "-T", "-v", "-V", "-s", "-h", "-q"]) => {
            found("nginx", r#"nginx -g "daemon off;""#)
        }
        "sshd" if !has(&["-t", "-T"]) && !letter('D') && !letter('d') => {
            found("sshd", "/usr/sbin/sshd -D -e")
        }
        "crond" if !letter('f') && !letter('d') && !letter('n') => found("crond", "crond -f"),
        "cron" if !letter('f') => found("cron", "cron -f"),
        "apachectl" | "apache2ctl" if has(&["start", "restart"]) && !says("FOREGROUND") => {
            found("Apache httpd", "apache2ctl -D FOREGROUND")
        }
        "httpd" | "apache2" if has(&["start"]) && !says("FOREGROUND") => {
            found("Apache httpd", "httpd -DFOREGROUND")
        }
        "pg_ctl" if has(&["start"]) => found("PostgreSQL", "postgres -D DATA"),
        "redis-server" if yes_behind(arguments, "--daemonize") => {
            found("redis-server", "redis-server --daemonize no")
        }
        "memcached" if letter('d') => found("memcached", "memcached"),
        "mongod" if has(&["--fork"]) => found("mongod", "mongod"),
        "haproxy" if has(&["-D", "-Ds"]) => found("haproxy", "haproxy -W -db -f CONFIG"),
        "rsyslogd" if !letter('n') => found("rsyslogd", "rsyslogd -n"),
        "service" if has(&["start", "restart"]) => {
            found("the service", "the server itself, in the foreground")
        }
        name if name.starts_with("php-fpm") && (letter('D') || has(&["--daemonize"])) => {
            found("php-fpm", "php-fpm --nodaemonize")
        }
        "uwsgi" if says("--daemonize") => found("uwsgi", "uwsgi --master --die-on-term"),
        "gunicorn" if letter('D') || has(&["--daemon"]) => found("gunicorn", "gunicorn APP"),
        _ => None,
    }
}

fn yes_behind(arguments: &[&str], name: &str) -> bool {
    let mut pairs = arguments.windows(2);
    pairs.any(|pair| pair[0] == name && pair[1] == "yes")
        || arguments.iter().any(|word| word.strip_prefix(name) == Some("=yes"))
}

/// Which signal ends a server as its authors want it, and what the others do.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// What it is called.
    pub name: &'static str,
    /// The signal that lets it finish its work.
    pub graceful: &'static str,
    /// What TERM does instead.
    pub on_term: &'static str,
    /// How bad TERM is.
    pub term: Term,
}

/// How bad TERM is for a server that wants another signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// It ends at once, and its open requests are cut off.
    Fast,
    /// It does not end, or not in time.
    Stuck,
}

/// The signal manners of the server that these words start, where TERM is not the best signal.
pub fn manners(words: &[&str]) -> Option<Manners> {
    let name = basename(words.first()?);
    let fast = |name, graceful| {
        let on_term = "a fast shutdown: open requests are cut off";
        Some(Manners { name, graceful, on_term, term: Term::Fast })
    };
    let stuck =
        |name, graceful, on_term| Some(Manners { name, graceful, on_term, term: Term::Stuck });
    match name {
        "nginx" | "openresty" => fast("nginx", "SIGQUIT"),
        "httpd" | "apache2" | "httpd-foreground" | "apache2-foreground" => {
            fast("Apache httpd", "SIGWINCH")
        }
        "apachectl" | "apache2ctl" => fast("Apache httpd", "SIGWINCH"),
        name if name.starts_with("php-fpm") => fast("php-fpm", "SIGQUIT"),
        "postgres" => {
            stuck("PostgreSQL", "SIGINT", "a smart shutdown: it waits until every client has left")
        }
        "systemd" => stuck("systemd", "SIGRTMIN+3", "a re-execution: it does not end"),
        "uwsgi" => {
            let dies = words.iter().any(|word| word.contains("die-on-term"));
            let files = words.iter().any(|word| word.contains("ini") || word.contains("yaml"));
            match dies || files {
                true => None,
                false => stuck("uWSGI", "SIGINT", "a reload, unless --die-on-term is given"),
            }
        }
        _ => None,
    }
}

/// What a server does on a signal that is no stop for it.
pub fn not_a_stop(words: &[&str], signal: Signal) -> Option<&'static str> {
    let name = basename(words.first()?);
    let number = signal.number();
    Some(match (name, number) {
        ("nginx" | "openresty", 1) => "nginx reads its configuration again on SIGHUP",
        ("nginx" | "openresty", 10) => "nginx opens its log files again on SIGUSR1",
        ("nginx" | "openresty", 12) => "nginx starts a new executable on SIGUSR2",
        ("httpd" | "apache2" | "httpd-foreground" | "apache2-foreground", 1) => {
            "Apache httpd restarts on SIGHUP"
        }
        ("httpd" | "apache2" | "httpd-foreground" | "apache2-foreground", 10) => {
            "Apache httpd restarts gracefully on SIGUSR1"
        }
        ("postgres", 1) => "PostgreSQL reads its configuration again on SIGHUP",
        ("haproxy", 12) => "haproxy reloads on SIGUSR2",
        ("gunicorn", 1) => "gunicorn starts its workers again on SIGHUP",
        ("redis-server" | "valkey-server", 1) => "redis ignores SIGHUP",
        ("dockerd", 1) => "dockerd reads its configuration again on SIGHUP",
        (_, 17 | 18 | 23) => "its default action is to do nothing",
        _ => return None,
    })
}

/// How long a server gives its open work after the stop signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drain {
    /// What it is called.
    pub name: &'static str,
    /// Seconds.
    pub seconds: u64,
    /// Where this comes from.
    pub said: Said,
}

/// Where a time comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// From this option on the command line.
    Option(String),
    /// From the server's default.
    Default,
}

/// The drain time of the server that these words start.
pub fn drain(words: &[&str]) -> Option<Drain> {
    let name = basename(words.first()?);
    let (name, options, default): (_, &[&str], _) = match name {
        "gunicorn" => ("gunicorn", &["--graceful-timeout"], Some(30)),
        "uvicorn" => ("uvicorn", &["--timeout-graceful-shutdown"], None),
        "hypercorn" => ("hypercorn", &["--graceful-timeout"], None),
        "granian" => ("granian", &["--workers-kill-timeout"], None),
        "sidekiq" => ("sidekiq", &["-t", "--timeout"], Some(25)),
        "python" | "python3" if words.get(1) == Some(&"-m") => {
            return drain(words.get(2..).unwrap_or_default());
        }
        "rq" => return None,
        "traefik" => ("traefik", &["--entrypoints.web.transport.lifecycle.gracetimeout"], None),
        _ => return None,
    };
    let given = options.iter().find_map(|option| {
        let at = words.iter().position(|word| {
            *word == *option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
        })?;
        let value = words[at].split_once('=').map(|(_, value)| value);
        let seconds = value.or(words.get(at + 1).copied())?;
        let seconds = seconds.trim_end_matches('s').parse().ok()?;
        Some(Drain { name, seconds, said: Said::Option(format!("{option} {seconds}")) })
    });
    given.or(default.map(|seconds| Drain { name, seconds, said: Said::Default }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split(' ').collect()
    }

    #[test]
    fn what_stays_in_the_foreground_is_no_daemon() {
        for text in [
            "nginx -t",
            "sshd -D",
            "/usr/sbin/sshd -eD",
            "crond -f -l 2",
            "apachectl -D FOREGROUND",
            "redis-server --daemonize no",
            "php-fpm",
            "php-fpm8.2 -F",
            "memcached -m 64",
        ] {
            assert_eq!(daemon(&words(text)), None, "{text}");
        }
        assert_eq!(daemon(&["nginx", "-g", "daemon off;"]), None);
        for text in ["nginx", "nginx -c x", "sshd -e", "crond", "service x start", "php-fpm -D"] {
            assert!(daemon(&words(text)).is_some(), "{text}");
        }
    }

    #[test]
    fn a_drain_time_is_what_the_option_says_or_the_default() {
        let seconds = |text: &str| drain(&words(text)).map(|drain| drain.seconds);
        assert_eq!(seconds("gunicorn --graceful-timeout 60 app"), Some(60));
        assert_eq!(seconds("gunicorn --graceful-timeout=45 app"), Some(45));
        assert_eq!(seconds("gunicorn app"), Some(30));
        assert_eq!(seconds("uvicorn app"), None);
        assert_eq!(seconds("python -m uvicorn --timeout-graceful-shutdown 20 a"), Some(20));
    }
}
