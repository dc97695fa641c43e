//! How the init is called.

use crate::random::Random;

/// How the init is called: every door, and every option that the loop knows of.
pub fn draw_words(random: &mut Random) -> Vec<String> {
    let door =
        random.pick(&["sexton-init", "sexton-init", "tini", "dumb-init", "catatonit", "pause"]);
    if random.percent(20) {
        return draw_my_init(random);
    }
    let mut words = vec![door.to_string()];
    let mut add = |text: String| words.extend(text.split(' ').map(String::from));
    match door {
        "sexton-init" => {
            let to = random.pick(&["command", "group", "all"]);
            let on_exit = random.pick(&["drain", "drain", "wait", "leave"]);
            let drain = random.pick(&["0", "50ms", "1s", "10s", "none"]);
            add(format!("--to {to} --on-exit {on_exit} --drain-timeout {drain}"));
            let stop = random.pick(&["100ms", "3s", "8s", "none", "none"]);
            add(format!("--stop-timeout {stop}"));
            if random.percent(20) {
                add(format!("--stop-delay {}", random.pick(&["10ms", "500ms", "5s"])));
            }
            if random.percent(20) {
                add(format!("--stop-on {}", random.pick(&["WINCH", "HUP", "RTMIN+3"])));
            }
            if random.percent(20) {
                add(format!("--success {}", random.pick(&["143", "137:0", "3:7"])));
            }
        }
        "tini" if random.percent(30) => add("-e 143".into()),
        "dumb-init" if random.percent(40) => add("-c".into()),
        _ => {}
    }
    let rewrites = ["TERM:QUIT", "INT:TERM", "USR1:0", "TERM:KILL", "HUP:USR2", "TERM:0"];
    if matches!(door, "sexton-init" | "dumb-init") && random.percent(30) {
        add(format!(
            "-{} {}",
            if door == "dumb-init" { "r" } else { "-rewrite" },
            random.pick(&rewrites)
        ));
    }
    if matches!(door, "tini" | "catatonit") && random.percent(40) {
        add("-g".into());
    }
    if matches!(door, "sexton-init" | "tini" | "dumb-init") && random.percent(40) {
        add("-v".into());
    }
    if door == "pause" {
        return words;
    }
    if door == "sexton-init" && random.percent(25) {
        add("--startup d".into());
        let options = ["--supervisor s", "--supervisor-stop s", "--stop-hook d"];
        for option in options {
            if random.percent(50) {
                add(option.into());
            }
        }
        if words.iter().any(|word| word == "--supervisor") && random.percent(40) {
            return words;
        }
    }
    words.extend(["--", "main"].map(String::from));
    words
}

/// The door with the longest course.
fn draw_my_init(random: &mut Random) -> Vec<String> {
    let mut words = Vec::new();
    let seconds = ["0", "1", "1", "5", "30"];
    for variable in ["KILL_PROCESS_TIMEOUT", "KILL_ALL_PROCESSES_TIMEOUT"] {
        if random.percent(60) {
            words.push(format!("{variable}={}", random.pick(&seconds)));
        }
    }
    if random.percent(25) {
        words.push("SEXTON_STRICT=1".to_string());
    }
    if random.percent(15) {
        words.push("SEXTON_STOP_TIMEOUT=8".to_string());
    }
    words.push("my_init".to_string());
    let options =
        ["--skip-startup-files", "--no-kill-all-on-exit", "--enable-insecure-key", "--quiet"];
    for option in options {
        if random.percent(20) {
            words.push(option.to_string());
        }
    }
    let services = random.percent(70);
    if !services {
        words.push("--skip-runit".to_string());
    }
    if !services || random.percent(60) {
        words.extend(["--", "main"].map(String::from));
    }
    words
}
