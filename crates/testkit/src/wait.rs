//! Conditions and deadlines.

use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long a condition is waited for, if `SEXTON_PATIENCE` does not name another number of
/// seconds: fewer where many tests are expected to fail, as when another init sits the exam.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a condition is waited for. Only a failing test takes so long.
pub fn patience() -> Duration {
    let named = std::env::var("SEXTON_PATIENCE").ok().and_then(|word| word.parse().ok());
    named.map_or(PATIENCE, Duration::from_secs)
}

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `condition` holds.
///
/// # Panics
/// With `what` when [`patience`] is at its end.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + patience();
    while !condition() {
        assert!(Instant::now() < deadline, "after {:?} still not: {what}", patience());
        std::thread::sleep(PAUSE);
    }
}

/// A new directory of this test alone. It stays until the next run of any test, so that a failure
/// can be looked into.
///
/// # Panics
/// If it cannot be made.
pub fn scratch() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    static SWEPT: Once = Once::new();
    SWEPT.call_once(sweep_scratch);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("{SCRATCH}{}-{number}", std::process::id()));
    std::fs::create_dir(&path).expect("a directory for the test");
    path
}

const SCRATCH: &str = "sexton-test-";

/// Removes what tests that have ended left.
fn sweep_scratch() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name.strip_prefix(SCRATCH).and_then(|rest| rest.split('-').next());
        let alive = |pid: &str| PathBuf::from("/proc").join(pid).exists();
        let own = std::process::id().to_string();
        if process.is_some_and(|pid| pid == own || !alive(pid)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
