//! Error numbers of the kernel, with words for those that people meet.

use crate::notice::Phrase;
use crate::text::Text;

/// An error number (errno(3)), as a system call returned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub u32);

#[expect(missing_docs, reason = "their names are errno(3)'s")]
impl Errno {
    pub const PERM: Errno = Errno(1);
    pub const NOENT: Errno = Errno(2);
    pub const SRCH: Errno = Errno(3);
    pub const INTR: Errno = Errno(4);
    pub const NXIO: Errno = Errno(6);
    pub const TOOBIG: Errno = Errno(7);
    pub const NOEXEC: Errno = Errno(8);
    pub const CHILD: Errno = Errno(10);
    pub const AGAIN: Errno = Errno(11);
    pub const ACCES: Errno = Errno(13);
    pub const NODEV: Errno = Errno(19);
    pub const NOTDIR: Errno = Errno(20);
    pub const ISDIR: Errno = Errno(21);
    pub const INVAL: Errno = Errno(22);
    pub const NOSPC: Errno = Errno(28);
    pub const NAMETOOLONG: Errno = Errno(36);
    pub const PIPE: Errno = Errno(32);
    pub const LIBBAD: Errno = Errno(80);
    pub const TIMEDOUT: Errno = Errno(110);
    pub const STALE: Errno = Errno(116);
}

impl Errno {
    /// Writes its words, or `error 95` for the rare ones.
    pub fn write(self, text: &mut Text<'_>) {
        let before = text.len();
        Phrase::Errors.page().write_line(self.0 as usize, text);
        if text.len() == before {
            text.text(b"error ");
            text.number(self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_errors_have_the_words_of_the_system() {
        for number in 0..=4095 {
            let mut buffer = [0; 128];
            let mut text = Text::new(&mut buffer);
            Errno(number).write(&mut text);
            let ours = String::from_utf8(text.bytes().to_vec()).unwrap();
            let theirs = std::io::Error::from_raw_os_error(number as i32).to_string();
            let known = theirs == format!("{ours} (os error {number})");
            assert!(known || ours == format!("error {number}"), "{ours:?} for {theirs:?}");
        }
    }
}
