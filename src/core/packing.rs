//! Packing of texts: the compiler packs them to little more than a third, the program unpacks them.
//!
//! What was written before is copied, anything else is written byte by byte (LZ77); and the bits
//! of which both is said are guessed before they are read (an adaptive binary arithmetic coder):
//! the better the guess, the less room a bit takes. Packer and unpacker guess by the same
//! [`Guesses`], and learn by the same bits.

use crate::words::piece;

/// What a bit is about: each of these has a guess of its own.
///
/// A whole number or byte has as many as it needs, from that one on.
#[derive(Clone, Copy)]
enum About {
    /// Whether a copy follows, or a byte.
    Copy = 0,
    /// A byte, which is ASCII: its bits, by those before them.
    Byte = 1,
    /// How far back the text is that is copied.
    Back = 128,
    /// How much longer than one byte it is.
    More = 160,
}

/// How many guesses there are.
const GUESSES: usize = 256;

/// The power of two by whose part a guess moves to what turned out to be true.
const LEARNING: u32 = 4;

/// The packed text is a number; each bit of what it says parts the range that it can still be in.
#[repr(C)]
struct Guesses {
    /// How large that range is: in the bytes that are looked at, 2^24 and more.
    range: u32,
    /// Of all that a bit can be about, in how many of 256 cases it is a 1.
    likely: [u8; GUESSES],
}

impl Guesses {
    /// Where nothing is known yet: 1 is as likely as 0.
    const fn none(range: u32) -> Guesses {
        Guesses { range, likely: [0x80; GUESSES] }
    }

    /// How large the part is that means 1; it is below the other.
    const fn part(&self, about: usize) -> u32 {
        (self.range >> u8::BITS) * self.likely[about % GUESSES] as u32
    }

    /// After this bit.
    const fn learn(&mut self, about: usize, bit: bool) {
        let part = self.part(about);
        let likely = &mut self.likely[about % GUESSES];
        if bit {
            self.range = part;
            *likely += !*likely >> LEARNING;
        } else {
            self.range -= part;
            *likely -= *likely >> LEARNING;
        }
    }
}

/// A range smaller than this is widened by one more byte.
const ENOUGH: u32 = 1 << 24;

/// Unpacks the beginning of a text into this room: the pages, each of which ends with a NUL, up to
/// the one at this place, and gives that one.
pub fn unpack<'r>(packed: &[u8], page: usize, room: &'r mut [u8]) -> &'r [u8] {
    // The first three bytes are read with the first bit.
    let guesses = Guesses::none(1);
    let mut unpacker = Unpacker { number: 0, packed: packed.iter(), guesses };
    let (mut left, mut back, mut copies) = (page, 0, 0);
    for len in 0..room.len() {
        if copies == 0 && unpacker.bit(About::Copy as usize) > 0 {
            back = unpacker.number(About::Back);
            copies = unpacker.number(About::More) + 1;
        }
        let byte = if copies > 0 {
            copies -= 1;
            room.get(len.wrapping_sub(back)).copied().unwrap_or(0)
        } else {
            unpacker.byte()
        };
        room[len] = byte;
        if byte == 0 {
            if left == 0 {
                break;
            }
            left -= 1;
        }
    }
    piece(room, 0, page)
}

#[repr(C)]
struct Unpacker<'p> {
    /// By how much the packed text, as far as it is looked at, is above the bottom of the range.
    number: u32,
    packed: core::slice::Iter<'p, u8>,
    guesses: Guesses,
}

impl Unpacker<'_> {
    #[inline(never)]
    fn bit(&mut self, about: usize) -> usize {
        while self.guesses.range < ENOUGH {
            self.guesses.range <<= 8;
            self.number <<= 8;
            // Behind its end are nothing but zeros.
            if let Some(byte) = self.packed.next() {
                self.number |= u32::from(*byte);
            }
        }
        let part = self.guesses.part(about);
        let bit = self.number < part;
        if !bit {
            self.number -= part;
        }
        self.guesses.learn(about, bit);
        bit.into()
    }

    fn byte(&mut self) -> u8 {
        let mut byte = 1;
        while byte < 128 {
            byte = byte << 1 | self.bit(About::Byte as usize - 1 + byte);
        }
        byte as u8 & 127
    }

    /// From 1 on: before each bit but the first whether there is one more.
    #[inline(never)]
    fn number(&mut self, about: About) -> usize {
        let (mut number, mut about) = (1, about as usize);
        while self.bit(about) > 0 {
            number = number << 1 | self.bit(about + 1);
            about += 2;
        }
        number
    }
}

