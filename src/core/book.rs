//! Everything the program can say, in one packed text: help, sentences of the log, words for
//! errors. These texts are a quarter of the program, and pack to little more than half.
//!
//! The packing is done by the compiler, and is byte pair encoding: the pair of bytes that is
//! found most often becomes one byte that English does without, again and again. To unpack, such a
//! byte is replaced by its pair, whose bytes may be such bytes in turn.

use crate::door::{COUNT, KEYS, TABLES, Table};
use crate::notice::Phrase;
use crate::text::Text;
use crate::words::piece;
use crate::{errno, notice, signal};

/// A part of the book: its pages are found by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Chapter {
    /// The words for the errors 1, 2, 3 …
    Errors,
    /// The names of the signals 1, 2, 3 …
    Signals,
    /// Words that stand in for a value of a sentence.
    Phrases,
    /// What the events are called in JSON.
    Events,
    /// The sentences of the first door; those of the others follow.
    Sentences,
    /// The pages of the first door; those of the others follow.
    Pages = Chapter::Sentences as u8 + COUNT as u8,
}

const CHAPTERS: usize = Chapter::Pages as usize + COUNT;

/// A text of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    chapter: u8,
    number: u8,
}

impl Page {
    /// This page of the chapter that is so many behind that one. There must be such a page.
    pub const fn of(chapter: Chapter, behind: u8, number: u8) -> Page {
        Page { chapter: chapter as u8 + behind, number }
    }

    /// Writes it; if it is empty, this phrase and this number.
    #[inline(never)]
    pub fn write_or(self, other: Phrase, number: u32, to: &mut Text<'_>) {
        let before = to.len();
        self.write(to);
        if to.len() == before {
            other.page().write(to);
            to.number(number);
        }
    }

    /// Writes it.
    #[inline(never)]
    pub fn write(self, to: &mut Text<'_>) {
        let start = STARTS.get(usize::from(self.chapter)).copied().unwrap_or(0);
        let pages = BYTES.get(usize::from(start)..).unwrap_or_default();
        for byte in piece(pages, 0, self.number.into()) {
            unpack(*byte, to);
        }
    }
}

/// What a byte of the book stands for.
#[inline(never)]
fn unpack(byte: u8, to: &mut Text<'_>) {
    match PAIRS.get(code(byte)) {
        Some(&[left, right]) if left != 0 => {
            unpack(left, to);
            unpack(right, to);
        }
        _ => to.byte(byte),
    }
}

/// The place in the table of a byte that may stand for a pair: those from 127 on, and then those
/// below the blank. NUL and the end of a line, which are among these, have empty places.
const fn code(byte: u8) -> usize {
    byte.wrapping_sub(FIRST) as usize
}

const FIRST: u8 = 127;
const CODES: usize = code(b' ');

/// What is found less often is not worth its two bytes in the table.
const OFTEN: u16 = 4;

/// The book, as it was written or as it is packed.
struct Book {
    bytes: [u8; Book::MAX],
    len: usize,
    pages: usize,
    /// How many pages come before each chapter.
    before: [usize; CHAPTERS],
    pairs: [[u8; 2]; CODES],
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

static PAIRS: [[u8; 2]; CODES] = PACKED.pairs;

/// Where each chapter starts in [`BYTES`].
static STARTS: [u16; CHAPTERS] = {
    let (mut starts, mut chapter) = ([0; CHAPTERS], 0);
    while chapter < CHAPTERS {
        let (mut pages, mut place) = (0, 0);
        while pages < PACKED.before[chapter] {
            pages += (PACKED.bytes[place] == 0) as usize;
            place += 1;
        }
        starts[chapter] = place as u16;
        chapter += 1;
    }
    starts
};

const WRITTEN: Book = {
    let pairs = [[0; 2]; CODES];
    let mut book = Book { bytes: [0; Book::MAX], len: 0, pages: 0, before: [0; CHAPTERS], pairs };
    book.chapter(Chapter::Errors as usize, &errno::WORDS);
    book.chapter(Chapter::Signals as usize, &signal::NAMES);
    book.chapter(Chapter::Phrases as usize, notice::PHRASES);
    book.chapter(Chapter::Events as usize, notice::EVENTS);
    let mut door = 0;
    while door < COUNT {
        book.chapter(Chapter::Sentences as usize + door, &[]);
        let mut saying = 0;
        while saying < notice::SAYINGS {
            book.write(TABLES[door].sentence(saying).1);
            book.end_page();
            saying += 1;
        }
        door += 1;
    }
    door = 0;
    while door < COUNT {
        book.chapter(Chapter::Pages as usize + door, &[]);
        book.pages_of(TABLES[door]);
        door += 1;
    }
    book
};

const PACKED: Book = WRITTEN.pack();

impl Book {
    /// Bytes that there is room for; the compiler says when it is too little.
    const MAX: usize = 16_384;

