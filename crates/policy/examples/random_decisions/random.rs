//! Numbers that look random and are the same for the same seed: SplitMix64.

/// The state.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// One of them.
    pub(crate) fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// One or two of them, different ones where they differ.
    pub(crate) fn some<T: Copy + PartialEq>(&mut self, all: &[T]) -> Vec<T> {
        let mut some = vec![self.one(all), self.one(all)];
        some.dedup();
        some.truncate(1 + self.below(2));
        some
    }

    /// What `make` makes, `from` to `to` times.
    pub(crate) fn several<T>(
        &mut self,
        from: usize,
        to: usize,
        mut make: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let count = from + self.below(to - from + 1);
        (0..count).map(|_| make(self)).collect()
    }
}
