//! The fleet against its demand over time, and the minutes that were too slow.

use std::ops::Range;

use super::svg::{Plot, drawing, round_ticks, text_at};
use crate::compare::Scene;
use crate::simulation::{Minute, Run};

const HEIGHT: f64 = 236.0;
const STRIP_TOP: f64 = 186.0;
const MINUTES_A_DAY: usize = 1440;

/// A chart of some of a scene's minutes.
pub(super) struct View<'a> {
    scene: &'a Scene,
    minutes: Range<usize>,
    width: f64,
    /// What the time axis counts, and how many minutes that is.
    unit: (&'static str, usize),
}

impl<'a> View<'a> {
    /// All of it, in days.
    pub(super) fn whole(scene: &'a Scene) -> Self {
        Self { scene, minutes: 0..scene.need.len(), width: 700.0, unit: ("day", MINUTES_A_DAY) }
    }

    /// The day on which the need was highest for longest, in hours.
    pub(super) fn busiest_day(scene: &'a Scene) -> Self {
        let height = |need: &[u32]| need.iter().map(|need| u64::from(*need).pow(4)).sum::<u64>();
        let days = scene.need.chunks(MINUTES_A_DAY).enumerate();
        let busiest = days.max_by_key(|(_, need)| height(need)).map_or(0, |(day, _)| day);
        let first = busiest * MINUTES_A_DAY;
        let minutes = first..(first + MINUTES_A_DAY).min(scene.need.len());
        Self { scene, minutes, width: 400.0, unit: ("hour", 60) }
    }

    /// The chart; the names are those of the two policies.
    pub(super) fn chart(&self, label: &str, hero: &str, rival: Option<&str>) -> String {
        let plot = self.plot();
        let rival = rival.zip(self.scene.rival.as_ref());
        let ticks = round_ticks(plot.x.1, 7.0);
        let content = [
            plot.grid(&round_ticks(plot.y.1, 4.0), |value| format!("{value:.0}")),
            self.demand(&plot),
            rival.map(|(_, run)| self.line(&plot, "rival", run)).unwrap_or_default(),
            self.line(&plot, "hero", &self.scene.hero),
            self.strip(&plot, STRIP_TOP, "hero", hero, &self.scene.hero),
            rival
                .map(|(name, run)| self.strip(&plot, STRIP_TOP + 16.0, "rival", name, run))
                .unwrap_or_default(),
            Plot { top: STRIP_TOP + 22.0, height: 8.0, ..plot }.below(&ticks, |value| self.tick(value)),
        ];
        drawing(self.width, HEIGHT, label, &content.concat())
    }

    fn tick(&self, value: f64) -> String {
        if value == 0.0 { format!("{} 0", self.unit.0) } else { value.to_string() }
    }

    fn plot(&self) -> Plot {
        let units = self.minutes.len() as f64 / self.unit.1 as f64;
        Plot {
            left: 34.0,
            top: 8.0,
            width: self.width - 48.0,
            height: STRIP_TOP - 22.0,
            x: (0.0, units.max(0.1)),
            y: (0.0, self.most() * 1.04),
        }
    }

    /// Minutes to a column: no more columns than eyes can tell apart.
    fn per_column(&self) -> usize {
        self.minutes.len().div_ceil(self.width as usize).max(1)
    }

    fn x(&self, minute: usize) -> f64 {
        minute as f64 / self.unit.1 as f64
    }

    /// Each column's first minute, and the most that any of its minutes needed.
    fn needs(&self) -> impl Iterator<Item = (usize, f64)> {
        let width = self.per_column();
        let columns = self.scene.need[self.minutes.clone()].chunks(width).enumerate();
        columns
            .map(move |(column, need)| (column * width, f64::from(need.iter().copied().max().unwrap_or(0))))
    }

    /// Each column's first minute, and its minutes.
    fn columns<'r>(&self, run: &'r Run) -> impl Iterator<Item = (usize, &'r [Minute])> + use<'r> {
        let width = self.per_column();
        let columns = run.minutes[self.minutes.clone()].chunks(width).enumerate();
        columns.map(move |(column, minutes)| (column * width, minutes))
    }

    /// The highest that the drawing comes to.
    fn most(&self) -> f64 {
        let runs = [Some(&self.scene.hero), self.scene.rival.as_ref()].into_iter().flatten();
        let serving = runs.flat_map(|run| self.columns(run)).map(|(_, minutes)| mean_serving(minutes));
        self.needs().map(|(_, need)| need).chain(serving).fold(1.0, f64::max)
    }

    fn demand(&self, plot: &Plot) -> String {
        let width = self.per_column();
        let steps = self.needs().flat_map(|(minute, need)| {
            [(self.x(minute), need), (self.x((minute + width).min(self.minutes.len())), need)]
        });
        let floor = [(plot.x.1, 0.0), (0.0, 0.0)];
        format!("<polygon class=\"demand\" points=\"{}\"/>", plot.points(steps.chain(floor)))
    }

    fn line(&self, plot: &Plot, class: &str, run: &Run) -> String {
        let columns = self.columns(run).map(|(minute, minutes)| (self.x(minute), mean_serving(minutes)));
        format!("<polyline class=\"line {class}\" points=\"{}\"/>", plot.points(columns))
    }

    /// A mark for each column that has a violating minute, and how many such minutes there are.
    fn strip(&self, plot: &Plot, top: f64, class: &str, name: &str, run: &Run) -> String {
        let slow = |minutes: &[Minute]| minutes.iter().filter(|minute| minute.violates()).count();
        let marks = self.columns(run).filter(|(_, minutes)| slow(minutes) > 0).map(|(minute, _)| {
            let x = plot.x(self.x(minute));
            format!("<rect class=\"slow {class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"1.5\" height=\"11\" />")
        });
        let count = slow(&run.minutes[self.minutes.clone()]);
        let (left, right, middle) = (plot.left, plot.left + plot.width, top + 5.5);
        format!(
            "<g><title>{name}: {count} minutes over 3 s</title>\
             <line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{middle}\" y2=\"{middle}\" />{}{}</g>",
            text_at(left - 6.0, top + 9.5, "end", "tick", count),
            marks.collect::<Vec<_>>().concat()
        )
    }
}

fn mean_serving(minutes: &[Minute]) -> f64 {
    minutes.iter().map(|minute| minute.serving).sum::<f64>() / minutes.len().max(1) as f64
}
