//! Dockerfiles and Containerfiles.

use super::instructions::{self, From, Stage, join};
use crate::container::{
    CommandLine, Container, Form, ImageFacts, Probe, ProbeKind, Setting, StopSignal, User, Who,
};
use crate::effective::{Arg, Chain, Files, World};
use crate::known::images::{self, Ends, Image};
use crate::known::shells::Shell;
use crate::read::{self, Problem};
use crate::source::{Fragment, Place, Source};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a Dockerfile comes to.
#[derive(Debug, Default)]
pub struct Built {
    /// A container for each stage that somebody may build and run.
    pub containers: Vec<Container>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// The scripts that were looked at.
    pub scripts: Vec<PathBuf>,
}

/// Reads a Dockerfile. `folder` is where it lies, `None` for text without a place.
pub fn read(source: &Arc<Source>, folder: Option<&Path>) -> Built {
    let mut built = Built::default();
    let stages = match instructions::stages(source) {
        Ok(stages) => stages,
        Err((place, words)) => {
            built.problems.push(Problem::at(place, format!("no Dockerfile: {words}")));
            return built;
        }
    };
    let last = stages.len().saturating_sub(1);
    for (at, stage) in stages.iter().enumerate() {
        // The last stage is what is built; another one that starts something and is nobody's base
        // is there to be named with --target.
        if at == last || (stage.starts_something && !stage.is_base) {
            let context = Context::new(stage, folder);
            built.containers.extend(image(source, stage, &context, &Overrides::default()));
            built.scripts.extend(context.seen.take());
            built.problems.extend(context.problems.take());
        }
    }
    built
}

/// Reads a Dockerfile for a service that runs it with words of its own.
pub fn read_for(
    source: &Arc<Source>,
    context: Option<&Path>,
    target: Option<&str>,
    overrides: &Overrides,
) -> Option<Container> {
    let stages = instructions::stages(source).ok()?;
    let stage = match target {
        Some(target) => stages.iter().find(|stage| stage.name.as_deref() == Some(target))?,
        None => stages.last()?,
    };
    image(source, stage, &Context::new(stage, context), overrides)
}

/// What a service or a pod says in place of the image.
#[derive(Debug, Default)]
pub struct Overrides {
    /// In place of ENTRYPOINT; drops CMD too.
    pub entrypoint: Option<CommandLine>,
    /// In place of CMD.
    pub cmd: Option<CommandLine>,
}

fn image(
    source: &Arc<Source>,
    stage: &Stage,
    context: &Context,
    overrides: &Overrides,
) -> Option<Container> {
    if images::is_windows(&stage.image) {
        return None;
    }
    let base = images::image(&stage.image);
    let place = stage.from.clone().unwrap_or_else(|| Place::new(source, 0..0));
    let mut entrypoint = stage.entrypoint.clone();
    let mut cmd = stage.cmd.clone();
    if let Some(over) = &overrides.entrypoint {
        (entrypoint, cmd) = (Some(over.clone()), None);
    }
    if let Some(over) = &overrides.cmd {
        cmd = Some(over.clone());
    }
    let inherits = overrides.entrypoint.is_none() && !stage.drops_cmd && overrides.cmd.is_none();
    let words = words(entrypoint.as_ref(), cmd.as_ref(), base.filter(|_| true), inherits, &place);
    let sh = base.map_or(Shell::Unknown, |base| base.shell);
    let world = World { sh, environment: &stage.environment, files: context };
    let chain = Chain::of(words, &world);
    context.note_broken(&chain);
    let handles_stop = handles_stop(&chain, context);
    let health = stage.health.iter().map(|health| Probe {
        name: "HEALTHCHECK".into(),
        kind: ProbeKind::Repeated,
        chain: Chain::of(health.command.words.clone(), &world),
        place: health.command.place.clone(),
        timeout: health.timeout.or(Some(30)),
    });
    Some(Container {
        name: match &stage.name {
            Some(name) if stage.starts_something => format!("stage {name}"),
            _ => "the image".into(),
        },
        place,
        entrypoint,
        cmd,
        chain,
        stop_signal: stop_signal(stage, base),
        user: user(stage, base),
        image: base,
        runtime_init: None,
        handles_stop,
        probes: health.collect(),
        setting: Setting::Image(ImageFacts { runs: stage.runs.clone(), text: source.text.clone() }),
    })
}

/// ENTRYPOINT and CMD, one behind the other; the base image's where there is none.
pub fn words(
    entrypoint: Option<&CommandLine>,
    cmd: Option<&CommandLine>,
    base: Option<Image>,
    inherits_cmd: bool,
    place: &Place,
) -> Vec<Arg> {
    let mut words = Vec::new();
    match (entrypoint, base.and_then(|base| base.entrypoint)) {
        (Some(entrypoint), _) => words.extend(entrypoint.words.iter().cloned()),
        (None, Some(start)) if start.ends == Ends::Words => {
            words.extend(start.words.iter().map(|word| Arg::fixed(*word, place.clone())));
        }
        // The scripts of these images end with exec "$@": they are gone when the command runs.
        (None, _) => {}
    }
    match (cmd, base) {
        (Some(cmd), _) => words.extend(cmd.words.iter().cloned()),
        (None, Some(base)) if inherits_cmd && entrypoint.is_none() => {
            words.extend(base.cmd.iter().map(|word| Arg::fixed(*word, place.clone())));
        }
        _ => {}
    }
    words
}

