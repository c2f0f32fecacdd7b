//! What was learned of an instance: its p95 against its load.

use super::svg::{Plot, drawing, escaped, round_ticks, text_at};
use crate::learn::Learned;
use crate::replay::Replay;
use crate::response::Service;

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 300.0;

/// The sentences, and the curve with what it rests on.
pub(super) fn section(replay: &Replay) -> String {
    let sentences = replay.learned.sentences().into_iter().chain([replay.belief()]);
    let items = sentences.map(|sentence| format!("<li>{}", escaped(&sentence))).collect::<Vec<_>>().concat();
    format!("<ul>{items}</ul>{}", chart(&replay.learned))
}

fn chart(learned: &Learned) -> String {
    let (capacity, objective_s) = (learned.curve.capacity_per_s, learned.plant.objective_s);
    let most_load = capacity.max(learned.curve.highest_per_s()) * 1.05;
    let highest_s = learned.curve.bins.iter().map(|bin| bin.p95_s).fold(objective_s, f64::max);
    let plot = Plot {
        left: 46.0,
        top: 12.0,
        width: WIDTH - 70.0,
        height: HEIGHT - 66.0,
        x: (0.0, most_load),
        y: (0.0, highest_s.min(2.0 * objective_s) * 1.1),
    };
    let content = [
        plot.grid(&round_ticks(plot.y.1, 5.0), |seconds| format!("{seconds} s")),
        plot.below(&round_ticks(most_load, 8.0), |load| format!("{load}")),
        text_at(
            plot.left + plot.width / 2.0,
            HEIGHT - 16.0,
            "middle",
            "tick",
            "requests a second and instance; a dot is the median p95 of minutes of about that load, and the line the \
             curve that was learned",
        ),
        across(&plot, objective_s, "objective"),
        format!("<polyline class=\"line hero\" points=\"{}\"/>", plot.points(curve(learned, plot.y.1))),
        dots(&plot, learned),
    ];
    drawing(WIDTH, HEIGHT, "p95 against the load of an instance", &content.concat())
}

fn across(plot: &Plot, value: f64, name: &str) -> String {
    let (left, right, y) = (plot.left, plot.left + plot.width, plot.y(value));
    let label = text_at(left + 6.0, y - 5.0, "start", "tick", name);
    format!("<line class=\"line bound\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" />{label}")
}

/// The curve as far as it stays within the plot.
fn curve(learned: &Learned, highest_s: f64) -> Vec<(f64, f64)> {
    let service = Service::new(learned.plant.service_s, learned.plant.service_cv);
    let point = |percent: u32| {
        let utilisation = f64::from(percent) / 200.0;
        let p95_s = service.response(learned.plant.slots, utilisation).p95_s();
        (utilisation * learned.curve.capacity_per_s, p95_s)
    };
    (1..=194).map(point).take_while(|(_, p95_s)| *p95_s <= highest_s).collect()
}

fn dots(plot: &Plot, learned: &Learned) -> String {
    let within = learned.curve.bins.iter().filter(|bin| bin.p95_s <= plot.y.1);
    let dot = |bin: &crate::learn::Bin| {
        format!(
            "<circle class=\"dot rival\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.2\"><title>{:.1} requests/s: {:.2} s, {} minutes</title>\
             </circle>",
            plot.x(bin.load_per_s),
            plot.y(bin.p95_s),
            bin.load_per_s,
            bin.p95_s,
            bin.minutes
        )
    };
    within.map(dot).collect::<Vec<_>>().concat()
}
