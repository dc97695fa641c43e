//! What is known of programs, wrappers and images, as tables. Every claim here is from the
//! program's own documentation or was measured; what is not known is not guessed.

pub mod images;
pub mod inits;
pub mod launchers;
pub mod programs;
pub mod servers;
pub mod shells;
pub mod signals;
pub mod wrappers;

/// The last part of a path.
pub fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
