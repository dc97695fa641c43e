//! The instructions of a Dockerfile, put together into stages.

use crate::container::{CommandLine, Form};
use crate::effective::Arg;
use crate::source::{Fragment, Place, Source, Span};
use parse_dockerfile as docker;
use std::borrow::Cow;
use std::sync::Arc;

/// What one stage says, what its base stage says included.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    /// The name after AS.
    pub name: Option<String>,
    /// The image that the first of its base stages is made from.
    pub image: String,
    /// Whether another stage is made from it.
    pub is_base: bool,
    /// FROM.
    pub from: Option<Place>,
    /// Whether it has an ENTRYPOINT or a CMD of its own.
    pub starts_something: bool,
    /// ENTRYPOINT.
    pub entrypoint: Option<CommandLine>,
    /// CMD.
    pub cmd: Option<CommandLine>,
    /// Whether the base image's CMD is dropped, as it is by an ENTRYPOINT.
    pub drops_cmd: bool,
    /// SHELL.
    pub shell: Option<Vec<Arg>>,
    /// STOPSIGNAL.
    pub stop_signal: Option<(String, Place)>,
    /// USER.
    pub user: Option<(String, Place)>,
    /// WORKDIR.
    pub folder: String,
    /// ENV, as `NAME=value`.
    pub environment: Vec<String>,
    /// What is copied into it.
    pub copies: Vec<Copy>,
    /// The texts of RUN.
    pub runs: Vec<(String, Place)>,
    /// HEALTHCHECK.
    pub health: Option<Health>,
}

/// HEALTHCHECK.
#[derive(Debug, Clone)]
pub struct Health {
    /// Its command.
    pub command: CommandLine,
    /// `--timeout`, in seconds.
    pub timeout: Option<u64>,
}

/// A file or folder that is copied into an image.
#[derive(Debug, Clone)]
pub struct Copy {
    /// Where from.
    pub from: From,
    /// The path in the image.
    pub to: String,
}

/// Where a copied file comes from.
#[derive(Debug, Clone)]
pub enum From {
    /// A path in the build context.
    Context(String),
    /// A here-document.
    Text(Arc<Fragment>),
    /// Another stage or image.
    Elsewhere,
}

/// Why a Dockerfile cannot be read, and where.
pub type Broken = (Place, String);

/// Reads all stages.
pub fn stages(source: &Arc<Source>) -> Result<Vec<Stage>, Broken> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let mut reader = Reader {
        source,
        offset: source.text.len() - text.len(),
        globals: Vec::new(),
        stages: Vec::new(),
    };
    let broken = |error: docker::Error| {
        let at = source.byte_at(error.line(), error.column());
        let end = source.line_span(error.line()).end;
        let words = error.to_string();
        let words = words.split(" at line").next().unwrap_or(&words).to_owned();
        (Place::new(source, at..end.max(at)), words)
    };
    let text = parseable(text);
    let instructions = docker::parse_iter(&text).map_err(broken)?;
    for instruction in instructions {
        reader.instruction(instruction.map_err(broken)?);
    }
    Ok(reader.stages)
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    /// Bytes before the text that is parsed: a byte order mark.
    offset: usize,
    /// ARG before the first FROM.
    globals: Vec<String>,
    stages: Vec<Stage>,
}

