//! Packing of texts: the compiler packs them to little more than a third, the program unpacks them.
//!
//! What was written before is copied, anything else is written byte by byte (LZ77); and the bits
//! of which both is said are guessed before they are read (an adaptive binary arithmetic coder):
//! the better the guess, the less room a bit takes. Packer and unpacker guess by the same
//! [`Guesses`], and learn by the same bits.

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

/// Where nothing is known yet: 1 is as likely as 0.
const EVEN: u16 = 1 << (BITS - 1);

/// Of a guess.
const BITS: u32 = 12;

/// The power of two by whose part a guess moves to what turned out to be true.
const LEARNING: u32 = 4;

/// How many guesses there are.
const GUESSES: usize = 256;

/// What of all the numbers of 32 bits still can be the packed text, and for each thing that a bit
/// can be about how likely it is a 1.
struct Guesses {
    low: u32,
    high: u32,
    likely: [u16; GUESSES],
}

impl Guesses {
    /// Where the numbers are parted: those up to this one mean that the bit is a 1.
    const fn middle(&self, about: usize) -> u32 {
        self.low + ((self.high - self.low) >> BITS) * self.likely[about % GUESSES] as u32
    }

    /// After this bit.
    const fn learn(&mut self, about: usize, bit: bool) {
        let middle = self.middle(about);
        let likely = &mut self.likely[about % GUESSES];
        if bit {
            self.high = middle;
            *likely += ((1 << BITS) - *likely) >> LEARNING;
        } else {
            self.low = middle.wrapping_add(1);
            *likely -= *likely >> LEARNING;
        }
    }

    /// The highest byte, once nothing else is possible.
    const fn settled(&self) -> Option<u8> {
        if (self.low ^ self.high) >> 24 == 0 { Some((self.low >> 24) as u8) } else { None }
    }

    /// On to the bytes behind it.
    const fn shift(&mut self) {
        self.low <<= 8;
        self.high = self.high << 8 | 0xff;
    }
}

/// Unpacks the beginning of a text into this room: the pages, each of which ends with a NUL, up to
/// the one at this place, and gives that one.
pub fn unpack<'r>(packed: &[u8], page: usize, room: &'r mut [u8]) -> &'r [u8] {
    // Nothing but 0 is possible: what is read first makes the four bytes of `number` settled.
    let guesses = Guesses { low: 0, high: 0, likely: [EVEN; GUESSES] };
    let mut unpacker = Unpacker { guesses, number: 0, packed: packed.iter() };
    let (mut start, mut len, mut left) = (0, 0, page);
    let (mut back, mut copies) = (0, 0);
    while len < room.len() {
        if copies == 0 && unpacker.bit(About::Copy as usize) {
            back = unpacker.number(About::Back);
            copies = unpacker.number(About::More) + 1;
        }
        let byte = if copies > 0 {
            copies -= 1;
            room.get(len.wrapping_sub(back)).copied().unwrap_or(0)
        } else {
            unpacker.byte()
        };
        if let Some(place) = room.get_mut(len) {
            *place = byte;
        }
        len += 1;
        if byte == 0 {
            if left == 0 {
                return room.get(start..len - 1).unwrap_or_default();
            }
            left -= 1;
            start = len;
        }
    }
    b""
}

struct Unpacker<'p> {
    guesses: Guesses,
    /// The packed text from here on, which is between low and high.
    number: u32,
    packed: core::slice::Iter<'p, u8>,
}

impl Unpacker<'_> {
    #[inline(never)]
    fn bit(&mut self, about: usize) -> bool {
        while self.guesses.settled().is_some() {
            self.guesses.shift();
            // Behind the end of the packed text there is nothing but zeros.
            let next = self.packed.next().copied().unwrap_or(0);
            self.number = self.number << 8 | u32::from(next);
        }
        let bit = self.number <= self.guesses.middle(about);
        self.guesses.learn(about, bit);
        bit
    }

    fn byte(&mut self) -> u8 {
        let mut byte = 1;
        while byte < 128 {
            byte = byte << 1 | usize::from(self.bit(About::Byte as usize - 1 + byte));
        }
        byte as u8 & 127
    }

    /// From 1 on: its bits from the lowest, and before each whether there is one more.
    fn number(&mut self, about: About) -> usize {
        let (mut number, mut next, mut about) = (0, 1, about as usize);
        while self.bit(about) {
            if self.bit(about + 1) {
                number += next;
            }
            next <<= 1;
            about += 2;
        }
        number + next
    }
}

/// A text as it is packed.
pub(crate) struct Packed {
    pub bytes: [u8; Packed::MAX],
    pub len: usize,
    guesses: Guesses,
}

/// About what a byte, a copy, and each bit of its numbers takes, in tenths of bits. By this, the
/// packer chooses.
const BYTE_COSTS: u32 = 60;
const COPY_COSTS: u32 = 30;
const BACK_COSTS: u32 = 11;
const MORE_COSTS: u32 = 18;

impl Packed {
    /// Bytes that there is room for; the compiler says when it is too little.
    const MAX: usize = 8192;

    /// Packs this much of a text.
    pub const fn new<const MAX: usize>(text: &[u8; MAX], len: usize) -> Packed {
        let guesses = Guesses { low: 0, high: u32::MAX, likely: [EVEN; GUESSES] };
        let mut packed = Packed { bytes: [0; Packed::MAX], len: 0, guesses };
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
        // With zeros behind it this byte is between low and high, which differ in it.
        packed.bytes[packed.len] = (packed.guesses.high >> 24) as u8;
        packed.len += 1;
        packed
    }

    const fn bit(&mut self, about: usize, bit: bool) {
        self.guesses.learn(about, bit);
        while let Some(byte) = self.guesses.settled() {
            self.guesses.shift();
            self.bytes[self.len] = byte;
            self.len += 1;
        }
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
        let (mut left, mut about) = (number, about as usize);
        while left > 1 {
            self.bit(about, true);
            self.bit(about + 1, left & 1 == 1);
            left >>= 1;
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
            while place + same < len && text[place + same] == text[place + same - back] {
                same += 1;
            }
            while longest < same {
                longest += 1;
                let costs_now = COPY_COSTS
                    + BACK_COSTS * back.ilog2()
                    + MORE_COSTS * (longest - 1).ilog2()
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
