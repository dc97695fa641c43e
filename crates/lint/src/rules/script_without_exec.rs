//! an entrypoint script that ends by running the application without exec.

use super::Rule;
use super::common;
use crate::container::{Container, Setting};
use crate::effective::{ShellForm, ShellRun};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::{programs, servers};
use crate::shell::flow::{Event, How, Run, Tail};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID201",
    name: "script-without-exec",
    severity: Severity::Error,
    since: "0.2.0",
    summary: "an entrypoint script that ends by running the application without exec",
    page: include_str!("script_without_exec.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    // With an init that tells everyone and waits, the application has its time.
    if common::drains(container) || container.is_job() {
        return;
    }
    for (_, _, shell) in container.chain.shells() {
        if shell.form != ShellForm::File || shell.flow.hears_term() {
            continue;
        }
        for (event, run) in shell.flow.runs() {
            if event.tail != Tail::No && run.how == How::Foreground {
                findings.extend(finding(container, shell, event, run));
            }
        }
    }
}

fn finding(container: &Container, shell: &ShellRun, event: &Event, run: &Run) -> Option<Finding> {
    let texts = common::texts(run);
    let name = *texts.first()?;
    let first = run.words.first()?;
    let arguments = first.is_arguments();
    // A name that is put together may be a function's; a variable, or a path, is a program's.
    if first.text().is_none() && !arguments && first.variable().is_none() && !name.contains('/') {
        return None;
    }
    let other_rule = programs::is_placeholder(&texts) || servers::daemon(&texts).is_some();
    if !arguments && (other_rule || common::is_builtin(name) || programs::is_chore(&texts)) {
        return None;
    }
    let place = shell.place_of(run.span.clone());
    let finding = Finding::new(&RULE, place, "the script ends with this, but does not become it")
        .label("runs as a child of the shell")
        .why("the shell is PID 1, does nothing with the stop signal, and the application is killed")
        .instead(format!("exec {}", common::short(&texts.join(" "))))
        .fix(common::exec_fix(shell, event, run));
    let passes_on = run.words.iter().any(|word| word.is_arguments());
    let known = passes_on || is_server(&texts);
    let alone = matches!(container.setting, Setting::Script) || event.tail == Tail::Almost;
    Some(match (known, alone) {
        (true, false) => finding,
        (true, true) => finding.confidence(Confidence::Likely),
        // It may do its work and end.
        (false, _) => finding.severity(Severity::Warning).confidence(Confidence::Likely),
    })
}

/// Whether the program is one that serves until it is stopped.
fn is_server(words: &[&str]) -> bool {
    #[rustfmt::skip]
    const SERVERS: &[&str] = &[
        "apache2", "beam.smp", "bundle", "caddy", "celery", "consul", "daphne", "deno",
        "dotnet", "envoy", "flask", "gunicorn", "haproxy", "httpd", "hypercorn", "java",
        "mariadbd", "memcached", "mongod", "mysqld", "next", "nginx", "node", "npm", "npx",
        "php-fpm", "pnpm", "postgres", "puma", "python", "redis-server", "ruby", "sidekiq",
        "supervisord", "traefik", "uvicorn", "uwsgi", "vault", "yarn",
    ];
    let Some(name) = words.first() else { return false };
    SERVERS.contains(&programs::family(name))
}
