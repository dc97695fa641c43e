//! From paths to findings.

use crate::config::Config;
use crate::container::Container;
use crate::finding::{Finding, Severity};
use crate::kind::Kind;
use crate::read::{self, Problem};
use crate::rules::RULES;
use crate::source::Source;
use crate::sources::{compose, dockerfile, kubernetes, script};
use crate::suppress::Allowances;
use crate::walk::{self, Input, Named};
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What shall be done.
#[derive(Debug, Clone)]
pub struct Options {
    /// Levels of rules, and what is left out.
    pub config: Config,
    /// Findings below this are only counted.
    pub level: Severity,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In the order of file, place and code; each once.
    pub findings: Vec<Finding>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// How many files were looked into.
    pub files: usize,
    /// How many findings are below the level.
    pub hidden: usize,
    /// How many findings a comment allows.
    pub allowed: usize,
    /// Files in folders that become YAML only when Helm or another is done with them.
    pub templates: Vec<String>,
}

/// The parsers recurse, in bounds; the bounds are made for stacks of this size.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Looks at files and folders; files that are named are of that kind, if one is given.
pub fn paths(paths: &[PathBuf], kind: Option<Kind>, options: &Options) -> Outcome {
    let (mut inputs, problems) = walk::inputs(paths, &options.config.exclude);
    for input in inputs.iter_mut().filter(|input| input.named == Named::Yes) {
        input.kind = kind.or(input.kind);
    }
    let mut found = in_threads(ALL, || files(&inputs));
    found.problems.extend(problems);
    found.sift(options)
}

/// Looks at one text, as from standard input; `kind` is told from the text if it is `None`.
pub fn text(name: &str, bytes: Vec<u8>, kind: Option<Kind>, options: &Options) -> Outcome {
    let found = in_threads(1, || match read::text(name, bytes) {
        Ok(source) => match kind.or(Kind::of_text(&source.text)) {
            Some(kind) => one(&source, kind, None),
            None => Found::problem(Problem::file(name, UNKNOWN_KIND)),
        },
        Err(problem) => Found::problem(problem),
    });
    found.sift(options)
}

const UNKNOWN_KIND: &str = "neither a Dockerfile nor a script, compose file or manifest; \
                            --as KIND says what it is";

/// As many threads as there are processors.
const ALL: usize = 0;

fn in_threads<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).stack_size(STACK_BYTES);
    match pool.build() {
        Ok(pool) => pool.install(work),
        // No threads to be had: the one that we are then has to do.
        Err(_) => work(),
    }
}

/// Everything that was found in some files.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    /// The files that comments may stand in.
    sources: Vec<Arc<Source>>,
    /// Scripts that were reached from elsewhere.
    scripts: Vec<PathBuf>,
    templates: Vec<String>,
    files: usize,
}

impl Found {
    fn problem(problem: Problem) -> Found {
        Found { problems: vec![problem], files: 1, ..Found::default() }
    }

    fn add(mut self, other: Found) -> Found {
        self.findings.extend(other.findings);
        self.problems.extend(other.problems);
        self.sources.extend(other.sources);
        self.scripts.extend(other.scripts);
        self.templates.extend(other.templates);
        self.files += other.files;
        self
    }

    /// Levels, allowances, order; each finding once.
    fn sift(mut self, options: &Options) -> Outcome {
        let mut allowances = Allowances::default();
        let reached = self.findings.iter().map(|finding| finding.place.source.clone());
        for source in self.sources.drain(..).chain(reached.collect::<Vec<_>>()) {
            self.problems.extend(allowances.add(&source));
        }
        self.findings.sort_by(|a, b| a.key().cmp(&b.key()).then(b.severity.cmp(&a.severity)));
        self.findings.dedup_by(|later, first| later.key() == first.key());
        self.problems.sort_by(|a, b| order(a).cmp(&order(b)));
        self.problems.dedup_by(|later, first| order(later) == order(first));
        self.templates.sort();
        let Found { files, problems, templates, .. } = self;
        let mut outcome = Outcome { files, problems, templates, ..Outcome::default() };
        for mut finding in self.findings {
            let Some(severity) = options.config.severity(finding.rule, finding.severity) else {
                continue;
            };
            finding.severity = severity;
            if allowances.allow(&finding) {
                outcome.allowed += 1;
            } else if severity < options.level {
                outcome.hidden += 1;
            } else {
                outcome.findings.push(finding);
            }
        }
        outcome
    }
}

