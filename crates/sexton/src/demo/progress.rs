//! A line on a terminal's stderr that says what is being waited for. In a pipe: nothing.

use super::claims::{Runner, Scene};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Mutex;
use std::time::Duration;

/// One scene's line; it is wiped away when dropped.
pub struct Progress {
    bar: ProgressBar,
    waiting_for: Mutex<Vec<Runner>>,
}

impl Progress {
    pub fn of(scene: Scene, runners: &[Runner]) -> Progress {
        let bar = ProgressBar::new_spinner(); // On stderr; hidden unless that is a terminal.
        let style = ProgressStyle::with_template("  {spinner} {prefix} {elapsed}: {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(scene.title());
        let progress = Progress { bar, waiting_for: Mutex::new(runners.to_vec()) };
        progress.show(runners);
        progress.bar.enable_steady_tick(Duration::from_millis(100));
        progress
    }

    /// This runner needs no more waiting for.
    pub fn done(&self, runner: Runner) {
        // A thread that panicked while it held the lock leaves a list that is still good to show.
        let mut left = self.waiting_for.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        left.retain(|&one| one != runner);
        self.show(&left);
    }

    fn show(&self, runners: &[Runner]) {
        let labels: Vec<&str> = runners.iter().map(|runner| runner.label()).collect();
        self.bar.set_message(labels.join(", "));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
