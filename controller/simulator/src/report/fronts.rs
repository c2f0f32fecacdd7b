//! Hours against violations, a line for each family over its parameters.

use super::svg::{Plot, drawing, escaped, round_ticks, text_at};
use crate::compare::{OneSetting, Tables};
use crate::family::Role;

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 420.0;
/// Beyond this many violating minutes, in %, nobody wants to be.
const MOST_VIOLATIONS: f64 = 4.0;
/// Nor beyond so many times the oracle's hours.
const MOST_HOURS: f64 = 5.0;

/// The fronts, and a legend by rising hours at 1 %.
pub(super) fn chart(tables: &Tables, hero: &str, rival: Option<&str>) -> String {
    let plot = Plot {
        left: 46.0,
        top: 14.0,
        width: 690.0,
        height: HEIGHT - 70.0,
        x: (0.0, MOST_VIOLATIONS),
        y: (0.9, MOST_HOURS),
    };
    let mut rows: Vec<&OneSetting> = tables.one_setting.iter().collect();
    let at_1_percent = |row: &OneSetting| row.hours_at[1].unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| at_1_percent(a).total_cmp(&at_1_percent(b)));
    let style = |place: usize, row: &OneSetting| match row.family.name {
        name if name == hero => "hero".to_owned(),
        name if Some(name) == rival => "rival".to_owned(),
        _ if row.family.role == Role::Bound => "bound".to_owned(),
        _ => format!("hue{}", place % 12),
    };
    let lines = rows.iter().enumerate().map(|(place, row)| line(&plot, &style(place, row), row));
    let legend = rows.iter().enumerate().map(|(place, row)| entry(place, &style(place, row), row));
    let content = [
        plot.grid(&round_ticks(MOST_HOURS, 6.0)[1..], |hours| format!("{hours:.0}×")),
        plot.below(&round_ticks(MOST_VIOLATIONS, 5.0), |percent| format!("{percent:.0} %")),
        text_at(
            plot.left + plot.width / 2.0,
            HEIGHT - 18.0,
            "middle",
            "tick",
            "violating minutes, mean over the traces",
        ),
        lines.collect::<Vec<_>>().concat(),
        legend.collect::<Vec<_>>().concat(),
    ];
    let clip = format!(
        "<defs><clipPath id=\"plot\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" /></clipPath></defs>",
        plot.left, plot.top, plot.width, plot.height
    );
    drawing(WIDTH, HEIGHT, "hours against violations", &(clip + &content.concat()))
}

fn line(plot: &Plot, style: &str, row: &OneSetting) -> String {
    let points = || row.front.points().iter().map(|point| (point.violations_percent, point.relative_hours));
    let dots = points().filter(|(x, y)| *x <= MOST_VIOLATIONS && *y <= MOST_HOURS).map(|(x, y)| {
        let title = format!("<title>{}: {x:.2} %, {y:.2} ×</title>", escaped(row.family.title));
        format!(
            "<circle class=\"dot {style}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.6\">{title}</circle>",
            plot.x(x),
            plot.y(y)
        )
    });
    format!(
        "<polyline class=\"line {style}\" clip-path=\"url(#plot)\" points=\"{}\"/>{}",
        plot.points(points()),
        dots.collect::<Vec<_>>().concat()
    )
}

fn entry(place: usize, style: &str, row: &OneSetting) -> String {
    let (x, y) = (760.0, 24.0 + place as f64 * 22.0);
    let label = text_at(x + 30.0, y + 4.0, "start", "legend", escaped(row.family.title));
    format!("<line class=\"line {style}\" x1=\"{x}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" />{label}", x + 22.0)
}
