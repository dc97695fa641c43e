//! Reading a command line and an environment by a door's table.

use super::{Called, Complaint, Door, Key, Launch, Parsed, Refusal};
use super::{dumb_init, my_init};
use crate::course::Stage;
use crate::exit::ExitCode;
use crate::limits::TEXT_MAX;
use crate::policy::{Format, ForwardTo, Mode, OnExit, Orphans, Policy, StepAside};
use crate::policy::{STOPS, Subreaper};
use crate::signal::{Signal, SignalSet};
use crate::time::Span;
use crate::words::{Likeness, after, decimal, piece, pieces, place, same};

/// What the variables of each door begin with.
const PREFIXES: &[u8] = b"SEXTON_ TINI_ DUMB_INIT_ CATATONIT_ ";

/// Reads `argv`, whose first word is our own name, and the environment, into the policy. The
/// command line wins; of the options that repeat, both count.
pub fn parse<'a>(
    policy: &mut Policy,
    words: impl Iterator<Item = &'a [u8]>,
    environment: impl Iterator<Item = &'a [u8]> + Clone,
) -> Parsed<'a> {
    let mut reader = Reader {
        policy,
        words,
        word: b"",
        key: None,
        door: Door::Native,
        quiet: 0,
        verbose: 0,
        stop: Stop::Refuse(Complaint::BadValue),
        launch: Launch::EMPTY,
    };
    match (reader.all(environment), reader.stop) {
        (Some(()), _) => Parsed::Run(reader.launch),
        (None, Stop::Print(key)) => Parsed::Print(reader.door, key),
        (None, Stop::Refuse(complaint)) => Parsed::Refuse(Refusal {
            complaint,
            word: reader.word,
            door: reader.door,
            key: reader.key,
        }),
    }
}

/// Why reading stops before a command is reached.
#[derive(Clone, Copy)]
enum Stop {
    /// The option prints a page.
    Print(Key),
    Refuse(Complaint),
}

/// Which of the variables are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    /// `SEXTON_AS`.
    TheDoor,
    /// All others.
    TheRest,
}

/// What reads. Where one of its functions gives `None`, reading stops.
#[repr(C)] // in this order, the large one last: so the code that reaches the others is shorter
struct Reader<'a, 'p, Words> {
    policy: &'p mut Policy,
    words: Words,
    /// What is being read, and for which option: if it is wrong, these are named.
    word: &'a [u8],
    key: Option<Key>,
    door: Door,
    /// How much is said, and how often more was to be said.
    quiet: u8,
    verbose: u8,
    /// Why reading stops, if it does; where nothing else is said, a value is wrong.
    stop: Stop,
    /// Its command is at the word that was read last.
    launch: Launch<'a>,
}

impl<'a, Words: Iterator<Item = &'a [u8]>> Reader<'a, '_, Words> {
    #[inline(never)]
    fn all(&mut self, environment: impl Iterator<Item = &'a [u8]> + Clone) -> Option<()> {
        let own = self.words.next().unwrap_or_default();
        let own = own.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        self.enter(Door::named(own).unwrap_or(Door::Native));
        // What the environment says is said to the init, and not to what runs under it.
        if self.door != Door::Setuser {
            // First the door, whatever stands before it: what it means by itself is for others to
            // change. Who is called my_init is that: most of what it means is no other's.
            if self.door != Door::MyInit {
                self.variables(environment.clone(), Door::Native, Only::TheDoor)?;
            }
            self.variables(environment.clone(), Door::Native, Only::TheRest)?;
        }
        self.verbose = 0;
        self.arguments()?;
        // As in the originals these win over what was typed. Who is called docker-init stands in
        // for tini, which there nobody can give options.
        let theirs = if self.door == Door::Native { Door::Tini } else { self.door };
        self.variables(environment.clone(), theirs, Only::TheRest)?;
        match self.door {
            Door::DumbInit => dumb_init::finish(self.policy),
            Door::MyInit => self.finish_my_init(environment)?,
            // Without a limit it is 0, as in my_init.
            _ if self.policy.drain_timeout == Span::FOREVER => {}
            _ => self.launch.course.seconds = (self.policy.drain_timeout.as_millis() / 1000) as u32,
        }
        Some(())
    }

    /// Reading stops, for this reason.
    #[inline(never)]
    fn stop<T>(&mut self, stop: Stop) -> Option<T> {
        self.stop = stop;
        None
    }

