//! Lists a page at a time.

use schemars::JsonSchema;
use serde::Deserialize;

/// Fewest and most items of a page.
const LIMITS: std::ops::RangeInclusive<i64> = 1..=100;
/// Farther on there is nothing that anybody looks at, and skipping costs.
const MAX_PAGE: i64 = 1_000_000;
const DEFAULT_LIMIT: i64 = 20;
/// Pages that front ends ask for. Were each page and limit kept, a user could make the caches hold 100 million.
const USUAL_LIMITS: [i64; 4] = [10, DEFAULT_LIMIT, 50, 100];
const USUAL_PAGES: i64 = 10;

/// `page` and `limit` of a query, within their bounds: a larger limit gives 100.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    page: Option<i64>,
    limit: Option<i64>,
}

/// The same where both may be left out: then the list is whole, as the beta's is.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub struct Window {
    /// Which page, from 1; without `limit`, pages of 20.
    #[schemars(range(min = 1))]
    page: Option<i64>,
    /// Items a page, 100 at most; without `page`, the first.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<i64>,
}

impl Page {
    /// `page` and `limit` as a query says them, or does not.
    pub fn new(page: Option<i64>, limit: Option<i64>) -> Self {
        Self { page, limit }
    }

    /// Which page, from 1.
    pub fn number(self) -> i64 {
        self.page.unwrap_or(1).clamp(1, MAX_PAGE)
    }

    /// Items a page.
    pub fn limit(self) -> i64 {
        self.limit.unwrap_or(DEFAULT_LIMIT).clamp(*LIMITS.start(), *LIMITS.end())
    }

    /// Whether it is one of the few that are asked for again and again, and so worth keeping.
    pub fn is_usual(self) -> bool {
        self.number() <= USUAL_PAGES && USUAL_LIMITS.contains(&self.limit())
    }

    /// The pages that one may go to from here, in a list of so many items, as the header `Link` names them (RFC 8288).
    pub fn links(self, path: &str, total: i64) -> String {
        let (page, limit) = (self.number(), self.limit());
        let last = ((total - 1).max(0) / limit + 1).min(MAX_PAGE);
        let before = (page > 1).then(|| ("prev", (page - 1).min(last)));
        let after = (page < last).then(|| ("next", page + 1));
        let links = [Some(("first", 1)), before, after, Some(("last", last))].into_iter().flatten();
        let links = links.map(|(rel, page)| format!(r#"<{path}?page={page}&limit={limit}>; rel="{rel}""#));
        links.collect::<Vec<_>>().join(", ")
    }

    /// Items before the page.
    pub fn offset(self) -> i64 {
        (self.number() - 1) * self.limit()
    }
}

impl Window {
    /// The page that is asked for; none where the whole list is.
    pub fn page(self) -> Option<Page> {
        let Self { page, limit } = self;
        (page.is_some() || limit.is_some()).then_some(Page { page, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_within_their_bounds() {
        let page = |page, limit| Page { page, limit };
        assert_eq!((page(None, None).offset(), page(None, None).limit()), (0, 20));
        assert_eq!((page(Some(3), Some(10)).offset(), page(Some(3), Some(10)).limit()), (20, 10));
        assert_eq!((page(Some(-1), Some(0)).number(), page(Some(-1), Some(0)).limit()), (1, 1));
        assert_eq!(page(Some(i64::MAX), Some(i64::MAX)).offset(), 99_999_900);
    }

    #[test]
    fn a_page_names_its_neighbours() {
        let links = |page, total| {
            let links = Page::new(Some(page), Some(10)).links("/f", total);
            links.replace("</f?page=", "").replace("&limit=10>; rel=", " ").replace('"', "")
        };
        assert_eq!(links(1, 0), "1 first, 1 last");
        assert_eq!(links(1, 10), "1 first, 1 last");
        assert_eq!(links(1, 11), "1 first, 2 next, 2 last");
        assert_eq!(links(2, 30), "1 first, 1 prev, 3 next, 3 last");
        assert_eq!(links(9, 30), "1 first, 3 prev, 3 last", "beyond the end it leads back");
    }

    #[test]
    fn few_pages_are_usual() {
        let all = (1..=20).flat_map(|number| (1..=100).map(move |limit| (number, limit)));
        let usual = all.filter(|(number, limit)| Page::new(Some(*number), Some(*limit)).is_usual());
        assert_eq!(usual.count(), 40);
        assert!(Page::default().is_usual());
    }

    #[test]
    fn a_window_is_a_page_only_where_one_is_asked_for() {
        assert!(Window { page: None, limit: None }.page().is_none());
        assert_eq!(Window { page: Some(2), limit: None }.page().unwrap().offset(), 20);
    }
}
