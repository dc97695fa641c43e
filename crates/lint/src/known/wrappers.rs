//! Programs that start another one: those that become it, and those that stay as its parent.

use super::basename;

/// What a program does with the command behind its own arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapper {
    /// It becomes the command at this place in the words.
    Becomes(usize),
    /// It stays, and runs the command at this place.
    Stays(Keeper, usize),
    /// It stays, and has a shell run the text at this place.
    StaysWithText(Keeper, usize),
}

/// Who stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// sudo(8)
    Sudo,
    /// su(1)
    Su,
    /// timeout(1), which passes the signal on.
    Timeout,
}

/// How the arguments before the command look.
struct Shape {
    /// Letters of options that have a value in a word of its own.
    valued: &'static str,
    /// Words that are no options and come before the command.
    operands: usize,
    keeper: Option<Keeper>,
}

const fn becomes(valued: &'static str, operands: usize) -> Shape {
    Shape { valued, operands, keeper: None }
}

fn shape(name: &str) -> Option<Shape> {
    Some(match name {
        "env" => becomes("uC", 0),
        "nice" => becomes("n", 0),
        "ionice" => becomes("cnp", 0),
        "chrt" => becomes("TPD", 1),
        "taskset" => becomes("", 1),
        "nohup" | "setsid" | "command" | "exec" | "catchsegv" => becomes("", 0),
        "stdbuf" => becomes("ioe", 0),
        "setpriv" => becomes("", 0),
        "gosu" | "su-exec" | "s6-setuidgid" | "setuser" => becomes("", 1),
        "s6-envdir" | "envdir" | "s6-env" => becomes("", 1),
        "s6-applyuidgid" => becomes("ugG", 0),
        "chpst" => becomes("uUbeCdfmlonpt/", 0),
        "chroot" => becomes("", 1),
        "ddtrace-run" | "opentelemetry-instrument" | "with-contenv" => becomes("", 0),
        "sudo" => Shape { valued: "ugpCcrthD", operands: 0, keeper: Some(Keeper::Sudo) },
        "timeout" => Shape { valued: "ks", operands: 1, keeper: Some(Keeper::Timeout) },
        _ => return None,
    })
}

/// What the first of the words does with the others; `None` if it is no wrapper that we know.
pub fn wrapper(words: &[&str]) -> Option<Wrapper> {
    let name = basename(words.first()?);
    match name {
        "su" => return su(words),
        "bundle" if words.get(1) == Some(&"exec") => return Some(Wrapper::Becomes(2)),
        "poetry" | "pipenv" if words.get(1) == Some(&"run") => return Some(Wrapper::Becomes(2)),
        "wait-for-it" | "wait-for-it.sh" | "wait-for" | "wait-for.sh" => {
            let at = words.iter().position(|word| *word == "--")? + 1;
            return (at < words.len()).then_some(Wrapper::Becomes(at));
        }
        "newrelic-admin" if words.get(1) == Some(&"run-program") => {
            return Some(Wrapper::Becomes(2));
        }
        _ => {}
    }
    let shape = shape(name)?;
    let mut operands = shape.operands;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        if *word == "--" {
            at += 1 + operands;
            break;
        }
        if word.len() > 1 && word.starts_with('-') {
            let letter = word.chars().nth(1).filter(|_| word.len() == 2);
            let takes = letter.is_some_and(|letter| shape.valued.contains(letter));
            at += if takes { 2 } else { 1 };
            continue;
        }
        let variable = name == "env" || name == "sudo";
        if variable && word.contains('=') && !word.starts_with('/') {
            at += 1;
            continue;
        }
        if operands == 0 {
            break;
        }
        operands -= 1;
        at += 1;
    }
    if at >= words.len() {
        return None;
    }
    Some(match shape.keeper {
        Some(keeper) => Wrapper::Stays(keeper, at),
        None => Wrapper::Becomes(at),
    })
}

/// su(1): `su [-] USER -c TEXT`.
fn su(words: &[&str]) -> Option<Wrapper> {
    let flag = |word: &&str| *word == "-c" || *word == "--command" || *word == "-lc";
    let at = words.iter().position(flag)? + 1;
    (at < words.len()).then_some(Wrapper::StaysWithText(Keeper::Su, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_found_behind_each_wrapper() {
        use Wrapper::{Becomes, Stays, StaysWithText};
        for (words, expected) in [
            ("env A=1 B=2 app", Some(Becomes(3))),
            ("env -u HOME -i app", Some(Becomes(4))),
            ("gosu postgres postgres -c x", Some(Becomes(2))),
            ("su-exec 1000:1000 app", Some(Becomes(2))),
            ("nice -n 5 app", Some(Becomes(3))),
            ("setpriv --reuid=1 --clear-groups app", Some(Becomes(3))),
            ("chpst -u web app", Some(Becomes(3))),
            ("sudo -u web -E app", Some(Stays(Keeper::Sudo, 4))),
            ("su - web -c run", Some(StaysWithText(Keeper::Su, 4))),
            ("timeout -s INT 5 app", Some(Stays(Keeper::Timeout, 4))),
            ("./wait-for-it.sh db:5432 -- app", Some(Becomes(3))),
            ("app --x", None),
            ("env", None),
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            assert_eq!(wrapper(&words), expected, "{words:?}");
        }
    }
}
