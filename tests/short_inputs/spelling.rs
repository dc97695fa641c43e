//! A policy, written as the options that mean it.

use sexton_core::door::Door;
use sexton_core::exit::ExitCode;
use sexton_core::policy::{
    Format, ForwardTo, Mode, OnExit, Orphans, Placing, Policy, StepAside, Subreaper,
};
use sexton_core::signal::{Signal, SignalSet};
use sexton_core::time::Span;

/// Names of options without `--`, with their values.
pub type Options = Vec<(&'static str, Option<String>)>;

/// The options of the native door that make this policy; nothing if it takes another door.
pub fn options(policy: &Policy) -> Option<Options> {
    // What the native door has no words for is then as it always is.
    let native = policy.own_failure == ExitCode::OWN_FAILURE
        && policy.subreaper != Subreaper::No
        && policy.voice.door == Door::Native
        && policy.placing == Placing::ByTerminal
        && policy.suspend_on == SignalSet::EMPTY
        && policy.voice.level > 0;
    if !native {
        return None;
    }
    let (usual, mut options) = (Policy::native(), Options::new());
    let mut say = |name, value: &str| options.push((name, Some(value.to_owned())));
    if policy.forward_to != usual.forward_to {
        say("to", to(policy.forward_to));
    }
    if policy.on_exit != usual.on_exit {
        say("on-exit", on_exit(policy.on_exit)?);
    }
    for (name, length, usual) in [
        ("stop-delay", policy.stop_delay, usual.stop_delay),
        ("stop-timeout", policy.stop_timeout, usual.stop_timeout),
        ("drain-timeout", policy.drain_timeout, usual.drain_timeout),
    ] {
        if length != usual {
            say(name, &span(length));
        }
    }
    if policy.step_aside != usual.step_aside {
        say("step-aside", step_aside(policy.step_aside));
    }
    if policy.voice.format == Format::Json {
        say("log", "json");
    }
    if let Some(signal) = policy.parent_death {
        say("parent-death", &signal.number().to_string());
    }
    for signal in (1..=64).filter_map(Signal::new) {
        if policy.stop_on.contains(signal) && !usual.stop_on.contains(signal) {
            say("stop-on", &signal.number().to_string());
        }
        let to = policy.rewrites.get(signal);
        if to != Some(signal) {
            let to = to.map_or(0, Signal::number);
            say("rewrite", &format!("{}:{to}", signal.number()));
        }
    }
    for from in 0..=u8::MAX {
        let to = policy.codes.get(ExitCode(from)).0;
        if to != from {
            say("success", &format!("{from}:{to}"));
        }
    }
    let flags = [
        ("pause", usize::from(policy.mode == Mode::Pause)),
        ("subreaper", usize::from(policy.subreaper == Subreaper::Always)),
        ("warn-orphans", usize::from(policy.voice.orphans == Orphans::Said)),
        ("verbose", usize::from(policy.voice.level - 1)),
    ];
    for (name, times) in flags {
        options.extend(std::iter::repeat_n((name, None), times));
    }
    Some(options)
}

fn span(span: Span) -> String {
    match span {
        Span::FOREVER => "none".to_owned(),
        span => format!("{}ms", span.as_millis()),
    }
}

fn to(whom: ForwardTo) -> &'static str {
    match whom {
        ForwardTo::Command => "command",
        ForwardTo::Group => "group",
        ForwardTo::Everyone => "all",
    }
}

fn on_exit(what: OnExit) -> Option<&'static str> {
    match what {
        OnExit::Drain => Some("drain"),
        OnExit::Wait => Some("wait"),
        OnExit::Leave => Some("leave"),
        OnExit::Farewell => None,
    }
}

fn step_aside(when: StepAside) -> &'static str {
    match when {
        StepAside::Auto => "auto",
        StepAside::Always => "always",
        StepAside::Never => "never",
    }
}
