//! What makes a comparison fair: one CPU for all, and an order that nothing keeps step with.

use crate::tools::{Failure, Result};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Every child inherits this thread's CPU; dropped, the thread may go where it could before.
pub struct Pinned(CpuSet);

impl Pinned {
    pub fn to_one_cpu() -> Result<Pinned> {
        let before = sched_getaffinity(None).map_err(Failure::new)?;
        let mut one = CpuSet::new();
        if let Some(cpu) = (0..CpuSet::MAX_CPU).rev().find(|&cpu| before.is_set(cpu)) {
            one.set(cpu);
        }
        sched_setaffinity(None, &one).map_err(Failure::new)?;
        Ok(Pinned(before))
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let _ = sched_setaffinity(None, &self.0);
    }
}

/// Marsaglia's xorshift: an order that nothing else on the machine keeps step with.
pub struct Shuffle(u64);

impl Shuffle {
    pub fn new() -> Shuffle {
        Shuffle(0x9E37_79B9_7F4A_7C15)
    }

    pub fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            order.swap(last, (self.0 % (last as u64 + 1)) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_keeps_everyone_and_changes_the_order() {
        let mut order: Vec<usize> = (0..50).collect();
        Shuffle::new().shuffle(&mut order);
        assert_ne!(order, (0..50).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }
}
