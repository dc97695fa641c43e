//! Starting programs: the main command, and what a course has before and after it. When, is the
//! supervisor's to decide.

use sexton_core::accounts::Account;
use sexton_core::course::{Stage, StoreUse};
use sexton_core::door::Launch;
use sexton_core::exec::SHELL;
use sexton_core::limits;
use sexton_core::notice::{Phrase, Saying, Value};
use sexton_core::policy::{Placing, Policy};
use sexton_core::process::Pid;
use sexton_core::signal::SignalSet;
use sexton_core::store::Form;
use sexton_core::supervisor::{Began, Placement};
use sexton_core::text::Text;

use crate::audience::Circle;
use crate::boot::Inherited;
use crate::child::Plan;
use crate::listing::{self, Listing};
use crate::report;
use crate::store::Environment;
use crate::sys::{self, Command, Made, Words};
use crate::terminal::Terminal;

/// What is needed to start a program, whichever; and who was started.
#[repr(C)] // in this order, the large ones last: so the code that reaches the others is shorter
pub struct Steps<'a> {
    pub policy: &'a Policy,
    pub launch: &'a Launch<'static>,
    pub inherited: &'a Inherited,
    /// As whom the main command runs, if not as we do.
    pub user: Option<&'a Account<'a>>,
    pub circle: Circle,
    /// Of the main command, before and after it of the program of the stage; nobody once it was
    /// reaped: its number means nothing any more.
    pub main: Option<Pid>,
    /// Of the supervisor of services, in the same way, and what it was.
    pub services: Option<Pid>,
    pub services_number: u32,
    /// The stage that was started last, and the programs of its directory.
    stage: Option<Stage>,
    programs: Listing,
    /// The signals that programs ignore.
    pub ignored: SignalSet,
    /// What is run, for the log.
    pub running: Value<'static>,
    pub environment: Environment,
    /// The main command, as its words stand among our arguments.
    pub command: Option<Command<'static>>,
}

/// When the store is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before everything else.
    AtTheStart,
    /// After a startup file, which may have written into it.
    AfterAFile,
}

/// Room for a path, or for words that a shell reads and what it is told; more is refused where it
/// is typed.
const TEXT_MAX: usize = limits::TEXT_MAX + 32;

