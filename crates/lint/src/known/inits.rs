//! Inits and supervisors that run services of their own, and must be PID 1 or want to be.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supervisor {
    /// What people call it.
    pub name: &'static str,
    /// Whether it works elsewhere than as PID 1.
    pub place: Place,
}

/// Where a supervisor works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Only as PID 1.
    Pid1Only,
    /// Anywhere.
    Anywhere,
}

const S6: Supervisor = Supervisor { name: "s6-overlay", place: Place::Pid1Only };
const SYSTEMD: Supervisor = Supervisor { name: "systemd", place: Place::Pid1Only };
const MY_INIT: Supervisor = Supervisor { name: "my_init", place: Place::Pid1Only };

/// The supervisor that is called this, and the place of its command among the words, if any.
pub fn supervisor(words: &[&str]) -> Option<(Supervisor, usize)> {
    let path = words.first()?;
    let found = match *path {
        "/init" => S6,
        "/sbin/init" | "/usr/sbin/init" => SYSTEMD,
        "/sbin/my_init" => MY_INIT,
        _ => match super::basename(path) {
            "systemd" => SYSTEMD,
            "my_init" => MY_INIT,
            "s6-svscan" => Supervisor { name: "s6-svscan", place: Place::Anywhere },
            "runsvdir" | "runit" | "runit-init" => {
                Supervisor { name: "runit", place: Place::Anywhere }
            }
            "supervisord" => Supervisor { name: "supervisord", place: Place::Anywhere },
            "pid1" => Supervisor { name: "pid1", place: Place::Anywhere },
            "horust" => Supervisor { name: "horust", place: Place::Anywhere },
            "circusd" => Supervisor { name: "circusd", place: Place::Anywhere },
            "process-compose" => Supervisor { name: "process-compose", place: Place::Anywhere },
            _ => return None,
        },
    };
    let command = match found.name {
        "s6-overlay" => 1,
        "pid1" => 1,
        "my_init" => {
            let options = words.iter().skip(1).take_while(|word| word.starts_with('-'));
            let end = words.iter().position(|word| *word == "--").map(|at| at + 1);
            end.unwrap_or(1 + options.count())
        }
        _ => words.len(),
    };
    Some((found, command.min(words.len())))
}
