//! Everything the program can say, in one packed text: help, sentences of the log, words for
//! errors. As they are written these texts would be a third of the program.

use crate::door::{COUNT, KEYS, TABLES, Table};
use crate::notice::Phrase;
use crate::packing::{Packed, unpack};
use crate::text::Text;
use crate::words::piece;
use crate::{errno, notice, signal};

/// A part of the book: its pages are found by their number. To read a page all before it is
/// unpacked: what is needed at every start comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Chapter {
    /// Words that stand in for a value of a sentence.
    Phrases,
    /// The names of the signals 1, 2, 3 …
    Signals,
    /// What the events are called in JSON.
    Events,
    /// The words for the errors 1, 2, 3 …
    Errors,
    /// The sentences of the first door; those of the others follow.
    Sentences,
    /// The pages of the first door; those of the others follow.
    Pages,
}

const CHAPTERS: usize = Chapter::Pages as usize + 1;

/// A text of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page(u16);

/// Bytes that all pages take.
pub const ROOM: usize = WRITTEN.len;

impl Page {
    /// This page of the chapter. There must be such a page.
    pub const fn of(chapter: Chapter, number: usize) -> Page {
        Page(BEFORE[chapter as usize].wrapping_add(number as u16))
    }

    /// Writes its first line; if it is empty, this phrase and this number.
    #[inline(never)]
    pub fn write_or(self, other: Phrase, number: u32, to: &mut Text<'_>) {
        let before = to.len();
        self.write_line(0, to);
        if to.len() == before {
            other.page().write_line(0, to);
            to.number(number);
        }
    }

    /// Writes one of its lines.
    #[inline(never)]
    pub fn write_line(self, line: u8, to: &mut Text<'_>) {
        to.text(piece(self.read(&mut [0; ROOM]), b'\n', line.into()));
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
}

static BYTES: [u8; PACKED.len] = {
    let mut bytes = [0; PACKED.len];
    let mut place = 0;
    while place < PACKED.len {
        bytes[place] = PACKED.bytes[place];
        place += 1;
    }
    bytes
};

#[allow(long_running_const_eval, reason = "a second or two")]
const PACKED: Packed = Packed::new(&WRITTEN.bytes, WRITTEN.len);

const BEFORE: [u16; CHAPTERS] = WRITTEN.before;

const WRITTEN: Book = {
    let mut book = Book { bytes: [0; Book::MAX], len: 0, pages: 0, before: [0; CHAPTERS] };
    book.chapter(Chapter::Phrases, notice::PHRASES);
    book.chapter(Chapter::Signals, &signal::NAMES);
    book.chapter(Chapter::Events, notice::EVENTS);
    book.chapter(Chapter::Errors, &errno::WORDS);
    book.chapter(Chapter::Sentences, &[]);
    let mut door = 0;
    while door < COUNT {
        let mut saying = 0;
        while saying < notice::SAYINGS {
            book.write(TABLES[door].sentence(saying).1);
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
    book
};

impl Book {
    /// Bytes that there is room for; the compiler says when it is too little.
    const MAX: usize = 16_384;

    /// Adds a chapter with these pages.
    const fn chapter(&mut self, chapter: Chapter, texts: &[&str]) {
        self.before[chapter as usize] = self.pages;
        let mut page = 0;
        while page < texts.len() {
            self.write(texts[page]);
            self.end_page();
            page += 1;
        }
    }

    /// What a door's options are called, and all that it prints.
    const fn pages_of(&mut self, table: &Table) {
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
        assert!(PACKED.len < WRITTEN.len * 2 / 5, "{} of {}", PACKED.len, WRITTEN.len);
    }
}
