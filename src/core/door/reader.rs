//! Reading a command line and an environment by a door's table.

use super::{Called, Complaint, Door, KEYS, Key, Launch, Parsed, Refusal, WAYS};
use super::{dumb_init, my_init};
use crate::book::{Chapter, FRONT, Page};
use crate::course::{Course, Stage};
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
    let (door, word) = (Door::Native, &b""[..]);
    let mut reader = Reader {
        policy,
        launch: Launch::EMPTY,
        words,
        door,
        quiet: 0,
        verbose: 0,
        word,
        key: None,
    };
    match reader.all(environment) {
        Ok(()) => Parsed::Run(reader.launch),
        Err(Stop::Print(key)) => Parsed::Print(reader.door, key),
        Err(Stop::Refuse(complaint)) => Parsed::Refuse(Refusal {
            complaint,
            word: reader.word,
            door: reader.door,
            key: reader.key,
        }),
    }
}

/// Why reading stopped before a command was reached.
enum Stop {
    /// The option prints a page.
    Print(Key),
    Refuse(Complaint),
}

impl From<Complaint> for Stop {
    fn from(complaint: Complaint) -> Stop {
        Stop::Refuse(complaint)
    }
}

/// Which of the variables are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    /// `SEXTON_AS`.
    TheDoor,
    /// All others.
    TheRest,
}

struct Reader<'a, 'p, Words> {
    policy: &'p mut Policy,
    /// Its command is at the word that was read last.
    launch: Launch<'a>,
    words: Words,
    door: Door,
    /// How much is said, and how often more was to be said.
    quiet: u8,
    verbose: u8,
    /// What is being read, and for which option: if it is wrong, these are named.
    word: &'a [u8],
    key: Option<Key>,
}

impl<'a, Words: Iterator<Item = &'a [u8]>> Reader<'a, '_, Words> {
    fn all(&mut self, environment: impl Iterator<Item = &'a [u8]> + Clone) -> Result<(), Stop> {
        let own = self.words.next().unwrap_or_default();
        let own = own.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        self.enter(Door::named(own).unwrap_or(Door::Native));
        // What the environment says is said to the init, and not to what runs under it.
        if self.door != Door::Setuser {
            // First the door, whatever stands before it: what it means by itself is for others to
            // change.
            for only in [Only::TheDoor, Only::TheRest] {
                self.variables(environment.clone(), Door::Native, only)?;
            }
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
            _ => {}
        }
        Ok(())
    }

    /// From here on another door's dialect is read.
    fn enter(&mut self, door: Door) {
        self.door = door;
        door.adjust(self.policy);
        self.quiet = self.policy.voice.level;
        if door == Door::MyInit {
            self.launch.course = Course::of_my_init();
        }
    }

