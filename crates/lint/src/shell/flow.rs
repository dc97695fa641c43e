//! What a script does to the process that runs it: whom it starts and how, in the order of the
//! text, with functions put in where they are called.

use super::Word;
use super::ast::{Block, Command, Covers, Link, List, Mode, Script, Simple};
use crate::source::{Fragment, Source, Span};

/// So many events are enough; a script of functions that call each other would never end.
const EVENTS_MAX: usize = 5_000;
/// How deep calls are followed.
const CALLS_MAX: usize = 12;

/// What happens, in order.
#[derive(Debug, Default)]
pub struct Flow {
    /// Everything that is started, trapped or waited for.
    pub events: Vec<Event>,
    /// Whether the last that the script does is to repeat something without end.
    pub endless: bool,
    /// Whether the script ends without waiting for what it put in the background.
    pub abandons: bool,
}

/// One thing that happens.
#[derive(Debug)]
pub struct Event {
    /// Which.
    pub what: What,
    /// Whether it is the last thing that the script does, on one of its ways.
    pub tail: Tail,
    /// Whether it is in a loop.
    pub looped: bool,
    /// Whether it may be passed by.
    pub conditional: bool,
}

/// Whether something is the last thing that a script does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Nothing follows.
    Last,
    /// Only its status is looked at, reported or returned.
    Almost,
    /// Something follows.
    No,
}

/// What can happen.
#[derive(Debug)]
pub enum What {
    /// A program or built-in is run.
    Run(Run),
    /// `trap`
    Trap(Trap),
    /// `wait`
    Wait(Simple),
}

/// A program that is run.
#[derive(Debug)]
pub struct Run {
    /// Its name and arguments, without `exec` and without what only concerns the shell.
    pub words: Vec<Word>,
    /// In which process.
    pub how: How,
    /// The whole command, `exec` included.
    pub span: Span,
    /// How many assignments stand before it.
    pub assignments: usize,
    /// How many redirections it has.
    pub redirections: usize,
}

/// In which process a program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In a child that the shell waits for.
    Foreground,
    /// In the shell's own: it is replaced.
    Exec,
    /// In a child that it does not wait for.
    Background,
    /// As a part of a pipeline; the second says whether `exec` stands before it.
    Piped(Exec),
    /// In a child of a subshell.
    Subshell(Exec),
    /// As a background job that was told to exec.
    BackgroundExec,
}

/// Whether `exec` stands before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exec {
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// A trap that is set.
#[derive(Debug)]
pub struct Trap {
    /// For these, in capitals and without `SIG`; `EXIT` is one.
    pub signals: Vec<String>,
    /// What shall be done.
    pub action: Action,
    /// The whole command.
    pub span: Span,
}

/// What a trap does.
#[derive(Debug)]
pub enum Action {
    /// The default.
    Reset,
    /// Nothing: the signal is ignored.
    Ignore,
    /// These commands, functions put in.
    Run(Vec<Simple>),
    /// It depends on a variable.
    Unknown,
}

impl Action {
    /// The commands, if they are known.
    pub fn commands(&self) -> &[Simple] {
        if let Action::Run(commands) = self { commands } else { &[] }
    }

    /// Whether a command of that name is among them.
    pub fn calls(&self, name: &str) -> bool {
        self.commands().iter().any(|simple| simple.name() == Some(name))
    }
}

impl Flow {
    /// Of a whole script.
    pub fn of(script: &Script) -> Flow {
        let mut walk = Walk { script, flow: Flow::default(), calls: 0 };
        let context =
            Context { how: How::Foreground, looped: false, conditional: false, args: None };
        walk.block(&script.block, &context, Tail::Last);
        walk.flow
    }

    /// The programs that are run.
    pub fn runs(&self) -> impl Iterator<Item = (&Event, &Run)> {
        self.events.iter().filter_map(|event| match &event.what {
            What::Run(run) => Some((event, run)),
            _ => None,
        })
    }

    /// The traps, with the places of their events.
    pub fn traps(&self) -> impl Iterator<Item = (usize, &Trap)> {
        self.events.iter().enumerate().filter_map(|(at, event)| match &event.what {
            What::Trap(trap) => Some((at, trap)),
            _ => None,
        })
    }

    /// The waits, with the places of their events.
    pub fn waits(&self) -> impl Iterator<Item = (usize, &Event, &Simple)> {
        self.events.iter().enumerate().filter_map(|(at, event)| match &event.what {
            What::Wait(simple) => Some((at, event, simple)),
            _ => None,
        })
    }

    /// Whether the shell hears TERM: a trap that does something is set for it.
    pub fn hears_term(&self) -> bool {
        let deaf = |trap: &Trap| matches!(trap.action, Action::Reset | Action::Ignore);
        self.traps().any(|(_, trap)| trap.signals.iter().any(|s| s == "TERM") && !deaf(trap))
    }
}

#[derive(Clone)]
struct Context<'a> {
    how: How,
    looped: bool,
    conditional: bool,
    /// What `"$@"` means in a function.
    args: Option<&'a [Word]>,
}