    fn refuse<T>(&mut self, complaint: Complaint) -> Option<T> {
        self.stop(Stop::Refuse(complaint))
    }

    /// From here on another door's dialect is read.
    fn enter(&mut self, door: Door) {
        self.door = door;
        door.adjust(self.policy);
        self.quiet = self.policy.voice.level;
        if door == Door::MyInit {
            self.launch.course.become_my_init();
        }
    }

    /// What the variables of this door say.
    #[inline(never)]
    fn variables(
        &mut self,
        environment: impl Iterator<Item = &'a [u8]>,
        door: Door,
        only: Only,
    ) -> Option<()> {
        for entry in environment {
            let prefix = piece(PREFIXES, b' ', door as usize);
            let Some(entry) = after(prefix, entry, Likeness::Exact) else { continue };
            let mut parts = pieces(entry, b'=');
            let name = parts.piece();
            // Others are not refused: in Kubernetes a service named "sexton" puts SEXTON_PORT and
            // the like into every pod.
            let Some(key) = door.option(Called::Variable, name) else { continue };
            if (key == Key::As) == (only == Only::TheDoor) {
                self.variable(door, key, parts.rest().unwrap_or_default())?;
            }
        }
        Some(())
    }

    /// What a variable says.
    fn variable(&mut self, door: Door, key: Key, values: &'a [u8]) -> Option<()> {
        // Where commas are nothing special a mark that cannot be there.
        for value in pieces(values, if key.takes_text() { 0 } else { b',' }) {
            (self.word, self.key) = (value, Some(key));
            let times = match door {
                Door::Native => key.times(value)?,
                Door::Tini if key == Key::Verbose => {
                    self.policy.voice.level = decimal(value).unwrap_or(0) as u8;
                    0
                }
                Door::DumbInit => (value == if key == Key::Verbose { b"1" } else { b"0" }).into(),
                // That it is there is enough, whatever it says.
                Door::Catatonit => 3,
                _ => 1,
            };
            for _ in 0..times {
                self.set(key)?;
            }
        }
        Some(())
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.launch.command_at += 1;
        self.words.next()
    }

    /// Up to the command, which was read last.
    fn arguments(&mut self) -> Option<()> {
        loop {
            if self.door == Door::MyInit {
                return self.my_init_arguments();
            }
            let Some(word) = self.next() else { break };
            (self.word, self.key) = (word, None);
            if self.door == Door::Pause {
                if same(b"-v", word, Likeness::Loose) {
                    return self.stop(Stop::Print(Key::Version));
                }
                continue;
            }
            if self.policy.mode == Mode::Become {
                self.launch.user = Some(word);
                match self.next() {
                    Some(_) => return Some(()),
                    None => break,
                }
            }
            let Some(letters @ [_, ..]) = after(b"-", word, Likeness::Exact) else {
                return Some(());
            };
            match after(b"-", letters, Likeness::Exact) {
                None => self.letters(letters)?,
                Some([]) if self.next().is_some() => return Some(()),
                Some([]) => {}
                Some(long) => self.long(long)?,
            }
        }
        match self.policy.mode {
            Mode::Run | Mode::Become => self.command_or_services(),
            Mode::Pause => Some(()),
        }
    }

    /// Where there is no command, services have to be what is run.
    fn command_or_services(&mut self) -> Option<()> {
        if !self.launch.course.has(Stage::Services) {
            return self.refuse(Complaint::NoCommand);
        }
        Some(())
    }

    /// As Python's argparse reads them: options may follow the command, whose words are the first
    /// that stand together; the first `--` is dropped, wherever it is.
    #[inline(never)]
    fn my_init_arguments(&mut self) -> Option<()> {
        let (mut unknown, mut literal) = (None, false);
        let mut at = self.launch.command_at;
        self.launch.command_at = 0;
        while let Some(word) = self.words.next() {
            at += 1;
            let launch = &mut self.launch;
            let in_command = launch.command_at > 0 && launch.command_end == 0;
            if !literal && word == b"--" {
                literal = true;
                if in_command {
                    launch.left_out = at;
                }
                continue;
            }
            if literal || !my_init::is_option(word) {
                if launch.command_end > 0 {
                    unknown = Some(word);
                } else if !in_command {
                    launch.command_at = at;
                }
                continue;
            }
            if in_command {
                launch.command_end = at;
            }
            (self.word, self.key) = (word, None);
            if self.my_init_option(word).is_none() {
                // The help wins over what is unknown, even if it comes later.
                if !matches!(self.stop, Stop::Refuse(Complaint::UnknownOption)) {
                    return None;
                }
                unknown = Some(word);
            }
        }
        if let Some(word) = unknown {
            self.word = word;
            return self.refuse(Complaint::UnknownOption);
        }
        // What is wrong from here on is no usage error.
        self.policy.own_failure = ExitCode(1);
        self.stop = Stop::Refuse(Complaint::BadValue);
        if self.launch.command_at > 0 { Some(()) } else { self.command_or_services() }
    }

