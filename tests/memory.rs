//! The functions that the compiler calls by itself do what libc's do: all short lengths, at all
//! distances. The only unsafe code that Miri can run; `cargo xtask miri` does.

#[path = "../src/init/sys/memory.rs"]
mod memory;

const LONGEST: usize = 12;

/// A buffer in which every byte is another one.
fn distinct() -> [u8; 2 * LONGEST] {
    std::array::from_fn(|place| 0xe0 + place as u8)
}

#[test]
fn memmove_moves_whatever_overlaps() {
    for len in 0..=LONGEST {
        for from in 0..=LONGEST {
            for to in 0..=LONGEST {
                let (mut ours, mut theirs) = (distinct(), distinct());
                let start = ours.as_mut_ptr();
                let (source, target) = (start.wrapping_add(from), start.wrapping_add(to));
                // SAFETY: both end within the buffer.
                let result = unsafe { memory::memmove(target, source, len) };
                theirs.copy_within(from..from + len, to);
                assert_eq!(ours, theirs, "{len} bytes from {from} to {to}");
                assert_eq!(result, target);
            }
        }
    }
}

#[test]
fn memcpy_and_memset_write_what_they_are_told_to_and_no_more() {
    for len in 0..=LONGEST {
        for to in 0..=LONGEST {
            let (source, mut ours, mut theirs) = (distinct(), [1; 2 * LONGEST], [1; 2 * LONGEST]);
            let target = ours.as_mut_ptr().wrapping_add(to);
            // SAFETY: both buffers are longer.
            let result = unsafe { memory::memcpy(target, source.as_ptr(), len) };
            theirs[to..to + len].copy_from_slice(&source[..len]);
            assert_eq!((ours, result), (theirs, target), "{len} bytes to {to}");
            // SAFETY: the buffer is longer. memset(3) takes the low byte of the number.
            let result = unsafe { memory::memset(target, 0x1ff, len) };
            theirs[to..to + len].fill(0xff);
            assert_eq!((ours, result), (theirs, target), "{len} bytes at {to}");
        }
    }
}

#[test]
fn memcmp_and_bcmp_tell_what_differs_first() {
    for len in 0..=LONGEST {
        let one = distinct();
        for place in 0..=LONGEST {
            for byte in [0, 0x7f, 0x80, one[place], 0xff] {
                let mut other = one;
                other[place] = byte;
                // SAFETY: both are longer.
                let ours = unsafe { memory::memcmp(one.as_ptr(), other.as_ptr(), len) };
                assert_eq!(ours.cmp(&0), one[..len].cmp(&other[..len]), "{byte} at {place}");
                // SAFETY: both are longer.
                let ours = unsafe { memory::bcmp(one.as_ptr(), other.as_ptr(), len) };
                assert_eq!(ours == 0, one[..len] == other[..len], "{byte} at {place}");
            }
        }
    }
}

#[test]
fn strlen_counts_up_to_the_first_nul() {
    for len in 0..LONGEST {
        let mut text = distinct();
        text[len] = 0;
        text[LONGEST] = 0;
        // SAFETY: there is a NUL.
        assert_eq!(unsafe { memory::strlen(text.as_ptr()) }, len);
    }
    memory::rust_eh_personality();
}
