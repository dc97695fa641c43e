//! The one effective command: what runs as PID 1 of a container, and what it becomes.
//!
//! Words come in from whatever kind of file; a [`Chain`] comes out: inits, wrappers and shells,
//! one behind the other, down to the program that does the work.

use crate::doors::{self, Facts};
use crate::known::inits::{self, Supervisor};
use crate::known::shells::{self, Shell, Told};
use crate::known::wrappers::{self, Keeper, Wrapper};
use crate::shell::ast::Script;
use crate::shell::flow::{Event, Exec, Flow, How, Run, Tail};
use crate::shell::{self, Word};
use crate::source::{Fragment, Place};
use std::sync::Arc;

/// A word of a command line, and where it stands.
#[derive(Debug, Clone)]
pub struct Arg {
    /// What it comes to; as it is written, if that depends on a variable.
    pub text: String,
    /// Whether the text is all there is to know.
    pub fixed: bool,
    /// Where it stands.
    pub place: Place,
}

impl Arg {
    /// A word that means what it says.
    pub fn fixed(text: impl Into<String>, place: Place) -> Arg {
        Arg { text: text.into(), fixed: true, place }
    }
}

/// What runs, from PID 1 on. Each link starts the next one.
#[derive(Debug, Default)]
pub struct Chain {
    /// The links; empty if nothing is known to run.
    pub links: Vec<Link>,
    /// Scripts that could not be read, and why.
    pub broken: Vec<(Place, String)>,
}

/// One program of the chain.
#[derive(Debug)]
pub struct Link {
    /// Its name and arguments.
    pub words: Vec<Arg>,
    /// What it is.
    pub what: What,
    /// How many of them are its own; the others are what it starts.
    pub own: usize,
    /// What becomes of it when it starts the next one.
    pub then: Then,
}

/// What a link is.
#[derive(Debug)]
pub enum What {
    /// An init that runs one command.
    Init(Facts),
    /// An init or supervisor with services of its own.
    Supervisor(Supervisor),
    /// A program that becomes the next one.
    Wrapper,
    /// A program that stays as a parent without passing signals on well.
    Keeper(Keeper),
    /// A shell.
    Shell(Box<ShellRun>),
    /// A program like any other.
    Program,
}

/// What becomes of a link when it starts the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The next one replaces it, and has its PID.
    Becomes,
    /// The same, but only because this shell is clever.
    BecomesByHabit,
    /// The next one is its child.
    Stays,
    /// There is no next one that we know.
    Ends,
}

/// A shell and what it runs.
#[derive(Debug)]
pub struct ShellRun {
    /// Which.
    pub shell: Shell,
    /// From where its commands come.
    pub form: ShellForm,
    /// The commands; `None` if they could not be read, or depend on a variable.
    pub script: Option<Arc<Script>>,
    /// What they do.
    pub flow: Flow,
    /// The event that starts the next link.
    pub main: Option<usize>,
    /// The text of the commands, or the path of the script.
    pub place: Place,
}

/// From where a shell has its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellForm {
    /// `sh -c TEXT`
    Text,
    /// A script in a file.
    File,
}

impl ShellRun {
    /// The run that starts the next link.
    pub fn main_run(&self) -> Option<(&Event, &Run)> {
        let at = self.main?;
        self.flow.runs().find(|(event, _)| std::ptr::eq(*event, &self.flow.events[at]))
    }

    /// Where a part of the script stands.
    pub fn place_of(&self, span: crate::source::Span) -> Place {
        self.script.as_ref().map_or(self.place.clone(), |script| script.fragment.place(span))
    }
}

impl Link {
    /// Its words as texts.
    pub fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }

    /// The last part of its path, if that is fixed.
    pub fn name(&self) -> Option<&str> {
        let first = self.words.first()?;
        first.fixed.then(|| crate::known::basename(&first.text))
    }

    /// From its first word to the last of its own.
    pub fn place(&self) -> Option<Place> {
        let first = &self.words.first()?.place;
        let own = self.words.get(..self.own.max(1))?;
        let last = own.iter().rev().find(|w| Arc::ptr_eq(&w.place.source, &first.source))?;
        Some(match last.place.span.start >= first.span.start {
            true => first.to(&last.place),
            false => first.clone(),
        })
    }

    /// The shell, if it is one.
    pub fn shell(&self) -> Option<&ShellRun> {
        if let What::Shell(run) = &self.what { Some(run) } else { None }
    }
}

