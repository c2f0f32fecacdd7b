//! The little of SVG that charts are made of.

use std::fmt::{Display, Write};

/// A rectangle of the drawing, in its units, that shows a range of values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The values at the left and the right edge.
    pub(super) x: (f64, f64),
    /// The values at the bottom and the top edge.
    pub(super) y: (f64, f64),
}

impl Plot {
    pub(super) fn x(&self, value: f64) -> f64 {
        self.left + (value - self.x.0) / (self.x.1 - self.x.0) * self.width
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.top + self.height - (value - self.y.0) / (self.y.1 - self.y.0) * self.height
    }

    /// `x,y x,y ...`, as polylines and polygons take it.
    pub(super) fn points(&self, values: impl IntoIterator<Item = (f64, f64)>) -> String {
        values.into_iter().fold(String::new(), |mut text, (x, y)| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{:.1},{:.1} ", self.x(x), self.y(y));
            text
        })
    }

    /// Horizontal lines with their labels.
    pub(super) fn grid(&self, ticks: &[f64], label: impl Fn(f64) -> String) -> String {
        let (left, right) = (self.left, self.left + self.width);
        let tick = |value: &f64| {
            let y = self.y(*value);
            let text = label(*value);
            format!(
                "<line class=\"grid\" x1=\"{left:.1}\" x2=\"{right:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" />{}",
                text_at(left - 6.0, y + 4.0, "end", "tick", &text)
            )
        };
        ticks.iter().map(tick).collect::<Vec<_>>().concat()
    }

    /// Labels below the plot.
    pub(super) fn below(&self, ticks: &[f64], label: impl Fn(f64) -> String) -> String {
        let y = self.top + self.height + 16.0;
        let tick = |value: &f64| text_at(self.x(*value), y, "middle", "tick", label(*value));
        ticks.iter().map(tick).collect::<Vec<_>>().concat()
    }
}

pub(super) fn text_at(x: f64, y: f64, anchor: &str, class: &str, text: impl Display) -> String {
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>")
}

pub(super) fn drawing(width: f64, height: f64, label: &str, content: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">{content}</svg>",
        escaped(label)
    )
}

/// Text as HTML shows it, and as it may stand in an attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// About `count` round values from nothing to `most`.
pub(super) fn round_ticks(most: f64, count: f64) -> Vec<f64> {
    let rough = (most / count).max(f64::MIN_POSITIVE);
    let exponent = rough.log10().floor() as i32;
    // Of a fraction the inverse is exact, so that the label of three tenths is 0.3 and not what 3 x 0.1 is.
    let times_power = |factor: f64| {
        if exponent < 0 { factor / 10f64.powi(-exponent) } else { factor * 10f64.powi(exponent) }
    };
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| times_power(*factor) >= rough).unwrap_or(10.0);
    (0..=(most / times_power(factor)) as u32).map(|i| times_power(f64::from(i) * factor)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(round_ticks(23.0, 5.0), vec![0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(round_ticks(0.9, 2.0), vec![0.0, 0.5]);
        assert_eq!(round_ticks(0.75, 8.0), vec![0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    }

    #[test]
    fn a_plot_puts_values_where_its_edges_say() {
        let plot = Plot { left: 10.0, top: 5.0, width: 100.0, height: 50.0, x: (0.0, 1.0), y: (0.0, 2.0) };
        assert_eq!(plot.points([(0.0, 0.0), (1.0, 2.0)]), "10.0,55.0 110.0,5.0 ");
    }

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(escaped("a\"<b>&"), "a&quot;&lt;b&gt;&amp;");
    }
}
