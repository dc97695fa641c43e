//! Kubernetes manifests: every container of every pod template, in whatever kind of object.

use super::dockerfile;
use super::yaml::{self, Kind, Node};
use crate::container::{
    CommandLine, Container, Form, Grace, PodFacts, Probe, ProbeKind, Role, Setting, StopSignal,
    User, Who,
};
use crate::effective::{Arg, Chain, NoFiles, World};
use crate::known::images;
use crate::known::shells::Shell;
use crate::read::Problem;
use crate::shell::flow::How;
use crate::source::{Place, Source};
use std::sync::Arc;

/// The API server's default for terminationGracePeriodSeconds.
const GRACE_SECONDS: u64 = 30;

/// The containers of a manifest file.
pub fn read(source: &Arc<Source>) -> Result<Vec<Container>, Problem> {
    let documents = yaml::documents(source)?;
    let mut containers = Vec::new();
    for document in &documents {
        object(document, &mut containers, 0);
    }
    Ok(containers)
}

/// Whether a text may be a manifest: cheap, so that other YAML costs nothing.
pub fn may_be(text: &str) -> bool {
    text.contains("apiVersion") && text.contains("kind")
}

fn object(object: &Node, containers: &mut Vec<Container>, depth: usize) {
    let Some(kind) = object.get("kind").and_then(Node::text) else { return };
    if kind.ends_with("List") && depth < 3 {
        let items = object.get("items").map(Node::items).unwrap_or_default();
        items.iter().for_each(|item| self::object(item, containers, depth + 1));
        return;
    }
    let paths: [&[&str]; 4] = [
        &["spec", "jobTemplate", "spec", "template", "spec"],
        &["spec", "template", "spec"],
        &["template", "spec"],
        &["spec"],
    ];
    let spec = paths.iter().filter_map(|path| object.at(path));
    // Only what has containers is a pod's spec: a Service has a spec too.
    let Some(spec) = spec.into_iter().find(|spec| spec.get("containers").is_some()) else { return };
    pod(kind, spec, containers);
}

fn pod(kind: &str, spec: &Node, containers: &mut Vec<Container>) {
    let flag = |key| {
        let entry = spec.entry(key).filter(|(_, value)| value.is_true());
        entry.map(|(key, value)| key.place.to(&value.place))
    };
    let grace = spec.entry("terminationGracePeriodSeconds");
    let os = spec.at(&["os", "name"]).and_then(Node::text);
    if os == Some("windows") {
        return;
    }
    let facts = |role| PodFacts {
        kind: kind.to_owned(),
        host_pid: flag("hostPID"),
        shared: flag("shareProcessNamespace"),
        grace: Grace {
            seconds: grace.and_then(|(_, grace)| grace.number()).unwrap_or(GRACE_SECONDS),
            place: grace.map(|(key, grace)| key.place.to(&grace.place)),
        },
        os: os.map(str::to_owned),
        stop_signal: None,
        role,
        image: None,
        spec: spec.place.clone(),
        pre_stop_sleep: None,
        privileged: None,
    };
    for container in spec.get("containers").map(Node::items).unwrap_or_default() {
        containers.extend(self::container(container, spec, facts(Role::Main)));
    }
    for container in spec.get("initContainers").map(Node::items).unwrap_or_default() {
        let always = container.get("restartPolicy").and_then(Node::text) == Some("Always");
        let role = if always { Role::Sidecar } else { Role::Init };
        containers.extend(self::container(container, spec, facts(role)));
    }
}

fn container(node: &Node, spec: &Node, mut facts: PodFacts) -> Option<Container> {
    let Kind::Mapping(_) = &node.kind else { return None };
    let name = node.get("name");
    let place = name.map_or(node.place.clone(), |name| name.place.clone());
    let line = |key| node.entry(key).and_then(|(key, value)| command_line(key, value));
    let (entrypoint, cmd) = (line("command"), line("args"));
    let reference = node.get("image").and_then(|image| Some((image.text()?, &image.place)));
    if reference.is_some_and(|(reference, _)| images::is_windows(reference)) {
        return None;
    }
    let image = reference.and_then(|(reference, _)| images::image(reference));
    let inherits = entrypoint.is_none() && cmd.is_none();
    let words = dockerfile::words(entrypoint.as_ref(), cmd.as_ref(), image, inherits, &place);
    let environment = environment(node);
    let sh = image.map_or(Shell::Unknown, |image| image.shell);
    let world = World { sh, environment: &environment, files: &NoFiles };
    let probes = probes(node, &world);
    facts.image = reference.map(|(text, place)| (text.to_owned(), place.clone()));
    facts.pre_stop_sleep = pre_stop_sleep(node, &probes);
    let signal = node.at(&["lifecycle", "stopSignal"]);
    facts.stop_signal = signal.and_then(|s| Some((s.text()?.to_owned(), s.place.clone())));
    facts.privileged = flag(node, &["securityContext", "privileged"]);
    let stop_signal = match &facts.stop_signal {
        Some((text, place)) => Some(StopSignal { text: text.clone(), place: Some(place.clone()) }),
        None => image
            .and_then(|image| image.stop_signal)
            .map(|text| StopSignal { text: text.into(), place: None }),
    };
    Some(Container {
        name: match name.and_then(Node::text) {
            Some(name) => format!("container {name}"),
            None => "the container".into(),
        },
        place,
        entrypoint,
        cmd,
        chain: Chain::of(words, &world),
        stop_signal,
        user: user(node, spec, image),
        image,
        runtime_init: None,
        handles_stop: None,
        probes,
        setting: Setting::Pod(facts),
    })
}

