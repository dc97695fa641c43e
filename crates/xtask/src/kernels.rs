//! `cargo xtask kernels`: the behaviour tests on the kernels that Debian has.
//!
//! Each kernel boots in an emulated machine whose PID 1 is the released `sexton-init`, and runs
//! the very test programs that `cargo test` runs here. Where the kernels come from is in
//! `debian.rs`, what a machine holds in `image.rs`, which tests run in `taken.rs`, and what counts
//! as passed in `verdict.rs`.

mod debian;
mod image;
mod machine;
mod table;
mod taken;
mod verdict;

use crate::suites;
use crate::tools::{self, Failure, Result};
use debian::{WANTED, Wanted};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use verdict::Record;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only these kernels, by their series or "newest"; all if there is none.
    only: Vec<String>,
    /// Only tests with this in their name.
    filter: Option<String>,
}

impl Options {
    pub fn parse(mut args: lexopt::Parser) -> Result<Options> {
        use lexopt::{Arg, ValueExt};
        let mut options = Options::default();
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("kernel") => {
                    let name = args.value()?.string()?;
                    let names = WANTED.each_ref().map(Wanted::name);
                    if !names.contains(&name.as_str()) {
                        let names = names.join(", ");
                        return Err(Failure::usage(format_args!("no kernel {name}, but {names}")));
                    }
                    options.only.push(name);
                }
                Arg::Value(word) if options.filter.is_none() => {
                    options.filter = Some(word.string()?);
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(options)
    }

    fn wants(&self, wanted: &Wanted) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == wanted.name())
    }
}

/// One kernel, and what its machine came to.
struct Machine {
    wanted: &'static Wanted,
    kernel: PathBuf,
    console: PathBuf,
    record: Record,
    end: Result,
}

/// The chore: a kernel that cannot be had is told, and with `SEXTON_FULL=1` a failure.
pub fn run(options: &Options) -> Result {
    let skipped = matrix(options)?;
    skipped.iter().for_each(|line| anstream::println!("{line}"));
    let asked = WANTED.iter().filter(|wanted| options.wants(wanted)).count();
    let full = std::env::var_os("SEXTON_FULL").is_some_and(|full| full == "1");
    match skipped.len() {
        0 => Ok(()),
        all if all == asked => Err(Failure::usage("no kernel was booted")),
        _ if full => Err(Failure::new("SEXTON_FULL=1 permits no skip")),
        _ => Ok(()),
    }
}

/// Runs what can be run, and says what was skipped, a line each. Fails if a test does.
pub fn matrix(options: &Options) -> Result<Vec<String>> {
    let folder = tools::target_dir()?.join("kernels");
    let mut skipped = Vec::new();
    let mut kernels = VecDeque::new();
    for wanted in WANTED.iter().filter(|wanted| options.wants(wanted)) {
        match what_is_missing().and_then(|()| wanted.file(&folder)) {
            Ok(kernel) => kernels.push_back(Machine::new(wanted, kernel, &folder)),
            Err(why) => {
                skipped.push(format!("SKIPPED kernel {}: {}", wanted.name(), why.words));
            }
        }
    }
    if kernels.is_empty() {
        return Ok(skipped);
    }
    build()?;
    let runs = suites::runs(taken::SUITES, options.filter.as_deref())?;
    let image = tools::timed("make the initramfs", || image::build(&folder, &runs))?;
    let name = format!("boot {} kernels", kernels.len());
    let machines = tools::timed(&name, || Ok(boot_all(kernels, &image)))?;
    table::print(&machines, &runs);
    match table::complain(&machines, &runs) {
        0 => Ok(skipped),
        wrong => Err(Failure::new(format_args!("kernels: {wrong} of the runs failed"))),
    }
}