struct Walk<'a> {
    script: &'a Script,
    flow: Flow,
    calls: usize,
}

/// Whether what follows can be reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Reached,
    /// The function returned.
    Returned,
    Never,
}

impl<'a> Walk<'a> {
    fn block(&mut self, block: &'a Block, context: &Context<'a>, tail: Tail) -> After {
        let lists = &block.0;
        let last = lists.iter().rposition(|list| !list.is_idle());
        for (at, list) in lists.iter().enumerate() {
            let tail = match last {
                Some(last) if at == last && at + 1 == lists.len() => tail,
                Some(last) if at == last && tail != Tail::No => Tail::Almost,
                _ => Tail::No,
            };
            match self.list(list, context, tail) {
                After::Reached => {}
                ended => return ended,
            }
        }
        After::Reached
    }

    fn list(&mut self, list: &'a List, context: &Context<'a>, tail: Tail) -> After {
        let background = list.mode == Mode::Background;
        let mut context = context.clone();
        if background {
            context.how = How::Background;
            self.flow.abandons |= tail != Tail::No;
        }
        let tail = if background { Tail::No } else { tail };
        let last = list.parts.iter().rposition(|(_, command)| !command.is_idle());
        for (at, (link, command)) in list.parts.iter().enumerate() {
            let tail = match last {
                Some(last) if at == last && at + 1 == list.parts.len() => tail,
                Some(last) if at == last && tail != Tail::No => Tail::Almost,
                _ => Tail::No,
            };
            context.conditional |= *link != Link::First;
            let after = self.command(command, &context, tail);
            // What comes behind an `||` is reached only when this could not be started.
            if after != After::Reached && !context.conditional && !background {
                return after;
            }
        }
        After::Reached
    }

    fn command(&mut self, command: &'a Command, context: &Context<'a>, tail: Tail) -> After {
        if self.flow.events.len() >= EVENTS_MAX {
            return After::Never;
        }
        let mut inner = context.clone();
        match command {
            Command::Simple(simple) => return self.simple(simple, context, tail),
            Command::Pipeline(parts) => {
                inner.how = How::Piped(Exec::No);
                for part in parts {
                    self.command(part, &inner, tail);
                }
            }
            Command::Group(block) => return self.block(block, &inner, tail),
            Command::Subshell(block) => {
                if context.how == How::Foreground {
                    inner.how = How::Subshell(Exec::No);
                }
                self.block(block, &inner, tail);
            }
            Command::Choice { conditions, ways, covers } => {
                for condition in conditions {
                    self.block(condition, &inner, Tail::No);
                }
                inner.conditional = true;
                let ends: Vec<After> =
                    ways.iter().map(|way| self.block(way, &inner, tail)).collect();
                if *covers == Covers::Everything && !ends.contains(&After::Reached) {
                    let returns = ends.contains(&After::Returned);
                    return if returns { After::Returned } else { After::Never };
                }
            }
            Command::Loop { condition, body } => {
                inner.looped = true;
                self.block(condition, &inner, Tail::No);
                self.block(body, &inner, Tail::No);
                self.flow.endless |= tail != Tail::No && condition.is_always();
            }
            Command::Nothing => {}
        }
        After::Reached
    }

    fn simple(&mut self, simple: &'a Simple, context: &Context<'a>, tail: Tail) -> After {
        let Some(first) = simple.words.first() else { return After::Reached };
        let foreground = context.how == How::Foreground;
        match first.text() {
            Some("exit") if foreground => return After::Never,
            Some("return") if foreground => return After::Returned,
            Some("trap") => self.trap(simple, context),
            Some("wait") => self.push(What::Wait(simple.clone()), context, tail),
            Some("exec") => return self.exec(simple, context, tail),
            Some(name) if self.script.functions.contains_key(name) => {
                return self.call(name, simple, context, tail);
            }
            _ => self.run(&simple.words, context.how, simple, context, tail),
        }
        After::Reached
    }

    fn call(&mut self, name: &str, simple: &'a Simple, context: &Context<'a>, tail: Tail) -> After {
        let script = self.script;
        let Some(body) = script.functions.get(name) else { return After::Reached };
        if self.calls >= CALLS_MAX {
            return After::Reached;
        }
        self.calls += 1;
        let mut inner = context.clone();
        if !simple.arguments().iter().any(Word::is_arguments) {
            inner.args = Some(simple.arguments());
        }
        let after = self.block(body, &inner, tail);
        self.calls -= 1;
        if after == After::Never { After::Never } else { After::Reached }
    }

    fn exec(&mut self, simple: &'a Simple, context: &Context<'a>, tail: Tail) -> After {
        let mut words = simple.arguments();
        // `exec -a NAME`, `exec -c`, `exec -l`, `exec --`
        while let Some(option) = words.first().and_then(Word::text).filter(|w| w.starts_with('-')) {
            words = words.get(if option == "-a" { 2.. } else { 1.. }).unwrap_or_default();
        }
        if words.is_empty() {
            return After::Reached; // Only redirections: nobody is replaced.
        }
        let how = match context.how {
            How::Foreground | How::Exec => How::Exec,
            How::Background | How::BackgroundExec => How::BackgroundExec,
            How::Piped(_) => How::Piped(Exec::Yes),
            How::Subshell(_) => How::Subshell(Exec::Yes),
        };
        self.run(words, how, simple, context, tail);
        if how == How::Exec { After::Never } else { After::Reached }
    }

