//! What an init adds to the start of a command: PID 1 of a new namespace runs a tiny static
//! program to its end, with and without the init before it.
//!
//! The harness clones and waits by itself, as [`sexton_pidns`] prepares more than is to be measured
//! here. Each round runs everything once, in an order of its own, pinned to one CPU; what counts
//! is the difference to the bare command of the same round.

use super::fair::{Pinned, Shuffle};
use super::{Subject, median};
use crate::tools::{Failure, Result};
use rustix::process::{Pid, WaitOptions, waitpid};
use std::ffi::{CString, c_char, c_int, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null;
use std::time::Instant;

/// Before the caches are warm.
const WARM_UP_ROUNDS: usize = 10;

/// What an init adds to the start of a command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Added {
    /// Median of the differences to the bare command of the same round, in µs.
    pub us: f64,
    /// Times what ours adds under its own name, by the differences to it in the same round.
    pub to_native: f64,
}

impl Added {
    /// Of an init, of the bare command and of ours, the times of each round.
    fn of(with: &[f64], bare: &[f64], native: &[f64]) -> Added {
        let difference = |from: &[f64], to: &[f64]| {
            median(from.iter().zip(to).map(|(from, to)| from - to).collect())
        };
        let ours = difference(native, bare);
        Added { us: difference(with, bare), to_native: 1.0 + difference(with, native) / ours }
    }
}

/// Fills in what each init adds, and gives the median of the bare command in µs.
pub fn measure(subjects: &mut [Subject], tiny: &Path, rounds: usize) -> Result<f64> {
    let mut subjects: Vec<&mut Subject> =
        subjects.iter_mut().filter(|subject| subject.runs()).collect();
    let bare = Launch::new(&[tiny]);
    let launches =
        subjects.iter().map(|subject| Launch::new(&[&subject.path, "--".as_ref(), tiny]));
    let launches: Vec<Launch> = std::iter::once(bare).chain(launches).collect();
    let namespace = match sexton_pidns::access().map_err(Failure::usage)? {
        sexton_pidns::Access::Root => libc::CLONE_NEWPID,
        sexton_pidns::Access::UserNamespace => libc::CLONE_NEWPID | libc::CLONE_NEWUSER,
    };
    let _pinned = Pinned::to_one_cpu()?;
    let mut stack = vec![0u128; 4096];
    let mut times = vec![Vec::with_capacity(rounds); launches.len()];
    let mut shuffle = Shuffle::new();
    let mut order: Vec<usize> = (0..launches.len()).collect();
    for round in 0..WARM_UP_ROUNDS + rounds {
        shuffle.shuffle(&mut order);
        for &which in &order {
            let time = launches[which].time_us(namespace, &mut stack).map_err(Failure::new)?;
            if round >= WARM_UP_ROUNDS {
                times[which].push(time);
            }
        }
    }
    let bare = times.remove(0);
    for (subject, with) in subjects.iter_mut().zip(&times) {
        subject.startup = Some(Added::of(with, &bare, &times[0]));
    }
    Ok(median(bare))
}

/// A command line that the child of a clone can execute without preparing anything.
pub(super) struct Launch {
    words: Vec<CString>,
    argv: Vec<*const c_char>,
}

impl Launch {
    pub(super) fn new(words: &[&Path]) -> Launch {
        let word = |word: &&Path| CString::new(word.as_os_str().as_bytes()).expect("no NUL in it");
        let words: Vec<CString> = words.iter().map(word).collect();
        let argv = words.iter().map(|word| word.as_ptr()).chain([null()]).collect();
        Launch { words, argv }
    }

    /// From before the clone to after the wait.
    pub(super) fn time_us(&self, namespace: c_int, stack: &mut [u128]) -> io::Result<f64> {
        let top: *mut u128 = stack.as_mut_ptr_range().end;
        let flags = namespace | libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        let argument: *mut c_void = std::ptr::from_ref(self).cast_mut().cast();
        let start = Instant::now();
        // SAFETY: we sleep until the child has executed or exited, so `self` and the stack are its
        // alone meanwhile; the stack is aligned to 16 bytes and `execute` needs little of it.
        let pid = unsafe { libc::clone(execute, top.cast(), flags, argument) };
        let Some(child) = Pid::from_raw(pid).filter(|_| pid > 0) else {
            return Err(io::Error::last_os_error());
        };
        let status = waitpid(Some(child), WaitOptions::empty())?;
        let time = start.elapsed();
        match status.and_then(|(_, status)| status.exit_status()) {
            Some(0) => Ok(time.as_secs_f64() * 1e6),
            status => Err(io::Error::other(format!("{:?}: status {status:?}", self.words))),
        }
    }
}

/// Runs in the child, on the given stack and in the parent's memory, of which it changes nothing.
extern "C" fn execute(launch: *mut c_void) -> c_int {
    let launch: *const Launch = launch.cast();
    // SAFETY: `time_us` gave a pointer to itself and is asleep.
    let argv = unsafe { &(*launch).argv };
    let environment = [null()];
    // SAFETY: both lists end in null, and what they point to lives in the sleeping parent.
    unsafe { libc::execve(argv[0], argv.as_ptr(), environment.as_ptr()) };
    127
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_init_adds_is_told_by_the_differences_within_each_round() {
        // The machine is slower from round to round, by far more than any init adds.
        let bare = [100.0, 200.0, 400.0];
        let native = bare.map(|time| time + 10.0);
        let with = bare.map(|time| time + 15.0);
        let added = Added::of(&with, &bare, &native);
        assert!((added.us - 15.0).abs() < 1e-9, "{added:?}");
        assert!((added.to_native - 1.5).abs() < 1e-9, "{added:?}");
        assert!((Added::of(&native, &bare, &native).to_native - 1.0).abs() < 1e-9);
    }
}
