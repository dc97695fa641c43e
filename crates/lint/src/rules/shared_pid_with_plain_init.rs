//! an init in a pod with a shared PID namespace, where it is not PID 1.

use super::Rule;
use crate::container::Container;
use crate::doors::Subreaper;
use crate::effective::What;
use crate::finding::{Finding, Severity};
use crate::known::inits::Place;

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID404",
    name: "shared-pid-with-plain-init",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "an init in a pod with a shared PID namespace, where it is not PID 1",
    page: include_str!("shared_pid_with_plain_init.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    let Some(shared) = container.pod().and_then(|pod| pod.shared.as_ref()) else { return };
    for link in &container.chain.links {
        let (what, instead) = match &link.what {
            What::Init(facts) if facts.subreaper == Subreaper::No => {
                ("is not PID 1 here, and gets no \
                    orphans", "tini -s, or an init that adopts by itself")
            }
            What::Supervisor(init) if init.place == Place::Pid1Only => {
                ("has to be PID 1, and is not here", "no shareProcessNamespace")
            }
            _ => continue,
        };
        let (Some(place), Some(name)) = (link.place(), link.name()) else { continue };
        findings.push(
            Finding::new(&RULE, place, format!("{name} {what}"))
                .label("PID 1 is the pod's pause process")
                .related(shared.clone(), "as the pod has one PID namespace")
                .why("orphans go to the pod's first process, and this init cannot do its work")
                .instead(instead),
        );
        return;
    }
    if let Some(name) = container.image.and_then(|image| image.init) {
        findings.push(
            Finding::new(&RULE, container.place.clone(), format!("{} runs {name}, which has to \
                be PID 1", container.name))
                .related(shared.clone(), "as the pod has one PID namespace")
                .why("PID 1 is the pod's pause process, and this init refuses to start or cannot \
                    do its work")
                .instead("no shareProcessNamespace"),
        );
    }
}
