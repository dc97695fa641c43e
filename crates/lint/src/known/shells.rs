//! Shells, and how they are told what to run.

use super::basename;

/// Which shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// GNU bash: `bash -c` replaces itself by the last simple command (measured with 5.2).
    Bash,
    /// BusyBox ash: `sh -c` replaces itself by the last command (measured with 1.36).
    Busybox,
    /// dash: it always stays (measured with 0.5.12).
    Dash,
    /// `sh` of an image that we do not know, or another shell.
    Unknown,
}

/// What a shell is told to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The text at this place in the words; `$0` and the arguments follow it.
    Text(usize),
    /// The file at this place; the arguments follow it.
    File(usize),
    /// Nothing: it reads from a terminal or a pipe.
    Nothing,
}

/// What a command line tells a shell; `None` if it is no shell.
pub fn told(words: &[&str]) -> Option<Told> {
    let mut start = 1;
    match basename(words.first()?) {
        "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "mksh" => {}
        "busybox" if words.get(1).is_some_and(|w| matches!(*w, "sh" | "ash")) => start = 2,
        _ => return None,
    }
    let mut at = start;
    let mut text = false;
    while let Some(word) = words.get(at).filter(|word| word.starts_with(['-', '+'])) {
        at += 1;
        match *word {
            "-" | "--" => break,
            "--rcfile" | "--init-file" | "-o" | "+o" | "-O" | "+O" => at += 1,
            long if long.starts_with("--") => {}
            letters => {
                text |= letters.starts_with('-') && letters.contains('c');
                if letters.ends_with('o') {
                    at += 1;
                }
            }
        }
    }
    Some(match (text, words.get(at)) {
        (_, None) => Told::Nothing,
        (true, Some(_)) => Told::Text(at),
        (false, Some(_)) => Told::File(at),
    })
}

/// The shell that is called this, in an image whose `sh` is that one.
pub fn called(name: &str, sh: Shell) -> Shell {
    match basename(name) {
        "bash" => Shell::Bash,
        "dash" => Shell::Dash,
        "ash" | "busybox" => Shell::Busybox,
        "sh" => sh,
        _ => Shell::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_is_told_is_found_behind_its_options() {
        for (words, expected) in [
            ("sh -c text a", Some(Told::Text(2))),
            ("/bin/bash -lc text", Some(Told::Text(2))),
            ("bash -euo pipefail -c text", Some(Told::Text(4))),
            ("sh -e -c text", Some(Told::Text(3))),
            ("busybox sh -c text", Some(Told::Text(3))),
            ("sh /entrypoint.sh x", Some(Told::File(1))),
            ("bash -x run.sh", Some(Told::File(2))),
            ("bash", Some(Told::Nothing)),
            ("python app.py", None),
        ] {
            let words: Vec<&str> = words.split(' ').collect();
            assert_eq!(told(&words), expected, "{words:?}");
        }
    }
}
