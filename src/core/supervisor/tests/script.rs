//! The language of the supervisor's tests: a line is `EVENT => ACTIONS`.
//!
//! - `TERM`, `INT from the kernel`, `HUP of our own`, `TERM with the end`: a signal.
//! - `main exited 3, none left`, `main killed by TERM, children left`, `none left`: a sweep.
//! - `+10s`: a tick so much later.
//!
//! Actions are written as [`actions`] does. After `;` comes what to look at after the step:
//! `deadline in 10s`, `no deadline`, `told group TERM`, `told nobody`.

use crate::exit::ExitState;
use crate::policy::Policy;
use crate::process::ToldWhom;
use crate::signal::Signal;
use crate::status::WaitStatus;
use crate::supervisor::{
    Actions, Audience, Began, Children, Event, Heard, LastPart, Placement, Source, Supervisor,
    Sweep,
};
use crate::text::Text;
use crate::time::{Moment, Span};

/// Follows a script with a main command in a group of its own.
#[track_caller]
pub fn check(policy: &Policy, script: &str) {
    follow(policy, Placement::Apart, script);
}

/// Follows a script with a main command in the group that a shell made for us.
#[track_caller]
pub fn check_with_us(policy: &Policy, script: &str) {
    follow(policy, Placement::WithUs, script);
}

#[track_caller]
fn follow(policy: &Policy, placement: Placement, script: &str) {
    play(Supervisor::new(policy, placement), script);
}

/// Follows a script of a run with a course, before anything was started.
#[track_caller]
pub fn check_course(policy: &Policy, script: &str) {
    play(Supervisor::of_course(policy), script);
}

#[track_caller]
fn play(mut supervisor: Supervisor<'_>, script: &str) {
    let mut now = Moment::new(1000, 0);
    let (mut expected, mut found) = (String::new(), String::new());
    for line in script.lines().map(str::trim) {
        let (event, answer) = line.split_once(" => ").expect("EVENT => ACTIONS");
        if let Some(later) = event.strip_prefix('+') {
            now = now.after(Span::parse(later.as_bytes()).expect("a duration"));
        }
        let mut answered = Actions::NONE;
        supervisor.step(parse(event), now, &mut answered);
        let mut said = actions(answered);
        for look in answer.split("; ").skip(1) {
            said += "; ";
            said += &match look.split_once(' ') {
                Some(("told", _)) => told(&supervisor),
                _ => deadline(supervisor.deadline(), now),
            };
        }
        expected += &format!("{line}\n");
        found += &format!("{event} => {said}\n");
    }
    assert!(expected == found, "\nexpected:\n{expected}\nfound:\n{found}");
}

fn parse(event: &str) -> Event {
    if event.starts_with('+') {
        return Event::Tick;
    }
    match event.split_once(' ').unwrap_or((event, "")) {
        ("begun", "") => return Event::Began(Began::UnderWay(Placement::Apart)),
        ("begun", "not") => return Event::Began(Began::Nothing),
        ("begun", "in vain") => return Event::Began(Began::Failed),
        ("services", how) => {
            let code = how.strip_prefix("exited ").and_then(|code| code.parse().ok());
            return Event::ServicesEnded(WaitStatus::Exited(code.expect("a status")));
        }
        _ => {}
    }
    let (main, left) = event.split_once(", ").unwrap_or(("", event));
    let children = match left {
        "children left" => Children::Left,
        "none left" => Children::None,
        _ => return Event::Signal(heard(event)),
    };
    let main = match main.split_whitespace().collect::<Vec<_>>()[..] {
        [] => None,
        ["main", "exited", code] => Some(WaitStatus::Exited(code.parse().expect("a status"))),
        ["main", "killed", "by", name] => Some(WaitStatus::Killed(signal(name))),
        ["main", "stopped", "by", name] => Some(WaitStatus::Stopped(signal(name))),
        ["main", "continued"] => Some(WaitStatus::Continued),
        _ => panic!("no event: {event}"),
    };
    Event::Swept(Sweep { main, children })
}

fn heard(event: &str) -> Heard {
    let with_the_end = event.ends_with(" with the end");
    let event = event.trim_end_matches(" with the end");
    let (name, source) = match event.split_once(' ') {
        None => (event, Source::Process),
        Some((name, "from the kernel")) => (name, Source::Kernel),
        Some((name, "of our own")) => (name, Source::Ourselves),
        Some(_) => panic!("no event: {event}"),
    };
    Heard { signal: signal(name), source, with_the_end }
}

/// By its name.
pub fn signal(name: &str) -> Signal {
    Signal::parse(name.as_bytes()).unwrap_or_else(|| panic!("no signal: {name}"))
}

fn actions(actions: Actions) -> String {
    let Actions { call_roll, tell, rouse, suspend, last_part, start, exit } = actions;
    let words = [
        call_roll.map(|after| format!("roll {}", span(after))),
        tell.map(|(whom, signal)| format!("tell {} {}", audience(whom), name(signal))),
        rouse.map(|whom| format!("rouse {}", audience(whom))),
        suspend.then(|| "suspend".to_owned()),
        (last_part == Some(LastPart::Aborted)).then(|| "abort".to_owned()),
        start.map(|stage| format!("start {stage:?}")),
        exit.map(|exit| match exit.state {
            ExitState::Clean => format!("exit {}", exit.code.0),
            ExitState::GaveUp => format!("give up with {}", exit.code.0),
            ExitState::MainLost => format!("lost with {}", exit.code.0),
        }),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn audience(whom: Audience) -> &'static str {
    match whom {
        Audience::Command => "command",
        Audience::Services => "services",
        Audience::Group => "group",
        Audience::Everyone => "everyone",
        Audience::Untold => "untold",
    }
}

fn deadline(deadline: Moment, now: Moment) -> String {
    match deadline {
        Moment::NEVER => "no deadline".to_owned(),
        deadline => format!("deadline in {}", span(deadline.since(now))),
    }
}

fn told(supervisor: &Supervisor<'_>) -> String {
    let Some(told) = supervisor.told() else { return "told nobody".to_owned() };
    let whom = match told.whom {
        ToldWhom::Group => "group",
        ToldWhom::Everyone => "everyone",
    };
    format!("told {whom} {}", name(told.signal))
}

fn span(span: Span) -> String {
    match span.as_millis() {
        millis if millis > 0 && millis % 1000 == 0 => format!("{}s", millis / 1000),
        millis => format!("{millis}ms"),
    }
}

fn name(signal: Signal) -> String {
    let mut buffer = [0; 16];
    let mut text = Text::new(&mut buffer);
    signal.write(&mut text);
    let name = String::from_utf8_lossy(text.bytes());
    name.trim_start_matches("SIG").to_owned()
}