/// In one line.
fn what_is_missing() -> Result {
    if std::env::consts::ARCH != "x86_64" {
        return Err(Failure::new("the machines are of x86-64, and this one is not"));
    }
    let mut missing = image::missing();
    if tools::find_program(machine::QEMU).is_none() {
        missing.push("qemu-system-x86");
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format_args!("install Debian's {}", missing.join(" ")))),
    }
}

/// The init and the probe as they are released.
fn build() -> Result {
    let mut build = tools::cargo();
    build.args(["build", "--release", "-p", "sexton-init"]);
    tools::step("build sexton-init", &mut build)?;
    let mut build = tools::cargo();
    build.args(["build", "--release", "-p", "sexton-testkit", "--bin", "probe"]);
    tools::step("build the probe", &mut build)
}

/// As many at a time as there are processors here.
fn boot_all(kernels: VecDeque<Machine>, image: &Path) -> Vec<Machine> {
    let at_a_time = std::thread::available_parallelism().map_or(1, usize::from);
    let (waiting, done) = (Mutex::new(kernels), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some(mut machine) = take(&waiting) {
                    machine.boot(image);
                    done.lock().expect("nobody panics").push(machine);
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panics");
    done.sort_by_key(|machine| WANTED.iter().position(|w| w.name() == machine.wanted.name()));
    done
}

/// Not in the condition of the loop, where the lock would be held while the machine runs.
fn take(waiting: &Mutex<VecDeque<Machine>>) -> Option<Machine> {
    waiting.lock().expect("nobody panics").pop_front()
}

impl Machine {
    fn new(wanted: &'static Wanted, kernel: PathBuf, folder: &Path) -> Machine {
        let console = folder.join(wanted.name()).join("console.log");
        Machine { wanted, kernel, console, record: Record::default(), end: Ok(()) }
    }

    fn boot(&mut self, image: &Path) {
        let (name, record) = (self.wanted.name(), &mut self.record);
        self.end = machine::run(&self.kernel, image, &self.console, |line| {
            if let Some(suite) = record.hear(line) {
                anstream::eprintln!("    {name}: {suite} has ended");
            }
        });
    }

    /// What is wrong with the machine itself, whatever its tests say.
    fn fault(&self) -> Option<String> {
        match &self.end {
            Err(failure) => Some(failure.words.clone()),
            Ok(()) if !self.record.finished => Some("it was off before its tests had ended".into()),
            Ok(()) if !self.wanted.is(&self.record.release) => {
                Some(format!("it has run {:?}", self.record.release))
            }
            Ok(()) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Options> {
        Options::parse(lexopt::Parser::from_args(args))
    }

    #[test]
    fn kernels_are_chosen_by_name_and_tests_by_a_part_of_theirs() {
        let options = parse(&["--kernel", "6.1", "zombie", "--kernel", "newest"]).unwrap();
        assert_eq!(options.filter.as_deref(), Some("zombie"));
        let chosen = WANTED.iter().filter(|wanted| options.wants(wanted)).map(Wanted::name);
        assert_eq!(Vec::from_iter(chosen), ["6.1", "newest"]);
        assert!(WANTED.iter().all(|wanted| parse(&[]).unwrap().wants(wanted)));
        assert!(parse(&["--kernel", "2.6"]).unwrap_err().words.contains("5.10"));
    }

    #[test]
    fn a_machine_that_is_off_early_or_runs_another_kernel_is_at_fault() {
        let mut machine = Machine::new(&WANTED[0], PathBuf::new(), Path::new("/nowhere"));
        assert!(machine.fault().is_some(), "off before the end");
        machine.record.hear("@kernel 5.10.0-46-cloud-amd64");
        assert!(machine.fault().is_some(), "off before the end");
        machine.record.hear("@finished");
        assert_eq!(machine.fault(), None);
        machine.record.hear("@kernel 6.1.0-56-cloud-amd64");
        assert!(machine.fault().is_some(), "another kernel");
        machine.end = Err(Failure::new("hangs"));
        assert_eq!(machine.fault().as_deref(), Some("hangs"));
    }
}
