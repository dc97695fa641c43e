//! Reading files: whole, as text, within limits. What cannot be read is told with its place.

use crate::source::{Place, Source};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Larger files are not read: no such file is written by people.
pub const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A file that could not be read or understood.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// Where in it, if it is a text.
    pub place: Option<Place>,
    /// What is wrong.
    pub words: String,
}

impl Problem {
    /// With a whole file.
    pub fn file(name: impl Into<String>, words: impl Into<String>) -> Problem {
        Problem { name: name.into(), place: None, words: words.into() }
    }

    /// At a place.
    pub fn at(place: Place, words: impl Into<String>) -> Problem {
        Problem { name: place.source.name.clone(), place: Some(place), words: words.into() }
    }
}

/// Reads a file; `name` is what it is called in reports.
pub fn file(path: &Path, name: &str) -> Result<Arc<Source>, Problem> {
    let read = || -> std::io::Result<Result<Vec<u8>, &'static str>> {
        // Before it is opened: that of a pipe waits for a writer.
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(Err("no regular file"));
        }
        let file = File::open(path)?;
        let mut bytes = Vec::with_capacity(metadata.len().min(BYTES_MAX) as usize + 1);
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(Ok(bytes))
    };
    match read() {
        Ok(Ok(bytes)) => text(name, bytes),
        Ok(Err(words)) => Err(Problem::file(name, words)),
        Err(error) => Err(Problem::file(name, reason(&error))),
    }
}

/// What a file is called in reports: one name, however it was come to.
pub fn name(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let plain: PathBuf = parts.collect();
    plain.display().to_string()
}

/// Takes the bytes of a file for a text.
pub fn text(name: &str, bytes: Vec<u8>) -> Result<Arc<Source>, Problem> {
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Problem::file(name, "larger than 16 MiB"));
    }
    if bytes.iter().take(8192).any(|byte| *byte == 0) {
        return Err(Problem::file(name, "a binary file"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let line = bytes[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(Problem::file(name, format!("line {line} is not UTF-8")))
        }
    }
}

/// The reason of an error without the number.
pub fn reason(error: &std::io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or(&words).to_lowercase()
}
