//! Counters that threads do not take from each other.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Threads that count by themselves; more share.
const STRIPES: usize = 16;
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Which of the stripes is this thread's.
    static STRIPE: usize = THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES;
}

/// A row of counters, in lines of the processor's cache that it shares with no other row.
#[repr(align(64))]
struct Row<const N: usize>([AtomicU64; N]);

/// Rows of `N` counters each, once for every stripe. Adding costs one operation in the thread's own cache.
pub(crate) struct Stripes<const N: usize>([Box<[Row<N>]>; STRIPES]);

impl<const N: usize> Stripes<N> {
    pub(crate) fn new(rows: usize) -> Self {
        let row = |_| Row(std::array::from_fn(|_| AtomicU64::new(0)));
        Self(std::array::from_fn(|_| (0..rows).map(row).collect()))
    }

    /// Adds `number` to a counter; there is nothing to add to beyond the last row and column.
    pub(crate) fn add(&self, row: usize, column: usize, number: u64) {
        let rows = STRIPE.with(|stripe| self.0.get(*stripe));
        let counter = rows.and_then(|rows| rows.get(row)?.0.get(column));
        if let Some(counter) = counter {
            counter.fetch_add(number, Ordering::Relaxed);
        }
    }

    /// What all threads have added.
    pub(crate) fn sum(&self, row: usize, column: usize) -> u64 {
        let stripes = self.0.iter();
        let counters = stripes.filter_map(|rows| rows.get(row)?.0.get(column));
        counters
            .map(|counter| counter.load(Ordering::Relaxed))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_counts_in_vain() {
        let counters = Stripes::<3>::new(2);
        std::thread::scope(|threads| {
            for _ in 0..3 * STRIPES {
                threads.spawn(|| (0..100).for_each(|_| counters.add(1, 2, 2)));
            }
        });
        assert_eq!(counters.sum(1, 2), 3 * STRIPES as u64 * 200);
        assert_eq!((counters.sum(0, 2), counters.sum(1, 1)), (0, 0));
    }
}
