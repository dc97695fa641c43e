//! Small words that every part of the report uses.

use super::record::End;
use sexton_core::signal::Signal;
use sexton_core::text::Text;
use std::fmt;
use std::time::Duration;

/// `SIGTERM`, `SIGRTMIN+3`.
pub fn signal_name(number: i32) -> String {
    let Some(signal) = u32::try_from(number).ok().and_then(Signal::new) else {
        return format!("signal {number}");
    };
    let mut buffer = [0; 32];
    let mut text = Text::new(&mut buffer);
    signal.write(&mut text);
    let name = String::from_utf8_lossy(text.bytes()).into_owned();
    if name.starts_with("SIG") { name } else { format!("signal {name}") }
}

/// `TERM`: the name without its SIG.
pub fn short_signal(number: i32) -> String {
    let name = signal_name(number);
    name.strip_prefix("SIG").map_or(name.clone(), str::to_owned)
}

/// `<1 ms`, `3 ms`, `1.02 s`, `10.0 s`.
pub fn seconds(time: Duration) -> String {
    let millis = time.as_millis();
    match millis {
        0 => "<1 ms".into(),
        1..1000 => format!("{millis} ms"),
        1000..9950 => format!("{:.2} s", time.as_secs_f64()),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

/// `exit 0`, `SIGKILL`, `gone`.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(code) => write!(f, "exit {code}"),
            End::Killed(signal) => f.write_str(&signal_name(*signal)),
            End::NotTold => f.write_str("gone"),
        }
    }
}

/// What a process is best called: an interpreter by its script, one that has given itself a title
/// by that, any other by its name in the process table.
pub fn label(name: &str, command: &[String]) -> String {
    const INTERPRETERS: [&str; 12] = [
        "node", "python", "python3", "ruby", "perl", "php", "java", "sh", "bash", "dash", "ash",
        "go",
    ];
    let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let is_interpreter = INTERPRETERS.contains(&name) || name.starts_with("python3.");
    let label = match command {
        [title] if title.contains(' ') => title.trim_end().to_owned(),
        [_, rest @ ..] if is_interpreter => match rest.iter().find(|word| !word.is_empty()) {
            Some(script) if !script.starts_with('-') => format!("{name} {}", base(script)),
            _ => name.to_owned(),
        },
        _ => name.to_owned(),
    };
    cut(&label, LABEL).replace(char::is_control, "?")
}

/// How long a [`label`] may be.
const LABEL: usize = 20;

/// At most this many characters.
pub fn cut(text: &str, limit: usize) -> String {
    match text.chars().count() > limit {
        true => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// How PID 1 ended, and what its runtime makes of that.
pub fn meaning(end: End) -> String {
    match end {
        End::Exited(0) => "exit 0".into(),
        End::Exited(code @ 129..=192) => {
            format!("exit {code}: as if {} had ended it", signal_name(code - 128))
        }
        End::Exited(code) => format!("exit {code}: a failure to the runtime"),
        End::Killed(signal @ (libc::SIGSEGV | libc::SIGILL | libc::SIGTRAP)) => {
            format!("{} (exit {}): a crash, or abort()", signal_name(signal), 128 + signal)
        }
        End::Killed(signal) => format!("{} (exit {})", signal_name(signal), 128 + signal),
        End::NotTold => "gone".into(),
    }
}

/// `a`, `a and b`, `a, b and 3 more`.
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}

/// `1 process`, `3 processes`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_their_names() {
        assert_eq!(
            [15, 34, 37, 32].map(signal_name),
            ["SIGTERM", "SIGRTMIN+0", "SIGRTMIN+3", "signal 32"]
        );
        assert_eq!(short_signal(9), "KILL");
    }

    #[test]
    fn times_are_short_and_never_look_exacter_than_they_are() {
        let texts =
            [0, 1, 999, 1020, 9949, 9950, 12_345].map(|ms| seconds(Duration::from_millis(ms)));
        assert_eq!(texts, ["<1 ms", "1 ms", "999 ms", "1.02 s", "9.95 s", "9.9 s", "12.3 s"]);
    }

    #[test]
    fn a_process_is_called_by_what_tells_it_from_others() {
        for (name, command, expected) in [
            ("node", &["node", "/srv/app.js", "x"][..], "node app.js"),
            ("node", &["npm start"], "npm start"),
            ("nginx", &["nginx: master process /usr/sbin/nginx"], "nginx: master proce…"),
            ("sh", &["sh", "-c", "sleep 1; true"], "sh"),
            ("sleep", &["sleep", "60"], "sleep"),
            ("\u{1b}[31m", &[], "?[31m"),
        ] {
            let command: Vec<String> = command.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(label(name, &command), expected);
        }
    }

    #[test]
    fn long_lists_are_cut() {
        let names = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
        let texts = [0, 1, 2, 3, 5].map(|count| list(&names(count)));
        assert_eq!(texts, ["", "0", "0 and 1", "0, 1 and 2", "0, 1 and 3 more"]);
    }
}
