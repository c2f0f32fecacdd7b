//! Which transactions of an import cannot be kept, since their holding would be larger than any may be.

use std::collections::BTreeSet;

use super::ledger::{Entry, balance};

/// So many of a token are found one by one; each costs a dozen walks through all of its transactions.
const MAX_FOUND: usize = 3;

/// Which entries must be left out so that what is left of the token can be kept. `added` are the places, among all
/// entries by date, of those that may be left out, in the order of the request: one is in excess that makes too large
/// what those before it do not. Where more than three are, all of them are left out.
pub(super) fn excess(entries: &[Entry], added: &[usize]) -> BTreeSet<usize> {
    let mut rest = added.to_vec();
    let mut found = BTreeSet::new();
    while let Some(place) = first(entries, added, &rest) {
        if found.len() == MAX_FOUND {
            return added.iter().copied().collect();
        }
        rest.retain(|other| *other != place);
        found.insert(place);
    }
    found
}

/// The first of `rest` that is in excess; none where all of them can be kept.
fn first(entries: &[Entry], added: &[usize], rest: &[usize]) -> Option<usize> {
    let fits = |count: usize| {
        let mut left_out: BTreeSet<usize> = added.iter().copied().collect();
        for place in &rest[..count] {
            left_out.remove(place);
        }
        let taken = entries.iter().enumerate().filter(|(place, _)| !left_out.contains(place));
        balance(taken.map(|(_, entry)| entry)).is_none_or(|balance| balance.can_be_kept())
    };
    if rest.is_empty() || fits(rest.len()) {
        return None;
    }
    // A sale may make it fit again, so there can be several such places; any is right.
    let (mut enough, mut too_many) = (0, rest.len());
    while too_many - enough > 1 {
        let middle = usize::midpoint(enough, too_many);
        if fits(middle) { enough = middle } else { too_many = middle }
    }
    Some(rest[too_many - 1])
}

#[cfg(test)]
mod tests {
    use super::super::ledger::TransactionType;
    use super::*;

    fn bought(quantity: &str, amount: &str) -> Entry {
        Entry {
            kind: TransactionType::Buy,
            quantity: quantity.parse().unwrap(),
            amount_invested: amount.parse().unwrap(),
            average_price: "1".parse().unwrap(),
        }
    }

    #[test]
    fn the_one_that_is_too_much_is_found_among_many() {
        let mut entries = vec![bought("1", "1"); 1000];
        let all: Vec<usize> = (0..1000).collect();
        assert_eq!(excess(&entries, &all), BTreeSet::new());
        entries[617] = bought("99999999999999999999", "1");
        assert_eq!(excess(&entries, &all), BTreeSet::from([617]));
        entries[3] = bought("1", "99999999999999999999");
        assert_eq!(excess(&entries, &all), BTreeSet::from([3, 617]));
        assert_eq!(excess(&entries, &[]), BTreeSet::new(), "there is nothing to leave out");
    }

    /// An average price may be too large where neither quantity nor amount is.
    #[test]
    fn what_was_there_before_stays() {
        let entries = [bought("0.000000000000000001", "1"), bought("0.000000000000000001", "1000")];
        assert_eq!(excess(&entries, &[1]), BTreeSet::from([1]));
    }

    #[test]
    fn of_many_none_is_taken() {
        let mut entries = vec![bought("60000000000000000000", "1"); 6];
        entries.push(bought("1", "1"));
        let all: Vec<usize> = (0..7).collect();
        assert_eq!(excess(&entries, &all).len(), 7);
        assert_eq!(excess(&entries[..4], &all[..4]), BTreeSet::from([1, 2, 3]), "the first one fits");
    }
}
