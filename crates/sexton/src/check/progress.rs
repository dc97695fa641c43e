//! A line on a terminal's stderr that says what is being waited for. In a pipe: nothing.

use super::output::Show;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// The line; it is wiped away when dropped.
pub struct Progress {
    bar: ProgressBar,
    label: String,
}

impl Progress {
    /// `label` stands before what is said. What the command prints would tear the line apart.
    pub fn of(label: &str, show: Show) -> Progress {
        let bar = match show {
            Show::Nothing => ProgressBar::new_spinner(), // Hidden unless stderr is a terminal.
            Show::All => ProgressBar::hidden(),
        };
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress { bar, label: label.to_owned() }
    }

    pub fn say(&self, words: &str) {
        self.bar.set_message(format!("{}{words}", self.label));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
