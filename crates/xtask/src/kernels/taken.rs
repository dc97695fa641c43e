//! Which tests run on the kernels, and which do not, with the reason.

use crate::suites::Suite;

/// The test programs of the init itself.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "exit_status",
        left_out: &[(
            &["every_exit_status_is_passed_on"],
            "512 runs that ask the kernel the same; every death by signal is tried",
        )],
    },
    Suite::whole("forwarding"),
    Suite {
        name: "reaping",
        left_out: &[(
            &["memory_does_not_grow"],
            "4,000 orphans more take long in an emulated machine, and the memory is the init's",
        )],
    },
    Suite::whole("drain"),
    Suite::whole("inheritance"),
    Suite::whole("log"),
    Suite::whole("terminal"),
    Suite::whole("wishes"),
    Suite::whole("names"),
];

const BY_NAME: &str = "the same calls by another name; each name is tried in names";

const WHOLE_SYSTEM: &str = "it needs the accounts and the tools of a whole system";

/// Test programs of which nothing runs there, and why.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("compat_tini", BY_NAME),
    ("compat_dumb_init", BY_NAME),
    ("compat_catatonit", BY_NAME),
    ("compat_pause", BY_NAME),
    (
        "compat_my_init",
        "overlays, runit and a shell of the system's; the calls are the stages' own",
    ),
    ("compat_setuser", WHOLE_SYSTEM),
    ("users", WHOLE_SYSTEM),
    ("applications", "databases and servers would fill the machine, and the init's part is small"),
    ("engines", "Docker and Podman need modules, a network and a disk"),
    ("faults", "a thousand lives under a filter take many minutes in an emulated machine"),
    ("surroundings", "would take as long as all others together: cgroups, limits, a tracer"),
    ("storms", "thousands of processes take minutes, and a fork bomb all of the memory"),
    ("not_copied", "its questions are about other inits, and are answered by time limits"),
    ("deviations", "asks no kernel: a table against the documentation"),
    ("exhaustive", "asks no kernel: the decisions alone"),
    ("short_inputs", "asks no kernel: what is read, without a process"),
    ("memory", "asks no kernel: copies of bytes"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_program_of_the_init_is_taken_or_left_out_for_a_reason() {
        crate::suites::assert_complete(SUITES, LEFT_OUT);
    }
}
