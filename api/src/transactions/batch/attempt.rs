//! An import under way: what may still be imported, and what cannot be.

use std::collections::BTreeSet;

use super::super::NewTransaction;
use super::super::store::NewRow;
use super::{Failure, Imported, Item};
use crate::auth::UserId;
use crate::id::Id;
use crate::json::Stored;
use crate::portfolios::Portfolio;
use crate::request;
use crate::tokens::{NewToken, Spellings};

pub(super) struct Attempt {
    candidates: Vec<Candidate>,
    failed: Vec<Failure>,
}

/// A row that may be imported, and where it came from.
struct Candidate {
    row: NewRow,
    index: usize,
    original: Stored,
}

impl Attempt {
    /// What is no transaction cannot be imported.
    pub(super) fn parse(user: &UserId, items: Vec<Stored>) -> Self {
        let mut attempt = Self { candidates: Vec::new(), failed: Vec::new() };
        for (index, original) in items.into_iter().enumerate() {
            let json = original.as_raw().get().as_bytes();
            match request::read::<NewTransaction>("transaction", json) {
                Ok(new) => {
                    let row = NewRow::new(user, new.portfolio_id.clone(), new);
                    attempt.candidates.push(Candidate { row, index, original });
                }
                Err(problem) => {
                    attempt.failed.push(Failure { index, transaction: original, error: problem.to_string() });
                }
            }
        }
        attempt
    }

    /// Puts those that name no portfolio into this one.
    pub(super) fn place(&mut self, portfolio: Option<&Id<Portfolio>>) {
        for row in self.candidates.iter_mut().map(|candidate| &mut candidate.row) {
            row.portfolio_id = row.portfolio_id.take().or_else(|| portfolio.cloned());
        }
    }

    /// Writes symbols as their tokens do.
    pub(super) fn spell(&mut self, spellings: &Spellings) {
        for row in self.candidates.iter_mut().map(|candidate| &mut candidate.row) {
            if let Some(symbol) = spellings.of(&row.symbol) {
                symbol.clone_into(&mut row.symbol);
            }
        }
    }

    /// Leaves out those of which `fault` says what is wrong with them.
    pub(super) fn leave_out(&mut self, fault: impl Fn(&NewRow) -> Option<String>) {
        for candidate in std::mem::take(&mut self.candidates) {
            match fault(&candidate.row) {
                Some(error) => {
                    let Candidate { index, original: transaction, .. } = candidate;
                    self.failed.push(Failure { index, transaction, error });
                }
                None => self.candidates.push(candidate),
            }
        }
    }

    /// What is still to be imported, in the order of the request.
    pub(super) fn rows(&self) -> Vec<&NewRow> {
        self.candidates.iter().map(|candidate| &candidate.row).collect()
    }

    pub(super) fn portfolios(&self) -> BTreeSet<Id<Portfolio>> {
        self.candidates.iter().filter_map(|candidate| candidate.row.portfolio_id.clone()).collect()
    }

    pub(super) fn tokens(&self) -> Vec<NewToken<'_>> {
        self.candidates.iter().map(|candidate| candidate.row.token()).collect()
    }

    /// What became of it.
    pub(super) fn outcome(mut self) -> Imported {
        self.failed.sort_by_key(|failure| failure.index);
        Imported {
            total: self.candidates.len() + self.failed.len(),
            success_count: self.candidates.len(),
            failed_count: self.failed.len(),
            created: self.candidates.into_iter().map(|candidate| Item::from(candidate.row)).collect(),
            failed: self.failed,
        }
    }
}
