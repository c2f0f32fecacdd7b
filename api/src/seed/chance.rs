//! Chance that is the same everywhere: `SplitMix64` (Steele, Lea and Flood, 2014). A library's generator may change
//! its stream between versions, and then a second seeding would not find the users of the first.

/// A stream of numbers that its seed alone decides.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included. (The bias of the remainder is far below what anybody sees.)
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.between(0, items.len() as u64 - 1) as usize]
    }

    /// The first `count` of `items` in a random order.
    pub(super) fn choose<'a, T>(&mut self, items: &'a [T], count: usize) -> Vec<&'a T> {
        let mut deck: Vec<&T> = items.iter().collect();
        for drawn in 0..count {
            let card = self.between(drawn as u64, deck.len() as u64 - 1) as usize;
            deck.swap(drawn, card);
        }
        deck.truncate(count);
        deck
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    /// The published stream for the seed 1234567.
    #[test]
    fn is_splitmix64() {
        let mut chance = Chance::seeded(1_234_567);
        assert_eq!(chance.next(), 6_457_827_717_110_365_317);
        assert_eq!(chance.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn chosen_items_are_distinct() {
        let items: Vec<u32> = (0..20).collect();
        let mut chosen = Chance::seeded(1).choose(&items, 12);
        chosen.sort_unstable();
        chosen.dedup();
        assert_eq!(chosen.len(), 12);
    }
}
