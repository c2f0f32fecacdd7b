//! Progress on the screen: a spinner with what is going on, then a line with how long it took. Where there is no
//! terminal, a step that takes long says so, and then now and then what it is doing.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// Without a terminal, between two lines of the same step.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// The steps of a set-up, as they are shown.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    bars: Option<MultiProgress>,
}

impl Steps {
    /// Shown on standard error; where that is no terminal, as plain lines.
    pub fn shown() -> Self {
        Self { bars: Some(MultiProgress::new()) }
    }

    /// Not shown, for tests.
    pub fn silent() -> Self {
        Self::default()
    }

    /// Begins a step.
    pub fn begin(&self, what: &str) -> Step {
        let bar =
            self.bars.as_ref().map_or_else(ProgressBar::hidden, |bars| bars.add(ProgressBar::new_spinner()));
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {prefix} {wide_msg:.dim}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        let now = Instant::now();
        Step { steps: self.clone(), bar, what: what.to_owned(), began: now, long: false, said: now }
    }

    fn line(&self, line: &str) {
        if let Some(bars) = &self.bars {
            bars.suspend(|| eprintln!("{line}"));
        }
    }

    /// Whether lines are all that can be seen.
    fn is_plain(&self) -> bool {
        self.bars.as_ref().is_some_and(MultiProgress::is_hidden)
    }
}

/// A step that is under way; dropped before it is done, it was given up.
#[derive(Debug)]
pub struct Step {
    steps: Steps,
    bar: ProgressBar,
    what: String,
    began: Instant,
    long: bool,
    /// When the last line was written.
    said: Instant,
}

impl Step {
    /// What it is doing right now.
    pub fn doing(&mut self, detail: &str) {
        self.bar.set_message(detail.to_owned());
        if self.steps.is_plain() && self.said.elapsed() >= LINE_EVERY {
            self.say(&format!("{detail} ({:.0} s)", self.began.elapsed().as_secs_f64()));
        }
    }

    /// Says once that it will take a while, and why.
    pub(super) fn takes_long(&mut self, why: &str) {
        if !self.long && self.steps.is_plain() {
            self.say(why);
        }
        self.long = true;
    }

    fn say(&mut self, words: &str) {
        self.steps.line(&format!("  · {}: {words}", self.what));
        self.said = Instant::now();
    }

    /// Ends the step with its outcome.
    pub fn done(self, outcome: &str) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.bar.finish_and_clear();
        self.steps.line(&format!("  ✓ {} {outcome} ({seconds:.1} s)", self.what));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