    /// Adds a chapter with these pages.
    const fn chapter(&mut self, chapter: usize, texts: &[&str]) {
        self.before[chapter] = self.pages;
        let mut page = 0;
        while page < texts.len() {
            self.write(texts[page]);
            self.end_page();
            page += 1;
        }
    }

    /// The names of a door's options, and all that it prints.
    const fn pages_of(&mut self, table: &Table) {
        let mut key = 0;
        while key < KEYS.len() {
            if let Some(row) = table.row(KEYS[key]) {
                self.write(row.name);
            }
            self.write(" ");
            key += 1;
        }
        self.end_page();
        key = 0;
        while key < KEYS.len() {
            if let Some(row) = table.row(KEYS[key]) {
                self.write(row.variable);
            }
            self.write(" ");
            key += 1;
        }
        self.end_page();
        let texts = [table.version, table.licence, table.help[0]];
        let mut place = 0;
        while place < texts.len() {
            self.write(texts[place]);
            self.end_page();
            place += 1;
        }
        key = 0;
        while key < KEYS.len() {
            if let Some(row) = table.row(KEYS[key]) {
                let start = self.len;
                self.write(row.typed);
                while self.len > start && self.len < start + table.column {
                    self.write(" ");
                }
                self.write(row.meaning);
            }
            self.end_page();
            key += 1;
        }
        self.write(table.help[1]);
        self.end_page();
    }

    const fn write(&mut self, text: &str) {
        let (text, mut place) = (text.as_bytes(), 0);
        while place < text.len() {
            self.bytes[self.len] = text[place];
            self.len += 1;
            place += 1;
        }
    }

    /// The NUL is there already.
    const fn end_page(&mut self) {
        self.len += 1;
        self.pages += 1;
    }

    const fn pack(mut self) -> Book {
        let mut place = 0;
        while place < CODES {
            let byte = FIRST.wrapping_add(place as u8);
            if byte != 0 && byte != b'\n' {
                let (pair, times) = self.commonest();
                if times < OFTEN {
                    break;
                }
                self.replace(pair, byte);
                self.pairs[place] = pair;
            }
            place += 1;
        }
        self
    }

    /// The pair that is found most often inside a page, and how often.
    const fn commonest(&self) -> ([u8; 2], u16) {
        let (mut found, mut pair, mut times) = ([0u16; 1 << 16], [0; 2], 0);
        let mut place = 1;
        while place < self.len {
            let (left, right) = (self.bytes[place - 1], self.bytes[place]);
            let index = left as usize * 256 + right as usize;
            if left != 0 && right != 0 {
                found[index] += 1;
                if found[index] > times {
                    (pair, times) = ([left, right], found[index]);
                }
            }
            place += 1;
        }
        (pair, times)
    }

    const fn replace(&mut self, pair: [u8; 2], code: u8) {
        let (mut from, mut to) = (0, 0);
        while from < self.len {
            let is_pair = from + 1 < self.len
                && self.bytes[from] == pair[0]
                && self.bytes[from + 1] == pair[1];
            self.bytes[to] = if is_pair { code } else { self.bytes[from] };
            from += if is_pair { 2 } else { 1 };
            to += 1;
        }
        self.len = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_read_as_it_was_written() {
        let mut written = WRITTEN.bytes[..WRITTEN.len].split(|byte| *byte == 0);
        for chapter in 0..CHAPTERS {
            let next = WRITTEN.before.get(chapter + 1);
            let all = WRITTEN.bytes[..WRITTEN.len].iter().filter(|byte| **byte == 0).count();
            for number in 0..next.unwrap_or(&all) - WRITTEN.before[chapter] {
                let mut buffer = [0; 4096];
                let mut text = Text::new(&mut buffer);
                Page { chapter: chapter as u8, number: number as u8 }.write(&mut text);
                let expected = written.next().unwrap();
                assert_eq!(text.bytes(), expected, "{chapter}, {number}");
            }
        }
    }

    #[test]
    fn the_book_is_worth_packing() {
        assert!(PACKED.len + size_of_val(&PAIRS) < WRITTEN.len * 3 / 4);
    }
}
