//! `cargo xtask cross`: the init for aarch64, built, and tested under qemu-user. Optional: it needs
//! tools that not every machine has, and says which are missing.
//!
//! The test programs and the commands that they start are of this machine; the init alone is
//! emulated, by a program in its place that becomes the emulator. What qemu-user does other than a
//! kernel is left out, test by test, with the reason.

use crate::suites::{self, LeftOut, Run, Suite};
use crate::tools::{self, Failure, Result, root};
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const QEMU: &str = "qemu-aarch64-static";

// What qemu-user 7.2 does other than a kernel does.
const NO_SUBREAPER: &str = "qemu-user knows no PR_SET_CHILD_SUBREAPER";
const LAST_SIGNALS: &str = "qemu-user keeps two real-time signals for itself";
const IGNORED: &str = "qemu-user forgets what was ignored at its start";
const ENVIRONMENT: &str = "qemu-user turns the environment round";
const NUMBERS: &str = "a thread of qemu-user has the number that the command would have";
const ITS_OWN: &str = "looks at the process, which is qemu-user's";
const MASK: &str = "qemu-user has started long after the test has looked";
const CHROOT: &str = "the emulator is not in the chroot";
const FAULT: &str = "qemu-user takes a SIGSEGV that was sent for a fault of its own";
const ONE_ACTION: &str = "qemu-user writes the old action of a signal over the new one";

const EXIT_STATUS: LeftOut = (&["a_death_by_signal_is_128_and_its_number"], LAST_SIGNALS);
const FATES: LeftOut = (&["each_signal_has_its_fate"], LAST_SIGNALS);
const IN_ORDER: LeftOut = (&["the_environment_is_passed_on_byte_for_byte"], ENVIRONMENT);

/// What runs. As an ordinary process the init would have to be a subreaper: the tests for both
/// places run as PID 1 alone.
const SUITES: &[Suite] = &[
    Suite { name: "exit_status", left_out: &[EXIT_STATUS] },
    Suite {
        name: "forwarding",
        left_out: &[
            (&["a_rewritten_signal_arrives", "every_signal_that_can_be_forwarded"], LAST_SIGNALS),
            (&["nothing_is_lost_once_signals_are_blocked"], MASK),
        ],
    },
    Suite {
        name: "reaping",
        left_out: &[(&["an_init_that_is_not_pid_1_adopts_orphans"], NO_SUBREAPER)],
    },
    Suite { name: "drain", left_out: &[(&["nobody_outside_the_tree_is_touched"], NO_SUBREAPER)] },
    Suite {
        name: "inheritance",
        left_out: &[
            (&["ignored_signals_stay_ignored"], IGNORED),
            IN_ORDER,
            (&["the_init_lets_go_of_all_but_its_stderr"], ITS_OWN),
            (&["the_mask_is_the_one"], LAST_SIGNALS),
            (&["the_status_is_known_though_sigchld_was_ignored"], ONE_ACTION),
        ],
    },
    Suite::whole("log"),
    Suite { name: "terminal", left_out: &[(&["pid_1_in_a_shells_job"], ITS_OWN)] },
    Suite {
        name: "wishes",
        left_out: &[
            (&["a_command_that_insists_becomes_pid_1"], NO_SUBREAPER),
            (&["who_becomes_pid_1_inherits"], IGNORED),
        ],
    },
    Suite::whole("names"),
    Suite {
        name: "compat_tini",
        left_out: &[
            (&["tini_subreaper_is_on", "only_a_subreaper", "left_by_a_subreaper"], NO_SUBREAPER),
            (&["a_signal_that_is_passed_on_is_told", "the_mask_is_the_one"], LAST_SIGNALS),
            (&["ignored_signals_stay_ignored"], IGNORED),
            (&["each_orphan_that_is_reaped_is_warned", "verbosity_", "said_can_be_read"], NUMBERS),
            EXIT_STATUS,
            FATES,
            IN_ORDER,
        ],
    },
    Suite {
        name: "compat_dumb_init",
        left_out: &[
            (&["messages::"], NUMBERS),
            (&["the_mask_is_emptied"], LAST_SIGNALS),
            (&["ignored_signals_are_ignored_no_longer"], IGNORED),
            (&["elsewhere_orphans", "when_the_command_has_ended_its_group"], NO_SUBREAPER),
            EXIT_STATUS,
            FATES,
            IN_ORDER,
        ],
    },
    Suite {
        name: "compat_catatonit",
        left_out: &[
            (&["catatonit_debug_is_on", "listen_pid_becomes_the_programs"], NUMBERS),
            (&["the_mask_has_three_more"], LAST_SIGNALS),
            (&["ignored_signals_stay_ignored"], IGNORED),
            (&["elsewhere_orphans", "who_is_left_elsewhere"], NO_SUBREAPER),
            (&["it_needs_nothing_but_its_own_file"], CHROOT),
            EXIT_STATUS,
            FATES,
            IN_ORDER,
        ],
    },
    Suite {
        name: "compat_pause",
        left_out: &[
            (&["it_needs_nothing_but_its_own_file"], CHROOT),
            (&["as_pid_1_no_other_signal_has_an_effect"], FAULT),
        ],
    },
];

