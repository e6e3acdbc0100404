//! Chance from a seed: the same seed gives the same office on every machine and every database.

/// A generator (`SplitMix64`). Good enough for variety; no secret may come from it.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// The stream `stream` of the demonstration: streams do not disturb each other.
    pub(super) fn of(stream: u64) -> Self {
        let mut chance = Self(0x5eed_0f2d_0ff1_ce00 ^ stream.wrapping_mul(0xd134_2543_de82_ef95));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included; `low` when there is nothing between.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap_or(1);
        // The high half of the product is below `width`.
        let offset = (u128::from(self.next()) * u128::from(width)) >> 64;
        low + i64::try_from(offset).unwrap_or(0)
    }

    /// An index below `count`; 0 when there is none.
    pub(super) fn index(&mut self, count: usize) -> usize {
        let last = i64::try_from(count).unwrap_or(i64::MAX).max(1) - 1;
        usize::try_from(self.between(0, last)).unwrap_or(0)
    }

    /// True in `per_mille` of a thousand cases.
    pub(super) fn happens(&mut self, per_mille: i64) -> bool {
        self.between(0, 999) < per_mille
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.index(list.len())]
    }

    /// An index, each as likely as its weight says.
    pub(super) fn weighted(&mut self, weights: &[i64]) -> usize {
        let mut rest = self.between(0, weights.iter().sum::<i64>() - 1);
        for (index, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return index;
            }
            rest -= weight;
        }
        0
    }

    /// `count` different indexes below `among`, in ascending order; all of them when there are not more.
    pub(super) fn choose(&mut self, count: usize, among: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..among).collect();
        for place in 0..count.min(among) {
            let other = place + self.index(among - place);
            all.swap(place, other);
        }
        all.truncate(count);
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_itself_and_no_other() {
        let draw = |stream| {
            let mut chance = Chance::of(stream);
            (0..50).map(|_| chance.between(0, 1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn numbers_stay_within_their_bounds() {
        let mut chance = Chance::of(1);
        let drawn: Vec<i64> = (0..1_000).map(|_| chance.between(-2, 2)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&2)));
        assert_eq!(chance.index(0), 0);
        assert!((0..1_000).all(|_| chance.weighted(&[0, 5, 0]) == 1));
    }

    #[test]
    fn chosen_indexes_differ() {
        let mut chance = Chance::of(2);
        let mut chosen = chance.choose(20, 75);
        chosen.dedup();
        assert_eq!(chosen.len(), 20);
        assert_eq!(chance.choose(5, 3), [0, 1, 2]);
    }
}