/// Looks for a handler in the file that the program is told to run.
fn handles_stop(chain: &Chain, context: &Context) -> Option<bool> {
    const HANDLERS: &[&str] = &["SIGTERM", "signal.signal", "add_signal_handler", "pcntl_signal"];
    let program = chain.program()?;
    let sources = [".py", ".js", ".mjs", ".cjs", ".ts", ".pl", ".php"];
    let file = program
        .words
        .iter()
        .skip(1)
        .find(|word| sources.iter().any(|extension| word.text.ends_with(extension)))?;
    let text = context.find(&join(&context.stage.folder, &file.text))?;
    Some(HANDLERS.iter().any(|handler| text.text.contains(handler)))
}

fn stop_signal(stage: &Stage, base: Option<Image>) -> Option<StopSignal> {
    match &stage.stop_signal {
        Some((text, place)) => Some(StopSignal { text: text.clone(), place: Some(place.clone()) }),
        None => base
            .and_then(|base| base.stop_signal)
            .map(|text| StopSignal { text: text.into(), place: None }),
    }
}

fn user(stage: &Stage, base: Option<Image>) -> User {
    let is = match (&stage.user, base) {
        (Some((user, _)), _) if is_root(user) => Who::Root,
        (Some(_), _) => Who::Other,
        (None, Some(base)) if base.user == images::User::Root => Who::Root,
        (None, Some(_)) => Who::Other,
        (None, None) => Who::Unknown,
    };
    User { said: stage.user.clone(), is }
}

/// Whether a USER is root, whatever the group.
pub fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

/// The files of a stage, looked up in its build context.
struct Context<'s> {
    stage: &'s Stage,
    folder: Option<&'s Path>,
    seen: RefCell<Vec<PathBuf>>,
    problems: RefCell<Vec<Problem>>,
}

impl<'s> Context<'s> {
    fn new(stage: &'s Stage, folder: Option<&'s Path>) -> Context<'s> {
        Context { stage, folder, seen: RefCell::default(), problems: RefCell::default() }
    }

    fn note_broken(&self, chain: &Chain) {
        let broken = chain.broken.iter();
        let problems = broken.map(|(place, words)| Problem::at(place.clone(), words.clone()));
        self.problems.borrow_mut().extend(problems);
    }

    /// Where a path of the build context lies. The context is the Dockerfile's folder or one of
    /// those above it.
    fn locate(&self, path: &str) -> Option<PathBuf> {
        let folder = self.folder?;
        let inside = join("/", path);
        let inside = inside.trim_start_matches('/');
        if inside.is_empty() {
            return None;
        }
        let mut above = folder.ancestors().take(3).map(|above| above.join(inside));
        above.find(|file| file.is_file())
    }

    fn load(&self, file: &Path) -> Option<Arc<Fragment>> {
        // What is no text is a program.
        match read::file(file, &read::name(file)) {
            Ok(source) => {
                self.seen.borrow_mut().push(file.to_owned());
                Some(Fragment::whole(&source))
            }
            Err(problem) if problem.words == "a binary file" => None,
            Err(problem) => {
                self.problems.borrow_mut().push(problem);
                None
            }
        }
    }
}

/// Folders that PATH has in every image, for names without a slash.
const PATH: &[&str] =
    &["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

impl Files for Context<'_> {
    fn find(&self, path: &str) -> Option<Arc<Fragment>> {
        let candidates: Vec<String> = match path.contains('/') {
            true => vec![join(&self.stage.folder, path)],
            false => PATH.iter().map(|folder| format!("{folder}/{path}")).collect(),
        };
        // What is copied last is on top.
        for copy in self.stage.copies.iter().rev() {
            for wanted in &candidates {
                match &copy.from {
                    From::Text(text) if copy.to == *wanted => return Some(text.clone()),
                    From::Context(from) => {
                        let Some(host) = host_path(from, &copy.to, wanted) else { continue };
                        if let Some(file) = self.locate(&host) {
                            return self.load(&file);
                        }
                    }
                    From::Text(_) => {}
                    From::Elsewhere if copy.to == *wanted => return None,
                    From::Elsewhere => {}
                }
            }
        }
        None
    }
}

/// Which path of the context is copied to the wanted one by `COPY from to`.
fn host_path(from: &str, to: &str, wanted: &str) -> Option<String> {
    let name = crate::known::basename(from.trim_end_matches('/'));
    if from.contains(['*', '?']) {
        let inside = wanted.strip_prefix(to)?.trim_start_matches('/');
        let folder = &from[..from.rfind('/').map_or(0, |at| at + 1)];
        return (!inside.contains('/')).then(|| format!("{folder}{inside}"));
    }
    // A file to a name, a file into a folder, what is in a folder into a folder.
    if to == wanted {
        return Some(from.to_owned());
    }
    let inside = wanted.strip_prefix(to.trim_end_matches('/'))?.strip_prefix('/')?;
    match inside == name && to.ends_with('/') {
        true => Some(from.to_owned()),
        false => Some(format!("{}/{inside}", from.trim_end_matches('/'))),
    }
}

/// Whether the command line was written as text for the image's shell.
pub fn is_shell_form(line: Option<&CommandLine>) -> bool {
    line.is_some_and(|line| line.form == Form::Shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_file_is_found_where_it_came_from() {
        for (from, to, wanted, expected) in [
            ("a.sh", "/a.sh", "/a.sh", Some("a.sh")),
            ("docker/a.sh", "/usr/bin/", "/usr/bin/a.sh", Some("docker/a.sh")),
            (".", "/app", "/app/run/a.sh", Some("./run/a.sh")),
            ("scripts/", "/opt/", "/opt/a.sh", Some("scripts/a.sh")),
            ("*.sh", "/opt/", "/opt/a.sh", Some("a.sh")),
            ("a.sh", "/b/", "/c/a.sh", None),
        ] {
            assert_eq!(host_path(from, to, wanted).as_deref(), expected, "{from} {to}");
        }
    }
}
