//! Compose files: each service becomes a container, with its Dockerfile behind it where there is
//! one.

use super::dockerfile::{self, Overrides};
use super::yaml::{self, Kind, Node, Quoted};
use crate::container::{
    CommandLine, Container, Form, Grace, Limit, Probe, ProbeKind, ServiceFacts, Setting,
    StopSignal, User, Who,
};
use crate::effective::{Arg, Chain, NoFiles, World};
use crate::known::images;
use crate::known::shells::Shell;
use crate::read::{self, Problem};
use crate::source::{Fragment, Place, Source};
use std::path::Path;
use std::sync::Arc;

/// docker stop waits so long unless it is told otherwise.
const GRACE_SECONDS: u64 = 10;

/// The containers of a compose file.
pub fn read(source: &Arc<Source>, folder: Option<&Path>) -> Result<Vec<Container>, Problem> {
    let documents = yaml::documents(source)?;
    let services = documents.iter().filter_map(|document| document.get("services"));
    let services = services.flat_map(Node::entries);
    Ok(services.filter_map(|(name, service)| container(name, service, folder)).collect())
}

fn container(name: &Node, service: &Node, folder: Option<&Path>) -> Option<Container> {
    let name_text = name.text()?;
    if !matches!(service.kind, Kind::Mapping(_)) {
        return None;
    }
    let line = |key| service.entry(key).and_then(|(key, value)| command_line(key, value));
    let overrides = Overrides { entrypoint: line("entrypoint"), cmd: line("command") };
    let image = service.get("image").filter(|_| service.get("build").is_none());
    let reference = image.and_then(|image| Some((image.text()?, &image.place)));
    if reference.is_some_and(|(reference, _)| images::is_windows(reference)) {
        return None;
    }
    let built = built(service, folder, &overrides);
    let mut container = match built {
        Some(built) => built,
        None => of_image(reference.map(|(reference, _)| reference), overrides, &name.place),
    };
    container.name = format!("service {name_text}");
    container.place = name.place.clone();
    if let Some(signal) = service.get("stop_signal") {
        let text = signal.text().unwrap_or_default().to_owned();
        container.stop_signal = Some(StopSignal { text, place: Some(signal.place.clone()) });
    }
    if let Some(user) = service.get("user").and_then(|user| Some((user.text()?, &user.place))) {
        let is = if dockerfile::is_root(user.0) { Who::Root } else { Who::Other };
        container.user = User { said: Some((user.0.to_owned(), user.1.clone())), is };
    }
    let init = service.entry("init").filter(|(_, value)| value.is_true());
    container.runtime_init = init.map(|(key, value)| key.place.to(&value.place));
    if let Some(probe) = health(service) {
        container.probes = vec![probe];
    }
    container.setting = Setting::Service(facts(service, reference));
    Some(container)
}

fn facts(service: &Node, image: Option<(&str, &Place)>) -> ServiceFacts {
    let grace = service.get("stop_grace_period");
    let seconds = grace.and_then(|grace| crate::time::seconds(grace.text()?));
    let limits = [&["pids_limit"][..], &["deploy", "resources", "limits", "pids"]];
    let limited = limits.iter().any(|path| service.at(path).is_some());
    let pid = service.entry("pid");
    ServiceFacts {
        pid: pid.and_then(|(key, pid)| Some((pid.text()?.to_owned(), key.place.to(&pid.place)))),
        grace: Grace {
            seconds: seconds.unwrap_or(GRACE_SECONDS),
            place: grace.map(|grace| grace.place.clone()),
        },
        pids_limit: if limited { Limit::Set } else { Limit::None },
        image: image.map(|(text, place)| (text.to_owned(), place.clone())),
    }
}

/// The container of a service that has a Dockerfile at hand.
fn built(service: &Node, folder: Option<&Path>, overrides: &Overrides) -> Option<Container> {
    let build = service.get("build")?;
    let target = build.get("target").and_then(Node::text);
    if let Some(inline) = build.get("dockerfile_inline") {
        let source = only(&inline.place);
        return dockerfile::read_for(&source, folder, target, overrides);
    }
    let context = build.text().or(build.get("context").and_then(Node::text))?;
    if context.contains("://") || context.contains('$') {
        return None;
    }
    let context = folder?.join(context);
    let file = build.get("dockerfile").and_then(Node::text).unwrap_or("Dockerfile");
    let path = context.join(file);
    let source = read::file(&path, &read::name(&path)).ok()?;
    dockerfile::read_for(&source, Some(&context), target, overrides)
}

/// The same source with nothing but the lines of one block, so that places stay what they are. A
/// Dockerfile may be indented.
fn only(block: &Place) -> Arc<Source> {
    let text = &block.source.text;
    let marked = block.text().starts_with(['|', '>']);
    let below = block.text().find('\n').filter(|_| marked).unwrap_or(0);
    let start = block.span.start + below;
    let blank = |text: &str| -> String {
        text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
    };
    let start = start.min(block.span.end);
    let (before, after) = (blank(&text[..start]), blank(&text[block.span.end..]));
    let masked = format!("{before}{}{after}", &text[start..block.span.end]);
    Source::new(block.source.name.clone(), masked)
}

