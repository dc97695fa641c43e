//! Starting programs: the main command, and what a course has before and after it. When, is the
//! supervisor's to decide.

use sexton_core::course::{Stage, StoreUse};
use sexton_core::door::Launch;
use sexton_core::errno::Errno;
use sexton_core::exec::SHELL;
use sexton_core::limits;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::{Placing, Policy};
use sexton_core::process::Pid;
use sexton_core::signal::SignalSet;
use sexton_core::store::Form;
use sexton_core::supervisor::Placement;
use sexton_core::text::{Path, Text};

use crate::audience::Circle;
use crate::boot::Inherited;
use crate::child::Plan;
use crate::listing::{self, Listing};
use crate::report;
use crate::store::Environment;
use crate::sys::{self, Action, Command, Made, Words};
use crate::terminal::Terminal;

/// What is needed to start a program, whichever.
pub struct Steps<'a> {
    policy: &'a Policy,
    launch: &'a Launch<'static>,
    inherited: &'a Inherited,
    /// The mask and the action for SIGCHLD that programs are given back.
    mask: SignalSet,
    chld: Action,
    environment: Environment,
    /// The stage that was started last, and the programs of its directory.
    stage: Option<Stage>,
    programs: Listing,
    /// What is run.
    running: &'static [u8],
    /// The signals that programs ignore.
    ignored: SignalSet,
}

/// Room for a path, or for words that a shell reads; more is refused where it is typed.
const TEXT_MAX: usize = limits::TEXT_MAX + 8;

