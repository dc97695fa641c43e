//! Everything the program can say, in one packed text: help, sentences of the log, words for
//! errors. As they are written these texts would be a third of the program.

use crate::course;
use crate::door::{COUNT, KEYS, TABLES, Table};
use crate::notice;
use crate::packing::{Packed, unpack};
use crate::text::Text;
use crate::words::piece;

/// A part of the book: its pages are found by their number. To read a page all before it is
/// unpacked: what is needed at every start comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Chapter {
    /// For each door, what its options are called in each way, in the order of
    /// [`Key`](crate::door::Key), with blanks between.
    Names,
    /// See [`notice::Phrase`].
    Phrases,
    /// What the events are called in JSON.
    Events,
    /// The sentences of the first door; those of the others follow.
    Sentences,
    /// The pages of the first door; those of the others follow.
    Pages,
    /// See [`course::TEXTS`].
    Course,
}

const CHAPTERS: usize = Chapter::Course as usize + 1;

/// A text of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page(u16);

/// Bytes that all pages take.
pub const ROOM: usize = WRITTEN.len;

/// Bytes that all take that the log needs: up to this chapter.
pub const SPOKEN: usize = WRITTEN.starts[Chapter::Pages as usize];

/// Bytes that all take that are needed at every start: up to this chapter.
pub const FRONT: usize = WRITTEN.starts[Chapter::Events as usize];

impl Page {
    /// This page of the chapter. There must be such a page.
    pub const fn of(chapter: Chapter, number: usize) -> Page {
        Page(BEFORE[chapter as usize].wrapping_add(number as u16))
    }

    /// Writes one of its lines.
    #[inline(never)]
    pub fn write_line(self, line: usize, to: &mut Text<'_>) {
        to.text(piece(self.read(&mut [0; ROOM]), b'\n', line));
    }

    /// It, and before it in this room all that comes before it in the book.
    #[inline(never)]
    pub fn read(self, room: &mut [u8]) -> &[u8] {
        unpack(&BYTES, self.0.into(), room)
    }
}

/// The book as it is written.
struct Book {
    bytes: [u8; Book::MAX],
    len: usize,
    pages: u16,
    /// How many pages come before each chapter.
    before: [u16; CHAPTERS],
    /// Where each begins.
    starts: [usize; CHAPTERS],
}

static BYTES: [u8; PACKED.len - 1] = {
    let mut bytes = [0; PACKED.len - 1];
    let mut place = 0;
    while place < bytes.len() {
        // The first is a 0, as the range is small at first.
        bytes[place] = PACKED.bytes[place + 1];
        place += 1;
    }
    bytes
};

#[allow(long_running_const_eval, reason = "a second or two")]
const PACKED: Packed = Packed::new(&WRITTEN.bytes, WRITTEN.len);

const BEFORE: [u16; CHAPTERS] = WRITTEN.before;

const WRITTEN: Book = {
    let mut book = Book {
        bytes: [0; Book::MAX],
        len: 0,
        pages: 0,
        before: [0; CHAPTERS],
        starts: [0; CHAPTERS],
    };
    let mut door = 0;
    while door < COUNT {
        book.names(TABLES[door]);
        door += 1;
    }
    book.chapter(Chapter::Phrases, notice::PHRASES);
    book.chapter(Chapter::Events, notice::EVENTS);
    book.chapter(Chapter::Sentences, &[]);
    door = 0;
    while door < COUNT {
        let mut saying = 0;
        while saying < notice::SAYINGS {
            book.sentence(TABLES[door].sentence(saying).1);
            book.end_page();
            saying += 1;
        }
        door += 1;
    }
    book.chapter(Chapter::Pages, &[]);
    door = 0;
    while door < COUNT {
        book.pages_of(TABLES[door]);
        door += 1;
    }
    book.chapter(Chapter::Course, course::TEXTS);
    book
};

impl Book {
    /// Bytes that there is room for; the compiler says when it is too little.
    const MAX: usize = 16_384;

    /// Adds a chapter with these pages.
    const fn chapter(&mut self, chapter: Chapter, texts: &[&str]) {
        self.before[chapter as usize] = self.pages;
        self.starts[chapter as usize] = self.len;
        let mut page = 0;
        while page < texts.len() {
            self.write(texts[page]);
            self.end_page();
            page += 1;
        }
    }

    /// What a door's options are called.
    const fn names(&mut self, table: &Table) {
        let mut key = 0;
        while key < KEYS.len() {
            let (mut letter, mut names) = (0, ["", ""]);
            if let Some(row) = table.row(KEYS[key]) {
                (letter, names) = (row.letter, [row.name, row.variable]);
            }
            if letter > 0 {
                self.byte(letter);
            }
            self.write(" ");
            self.write(names[0]);
            self.write(" ");
            self.write(names[1]);
            self.write(" ");
            key += 1;
        }
        self.end_page();
    }

    /// All that a door prints.
    const fn pages_of(&mut self, table: &Table) {
        let texts = [table.version, table.licence];
        let mut place = 0;
        while place < texts.len() {
            self.line(texts[place]);
            self.end_page();
            place += 1;
        }
        self.line(table.help[0]);
        place = 0;
        while place < table.rows.len() {
            let start = self.len;
            let row = &table.rows[place];
            self.write(row.typed);
            while self.len > start && self.len < start + table.column {
                self.write(" ");
            }
            self.line(row.meaning);
            place += 1;
        }
        self.line(table.help[1]);
        self.end_page();
    }

    /// With the marks that are quickly found.
    const fn sentence(&mut self, text: &str) {
        let (text, mut place) = (text.as_bytes(), 0);
        while place < text.len() {
            match text[place] {
                b'{' | b'}' => self.byte(notice::KEY_MARK),
                b'%' => self.write(notice::OWN),
                byte => self.byte(byte),
            }
            place += 1;
        }
    }

    const fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.write(text);
            self.write("\n");
        }
    }

    const fn write(&mut self, text: &str) {
        let (text, mut place) = (text.as_bytes(), 0);
        while place < text.len() {
            self.byte(text[place]);
            place += 1;
        }
    }

    const fn byte(&mut self, byte: u8) {
        assert!(byte.is_ascii(), "nothing else is packed");
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// The NUL is there already.
    const fn end_page(&mut self) {
        self.len += 1;
        self.pages += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_read_as_it_was_written() {
        let mut written = WRITTEN.bytes[..WRITTEN.len].split(|byte| *byte == 0);
        for (page, expected) in (0..WRITTEN.pages).map(Page).zip(&mut written) {
            assert_eq!(page.read(&mut [0; ROOM]), expected, "{page:?}");
        }
        assert_eq!(written.collect::<Vec<_>>(), [b""], "nothing behind the last page");
    }

    #[test]
    fn the_book_is_worth_packing() {
        const { assert!(PACKED.len < WRITTEN.len * 2 / 5) };
    }
}
