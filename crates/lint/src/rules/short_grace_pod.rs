//! a grace period that preStop and the application's own stop use up.

use super::Rule;
use crate::container::{Container, PodFacts};
use crate::finding::{Confidence, Finding, Severity};
use crate::known::servers::{self, Drain, Said};
use crate::source::Place;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID405",
    name: "short-grace-pod",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "a grace period that preStop and the application's own stop use up",
    page: include_str!("short_grace_pod.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(pod) = container.pod() else { return };
    let program = container.chain.program();
    let drain = program.and_then(|program| servers::drain(&program.texts()));
    let explicit = drain.as_ref().filter(|drain| drain.said != Said::Default);
    let sleep = pod.pre_stop_sleep.as_ref().map_or(0, |(seconds, _)| *seconds);
    let needed = sleep + explicit.map_or(0, |drain| drain.seconds);
    let place = pod.pre_stop_sleep.as_ref().map(|(_, place)| place.clone());
    let place = place.or_else(|| program.and_then(|program| program.place()));
    if needed >= pod.grace.seconds && needed > 0 {
        findings.extend(place.map(|place| finding(pod, place, sleep, explicit, needed)));
    } else if let (Some(drain), Some(place)) = (drain, place)
        && sleep + drain.seconds >= pod.grace.seconds
    {
        let needed = sleep + drain.seconds;
        findings.push(
            finding(pod, place, sleep, Some(&drain), needed)
                .severity(Severity::Info)
                .confidence(Confidence::Hint),
        );
    }
}

fn finding(
    pod: &PodFacts,
    place: Place,
    sleep: u64,
    drain: Option<&Drain>,
    needed: u64,
) -> Finding {
    let grace = pod.grace.seconds;
    let parts = match drain {
        Some(drain) if sleep > 0 => format!("preStop takes {sleep} s, {} up to {} \
            s", drain.name, drain.seconds),
        Some(drain) => format!("{} takes up to {} s", drain.name, drain.seconds),
        None => format!("preStop takes {sleep} s"),
    };
    let finding = Finding::new(&RULE, place, format!("{parts}, and after {grace} s comes SIGKILL"))
        .label("is part of the grace period")
        .why("the grace period begins before preStop, so too little or nothing is left for the \
            application")
        .instead(format!("terminationGracePeriodSeconds: {}", needed + 10));
    match &pod.grace.place {
        Some(place) => finding.related(place.clone(), "the grace period"),
        None => finding,
    }
}