/// Test programs of which nothing runs, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("applications", "would ask nothing that the others do not"),
    ("engines", "a container would need the emulator in its image"),
    ("faults", "a filter strikes qemu-user's own system calls as well"),
    ("surroundings", "qemu-user needs memory, descriptors and /proc, whatever the init needs"),
    ("storms", "measures memory and time, which are qemu-user's"),
    ("not_copied", "its questions are about other inits, and are answered by time limits"),
    ("deviations", "runs no init: a table against the documentation"),
    ("compat_my_init", "the init stands in an image of its own, where the emulator is not"),
    ("compat_setuser", "the same"),
    ("users", "the same: what becomes another user may not reach the emulator"),
    ("short_inputs", "runs no init: what is read, without a process"),
    ("memory", "runs no init: copies of bytes"),
    ("exhaustive", "runs no init: the decisions alone"),
];

/// Builds it, and runs what can be run.
pub fn run() -> Result {
    let tools = [(LINKER, "gcc-aarch64-linux-gnu"), (QEMU, "qemu-user-static")];
    for (tool, package) in tools {
        if tools::find_program(tool).is_none() {
            return Err(Failure::usage(format!("SKIPPED: {tool} is missing (Debian: {package})")));
        }
    }
    let folder = tools::target_dir()?.join("cross");
    let init = emulated(&build(&folder)?, &folder)?;
    let mut probe = tools::cargo();
    probe.args(["build", "--release", "-p", "sexton-testkit", "--bin", "probe"]);
    tools::step("build the probe", &mut probe)?;
    let runs = suites::runs(SUITES, None)?;
    let failed = runs.iter().filter(|one| test(one, &init).is_err()).count();
    suites::tell_left_out(SUITES, LEFT_OUT);
    let tests: usize = runs.iter().map(|one| one.tests).sum();
    let left_out: usize = runs.iter().map(|one| one.left_out).sum();
    match failed {
        0 => {
            anstream::println!("{tests} tests passed under qemu-user, {left_out} left out");
            Ok(())
        }
        _ => Err(Failure::new(format_args!("cross: {failed} of {} test programs", runs.len()))),
    }
}

fn build(folder: &Path) -> Result<PathBuf> {
    let mut build = tools::cargo();
    build.args(["build", "--release", "--package", "sexton-init", "--target", TARGET]);
    build.arg("--target-dir").arg(folder);
    build.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
    // A rustc of which only the source of core is there: `RUSTC=… SEXTON_BUILD_CORE=1`.
    if std::env::var_os("SEXTON_BUILD_CORE").is_some() {
        build.arg("-Zbuild-std=core").env("RUSTC_BOOTSTRAP", "1");
    }
    tools::step(&format!("build for {TARGET}; needs `rustup target add {TARGET}`"), &mut build)?;
    Ok(folder.join(TARGET).join("release/sexton-init"))
}

/// A program of this machine that becomes the emulated init.
fn emulated(init: &Path, folder: &Path) -> Result<PathBuf> {
    let folder = folder.join("emulated");
    std::fs::create_dir_all(&folder).map_err(Failure::new)?;
    let program = folder.join("sexton-init");
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "-Copt-level=s", "-Cpanic=abort", "-Cstrip=symbols", "-o"]);
    rustc.arg(&program).arg(root().join("crates/xtask/assets/emulated.rs"));
    rustc.env("SEXTON_EMULATOR", tools::find_program(QEMU).expect("it was there"));
    tools::output(rustc.env("SEXTON_EMULATED", init))?;
    Ok(program)
}

fn test(run: &Run, init: &Path) -> Result {
    let mut test = Command::new(&run.executable);
    test.current_dir(root()).args(&run.words).arg("--quiet");
    test.env("INIT_UNDER_TEST", init).env("SEXTON_ONLY_PID_1", "1");
    test.env("SEXTON_PROBE", tools::target_dir()?.join("release/probe"));
    tools::step(run.name, &mut test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_program_of_the_init_is_taken_or_left_out_for_a_reason() {
        suites::assert_complete(SUITES, LEFT_OUT);
    }
}