    /// What the variables of this door say.
    #[inline(never)]
    fn variables(
        &mut self,
        environment: impl Iterator<Item = &'a [u8]>,
        door: Door,
        only: Only,
    ) -> Result<(), Stop> {
        for entry in environment {
            let prefix = piece(PREFIXES, b' ', door as usize);
            let Some(entry) = after(prefix, entry, Likeness::Exact) else { continue };
            let mut parts = pieces(entry, b'=');
            let name = parts.next().unwrap_or_default();
            // Others are not refused: in Kubernetes a service named "sexton" puts SEXTON_PORT and
            // the like into every pod.
            let Some(key) = door.option(Called::Variable, name) else { continue };
            if (key == Key::As) == (only == Only::TheDoor) {
                self.variable(door, key, parts.rest().unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// What a variable says.
    fn variable(&mut self, door: Door, key: Key, values: &'a [u8]) -> Result<(), Stop> {
        // Where commas are nothing special a mark that cannot be there.
        for value in pieces(values, if key.takes_text() { 0 } else { b',' }) {
            (self.word, self.key) = (value, Some(key));
            let times = match door {
                Door::Native => key.times(value).ok_or(Complaint::BadValue)?,
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
                self.set(key).ok_or(Complaint::BadValue)?;
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.launch.command_at += 1;
        self.words.next()
    }

    /// Up to the command, which was read last.
    fn arguments(&mut self) -> Result<(), Stop> {
        loop {
            if self.door == Door::MyInit {
                return self.my_init_arguments();
            }
            let Some(word) = self.next() else { break };
            (self.word, self.key) = (word, None);
            if self.door == Door::Pause {
                if same(b"-v", word, Likeness::Loose) {
                    return Err(Stop::Print(Key::Version));
                }
                continue;
            }
            if self.policy.mode == Mode::Become {
                self.launch.user = Some(word);
                match self.next() {
                    Some(_) => return Ok(()),
                    None => break,
                }
            }
            let Some(letters @ [_, ..]) = after(b"-", word, Likeness::Exact) else {
                return Ok(());
            };
            match after(b"-", letters, Likeness::Exact) {
                None => self.letters(letters)?,
                Some([]) if self.next().is_some() => return Ok(()),
                Some([]) => {}
                Some(long) => self.long(long)?,
            }
        }
        match self.policy.mode {
            Mode::Run | Mode::Become if !self.launch.course.has(Stage::Services) => {
                Err(Complaint::NoCommand.into())
            }
            _ => Ok(()),
        }
    }

    /// As Python's argparse reads them: options may follow the command, whose words are the first
    /// that stand together; the first `--` is dropped, wherever it is.
    #[inline(never)]
    fn my_init_arguments(&mut self) -> Result<(), Stop> {
        let (mut unknown, mut literal) = (None, false);
        let before = self.launch.command_at;
        self.launch.command_at = 0;
        let mut at = before;
        while let Some(word) = self.words.next() {
            at += 1;
            let launch = &mut self.launch;
            let begun = launch.command_at != 0;
            if !literal && word == b"--" {
                literal = true;
                if begun && launch.command_end == 0 {
                    launch.left_out = at;
                }
            } else if !literal && my_init::is_option(word) {
                if begun && launch.command_end == 0 {
                    launch.command_end = at;
                }
                (self.word, self.key) = (word, None);
                match self.my_init_option(word) {
                    Err(Stop::Refuse(Complaint::UnknownOption)) => unknown = Some(word),
                    other => other?,
                }
            } else if launch.command_end != 0 {
                unknown = Some(word);
            } else if !begun {
                launch.command_at = at;
            }
        }
        if let Some(word) = unknown {
            self.word = word;
            return Err(Complaint::UnknownOption.into());
        }
        // What is wrong from here on is no usage error.
        self.policy.own_failure = ExitCode(1);
        if self.launch.command_at == 0 && !self.launch.course.has(Stage::Services) {
            return Err(Complaint::NoCommand.into());
        }
        Ok(())
    }

    fn my_init_option(&mut self, word: &'a [u8]) -> Result<(), Stop> {
        match after(b"--", word, Likeness::Exact) {
            Some(long) => self.long(long),
            None if after(b"-h", word, Likeness::Exact).is_some() => Err(Stop::Print(Key::Help)),
            None => Err(Complaint::UnknownOption.into()),
        }
    }

    /// What only the variables of my_init say.
    #[inline(never)]
    fn finish_my_init(&mut self, environment: impl Iterator<Item = &'a [u8]>) -> Result<(), Stop> {
        for entry in environment {
            self.word = entry;
            my_init::variable(self.policy, &mut self.launch.course, entry)
                .ok_or(Complaint::BadValue)?;
        }
        Ok(())
    }

    /// `--group`, `--to group`, `--to=group`.
    fn long(&mut self, long: &'a [u8]) -> Result<(), Stop> {
        let mut parts = pieces(long, b'=');
        let name = parts.next().unwrap_or_default();
        let key = self.door.option(Called::Name, name).ok_or(Complaint::UnknownOption)?;
        if parts.rest().is_some() && !key.takes_value() {
            return Err(Complaint::UnwantedValue.into());
        }
        self.option(key, parts.rest())
    }

    /// `-g`, `-gvv`, `-pTERM`, `-p TERM`.
    fn letters(&mut self, mut letters: &'a [u8]) -> Result<(), Stop> {
        // An option that takes a value takes all that is left.
        while let ([letter, rest @ ..], None) = (letters, self.key) {
            self.word = letters.get(..1).unwrap_or_default();
            // catatonit's name for what is tini's `-l`.
            let letter = if *letter == b'L' { b"l" } else { self.word };
            let key = self.door.option(Called::Letter, letter).ok_or(Complaint::UnknownLetter)?;
            self.option(key, Some(rest).filter(|rest| !rest.is_empty()))?;
            letters = rest;
        }
        Ok(())
    }

    /// With what follows it in the same word, or the next word if a value is wanted.
    fn option(&mut self, key: Key, value: Option<&'a [u8]>) -> Result<(), Stop> {
        if key.takes_value() {
            self.word = value.or_else(|| self.next()).ok_or(Complaint::NoValue)?;
            self.key = Some(key);
        }
        if key >= Key::Help {
            return Err(Stop::Print(key));
        }
        Ok(self.set(key).ok_or(Complaint::BadValue)?)
    }

    /// To the word being read. `None`: it is no value of this option.
    fn set(&mut self, key: Key) -> Option<()> {
        let (policy, word) = (&mut *self.policy, self.word);
        match key {
            Key::As => self.enter(Door::named(word)?),
            Key::To => {
                policy.forward_to = match place(b"command\ngroup\nall", word)? {
                    0 => ForwardTo::Command,
                    1 => ForwardTo::Group,
                    2 => ForwardTo::Everyone,
                    _ => return None,
                }
            }
            Key::Group => policy.forward_to = ForwardTo::Group,
            Key::Rewrite => self.rewrite()?,
            Key::StopOn => policy.stop_on = policy.stop_on.with(catchable(word)?),
            Key::StopDelay | Key::StopTimeout | Key::DrainTimeout => limit(policy, key, word)?,
            Key::OnExit => {
                policy.on_exit = match place(b"drain\nwait\nleave", word)? {
                    0 => OnExit::Drain,
                    1 => OnExit::Wait,
                    2 => OnExit::Leave,
                    _ => return None,
                };
                policy.stop_on = policy.stop_on.or(STOPS);
            }
            Key::Success => {
                let mut parts = pieces(word, b':');
                let from = code(parts.next()?)?;
                let to = parts.rest().map_or(Some(ExitCode::SUCCESS), code)?;
                policy.codes.set(from, to);
            }
            Key::ParentDeath => policy.parent_death = Some(Signal::parse(word)?),
            Key::WarnOrphans => policy.voice.orphans = Orphans::Said,
            Key::Log => {
                policy.voice.format = match place(b"text\njson", word)? {
                    0 => Format::Text,
                    _ => {
                        // Programs read the same whatever the door.
                        policy.voice.door = Door::Native;
                        Format::Json
                    }
                }
            }
            Key::StepAside => {
                policy.step_aside = match place(b"auto\nalways\nnever", word)? {
                    0 => StepAside::Auto,
                    1 => StepAside::Always,
                    2 => StepAside::Never,
                    _ => return None,
                }
            }
            Key::User => self.launch.user = Some(word),
            Key::Verbose => {
                self.verbose = self.verbose.saturating_add(1);
                policy.voice.level = self.quiet.saturating_add(self.verbose);
            }
            Key::Subreaper => policy.subreaper = Subreaper::Always,
            Key::SingleChild => dumb_init::single_child(policy),
            Key::EnvDir => self.launch.course.name_store(text(word)?),
            Key::Startup | Key::Supervisor | Key::SupervisorStop | Key::StopHook => {
                let stage = match key {
                    Key::Startup => Stage::Startup,
                    Key::Supervisor => Stage::Services,
                    Key::SupervisorStop => Stage::StopServices,
                    _ => Stage::StopHooks,
                };
                self.launch.course.name(stage, text(word)?);
            }
            Key::InsecureKey => self.launch.course.add(Stage::Prologue),
            Key::SkipStartup => self.launch.course.leave_out(&[Stage::Startup, Stage::Local]),
            Key::SkipRunit => self.launch.course.leave_out(&my_init::OF_RUNIT),
            Key::NoKillAll => policy.on_exit = OnExit::Leave,
            Key::Quiet => policy.voice.level = 0,
            Key::Pause => policy.mode = Mode::Pause,
            // They print a page.
            Key::Help | Key::Version | Key::Licence => {}
        }
        Some(())
    }

    fn rewrite(&mut self) -> Option<()> {
        let mut parts = pieces(self.word, b':');
        let (from, to) = (parts.next()?, parts.rest()?);
        let to = if to == b"0" { None } else { Some(Signal::parse(to)?) };
        let from = match self.door {
            Door::DumbInit => dumb_init::rewritable(from, to)?,
            _ => catchable(from)?,
        };
        self.policy.rewrites.set(from, to);
        Some(())
    }
}

impl Door {
    /// What it calls this option in one letter; NUL if there is none.
    #[inline(never)]
    pub fn letter(self, key: Key) -> u8 {
        let mut room = [0; FRONT];
        let names = Page::of(Chapter::Names, self as usize).read(&mut room);
        piece(names, b' ', key as usize * WAYS).first().copied().unwrap_or(0)
    }

    /// The option that is called so, or, of those names that are typed, whose name alone begins so.
    #[inline(never)]
    fn option(self, how: Called, word: &[u8]) -> Option<Key> {
        let typed = how != Called::Variable;
        let likeness = if typed { Likeness::Exact } else { Likeness::Loose };
        // Our own variables are called as the options are.
        let how = if self == Door::Native && !typed { Called::Name } else { how };
        let mut room = [0; FRONT];
        let names = Page::of(Chapter::Names, self as usize).read(&mut room);
        let (mut found, mut alike) = (None, 0);
        for key in KEYS {
            let name = piece(names, b' ', key as usize * WAYS + how as usize);
            let begins = name.get(..word.len()).is_some_and(|name| same(name, word, likeness));
            let whole = name.len() == word.len();
            if begins && !word.is_empty() && (typed || whole) {
                (found, alike) = (Some(key), alike + 1);
                if whole {
                    return found;
                }
            }
        }
        found.filter(|_| alike == 1)
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