    fn my_init_option(&mut self, word: &'a [u8]) -> Option<()> {
        match word {
            [b'-', b'-', long @ ..] => self.long(long),
            [b'-', b'h', ..] => self.stop(Stop::Print(Key::Help)),
            _ => self.refuse(Complaint::UnknownOption),
        }
    }

    /// What only the variables of my_init say.
    #[inline(never)]
    fn finish_my_init(&mut self, environment: impl Iterator<Item = &'a [u8]>) -> Option<()> {
        for entry in environment {
            self.word = entry;
            my_init::variable(self.policy, &mut self.launch.course, entry)?;
        }
        Some(())
    }

    /// `--group`, `--to group`, `--to=group`.
    fn long(&mut self, long: &'a [u8]) -> Option<()> {
        let mut parts = pieces(long, b'=');
        let name = parts.piece();
        let Some(key) = self.door.option(Called::Name, name) else {
            return self.refuse(Complaint::UnknownOption);
        };
        if parts.rest().is_some() && !key.takes_value() {
            return self.refuse(Complaint::UnwantedValue);
        }
        self.option(key, parts.rest())
    }

    /// `-g`, `-gvv`, `-pTERM`, `-p TERM`.
    fn letters(&mut self, mut letters: &'a [u8]) -> Option<()> {
        // An option that takes a value takes all that is left.
        while let ([letter, rest @ ..], None) = (letters, self.key) {
            self.word = letters.get(..1).unwrap_or_default();
            // catatonit's name for what is tini's `-l`.
            let letter = if *letter == b'L' { b"l" } else { self.word };
            let Some(key) = self.door.option(Called::Letter, letter) else {
                return self.refuse(Complaint::UnknownLetter);
            };
            self.option(key, Some(rest).filter(|rest| !rest.is_empty()))?;
            letters = rest;
        }
        Some(())
    }

    /// With what follows it in the same word, or the next word if a value is wanted.
    fn option(&mut self, key: Key, value: Option<&'a [u8]>) -> Option<()> {
        if key.takes_value() {
            let Some(word) = value.or_else(|| self.next()) else {
                return self.refuse(Complaint::NoValue);
            };
            (self.word, self.key) = (word, Some(key));
        }
        if key >= Key::Help {
            return self.stop(Stop::Print(key));
        }
        self.set(key)
    }

    /// To the word being read. `None`: it is no value of this option.
    fn set(&mut self, key: Key) -> Option<()> {
        let (policy, word) = (&mut *self.policy, self.word);
        match key {
            Key::As => self.enter(Door::named(word)?),
            Key::To => {
                policy.forward_to = match choice(b"command\ngroup\nall", word)? {
                    0 => ForwardTo::Command,
                    1 => ForwardTo::Group,
                    _ => ForwardTo::Everyone,
                }
            }
            Key::Group => policy.forward_to = ForwardTo::Group,
            Key::Rewrite => self.rewrite()?,
            Key::StopOn => policy.stop_on = policy.stop_on.with(catchable(word)?),
            Key::StopDelay | Key::StopTimeout | Key::DrainTimeout => limit(policy, key, word)?,
            Key::OnExit => {
                policy.on_exit = match choice(b"drain\nwait\nleave", word)? {
                    0 => OnExit::Drain,
                    1 => OnExit::Wait,
                    _ => OnExit::Leave,
                };
                policy.stop_on = policy.stop_on.or(STOPS);
            }
            Key::Success => {
                let mut parts = pieces(word, b':');
                let from = code(parts.piece())?;
                let to = parts.rest().map_or(Some(ExitCode::SUCCESS), code)?;
                policy.codes.set(from, to);
            }
            Key::ParentDeath => policy.parent_death = Some(Signal::parse(word)?),
            Key::WarnOrphans => policy.voice.orphans = Orphans::Said,
            Key::Log => {
                policy.voice.format = match choice(b"text\njson", word)? {
                    0 => Format::Text,
                    _ => {
                        // Programs read the same whatever the door.
                        policy.voice.door = Door::Native;
                        Format::Json
                    }
                }
            }
            Key::StepAside => {
                policy.step_aside = match choice(b"auto\nalways\nnever", word)? {
                    0 => StepAside::Auto,
                    1 => StepAside::Always,
                    _ => StepAside::Never,
                }
            }
            Key::User => self.launch.user = Some(word),
            Key::Verbose => {
                self.verbose = self.verbose.saturating_add(1);
                policy.voice.level = self.quiet.saturating_add(self.verbose);
            }
            Key::Subreaper => policy.subreaper = Subreaper::Always,
            Key::SingleChild => dumb_init::single_child(policy),
            Key::NoKillAll => policy.on_exit = OnExit::Leave,
            Key::Quiet => policy.voice.level = 0,
            Key::Pause => policy.mode = Mode::Pause,
            _ => self.set_course(key)?,
        }
        Some(())
    }

