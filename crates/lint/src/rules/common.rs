//! What several rules ask.

use super::Rule;
use crate::container::{CommandLine, Container, Form};
use crate::effective::{Link, ShellForm, ShellRun, Then};
use crate::finding::{Confidence, Finding, Severity};
use crate::fix::Fix;
use crate::known::{programs, shells::Shell};
use crate::shell::flow::{Event, Exec, How, Run, Tail};
use crate::source::Place;
use sexton_core::policy::OnExit;

/// The link that runs the text of a shell-form command line.
pub fn shell_of<'c>(container: &'c Container, line: &CommandLine) -> Option<(usize, &'c Link)> {
    let text = &line.words.last()?.place;
    let same = |place: &Place| place.key() == text.key();
    let shells = container.chain.shells();
    shells
        .map(|(at, link, _)| (at, link))
        .find(|(_, link)| link.words.iter().any(|word| same(&word.place)))
}

/// Whether a command line is an array that is none, which is another rule's matter.
pub fn is_broken_array(line: &CommandLine) -> bool {
    line.form == Form::Shell
        && line.words.last().is_some_and(|text| {
            let text = text.text.trim();
            let looks = text.starts_with('[') && text.ends_with(']') && !text.starts_with("[ -");
            looks && text.contains(['\'', '"', ',', '\u{201c}', '\u{201d}'])
        })
}

/// `sh -c` with a text that is not the shell form of an instruction, which stays as PID 1 in
/// front of an application.
pub fn wrapper(container: &Container) -> Option<(&Link, &ShellRun, &Run)> {
    let written_as_shell = |link: &Link| {
        let lines = [&container.entrypoint, &container.cmd];
        lines.into_iter().flatten().filter(|line| line.form == Form::Shell).any(|line| {
            shell_of(container, line).is_some_and(|(_, shell)| std::ptr::eq(shell, link))
        })
    };
    container.chain.shells().find_map(|(at, link, shell)| {
        let (_, main) = shell.main_run()?;
        let stays = matches!(link.then, Then::Stays | Then::BecomesByHabit);
        let fits = shell.form == ShellForm::Text
            && stays
            && !container.chain.is_child(at)
            && !written_as_shell(link)
            && !says_exec(main)
            && !shell.flow.hears_term()
            && is_application(container);
        fits.then_some((link, shell, main))
    })
}

/// The finding of a rule on such a wrapper; `why` says what comes of a shell that stays.
pub fn wrapper_finding(rule: &'static Rule, container: &Container, why: &str) -> Option<Finding> {
    let (link, shell, main) = wrapper(container)?;
    let (event, _) = shell.main_run()?;
    let what = format!("{} runs its application as the child of a shell", container.name);
    let finding = Finding::new(rule, shell.place_of(main.span.clone()), what)
        .label("the shell stays as the parent of this")
        .instead(format!("exec {}", short(&texts(main).join(" "))))
        .fix(exec_fix(shell, event, main));
    Some(match link.then {
        Then::BecomesByHabit => finding.severity(Severity::Info).why(
            "this shell replaces itself by a last simple command, others do not: exec says it for \
             all of them",
        ),
        _ if stays_for_certain(shell, main) => finding.why(format!("the shell {why}")),
        _ => finding
            .severity(Severity::Warning)
            .confidence(Confidence::Likely)
            .why(format!("unless this image's shell is bash or BusyBox, it stays, {why}")),
    })
}

/// Whether `exec` stands there, in vain.
pub fn says_exec(run: &Run) -> bool {
    matches!(run.how, How::Piped(Exec::Yes) | How::Subshell(Exec::Yes))
}

/// Whether what runs at the end lasts, and is no matter of other rules.
pub fn is_application(container: &Container) -> bool {
    let Some(program) = container.chain.program() else { return false };
    let texts = program.texts();
    !texts.is_empty()
        && !container.is_job()
        && !programs::is_chore(&texts)
        && !programs::is_placeholder(&texts)
}

/// Whether a command in a script lasts: the arguments, or a program that is no tool.
pub fn lasts(run: &Run) -> bool {
    if run.words.first().is_some_and(|word| word.is_arguments()) {
        return true;
    }
    let texts: Vec<&str> = run.words.iter().map(|w| w.text().unwrap_or(&w.raw)).collect();
    !programs::is_chore(&texts)
}

/// Whether a command does nothing but keep the shell waiting. `cat` with a redirection copies.
pub fn holds_place(run: &Run) -> bool {
    run.redirections == 0 && programs::is_placeholder(&texts(run))
}

/// Whether the others get their time when the command in the container ends.
pub fn drains(container: &Container) -> bool {
    matches!(container.on_exit(), Some(OnExit::Drain | OnExit::Wait))
}

/// Whether it is certain that the shell stays: only some shells replace themselves by the last
/// command of a text, and those that do, do it only for simple ones.
pub fn stays_for_certain(shell: &ShellRun, main: &Run) -> bool {
    let simple = main.how == How::Foreground && shell.form == ShellForm::Text;
    shell.shell == Shell::Dash || !simple
}

/// `exec ` put before the last command of a script or a text, where that changes nothing but who
/// is PID 1.
pub fn exec_fix(shell: &ShellRun, event: &Event, run: &Run) -> Option<Fix> {
    let script = shell.script.as_ref()?;
    let first = run.words.first()?;
    let once = shell.flow.runs().filter(|(_, other)| other.span == run.span).count() == 1;
    let traps = shell.flow.traps().next().is_some();
    let name = first.text();
    let fits = run.how == How::Foreground
        && event.tail == Tail::Last
        && !event.looped
        && run.assignments == 0
        && once
        && !traps
        && script.fragment.is_exact()
        && (name.is_some() || first.is_arguments())
        && !name.is_some_and(is_builtin);
    fits.then(|| {
        let place = script.fragment.place(run.span.clone());
        Fix::insert("puts exec before it", &place, "exec ")
    })
}

/// Commands that are no programs, so that nothing can be replaced by them.
pub fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "." | ":"
            | "source"
            | "eval"
            | "command"
            | "builtin"
            | "cd"
            | "export"
            | "set"
            | "unset"
            | "read"
            | "shift"
            | "umask"
            | "ulimit"
            | "local"
            | "declare"
            | "time"
            | "!"
    )
}

/// The texts of a run, as they are written.
pub fn texts(run: &Run) -> Vec<&str> {
    run.words.iter().map(|word| word.text().unwrap_or(&word.raw)).collect()
}

/// How the words of a command line look as a JSON array.
pub fn json(words: &[&str]) -> String {
    serde_json::to_string(words).unwrap_or_default().replace("\",\"", "\", \"")
}

/// A text cut to a length that fits into a sentence.
pub fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or("").trim();
    match line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