impl Reader<'_> {
    fn place(&self, span: &Span) -> Place {
        Place::new(self.source, span.start + self.offset..span.end + self.offset)
    }

    fn instruction(&mut self, instruction: docker::Instruction) {
        use docker::Instruction as I;
        match instruction {
            I::From(from) => self.from(&from),
            I::Arg(arg) if self.stages.is_empty() => {
                self.globals.push(arg.arguments.value.trim_matches('"').to_owned());
            }
            other => self.in_stage(other),
        }
    }

    fn from(&mut self, from: &docker::FromInstruction) {
        let image = substitute(&from.image.value, &self.globals);
        let base = self.stages.iter_mut().rev().find(|stage| {
            stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&image))
        });
        let mut stage = match base {
            Some(base) => {
                base.is_base = true;
                Stage { is_base: false, starts_something: false, drops_cmd: false, ..base.clone() }
            }
            None => Stage { image, folder: "/".into(), ..Stage::default() },
        };
        stage.name = from.as_.as_ref().map(|(_, name)| name.value.to_string());
        stage.from = Some(self.place(&from.image.span));
        self.stages.push(stage);
    }

    fn in_stage(&mut self, instruction: docker::Instruction) {
        use docker::Instruction as I;
        let Some(at) = self.stages.len().checked_sub(1) else { return };
        match instruction {
            I::Entrypoint(entrypoint) => {
                let key = self.place(&entrypoint.entrypoint.span);
                let line = self.command(&entrypoint.arguments, key, at);
                let stage = &mut self.stages[at];
                // BuildKit, dispatchEntrypoint: a CMD of this stage stays, an inherited one goes.
                if !(stage.starts_something && stage.cmd.is_some()) {
                    stage.cmd = None;
                    stage.drops_cmd = true;
                }
                stage.entrypoint = line;
                stage.starts_something = true;
            }
            I::Cmd(cmd) => {
                let key = self.place(&cmd.cmd.span);
                let line = self.command(&cmd.arguments, key, at);
                let stage = &mut self.stages[at];
                stage.cmd = line;
                stage.drops_cmd = true;
                stage.starts_something = true;
            }
            I::Shell(shell) => {
                let words = self.words(&shell.arguments);
                self.stages[at].shell = Some(words);
            }
            I::Stopsignal(signal) => {
                let place = self.place(&signal.arguments.span);
                let text = substitute(&signal.arguments.value, &self.stages[at].environment);
                self.stages[at].stop_signal = Some((text, place));
            }
            I::User(user) => {
                let place = self.place(&user.arguments.span);
                let text = substitute(&user.arguments.value, &self.stages[at].environment);
                self.stages[at].user = Some((text, place));
            }
            I::Workdir(folder) => {
                let stage = &mut self.stages[at];
                let path = substitute(&folder.arguments.value, &stage.environment);
                stage.folder = join(&stage.folder, path.trim_matches('"'));
            }
            I::Env(env) => {
                let entries = assignments(&env.arguments.value);
                self.stages[at].environment.extend(entries);
            }
            I::Arg(arg) => {
                let text = arg.arguments.value.to_string();
                if text.contains('=') {
                    self.stages[at].environment.push(text);
                }
            }
            I::Copy(copy) => self.copy(at, &copy.options, copy.src, &copy.dest),
            I::Add(add) => self.copy(at, &add.options, add.src, &add.dest),
            I::Run(run) => {
                let span = match &run.arguments {
                    docker::Command::Exec(words) => &words.span,
                    docker::Command::Shell(text) => &text.span,
                    _ => return,
                };
                let end = run.here_docs.last().map_or(span.end, |doc| doc.span.end);
                let place = self.place(&(span.start..end.max(span.end)));
                self.stages[at].runs.push((place.text().to_owned(), place));
            }
            I::Healthcheck(health) => self.health(at, &health),
            _ => {}
        }
    }

    fn health(&mut self, at: usize, health: &docker::HealthcheckInstruction) {
        let key = self.place(&health.healthcheck.span);
        self.stages[at].health = match &health.arguments {
            docker::HealthcheckArguments::Cmd { arguments, .. } => {
                let timeout = health.options.iter().find(|option| option.name.value == "timeout");
                let timeout = timeout.and_then(|t| crate::time::seconds(&t.value.as_ref()?.value));
                self.command(arguments, key, at).map(|command| Health { command, timeout })
            }
            _ => None,
        };
    }

    fn words(&self, words: &[docker::UnescapedString]) -> Vec<Arg> {
        // A word of the exec form is not expanded: `$HOME` in it is five characters.
        words.iter().map(|w| Arg::fixed(w.value.to_string(), self.place(&w.span))).collect()
    }

    fn command(&self, command: &docker::Command, key: Place, at: usize) -> Option<CommandLine> {
        match command {
            docker::Command::Shell(text) if is_empty_array(self.place(&text.span).text()) => None,
            docker::Command::Exec(words) => {
                let (place, words) = (self.place(&words.span), self.words(&words.value));
                (!words.is_empty()).then_some(CommandLine { form: Form::Exec, words, place, key })
            }
            docker::Command::Shell(text) => {
                let place = self.place(&text.span);
                if text.value.is_empty() {
                    return None;
                }
                let mut words = self.stages[at].shell.clone().unwrap_or_else(|| {
                    ["/bin/sh", "-c"].map(|word| Arg::fixed(word, key.clone())).to_vec()
                });
                words.push(Arg::fixed(without_comments(text.value), place.clone()));
                Some(CommandLine { form: Form::Shell, words, place, key })
            }
            _ => None,
        }
    }

    fn copy<'d>(
        &mut self,
        at: usize,
        options: &[docker::Flag],
        sources: impl IntoIterator<Item = docker::Source<'d>>,
        to: &docker::UnescapedString,
    ) {
        let elsewhere = options.iter().any(|option| option.name.value == "from");
        let stage = &self.stages[at];
        let to = substitute(&to.value, &stage.environment);
        let to = if to.ends_with('/') || to == "." {
            format!("{}/", join(&stage.folder, &to).trim_end_matches('/'))
        } else {
            join(&stage.folder, &to)
        };
        let mut copies = Vec::new();
        for source in sources {
            let from = match source {
                _ if elsewhere => From::Elsewhere,
                docker::Source::Path(path) => {
                    From::Context(substitute(&path.value, &stage.environment))
                }
                docker::Source::HereDoc(doc) => {
                    let span = doc.span.start + self.offset..doc.span.end + self.offset;
                    From::Text(Fragment::written(self.source, span, doc.value.to_string()))
                }
                _ => continue,
            };
            copies.push(Copy { from, to: to.clone() });
        }
        self.stages[at].copies.extend(copies);
    }
}

