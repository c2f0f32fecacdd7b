//! Progress on the screen: a spinner with what is going on, then a line with how long it took.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

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
        Step { steps: self.clone(), bar, what: what.to_owned(), began: Instant::now() }
    }

    fn line(&self, line: &str) {
        if let Some(bars) = &self.bars {
            bars.suspend(|| eprintln!("{line}"));
        }
    }
}

/// A step that is under way; dropped before it is done, it was given up.
#[derive(Debug)]
pub struct Step {
    steps: Steps,
    bar: ProgressBar,
    what: String,
    began: Instant,
}

impl Step {
    /// What it is doing right now.
    pub fn doing(&self, detail: &str) {
        self.bar.set_message(detail.to_owned());
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