impl Chain {
    /// The link that PID 1 is once everything has started.
    pub fn pid1(&self) -> Option<&Link> {
        let stays = |link: &&Link| !matches!(link.then, Then::Becomes | Then::BecomesByHabit);
        self.links.iter().find(stays)
    }

    /// The program that does the work, as far as we can see.
    pub fn program(&self) -> Option<&Link> {
        self.links.last()
    }

    /// The first init, and its place in the chain.
    pub fn init(&self) -> Option<(usize, &Link)> {
        let is_init = |link: &Link| matches!(link.what, What::Init(_) | What::Supervisor(_));
        self.links.iter().enumerate().find(|(_, link)| is_init(link))
    }

    /// The shells.
    pub fn shells(&self) -> impl Iterator<Item = (usize, &Link, &ShellRun)> {
        self.links.iter().enumerate().filter_map(|(at, link)| Some((at, link, link.shell()?)))
    }

    /// Whether something stays before this link, so that it is not PID 1.
    pub fn is_child(&self, at: usize) -> bool {
        let before = self.links.get(..at).unwrap_or_default();
        before.iter().any(|link| link.then == Then::Stays)
    }
}

/// What has to be known of the surroundings.
pub struct World<'a> {
    /// What `/bin/sh` is.
    pub sh: Shell,
    /// `NAME=value`
    pub environment: &'a [String],
    /// The scripts of the image, by the paths they have in it.
    pub files: &'a dyn Files,
}

/// The files of an image that we have the source of.
pub trait Files {
    /// The file that has this path in the image.
    fn find(&self, path: &str) -> Option<Arc<Fragment>>;
}

/// An image whose files we do not have.
pub struct NoFiles;

impl Files for NoFiles {
    fn find(&self, _: &str) -> Option<Arc<Fragment>> {
        None
    }
}

/// More links than these no container has.
const LINKS_MAX: usize = 24;

impl Chain {
    /// Follows a command line down to its program.
    pub fn of(mut words: Vec<Arg>, world: &World) -> Chain {
        let mut chain = Chain::default();
        while !words.is_empty() && chain.links.len() < LINKS_MAX {
            words = chain.follow(words, world);
        }
        if let Some(last) = chain.links.last_mut() {
            last.then = Then::Ends;
        }
        chain
    }

    /// Adds the link that these words are; the words that it starts come back.
    fn follow(&mut self, words: Vec<Arg>, world: &World) -> Vec<Arg> {
        if !words[0].fixed {
            return self.add(words, What::Program, Then::Ends, usize::MAX);
        }
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let name = crate::known::basename(texts[0]);
        if let Some(peeled) = doors::peel(name, &texts, world.environment) {
            return self.add(words, What::Init(peeled.facts), Then::Stays, peeled.command);
        }
        if let Some((supervisor, command)) = inits::supervisor(&texts) {
            return self.add(words, What::Supervisor(supervisor), Then::Stays, command);
        }
        match wrappers::wrapper(&texts) {
            Some(Wrapper::Becomes(at)) => {
                return self.add(words, What::Wrapper, Then::Becomes, at);
            }
            Some(Wrapper::Stays(keeper, at)) => {
                return self.add(words, What::Keeper(keeper), Then::Stays, at);
            }
            Some(Wrapper::StaysWithText(keeper, at)) => {
                let text = words[at].clone();
                self.add(words, What::Keeper(keeper), Then::Stays, usize::MAX);
                let place = text.place.clone();
                return vec![Arg::fixed("sh", place.clone()), Arg::fixed("-c", place), text];
            }
            None => {}
        }
        match shells::told(&texts) {
            Some(Told::Text(at)) => self.shell_text(words, at, world),
            Some(Told::File(at)) => match script(&words[at], world) {
                Some(file) => {
                    let shell = shells::called(&words[0].text, world.sh);
                    self.shell_file(words, at, &file, shell)
                }
                _ => self.add(words, What::Program, Then::Ends, usize::MAX),
            },
            Some(Told::Nothing) => self.add(words, What::Program, Then::Ends, usize::MAX),
            None => match world.files.find(texts[0]) {
                Some(file) => self.file(words, &file, world),
                None => self.add(words, What::Program, Then::Ends, usize::MAX),
            },
        }
    }

