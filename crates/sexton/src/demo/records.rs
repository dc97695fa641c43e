//! The file that the server of the third scene saves on TERM: is it whole?

use serde::Serialize;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::RawFd;
use std::time::Duration;

/// How many records a whole file has.
pub const RECORDS: usize = 10;

/// How long the server takes to write them all.
pub const FLUSH: Duration = Duration::from_secs(1);

const LAST_LINE: &str = "end of file";

/// At this number the server finds its file open: it comes through every runner unharmed, and has
/// no name that somebody would have to remove.
pub const FILE_FD: RawFd = 3;

/// The server's side.
pub struct RecordFile {
    file: File,
}

impl RecordFile {
    /// Empty: the records are in memory until the stop.
    pub fn passed() -> io::Result<RecordFile> {
        let file = File::options().write(true).open(format!("/proc/self/fd/{FILE_FD}"))?;
        Ok(RecordFile { file })
    }

    /// One record after the other, and the last line once all are there.
    pub fn write_slowly(&mut self) -> io::Result<()> {
        for number in 1..=RECORDS {
            std::thread::sleep(FLUSH / RECORDS as u32);
            writeln!(self.file, "record {number}")?;
        }
        writeln!(self.file, "{LAST_LINE}")
    }
}

/// What was found in the file afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// Complete records found.
    pub records: usize,
    /// Complete records there should be.
    pub of: usize,
    /// All of them, and the last line.
    pub whole: bool,
}

/// Reads it back.
pub fn check(mut file: &File) -> io::Result<Saved> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(judge(&text))
}

fn judge(text: &str) -> Saved {
    let wanted: Vec<String> = (1..=RECORDS).map(|number| format!("record {number}\n")).collect();
    let whole = text == format!("{}{LAST_LINE}\n", wanted.concat());
    let mut rest = text;
    let mut records = 0;
    while let Some(after) = wanted.get(records).and_then(|record| rest.strip_prefix(record)) {
        rest = after;
        records += 1;
    }
    Saved { records, of: RECORDS, whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_only_with_its_last_line() {
        let saved = |records, whole| Saved { records, of: RECORDS, whole };
        let file = tempfile::tempfile().unwrap();
        assert_eq!(check(&file).unwrap(), saved(0, false));

        RecordFile { file: file.try_clone().unwrap() }.write_slowly().unwrap();
        assert_eq!(check(&file).unwrap(), saved(RECORDS, true));

        let records: String = (1..=RECORDS).map(|number| format!("record {number}\n")).collect();
        assert_eq!(judge(&records), saved(RECORDS, false));
        assert_eq!(judge("record 1\nrecord 2\nreco"), saved(2, false));
        assert_eq!(judge("record 2\n"), saved(0, false));
    }
}
