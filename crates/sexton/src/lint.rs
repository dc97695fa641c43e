//! `sexton lint`: the PID 1 mistakes in Dockerfiles, entrypoint scripts, compose files and
//! manifests. What is right and wrong is decided in the library `sexton_lint`; here are the
//! arguments, the files that are written, and the exit code.

use crate::cannot;
use sexton_lint::config::{Config, Level};
use sexton_lint::finding::Severity;
use sexton_lint::kind::Kind;
use sexton_lint::lint::{self, Options, Outcome};
use sexton_lint::report::{diff, github, json, sarif, text};
use sexton_lint::{fix, read, source::Source};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const EXIT_CODES: &str = "\
Exit status: 0 nothing at or above --fail-on, 1 something, 2 a file could not be read or understood,
125 the command line or the configuration is wrong.";

/// Find what keeps a container from stopping cleanly, in the files that describe it
#[derive(clap::Args)]
#[command(after_help = EXIT_CODES, after_long_help = long_help())]
pub struct Args {
    /// Files and folders; - is standard input [default: .]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Take files that are named, and standard input, for this kind
    #[arg(long = "as", value_name = "KIND", value_enum)]
    kind: Option<KindName>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Show findings from this severity on
    #[arg(long, value_enum, default_value_t = Name::Warning)]
    level: Name,
    /// Exit with 1 from this severity on [default: warning]
    #[arg(long, value_enum)]
    fail_on: Option<Name>,
    /// Give a rule another level: shell-wrapper=off, PID119=warning
    #[arg(long, value_name = "RULE=LEVEL")]
    rule: Vec<String>,
    /// Leave out paths in folders that match, as in .gitignore
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// The configuration [default: .sexton.toml here or in a folder above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Put right what can be put right without a change of meaning
    #[arg(long)]
    fix: bool,
    /// Print what --fix would change
    #[arg(long, conflicts_with = "fix")]
    diff: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum KindName {
    Dockerfile,
    Script,
    Compose,
    Kubernetes,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One object
    Json,
    /// For code scanning services
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Name {
    Info,
    Warning,
    Error,
}

impl From<Name> for Severity {
    fn from(name: Name) -> Severity {
        match name {
            Name::Info => Severity::Info,
            Name::Warning => Severity::Warning,
            Name::Error => Severity::Error,
        }
    }
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Kind {
        match name {
            KindName::Dockerfile => Kind::Dockerfile,
            KindName::Script => Kind::Script,
            KindName::Compose => Kind::Compose,
            KindName::Kubernetes => Kind::Kubernetes,
        }
    }
}

fn long_help() -> String {
    format!("{EXIT_CODES}\n\n{}", json::KEYS)
}

/// Looks, tells, and if asked puts right.
pub fn run(args: &Args) -> ExitCode {
    let config = match configuration(args) {
        Ok(config) => config,
        Err(reason) => return cannot(&reason),
    };
    let fail_on = args.fail_on.map(Severity::from).or(config.fail_on).unwrap_or(Severity::Warning);
    let options = Options { config, level: args.level.into() };
    let mut outcome = match look(args, &options) {
        Ok(outcome) => outcome,
        Err(reason) => return cannot(&reason),
    };
    if args.diff {
        print(&changes(&outcome, |old, new| diff::render(&old.name, &old.text, new)));
        return code(&outcome, fail_on);
    }
    if args.fix {
        match put_right(&outcome) {
            Ok(0) => {}
            Ok(_) => match look(args, &options) {
                Ok(again) => outcome = again,
                Err(reason) => return cannot(&reason),
            },
            Err(reason) => return cannot(&reason),
        }
    }
    match args.format {
        Format::Text => print(&text::render(&outcome, look_of_stdout())),
        Format::Json => print(&json::render(&outcome)),
        Format::Sarif => print(&sarif::render(&outcome, env!("CARGO_PKG_VERSION"))),
        Format::Github => print(&github::render(&outcome)),
    }
    code(&outcome, fail_on)
}

fn code(outcome: &Outcome, fail_on: Severity) -> ExitCode {
    if !outcome.problems.is_empty() {
        return ExitCode::from(2);
    }
    let fails = outcome.findings.iter().any(|finding| finding.severity >= fail_on);
    if fails { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

/// A closed pipe is no reason to stop: the exit code still tells.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

fn look(args: &Args, options: &Options) -> Result<Outcome, String> {
    if args.paths == [PathBuf::from("-")] {
        if args.fix {
            return Err("standard input cannot be put right; --diff shows what would change".into());
        }
        let mut bytes = Vec::new();
        let limit = read::BYTES_MAX + 1;
        let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
        read.map_err(|error| format!("standard input: {error}"))?;
        return Ok(lint::text("-", bytes, args.kind.map(Kind::from), options));
    }
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err("- is standard input, and goes with no other path".into());
    }
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    Ok(lint::paths(paths, args.kind.map(Kind::from), options))
}

/// The file, then the command line on top.
fn configuration(args: &Args) -> Result<Config, String> {
    let file = match &args.config {
        Some(file) => Some(file.clone()),
        None => std::env::current_dir().ok().and_then(|here| found_above(&here)),
    };
    let mut config = match file {
        Some(file) => std::fs::read_to_string(&file)
            .map_err(|error| error.to_string())
            .and_then(|text| Config::parse(&text))
            .map_err(|reason| format!("{}: {reason}", file.display()))?,
        None => Config::default(),
    };
    for pair in &args.rule {
        let (name, level) = pair
            .split_once('=')
            .ok_or_else(|| format!("--rule {pair}: write RULE=LEVEL, as in shell-wrapper=off"))?;
        let level = match level {
            "off" => Level::Off,
            "info" => Level::Info,
            "warning" => Level::Warning,
            "error" => Level::Error,
            other => {
                return Err(format!("--rule {pair}: {other} is none of off, info, warning, error"));
            }
        };
        config.set(name, level).map_err(|reason| format!("--rule {pair}: {reason}"))?;
    }
    config.exclude.extend(args.exclude.iter().cloned());
    Ok(config)
}

/// Up to the folder that a repository begins in.
fn found_above(here: &Path) -> Option<PathBuf> {
    for folder in here.ancestors() {
        let file = folder.join(".sexton.toml");
        if file.is_file() {
            return Some(file);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The files that fixes change, with their new text, each given to `each`.
fn changes(outcome: &Outcome, mut each: impl FnMut(&Source, &str) -> String) -> String {
    let mut files: BTreeMap<&str, (&Arc<Source>, Vec<&fix::Fix>)> = BTreeMap::new();
    for finding in &outcome.findings {
        if let Some(fix) = &finding.fix {
            let source = &finding.place.source;
            files.entry(&source.name).or_insert((source, Vec::new())).1.push(fix);
        }
    }
    let mut all = String::new();
    for (source, fixes) in files.into_values() {
        let (new, count) = fix::apply(&source.text, fixes);
        if count > 0 {
            all += &each(source, &new);
        }
    }
    all
}

/// Writes the files; says how many.
fn put_right(outcome: &Outcome) -> Result<usize, String> {
    let (mut count, mut failed) = (0, None);
    changes(outcome, |source, new| {
        match replace(Path::new(&source.name), new) {
            Ok(()) => count += 1,
            Err(error) => failed = Some(format!("{}: {error}", source.name)),
        }
        String::new()
    });
    match failed {
        Some(reason) => Err(reason),
        None => Ok(count),
    }
}

/// The whole file or the old one: a new file beside it takes its place, with its permissions.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // Behind a link the file itself is meant.
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(&path)?.permissions())?;
    file.persist(&path).map(|_| ()).map_err(|error| error.error)
}

fn look_of_stdout() -> text::Look {
    let stdout = std::io::stdout();
    let columns = rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| size.ws_col);
    let terminal = stdout.is_terminal() && columns > 0;
    text::Look {
        width: if terminal { usize::from(columns).clamp(60, 140) } else { 100 },
        // Where there is no terminal, or no colour is wanted, the stream takes it out.
        style: text::Style::Coloured,
    }
}