fn order(problem: &Problem) -> (&str, usize, &str) {
    let start = problem.place.as_ref().map_or(0, |place| place.span.start);
    (&problem.name, start, &problem.words)
}

/// Scripts come last: those that a Dockerfile leads to were looked at with what stands before
/// them, which is worth more.
fn files(inputs: &[Input]) -> Found {
    let is_script = |input: &&Input| input.kind == Some(Kind::Script) && input.named == Named::No;
    let (scripts, others): (Vec<&Input>, Vec<&Input>) = inputs.iter().partition(is_script);
    let found = all(&others);
    let reached: HashSet<String> = found.scripts.iter().map(|path| read::name(path)).collect();
    let left: Vec<&Input> =
        scripts.into_iter().filter(|input| !reached.contains(&read::name(&input.path))).collect();
    found.add(all(&left))
}

fn all(inputs: &[&Input]) -> Found {
    inputs.par_iter().map(|input| file(input)).reduce(Found::default, Found::add)
}

fn file(input: &Input) -> Found {
    let name = read::name(&input.path);
    let source = match read::file(&input.path, &name) {
        Ok(source) => source,
        Err(problem) => return Found::problem(problem),
    };
    let by_text = || match input.named {
        Named::Yes => Kind::of_text(&source.text),
        Named::No => None,
    };
    // YAML of another kind is nobody's business, unless somebody named it.
    let kind = match input.kind {
        Some(Kind::Kubernetes) if !kubernetes::may_be(&source.text) => by_text(),
        kind => kind.or_else(by_text),
    };
    match (kind, input.named) {
        (Some(Kind::Kubernetes), Named::No) if is_template(&source.text) => {
            let found = one(&source, Kind::Kubernetes, None);
            // What is YAML all the same, such as a chart's values, is as good as any.
            match found.problems.is_empty() {
                true => found,
                false => Found { templates: vec![name], ..Found::default() },
            }
        }
        (Some(kind), _) => one(&source, kind, input.path.parent()),
        (None, Named::Yes) => Found::problem(Problem::file(name, UNKNOWN_KIND)),
        (None, Named::No) => Found::default(),
    }
}

/// Helm and others: the file is a template for one, and YAML only when they are done with it.
fn is_template(text: &str) -> bool {
    text.contains("{{") && text.contains("}}")
}

fn one(source: &Arc<Source>, kind: Kind, folder: Option<&Path>) -> Found {
    let mut found = Found { files: 1, sources: vec![source.clone()], ..Found::default() };
    let read = match kind {
        Kind::Dockerfile => {
            let built = dockerfile::read(source, folder);
            found.problems.extend(built.problems);
            found.scripts.extend(built.scripts);
            Ok(built.containers)
        }
        Kind::Script => {
            let (container, problems) = script::read(source);
            found.problems.extend(problems);
            Ok(vec![container])
        }
        Kind::Compose => compose::read(source, folder),
        Kind::Kubernetes => kubernetes::read(source),
    };
    match read {
        Ok(containers) => {
            for container in &containers {
                check(container, &mut found);
            }
        }
        Err(mut problem) => {
            if is_template(&source.text) {
                problem.words += "; a template has to be rendered first: \
                                  helm template . | sexton lint --as kubernetes -";
            }
            found.problems.push(problem);
        }
    }
    found
}

fn check(container: &Container, found: &mut Found) {
    for rule in RULES {
        (rule.check)(container, &mut found.findings);
    }
    // A Dockerfile's were told with it already; elsewhere a text is only part of the file.
    for (place, words) in &container.chain.broken {
        found.problems.push(Problem::at(place.clone(), words.clone()));
    }
}
