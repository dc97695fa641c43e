//! Sorting in place: what `core` has for it is kilobytes of code.

use core::cell::Cell;

/// Puts a list in order; a heap sort, whose time is bounded whatever the list is.
pub fn sort<T: Copy>(list: &mut [T], is_before: impl Fn(T, T) -> bool) {
    let list = Cell::from_mut(list).as_slice_of_cells();
    // First every item from the middle down to the first sinks, which makes a heap of the list;
    // then the first, which is the last of all, changes places with the last of the heap.
    let (mut start, mut end) = (list.len() / 2, list.len());
    while end > 1 {
        if start > 0 {
            start -= 1;
        } else {
            end -= 1;
            if let (Some(first), Some(last)) = (list.first(), list.get(end)) {
                exchange(first, last);
            }
        }
        let Some(heap) = list.get(..end) else { break };
        let mut place = start;
        let Some(mut item) = heap.get(place) else { break };
        loop {
            place = 2 * place + 1;
            let Some(mut child) = heap.get(place) else { break };
            if let Some(other) = heap.get(place + 1)
                && is_before(child.get(), other.get())
            {
                child = other;
                place += 1;
            }
            if !is_before(item.get(), child.get()) {
                break;
            }
            exchange(item, child);
            item = child;
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