fn flag(node: &Node, path: &[&str]) -> Option<Place> {
    node.at(path).filter(|value| value.is_true()).map(|value| value.place.clone())
}

fn command_line(key: &Node, value: &Node) -> Option<CommandLine> {
    let words = word_list(value);
    let (key, place) = (key.place.clone(), value.place.clone());
    (!words.is_empty()).then_some(CommandLine { form: Form::Exec, words, place, key })
}

/// The words of a list. The kubelet puts in `$(NAME)`; in a text for a shell that is left to it.
fn word_list(list: &Node) -> Vec<Arg> {
    let words = list.items().iter().filter_map(|item| {
        let text = item.text()?;
        let fixed = !text.contains("$(") || text.contains(char::is_whitespace);
        Some(Arg { text: text.to_owned(), fixed, place: item.place.clone() })
    });
    words.collect()
}

fn environment(node: &Node) -> Vec<String> {
    let entries = node.get("env").map(Node::items).unwrap_or_default();
    let entry = |entry: &Node| {
        Some(format!("{}={}", entry.get("name")?.text()?, entry.get("value")?.text()?))
    };
    entries.iter().filter_map(entry).collect()
}

/// The container's user, or else the pod's, or else the image's.
fn user(node: &Node, spec: &Node, image: Option<images::Image>) -> User {
    let contexts = [node.get("securityContext"), spec.get("securityContext")];
    for context in contexts.into_iter().flatten() {
        if let Some(id) = context.get("runAsUser") {
            let text = id.text().unwrap_or_default().to_owned();
            let is = if text == "0" { Who::Root } else { Who::Other };
            return User { said: Some((text, id.place.clone())), is };
        }
        if context.get("runAsNonRoot").is_some_and(Node::is_true) {
            return User { said: None, is: Who::Other };
        }
    }
    let is = match image {
        Some(image) if image.user == images::User::Root => Who::Root,
        Some(_) => Who::Other,
        None => Who::Unknown,
    };
    User { said: None, is }
}

fn probes(node: &Node, world: &World) -> Vec<Probe> {
    let probes = [
        (&["livenessProbe"][..], ProbeKind::Repeated),
        (&["readinessProbe"], ProbeKind::Repeated),
        (&["startupProbe"], ProbeKind::Repeated),
        (&["lifecycle", "postStart"], ProbeKind::PostStart),
        (&["lifecycle", "preStop"], ProbeKind::PreStop),
    ];
    let read = |(path, kind): (&[&str], ProbeKind)| {
        let probe = node.at(path)?;
        let command = probe.at(&["exec", "command"])?;
        Some(Probe {
            name: path.last().copied().unwrap_or_default().to_owned(),
            kind,
            chain: Chain::of(word_list(command), world),
            place: command.place.clone(),
            timeout: match kind {
                ProbeKind::Repeated => {
                    Some(probe.get("timeoutSeconds").and_then(Node::number).unwrap_or(1))
                }
                _ => None,
            },
        })
    };
    probes.into_iter().filter_map(read).collect()
}

/// How long the preStop hook sleeps: its `sleep` action, or all the sleeps of its command.
fn pre_stop_sleep(node: &Node, probes: &[Probe]) -> Option<(u64, Place)> {
    if let Some(seconds) = node.at(&["lifecycle", "preStop", "sleep", "seconds"]) {
        return Some((seconds.number()?, seconds.place.clone()));
    }
    let hook = probes.iter().find(|probe| probe.kind == ProbeKind::PreStop)?;
    let direct = hook.chain.links.iter().filter(|link| link.shell().is_none());
    let mut seconds: u64 = direct.map(|link| sleeps(&link.texts())).sum();
    for (_, _, shell) in hook.chain.shells() {
        for (event, run) in shell.flow.runs() {
            let words: Vec<&str> = run.words.iter().filter_map(|word| word.text()).collect();
            // What runs in a loop or in the background tells nothing of the whole.
            if run.how != How::Background && !event.looped && event.tail == TAIL_NO {
                seconds += sleeps(&words);
            }
        }
    }
    (seconds > 0).then(|| (seconds, hook.place.clone()))
}

const TAIL_NO: crate::shell::flow::Tail = crate::shell::flow::Tail::No;

fn sleeps(words: &[&str]) -> u64 {
    match words {
        [name, time] if crate::known::basename(name) == "sleep" => {
            crate::time::seconds(time).unwrap_or(0)
        }
        _ => 0,
    }
}
