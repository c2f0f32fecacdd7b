//! The charts as files of their own, for a document that is no page.

use super::fleets::View;
use super::{Report, STYLE, fronts};

/// A drawing, and what its file is called.
pub struct Chart {
    /// The file's name.
    pub name: String,
    /// The drawing, with its style.
    pub svg: String,
}

/// The trade-off, and for each trace its busiest day.
pub fn charts(report: &Report) -> Vec<Chart> {
    let Report { plan, story, tables, .. } = report;
    let (hero, rival) = (story.hero.contender.family, story.rival.map(|rival| rival.contender.family));
    let front = fronts::chart(tables, hero.name, rival.map(|family| family.name));
    let days = plan.traces.iter().zip(&story.scenes).map(|(trace, scene)| {
        let label = format!("{}: its busiest day", trace.name);
        let svg = View::busiest_day(scene).chart(&label, hero.title, rival.map(|family| family.title));
        Chart { name: format!("{}.svg", trace.name.replace('/', "_")), svg: alone(&svg) }
    });
    std::iter::once(Chart { name: "front.svg".to_owned(), svg: alone(&front) }).chain(days).collect()
}

/// A drawing of the page, as a file must have it: with its namespace and its style.
fn alone(svg: &str) -> String {
    let style = format!("><style>{STYLE}</style>");
    svg.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1).replacen('>', &style, 1) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_alone_says_what_it_is_and_how_it_looks() {
        let chart = alone("<svg viewBox=\"0 0 9 9\"><g>x > y</g></svg>");
        assert!(chart.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><style>"));
        assert!(chart.ends_with("</style><g>x > y</g></svg>\n"));
    }
}
