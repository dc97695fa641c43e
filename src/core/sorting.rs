//! Sorting in place: what `core` has for it is kilobytes of code.

use core::cell::Cell;

/// Puts a list in order; Shell's sort, which has no need of memory or of luck.
pub fn sort<T: Copy>(list: &mut [T], is_before: impl Fn(T, T) -> bool) {
    let list = Cell::from_mut(list).as_slice_of_cells();
    let mut gap = list.len();
    while gap > 1 {
        // Those that are so far apart come into order, and then those that are half as far: what is
        // far from its place goes there in few steps. Always odd, so that even places meet others.
        gap = gap / 2 | 1;
        for start in gap..list.len() {
            let mut place = start;
            while let Some(lower) = place.checked_sub(gap)
                && let (Some(one), Some(other)) = (list.get(lower), list.get(place))
                && is_before(other.get(), one.get())
            {
                exchange(one, other);
                place = lower;
            }
        }
    }
}

/// [`Cell::swap`] without the panic that it has for halves of items.
fn exchange<T: Copy>(one: &Cell<T>, other: &Cell<T>) {
    one.set(other.replace(one.get()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_every_shape_come_into_order() {
        for len in 0..9 {
            // Every list of so many numbers below 4.
            for number in 0..4_u32.pow(len) {
                let mut list: Vec<u32> = (0..len).map(|place| number >> (2 * place) & 3).collect();
                let mut theirs = list.clone();
                theirs.sort_unstable();
                sort(&mut list, |one, other| one < other);
                assert_eq!(list, theirs);
            }
        }
    }

    #[test]
    fn a_long_list_is_sorted_in_few_steps() {
        let steps = std::cell::Cell::new(0);
        for seed in [1_u32, 7, 2_654_435_761] {
            let mut list: Vec<u32> =
                (0..10_000).map(|place: u32| place.wrapping_mul(seed)).collect();
            let mut theirs = list.clone();
            theirs.sort_unstable();
            steps.set(0);
            sort(&mut list, |one, other| {
                steps.set(steps.get() + 1);
                one < other
            });
            assert_eq!(list, theirs);
            // Two for each step down; 2 n log2 n, and making the heap.
            assert!(steps.get() < 2 * 10_000 * 14 + 4 * 10_000, "{} steps", steps.get());
        }
    }
}
