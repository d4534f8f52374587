//! Chance that is the same again for the same seed: what was found once is found again by everybody.

/// A generator of random numbers (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>); not for secrets.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator of that seed.
    pub fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    /// A generator for one case of a run: neighbouring cases have nothing in common.
    pub fn of_case(seed: u64, what: &str) -> Random {
        let mixed = what
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = Random { state: mixed };
        random.number();
        random
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `limit`; 0 where there is no room.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        if limit == 0 { 0 } else { usize::try_from(self.number() % limit).unwrap_or(0) }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let room = u64::try_from(i128::from(high) - i128::from(low)).unwrap_or(0).saturating_add(1);
        low.wrapping_add((self.number() % room.max(1)).cast_signed())
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn pick<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        all.get(self.below(all.len()))
    }

    /// Puts a list into another order.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_and_another_another() {
        let row = |seed| {
            let mut random = Random::of_case(seed, "clients");
            (0..8).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
        let mut random = Random::new(1);
        assert!((0..200).all(|_| (-2..=3).contains(&random.between(-2, 3))));
        assert!((0..200).map(|_| random.between(-2, 3)).any(|one| one == 3));
    }
}