impl<'a> Steps<'a> {
    /// For this run. The store is read.
    pub fn new(
        policy: &'a Policy,
        launch: &'a Launch<'static>,
        inherited: &'a Inherited,
        mask: SignalSet,
        chld: Action,
    ) -> Steps<'a> {
        let mut steps = Steps {
            policy,
            launch,
            inherited,
            mask,
            chld,
            environment: Environment::inherited(inherited.environment),
            stage: None,
            programs: Listing::EMPTY,
            running: b"",
            ignored: policy.ignored,
        };
        steps.read_store(&[Form::Files, Form::Shell, Form::Json], inherited.environment);
        steps
    }

    /// Into the environment of what is started. In the original's way it is written in these forms,
    /// and of the environment before it this is kept.
    #[inline(never)]
    fn read_store(&mut self, forms: &[Form], kept: Words) {
        let course = &self.launch.course;
        let (forms, kept) = match course.store_use {
            StoreUse::Added => (&[][..], self.inherited.environment),
            StoreUse::Everything => (forms, kept),
        };
        if !course.store.is_empty() {
            self.environment.read(course.store, &self.policy.voice, kept, forms);
        }
    }

    /// Whether there is more than the main command.
    pub fn has_course(&self) -> bool {
        !self.launch.course.is_empty()
    }

    /// What is run, for the log.
    pub fn running(&self) -> Value<'static> {
        Value::Foreign(self.running)
    }

    /// What the supervisor of services is called.
    pub fn services(&self) -> Value<'static> {
        Value::Foreign(self.launch.course.services)
    }

    /// Starts the next program of this stage; `None`: there is none, or none any more. Where the
    /// main command was placed is written into the circle.
    #[inline(never)]
    pub fn start(
        &mut self,
        stage: Stage,
        ignored: SignalSet,
        circle: &mut Circle,
    ) -> Result<Option<Pid>, Errno> {
        self.ignored = ignored;

        let first = self.stage != Some(stage);
        self.stage = Some(stage);
        let course = &self.launch.course;
        let text = course.text(stage);
        // What a startup file wrote into the store is for all that follows.
        if !first && matches!(stage, Stage::Startup | Stage::Local) {
            self.read_store(&[Form::Shell, Form::Json], Words::NONE);
        }
        match stage {
            Stage::Main if first => self.start_main(circle),
            Stage::Startup | Stage::StopHooks | Stage::LastHooks => {
                if first {
                    // What was run last may have its name there.
                    self.running = b"";
                    self.programs = Listing::of(text, &self.policy.voice);
                }
                self.programs.next().map(|path| self.start_file(path)).transpose()
            }
            _ if text.is_empty() || !first => Ok(None),
            _ => self.start_text(stage, text),
        }
    }

    /// The main command.
    #[inline(never)]
    fn start_main(&mut self, circle: &mut Circle) -> Result<Option<Pid>, Errno> {
        let Some(command) = command(self.launch, self.inherited.arguments) else {
            return Ok(None);
        };
        let terminal = Terminal::choose(self.policy.placing, circle.own);
        terminal.let_go(&self.policy.voice);
        self.say_main(&command);
        self.running = command.name;
        let main = self.spawn(command, &terminal, self.launch.course.is_empty())?;
        circle.main = Some(main);
        circle.placement = terminal.placement();
        circle.group = match circle.placement {
            Placement::Apart => main.number(),
            Placement::WithUs => sys::group(),
        };
        Ok(Some(main))
    }

    /// In the words of those doors that say all of them.
    #[inline(never)]
    fn say_main(&self, command: &Command<'_>) {
        if !Saying::Running.is_for(&self.policy.voice) {
            return;
        }
        let mut buffer = [0; limits::LINE_MAX];
        let mut words = Text::new(&mut buffer);
        for word in command.words() {
            if !words.is_empty() {
                words.byte(b' ');
            }
            words.text(word);
        }
        report::say(&self.policy.voice, Saying::Running, &[Value::Foreign(words.bytes())]);
    }

    /// A file, or words of a shell's.
    #[inline(never)]
    fn start_text(&mut self, stage: Stage, text: &'static [u8]) -> Result<Option<Pid>, Errno> {
        let mut buffer = [0; TEXT_MAX];
        let mut copy = Text::new(&mut buffer);
        copy.text(text);
        let voice = &self.policy.voice;
        if matches!(stage, Stage::Prologue | Stage::Local) {
            let file = copy.path();
            if stage == Stage::Prologue {
                report::say(voice, Saying::PrologueRuns, &[]);
            } else if listing::is_program(file) {
                report::say(voice, Saying::Running, &[Value::Foreign(text)]);
            } else {
                return Ok(None);
            }
            self.running = text;
            return self.spawn_made(&[file]).map(Some);
        }
        if stage == Stage::Services {
            report::say(voice, Saying::ServicesStart, &[]);
        }
        let pid = self.start_words(&mut copy)?;
        if stage == Stage::Services {
            report::say(voice, Saying::ServicesStarted, &[pid.into()]);
        }
        Ok(Some(pid))
    }

    /// By the shell; but as make(1) does, words that hold nothing for a shell are run as they are.
    #[inline(never)]
    fn start_words(&mut self, text: &mut Text<'_>) -> Result<Pid, Errno> {
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b" -./_".contains(byte);
        if text.bytes().iter().all(plain) && text.words_count() <= Made::WORDS_MAX {
            let mut list = [Path::from(c""); Made::WORDS_MAX];
            let mut count = 0;
            for (place, word) in list.iter_mut().zip(text.words()) {
                (*place, count) = (word, count + 1);
            }
            return self.spawn_made(list.get(..count).unwrap_or_default());
        }
        let mut buffer = [0; 16];
        let mut seconds = Text::new(&mut buffer);
        seconds.number(self.launch.course.seconds);
        self.spawn_made(&[SHELL.into(), c"-c".into(), text.path(), c"sh".into(), seconds.path()])
    }

    /// A file of a directory.
    fn start_file(&mut self, file: Path<'static>) -> Result<Pid, Errno> {
        self.running = file.bytes();
        report::say(&self.policy.voice, Saying::Running, &[self.running()]);
        self.spawn_made(&[file])
    }

    fn spawn_made(&mut self, words: &[Path<'_>]) -> Result<Pid, Errno> {
        self.spawn(Made::nothing().command(words), &Terminal::Shells, false)
    }

    /// A program, in its place.
    #[inline(never)]
    fn spawn(
        &mut self,
        command: Command<'_>,
        terminal: &Terminal,
        is_last: bool,
    ) -> Result<Pid, Errno> {
        let voice = &self.policy.voice;
        let mut plan = self.plan(command, terminal, is_last);
        let pid = sys::spawn(&mut || plan.carry_out());
        let pid = pid.inspect_err(|errno| {
            report::unable(voice, Saying::CannotStart, Phrase::MakeProcess, *errno);
        })?;
        match plan.settled {
            Err(errno) => report::unable(voice, Saying::Unable, Phrase::GiveItsPlace, errno),
            Ok(()) if self.policy.placing == Placing::Session => {
                report::say(voice, Saying::Settled, &[]);
            }
            Ok(()) => {}
        }
        report::say(voice, Saying::Started, &[Value::Foreign(command.name), pid.into()]);
        Ok(pid)
    }

    /// What the child needs to know.
    pub fn plan<'p>(
        &'p self,
        command: Command<'p>,
        terminal: &'p Terminal,
        is_last: bool,
    ) -> Plan<'p> {
        Plan {
            command,
            environment: self.environment.words(),
            ignored: self.ignored,
            is_last,
            mask: &self.mask,
            chld: &self.chld,
            terminal,
            policy: self.policy,
            settled: Ok(()),
        }
    }
}

/// The main command, as its words stand among our arguments.
pub fn command(launch: &Launch<'_>, arguments: Words) -> Option<Command<'static>> {
    if launch.left_out > 0 {
        arguments.take_out(launch.left_out);
    }
    if launch.command_end > 0 {
        arguments.cut(launch.command_end);
    }
    arguments.command(launch.command_at)
}