/// The container of a service whose image is somebody else's.
fn of_image(reference: Option<&str>, overrides: Overrides, place: &Place) -> Container {
    let image = reference.and_then(images::image);
    let inherits = overrides.entrypoint.is_none() && overrides.cmd.is_none();
    let Overrides { entrypoint, cmd } = overrides;
    let words = dockerfile::words(entrypoint.as_ref(), cmd.as_ref(), image, inherits, place);
    let sh = image.map_or(Shell::Unknown, |image| image.shell);
    let chain = Chain::of(words, &World { sh, environment: &[], files: &NoFiles });
    let is = match image {
        Some(image) if image.user == images::User::Root => Who::Root,
        Some(_) => Who::Other,
        None => Who::Unknown,
    };
    let stop_signal = image.and_then(|image| image.stop_signal);
    Container {
        name: String::new(),
        place: place.clone(),
        entrypoint,
        cmd,
        chain,
        stop_signal: stop_signal.map(|text| StopSignal { text: text.into(), place: None }),
        user: User { said: None, is },
        image,
        runtime_init: None,
        handles_stop: None,
        probes: Vec::new(),
        setting: Setting::Script,
    }
}

/// A list of words, or a text that compose splits into words.
fn command_line(key: &Node, value: &Node) -> Option<CommandLine> {
    let (key, place) = (key.place.clone(), value.place.clone());
    let (form, words) = match &value.kind {
        Kind::Sequence(_) => (Form::Exec, word_list(value)),
        Kind::Scalar(text, quoted) => {
            if *quoted == Quoted::No && value.text().is_none() {
                return None;
            }
            let fragment = Fragment::written(&place.source, place.span.clone(), text.clone());
            (Form::Split, split(&fragment)?)
        }
        Kind::Mapping(_) => return None,
    };
    (!words.is_empty()).then_some(CommandLine { form, words, place, key })
}

/// The words of a list.
pub fn word_list(list: &Node) -> Vec<Arg> {
    let words = list.items().iter().filter_map(|item| {
        let text = item.text()?;
        // `${VAR}` is put in by compose; `$$` is a dollar sign.
        let fixed = !text.replace("$$", "").contains('$') || text.contains(' ');
        Some(Arg { text: text.replace("$$", "$"), fixed, place: item.place.clone() })
    });
    words.collect()
}

/// Splits a text into words as a shell would, without expanding anything.
fn split(text: &Arc<Fragment>) -> Option<Vec<Arg>> {
    let mut words = Vec::new();
    let (mut word, mut start, mut quote) = (None::<String>, 0, None);
    let mut chars = text.text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if word.is_none() && !char.is_whitespace() {
            (word, start) = (Some(String::new()), at);
        }
        let escaped = |chars: &mut std::iter::Peekable<std::str::CharIndices>| chars.next();
        match (char, quote) {
            ('\'' | '"', None) => quote = Some(char),
            (char, Some(open)) if char == open => quote = None,
            ('\\', None | Some('"')) => {
                if let (Some((_, next)), Some(word)) = (escaped(&mut chars), word.as_mut()) {
                    word.push(next);
                }
            }
            (char, None) if char.is_whitespace() => {
                if let Some(word) = word.take() {
                    words.push((word, start..at));
                }
            }
            (char, _) => {
                if let Some(word) = word.as_mut() {
                    word.push(char);
                }
            }
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word.map(|word| (word, start..text.text.len())));
    let args = words.into_iter().map(|(word, span)| Arg {
        fixed: !word.replace("$$", "").contains('$') || word.contains(' '),
        text: word.replace("$$", "$"),
        place: text.place(span),
    });
    Some(args.collect())
}

/// `healthcheck.test`: a list that begins with CMD or CMD-SHELL, or a text for the shell.
fn health(service: &Node) -> Option<Probe> {
    let health = service.get("healthcheck")?;
    let (_, test) = health.entry("test")?;
    let place = test.place.clone();
    let shell = |text: Arg| {
        vec![Arg::fixed("/bin/sh", place.clone()), Arg::fixed("-c", place.clone()), text]
    };
    let words = match &test.kind {
        Kind::Scalar(text, _) => shell(Arg::fixed(text.replace("$$", "$"), place.clone())),
        _ => {
            let mut words = word_list(test);
            match words.first()?.text.as_str() {
                "CMD" => words.split_off(1),
                "CMD-SHELL" => shell(words.into_iter().nth(1)?),
                _ => return None,
            }
        }
    };
    let timeout = health.get("timeout").and_then(|timeout| crate::time::seconds(timeout.text()?));
    let world = World { sh: Shell::Unknown, environment: &[], files: &NoFiles };
    Some(Probe {
        name: "healthcheck".into(),
        kind: ProbeKind::Repeated,
        chain: Chain::of(words, &world),
        place,
        timeout: timeout.or(Some(30)),
    })
}
