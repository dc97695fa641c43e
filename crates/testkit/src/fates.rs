//! What comes of each of the 64 signals when it is sent to an init.

use crate::signals::{self, LAST};
use crate::{Init, Run, patience};
use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

/// The fates of the signals, each a list of numbers as [`ranges`] writes it. Those that are in
/// `changed` are in no other list of what the command sees.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fates {
    /// The command got this one, and no other.
    pub forwarded: String,
    /// The command got another, or more than one: `20>19` for TSTP that came as STOP.
    pub changed: String,
    /// Nobody noticed.
    pub swallowed: String,
    /// The command was stopped.
    pub stops_command: String,
    /// The init was stopped.
    pub stops_init: String,
    /// The init died by it, and the command lives on without it.
    pub ends_init: String,
}

/// What came of one signal.
#[derive(Debug, Default)]
struct Fate {
    arrived: Vec<i32>,
    stops_command: bool,
    stops_init: bool,
    ends_init: bool,
}

impl Fate {
    fn is_nothing(&self) -> bool {
        self.arrived.is_empty() && !(self.stops_command || self.stops_init || self.ends_init)
    }
}

impl Fates {
    /// Sends all but KILL to the init, one after the other, and sees what happens; to another init
    /// when one has died.
    ///
    /// # Panics
    /// If a signal has no visible end.
    #[track_caller]
    pub fn of(init: impl Fn() -> Init) -> Fates {
        let start = || init().command(["probe", "signals", "until", "KILL"]).spawn().ready();
        let mut run = start();
        let mut all = Vec::new();
        for signal in (1..=LAST).filter(|signal| *signal != libc::SIGKILL) {
            let fate = fate_of(&mut run, signal);
            if fate.ends_init {
                run = start();
            }
            all.push((signal, fate));
        }
        Fates::sorted(&all)
    }

    fn sorted(all: &[(i32, Fate)]) -> Fates {
        let those = |is: &dyn Fn(i32, &Fate) -> bool| {
            ranges(all.iter().filter(|(signal, fate)| is(*signal, fate)).map(|(signal, _)| *signal))
        };
        let mut changed: Vec<String> = Vec::new();
        for (signal, fate) in all.iter().filter(|(signal, fate)| is_changed(*signal, fate)) {
            let to: Vec<String> = fate.arrived.iter().map(i32::to_string).collect();
            changed.push(format!("{signal}>{}", to.join("+")));
        }
        Fates {
            forwarded: those(&|signal, fate| fate.arrived == [signal]),
            changed: changed.join(","),
            swallowed: those(&|_, fate| fate.is_nothing()),
            stops_command: those(&|_, fate| fate.stops_command),
            stops_init: those(&|_, fate| fate.stops_init),
            ends_init: those(&|_, fate| fate.ends_init),
        }
    }
}

fn is_changed(signal: i32, fate: &Fate) -> bool {
    !fate.arrived.is_empty() && fate.arrived != [signal]
}

/// `1-3,10,34-64`: numbers in ascending order, as people write them.
pub fn ranges(numbers: impl IntoIterator<Item = i32>) -> String {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let mut text = String::new();
    for (first, last) in runs {
        let comma = if text.is_empty() { "" } else { "," };
        let _ = match first == last {
            true => write!(text, "{comma}{first}"),
            false => write!(text, "{comma}{first}-{last}"),
        };
    }
    text
}

/// A signal that every init forwards, sent behind another: when it comes, the other has been seen
/// to, as the lowest number is taken first. (signal(7) does not promise that; the kernel does so.)
const MARK: i32 = LAST;

/// How long the last signal itself is waited for, as nothing can be sent behind it.
const AWHILE: Duration = Duration::from_millis(1000);

/// How long a process that was sent a STOP may take to have stopped.
const MOMENT: Duration = Duration::from_millis(200);

fn fate_of(run: &mut Run, signal: i32) -> Fate {
    let mut fate = Fate::default();
    let command = run.others().into_iter().find(|one| one.name == "probe").expect("the probe").pid;
    run.send(signal);
    if signal == MARK {
        if run.stdout().line_within(AWHILE) == Some(format!("signal {MARK} value 0")) {
            fate.arrived.push(MARK);
        }
        return fate;
    }
    let mut rounds = 0;
    // One more when something was stopped: the CONT that it took may come behind the first mark.
    while rounds < 1 + usize::from(fate.stops_command || fate.stops_init) {
        rounds += 1;
        let _ = run.signal(MARK);
        let deadline = Instant::now() + patience();
        while !saw(run, command, &mut fate) {
            if run.try_wait().expect("our child").is_some() {
                fate.ends_init = true;
                orphan_is_left(command);
                return fate;
            }
            assert!(Instant::now() < deadline, "signal {signal}: nothing after {fate:?}");
        }
    }
    fate
}

/// Whether the mark has come to the command. What has been stopped is continued.
fn saw(run: &mut Run, command: i32, fate: &mut Fate) -> bool {
    if let Some(line) = run.stdout().line_within(Duration::from_millis(2)) {
        let number = line.split(' ').nth(1).and_then(|word| word.parse().ok());
        let number = number.unwrap_or_else(|| panic!("{line}: no signal"));
        // To continue the init is to send it a CONT, which it forwards, and so for the command.
        let is_ours = number == libc::SIGCONT && (fate.stops_init || fate.stops_command);
        match number {
            MARK => return true,
            _ if is_ours => {}
            _ => fate.arrived.push(number),
        }
        return false;
    }
    let has_stopped = |pid: i32| state(pid) == Some('T');
    let init_stopped = has_stopped(run.pid());
    // Who stops itself told the command before, which may take a moment to stop.
    let deadline = Instant::now() + if init_stopped { MOMENT } else { Duration::ZERO };
    let mut command_stopped = has_stopped(command);
    while !command_stopped && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
        command_stopped = has_stopped(command);
    }
    for (pid, stopped, stops) in [
        (command, command_stopped, &mut fate.stops_command),
        (run.pid(), init_stopped, &mut fate.stops_init),
    ] {
        if stopped {
            *stops = true;
            let _ = signals::send(pid, libc::SIGCONT);
        }
    }
    false
}

fn state(pid: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// As PID 1 the init takes the command along; otherwise it is left behind, and nobody but us will
/// end it.
fn orphan_is_left(command: i32) {
    assert!(state(command).is_some_and(|state| state != 'Z'), "the command went with the init");
    let _ = signals::send(command, libc::SIGKILL);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_people_write_them() {
        assert_eq!(ranges([1, 2, 3, 10, 34, 35]), "1-3,10,34-35");
        assert_eq!(ranges([]), "");
    }
}