impl<'a> Steps<'a> {
    /// For this run, of which nothing has been started.
    pub fn new(
        policy: &'a Policy,
        launch: &'a Launch<'static>,
        inherited: &'a Inherited,
        user: Option<&'a Account<'a>>,
    ) -> Steps<'a> {
        Steps {
            policy,
            launch,
            inherited,
            environment: Environment::inherited(inherited.environment),
            user,
            command: command(launch, inherited.arguments),
            circle: Circle::of(policy.voice.own),
            main: None,
            services: None,
            services_number: 0,
            ignored: policy.ignored,
            running: Value::Foreign(b""),
            stage: None,
            programs: Listing::EMPTY,
        }
    }

    /// Whether there is more than the main command.
    pub fn has_course(&self) -> bool {
        !self.launch.course.is_empty()
    }

    /// Starts the next program of this stage.
    #[inline(never)]
    pub fn start(&mut self, stage: Stage, ignored: SignalSet) -> Began {
        self.ignored = ignored;
        let first = self.stage != Some(stage);
        self.stage = Some(stage);
        // What a startup file wrote into the store is for all that follows.
        if !first && matches!(stage, Stage::Startup | Stage::Local) {
            self.read_store(When::AfterAFile);
        }
        match stage {
            Stage::Main if first => self.start_main(),
            _ if first => self.start_text(stage),
            // Of a file or words, which are one program, nothing is left.
            _ => self.start_file(),
        }
    }

    /// Reads the store, if there is one: see [`Environment::read`].
    #[inline(never)]
    pub fn read_store(&mut self, when: When) {
        let mut buffer = [0; TEXT_MAX];
        let mut store = Text::new(&mut buffer);
        let course = &self.launch.course;
        course.store().copy(&mut store);
        if !store.is_empty() {
            let given = self.inherited.environment;
            let (kept, forms): (_, &[Form]) = match (course.store_use(), when) {
                (StoreUse::Added, _) => (given, &[]),
                (_, When::AtTheStart) => (given, &[Form::Files, Form::Shell, Form::Json]),
                (_, When::AfterAFile) => (Words::NONE, &[Form::Shell, Form::Json]),
            };
            self.environment.read(store.bytes(), &self.policy.voice, kept, forms);
        }
    }

    /// The main command. Where it was placed is written into the circle.
    #[inline(never)]
    fn start_main(&mut self) -> Began {
        let Some(command) = self.command else { return Began::Nothing };
        // Who was started before it is in our session, and keeps the terminal.
        let shared = if self.has_course() { Placing::Shared } else { self.policy.placing };
        let terminal = Terminal::choose(shared, self.circle.own);
        terminal.let_go(&self.policy.voice);
        self.say_main(command);
        self.running = Value::Foreign(command.name);
        self.circle.placement = terminal.placement();
        let began = self.spawn(command, &terminal, self.user);
        self.circle.main = self.main;
        self.circle.group = match (self.circle.placement, self.main) {
            (Placement::Apart, Some(main)) => main.number(),
            _ => sys::group(),
        };
        began
    }

    /// In the words of those doors that say all of them.
    #[inline(never)]
    fn say_main(&self, command: Command<'_>) {
        let mut buffer = [0; limits::LINE_MAX];
        let mut words = Text::new(&mut buffer);
        if Saying::Running.is_for(&self.policy.voice) {
            for word in command.words() {
                if !words.is_empty() {
                    words.byte(b' ');
                }
                words.text(word);
            }
            self.say(Saying::Running, Value::Foreign(words.bytes()));
        }
    }

    /// The next program of a directory.
    #[inline(never)]
    fn start_file(&mut self) -> Began {
        let Some(file) = self.programs.next() else { return Began::Nothing };
        self.running = Value::Foreign(file.bytes());
        self.say(Saying::Running, self.running);
        self.spawn(Made::nothing().with(file).command(), &Terminal::Shells, None)
    }

    /// The first program of a directory, a file, or words of a shell's.
    #[inline(never)]
    fn start_text(&mut self, stage: Stage) -> Began {
        let mut buffer = [0; TEXT_MAX];
        let mut text = Text::new(&mut buffer);
        self.running = self.launch.course.text(stage);
        self.running.copy(&mut text);
        match stage {
            _ if text.is_empty() => return Began::Nothing,
            Stage::Startup | Stage::StopHooks | Stage::LastHooks => {
                self.programs = Listing::of(text.bytes(), &self.policy.voice);
                return self.start_file();
            }
            Stage::Prologue => self.say(Saying::PrologueRuns, self.running),
            Stage::Local if !listing::is_program(text.path()) => return Began::Nothing,
            Stage::Local => self.say(Saying::Running, self.running),
            Stage::Services => self.say(Saying::ServicesStart, self.running),
            _ => {}
        }
        let began = self.start_words(text);
        if let (Stage::Services, Some(pid)) = (stage, self.main) {
            (self.services, self.services_number) = (self.main.take(), pid.number());
            self.say(Saying::ServicesStarted, pid.into());
        }
        began
    }

    /// By the shell; but as make(1) does, words that hold nothing for a shell are run as they are.
    #[inline(never)]
    fn start_words(&mut self, mut text: Text<'_>) -> Began {
        let mut blanks = 0;
        for byte in text.bytes() {
            match byte {
                b' ' => blanks += 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'-'..=b'9' | b'_' => {}
                _ => blanks = Made::WORDS_MAX,
            }
        }
        let mut made = Made::nothing();
        let mut mark = b' ';
        if blanks >= Made::WORDS_MAX {
            made.with(SHELL.into()).with(c"-c".into());
            // The text is one word, behind which stand those that the shell calls $0 and $1.
            mark = 0;
            text.text(b"\0sh\0");
            text.number(self.launch.course.seconds);
        }
        for word in text.words(mark) {
            made.with(word);
        }
        self.spawn(made.command(), &Terminal::Shells, None)
    }

    /// A program, in its place.
    #[inline(never)]
    fn spawn(
        &mut self,
        command: Command<'_>,
        terminal: &Terminal,
        user: Option<&Account<'_>>,
    ) -> Began {
        let mut plan = Plan { steps: self, command, terminal, user, settled: Ok(()) };
        let made = sys::spawn(&mut || plan.carry_out());
        let (settled, voice) = (plan.settled, &self.policy.voice);
        self.main = made.ok();
        match (made, settled) {
            (Err(errno), _) => {
                report::unable(voice, Saying::CannotStart, Phrase::MakeProcess, errno);
                return Began::Failed;
            }
            (_, Err(errno)) => report::unable(voice, Saying::Unable, Phrase::GiveItsPlace, errno),
            _ if self.policy.placing == Placing::Session => self.say(Saying::Settled, self.running),
            _ => {}
        }
        if let Ok(pid) = made {
            report::say(voice, Saying::Started, &[Value::Foreign(command.name), pid.into()]);
        }
        Began::UnderWay(self.circle.placement)
    }

    #[inline(never)]
    fn say(&self, saying: Saying, value: Value<'_>) {
        report::say(&self.policy.voice, saying, &[value]);
    }
}

/// The main command, as its words stand among our arguments.
fn command(launch: &Launch<'_>, arguments: Words) -> Option<Command<'static>> {
    if launch.left_out > 0 {
        arguments.take_out(launch.left_out);
    }
    if launch.command_end > 0 {
        arguments.cut(launch.command_end);
    }
    arguments.command(launch.command_at)
}
