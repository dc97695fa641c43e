//! Sorting in place: what `core` has for it is kilobytes of code.

use core::cell::Cell;

/// Puts a list in order; a Shell sort, with steps of 2^k - 1. However the list is, it takes no more
/// time than its length to the power of 1.5 (Papernov and Stasevich, 1965).
pub fn sort<T: Copy>(list: &mut [T], is_before: impl Fn(T, T) -> bool) {
    let list = Cell::from_mut(list).as_slice_of_cells();
    let mut step = usize::MAX >> (list.len() | 1).leading_zeros();
    while step > 0 {
        for mut place in step..list.len() {
            // Every item moves on by steps, past those that it is before.
            while let Some(before) = place.checked_sub(step)
                && let (Some(one), Some(other)) = (list.get(before), list.get(place))
                && is_before(other.get(), one.get())
            {
                one.set(other.replace(one.get()));
                place = before;
            }
        }
        step /= 2;
    }
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
            assert!(steps.get() < 10_000 * 100, "{} steps", steps.get());
        }
    }
}