    fn add(&mut self, words: Vec<Arg>, what: What, then: Then, next: usize) -> Vec<Arg> {
        let rest = words.get(next..).unwrap_or_default().to_vec();
        let own = next.min(words.len());
        self.links.push(Link { words, what, own, then });
        rest
    }

    /// A file that is executed: by the interpreter after its `#!`, or by the shell.
    fn file(&mut self, words: Vec<Arg>, file: &Arc<Fragment>, world: &World) -> Vec<Arg> {
        let first = file.text.lines().next().unwrap_or("");
        let interpreter: Vec<&str> = match first.strip_prefix("#!") {
            Some(line) => line.split_ascii_whitespace().filter(|w| *w != "-S").collect(),
            None if is_text(&file.text) => vec!["/bin/sh"],
            None => return self.add(words, What::Program, Then::Ends, usize::MAX),
        };
        let place = file.place(0..first.len());
        if let Some(Told::Nothing) = shells::told(&interpreter) {
            let shell = shells::called(interpreter[0], world.sh);
            return self.shell_file(words, 0, file, shell);
        }
        // `#!/usr/bin/env bash`, `#!/usr/bin/dumb-init /bin/sh`: the words go before the path.
        let mut next: Vec<Arg> =
            interpreter.iter().map(|word| Arg::fixed(*word, place.clone())).collect();
        match next.last() {
            Some(last) if shells::told(&[&last.text]).is_some() || next.len() < LINKS_MAX => {}
            _ => return Vec::new(),
        }
        next.extend(words);
        self.interpreted(next, interpreter.len(), file, world)
    }

    /// Wrappers and inits before the interpreter, then the interpreter with the file.
    fn interpreted(
        &mut self,
        mut words: Vec<Arg>,
        mut path: usize,
        file: &Arc<Fragment>,
        world: &World,
    ) -> Vec<Arg> {
        loop {
            let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            if shells::told(&texts) == Some(Told::File(path)) {
                let shell = shells::called(texts[0], world.sh);
                return self.shell_file(words, path, file, shell);
            }
            let peeled = doors::peel(crate::known::basename(texts[0]), &texts, world.environment);
            let (what, then, next) = match (peeled, wrappers::wrapper(&texts)) {
                (Some(peeled), _) => (What::Init(peeled.facts), Then::Stays, peeled.command),
                (None, Some(Wrapper::Becomes(at))) => (What::Wrapper, Then::Becomes, at),
                _ => return self.add(words, What::Program, Then::Ends, usize::MAX),
            };
            if next == 0 || next > path || self.links.len() >= LINKS_MAX {
                return self.add(words, What::Program, Then::Ends, usize::MAX);
            }
            words = self.add(words, what, then, next);
            path -= next;
        }
    }

    fn shell_text(&mut self, words: Vec<Arg>, at: usize, world: &World) -> Vec<Arg> {
        let shell = shells::called(&words[0].text, world.sh);
        let text = &words[at];
        let fragment = Fragment::written(&text.place.source, text.place.span.clone(), &*text.text);
        let readable = text.fixed;
        // The word behind the text is `$0`.
        self.shell_run(words, at + 2, shell, ShellForm::Text, readable.then_some(&fragment))
    }

    fn shell_file(
        &mut self,
        words: Vec<Arg>,
        at: usize,
        file: &Arc<Fragment>,
        shell: Shell,
    ) -> Vec<Arg> {
        self.shell_run(words, at + 1, shell, ShellForm::File, Some(file))
    }