/// A text as it is packed.
pub(crate) struct Packed {
    pub bytes: [u8; Packed::MAX],
    pub len: usize,
    /// The bottom of the range, without the bytes above.
    low: u32,
    guesses: Guesses,
}

/// By what the packer chooses: about what a byte, a copy, and each bit of its numbers takes, in
/// tenths of bits. That copies are dear and what they say is cheap was found by trying: few long
/// ones leave more bytes to learn from.
const BYTE_COSTS: u32 = 56;
const COPY_COSTS: u32 = 85;
const BACK_COSTS: u32 = 8;
const MORE_COSTS: u32 = 12;

impl Packed {
    /// Bytes that there is room for; the compiler says when it is too little.
    const MAX: usize = 8192;

    /// Packs this much of a text.
    pub const fn new<const MAX: usize>(text: &[u8; MAX], len: usize) -> Packed {
        let (bytes, guesses) = ([0; Packed::MAX], Guesses::none(ENOUGH));
        let mut packed = Packed { bytes, len: 0, low: 0, guesses };
        let copies = copies(text, len);
        let mut place = 0;
        while place < len {
            let Copy { back, len } = copies[place];
            packed.bit(About::Copy as usize, len > 1);
            if len > 1 {
                packed.number(About::Back, back);
                packed.number(About::More, len - 1);
            } else {
                packed.byte(text[place]);
            }
            place += len;
        }
        // With zeros behind it the highest byte of the top is still in the range.
        packed.raise(packed.guesses.range - 1);
        packed.shift();
        packed
    }

    const fn bit(&mut self, about: usize, bit: bool) {
        if !bit {
            self.raise(self.guesses.part(about));
        }
        self.guesses.learn(about, bit);
        while self.guesses.range < ENOUGH {
            self.guesses.range <<= 8;
            self.shift();
        }
    }

    /// Raises the bottom.
    const fn raise(&mut self, by: u32) {
        let (low, carry) = self.low.overflowing_add(by);
        self.low = low;
        let (mut place, mut carry) = (self.len, carry);
        while carry {
            place -= 1;
            (self.bytes[place], carry) = self.bytes[place].overflowing_add(1);
        }
    }

    /// Writes the highest byte of the bottom.
    const fn shift(&mut self) {
        self.bytes[self.len] = (self.low >> 24) as u8;
        self.len += 1;
        self.low <<= 8;
    }

    const fn byte(&mut self, text: u8) {
        let (mut byte, mut bit) = (1, 7);
        while bit > 0 {
            bit -= 1;
            let one = text >> bit & 1 == 1;
            self.bit(About::Byte as usize - 1 + byte, one);
            byte = byte << 1 | one as usize;
        }
    }

    const fn number(&mut self, about: About, number: usize) {
        let (mut bits, mut about) = (number.ilog2(), about as usize);
        while bits > 0 {
            bits -= 1;
            self.bit(about, true);
            self.bit(about + 1, number >> bits & 1 == 1);
            about += 2;
        }
        self.bit(about, false);
    }
}

#[derive(Clone, Copy)]
struct Copy {
    back: usize,
    /// 1: a byte, not a copy.
    len: usize,
}

/// For each place the copy that starts there, if it is on the way to the end that costs least.
const fn copies<const MAX: usize>(text: &[u8; MAX], len: usize) -> [Copy; MAX] {
    // Where the same two bytes were before, one behind the place, and where those were before that.
    let (mut last, mut before) = ([0u16; 1 << 16], [0u16; MAX]);
    let mut place = 0;
    while place + 1 < len {
        let pair = text[place] as usize * 256 + text[place + 1] as usize;
        before[place] = last[pair];
        last[pair] = place as u16 + 1;
        place += 1;
    }
    let (mut copies, mut costs) = ([Copy { back: 0, len: 1 }; MAX], [0u32; MAX]);
    while place > 0 {
        place -= 1;
        costs[place] = costs[place + 1] + BYTE_COSTS;
        let (mut from, mut longest) = (before[place], 1);
        while from > 0 {
            let back = place + 1 - from as usize;
            let mut same = 2;
            // Only if it is longer than the longest.
            if place + longest < len && text[place + longest] == text[place + longest - back] {
                while place + same < len && text[place + same] == text[place + same - back] {
                    same += 1;
                }
            }
            while longest < same {
                longest += 1;
                let costs_now = COPY_COSTS
                    + BACK_COSTS * back.ilog2()
                    + MORE_COSTS * longest.ilog2()
                    + costs[place + longest];
                if costs_now < costs[place] {
                    costs[place] = costs_now;
                    copies[place] = Copy { back, len: longest };
                }
            }
            from = before[from as usize - 1];
        }
    }
    copies
}