    /// What is run besides the main command.
    fn set_course(&mut self, key: Key) -> Option<()> {
        let (course, word) = (&mut self.launch.course, self.word);
        match key {
            Key::EnvDir => course.name_store(text(word)?),
            Key::Startup | Key::Supervisor | Key::SupervisorStop | Key::StopHook => {
                let stage = match key {
                    Key::Startup => Stage::Startup,
                    Key::Supervisor => Stage::Services,
                    Key::SupervisorStop => Stage::StopServices,
                    _ => Stage::StopHooks,
                };
                course.name(stage, text(word)?);
            }
            Key::InsecureKey => course.add(Stage::Prologue),
            Key::SkipStartup => course.leave_out(&[Stage::Startup, Stage::Local]),
            Key::SkipRunit => course.leave_out(&my_init::OF_RUNIT),
            // They print a page.
            _ => {}
        }
        Some(())
    }

    fn rewrite(&mut self) -> Option<()> {
        let mut parts = pieces(self.word, b':');
        let (from, to) = (parts.piece(), parts.rest()?);
        let to = if to == b"0" { None } else { Some(Signal::parse(to)?) };
        let from = match self.door {
            Door::DumbInit => dumb_init::rewritable(from, to)?,
            _ => catchable(from)?,
        };
        self.policy.rewrites.set(from, to);
        Some(())
    }
}

impl Key {
    /// How often it is meant by this value of its variable.
    fn times(self, word: &[u8]) -> Option<usize> {
        // Compose files make empty ones.
        if self.takes_value() || word.is_empty() {
            return Some((!word.is_empty()).into());
        }
        let times = place(b"0\nfalse\nno\noff\n1\ntrue\nyes\non\n2\n3", word)? / 4;
        (times < 2 || self == Key::Verbose).then_some(times)
    }
}

/// The place of a word in a list of no more than three, a line each. It stays in two bits, so that
/// the last arm of what becomes of it needs no look.
#[inline(never)]
fn choice(list: &[u8], word: &[u8]) -> Option<u8> {
    place(list, word).map(|place| place as u8 & 3)
}

/// Sets one of the lengths of time.
fn limit(policy: &mut Policy, key: Key, word: &[u8]) -> Option<()> {
    let span = match key {
        Key::StopDelay => &mut policy.stop_delay,
        Key::StopTimeout => &mut policy.stop_timeout,
        _ => &mut policy.drain_timeout,
    };
    *span = timeout(word)?;
    // Delayed for ever, the stop would never come.
    (policy.stop_delay != Span::FOREVER).then_some(())
}

fn timeout(word: &[u8]) -> Option<Span> {
    if word == b"none" { Some(Span::FOREVER) } else { Span::parse(word) }
}

/// What fits where it will be copied to.
fn text(word: &[u8]) -> Option<&[u8]> {
    (word.len() < TEXT_MAX).then_some(word)
}

fn code(word: &[u8]) -> Option<ExitCode> {
    u8::try_from(decimal(word)?).ok().map(ExitCode)
}

/// A signal that can reach us.
fn catchable(word: &[u8]) -> Option<Signal> {
    let never = SignalSet::EMPTY.with(Signal::KILL).with(Signal::STOP).with(Signal::CHLD);
    Signal::parse(word).filter(|signal| !never.contains(*signal))
}