    fn shell_run(
        &mut self,
        words: Vec<Arg>,
        arguments: usize,
        shell: Shell,
        form: ShellForm,
        text: Option<&Arc<Fragment>>,
    ) -> Vec<Arg> {
        let fallback = words.last().map(|word| word.place.clone());
        let Some(place) = text.map(|text| text.whole_place()).or(fallback) else {
            return Vec::new();
        };
        let script = match text.map(shell::parse) {
            Some(Ok(script)) => Some(Arc::new(script)),
            Some(Err(broken)) => {
                let at = text.map_or(place.clone(), |text| text.place(broken.at..broken.at + 1));
                self.broken.push((at, broken.words.to_owned()));
                None
            }
            None => None,
        };
        let flow = script.as_ref().map(|script| Flow::of(script)).unwrap_or_default();
        let main = main_event(&flow);
        let mut run = ShellRun { shell, form, script, flow, main, place };
        let (then, next) = match run.main_run() {
            Some((event, main)) => {
                let given = words.get(arguments..).unwrap_or_default();
                (becomes(&run, event, main), next_words(&run, main, given))
            }
            None => (Then::Ends, Vec::new()),
        };
        if next.is_empty() {
            run.main = None;
        }
        let own = arguments.min(words.len());
        self.links.push(Link { words, what: What::Shell(Box::new(run)), own, then });
        next
    }
}

/// The script that a shell is given; without a slash it is in the working directory, not on PATH.
fn script(word: &Arg, world: &World) -> Option<Arc<Fragment>> {
    let path = &word.text;
    let here = if path.contains('/') { path.clone() } else { format!("./{path}") };
    word.fixed.then(|| world.files.find(&here)).flatten()
}

/// Whether a file without `#!` may be a script.
fn is_text(text: &str) -> bool {
    !text.starts_with('\u{7f}') && !text.contains('\0')
}

/// The event that the script is there for: the last that it does, of several the last in the
/// text, and rather one with the arguments.
fn main_event(flow: &Flow) -> Option<usize> {
    let candidates = flow.events.iter().enumerate().filter(|(_, event)| {
        let crate::shell::flow::What::Run(run) = &event.what else { return false };
        event.tail != Tail::No || (run.how == How::Exec && !event.conditional)
    });
    let all: Vec<usize> = candidates.map(|(at, _)| at).collect();
    let takes_arguments = |at: &&usize| match &flow.events[**at].what {
        crate::shell::flow::What::Run(run) => run.words.iter().any(Word::is_arguments),
        _ => false,
    };
    let mut at = all.iter().rev().find(takes_arguments).or(all.last()).copied()?;
    // Of a pipeline what comes first: `server | tee log` is there for the server.
    while at > 0 && is_piped(&flow.events[at]) && is_piped(&flow.events[at - 1]) {
        at -= 1;
    }
    Some(at)
}

fn is_piped(event: &Event) -> bool {
    matches!(&event.what, crate::shell::flow::What::Run(run) if matches!(run.how, How::Piped(_)))
}

/// What becomes of the shell.
fn becomes(run: &ShellRun, event: &Event, main: &Run) -> Then {
    match main.how {
        How::Exec => Then::Becomes,
        How::Foreground if run.form == ShellForm::Text && event.tail == Tail::Last => {
            let trapped = run.flow.traps().next().is_some();
            match run.shell {
                Shell::Busybox if !trapped => Then::BecomesByHabit,
                // Not where something is redirected, nor within a compound command.
                Shell::Bash if !trapped && main.redirections == 0 && !event.looped => {
                    Then::BecomesByHabit
                }
                _ => Then::Stays,
            }
        }
        How::Piped(Exec::Yes | Exec::No) | How::Subshell(_) => Then::Stays,
        How::Foreground | How::Background | How::BackgroundExec => Then::Stays,
    }
}

/// The words that the script starts, with its arguments put in.
fn next_words(run: &ShellRun, main: &Run, given: &[Arg]) -> Vec<Arg> {
    let mut words = Vec::new();
    for word in &main.words {
        if word.is_arguments() {
            words.extend_from_slice(given);
            continue;
        }
        let place = run.place_of(word.span.clone());
        let (text, fixed) = match word.text() {
            Some(text) => (text.to_owned(), true),
            None => (word.raw.clone(), false),
        };
        words.push(Arg { text, fixed, place });
    }
    words
}
