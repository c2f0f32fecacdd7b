//! The calendar's opinion: what an announcement needs, from so long before it that what is launched now serves when
//! it begins. Where announcements overlap, the one that needs most counts.

use super::{Candidate, Facts, Source, Why};
use crate::calendar::Entry;

/// None without a calendar.
pub(crate) fn candidate(facts: &Facts) -> Option<Candidate> {
    let calendar = &facts.policy.calendar;
    let due =
        |entry| Some(announced(facts, entry, Entry::starts_in_s(entry, facts.now, facts.inputs.boot_s)?));
    let most = calendar
        .iter()
        .filter_map(due)
        .max_by_key(|candidate| (candidate.accepts.is_none(), candidate.wants));
    (!calendar.is_empty()).then(|| most.unwrap_or_else(nothing))
}

fn nothing() -> Candidate {
    Candidate { by: Source::Calendar, wants: None, accepts: Some(0), why: Why::NothingAnnounced }
}

/// A demand that cannot be sized yet is reason enough not to shrink.
fn announced(facts: &Facts, entry: &Entry, starts_in_s: f64) -> Candidate {
    let capacity_per_s = facts.inputs.capacity_per_s.map(|per_s| per_s * facts.policy.utilisation);
    let sized = entry.requests_per_s.map(|expected| Some((expected / capacity_per_s?).ceil() as u32));
    let wants = entry.min.max(sized.flatten());
    let accepts = if sized == Some(None) { None } else { wants };
    let why = Why::Announced { entry: entry.name.clone(), starts_in_s, requests_per_s: entry.requests_per_s };
    Candidate { by: Source::Calendar, wants, accepts, why }
}
