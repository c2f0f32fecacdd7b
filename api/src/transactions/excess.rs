//! Which transactions of an import cannot be kept, since their holding would be larger than any may be.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::{Effect, Entry, balance};

/// How often those that did not fit are tried again: a sale that came after them may have made room.
const ROUNDS: usize = 3;

/// Which entries must be left out so that what is left of the token can be kept. `added` are the places, among all
/// entries by date, of those that may be left out, in the order of the request: one is in excess that makes too large
/// what is kept of the others.
pub(super) fn excess(entries: &[Entry], added: &[usize]) -> BTreeSet<usize> {
    if balance(entries.iter()).is_none_or(|balance| balance.can_be_kept()) {
        return BTreeSet::new();
    }
    let mut kept = Kept::without(entries, &added.iter().copied().collect());
    let mut left_out = added.to_vec();
    for _ in 0..ROUNDS {
        let before = left_out.len();
        left_out.retain(|place| !kept.take(*place));
        if left_out.len() == before {
            break;
        }
    }
    left_out.into_iter().collect()
}

/// What those entries do together that are kept: a binary tree over time, each of its nodes the effect of all below it.
/// One entry more costs a dozen nodes and not a walk through all entries.
struct Kept<'a> {
    entries: &'a [Entry],
    /// By the place of an entry that may be left out; between any two is a leaf for all entries that stay.
    leaves: BTreeMap<usize, usize>,
    /// The root is the second, the children of `n` are `2n` and `2n + 1`; the leaves are the second half.
    nodes: Vec<Effect>,
}

impl<'a> Kept<'a> {
    /// All entries but those at these places.
    fn without(entries: &'a [Entry], left_out: &BTreeSet<usize>) -> Self {
        let width = (2 * left_out.len() + 1).next_power_of_two();
        let mut nodes = vec![Effect::default(); 2 * width];
        let (mut leaves, mut leaf) = (BTreeMap::new(), width);
        for (place, entry) in entries.iter().enumerate() {
            if left_out.contains(&place) {
                leaves.insert(place, leaf + 1);
                leaf += 2;
            } else {
                nodes[leaf] = nodes[leaf].then(&Effect::of(entry));
            }
        }
        let mut kept = Self { entries, leaves, nodes };
        (1..width).rev().for_each(|node| kept.combine(node));
        kept
    }

    /// Keeps the entry at this place too, unless that is too much.
    fn take(&mut self, place: usize) -> bool {
        let Some(leaf) = self.leaves.get(&place).copied() else { return false };
        self.put(leaf, Effect::of(&self.entries[place]));
        let fits = self.nodes[1].balance().is_none_or(|balance| balance.can_be_kept());
        if !fits {
            self.put(leaf, Effect::default());
        }
        fits
    }

    fn put(&mut self, leaf: usize, effect: Effect) {
        self.nodes[leaf] = effect;
        let mut node = leaf;
        while node > 1 {
            node /= 2;
            self.combine(node);
        }
    }

    fn combine(&mut self, node: usize) {
        self.nodes[node] = self.nodes[2 * node].then(&self.nodes[2 * node + 1]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ledger::TransactionType::{self, Buy, Sell};
    use super::*;

    fn entry(kind: TransactionType, quantity: &str, amount: &str) -> Entry {
        Entry {
            kind,
            quantity: quantity.parse().unwrap(),
            amount_invested: amount.parse().unwrap(),
            average_price: "1".parse().unwrap(),
        }
    }

    fn bought(quantity: &str, amount: &str) -> Entry {
        entry(Buy, quantity, amount)
    }

    fn fits<'a>(entries: impl Iterator<Item = &'a Entry>) -> bool {
        balance(entries).is_none_or(|balance| balance.can_be_kept())
    }

    #[test]
    fn those_that_are_too_much_are_found_among_many_and_no_other() {
        let mut entries = vec![bought("1", "1"); 1000];
        let all: Vec<usize> = (0..1000).collect();
        assert_eq!(excess(&entries, &all), BTreeSet::new());
        let huge = [3, 14, 159, 265, 358, 979];
        for place in huge {
            entries[place] = bought("99999999999999999999", "1");
        }
        assert_eq!(excess(&entries, &all), BTreeSet::from(huge));
        assert_eq!(excess(&entries, &[]), BTreeSet::new(), "there is nothing to leave out");
    }

    /// An average price may be too large where neither quantity nor amount is.
    #[test]
    fn what_was_there_before_stays() {
        let entries = [bought("0.000000000000000001", "1"), bought("0.000000000000000001", "1000")];
        assert_eq!(excess(&entries, &[1]), BTreeSet::from([1]));
    }

    #[test]
    fn who_comes_first_in_the_request_is_kept() {
        let entries = vec![bought("60000000000000000000", "1"); 5];
        assert_eq!(
            excess(&entries, &[4, 2, 0]),
            BTreeSet::from([0, 2, 4]),
            "two were there, and were too much"
        );
        assert_eq!(excess(&entries, &[4, 3, 2, 1, 0]), BTreeSet::from([0, 1, 2, 3]));
    }

    /// The second purchase is too much until the sale, which the request has last, is kept as well.
    #[test]
    fn a_sale_later_in_the_request_makes_room() {
        let entries = [
            bought("60000000000000000000", "1"),
            bought("60000000000000000000", "1"),
            entry(Sell, "60000000000000000000", "1"),
            bought("99999999999999999999", "1"),
        ];
        assert_eq!(excess(&entries, &[0, 1, 3, 2]), BTreeSet::from([3]));
    }

    /// An entry, whether it is one that may be left out, and its place among those in the request.
    fn drawn() -> impl Strategy<Value = (Entry, bool, u64)> {
        let quantity = (0..8).prop_map(|digit| format!("{digit}0000000000000000000"));
        let entry = (prop_oneof![2 => Just(Buy), 1 => Just(Sell)], quantity)
            .prop_map(|(kind, quantity)| entry(kind, &quantity, &quantity));
        (entry, prop::bool::weighted(0.75), any::<u64>())
    }

    proptest! {
        /// What is kept can be kept, if what was there before could, and nothing more can.
        #[test]
        fn as_much_is_kept_as_can_be(drawn in prop::collection::vec(drawn(), 1..13)) {
            let entries: Vec<Entry> = drawn.iter().map(|(entry, ..)| entry.clone()).collect();
            let mut added: Vec<usize> = (0..drawn.len()).filter(|place| drawn[*place].1).collect();
            added.sort_by_key(|place| drawn[*place].2);
            // Where all of it fits there is nothing to find.
            prop_assume!(!fits(entries.iter()) && !added.is_empty());
            let left_out = excess(&entries, &added);
            prop_assert!(!left_out.is_empty());
            let fits_without = |left_out: &BTreeSet<usize>| {
                fits(entries.iter().enumerate().filter(|(place, _)| !left_out.contains(place)).map(|(_, entry)| entry))
            };
            prop_assert!(fits_without(&left_out) || !fits_without(&added.iter().copied().collect()));
            for place in &left_out {
                let less: BTreeSet<usize> = left_out.iter().copied().filter(|other| other != place).collect();
                prop_assert!(!fits_without(&less), "{place} of {added:?}");
            }
        }
    }
}
