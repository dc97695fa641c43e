//! Sorting in place: what `core` has for it is kilobytes of code.

/// Puts a list in order; a heap sort, whose time is bounded whatever the list is.
pub fn sort<T: Copy>(list: &mut [T], is_before: impl Fn(T, T) -> bool) {
    // First every item from the middle down to the first sinks, which makes a heap of the list;
    // then the first, which is the last of all, changes places with the last of the heap.
    let (mut start, mut end) = (list.len() / 2, list.len());
    while end > 1 {
        if start > 0 {
            start -= 1;
        } else {
            end -= 1;
            exchange(list, 0, end);
        }
        let (mut at, mut child) = (start, 2 * start + 1);
        while let Some(&(mut larger)) = list.get(child).filter(|_| child < end) {
            if let Some(&other) = list.get(child + 1)
                && child + 1 < end
                && is_before(larger, other)
            {
                (child, larger) = (child + 1, other);
            }
            if list.get(at).is_none_or(|item| !is_before(*item, larger)) {
                break;
            }
            exchange(list, at, child);
            (at, child) = (child, 2 * child + 1);
        }
    }
}

/// `swap` of a slice, which would bring a panic with it. Both are there.
fn exchange<T: Copy>(list: &mut [T], one: usize, other: usize) {
    if let (Some(&first), Some(&second)) = (list.get(one), list.get(other)) {
        list[one] = second;
        list[other] = first;
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
            // Two for each step down; 2 n log2 n, and making the heap.
            assert!(steps.get() < 2 * 10_000 * 14 + 4 * 10_000, "{} steps", steps.get());
        }
    }
}
