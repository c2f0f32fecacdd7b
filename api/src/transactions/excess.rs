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

    /// Some 400 ledgers of up to 12 entries, drawn by a fixed rule: what is kept can be kept, and nothing more can.
    #[test]
    fn as_much_is_kept_as_can_be() {
        let mut state = 1_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut left_out_in_all = 0;
        for _ in 0..400 {
            let entries: Vec<Entry> = (0..=draw(12))
                .map(|_| {
                    let quantity = format!("{}0000000000000000000", draw(8));
                    entry(if draw(3) == 0 { Sell } else { Buy }, &quantity, &quantity)
                })
                .collect();
            let mut added: Vec<usize> = (0..entries.len()).filter(|_| draw(4) > 0).collect();
            added.sort_by_key(|_| draw(1000));
            let stay = entries.iter().enumerate().filter(|(place, _)| !added.contains(place));
            let fitted = fits(stay.map(|(_, entry)| entry));
            let left_out = excess(&entries, &added);
            left_out_in_all += left_out.len();
            let with = |more: Option<usize>| {
                let kept = entries.iter().enumerate();
                let kept = kept.filter(|(place, _)| !left_out.contains(place) || Some(*place) == more);
                fits(kept.map(|(_, entry)| entry))
            };
            assert!(with(None) || !fitted, "{entries:?} {added:?}");
            for place in &left_out {
                assert!(!with(Some(*place)), "{place} of {added:?}: {entries:?}");
            }
        }
        assert!(left_out_in_all > 100, "{left_out_in_all}");
    }
}