    fn run(&mut self, words: &[Word], how: How, simple: &Simple, context: &Context, tail: Tail) {
        let mut meant = Vec::with_capacity(words.len());
        for word in words {
            match context.args {
                Some(args) if word.is_arguments() => meant.extend_from_slice(args),
                _ => meant.push(word.clone()),
            }
        }
        let Simple { assignments, redirections, .. } = *simple;
        let span = simple.span.clone();
        let run = Run { words: meant, how, span, assignments, redirections };
        self.push(What::Run(run), context, tail);
    }

    fn push(&mut self, what: What, context: &Context, tail: Tail) {
        let Context { looped, conditional, .. } = *context;
        self.flow.events.push(Event { what, tail, looped, conditional });
    }

    fn trap(&mut self, simple: &Simple, context: &Context) {
        let mut words = simple.arguments();
        if words.first().and_then(Word::text) == Some("--") {
            words = &words[1..];
        }
        let [action, signals @ ..] = words else { return };
        if signals.is_empty()
            || action.text().is_some_and(|text| text.len() > 1 && text.starts_with('-'))
        {
            return; // `trap -p`, `trap -l`
        }
        let action = match action.text() {
            Some("-") => Action::Reset,
            Some("") => Action::Ignore,
            Some(text) => self.action(text),
            // Within double quotes variables are put in when the trap is set: the words stay.
            None => self.action(action.raw.trim_matches('"')),
        };
        let signals = signals.iter().filter_map(Word::text).map(signal_name).collect();
        let trap = Trap { signals, action, span: simple.span.clone() };
        self.push(What::Trap(trap), context, Tail::No);
    }

    fn action(&self, text: &str) -> Action {
        let source = Source::new("trap", text);
        let Ok(script) = super::parse(&Fragment::whole(&source)) else { return Action::Unknown };
        let mut commands = Vec::new();
        collect(&script.block, self.script, &mut commands, 0);
        Action::Run(commands)
    }
}

/// Every simple command in a block, functions put in.
fn collect(block: &Block, script: &Script, commands: &mut Vec<Simple>, depth: usize) {
    for (_, command) in block.0.iter().flat_map(|list| &list.parts) {
        match command {
            Command::Simple(simple) => {
                let body = simple.name().and_then(|name| script.functions.get(name));
                match body {
                    Some(body) if depth < CALLS_MAX => {
                        if commands.len() < EVENTS_MAX {
                            collect(body, script, commands, depth + 1);
                        }
                    }
                    _ => commands.push(simple.clone()),
                }
            }
            Command::Pipeline(parts) => {
                for part in parts {
                    if let Command::Simple(simple) = part {
                        commands.push(simple.clone());
                    }
                }
            }
            Command::Group(block) | Command::Subshell(block) => {
                collect(block, script, commands, depth + 1);
            }
            Command::Choice { conditions, ways, .. } => {
                for block in conditions.iter().chain(ways) {
                    collect(block, script, commands, depth + 1);
                }
            }
            Command::Loop { condition, body } => {
                collect(condition, script, commands, depth + 1);
                collect(body, script, commands, depth + 1);
            }
            Command::Nothing => {}
        }
    }
}

/// `15`, `SIGTERM` and `term` are `TERM`; `0` is `EXIT`.
fn signal_name(word: &str) -> String {
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    match name {
        "0" => "EXIT",
        "1" => "HUP",
        "2" => "INT",
        "3" => "QUIT",
        "15" => "TERM",
        other => other,
    }
    .to_owned()
}

impl List {
    /// Whether it only says or returns something.
    fn is_idle(&self) -> bool {
        self.parts.iter().all(|(_, command)| command.is_idle())
    }
}

impl Command {
    fn is_idle(&self) -> bool {
        match self {
            Command::Simple(simple) => match simple.name() {
                Some(name) => IDLE.contains(&name),
                None => simple.words.is_empty(),
            },
            Command::Nothing => true,
            Command::Group(block) => block.0.iter().all(List::is_idle),
            Command::Choice { ways, .. } => ways.iter().flat_map(|way| &way.0).all(List::is_idle),
            _ => false,
        }
    }
}

/// Commands that do nothing but look at, report or return a status.
const IDLE: &[&str] = &["exit", "return", "true", "false", ":", "echo", "printf", "[", "test"];

impl Block {
    /// Whether it is a condition that always holds.
    fn is_always(&self) -> bool {
        match self.0.as_slice() {
            [list] => match list.parts.as_slice() {
                [(_, Command::Simple(simple))] => {
                    matches!(simple.name(), Some("true" | ":" | "sleep" | "1"))
                }
                _ => false,
            },
            _ => false,
        }
    }
}
