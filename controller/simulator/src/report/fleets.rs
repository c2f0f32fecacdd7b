//! The fleet against its demand over time, and the minutes that were too slow.

use super::svg::{Plot, drawing, round_ticks, text_at};
use crate::compare::Scene;
use crate::simulation::Run;

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 250.0;
/// A drawing has no more columns than eyes can tell apart.
const COLUMNS: usize = 900;
const STRIP_TOP: f64 = 200.0;

/// The chart of one trace.
pub(super) fn chart(name: &str, scene: &Scene, hero: &str, rival: Option<&str>) -> String {
    let minutes = scene.need.len();
    let most = most(scene);
    let plot = Plot {
        left: 40.0,
        top: 10.0,
        width: WIDTH - 50.0,
        height: STRIP_TOP - 25.0,
        x: (0.0, minutes as f64 / 1440.0),
        y: (0.0, most),
    };
    let days: Vec<f64> = round_ticks(plot.x.1, 14.0);
    let rival_line = scene.rival.as_ref().map(|run| line(&plot, "rival", &serving(run))).unwrap_or_default();
    let content = [
        plot.grid(&round_ticks(most, 4.0), |value| format!("{value:.0}")),
        demand(&plot, &scene.need),
        rival_line,
        line(&plot, "hero", &serving(&scene.hero)),
        strip(&plot, STRIP_TOP, "hero", hero, &scene.hero),
        rival
            .zip(scene.rival.as_ref())
            .map(|(rival, run)| strip(&plot, STRIP_TOP + 18.0, "rival", rival, run))
            .unwrap_or_default(),
        Plot { top: STRIP_TOP + 22.0, height: 8.0, ..plot }.below(&days, |day| format!("day {day:.0}")),
    ];
    drawing(WIDTH, HEIGHT, &format!("{name}: instances over time"), &content.concat())
}

/// The highest that either fleet or the demand comes to.
fn most(scene: &Scene) -> f64 {
    let runs = [Some(&scene.hero), scene.rival.as_ref()].into_iter().flatten();
    let serving = runs.flat_map(|run| run.minutes.iter().map(|minute| minute.serving));
    scene.need.iter().map(|need| f64::from(*need)).chain(serving).fold(1.0, f64::max) * 1.03
}

fn serving(run: &Run) -> Vec<f64> {
    run.minutes.iter().map(|minute| minute.serving).collect()
}

/// Minutes to a column.
fn per_column(minutes: usize) -> usize {
    minutes.div_ceil(COLUMNS).max(1)
}

/// The most that any minute of a column needed.
fn demand(plot: &Plot, need: &[u32]) -> String {
    let width = per_column(need.len());
    let columns = need.chunks(width).enumerate().flat_map(|(column, need)| {
        let most = f64::from(need.iter().copied().max().unwrap_or(0));
        let from = column * width;
        [(from as f64 / 1440.0, most), ((from + need.len()) as f64 / 1440.0, most)]
    });
    let floor = [(plot.x.1, 0.0), (0.0, 0.0)];
    format!("<polygon class=demand points=\"{}\"/>", plot.points(columns.chain(floor)))
}

fn line(plot: &Plot, class: &str, serving: &[f64]) -> String {
    let width = per_column(serving.len());
    let columns = serving.chunks(width).enumerate().map(|(column, serving)| {
        let mean = serving.iter().sum::<f64>() / serving.len() as f64;
        ((column * width) as f64 / 1440.0 + serving.len() as f64 / 2880.0, mean)
    });
    format!("<polyline class=\"line {class}\" points=\"{}\"/>", plot.points(columns))
}

/// A mark for each column that has a violating minute.
fn strip(plot: &Plot, top: f64, class: &str, label: &str, run: &Run) -> String {
    let width = per_column(run.minutes.len());
    let slow = run.minutes.chunks(width).enumerate().filter_map(|(column, minutes)| {
        let count = minutes.iter().filter(|minute| minute.violates()).count();
        let x = plot.x((column * width) as f64 / 1440.0);
        (count > 0)
            .then(|| format!("<rect class=\"slow {class}\" x={x:.1} y={top:.1} width=1.5 height=12 />"))
    });
    let count = run.minutes.iter().filter(|minute| minute.violates()).count();
    let title = format!("<title>{label}: {count} minutes over 3 s</title>");
    let (left, right, middle) = (plot.left, plot.left + plot.width, top + 6.0);
    format!(
        "<g>{title}<line class=grid x1={left} x2={right} y1={middle} y2={middle} />{}{}</g>",
        text_at(left - 6.0, top + 10.0, "end", "tick", count),
        slow.collect::<Vec<_>>().concat()
    )
}
