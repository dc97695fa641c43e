//! an init that is not PID 1 and gets no orphans.

use super::Rule;
use crate::container::Container;
use crate::doors::Subreaper;
use crate::effective::What;
use crate::finding::{Finding, Severity};

/// See the page.
pub const RULE: Rule = Rule {
    code: "PID114",
    name: "init-not-first",
    severity: Severity::Warning,
    since: "0.2.0",
    summary: "an init that is not PID 1 and gets no orphans",
    page: include_str!("init_not_first.md"),
    check,
};

fn check(container: &Container, findings: &mut Vec<Finding>) {
    for (at, link) in container.chain.links.iter().enumerate() {
        let What::Init(facts) = &link.what else { continue };
        let (Some(place), Some(name)) = (link.place(), link.name()) else { continue };
        if facts.subreaper == Subreaper::Yes {
            continue;
        }
        if container.chain.is_child(at) {
            let finding = Finding::new(&RULE, place, format!("{name} is not PID 1 here"))
                .label("started as a child")
                .why("orphans go to PID 1 and not to it, and the stop signal does not reach it")
                .instead("the init first in ENTRYPOINT, or exec before it");
            findings.push(match container.chain.pid1().and_then(|pid1| pid1.place()) {
                Some(pid1) => finding.related(pid1, "this is PID 1"),
                None => finding,
            });
        } else if let Some(runtime) = &container.runtime_init {
            findings.push(
                Finding::new(&RULE, place, format!("{name} is the second init"))
                    .severity(Severity::Info)
                    .related(runtime.clone(), "the runtime puts one in front already")
                    .why("it says so in the log, and does nothing that the first does not do")
                    .instead("one of the two"),
            );
        }
    }
}