/// Whether it is `[]`, which takes back what the base image says.
fn is_empty_array(text: &str) -> bool {
    text.strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .is_some_and(|text| text.trim().is_empty())
}

/// The text as the parser takes it: it refuses `ENTRYPOINT []`, which Docker does not. Every byte
/// keeps its place.
fn parseable(text: &str) -> Cow<'_, str> {
    let empty = |line: &str| {
        let (word, rest) = line.trim().split_at_checked("ENTRYPOINT".len()).unwrap_or_default();
        word.eq_ignore_ascii_case("ENTRYPOINT") && is_empty_array(rest.trim_start())
    };
    if !text.lines().any(empty) {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n').map(|line| match empty(line) {
        true => line.replace(['[', ']'], ":"),
        false => line.to_owned(),
    });
    Cow::Owned(lines.collect())
}

/// A comment line within a continued command is no part of it; blanks keep every byte's place.
fn without_comments(text: &str) -> String {
    if !text.contains('\n') {
        return text.to_owned();
    }
    let mut lines = String::with_capacity(text.len());
    for (at, line) in text.split_inclusive('\n').enumerate() {
        match at > 0 && line.trim_start().starts_with('#') {
            true => lines.extend(std::iter::repeat_n(' ', line.len())),
            false => lines.push_str(line),
        }
    }
    lines
}

/// A path that may be relative to a folder.
pub fn join(folder: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// `A=b C="d e"`, or the old `A b`.
fn assignments(text: &str) -> Vec<String> {
    let Some((name, rest)) = text.split_once(char::is_whitespace) else {
        return vec![text.to_owned()];
    };
    if !name.contains('=') {
        return vec![format!("{name}={}", rest.trim())];
    }
    let mut entries = Vec::new();
    let (mut entry, mut quote) = (String::new(), None);
    for char in text.chars() {
        match (char, quote) {
            ('"' | '\'', None) => quote = Some(char),
            (char, Some(open)) if char == open => quote = None,
            (char, None) if char.is_whitespace() => {
                if !entry.is_empty() {
                    entries.push(std::mem::take(&mut entry));
                }
            }
            (char, _) => entry.push(char),
        }
    }
    entries.extend((!entry.is_empty()).then_some(entry));
    entries
}

/// Puts in the variables that are known: `$A`, `${A}`, `${A:-b}`.
fn substitute(text: &str, variables: &[String]) -> String {
    if !text.contains('$') {
        return text.to_owned();
    }
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (expression, length) = match after.strip_prefix('{') {
            Some(braced) => match braced.find('}') {
                Some(end) => (&braced[..end], end + 2),
                None => break,
            },
            None => {
                let name = |char: char| !char.is_ascii_alphanumeric() && char != '_';
                let end = after.find(name).unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        let (name, default) = match expression.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (expression, None),
        };
        let known = variables.iter().rev().filter_map(|entry| entry.split_once('='));
        let mut known = known.filter(|(key, _)| *key == name).map(|(_, value)| value);
        match known.next().or(default) {
            Some(value) => result.push_str(value.trim_matches('"')),
            None => result.push_str(&rest[at..=at + length]),
        }
        rest = &after[length..];
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_where_they_are_known() {
        let known = ["TAG=3.12".to_owned(), "A=x".to_owned()];
        assert_eq!(substitute("python:${TAG}-slim", &known), "python:3.12-slim");
        assert_eq!(substitute("$A/b ${B:-c} ${D}", &known), "x/b c ${D}");
        assert_eq!(substitute("${open", &known), "${open");
    }

    #[test]
    fn assignments_are_split_as_docker_does() {
        assert_eq!(assignments("A=b C=\"d e\""), ["A=b", "C=d e"]);
        assert_eq!(assignments("A b c"), ["A=b c"]);
    }

    #[test]
    fn paths_are_joined_and_cannot_leave_the_root() {
        assert_eq!(join("/app", "./run.sh"), "/app/run.sh");
        assert_eq!(join("/app", "/x/../y"), "/y");
        assert_eq!(join("/", "../../etc"), "/etc");
    }
}
