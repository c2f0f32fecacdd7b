//! What was learned, in words: how sure it is, and where it ends.

use super::{Curve, LEAST_BOOTS, Learned, Source};

impl Learned {
    /// A sentence each on the capacity, the curve and the boots.
    pub fn sentences(&self) -> Vec<String> {
        vec![self.curve.capacity(), self.curve.seen(self.plant.objective_s), self.boots()]
    }

    fn boots(&self) -> String {
        let boot = self.plant.boot;
        let times =
            format!("{:.0} s in the median, {:.0} s at the 90th percentile", boot.median_s, boot.p90_s);
        if self.boots < LEAST_BOOTS {
            let boots = self.boots;
            return format!(
                "Auto Scaling remembers {boots} boots, too few to learn from: {times} are assumed."
            );
        }
        format!("A launch serves after {times}, measured on {} boots.", self.boots)
    }
}

impl Curve {
    /// The highest load at which a fleet stood still, in requests per second and instance.
    pub fn highest_per_s(&self) -> f64 {
        self.bins.last().map_or(0.0, |bin| bin.load_per_s)
    }

    fn capacity(&self) -> String {
        let capacity = self.capacity_per_s;
        match self.source {
            Source::Cliff { least_per_s, most_per_s } => format!(
                "An instance serves at most {capacity:.1} requests/s: the history shows its latency rise ({least_per_s:.1} \
                 to {most_per_s:.1} with 95 % confidence)."
            ),
            Source::Cpu => format!(
                "The history does not show the cliff: its latency never rose. That an instance serves at most \
                 {capacity:.1} requests/s follows from its CPU, and so do the violations of every policy that would \
                 have run hotter than the history did."
            ),
            Source::Told => format!("An instance serves at most {capacity:.1} requests/s, as you say."),
        }
    }

    fn seen(&self, objective_s: f64) -> String {
        let minutes: usize = self.bins.iter().map(|bin| bin.minutes).sum();
        let slow: usize = self.bins.iter().filter(|bin| bin.p95_s > objective_s).map(|bin| bin.minutes).sum();
        format!(
            "The curve rests on {minutes} minutes in which the fleet stood still, up to {:.1} requests/s and instance, \
             {slow} of them at loads over the objective; it is off by {:.0} % on average.",
            self.highest_per_s(),
            100.0 * self.error
        )
    }
}
