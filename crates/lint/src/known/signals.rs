//! Signals by name and number.

use sexton_core::signal::Signal;

/// Reads `TERM`, `SIGTERM`, `15`, `SIGRTMIN+3`.
pub fn parse(word: &str) -> Option<Signal> {
    Signal::parse(word.trim().as_bytes())
}

/// Writes `SIGTERM`.
pub fn name(signal: Signal) -> String {
    let mut buffer = [0; 32];
    let mut text = sexton_core::text::Text::new(&mut buffer);
    signal.write(&mut text);
    String::from_utf8_lossy(text.bytes()).into_owned()
}
